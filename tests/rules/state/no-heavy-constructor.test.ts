import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/state/no-heavy-constructor.ts";
import { review, tester, verdictsOn } from "../rule-tester.ts";

const room = (members: string, head = "", base = "DurableObject") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends ${base} {
	${members}
}`;
const built = (body: string, members = "") => room(`constructor(ctx, env) { super(ctx, env); ${body} }
	${members}`);
const blocked = (body: string, members = "") => built(`ctx.blockConcurrencyWhile(async () => { ${body} });`, members);
const agent = (members: string) => room(members, 'import { Agent } from "agents";', "Agent");

tester.run("no-heavy-constructor", rule, {
	valid: [
		{ name: "no constructor", code: room("hello() {}") },
		{ name: "only fields", code: built("this.sql = ctx.storage.sql;") },
		{ name: "a table that may exist", code: built("ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, body TEXT); CREATE INDEX IF NOT EXISTS by_body ON notes (body)');") },
		{ name: "a few keys", code: blocked("this.state = await ctx.storage.get(['a', 'b']);") },
		{ name: "one row", code: built("this.n = ctx.storage.sql.exec('SELECT count(*) AS n FROM notes').one().n;") },
		{ name: "a row of settings", code: built("const [row] = ctx.storage.sql.exec('SELECT * FROM room').toArray(); this.name = row?.name;") },
		{ name: "a table of which one row is read", code: built("this.first = ctx.storage.sql.exec('SELECT body FROM notes').next().value;") },
		{ name: "a limited list", code: blocked("this.recent = await ctx.storage.list({ limit: 100 });") },
		{ name: "a list below a prefix", code: blocked("for (const [k] of await ctx.storage.list({ prefix: 'due:' })) console.log(k);") },
		{ name: "a limited query", code: built("console.log(ctx.storage.sql.exec('SELECT * FROM notes LIMIT 10').toArray());") },
		{ name: "a map that mirrors a table", code: built("for (const row of ctx.storage.sql.exec('SELECT * FROM notes')) this.notes.set(row.id, row);", "notes = new Map();") },
		{ name: "a field that mirrors the storage", code: blocked("this.all = await ctx.storage.list();") },
		{ name: "a document that is built from rows", code: built("const rows = ctx.storage.sql.exec('SELECT bytes FROM updates').toArray(); rows.forEach((row) => { applyUpdate(this.doc, row.bytes); });", "doc = new Doc();") },
		{ name: "a mirror through a helper", code: blocked("this.all = await this.load();", "async load() { const all = await this.ctx.storage.list(); return all; }") },
		{ name: "sockets and automatic answers", code: built("for (const ws of ctx.getWebSockets()) this.sessions.set(ws, ws.deserializeAttachment()); ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));", "sessions = new Map();") },
		{ name: "a request on demand", code: built("this.url = env.URL;", "async plan() { return fetch(this.url); }") },
		{ name: "a request only once", code: blocked("const plan = await ctx.storage.get('plan'); if (plan === undefined) { await env.SVC.fetch('https://svc'); }") },
		{ name: "a request on some condition", code: blocked("if (this.stale) await fetch('https://svc');") },
		{ name: "a stub", code: built("this.peer = env.PEERS.get(env.PEERS.idFromName('x'));") },
		{ name: "a text of the environment", code: built("this.origins = this.parse();", "parse() { return this.env.ORIGINS.split(','); }") },
		{ name: "a route that makes requests", code: built("this.app.get('/x', async () => fetch('https://svc'));", "app = new Hono();") },
		{ name: "a column on a stored condition", code: built("const has = ctx.storage.sql.exec(\"SELECT 1 FROM pragma_table_info('notes') WHERE name = 'at'\").toArray().length > 0; if (!has) ctx.storage.sql.exec('ALTER TABLE notes ADD COLUMN at INTEGER');") },
		{ name: "a column whose error is caught", code: built("try { ctx.storage.sql.exec('ALTER TABLE notes ADD COLUMN at INTEGER'); } catch {}") },
		{ name: "migrations that are run in turn", code: built("const { version } = ctx.storage.sql.exec('SELECT max(id) AS version FROM migrations').one(); for (const m of MIGRATIONS.slice(version)) { ctx.storage.sql.exec('INSERT INTO migrations (id) VALUES (?)', m.id); m.up(ctx.storage.sql); }") },
		{ name: "migrations as functions, not run here", code: room("migrations = [{ id: 1, up: (sql) => sql.exec('CREATE TABLE notes (id)') }];") },
		{ name: "a row that may exist", code: built("ctx.storage.sql.exec(\"INSERT OR IGNORE INTO room (id) VALUES (1)\"); ctx.storage.sql.exec(\"INSERT INTO counter (id, n) VALUES (1, 0) ON CONFLICT DO NOTHING\");") },
		{ name: "a row for an empty table", code: built("if (ctx.storage.sql.exec('SELECT count(*) AS n FROM room').one().n === 0) ctx.storage.sql.exec('INSERT INTO room (id) VALUES (1)');") },
		{ name: "an old table that is dropped", code: built("ctx.storage.sql.exec('DROP TABLE IF EXISTS old_notes');") },
		{ name: "an interval, which no-timer-scheduling reports", code: built("setInterval(() => this.tick(), 1000);", "tick() {}") },
		{ name: "a pause", code: built("setTimeout(() => this.hello(), 10);", "hello() {}") },
		{ name: "a call that the option names", code: blocked("await env.CONFIG.get('x');"), options: [{ allow: ["env.CONFIG.get"], allowMirrors: true }] },
		{ name: "a method that the option names", code: blocked("await this.warm();", "async warm() { await fetch('https://svc'); }"), options: [{ allow: ["warm"], allowMirrors: true }] },
		{ name: "an Agent that connects when it starts", code: agent("async onStart() { await this.env.SVC.fetch('https://svc'); this.sql`CREATE TABLE IF NOT EXISTS notes (id)`; }") },
		{ name: "a handler that wipes", code: room("async reset() { await this.ctx.storage.deleteAll(); }") },
		{ name: "a database that is not the object's", code: built("this.db = new Pool(); this.db.exec('CREATE TABLE notes (id)');") },
	],
	invalid: [
		{
			name: "a table that works once, with a suggestion",
			code: built("ctx.storage.sql.exec('CREATE TABLE notes (id INTEGER)');"),
			errors: [{ messageId: "worksOnce", data: { where: "The constructor", type: "table" }, suggestions: [{ messageId: "ifNotExists", output: built("ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER)');") }] }],
		},
		{
			name: "an index, as the second statement",
			code: built("ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS notes (id); CREATE UNIQUE INDEX by_id ON notes (id);`);"),
			errors: [{ messageId: "worksOnce", data: { where: "The constructor", type: "index" }, suggestions: [{ messageId: "ifNotExists", output: built("ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS notes (id); CREATE UNIQUE INDEX IF NOT EXISTS by_id ON notes (id);`);") }] }],
		},
		{ name: "a table in a helper", code: built("this.migrate();", "migrate() { const sql = this.ctx.storage.sql; sql.exec('CREATE TABLE notes (id)'); }"), errors: [{ messageId: "worksOnce", suggestions: 1 }] },
		{ name: "a table from a constant", code: room("constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec(SCHEMA); }", "const SCHEMA = 'CREATE TABLE notes (id)';"), errors: [{ messageId: "worksOnce", suggestions: [] }] },
		{ name: "a table of an Agent", code: agent("onStart() { this.sql`CREATE TABLE notes (id)`; }"), errors: [{ messageId: "worksOnce", data: { where: "onStart()", type: "table" }, suggestions: [] }] },
		{ name: "a column", code: built("ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id)'); ctx.storage.sql.exec('ALTER TABLE notes ADD COLUMN at INTEGER');"), errors: [{ messageId: "columnExists" }] },
		{ name: "a row", code: built("ctx.storage.sql.exec('INSERT INTO room (id, name) VALUES (1, ?)', 'new');"), errors: [{ messageId: "rowOnEveryWake" }] },
		{ name: "all that is stored is deleted", code: built("ctx.storage.deleteAll();"), errors: [{ messageId: "wipedOnEveryWake", data: { where: "The constructor", what: "ctx.storage.deleteAll()" } }] },
		{ name: "a table is made anew", code: built("ctx.storage.sql.exec('DROP TABLE IF EXISTS notes'); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id)');"), errors: [{ messageId: "wipedOnEveryWake", data: { where: "The constructor", what: "DROP TABLE notes" } }] },
		{ name: "a request", code: blocked("this.plan = await (await env.SVC.fetch('https://svc/plan')).text();"), errors: [{ messageId: "networkOnEveryWake", data: { what: "env.SVC.fetch('https://svc/plan')" } }] },
		{ name: "a request in a helper", code: blocked("await this.load();", "async load() { const { KV } = this.env; this.config = await KV.get('config'); }"), errors: [{ messageId: "networkOnEveryWake", data: { what: "KV.get('config')" } }] },
		{ name: "a request that nobody waits for", code: built("fetch('https://svc/up').catch(console.error);"), errors: [{ messageId: "networkOnEveryWake" }] },
		{ name: "a request after a check that throws", code: blocked("if (!env.KEY) throw new Error('no key'); await fetch('https://svc');"), errors: [{ messageId: "networkOnEveryWake" }] },
		{ name: "all of storage, for a log line", code: built("ctx.storage.list().then((all) => console.log(all.size));"), errors: [{ messageId: "unboundedRead", data: { what: "ctx.storage.list()" } }] },
		{ name: "all of the synchronous store", code: built("for (const [key] of ctx.storage.kv.list()) ctx.storage.kv.delete(key);"), errors: [{ messageId: "unboundedRead" }] },
		{ name: "a whole table", code: built("const rows = ctx.storage.sql.exec('SELECT * FROM notes').toArray(); console.log(rows.length);"), errors: [{ messageId: "unboundedRead" }] },
		{ name: "a mirror, in strict", code: blocked("this.all = await ctx.storage.list();"), options: [{ allow: [], allowMirrors: false }], errors: [{ messageId: "unboundedRead" }] },
	],
});

