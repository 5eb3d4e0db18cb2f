import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/no-io-in-block-concurrency.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers"; ${head}
export class Room extends DurableObject { ${body} }`;
const blocked = (inside: string, rest = "") => object(`f() { return this.ctx.blockConcurrencyWhile(async () => { ${inside} }); } ${rest}`);

tester.run("no-io-in-block-concurrency", rule, {
	valid: [
		{ name: "storage only", code: blocked("const n = await this.ctx.storage.get('n'); await this.ctx.storage.put('n', n + 1);") },
		{ name: "storage in a helper", code: blocked("await this.load();", "async load() { this.n = await this.ctx.storage.get('n'); }") },
		{ name: "I/O before the region", code: object("async f() { const r = await fetch('https://a.example'); await this.ctx.blockConcurrencyWhile(async () => { await this.ctx.storage.put('r', r.status); }); }") },
		{ name: "started inside, not waited for there", code: blocked("this.env.LOG.write('x'); await this.ctx.storage.get('n');") },
		{ name: "digests", code: blocked("await crypto.subtle.digest('SHA-256', data);") },
		{ name: "storage.sync()", code: blocked("await this.ctx.storage.put('n', 1); await this.ctx.storage.sync();") },
		{ name: "a transaction of storage operations", code: object("f() { return this.ctx.storage.transaction(async (txn) => { await txn.put('n', 1); }); }") },
		{ name: "an imported function, which is not looked into", code: object("f() { return this.ctx.blockConcurrencyWhile(async () => { await migrate(this.ctx.storage); }); }", 'import { migrate } from "./migrate";') },
		{ name: "allowed by option", code: blocked("await this.env.CONFIG.get('x');"), options: [{ allow: ["this.env.CONFIG"] }] },
		{ name: "storage in a promise that the callback returns", code: object("f() { return this.ctx.blockConcurrencyWhile(() => this.load()); } async load() { this.n = await this.ctx.storage.get('n'); }") },
		{ name: "no region", code: object("async f() { await fetch('https://a.example'); }") },
	],
	invalid: [
		{ name: "in a promise that the callback returns", code: object("f() { return this.ctx.blockConcurrencyWhile(() => this.load()); } async load() { this.c = await fetch('https://a.example'); }"), errors: [{ messageId: "ioWhileBlocked", data: { region: "blockConcurrencyWhile", what: "fetch('https://a.example')" }, column: 93 }] },
		{ name: "in a promise that a callback with a body returns, chained", code: object("f() { return this.ctx.storage.transaction((txn) => { return Promise.all([txn.get('a'), this.load()]).then(() => 1); }); } async load() { this.c = await fetch('https://a.example'); }"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "fetch", code: blocked("await fetch('https://a.example');"), errors: [{ messageId: "ioWhileBlocked", data: { region: "blockConcurrencyWhile", what: "fetch('https://a.example')" } }] },
		{ name: "in the constructor", code: object("constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { this.c = await env.CONFIG.get('x'); }); }"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "in a helper", code: blocked("await this.load();", "async load() { this.c = await (await fetch('https://a.example')).json(); }"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "by reference", code: object("constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(this.load.bind(this)); } async load() { this.c = await fetch('https://a.example'); }"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "another object", code: blocked("await this.env.ROOM.getByName(n).join();"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "a timer", code: blocked("await scheduler.wait(100);"), errors: [{ messageId: "ioWhileBlocked" }] },
		{ name: "a transaction blocks as well", code: object("f() { return this.ctx.storage.transaction(async (txn) => { await fetch('https://a.example'); await txn.put('n', 1); }); }"), errors: [{ messageId: "ioWhileBlocked", data: { region: "transaction", what: "fetch('https://a.example')" } }] },
	],
});

describe("no-io-in-block-concurrency: verdicts", () => {
	it("quotes a region that only waits for storage", () => {
		const code = blocked("await this.ctx.storage.put('n', 1);");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", because: "only storage is waited for while the object is blocked" }]);
	});
	it("does not vouch for what it cannot look into", () => {
		expect(verdictsOn(rule, object("f() { return this.ctx.blockConcurrencyWhile(async () => { await migrate(this.ctx.storage); }); }", 'import { migrate } from "./migrate";'))).toMatchObject([{ status: "unknown" }]);
		expect(verdictsOn(rule, object("f() { return this.ctx.blockConcurrencyWhile(() => migrate(this.ctx.storage)); }", 'import { migrate } from "./migrate";'))).toMatchObject([{ status: "unknown" }]);
	});
	it("does not apply without a region", () => {
		expect(verdictsOn(rule, object("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
