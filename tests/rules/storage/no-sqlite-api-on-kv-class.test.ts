import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-sqlite-api-on-kv-class.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { configOf, method, object, onStorage } from "./object.ts";

const settings = onStorage("kv");
const agent = 'import { Agent } from "agents"; export class Room extends Agent { hello() {} }';

tester.run("no-sqlite-api-on-kv-class", rule, {
	valid: [
		{ name: "keys on key-value storage", code: object('async run() { await this.ctx.storage.put("a", 1); await this.ctx.storage.transaction(async (txn) => txn.get("a")); }'), settings },
		{ name: "SQL on SQLite storage", code: method('sql.exec("SELECT 1");'), settings: onStorage("sqlite") },
		{ name: "SQL where nothing tells the storage", code: method('sql.exec("SELECT 1");') },
		{ name: "an agent on SQLite storage", code: agent, settings: onStorage("sqlite") },
		{ name: "a size of something else", code: object("size() { return this.stats.databaseSize + this.databaseSize; }"), settings },
		{ name: "another class", code: method('sql.exec("SELECT 1");').replace("class Room", "class Other"), settings },
	],
	invalid: [
		{ name: "SQL", code: object('run() { this.ctx.storage.sql.exec("SELECT 1"); }'), settings, errors: [{ messageId: "throws", data: { what: "this.ctx.storage.sql.exec", name: "Room", from: configOf("kv") } }] },
		{ name: "the synchronous interface", code: object('run() { return this.ctx.storage.kv.get("a"); }'), settings, errors: [{ messageId: "throws" }] },
		{ name: "transactionSync()", code: object("run() { this.ctx.storage.transactionSync(() => {}); }"), settings, errors: [{ messageId: "throws" }] },
		{ name: "bookmarks", code: object("async run() { return this.ctx.storage.getCurrentBookmark(); }"), settings, errors: [{ messageId: "throws" }] },
		{ name: "the size of the database", code: object("size() { const { sql } = this.ctx.storage; return sql.databaseSize; }"), settings, errors: [{ messageId: "throws", data: { what: "sql.databaseSize", name: "Room", from: configOf("kv") } }] },
		{ name: "once for a class", code: method('sql.exec("SELECT 1"); sql.exec("SELECT 2");'), settings, errors: [{ messageId: "throws" }] },
		{ name: "an agent, which keeps its own tables", code: agent, settings, errors: [{ messageId: "frameworkThrows", data: { framework: "Agents SDK", name: "Room", from: configOf("kv") } }] },
		{ name: "under the name by which it is exported", code: 'import { DurableObject } from "cloudflare:workers"; class Inner extends DurableObject { run() { this.ctx.storage.sql.exec("SELECT 1"); } } export { Inner as Room };', settings, errors: [{ messageId: "throws" }] },
	],
});

describe("no-sqlite-api-on-kv-class: verdicts", () => {
	it.each([
		["says where the storage is known from", method('sql.exec("SELECT 1");'), onStorage("sqlite"), { status: "guarded", because: `the class is on SQLite storage (${configOf("sqlite")})` }],
		["says when nothing tells", method('sql.exec("SELECT 1");'), {}, { status: "unknown" }],
		["does not apply to keys", object('async run() { await this.ctx.storage.put("a", 1); }'), settings, { status: "not-applicable" }],
	])("%s", (_name, code, given, verdict) => {
		expect(verdictsOn(rule, code, { settings: given })).toMatchObject([verdict]);
	});
});