describe("no-heavy-constructor: verdicts", () => {
	it("quotes the constructor that can be repeated", () => {
		const [verdict, ...rest] = verdictsOn(rule, built("ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS notes (id)');"));
		expect(rest).toEqual([]);
		expect(verdict).toMatchObject({ status: "guarded", because: expect.stringContaining("repeated") });
		expect(verdict?.quotes[0]).toContain("CREATE TABLE IF NOT EXISTS");
	});

	it("quotes what decides that it is done once", () => {
		const verdicts = verdictsOn(rule, blocked("const plan = await ctx.storage.get('plan'); if (plan === undefined) { await env.SVC.fetch('https://svc'); }"));
		expect(verdicts).toEqual([{ status: "guarded", quotes: ["plan === undefined", "env.SVC.fetch('https://svc')"], because: expect.stringContaining("stored") }]);
	});

	it("does not know what other files do with the storage, or make it wait for", () => {
		const code = (body: string) => built(body).replace("\n", "\nimport { Store, migrate, parse } from './store';\n");
		expect(verdictsOn(rule, code("migrate(ctx.storage.sql);"))).toMatchObject([{ status: "unknown", quotes: ["migrate(ctx.storage.sql)"] }]);
		expect(verdictsOn(rule, code("this.store = new Store(ctx.storage);"))).toMatchObject([{ status: "unknown" }]);
		expect(verdictsOn(rule, code("ctx.blockConcurrencyWhile(async () => { for (const each of await this.store.list()) await this.store.delete(each); });"))).toMatchObject([{ status: "unknown", quotes: ["this.store.list()"] }]);
		expect(verdictsOn(rule, code("this.limits = parse(env.LIMITS);"))).toMatchObject([{ status: "guarded" }]);
	});

	it("says one doubt once", () => {
		expect(verdictsOn(rule, built("for (const column of ['a', 'b']) {} try { ctx.storage.sql.exec('ALTER TABLE t ADD COLUMN a'); } catch {} try { ctx.storage.sql.exec('ALTER TABLE t ADD COLUMN b'); } catch {}"))).toMatchObject([{ status: "unknown", because: expect.stringContaining("caught") }]);
	});

	it("does not know whether a mirror stays small", () => {
		expect(verdictsOn(rule, blocked("this.all = await ctx.storage.list();"))).toEqual([{ status: "unknown", quotes: ["ctx.storage.list()"], because: expect.stringContaining("small") }]);
	});

	it("does not apply without a constructor, or to one that only assigns", () => {
		expect(verdictsOn(rule, room("hello() {}"))).toEqual([{ status: "not-applicable", quotes: [], because: "the class has no constructor" }]);
		expect(verdictsOn(rule, room("users = new Map(); started = new Date();"))).toMatchObject([{ status: "not-applicable" }]);
	});

	it("speaks only of what a class adds to its base class", () => {
		const derived = (body: string) => `${built("ctx.storage.sql.exec('CREATE TABLE notes (id)');")}\nexport class Derived extends Room { ${body} }`;
		expect(review(rule, derived("constructor(ctx, env) { super(ctx, env); ctx.setWebSocketAutoResponse(); }"))[1]?.verdicts).toMatchObject([{ status: "guarded", because: "what the class adds to the constructor of Room is short and can be repeated" }]);
		expect(review(rule, derived("hello() {}"))[1]?.verdicts).toEqual([{ status: "not-applicable", because: "the class adds nothing to the constructor of Room, which is judged there" }]);
	});

	it("does not know what a base class in another file does", () => {
		expect(verdictsOn(rule, room("constructor(ctx: DurableObjectState, env) { super(ctx, env); this.n = 1; } fetch() { return this.ctx.storage.get('n'); }", "import { Base } from './base';", "Base"))).toMatchObject([{ status: "unknown", quotes: ["Base"] }]);
	});
});
