import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/no-async-transaction-sync.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string): string => `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
${body}
}`;
const run = (statements: string): string => object(`async run(items) { ${statements} }\nasync save() { await this.ctx.storage.put("a", 1); }\ncheck() {}`);

tester.run("no-async-transaction-sync", rule, {
	valid: [
		{ name: "a synchronous callback", code: run('this.ctx.storage.transactionSync(() => { this.ctx.storage.sql.exec("DELETE FROM t"); });') },
		{ name: "an un-awaited put, which is made at once", code: run('this.ctx.storage.transactionSync(() => { void this.ctx.storage.put("a", 1); });') },
		{ name: "a method", code: run("this.ctx.storage.transactionSync(() => this.check());") },
		{ name: "an async function that is only defined", code: run("this.ctx.storage.transactionSync(() => { const later = async () => {}; this.later = later; });") },
		{ name: "an asynchronous transaction", code: run("await this.ctx.storage.transaction(async () => { await this.save(); });") },
		{ name: "a callback that cannot be looked into", code: run("this.ctx.storage.transactionSync(items.work);") },
		{ name: "another transactionSync", code: run("db.transactionSync(async () => { await 1; });") },
	],
	invalid: [
		{
			name: "awaited",
			code: run("await this.ctx.storage.transactionSync(async () => { await this.save(); });"),
			errors: [{ messageId: "asyncCallback", suggestions: [{ messageId: "useTransaction", output: run("await this.ctx.storage.transaction(async () => { await this.save(); });") }] }],
		},
		{
			name: "not awaited",
			code: run("this.ctx.storage.transactionSync(async () => { await this.save(); });"),
			errors: [{ messageId: "asyncCallback", suggestions: [{ messageId: "useTransaction", output: run("await this.ctx.storage.transaction(async () => { await this.save(); });") }] }],
		},
		{ name: "whose value is used: no suggestion", code: run("const result = this.ctx.storage.transactionSync(async () => { await this.save(); });"), errors: [{ messageId: "asyncCallback", suggestions: [] }] },
		{ name: "for await", code: run("await this.ctx.storage.transactionSync(async () => { for await (const item of items) this.add(item); });"), errors: [{ messageId: "asyncCallback", suggestions: 1 }] },
		{
			name: "async without await",
			code: run("this.ctx.storage.transactionSync(async () => { this.check(); });"),
			errors: [{ messageId: "neverRollsBack", suggestions: [{ messageId: "makeSync", output: run("this.ctx.storage.transactionSync(() => { this.check(); });") }] }],
		},
		{ name: "an async method", code: run("this.ctx.storage.transactionSync(this.save.bind(this));"), errors: [{ messageId: "asyncCallback", suggestions: [] }] },
		{ name: "an async local function", code: run("const work = async () => { await this.save(); }; this.ctx.storage.transactionSync(work);"), errors: [{ messageId: "asyncCallback", suggestions: [] }] },
		{ name: "the promise of a method", code: run("this.ctx.storage.transactionSync(() => this.save());"), errors: [{ messageId: "returnsPromise", data: { what: "this.save()" } }] },
		{ name: "a promise that is returned", code: run("this.ctx.storage.transactionSync(() => { return this.save(); });"), errors: [{ messageId: "returnsPromise" }] },
		{ name: "Promise.all", code: run("this.ctx.storage.transactionSync(() => Promise.all(items.map((item) => this.add(item))));"), errors: [{ messageId: "returnsPromise", data: { what: "all()" } }] },
		{ name: "an alias of storage", code: object("storage = this.ctx.storage; run() { this.storage.transactionSync(async () => { await 1; }); }"), errors: [{ messageId: "asyncCallback" }] },
	],
});

describe("no-async-transaction-sync: verdicts", () => {
	it.each([
		["quotes the transaction", run("this.ctx.storage.transactionSync(() => this.check());"), { status: "guarded", quotes: ["this.ctx.storage.transactionSync(() => this.check())"] }],
		["says what it cannot follow", run("this.ctx.storage.transactionSync(items.work);"), { status: "unknown" }],
		["does not apply without such a transaction", run(""), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
