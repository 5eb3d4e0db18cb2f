import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-sql-interpolation.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

/** A method with this text as its statement. */
const run = (text: string, parameters = "x", head = ""): string => object(`\trun(${parameters}) { this.ctx.storage.sql.exec(\`${text}\`); }`, head);
/** A private helper with one parameter, called with these arguments. */
const helper = (text: string, ...calls: string[]): string => object(`#count(table: string) { return this.ctx.storage.sql.exec(\`${text}\`).one(); } run(x: string) { ${calls.map((call) => `this.#count(${call});`).join(" ")} }`);

tester.run("no-sql-interpolation", rule, {
	valid: [
		{ name: "bound values", code: method('sql.exec("SELECT * FROM t WHERE a = ?", x);', "x") },
		{ name: "a constant", code: run("SELECT * FROM ${TABLE}", "", 'const TABLE = "users";') },
		{ name: "a constant value", code: run("SELECT * FROM t WHERE kind = '${KIND}'", "", 'const KIND = "a";') },
		{ name: "a static field", code: object("static TABLE = 'users'; run() { this.ctx.storage.sql.exec(`SELECT * FROM ${Room.TABLE}`); }") },
		{ name: "a readonly field", code: object("readonly table = 'users'; run() { this.ctx.storage.sql.exec(`SELECT * FROM ${this.table}`); }") },
		{ name: "an enum", code: run("SELECT * FROM ${Table.Users}", "", 'enum Table { Users = "users" }') },
		{ name: "a constant object, looked up", code: run("SELECT * FROM ${TABLES[x]}", "x", 'const TABLES = { a: "as", b: "bs" } as const;') },
		{ name: "a constant map, looked up", code: run("SELECT * FROM ${TABLES.get(x)}", "x", 'const TABLES = new Map([["a", "as"]]);') },
		{ name: "placeholders, mapped", code: method('sql.exec(`SELECT * FROM t WHERE id IN (${ids.map(() => "?").join(",")})`, ...ids);', "ids: string[]") },
		{ name: "placeholders, filled", code: method('sql.exec(`SELECT * FROM t WHERE id IN (${new Array(ids.length).fill("?").join(", ")})`, ...ids);', "ids: string[]") },
		{ name: "placeholders, repeated", code: method('sql.exec(`SELECT * FROM t WHERE id IN (${"?,".repeat(ids.length - 1)}?)`, ...ids);', "ids: string[]") },
		{ name: "placeholders, from a length", code: method('const marks = Array.from({ length: ids.length }, () => "(?, ?)").join(","); sql.exec(`INSERT INTO t VALUES ${marks}`, ...ids);', "ids: string[]") },
		{ name: "columns of a literal array", code: run("SELECT ${COLUMNS.join(', ')} FROM t", "", 'const COLUMNS = ["id", "name"];') },
		{ name: "columns of a literal array, mapped", code: run("INSERT INTO t (${COLUMNS.join()}) VALUES (${COLUMNS.map(() => '?').join()})", "", 'const COLUMNS = ["id", "name"] as const;') },
		{ name: "tables of a literal array", code: method('for (const table of ["users", "rooms"]) sql.exec(`DELETE FROM ${table}`);') },
		{ name: "tables of a literal array, each", code: method('["users", "rooms"].forEach((table, index) => sql.exec(`INSERT INTO ${table} VALUES (${index})`));') },
		{ name: "tables with their columns", code: method('for (const [table, columns] of Object.entries({ users: "id", rooms: "id, name" })) sql.exec(`CREATE TABLE ${table} (${columns})`);') },
		{ name: "a direction", code: run('SELECT * FROM t ORDER BY id ${x ? "ASC" : "DESC"}') },
		{ name: "conditions that are put together", code: method('const where = []; const values = []; if (x) { where.push("a = ?"); values.push(x); } sql.exec(`SELECT * FROM t WHERE ${where.join(" AND ")}`, ...values);', "x") },
		{ name: "conditions that are added", code: method('let text = "SELECT * FROM t"; if (x) text += " WHERE a = ?"; sql.exec(text, x);', "x") },
		{ name: "a condition or nothing", code: run('SELECT * FROM t ${x ? "WHERE a = 1" : ""}') },
		{ name: "assignments of known columns", code: method('const sets: string[] = []; if (x.name) sets.push("name = ?"); sql.exec(`UPDATE t SET ${sets.join(", ")} WHERE id = ?`, 1);', "x") },
		{ name: "a number", code: run("SELECT * FROM t LIMIT ${Number(x)}") },
		{ name: "a number by its type", code: run("SELECT * FROM t LIMIT ${x}", "x: number") },
		{ name: "a number of an interface", code: run("SELECT * FROM t LIMIT ${x.limit ?? 50}", "x: Page", "interface Page { limit?: number }") },
		{ name: "numbers of an array", code: run("SELECT * FROM t WHERE id IN (${x.join(',')})", "x: number[]") },
		{ name: "arithmetic", code: run("SELECT * FROM t WHERE at < ${Date.now() - x * 1000}") },
		{ name: "a counter", code: method("for (let n = 0; n < 5; n++) sql.exec(`CREATE TABLE IF NOT EXISTS t${n} (id)`);") },
		{ name: "a type of literals", code: run("SELECT * FROM ${x}", 'x: "users" | "rooms"') },
		{ name: "an alias of literals", code: run("SELECT * FROM t ORDER BY ${x}", "x: Order", 'type Order = "asc" | "desc";') },
		{ name: "a key of an object", code: run("SELECT * FROM t ORDER BY ${x}", "x: keyof typeof COLUMNS", "const COLUMNS = { id: 1 };") },
		{ name: "looked up before", code: method('if (!ALLOWED.includes(x)) throw new Error("no"); sql.exec(`SELECT * FROM ${x}`);', "x: string") },
		{ name: "matched before", code: method("if (!/^\\w+$/.test(x)) throw new Error('no'); sql.exec(`SELECT * FROM ${x}`);", "x: string") },
		{ name: "compared before", code: method('if (x !== "asc" && x !== "desc") return; sql.exec(`SELECT * FROM t ORDER BY id ${x}`);', "x: string") },
		{ name: "validated before", code: method("assertTable(x); sql.exec(`SELECT * FROM ${x}`);", "x: string") },
		{ name: "a quoted identifier", code: run(String.raw`SELECT * FROM "\${x.replace(/"/g, '""')}"`, "x: string") },
		{ name: "a quoting function of the file", code: run("SELECT * FROM ${quoteIdentifier(x)}", "x: string", "function quoteIdentifier(name: string) { return name; }") },
		{ name: "stripped to a word", code: run("SELECT * FROM t_${x.replace(/[^a-z0-9_]/g, '_')}", "x: string") },
		{ name: "a private helper that gets constants", code: helper("SELECT count(*) AS n FROM ${table}", '"users"', '"rooms"') },
		{ name: "an imported constant", code: run("SELECT * FROM ${TABLE}", "", 'import { TABLE } from "./schema";') },
		{ name: "a table made of the object's id", code: run("CREATE TABLE t_${this.ctx.id}") },
		{ name: "a UUID", code: run("INSERT INTO t VALUES ('${crypto.randomUUID()}')") },
		{ name: "a comment", code: run("/* ${x} */ SELECT 1") },
		{ name: "a tag that binds", code: object("run(x) { return this.sql`SELECT * FROM t WHERE a = ${x}`; }") },
		{ name: "a text that cannot be read", code: method("sql.exec(x);", "x") },
		{ name: "another database", code: object("run(x) { return this.client.exec(`SELECT * FROM t WHERE a = '${x}'`); }") },
		{ name: "a class that is no Durable Object", code: "class Store { constructor(db) { this.db = db; } run(x) { this.db.sql.exec(`SELECT '${x}'`); } }" },
		{
			name: "numbers of rows, picked by a callback without annotation",
			code: object('drop() { const due = [...this.ctx.storage.sql.exec("SELECT id FROM due")] as unknown as Due[]; const ids = due.filter((each) => each.at < 5).map((each) => each.id); this.ctx.storage.sql.exec(`DELETE FROM due WHERE id IN (${ids.join(",")})`); }', "interface Due { id: number; at: number }"),
		},
		{
			name: "numbers of rows, destructured, in a block body",
			code: object('drop(due: readonly Due[]) { const ids = due.map(({ key: { id } }) => { return id; }); this.ctx.storage.sql.exec(`DELETE FROM due WHERE id IN (${ids.join(",")})`); }', "interface Due { key: { id: number } }"),
		},
		{
			name: "numbers of rows in a variable of that type",
			code: object('drop() { const due: Due[] = this.ctx.storage.sql.exec("SELECT id FROM due").toArray(); this.ctx.storage.sql.exec(`DELETE FROM due WHERE id IN (${due.map((each) => each.id).join()})`); }', "type Due = { id: number };"),
		},
	],
	invalid: [
		{
			name: "texts of rows, picked by a callback without annotation",
			code: object('drop() { const due = [...this.ctx.storage.sql.exec("SELECT name FROM due")] as unknown as Due[]; const names = due.map((each) => each.name); this.ctx.storage.sql.exec(`DELETE FROM due WHERE name IN (${names.join(",")})`); }', "interface Due { id: number; name: string }"),
			errors: [{ messageId: "value" }],
		},
		{
			name: "what another parameter of such a callback is given",
			code: object('drop(due: Due[], names: string[]) { const wanted = names.map((each, id) => each); this.ctx.storage.sql.exec(`DELETE FROM due WHERE name IN (${wanted.join(",")})`); }', "interface Due { id: number }"),
			errors: [{ messageId: "value" }],
		},
		{
			name: "a value",
			code: run("SELECT * FROM t WHERE a = ${x} AND b = '${y}' LIMIT 5", "x, y"),
			errors: [
				{ messageId: "value", data: { expression: "x" }, suggestions: [{ messageId: "bind", output: object("\trun(x, y) { this.ctx.storage.sql.exec(`SELECT * FROM t WHERE a = ? AND b = ? LIMIT 5`, x, y); }") }] },
				{ messageId: "value", data: { expression: "y" }, suggestions: 1 },
			],
		},
		{ name: "a string in quotes", code: run("SELECT * FROM t WHERE a = '${x}'", "x: string"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "part of a string: no suggestion", code: run("SELECT * FROM t WHERE a LIKE '%${x}%'", "x: string"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "beside parameters: no suggestion", code: method("sql.exec(`SELECT * FROM t WHERE a = ? AND b = ${x}`, 1);", "x"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "added with +", code: method("sql.exec(\"SELECT * FROM t WHERE a = '\" + x + \"'\");", "x"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "in a variable first", code: method("const text = `SELECT * FROM t WHERE a = '${x}'`; sql.exec(text);", "x"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "in a fragment", code: method("const where = `a = '${x}'`; sql.exec(`SELECT * FROM t WHERE ${where}`);", "x"), errors: [{ messageId: "value" }] },
		{ name: "added to a variable", code: method("let text = 'SELECT * FROM t'; if (x) text += ` WHERE a = '${x}'`; sql.exec(text);", "x"), errors: [{ messageId: "value" }] },
		{ name: "escaped by hand", code: run("INSERT INTO t VALUES ('${x.replace(/'/g, \"''\")}')", "x: string"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "a list of values", code: run("SELECT * FROM t WHERE id IN (${x.join(',')})", "x: string[]"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "a list of values in quotes", code: run("SELECT * FROM t WHERE id IN (${x.map((id) => `'${id}'`).join(',')})", "x: string[]"), errors: [{ messageId: "value" }] },
		{ name: "a field", code: object("room = ''; rename(name: string) { this.room = name; } run() { this.ctx.storage.sql.exec(`SELECT * FROM t WHERE room = '${this.room}'`); }"), errors: [{ messageId: "value", data: { expression: "this.room" }, suggestions: 1 }] },
		{ name: "a row of another query", code: method("const { name } = sql.exec('SELECT name FROM u').one(); sql.exec(`SELECT * FROM t WHERE a = '${name}'`);"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "a body", code: object("async fetch(request: Request) { const { id } = await request.json(); this.ctx.storage.sql.exec(`DELETE FROM t WHERE id = '${id}'`); }"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "a message", code: object("webSocketMessage(ws: WebSocket, message: string) { this.ctx.storage.sql.exec(`INSERT INTO t VALUES ('${message}')`); }"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "a table of the caller's choice", code: run("SELECT * FROM ${x}", "x: string"), errors: [{ messageId: "name", data: { expression: "x" }, suggestions: [] }] },
		{ name: "a column of the caller's choice", code: object("async fetch(request: Request) { const sort = new URL(request.url).searchParams.get('sort'); this.ctx.storage.sql.exec(`SELECT * FROM t ORDER BY ${sort}`); }"), errors: [{ messageId: "name" }] },
		{ name: "columns of the caller's choice", code: method('sql.exec(`UPDATE t SET ${Object.keys(x).map((key) => `${key} = ?`).join(", ")}`, ...Object.values(x));', "x: Record<string, string>"), errors: [{ messageId: "name" }] },
		{ name: "a private helper that gets what the caller chose", code: helper("SELECT count(*) AS n FROM ${table}", '"users"', "x"), errors: [{ messageId: "name", data: { expression: "table" } }] },
		{ name: "through a method of the class", code: object("#query(text: string) { return this.ctx.storage.sql.exec(text).toArray(); } run(x: string) { return this.#query(`SELECT * FROM t WHERE a = '${x}'`); }"), errors: [{ messageId: "value", suggestions: [] }] },
		{ name: "through an alias of sql", code: object("sql = this.ctx.storage.sql; run(x: string) { this.sql.exec(`SELECT * FROM t WHERE a = '${x}'`); }"), errors: [{ messageId: "value", suggestions: 1 }] },
		{ name: "a number, where the option forbids it", code: run("SELECT * FROM t LIMIT ${x}", "x: number"), options: [{ allowNumbers: false }], errors: [{ messageId: "value", suggestions: [{ messageId: "bind", output: object("\trun(x: number) { this.ctx.storage.sql.exec(`SELECT * FROM t LIMIT ?`, x); }") }] }] },
	],
});

describe("no-sql-interpolation: verdicts", () => {
	it("quotes the statements that bind their values", () => {
		expect(verdictsOn(rule, method('sql.exec("SELECT 1"); sql.exec("SELECT * FROM t WHERE a = ?", x);', "x"))).toEqual([
			{ status: "guarded", quotes: ['sql.exec("SELECT * FROM t WHERE a = ?", x)'], because: expect.stringContaining("bound") },
		]);
	});

	it("quotes the templates of an Agent, which bind their values", () => {
		const code = 'import { Agent } from "agents"; export class Notes extends Agent { all() { return this.sql`SELECT 1`; } by(user) { return this.sql`SELECT * FROM notes WHERE user = ${user}`; } }';
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["this.sql`SELECT * FROM notes WHERE user = ${user}`"], because: "this.sql binds the values in its template" }]);
	});

	it.each([
		["a name of which nothing is known", run("SELECT * FROM ${TABLE}", "", 'import { TABLE } from "./schema";'), "unknown"],
		["a text that cannot be read", method("sql.exec(x);", "x"), "unknown"],
		["no SQL", object("run() {}"), "not-applicable"],
		["constants only", run("SELECT 1"), "guarded"],
	])("%s", (_name, code, status) => {
		expect(verdictsOn(rule, code)).toMatchObject([{ status }]);
	});
});
