import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-cursor-across-await.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const SELECT = 'sql.exec("SELECT * FROM t")';

tester.run("no-cursor-across-await", rule, {
	valid: [
		{ name: "an array", code: method(`for (const row of ${SELECT}.toArray()) await this.send(row);`) },
		{ name: "a loop that awaits nothing", code: method(`for (const row of ${SELECT}) console.log(row);`) },
		{ name: "a loop that starts work", code: method(`for (const row of ${SELECT}) this.all.push((async () => { await this.send(row); })());`) },
		{ name: "read before the await", code: method(`const rows = ${SELECT}; const all = rows.toArray(); await this.send(all);`) },
		{ name: "an await in the arguments", code: method('const rows = sql.exec("SELECT ?", await this.id()); return rows.one();') },
		{ name: "a counter after the await", code: method(`const rows = ${SELECT}; rows.toArray(); await this.send(); return rows.rowsRead;`) },
		{ name: "the rows in a field", code: method(`this.rows = ${SELECT}.toArray();`) },
		{ name: "no cursor", code: method("for (const row of this.rows) await this.send(row);") },
	],
	invalid: [
		{
			name: "a loop that awaits",
			code: method(`for (const row of ${SELECT}) await this.send(row);`),
			errors: [{ messageId: "awaitInLoop", suggestions: [{ messageId: "readAll", output: method(`for (const row of ${SELECT}.toArray()) await this.send(row);`) }] }],
		},
		{ name: "a loop over a variable", code: method(`const rows = ${SELECT}; for (const row of rows) { await this.send(row); }`), errors: [{ messageId: "awaitInLoop", suggestions: [{ messageId: "readAll", output: method(`const rows = ${SELECT}.toArray(); for (const row of rows) { await this.send(row); }`) }] }] },
		{ name: "read after an await", code: method(`const rows = ${SELECT}; await this.send(); return rows.toArray();`), errors: [{ messageId: "readAfterAwait", suggestions: [] }] },
		{ name: "spread after an await", code: method(`const rows = ${SELECT}; await this.send(); return [...rows];`), errors: [{ messageId: "readAfterAwait", suggestions: 1 }] },
		{ name: "kept in a field", code: method(`this.rows = ${SELECT};`), errors: [{ messageId: "keptInField", suggestions: [] }] },
	],
});

describe("no-cursor-across-await: verdicts", () => {
	it.each([
		["quotes what reads at once", method(`return ${SELECT}.toArray();`), { status: "guarded", quotes: [`${SELECT}.toArray()`] }],
		["quotes the statement where a loop reads", method(`for (const row of ${SELECT}) console.log(row);`), { status: "guarded", quotes: [SELECT] }],
		["does not know when a cursor is read that is handed on", method(`return ${SELECT};`), { status: "unknown", quotes: [SELECT] }],
		["does not apply where no rows are read", method(`${SELECT};`), { status: "not-applicable" }],
		["does not apply without SQL", object("run() {}"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
