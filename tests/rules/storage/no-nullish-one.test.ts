import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-nullish-one.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const SELECT = 'sql.exec("SELECT name FROM t WHERE id = ?", 1)';

tester.run("no-nullish-one", rule, {
	valid: [
		{ name: "one() and its column", code: method(`return ${SELECT}.one().name;`) },
		{ name: "a column that may be null", code: method(`return ${SELECT}.one().name ?? "nobody";`) },
		{ name: "a column that may be null, optional", code: method(`return ${SELECT}.one().name?.trim();`) },
		{ name: "the first row", code: method(`return ${SELECT}.toArray()[0]?.name ?? null;`) },
		{ name: "an aggregate, which always has a row", code: method('const row = sql.exec("SELECT count(*) AS n FROM t").one(); return row?.n ?? 0;') },
		{ name: "the error is caught", code: method(`try { const row = ${SELECT}.one(); return row ?? null; } catch { return null; }`) },
		{ name: "a variable that may be null for another reason", code: method(`let row = ${SELECT}.one(); if (x) row = null; return row?.name;`, "x") },
		{ name: "a variable that begins empty", code: method(`let row = null; if (x) row = ${SELECT}.one(); return row?.name;`, "x") },
		{ name: "another one()", code: method("const row = this.rows.one(); return row ?? null;") },
		{ name: "compared with something else", code: method(`const row = ${SELECT}.one(); return row === this.last;`) },
	],
	invalid: [
		{ name: "??", code: method(`return ${SELECT}.one() ?? null;`), errors: [{ messageId: "neverNullish", data: { test: "??" }, suggestions: [{ messageId: "useFirst", output: method(`return ${SELECT}.toArray()[0] ?? null;`) }] }] },
		{ name: "||", code: method(`return ${SELECT}.one() || null;`), errors: [{ messageId: "neverNullish", suggestions: 1 }] },
		{ name: "?.", code: method(`return ${SELECT}.one()?.name;`), errors: [{ messageId: "neverNullish", data: { test: "?." }, suggestions: [{ messageId: "useFirst", output: method(`return ${SELECT}.toArray()[0]?.name;`) }] }] },
		{ name: "a variable and !", code: method(`const row = ${SELECT}.one();\nif (!row) return null; return row.name;`), errors: [{ messageId: "neverNullish", suggestions: [{ messageId: "useFirst", output: method(`const row = ${SELECT}.toArray()[0];\nif (!row) return null; return row.name;`) }] }] },
		{ name: "a variable and if", code: method(`const row = ${SELECT}.one(); if (row) return row.name;`), errors: [{ messageId: "neverNullish", suggestions: 1 }] },
		{ name: "a conditional", code: method(`const row = ${SELECT}.one(); return row ? row.name : null;`), errors: [{ messageId: "neverNullish", suggestions: 1 }] },
		{ name: "=== undefined", code: method(`const row = ${SELECT}.one(); if (row === undefined) return;`), errors: [{ messageId: "neverNullish", data: { test: "the comparison with undefined" }, suggestions: 1 }] },
		{ name: "behind a type assertion", code: method(`return (${SELECT}.one() as Row | null) ?? null;`), errors: [{ messageId: "neverNullish", suggestions: 1 }] },
		{ name: "awaited, though it is no promise", code: `import { DurableObject } from "cloudflare:workers"; export class Shelf extends DurableObject { constructor(ctx, env) { super(ctx, env); this.db = ctx.storage.sql; } async find(id) { const book = await this.db.exec("SELECT title FROM books WHERE id = ?", id).one(); if (!book) return null; return book.title; } }`, errors: [{ messageId: "neverNullish", data: { test: "the test for no row" }, suggestions: 1 }] },
		{ name: "awaited, and ?.", code: `import { DurableObject } from "cloudflare:workers"; export class Shelf extends DurableObject { async find(id) { return (await this.ctx.storage.sql.exec("SELECT title FROM books WHERE id = ?", id).one())?.title; } }`, errors: [{ messageId: "neverNullish", data: { test: "?." }, suggestions: 1 }] },
		{ name: "a cursor in a variable", code: method(`const rows = ${SELECT}; return rows.one() ?? null;`), errors: [{ messageId: "neverNullish", suggestions: 1 }] },
		{ name: "over several lines", code: method(`return ${SELECT}\n.one() ?? null;`), errors: [{ messageId: "neverNullish", suggestions: [{ messageId: "useFirst", output: method(`return ${SELECT}.toArray()[0] ?? null;`) }] }] },
	],
});

describe("no-nullish-one: verdicts", () => {
	it("quotes the calls that rely on a row", () => {
		expect(verdictsOn(rule, method(`return ${SELECT}.one().name;`))).toMatchObject([{ status: "guarded", quotes: [`${SELECT}.one()`] }]);
	});

	it("does not apply without one()", () => {
		expect(verdictsOn(rule, object("run() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
