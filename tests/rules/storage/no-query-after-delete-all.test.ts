import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-query-after-delete-all.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const CREATE = 'this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS notes (text)");';
const QUERY = 'this.ctx.storage.sql.exec("INSERT INTO notes VALUES (?)", text);';
/** A class that makes its table in the constructor, has one query, and a method that empties the storage. */
const room = (clear: string, more = ""): string => object(`constructor(ctx, env) { super(ctx, env); ${CREATE} }\nadd(text) { ${QUERY} }\nasync clear() { ${clear} }\n${more}`);

tester.run("no-query-after-delete-all", rule, {
	valid: [
		{ name: "made again at once", code: room(`await this.ctx.storage.deleteAll(); ${CREATE}`) },
		{ name: "made again by a method", code: object(`constructor(ctx, env) { super(ctx, env); this.migrate(); }\nmigrate() { ${CREATE} }\nadd(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); this.migrate(); }`) },
		{ name: "made again by a method of a method", code: object(`constructor(ctx, env) { super(ctx, env); this.migrate(); }\nmigrate() { ${CREATE} }\nreset() { this.migrate(); }\nadd(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); this.reset(); }`) },
		{ name: "the object is ended", code: room('await this.ctx.storage.deleteAll(); this.ctx.abort("cleared");') },
		{ name: "no other query", code: object(`constructor(ctx, env) { super(ctx, env); ${CREATE} }\nasync clear() { await this.ctx.storage.deleteAll(); }`) },
		{ name: "made before each query", code: object(`prepare() { ${CREATE} }\nadd(text) { this.prepare(); ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`) },
		{ name: "made by code elsewhere", code: object(`constructor(ctx, env) { super(ctx, env); migrate(ctx.storage); }\nadd(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`, 'import { migrate } from "./schema";') },
		{ name: "keys only", code: object('async add(text) { await this.ctx.storage.put("text", text); }\nasync clear() { await this.ctx.storage.deleteAll(); }') },
		{ name: "in the constructor, before the table is made", code: object(`constructor(ctx, env) { super(ctx, env); ctx.storage.deleteAll(); ${CREATE} }\nadd(text) { ${QUERY} }`) },
		{ name: "another deleteAll", code: room("await this.cache.deleteAll();") },
	],
	invalid: [
		{ name: "in a method", code: room("await this.ctx.storage.deleteAll();"), errors: [{ messageId: "tablesGone", data: { table: "notes" } }] },
		{ name: "in alarm()", code: room("", "async alarm() { await this.ctx.storage.deleteAll(); }"), errors: [{ messageId: "tablesGone" }] },
		{ name: "in a block that blocks", code: object(`constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { ${CREATE} }); }\nadd(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`), errors: [{ messageId: "tablesGone" }] },
		{ name: "the same method, called again", code: object(`constructor(ctx, env) { super(ctx, env); ${CREATE} }\nasync clear(text) { ${QUERY} await this.ctx.storage.deleteAll(); }`), errors: [{ messageId: "tablesGone" }] },
		{ name: "made by a method of the constructor", code: object(`constructor(ctx, env) { super(ctx, env); this.migrate(); }\nmigrate() { ${CREATE} }\nadd(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`), errors: [{ messageId: "tablesGone" }] },
	],
});

describe("no-query-after-delete-all: verdicts", () => {
	it.each([
		["quotes what makes the tables again", room(`await this.ctx.storage.deleteAll(); ${CREATE}`), { status: "guarded", quotes: [CREATE.slice(0, -1)] }],
		["quotes what ends the object", room('await this.ctx.storage.deleteAll(); this.ctx.abort("cleared");'), { status: "guarded", quotes: ['this.ctx.abort("cleared")'] }],
		["quotes the events that make the tables first", object(`prepare() { ${CREATE} }\nadd(text) { if (!text) return; this.prepare(); ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`), { status: "guarded", quotes: ["this.prepare()"], because: expect.stringContaining("before they are queried") }],
		["does not promise it where one event does not", object(`prepare() { ${CREATE} }\nadd(text) { this.prepare(); ${QUERY} }\nlast() { return this.ctx.storage.sql.exec("SELECT * FROM notes").one(); }\nasync clear() { await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["does not promise it where they are made on a condition", object(`prepare() { ${CREATE} }\nadd(text) { if (this.isNew) this.prepare(); ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["does not promise it where they are made afterwards", object(`prepare() { ${CREATE} }\nadd(text) { ${QUERY} this.prepare(); }\nasync clear() { await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["lets alarm() rely on who set the alarm", object(`prepare() { ${CREATE} }\nasync add(text) { this.prepare(); await this.ctx.storage.setAlarm(9); }\nasync alarm() { const text = ""; ${QUERY} await this.ctx.storage.deleteAll(); }`), { status: "guarded", quotes: ["this.prepare()"] }],
		["does not let it where somebody else sets the alarm", object(`prepare() { ${CREATE} }\nasync add(text) { this.prepare(); await this.ctx.storage.setAlarm(9); }\nasync wake() { await this.ctx.storage.setAlarm(9); }\nasync alarm() { const text = ""; ${QUERY} await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["lets a socket rely on who accepted it, where none is left when all is deleted", room("", "").replace(/constructor[^\n]+/u, `async fetch() { ${CREATE} const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); await this.ctx.storage.setAlarm(9); return new Response(null, { webSocket: pair[0] }); }`).replace(/add\(/u, "webSocketMessage(ws, ").replace(/async clear[^\n]+/u, "async alarm() { if (this.ctx.getWebSockets().length > 0) return; await this.ctx.storage.deleteAll(); }"), { status: "guarded", quotes: [CREATE.slice(0, -1)] }],
		["does not know tables made elsewhere", object(`add(text) { ${QUERY} }\nasync clear() { await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["does not know whether a branch makes them", room(`if (this.soft) { ${CREATE} } else { await this.ctx.storage.deleteAll(); }`), { status: "unknown" }],
		["does not apply without deleteAll()", room(""), { status: "not-applicable" }],
		["does not apply without SQL", object("async clear() { await this.ctx.storage.deleteAll(); }"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
