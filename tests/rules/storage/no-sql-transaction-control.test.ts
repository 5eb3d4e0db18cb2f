import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-sql-transaction-control.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

tester.run("no-sql-transaction-control", rule, {
	valid: [
		{ name: "a transaction of the storage API", code: method('this.ctx.storage.transactionSync(() => { sql.exec("DELETE FROM t"); });') },
		{ name: "the word in a string", code: method(`sql.exec("INSERT INTO t VALUES ('BEGIN; COMMIT')");`) },
		{ name: "the word in a comment", code: method('sql.exec("/* BEGIN */ DELETE FROM t -- COMMIT");') },
		{ name: "a trigger's body", code: method('sql.exec("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM u; END");') },
		{ name: "a column of that name", code: method('sql.exec("SELECT begin, rollback FROM t");') },
		{ name: "a table of that name", code: method('sql.exec("SELECT * FROM savepoint");') },
		{ name: "another database", code: object('async run() { await this.client.exec("BEGIN"); }') },
		{ name: "a text that cannot be read", code: method("sql.exec(text);", "text") },
	],
	invalid: [
		...["BEGIN", "begin immediate transaction", "COMMIT;", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a"].map((text) => ({
			name: text,
			code: method(`sql.exec("${text}");`),
			errors: [{ messageId: "refused" as const }],
		})),
		{ name: "in a longer text", code: method("sql.exec(`\n-- all or nothing\nBEGIN;\nDELETE FROM t;\nCOMMIT;`);"), errors: [{ messageId: "refused", data: { keyword: "BEGIN" } }] },
		{ name: "through a method of the class", code: object('query(text: string) { return this.ctx.storage.sql.exec(text); } run() { this.query("BEGIN"); }'), errors: [{ messageId: "refused" }] },
		{ name: "a constant", code: method("const START = 'BEGIN'; sql.exec(START);"), errors: [{ messageId: "refused" }] },
	],
});

describe("no-sql-transaction-control: verdicts", () => {
	it("quotes the transaction", () => {
		expect(verdictsOn(rule, method('this.ctx.storage.transactionSync(() => { sql.exec("DELETE FROM t"); });'))).toMatchObject([
			{ status: "guarded", quotes: ['this.ctx.storage.transactionSync(() => { sql.exec("DELETE FROM t"); })'] },
		]);
	});

	it.each([
		["a class without SQL", object("run() {}"), "not-applicable"],
		["SQL without transactions", method('sql.exec("DELETE FROM t");'), "not-applicable"],
		["a text that cannot be read", method("sql.exec(text);", "text"), "unknown"],
	])("%s: %s", (_name, code, status) => {
		expect(verdictsOn(rule, code)).toMatchObject([{ status }]);
	});
});
