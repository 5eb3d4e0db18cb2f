import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-unconsumed-returning-cursor.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const INSERT = '"INSERT INTO t (v) VALUES (?) RETURNING id"';
const MANY = '"UPDATE t SET v = 1 WHERE due < ? RETURNING id"';

tester.run("no-unconsumed-returning-cursor", rule, {
	valid: [
		{ name: "one()", code: method(`return sql.exec(${INSERT}, 1).one().id;`) },
		{ name: "toArray()", code: method(`return sql.exec(${MANY}, 1).toArray();`) },
		{ name: "a spread", code: method(`return [...sql.exec(${MANY}, 1)];`) },
		{ name: "Array.from", code: method(`return Array.from(sql.exec(${MANY}, 1), (row) => row.id);`) },
		{ name: "a loop to the end", code: method(`for (const row of sql.exec(${MANY}, 1)) { for (const tag of row.tags) { if (!tag) break; } }`) },
		{ name: "a loop whose callback returns", code: method(`for (const row of sql.exec(${MANY}, 1)) { row.tags.map((tag) => { return tag; }); }`) },
		{ name: "raw().toArray()", code: method(`return sql.exec(${MANY}, 1).raw().toArray();`) },
		{ name: "a variable that is read later", code: method(`const rows = sql.exec(${MANY}, 1); console.log(rows.rowsWritten); return rows.toArray();`) },
		{ name: "a variable that is assigned later", code: method(`let rows; rows = sql.exec(${MANY}, 1); return rows.toArray();`) },
		{ name: "a rest pattern", code: method(`const [first, ...others] = sql.exec(${MANY}, 1); return first ?? others;`) },
		{ name: "the one row of a plain insert, by next()", code: method(`return sql.exec(${INSERT}, 1).next().value;`) },
		{ name: "the one row of a plain insert, by a pattern", code: method(`const [row] = sql.exec(${INSERT}, 1); return row;`) },
		{ name: "next() until it is done", code: method(`const rows = sql.exec(${MANY}, 1); for (let next = rows.next(); !next.done; next = rows.next()) {}`) },
		{ name: "a row by its key: perhaps one", code: method('const [row] = sql.exec("UPDATE t SET v = 1 WHERE id = ? RETURNING id", 1); return row;') },
		{ name: "an insert that may be skipped", code: method('const [row] = sql.exec("INSERT OR IGNORE INTO t (v) VALUES (?) RETURNING id", 1); return row;') },
		{ name: "handed to a function", code: method(`return rowsOf(sql.exec(${MANY}, 1));`) },
		{ name: "returned", code: method(`return sql.exec(${MANY}, 1);`) },
		{ name: "read within the transaction", code: method(`this.ctx.storage.transactionSync(() => sql.exec(${MANY}, 1).toArray());`) },
		{ name: "the word in a string", code: method(`sql.exec("INSERT INTO t (v) VALUES ('RETURNING id')");`) },
		{ name: "an unread SELECT", code: method('sql.exec("SELECT * FROM t");') },
		{ name: "exec of something else", code: object('run() { this.shell.exec("INSERT INTO t VALUES (1) RETURNING id"); }') },
	],
	invalid: [
		{
			name: "a statement of its own",
			code: method(`sql.exec(${INSERT}, 1);`),
			errors: [{ messageId: "unread", data: { kind: "INSERT" }, suggestions: [{ messageId: "readAll", output: method(`sql.exec(${INSERT}, 1).toArray();`) }] }],
		},
		{ name: "awaited and ignored", code: method(`await sql.exec(${INSERT}, 1);`), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "only counted", code: method(`return sql.exec(${INSERT}, 1).rowsWritten;`), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "only counted, through a pattern", code: method(`const { rowsWritten } = sql.exec(${INSERT}, 1); return rowsWritten;`), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "a variable that nobody reads", code: method(`const rows = sql.exec(${INSERT}, 1); return rows.rowsWritten;`), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "in forEach", code: method(`items.forEach((item) => sql.exec(${INSERT}, item));`, "items"), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "an upsert in a template", code: method("sql.exec(`INSERT INTO t (v) VALUES (?) ON CONFLICT (v) DO UPDATE SET n = n + 1\n RETURNING n`, 1);"), errors: [{ messageId: "unread", suggestions: 1 }] },
		{ name: "a constant text", code: method("const TEXT = 'DELETE FROM t RETURNING *'; sql.exec(TEXT);"), errors: [{ messageId: "unread", data: { kind: "DELETE" }, suggestions: 1 }] },
		{
			name: "the first row of many",
			code: method(`const [row] = sql.exec(${MANY}, 1); return row;`),
			errors: [{ messageId: "readInPart", data: { kind: "UPDATE" }, suggestions: [{ messageId: "readAll", output: method(`const [row] = sql.exec(${MANY}, 1).toArray(); return row;`) }] }],
		},
		{
			name: "next() of many",
			code: method("return sql.exec('DELETE FROM t RETURNING *').next().value;"),
			errors: [{ messageId: "readInPart", suggestions: [{ messageId: "readFirst", output: method("return sql.exec('DELETE FROM t RETURNING *').toArray()[0];") }] }],
		},
		{ name: "a loop that leaves", code: method(`for (const row of sql.exec(${MANY}, 1)) { if (row.id) return row; }`), errors: [{ messageId: "readInPart", suggestions: 1 }] },
		{ name: "a loop that breaks in a branch", code: method(`for (const row of sql.exec(${MANY}, 1)) { if (row.id) { console.log(row); break; } }`), errors: [{ messageId: "readInPart", suggestions: 1 }] },
		{ name: "two rows inserted, one read", code: method("const [row] = sql.exec('INSERT INTO t (v) VALUES (?), (?) RETURNING id', 1, 2); return row;"), errors: [{ messageId: "readInPart", suggestions: 1 }] },
		{ name: "not the last statement", code: method("return sql.exec('INSERT INTO t (v) VALUES (1) RETURNING id; SELECT 1 AS one').one();"), errors: [{ messageId: "notLast" }] },
		{
			name: "out of a transaction",
			code: method(`return this.ctx.storage.transactionSync(() => sql.exec(${INSERT}, 1)).one();`),
			errors: [{ messageId: "openAtCommit", suggestions: [{ messageId: "readAll", output: method(`return this.ctx.storage.transactionSync(() => sql.exec(${INSERT}, 1).toArray()).one();`) }] }],
		},
		{ name: "through a field", code: object(`sql = this.ctx.storage.sql; add() { this.sql.exec(${INSERT}, 1); }`), errors: [{ messageId: "unread", suggestions: 1 }] },
	],
});

describe("no-unconsumed-returning-cursor: verdicts", () => {
	it("quotes what reads the rows", () => {
		expect(verdictsOn(rule, method(`return sql.exec(${INSERT}, 1).one();`))).toEqual([{ status: "guarded", quotes: [`sql.exec(${INSERT}, 1).one()`], because: "the rows of RETURNING are read to the end" }]);
	});

	it("says that it cannot follow a cursor that is handed on", () => {
		expect(verdictsOn(rule, method(`return sql.exec(${MANY}, 1);`))).toMatchObject([{ status: "unknown" }]);
	});

	it("does not vouch for a text that it cannot read", () => {
		expect(verdictsOn(rule, object("query(text, ...values) { return this.ctx.storage.sql.exec(text, ...values).toArray(); }"))).toMatchObject([{ status: "unknown" }]);
	});

	it("does not apply without RETURNING", () => {
		expect(verdictsOn(rule, method('sql.exec("SELECT 1");'))).toMatchObject([{ status: "not-applicable" }]);
	});
});
