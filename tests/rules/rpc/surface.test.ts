import { describe, expect, it } from "vitest";
import noArrow from "../../../src/rules/rpc/no-arrow-rpc-method.ts";
import noExposure from "../../../src/rules/rpc/no-private-rpc-exposure.ts";
import noUnserializable from "../../../src/rules/rpc/no-unserializable-rpc-value.ts";
import requireBase from "../../../src/rules/rpc/require-durable-object-base.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers"; ${head}
export class Room extends DurableObject { ${body} }`;

tester.run("no-arrow-rpc-method", noArrow, {
	valid: [
		object("async list() { return []; }"),
		{ name: "handlers work as fields", code: object("fetch = async () => new Response(); alarm = async () => {};") },
		{ name: "private by language", code: object("#list = () => []; get() { return this.#list(); }") },
		{ name: "private by TypeScript", code: object("private list = () => [];") },
		{ name: "used inside", code: object("onTick = () => { this.n++; }; start() { setInterval(this.onTick, 1000); }") },
		{ name: "a hook of a framework", code: 'import { Server } from "partyserver"; export class A extends Server { onMessage = () => {}; }' },
		{ name: "no RPC at all", code: "export class A implements DurableObject { constructor(private state: DurableObjectState) {} list = () => []; async fetch() {} }" },
	],
	invalid: [
		{ code: object("list = async (n: number) => { return [n]; };"), errors: [{ messageId: "arrowMethod", data: { name: "list" }, suggestions: [{ messageId: "makeMethod", data: { name: "list" }, output: object("async list(n: number) { return [n]; }") }] }] },
		{ code: object("list = (n) => [n];"), errors: [{ messageId: "arrowMethod", suggestions: [{ messageId: "makeMethod", data: { name: "list" }, output: object("list(n) { return [n]; }") }] }] },
		{ code: object("list = n => ({ n });"), errors: [{ messageId: "arrowMethod", suggestions: [] }] },
		{ code: object("list = function () { return 1; };"), errors: [{ messageId: "arrowMethod", suggestions: [] }] },
	],
});

tester.run("no-private-rpc-exposure", noExposure, {
	valid: [
		object("async #wipe() { await this.ctx.storage.deleteAll(); }"),
		{ name: "only reads", code: object("private async load() { return this.ctx.storage.get('x'); }") },
		{ name: "public on purpose", code: object("async wipe() { await this.ctx.storage.deleteAll(); }") },
		{ name: "no RPC at all", code: "export class A implements DurableObject { constructor(private state: DurableObjectState) {} private wipe() { return this.state.storage.deleteAll(); } async fetch() {} }" },
	],
	invalid: [
		{ code: object("private async wipe() { await this.ctx.storage.deleteAll(); }"), errors: [{ messageId: "exposed", data: { name: "wipe", bare: "wipe", how: "TypeScript's `private` ends at compile time" } }] },
		{ code: object("async _wipe() { await this.ctx.storage.delete('x'); }"), errors: [{ messageId: "exposed", data: { name: "_wipe", bare: "wipe", how: "a leading underscore is only a habit" } }] },
		{ name: "through another method", code: object("protected async reset() { await this.#clear(); } async #clear() { this.ctx.storage.sql.exec('DELETE FROM t'); }"), errors: [{ messageId: "exposed" }] },
	],
});

tester.run("no-unserializable-rpc-value", noUnserializable, {
	valid: [
		object("rows() { return this.ctx.storage.sql.exec('SELECT 1').toArray(); }"),
		object("row() { return this.ctx.storage.sql.exec('SELECT 1').one(); }"),
		object("rows() { return [...this.ctx.storage.sql.exec('SELECT 1')]; }"),
		{ name: "only used inside", code: object("query(q: string) { return this.ctx.storage.sql.exec(q); } count() { return this.query('SELECT 1').one(); }") },
		{ name: "private", code: object("#query(q: string) { return this.ctx.storage.sql.exec(q); }") },
		{ name: "an RpcTarget", code: object("open() { return new Session(); }", 'import { RpcTarget } from "cloudflare:workers"; class Session extends RpcTarget {}') },
		{ name: "an Error, a Response, a Map", code: object("a() { return new Error(); } b() { return new Response(); } c() { return new Map(); }") },
		{ name: "a function inside returns it", code: object("rows() { const run = () => { return this.ctx.storage.sql.exec('SELECT 1'); }; return run().toArray(); }") },
	],
	invalid: [
		{ code: object("rows() { return this.ctx.storage.sql.exec('SELECT 1'); }"), errors: [{ messageId: "cursor", data: { method: "rows()", name: "" }, suggestions: [{ messageId: "appendToArray", output: object("rows() { return this.ctx.storage.sql.exec('SELECT 1').toArray(); }") }] }] },
		{ code: object("rows() { const cursor = this.ctx.storage.sql.exec('SELECT 1'); return cursor; }"), errors: [{ messageId: "cursor", suggestions: [] }] },
		{ code: object("rows() { return this.ctx.storage.sql.exec('SELECT 1').raw(); }"), errors: [{ messageId: "cursor", suggestions: 1 }] },
		{ code: object("open() { return new Session(); }", "class Session { close() {} }"), errors: [{ messageId: "instance", data: { method: "open()", name: "Session" } }] },
	],
});

const calledOnStub = (declaration: string) => `${declaration}
export default { async fetch(request, env) { return new Response(await env.VISITS.getByName(new URL(request.url).pathname).count()); } };`;

tester.run("require-durable-object-base", requireBase, {
	valid: [
		object("count() { return 1; }"),
		{ name: "handlers only", code: "export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return new Response(); } async alarm() {} }" },
		{ name: "public methods that only the class uses", code: "export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return new Response(this.count()); } count() { return 1; } }" },
		{ name: "a base in another file", code: calledOnStub('import { Base } from "./base"; export class A extends Base { constructor(state: DurableObjectState) { super(state); } count() { return 1; } async fetch() {} }') },
	],
	invalid: [
		{ code: calledOnStub("export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return new Response(); } count() { return 1; } }"), errors: [{ messageId: "rpcWithoutBase", data: { method: "count", name: "A", date: "" } }] },
	],
});

describe("verdicts", () => {
	it("quote what stubs can call", () => {
		expect(verdictsOn(noArrow, object("async list() { return []; }"))).toMatchObject([{ status: "guarded", quotes: ["list"] }]);
		expect(verdictsOn(noExposure, object("async #wipe() { await this.ctx.storage.deleteAll(); }"))).toMatchObject([{ status: "guarded", quotes: ["#wipe"] }]);
		expect(verdictsOn(noUnserializable, object("list() { return []; }"))).toMatchObject([{ status: "guarded", quotes: ["list"] }]);
		expect(verdictsOn(requireBase, object("list() { return []; }"))).toMatchObject([{ status: "guarded", quotes: ["DurableObject"] }]);
	});
	it("admit what is not known", () => {
		const code = "export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return new Response(); } count() { return 1; } }";
		expect(verdictsOn(requireBase, code)).toMatchObject([{ status: "unknown", quotes: ["count"] }]);
	});
	it("do not apply to a class that stubs cannot call", () => {
		const code = "export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return new Response(); } }";
		for (const rule of [noArrow, noExposure, noUnserializable, requireBase]) expect(verdictsOn(rule, code)).toMatchObject([{ status: "not-applicable" }]);
	});
});
