import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-forbidden-sql.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const run = (text: string, ...values: string[]): string => method(`sql.exec(${[JSON.stringify(text), ...values].join(", ")});`, "values");
const columns = (count: number): string => Array.from({ length: count }, (_, index) => `c${index}`).join(", ");
const marks = (count: number): string => Array.from({ length: count }, () => "?").join(", ");

tester.run("no-forbidden-sql", rule, {
	valid: [
		...["PRAGMA table_info(t)", "PRAGMA main.table_info(t)", "PRAGMA foreign_keys = ON", "PRAGMA defer_foreign_keys = ON", "PRAGMA optimize", "PRAGMA page_size", "PRAGMA table_list", "SELECT * FROM pragma_table_info('t')"].map((text) => run(text)),
		...["SELECT name FROM sqlite_master WHERE name NOT LIKE '_cf_%'", "CREATE TABLE t (_cf_column)", "SELECT random(), unixepoch()", "ANALYZE", "WITH _cf_a AS (SELECT 1) SELECT * FROM _cf_a", "SELECT 'VACUUM'"].map((text) => run(text)),
		{ name: "a value for each parameter", code: run("SELECT ? + ?", "1", "2") },
		{ name: "a parameter used twice", code: run("SELECT ?1, ?1", "1") },
		{ name: "several statements, parameters in the last", code: run("DELETE FROM t; INSERT INTO t VALUES (?)", "1") },
		{ name: "values that cannot be counted", code: run("SELECT ?, ?", "...values") },
		{ name: "parameters that cannot be counted", code: method("sql.exec(`SELECT * FROM t WHERE id IN (${marks})`, 1, 2);", "marks") },
		{ name: "parameters that are added later", code: method("let text = 'SELECT * FROM t'; const values = []; if (x) { text += ' WHERE a = ?'; } sql.exec(text);", "x") },
		{ name: "a question mark in a string", code: run("SELECT '?'") },
		{ name: "a hundred parameters", code: method(`sql.exec("INSERT INTO t VALUES (${marks(100)})", ...values);`, "values") },
		{ name: "a hundred columns", code: run(`CREATE TABLE t (${columns(100)})`) },
		{ name: "a PRAGMA that the option allows", code: run("PRAGMA user_version"), options: [{ allowPragmas: ["user_version"] }] },
		{ name: "a PRAGMA whose name cannot be read", code: method("sql.exec(`PRAGMA ${name}`);", "name") },
		{ name: "another database", code: object('run() { this.db.exec("PRAGMA user_version"); }') },
	],
	invalid: [
		{ name: "user_version", code: run("PRAGMA user_version"), errors: [{ messageId: "version" }] },
		{ name: "user_version, written", code: run("PRAGMA user_version = 2"), errors: [{ messageId: "version" }] },
		{ name: "user_version, read from a template", code: method("sql.exec(`PRAGMA user_version;`).one();"), errors: [{ messageId: "version" }] },
		{ name: "journal_mode", code: run("PRAGMA journal_mode = WAL"), errors: [{ messageId: "pragma", data: { name: "journal_mode" } }] },
		{ name: "page_size with an argument", code: run("PRAGMA page_size = 1024"), errors: [{ messageId: "pragmaArgument", data: { name: "page_size", how: "with" } }] },
		{ name: "table_info without one", code: run("PRAGMA table_info"), errors: [{ messageId: "pragmaArgument", data: { name: "table_info", how: "without" } }] },
		...["VACUUM", "ATTACH 'file' AS other", "DETACH other"].map((text) => ({ name: text, code: run(text), errors: [{ messageId: "statement" as const }] })),
		{ name: "a temporary table", code: run("CREATE TEMP TABLE t (a)"), errors: [{ messageId: "statement", data: { keyword: "CREATE TEMP" } }] },
		{ name: "a reserved table", code: run("SELECT * FROM _cf_KV"), errors: [{ messageId: "reservedName", data: { name: "_cf_kv" } }] },
		{ name: "a table with a reserved name", code: run("CREATE TABLE _cf_mine (a)"), errors: [{ messageId: "reservedName" }] },
		{ name: "sqlite_version()", code: run("SELECT sqlite_version()"), errors: [{ messageId: "function", data: { name: "sqlite_version" } }] },
		{ name: "parameters before the last statement", code: run("INSERT INTO t VALUES (?); SELECT 1", "1"), errors: [{ messageId: "earlierParameters" }] },
		{ name: "too few values", code: run("SELECT ?, ?", "1"), errors: [{ messageId: "bindingCount", data: { params: "2 parameters", values: "1 value" } }] },
		{ name: "too many values", code: run("SELECT 1", "1"), errors: [{ messageId: "bindingCount", data: { params: "no parameters", values: "1 value" } }] },
		{ name: "values given as one array", code: method("sql.exec('INSERT INTO t VALUES (?, ?)', [a, b]);", "a, b"), errors: [{ messageId: "bindingCount" }] },
		{ name: "101 parameters", code: method(`sql.exec("INSERT INTO t VALUES (${marks(101)})", ...values);`, "values"), errors: [{ messageId: "tooManyParameters", data: { count: "101" } }] },
		{ name: "101 columns", code: run(`CREATE TABLE t (${columns(101)})`), errors: [{ messageId: "tooManyColumns", data: { count: "101" } }] },
		{ name: "no statement", code: run(" -- nothing"), errors: [{ messageId: "noStatement" }] },
		{ name: "through a method of the class", code: object('all(text: string, ...values: unknown[]) { return this.ctx.storage.sql.exec(text, ...values).toArray(); } version() { return this.all("PRAGMA user_version"); }'), errors: [{ messageId: "version" }] },
	],
});

describe("no-forbidden-sql: verdicts", () => {
	it.each([
		["statements that are allowed", run("SELECT 1"), "guarded"],
		["a text that cannot be read", method("sql.exec(text);", "text"), "unknown"],
		["no SQL", object("run() {}"), "not-applicable"],
	])("%s", (_name, code, status) => {
		expect(verdictsOn(rule, code)).toMatchObject([{ status }]);
	});
});
