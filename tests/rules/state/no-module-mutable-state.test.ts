import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/state/no-module-mutable-state.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const module = (head: string, body: string) => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject { ${body} }`;

tester.run("no-module-mutable-state", rule, {
	valid: [
		{ name: "a constant", code: module("const LIMIT = 10;", "f() { return LIMIT; }") },
		{ name: "a field", code: module("", "n = 0; f() { this.n++; }") },
		{ name: "read only", code: module("const names = new Map([['a', 1]]);", "f() { return names.get('a'); }") },
		{ name: "a module that is loaded once", code: module("let wasm;", "async f() { wasm ??= await load(); return wasm.run(); }") },
		{ name: "loaded once, in an if", code: module("let ready = false;", "async f() { if (!ready) { ready = true; } }") },
		{ name: "a WeakMap", code: module("const extra = new WeakMap();", "f(ws) { extra.set(ws, 1); }") },
		{ name: "a local variable of that name", code: module("let n = 0;", "f() { let n = 0; n++; return n; }") },
		{ name: "changed outside of the class", code: module("let n = 0; export function hit() { n++; }", "f() { return n; }") },
		{ name: "a cache by name", code: module("const regexCache = new Map();", "f(k) { regexCache.set(k, new RegExp(k)); }") },
		{ name: "promises under way", code: module("const loading = new Map();", "f(k) { const p = (async () => k)(); loading.set(k, p); return p; }") },
		{ name: "a static constant", code: module("", "static LIMIT = 10; f() { return Room.LIMIT; }") },
		{ name: "in a static method", code: module("let n = 0;", "static next() { return n++; }") },
		{ name: "a set of classes", code: module("const warned = new Set();", "f() { if (warned.has(this.constructor)) return; warned.add(this.constructor); console.warn('old'); }") },
		{ name: "a set of the names of classes", code: module("const warned = new Set();", "f() { const { name } = this.constructor; if (!warned.has(name)) { warned.add(name); console.warn(name); } }") },
		{ name: "a map by class, of what is the same for all", code: module("const schemas = new Map();", "f() { schemas.set(Room, compile(this.constructor)); }") },
		{ name: "allowed by option", code: module("let n = 0;", "f() { n++; }"), options: [{ allow: ["n"] }] },
		{ name: "no Durable Object", code: "let n = 0; export class A { f() { n++; } }" },
	],
	invalid: [
		{ name: "a counter", code: module("let n = 0;", "f() { n++; }"), errors: [{ messageId: "shared", data: { name: "n" } }] },
		{ name: "the current user", code: module("let user;", "f(u) { user = u; } g() { return user; }"), errors: [{ messageId: "shared" }] },
		{ name: "a map", code: module("const rooms = new Map();", "f(id, ws) { rooms.set(id, ws); }"), errors: [{ messageId: "shared", data: { name: "rooms" } }] },
		{ name: "below a property", code: module("const state = { list: [] };", "f(x) { state.list.push(x); }"), errors: [{ messageId: "shared" }] },
		{ name: "by index", code: module("const hits = {};", "f(k) { hits[k] += 1; }"), errors: [{ messageId: "shared" }] },
		{ name: "in the constructor", code: module("const all = [];", "constructor(ctx, env) { super(ctx, env); all.push(this); }"), errors: [{ messageId: "shared" }] },
		{ name: "a map by class, of what an object brings", code: module("const last = new Map();", "f(user) { last.set(this.constructor, user); }"), errors: [{ messageId: "shared", data: { name: "last" } }] },
		{ name: "a map by class, of what the object has", code: module("const last = new Map();", "f() { last.set(this.constructor, this.user); }"), errors: [{ messageId: "shared" }] },
		{ name: "classes, and then other things", code: module("const seen = new Set();", "f(user) { seen.add(this.constructor); seen.add(user); }"), errors: [{ messageId: "shared" }] },
		{ name: "set once, but to what an event brings", code: module("let tenant;", "f(t) { tenant ??= t; }"), errors: [{ messageId: "shared" }] },
		{ name: "one finding for each variable", code: module("let n = 0; let m = 0;", "f() { n++; n++; m++; }"), errors: [{ messageId: "shared", data: { name: "n" } }, { messageId: "shared", data: { name: "m" } }] },
		{ name: "a static field", code: module("", "static count = 0; f() { Room.count++; }"), errors: [{ messageId: "shared", data: { name: "Room.count" } }] },
		{ name: "a static field through the constructor", code: module("", "static seen = new Set(); f(x) { this.constructor.seen.add(x); }"), errors: [{ messageId: "shared" }] },
	],
});

describe("no-module-mutable-state: verdicts", () => {
	it("says why a shared value is harmless", () => {
		expect(verdictsOn(rule, module("let wasm;", "async f() { wasm ??= await load(); }"))).toEqual([{ status: "guarded", quotes: ["wasm ??= await load()"], because: "it is set once, to a value that is the same for every object" }]);
	});
	it("says that a set of classes belongs to no object", () => {
		const code = module("const warned = new Set();", "f() { warned.add(this.constructor); }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["warned.add(this.constructor)"], because: "it remembers something of the class, which is the same for all its objects" }]);
	});
	it("does not vouch for a cache", () => {
		expect(verdictsOn(rule, module("const regexCache = new Map();", "f(k) { regexCache.set(k, 1); }"))).toMatchObject([{ status: "unknown" }]);
	});
	it("does not apply without module state", () => {
		expect(verdictsOn(rule, module("", "f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
