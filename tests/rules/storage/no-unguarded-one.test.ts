import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-unguarded-one.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const SELECT = 'sql.exec("SELECT name FROM t WHERE id = ?", 1)';
const constructed = (statement: string, body: string): string => object(`constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec(${statement}); } ${body}`);

tester.run("no-unguarded-one", rule, {
	valid: [
		{ name: "an aggregate", code: method('return sql.exec("SELECT count(*) AS n FROM t WHERE a = ?", 1).one().n;') },
		{ name: "a row that is inserted", code: method('return sql.exec("INSERT INTO t VALUES (?) RETURNING id", 1).one().id;') },
		{ name: "EXISTS", code: method('return sql.exec("SELECT EXISTS (SELECT 1 FROM t) AS found").one().found;') },
		{ name: "the error is caught", code: method(`try { return ${SELECT}.one(); } catch { return null; }`) },
		{ name: "a row that is there from the start", code: constructed('"INSERT OR IGNORE INTO t (id) VALUES (1)"', "run() { return this.ctx.storage.sql.exec('SELECT n FROM t WHERE id = 1').one().n; }") },
		{ name: "a text that cannot be read", code: method("return sql.exec(text).one();", "text") },
		{ name: "a row that was put there just before", code: method(`sql.exec("INSERT INTO t (id, n) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1", id); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id") },
		{ name: "a row that may have been put there just before", code: method(`sql.exec("INSERT OR IGNORE INTO t (id, n) VALUES (1, 1)"); return sql.exec("SELECT n FROM t WHERE id = 1").one().n;`) },
		{ name: "toArray()", code: method(`return ${SELECT}.toArray();`) },
	],
	invalid: [
		{ name: "a row by its key", code: method(`return ${SELECT}.one().name;`), errors: [{ messageId: "mayThrow", data: { kind: "SELECT" }, suggestions: [{ messageId: "useFirst", output: method(`return ${SELECT}.toArray()[0].name;`) }] }] },
		{ name: "an insert that may be skipped", code: method('return sql.exec("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING RETURNING id", 1).one().id;'), errors: [{ messageId: "mayThrow", data: { kind: "INSERT" }, suggestions: 1 }] },
		{ name: "an update that may find nothing", code: method('return sql.exec("UPDATE t SET n = n + 1 WHERE id = ? RETURNING n", 1).one().n;'), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "an aggregate by group", code: method('return sql.exec("SELECT count(*) AS n FROM t GROUP BY a").one().n;'), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "a row that is put there sometimes", code: method(`if (isNew) sql.exec("INSERT INTO t (id) VALUES (?)", id); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id, isNew"), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "a row that was put there before an await", code: method(`sql.exec("INSERT INTO t (id) VALUES (?)", id); await fetch(url); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id, url"), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "a row that was put there and deleted", code: method(`sql.exec("INSERT INTO t (id) VALUES (?)", id); sql.exec("DELETE FROM t WHERE old"); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id"), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "a row that was put into another table", code: method(`sql.exec("INSERT INTO u (id) VALUES (?)", id); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id"), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
		{ name: "a seed in another table", code: constructed('"INSERT OR IGNORE INTO u (id) VALUES (1)"', "run() { return this.ctx.storage.sql.exec('SELECT n FROM t').one().n; }"), errors: [{ messageId: "mayThrow", suggestions: 1 }] },
	],
});

describe("no-unguarded-one: verdicts", () => {
	it("quotes the row that is there from the start", () => {
		const code = constructed('"INSERT OR IGNORE INTO t (id) VALUES (1)"', "run() { return this.ctx.storage.sql.exec('SELECT n FROM t WHERE id = 1').one().n; }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ['ctx.storage.sql.exec("INSERT OR IGNORE INTO t (id) VALUES (1)")', expect.stringContaining(".one()")] }]);
	});

	it("quotes the row that was put there just before", () => {
		const code = method(`sql.exec("REPLACE INTO t (id) VALUES (?)", id); return sql.exec("SELECT n FROM t WHERE id = ?", id).one().n;`, "id");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: [expect.stringContaining("REPLACE"), expect.stringContaining(".one()")] }]);
	});

	it.each([
		["another row may be put there", method(`sql.exec("INSERT INTO t (id) VALUES (?)", id); return sql.exec("SELECT n FROM t WHERE id = ?", other).one().n;`, "id, other"), "unknown"],
		["the error is caught", method(`try { return ${SELECT}.one(); } catch { return null; }`), "guarded"],
		["a text that cannot be read", method("return sql.exec(text).one();", "text"), "unknown"],
		["no one()", object("run() {}"), "not-applicable"],
	])("%s", (_name, code, status) => {
		expect(verdictsOn(rule, code)).toMatchObject([{ status }]);
	});
});
