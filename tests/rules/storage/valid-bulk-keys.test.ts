import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/valid-bulk-keys.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const run = (statements: string): string => object(`async run(keys) { const storage = this.ctx.storage; ${statements} }`);
const keys = (count: number): string => `[${Array.from({ length: count }, (_, index) => `"k${index}"`).join(", ")}]`;

tester.run("valid-bulk-keys", rule, {
	valid: [
		{ name: "one key", code: run('await storage.get("a");') },
		{ name: "128 keys", code: run(`await storage.get(${keys(128)});`) },
		{ name: "a few entries", code: run("await storage.put({ a: 1, b: 2 });") },
		{ name: "keys of which nothing is known", code: run("await storage.delete(keys);") },
		{ name: "keys in batches", code: run("const all = [...(await storage.list()).keys()]; for (let n = 0; n < all.length; n += 128) await storage.delete(all.slice(n, n + 128));") },
		{ name: "the first keys", code: run("const all = [...(await storage.list()).keys()]; await storage.delete(all.slice(0, 128));") },
		{ name: "a list with a limit", code: run("const found = await storage.list({ limit: 128 }); await storage.delete([...found.keys()]);") },
		{ name: "one by one", code: run("for (const key of (await storage.list()).keys()) await storage.delete(key);") },
		{ name: "gathered, then given in batches", code: run("const old = []; for (const [key] of await storage.list()) old.push(key); while (old.length) await storage.delete(old.splice(0, 128));") },
		{ name: "gathered up to a bound", code: run("const old = []; for (const [key] of await storage.list()) { if (old.length === 100) continue; old.push(key); } await storage.delete(old);") },
		{ name: "gathered until something else ends it", code: run("const old = []; for (const [key, value] of await storage.list()) { if (value.at > keys) break; old.push(key); } await storage.delete(old);") },
		{ name: "gathered and given where there are few", code: run("const old = []; for (const [key] of await storage.list()) old.push(key); if (old.length <= 128) await storage.delete(old);") },
		{ name: "gathered in batches", code: run("const old = []; for (const [key] of await storage.list()) { old.push(key); if (old.length === 0) continue; await storage.delete(old); old.length = 0; }") },
		{ name: "gathered from a list with a limit", code: run("const old = []; for (const [key] of await storage.list({ limit: 100 })) old.push(key); await storage.delete(old);") },
		{ name: "gathered from elsewhere", code: run("const old = []; for (const key of keys) old.push(key); await storage.delete(old);") },
		{ name: "another storage", code: object("async run() { await this.env.BUCKET.delete([...(await this.ctx.storage.list()).keys()]); }") },
	],
	invalid: [
		{ name: "129 keys", code: run(`await storage.get(${keys(129)});`), errors: [{ messageId: "tooMany", data: { method: "get", count: "129" } }] },
		{ name: "129 keys of a constant", code: run(`const all = ${keys(129)}; await storage.delete(all);`), errors: [{ messageId: "tooMany", data: { method: "delete", count: "129" } }] },
		{ name: "all keys of a list", code: run("const found = await storage.list(); await storage.delete([...found.keys()]);"), errors: [{ messageId: "unbounded", data: { method: "delete" } }] },
		{ name: "all keys under a prefix", code: run('const found = await storage.list({ prefix: "a" }); await storage.delete(Array.from(found.keys()));'), errors: [{ messageId: "unbounded" }] },
		{ name: "gathered from a list", code: run('const found = await storage.list({ prefix: "a:" }); const old: string[] = []; for (const [key, { at }] of found) { if (at < Date.now()) old.push(key); } if (old.length > 0) await storage.delete(old);'), errors: [{ messageId: "unbounded", data: { method: "delete" } }] },
		{ name: "gathered from a list, with others", code: run('const old = []; for (const key of (await storage.list()).keys()) old.push(key); for (const key of ["a", "b"]) if (!old.includes(key)) old.push(key); await storage.delete(old);'), errors: [{ messageId: "unbounded" }] },
		{ name: "a limit that is too high", code: run("const found = await storage.list({ limit: 1000 }); await storage.delete([...found.keys()]);"), errors: [{ messageId: "tooMany", data: { method: "delete", count: "1000" } }] },
		{ name: "all entries, written back", code: run("const found = await storage.list(); await storage.put(Object.fromEntries(found));"), errors: [{ messageId: "unbounded", data: { method: "put" } }] },
	],
});

describe("valid-bulk-keys: verdicts", () => {
	it.each([
		["quotes what is bounded", run('await storage.get(["a", "b"]);'), { status: "guarded", quotes: ['storage.get(["a", "b"])'], because: "at most 2 keys are given at once" }],
		["says when it cannot count", run("const all = [...keys]; await storage.delete(all);"), { status: "unknown" }],
		["does not apply to single keys", run('await storage.get("a");'), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
