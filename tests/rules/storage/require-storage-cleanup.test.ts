import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/require-storage-cleanup.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const INSERT = 'this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", text);';
const room = (add: string, more = ""): string => object(`async add(text, id) { ${add} }\n${more}`);

tester.run("require-storage-cleanup", rule, {
	valid: [
		{ name: "fixed keys", code: room('await this.ctx.storage.put("text", text); await this.ctx.storage.put({ a: 1, b: 2 });') },
		{ name: "a row that is updated", code: room('this.ctx.storage.sql.exec("UPDATE notes SET text = ?", text);') },
		{ name: "one row that replaces itself", code: room('this.ctx.storage.sql.exec("INSERT OR REPLACE INTO notes (id, text) VALUES (1, ?)", text);', 'get() { return this.ctx.storage.sql.exec("SELECT text FROM notes WHERE id = 1").one(); }') },
		{ name: "rows of the constructor", code: object('constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec("INSERT OR IGNORE INTO notes VALUES (?)", 1); }') },
		{ name: "rows that are deleted", code: room(INSERT, 'alarm() { this.ctx.storage.sql.exec("DELETE FROM notes WHERE at < ?", Date.now()); }') },
		{ name: "a table that is dropped", code: room(INSERT, 'alarm() { this.ctx.storage.sql.exec("DROP TABLE notes"); }') },
		{ name: "all is deleted", code: room(INSERT, "async alarm() { await this.ctx.storage.deleteAll(); }") },
		{ name: "keys that are deleted", code: room("await this.ctx.storage.put(`note:${id}`, text);", "async remove(id) { await this.ctx.storage.delete(`note:${id}`); }") },
		{ name: "keys that are deleted, of which nothing is known", code: room("await this.ctx.storage.put(`note:${id}`, text);", "async remove(keys) { await this.ctx.storage.delete(keys); }") },
		{ name: "data that is meant to stay", code: room(INSERT), options: [{ permanent: ["Room"] }] },
		{ name: "an agent that ends itself", code: `import { Agent } from "agents"; export class Room extends Agent { add(text) { ${INSERT} } async end() { await this.destroy(); } }` },
	],
	invalid: [
		{ name: "rows", code: room(INSERT), errors: [{ messageId: "neverDeleted", data: { what: "table notes" } }] },
		{ name: "rows, of which others are deleted", code: room(INSERT, 'alarm() { this.ctx.storage.sql.exec("DELETE FROM sessions"); }'), errors: [{ messageId: "neverDeleted" }] },
		{ name: "keys", code: room("await this.ctx.storage.put(`note:${id}`, text);"), errors: [{ messageId: "neverDeleted", data: { what: 'the set of keys that begin with "note:"' } }] },
		{ name: "keys, of which others are deleted", code: room("await this.ctx.storage.put(`note:${id}`, text); await this.ctx.storage.delete('draft');"), errors: [{ messageId: "neverDeleted" }] },
		{ name: "keys of the synchronous interface", code: room("this.ctx.storage.kv.put(id, text);"), errors: [{ messageId: "neverDeleted", data: { what: "the set of keys" } }] },
		{ name: "once for each table", code: room(`${INSERT} ${INSERT} this.ctx.storage.sql.exec("INSERT INTO log VALUES (?)", text);`), errors: [{ messageId: "neverDeleted", data: { what: "table notes" } }, { messageId: "neverDeleted", data: { what: "table log" } }] },
	],
});

describe("require-storage-cleanup: verdicts", () => {
	it.each([
		["quotes deleteAll()", room(INSERT, "async alarm() { await this.ctx.storage.deleteAll(); }"), { status: "guarded", quotes: ["this.ctx.storage.deleteAll()"] }],
		["quotes the DELETE", room(INSERT, 'alarm() { this.ctx.storage.sql.exec("DELETE FROM notes WHERE at < 5"); }'), { status: "guarded", quotes: ['this.ctx.storage.sql.exec("DELETE FROM notes WHERE at < 5")'] }],
		["looks at SQL where a method is given its text", object('query(text, ...values) { return this.ctx.storage.sql.exec(text, ...values); }\nadd(text) { this.query("INSERT INTO notes (text) VALUES (?)", text); }'), { status: "violated" }],
		["quotes a DELETE that a method is given", object('query(text, ...values) { return this.ctx.storage.sql.exec(text, ...values); }\nadd(text) { this.query("INSERT INTO notes (text) VALUES (?)", text); }\nalarm() { this.query("DELETE FROM notes"); }'), { status: "guarded", quotes: ['this.query("DELETE FROM notes")'] }],
		["looks at the templates of an Agent", object("add(text) { this.sql`INSERT INTO notes (text) VALUES (${text})`; }\nforget() { this.sql`DELETE FROM notes`; }").replace('{ DurableObject } from "cloudflare:workers"', '{ Agent } from "agents"').replace("extends DurableObject", "extends Agent"), { status: "guarded", quotes: ["this.sql`DELETE FROM notes`"] }],
		["does not know what SQL from elsewhere stores", object("run(text) { this.ctx.storage.sql.exec(text); }"), { status: "unknown", quotes: ["this.ctx.storage.sql.exec(text)"] }],
		["does not know what code elsewhere does with the storage", object("db = drizzle(this.ctx.storage);", 'import { drizzle } from "drizzle-orm/durable-sqlite";'), { status: "unknown", quotes: ["drizzle(this.ctx.storage)"] }],
		["does not know how many keys a table has of which one row is asked for", object('put(id, data) { this.ctx.storage.sql.exec("INSERT INTO items (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data", id, data); }\nmodel() { return this.ctx.storage.sql.exec("SELECT data FROM items WHERE id = \'model\'").one(); }'), { status: "unknown", because: expect.stringContaining("table items") }],
		["does not know it of a table of which any row is asked for", object('put(id, data) { this.ctx.storage.sql.exec("INSERT INTO items (id, data) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET data = ?", data, data); }\nget() { return this.ctx.storage.sql.exec("SELECT data FROM items LIMIT 1").one(); }'), { status: "unknown" }],
		["does not apply to the one row of a table", object('put(data) { this.ctx.storage.sql.exec("INSERT INTO items (id, data) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data", data); }\nget() { return this.ctx.storage.sql.exec("SELECT data FROM items WHERE id = 1").one(); }'), { status: "not-applicable" }],
		["does not apply to fixed keys", room('await this.ctx.storage.put("text", text);'), { status: "not-applicable" }],
		["does not apply where nothing is stored", object("run() {}"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
