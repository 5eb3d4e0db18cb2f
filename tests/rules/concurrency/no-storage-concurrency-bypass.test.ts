import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/no-storage-concurrency-bypass.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object, onStorage } from "../storage/object.ts";

const run = (statements: string): string => object(`async run(n) { ${statements} }`);
const count = (options: string): string => run(`const n = await this.ctx.storage.get("n"${options}); await this.ctx.storage.put("n", n + 1);`);

tester.run("no-storage-concurrency-bypass", rule, {
	valid: [
		{ name: "no options", code: count("") },
		{ name: "other options", code: count(", { noCache: true }") },
		{ name: "the option set to false", code: count(", { allowConcurrency: false }") },
		{ name: "a read and nothing written", code: run('return this.ctx.storage.get("n", { allowConcurrency: true });') },
		{ name: "on SQLite storage, where it has no effect", code: count(", { allowConcurrency: true }"), settings: onStorage("sqlite") },
		{ name: "confirmed before the answer", code: run('this.ctx.storage.put("n", n, { allowUnconfirmed: true }); await this.ctx.storage.sync();') },
		{ name: "a key of that name", code: run("await this.ctx.storage.put({ allowUnconfirmed: true });") },
		{ name: "other storage", code: run('await this.cache.put("n", 1, { allowUnconfirmed: true });') },
	],
	invalid: [
		{
			name: "a read that is written back",
			code: count(", { allowConcurrency: true }"),
			errors: [{ messageId: "allowConcurrency", data: { method: "get", condition: ", if the class is on key-value storage" }, suggestions: [{ messageId: "remove", output: count("") }] }],
		},
		{ name: "on key-value storage", code: count(", { allowConcurrency: true }"), settings: onStorage("kv"), errors: [{ messageId: "allowConcurrency", data: { method: "get", condition: "" }, suggestions: 1 }] },
		{ name: "among other options", code: count(", { noCache: true, allowConcurrency: true }"), errors: [{ messageId: "allowConcurrency", suggestions: [{ messageId: "remove", output: count(", { noCache: true }") }] }] },
		{ name: "before other options", code: count(", { allowConcurrency: true, noCache: true }"), errors: [{ messageId: "allowConcurrency", suggestions: [{ messageId: "remove", output: count(", { noCache: true }") }] }] },
		{ name: "an unconfirmed put", code: run('await this.ctx.storage.put("n", 1, { allowUnconfirmed: true });'), errors: [{ messageId: "allowUnconfirmed", suggestions: [{ messageId: "remove", output: run('await this.ctx.storage.put("n", 1);') }] }] },
		{ name: "unconfirmed on SQLite storage too", code: run('await this.ctx.storage.put("n", 1, { allowUnconfirmed: true });'), settings: onStorage("sqlite"), errors: [{ messageId: "allowUnconfirmed", suggestions: 1 }] },
		{ name: "an unconfirmed put of entries", code: run("await this.ctx.storage.put({ n: 1 }, { allowUnconfirmed: true });"), errors: [{ messageId: "allowUnconfirmed", suggestions: 1 }] },
		{ name: "a list", code: run('for (const [key] of await this.ctx.storage.list({ allowConcurrency: true })) await this.ctx.storage.delete(key);'), errors: [{ messageId: "allowConcurrency", suggestions: 1 }] },
		{ name: "options in a constant: no suggestion", code: run('const options = { allowUnconfirmed: true }; await this.ctx.storage.put("n", 1, options);'), errors: [{ messageId: "allowUnconfirmed", suggestions: [] }] },
		{ name: "a write in a method that is called", code: object('async run() { const n = await this.ctx.storage.get("n", { allowConcurrency: true }); await this.save(n + 1); } async save(n) { await this.ctx.storage.put("n", n); }'), errors: [{ messageId: "allowConcurrency", suggestions: 1 }] },
	],
});

describe("no-storage-concurrency-bypass: verdicts", () => {
	it.each([
		["quotes sync()", run('this.ctx.storage.put("n", n, { allowUnconfirmed: true }); await this.ctx.storage.sync();'), {}, { status: "guarded", quotes: ["this.ctx.storage.sync()"] }],
		["says where the storage is known from", count(", { allowConcurrency: true }"), onStorage("sqlite"), { status: "guarded", because: expect.stringContaining("wrangler.json") }],
		["does not apply without such options", count(""), {}, { status: "not-applicable" }],
	])("%s", (_name, code, settings, verdict) => {
		expect(verdictsOn(rule, code, { settings })).toMatchObject([verdict]);
	});
});
