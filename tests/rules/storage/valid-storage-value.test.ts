import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/valid-storage-value.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const run = (statements: string): string => object(`async run(x) { const storage = this.ctx.storage; ${statements} }\nasync load() { return 1; }\ncheck() { return 1; }`, "class Point { x = 1; y = 2 }\nclass Cart { items = []; total() { return 0; } }\nclass Refused extends Error { describe() {} }\nasync function ask() {}");

tester.run("valid-storage-value", rule, {
	valid: [
		{ name: "plain data", code: run('await storage.put("a", { n: 1, list: [x], at: new Date(), map: new Map([[1, 2]]), set: new Set() });') },
		{ name: "null", code: run('await storage.put("a", null);') },
		{ name: "undefined within an object", code: run('await storage.put("a", { b: undefined });') },
		{ name: "undefined among entries", code: run("await storage.put({ a: undefined });") },
		{ name: "undefined, in the synchronous interface", code: run('storage.kv.put("a", undefined);') },
		{ name: "an instance that is only data", code: run('await storage.put("a", new Point());') },
		{ name: "an error", code: run('await storage.put("a", new Refused());') },
		{ name: "bytes and a blob", code: run('await storage.put({ a: new Uint8Array(2), b: new Blob(["x"]), c: new Headers() });') },
		{ name: "an awaited promise", code: run('await storage.put("a", await this.load());') },
		{ name: "a synchronous method", code: run('await storage.put("a", this.check());') },
		{ name: "entries of which nothing is known", code: run("await storage.put(x);") },
		{ name: "a value of which nothing is known", code: run('await storage.put("a", x);') },
		{ name: "another put", code: object('async run() { await this.env.KV.put("a", undefined); }') },
		{ name: "a class of the same name as a global one", code: object('async run() { await this.ctx.storage.put("a", new URL()); }', 'import { URL } from "./url";') },
		{ name: "one key at a time", code: run('for (const key of ["a", "b"]) storage.kv.delete(key);') },
	],
	invalid: [
		{
			name: "undefined",
			code: run('await storage.put("a", undefined);'),
			errors: [{ messageId: "undefinedValue", suggestions: [{ messageId: "useDelete", output: run('await storage.delete("a");') }] }],
		},
		{ name: "void 0, with options: no suggestion", code: run('await storage.put("a", void 0, { noCache: true });'), errors: [{ messageId: "undefinedValue", suggestions: [] }] },
		{ name: "no value", code: run('await storage.put("a");'), errors: [{ messageId: "noValue" }] },
		{ name: "a function", code: run('await storage.put("a", () => 1);'), errors: [{ messageId: "function", data: { what: "the value" } }] },
		{ name: "a method within an object", code: run('await storage.put("a", { n: 1, total() { return 1; } });'), errors: [{ messageId: "function", data: { what: "total" } }] },
		{ name: "a function among entries", code: run("await storage.put({ a: { b: [() => 1] } });"), errors: [{ messageId: "function" }] },
		{ name: "a method of the class", code: run('await storage.put("a", this.check);'), errors: [{ messageId: "function", data: { what: "this.check" } }] },
		{ name: "a class", code: run('await storage.put("a", Cart);'), errors: [{ messageId: "function" }] },
		{ name: "a promise of a method", code: run('await storage.put("a", this.load());'), errors: [{ messageId: "promise", data: { what: "this.load()" } }] },
		{ name: "a promise of a function", code: run('await storage.put("a", ask());'), errors: [{ messageId: "promise" }] },
		{ name: "a request that is not awaited", code: run('await storage.put("a", fetch(x));'), errors: [{ messageId: "promise" }] },
		{ name: "a URL", code: run('await storage.put("a", new URL(x));'), errors: [{ messageId: "unstorable", data: { what: "a URL" } }] },
		{ name: "a symbol", code: run('await storage.put("a", Symbol("s"));'), errors: [{ messageId: "unstorable" }] },
		{ name: "the object itself", code: run('await storage.put("a", this);'), errors: [{ messageId: "itself" }] },
		{ name: "an instance with methods", code: run('await storage.put("a", new Cart());'), errors: [{ messageId: "lostPrototype", data: { what: "The Cart" } }] },
		{ name: "an instance in a variable", code: run('const cart = new Cart(); cart.items.push(x); await storage.put("a", cart);'), errors: [{ messageId: "lostPrototype", data: { what: "The Cart" } }] },
		{ name: "a function in the synchronous interface", code: run('storage.kv.put("a", () => 1);'), errors: [{ messageId: "function" }] },
		{ name: "entries in the synchronous interface", code: run("storage.kv.put({ a: 1 });"), errors: [{ messageId: "kvEntries" }] },
		{ name: "keys in the synchronous interface", code: run('storage.kv.delete(["a", "b"]);'), errors: [{ messageId: "kvKeys", data: { method: "delete" } }] },
	],
});

describe("valid-storage-value: verdicts", () => {
	it.each([
		["quotes what is put", run('await storage.put("a", 1);'), { status: "guarded", quotes: ['storage.put("a", 1)'] }],
		["does not apply where nothing is put", object("run() {}"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
