import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/valid-storage-options.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const run = (statements: string): string => object(`async run(key, options) { ${statements} }`);

tester.run("valid-storage-options", rule, {
	valid: [
		{ name: "options that there are", code: run('await this.ctx.storage.put(key, 1, { allowUnconfirmed: true, noCache: true }); await this.ctx.storage.list({ prefix: "a", limit: 10, startAfter: key });') },
		{ name: "no options", code: run("await this.ctx.storage.put(key, { expirationTtl: 60 }); await this.ctx.storage.get(key);") },
		{ name: "entries of such names", code: run('await this.ctx.storage.put({ expirationTtl: 60, metadata: {}, type: "json" });') },
		{ name: "a value of such names, in a variable", code: run('const value = { type: "json" }; await this.ctx.storage.put(key, value);') },
		{ name: "a value of such names, synchronously", code: run('this.ctx.storage.kv.put(key, { type: "json" });') },
		{ name: "Workers KV", code: run('await this.env.SESSIONS.put(key, "1", { expirationTtl: 60 }); await this.env.SESSIONS.get(key, "json"); await this.env.SESSIONS.list({ cursor: key });') },
		{ name: "a transaction of something else", code: run("await db.transaction(async (txn) => { await txn.put(key, 1, { expirationTtl: 60 }); });") },
		{ name: "options that the caller gives", code: run("await this.ctx.storage.put(key, 1, options);") },
		{ name: "a computed name", code: run("await this.ctx.storage.put(key, 1, { [options.name]: 60 });") },
		{ name: "several keys", code: run('await this.ctx.storage.get(["a", "json"]);') },
		{ name: "a second argument that the synchronous get() does not look at", code: run('this.ctx.storage.kv.get(key, "json");') },
		{ name: "SQL", code: run('this.ctx.storage.sql.exec("SELECT ?", { type: "json" });') },
	],
	invalid: [
		{ name: "an entry that is to expire", code: run("await this.ctx.storage.put(key, 1, { expirationTtl: 60 });"), errors: [{ messageId: "neverExpires", data: { option: "expirationTtl" } }] },
		{ name: "an entry that is to expire at a time", code: run("await this.ctx.storage.put(key, 1, { noCache: true, expiration: 1_800_000_000 });"), errors: [{ messageId: "neverExpires", data: { option: "expiration" } }] },
		{ name: "entries that are to expire", code: run("await this.ctx.storage.put({ a: 1, b: 2 }, { expirationTtl: 60 });"), errors: [{ messageId: "neverExpires" }] },
		{ name: "of the synchronous API", code: run("this.ctx.storage.kv.put(key, 1, { expirationTtl: 60 });"), errors: [{ messageId: "neverExpires" }] },
		{ name: "within a transaction", code: run("await this.ctx.storage.transaction(async (txn) => { await txn.put(key, 1, { expirationTtl: 60 }); });"), errors: [{ messageId: "neverExpires" }] },
		{ name: "under another name of the storage", code: run("const { storage } = this.ctx; await storage.put(key, 1, { expirationTtl: 60 });"), errors: [{ messageId: "neverExpires" }] },
		{ name: "in a constant", code: run('const options2 = { "expirationTtl": 60 }; await this.ctx.storage.put(key, 1, options2);'), errors: [{ messageId: "neverExpires" }] },
		{ name: "TypeScript made to agree", code: run("await this.ctx.storage.put(key, 1, { expirationTtl: 60 } as DurableObjectPutOptions);"), errors: [{ messageId: "neverExpires" }] },
		{ name: "metadata", code: run("await this.ctx.storage.put(key, 1, { metadata: { by: key } });"), errors: [{ messageId: "metadata" }] },
		{ name: "a type", code: run('return this.ctx.storage.get(key, { type: "json" });'), errors: [{ messageId: "notParsed" }] },
		{ name: "a type as text", code: run('return this.ctx.storage.get(key, "json");'), errors: [{ messageId: "typeAsText" }] },
		{ name: "a cursor", code: run("return this.ctx.storage.list({ prefix: key, cursor: options });"), errors: [{ messageId: "startsAnew" }] },
		{ name: "a cache", code: run("return this.ctx.storage.get(key, { cacheTtl: 60 });"), errors: [{ messageId: "ignored", data: { option: "cacheTtl" } }] },
		{ name: "two at once", code: run('return this.ctx.storage.get(key, { type: "json", cacheTtl: 60 });'), errors: [{ messageId: "notParsed" }, { messageId: "ignored" }] },
	],
});

describe("valid-storage-options: verdicts", () => {
	it.each([
		["quotes the calls", run("return this.ctx.storage.list({ limit: 10 });"), { status: "guarded", quotes: ["this.ctx.storage.list({ limit: 10 })"] }],
		["cannot tell what the caller gives", run("return this.ctx.storage.list(options);"), { status: "unknown" }],
		["does not apply without options", run("return this.ctx.storage.get(key);"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
