import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/prefer-coalesced-writes.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "../storage/object.ts";

const run = (statements: string): string => object(`async run(request, x) { const storage = this.ctx.storage; ${statements} }\nasync send() { await fetch("https://example.com"); }\nasync load() { return this.ctx.storage.get("c"); }`);

tester.run("prefer-coalesced-writes", rule, {
	valid: [
		{ name: "one after the other", code: run('await storage.put("a", 1); await storage.put("b", 2);') },
		{ name: "a storage read between them", code: run('await storage.put("a", 1); const c = await storage.get("c"); await storage.put("b", c);') },
		{ name: "a method that only reads storage", code: run('await storage.put("a", 1); const c = await this.load(); await storage.put("b", c);') },
		{ name: "the request first", code: run('await fetch("https://example.com"); await storage.put("a", 1); await storage.put("b", 2);') },
		{ name: "a mark, and its end", code: run('await storage.put("status", "busy"); await fetch("https://example.com"); await storage.put("status", "done");') },
		{ name: "in different branches", code: run('if (x) { await storage.put("a", 1); await fetch("https://example.com"); } else { await storage.put("b", 2); }') },
		{ name: "a request in a branch", code: run('await storage.put("a", 1); if (x) await fetch("https://example.com"); await storage.put("b", 2);') },
		{ name: "in a transaction, where it is another rule's business", code: run('await storage.transaction(async () => { await storage.put("a", 1); await fetch("https://example.com"); await storage.put("b", 2); });') },
		{ name: "an await of which nothing is known", code: run('await storage.put("a", 1); await x.work(); await storage.put("b", 2);') },
		{ name: "one write", code: run('await fetch("https://example.com"); await storage.put("a", 1);') },
		{ name: "a request that nobody waits for", code: run('await storage.put("a", 1); void fetch("https://example.com"); await storage.put("b", 2);') },
	],
	invalid: [
		{ name: "a request between them", code: run('await storage.put("a", 1); await fetch("https://example.com"); await storage.put("b", 2);'), errors: [{ messageId: "split", data: { first: '"a"', second: '"b"', io: 'await fetch("https://example.com")' } }] },
		{ name: "a binding between them", code: run('storage.put("a", 1); await this.env.KV.put("k", "v"); storage.put("b", 2);'), errors: [{ messageId: "split" }] },
		{ name: "another object between them", code: run('storage.put("a", 1); const stub = this.env.OTHER.getByName("x"); const total = await stub.total(); storage.put("b", total);'), errors: [{ messageId: "split" }] },
		{ name: "a body between them", code: run('storage.put("a", 1); const body = await request.json(); storage.put("b", body);'), errors: [{ messageId: "split" }] },
		{ name: "a method that sends something", code: run('storage.put("a", 1); await this.send(); storage.put("b", 2);'), errors: [{ messageId: "split", data: { first: '"a"', second: '"b"', io: "await this.send()" } }] },
		{ name: "tables", code: run('storage.sql.exec("INSERT INTO a VALUES (1)"); await fetch("https://example.com"); storage.sql.exec("INSERT INTO b VALUES (1)");'), errors: [{ messageId: "split", data: { first: "table a", second: "table b", io: 'await fetch("https://example.com")' } }] },
	],
});

describe("prefer-coalesced-writes: verdicts", () => {
	it.each([
		["quotes writes that reach the disk together", run('await storage.put("a", 1); await storage.put("b", 2);'), { status: "guarded", quotes: ['storage.put("a", 1)', 'storage.put("b", 2)'] }],
		["does not apply to a single write", run('await storage.put("a", 1);'), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
