import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/require-txn-object.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { configOf, object, onStorage } from "../storage/object.ts";

const run = (callback: string): string => object(`async run() { await this.ctx.storage.transaction(${callback}); } async save() { await this.ctx.storage.put("a", 1); }`);
const settings = onStorage("kv");

tester.run("require-txn-object", rule, {
	valid: [
		{ name: "through the transaction", code: run('async (txn) => { await txn.put("a", (await txn.get("a")) + 1); }'), settings },
		{ name: "reads beside it", code: run('async (txn) => { await txn.put("a", await this.ctx.storage.get("b")); }'), settings },
		{ name: "on SQLite storage", code: run('async () => { await this.ctx.storage.put("a", 1); }'), settings: onStorage("sqlite") },
		{ name: "on a storage that nothing tells", code: run('async () => { await this.ctx.storage.put("a", 1); }') },
		{ name: "outside of the callback", code: object('async run() { await this.ctx.storage.put("a", 1); await this.ctx.storage.transaction(async (txn) => { await txn.put("b", 1); }); }'), settings },
	],
	invalid: [
		{
			name: "a put on storage",
			code: run('async (txn) => { await this.ctx.storage.put("a", 1); }'),
			settings,
			errors: [{ messageId: "outsideTransaction", data: { method: "put", name: "Room", from: configOf("kv"), txn: "txn" }, suggestions: [{ messageId: "useTransaction", output: run('async (txn) => { await txn.put("a", 1); }') }] }],
		},
		{
			name: "a callback without a parameter",
			code: run('async () => { await this.ctx.storage.delete("a"); }'),
			settings,
			errors: [{ messageId: "outsideTransaction", suggestions: [{ messageId: "useTransaction", output: run('async (txn) => { await txn.delete("a"); }') }] }],
		},
		{ name: "deleteAll(), which a transaction has not", code: run("async (txn) => { await this.ctx.storage.deleteAll(); }"), settings, errors: [{ messageId: "outsideTransaction", suggestions: [] }] },
		{ name: "within a loop's callback", code: run('async (txn) => { ["a"].map((key) => this.ctx.storage.put(key, 1)); }'), settings, errors: [{ messageId: "outsideTransaction", suggestions: 1 }] },
	],
});

describe("require-txn-object: verdicts", () => {
	it.each([
		["quotes the transaction", run('async (txn) => { await txn.put("a", 1); }'), settings, "guarded"],
		["does not follow a method that writes", run("async () => { await this.save(); }"), settings, "unknown"],
		["says when nothing tells the storage", run('async () => { await this.ctx.storage.put("a", 1); }'), {}, "unknown"],
		["does not apply to SQLite storage", run('async () => { await this.ctx.storage.put("a", 1); }'), onStorage("sqlite"), "not-applicable"],
		["does not apply without transaction()", object("run() {}"), settings, "not-applicable"],
	])("%s", (_name, code, given, status) => {
		expect(verdictsOn(rule, code, { settings: given })).toMatchObject([{ status }]);
	});
});
