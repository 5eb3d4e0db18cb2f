import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/no-interleaved-read-modify-write.ts";
import { review, tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject {
${body}
}`;

const GET = 'await this.ctx.storage.get("n")';
const put = (value: string) => `await this.ctx.storage.put("n", ${value});`;
const IO = "await this.env.SVC.fetch('https://svc/');";

tester.run("no-interleaved-read-modify-write", rule, {
	valid: [
		{ name: "the body first, then read and write", code: object(`async fetch(request) { const { by } = await request.json(); const n = ${GET}; ${put("n + by")} return new Response(); }`) },
		{ name: "a plain read and write", code: object(`async add() { const n = ${GET}; ${put("n + 1")} }`) },
		{ name: "with other storage operations between", code: object(`async add() { const n = ${GET}; await this.ctx.storage.list(); await this.ctx.storage.delete("x"); await this.ctx.storage.setAlarm(1); ${put("n + 1")} }`) },
		{ name: "with cryptography between", code: object(`async add(x) { const n = ${GET}; const h = await crypto.subtle.digest("SHA-256", x); ${put("n + h.byteLength")} }`) },
		{ name: "read again", code: object(`async add() { let n = ${GET}; ${IO} n = ${GET}; ${put("n + 1")} }`) },
		{ name: "compared before it is written", code: object(`async add() { const seen = ${GET}; ${IO} if ((${GET}) !== seen) return; ${put("seen + 1")} }`) },
		{ name: "the arithmetic in SQL", code: object(`async add() { const { n } = this.ctx.storage.sql.exec("SELECT n FROM t WHERE id = 1").one(); await fetch("https://x/" + n); this.ctx.storage.sql.exec("UPDATE t SET n = n + 1 WHERE id = 1"); }`) },
		{ name: "a version in WHERE", code: object(`async add(id) { const { v, version } = this.ctx.storage.sql.exec("SELECT v, version FROM t WHERE id = ?", id).one(); ${IO} this.ctx.storage.sql.exec("UPDATE t SET v = ?, version = version + 1 WHERE id = ? AND version = ?", v + 1, id, version); }`) },
		{ name: "rows that are only added", code: object(`async log() { const rows = this.ctx.storage.sql.exec("SELECT * FROM log").toArray(); ${IO} this.ctx.storage.sql.exec("INSERT INTO log (text) VALUES (?)", String(rows.length)); }`) },
		{ name: "a claim before the call", code: object(`async ship(id) { const order = await this.ctx.storage.get(id); if (order.state !== "paid") return; await this.ctx.storage.put(id, { ...order, state: "shipping" }); ${IO} await this.ctx.storage.put(id, { ...order, state: "shipped" }); }`) },
		{ name: "a flag set before the call", code: object(`busy = false; async run() { if (this.busy) return; this.busy = true; try { ${IO} } finally { this.busy = false; } }`) },
		{ name: "in blockConcurrencyWhile", code: object(`async add() { await this.ctx.blockConcurrencyWhile(async () => { const n = ${GET}; ${IO} ${put("n + 1")} }); }`) },
		{ name: "in a transaction", code: object(`async add() { await this.ctx.storage.transaction(async (txn) => { const n = await txn.get("n"); ${IO} await txn.put("n", n + 1); }); }`) },
		{ name: "the whole handler blocked", code: object(`fetch(request) { return this.ctx.blockConcurrencyWhile(() => this.handle(request)); } async handle(request) { const n = ${GET}; const { by } = await request.json(); ${put("n + by")} return new Response(); }`) },
		{ name: "a queue of promises", code: object(`tail = Promise.resolve(); add() { const done = this.tail.then(async () => { const n = ${GET}; ${IO} ${put("n + 1")} }); this.tail = done.catch(() => {}); return done; }`) },
		{ name: "a mutex of a package", code: object(`mutex = new Mutex(); add() { return this.mutex.runExclusive(async () => { const n = ${GET}; ${IO} ${put("n + 1")} }); }`, 'import { Mutex } from "async-mutex";') },
		{ name: "a lock whose name nobody knows", code: object(`add() { return withLock(async () => { const n = ${GET}; ${IO} ${put("n + 1")} }); }`, 'import { withLock } from "./lock";') },
		{ name: "a memoised promise", code: object("ready = null; n = 0; get() { return (this.ready ??= this.#load()); } async #load() { const n = this.n; await fetch('https://x'); this.n = n + 1; }") },
		{ name: "a cache", code: object("config = null; async get() { if (!this.config) this.config = await (await fetch('https://x')).json(); return this.config; }") },
		{ name: "an invalidated cache", code: object(`cache = null; async set(x) { const before = this.cache; await fetch("https://x", { body: before }); this.cache = null; }`) },
		{ name: "a call started before and awaited after", code: object(`async add() { const n = ${GET}; const sent = this.env.SVC.fetch("https://svc/"); ${put("n + 1")} await sent; }`) },
		{ name: "a write that is not made of the read", code: object(`async set(x) { const n = ${GET}; console.log(n); ${IO} ${put("x")} }`) },
		{ name: "a counter that is only logged", code: object(`hits = 0; async fetch() { this.hits++; const r = await fetch("https://x"); console.log(this.hits); return r; }`) },
		{ name: "marks taken back after an error", code: object(`async run() { const job = ${GET}; if (job === "idle") { try { ${IO} } catch { ${put('"idle"')} } } }`) },
		{ name: "a socket in a field", code: object(`socket; async open() { if (this.socket) return; const response = await fetch("https://x", { headers: { Upgrade: "websocket" } }); this.socket = response.webSocket; }`) },
		{ name: "drizzle over the object's own storage", code: object(`db; constructor(ctx, env) { super(ctx, env); this.db = drizzle(ctx.storage); } async add() { const n = ${GET}; await this.db.select().from(t); ${put("n + 1")} }`, 'import { drizzle } from "drizzle-orm/durable-sqlite"; import { t } from "./schema";') },
		{ name: "a function of another file", code: object(`async add() { const n = ${GET}; await notify(n); ${put("n + 1")} }`, 'import { notify } from "./notify";') },
		{ name: "from one key to another", code: object("async move(from, to) { const v = await this.ctx.storage.get(`x:${from}`); await fetch(v); await this.ctx.storage.put(`x:${to}`, v); }") },
		{ name: "an alarm beside nothing", code: object(`async alarm() { const n = ${GET}; ${IO} ${put("n + 1")} }`) },
		{ name: "initialisation, before any event", code: object(`constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { const n = await ctx.storage.get("n"); await fetch("https://x"); await ctx.storage.put("n", n + 1); }); }`) },
		{ name: "fields, by option", code: object(`n = 0; async add() { this.n += (await fetch("https://x")).status; }`), options: [{ checkFields: false }] },
		{ name: "SQL, by option", code: object(`async add() { const { n } = this.ctx.storage.sql.exec("SELECT n FROM t").one(); ${IO} this.ctx.storage.sql.exec("UPDATE t SET n = ?", n + 1); }`), options: [{ checkSql: false }] },
		{ name: "a call that is safe, by option", code: object(`async add() { const n = ${GET}; await this.repository.load(); ${put("n + 1")} }`), options: [{ safeAwaits: ["this.repository.load"], strict: false }] },
		{ name: "no Durable Object", code: `export class Room { async add(storage) { const n = await storage.get("n"); await fetch("https://x"); await storage.put("n", n + 1); } }` },
	],
	invalid: [
		{ name: "in a function that is given the storage", code: object("run() { return add(this.ctx.storage); }", `async function add(storage) { const n = await storage.get("n"); ${IO.replace("this.env.SVC.", "")} await storage.put("n", n + 1); }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{
			name: "a fetch between",
			code: `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
	async add() {
		const n = await this.ctx.storage.get("n");
		await fetch("https://x");
		await this.ctx.storage.put("n", n + 1);
	}
}`,
			errors: [
				{
					messageId: "lostUpdate",
					line: 6,
					data: { place: 'Storage key "n"', readLine: "4", await: '`await fetch("https://x")` (line 5)', other: "another add()" },
					suggestions: [
						{
							messageId: "readAfterwards",
							output: `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
	async add() {
		await fetch("https://x");
		const n = await this.ctx.storage.get("n");
		await this.ctx.storage.put("n", n + 1);
	}
}`,
						},
					],
				},
			],
		},
		{ name: "the body of the request between", code: object(`async fetch(request) { const n = ${GET}; const { by } = await request.json(); ${put("n + by")} return new Response(); }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "storage.sync() between", code: object(`async add() { const n = ${GET}; await this.ctx.storage.sync(); ${put("n + 1")} }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "the value is needed before: nothing to suggest", code: object(`async add() { const n = ${GET}; await fetch("https://x/" + n); ${put("n + 1")} }`), errors: [{ messageId: "lostUpdate", suggestions: 0 }] },
		{ name: "a compound assignment", code: object(`n = 0; async add() { this.n += (await fetch("https://x")).status; }`), errors: [{ messageId: "lostUpdate", data: { place: "`this.n`", readLine: "4", await: '`await fetch("https://x")` (line 4)', other: "another add()" } }] },
		{ name: "in helpers", code: object(`async add() { const n = await this.#read(); await this.#call(); await this.#write(n + 1); } #read() { return this.ctx.storage.get("n"); } async #call() { await fetch("https://x"); } async #write(n) { await this.ctx.storage.put("n", n); }`), errors: [{ messageId: "lostUpdate", data: { place: 'Storage key "n"', readLine: "4", await: '`await this.#call()` (line 4; it waits for `fetch("https://x")` in line 4)', other: "another add()" } }] },
		{ name: "a row", code: object(`async add(id) { const { n } = this.ctx.storage.sql.exec("SELECT n FROM t WHERE id = ?", id).one(); ${IO} this.ctx.storage.sql.exec("UPDATE t SET n = ? WHERE id = ?", n + 1, id); }`), errors: [{ messageId: "lostUpdate", data: { place: "Table t", readLine: "4", await: "`await this.env.SVC.fetch('https://svc/')` (line 4)", other: "another add()" } }] },
		{ name: "a row that is replaced", code: object(`async add(id) { const { v } = this.ctx.storage.sql.exec("SELECT v FROM kv WHERE k = ?", id).one(); ${IO} this.ctx.storage.sql.exec("INSERT OR REPLACE INTO kv (k, v) VALUES (?, ?)", id, v + 1); }`), errors: [{ messageId: "lostUpdate" }] },
		{ name: "the synchronous key-value interface", code: object(`async add() { const n = this.ctx.storage.kv.get("n"); ${IO} this.ctx.storage.kv.put("n", n + 1); }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "several keys at once", code: object(`async add() { const all = await this.ctx.storage.get(["a", "b"]); ${IO} await this.ctx.storage.put({ a: all.get("a") + 1, c: 1 }); }`), errors: [{ messageId: "lostUpdate", data: { place: 'Storage key "a"', readLine: "4", await: "`await this.env.SVC.fetch('https://svc/')` (line 4)", other: "another add()" }, suggestions: 1 }] },
		{ name: "what a field holds", code: object(`users = new Map(); async touch(id) { const user = this.users.get(id); ${IO} this.users.set(id, { ...user, seen: true }); }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "an alarm beside a request", code: object(`async alarm() { const n = ${GET}; ${IO} ${put("n + 1")} } async set(n) { ${put("n")} }`), errors: [{ messageId: "lostUpdate", data: { place: 'Storage key "n"', readLine: "4", await: "`await this.env.SVC.fetch('https://svc/')` (line 4)", other: "set()" }, suggestions: 1 }] },
		{ name: "blockConcurrencyWhile between, not around", code: object(`async add() { const n = ${GET}; ${IO} await this.ctx.blockConcurrencyWhile(async () => { ${put("n + 1")} }); }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "the state of an agent", code: 'import { Agent } from "agents"; export class A extends Agent { async onMessage() { const state = this.state; await fetch("https://x"); this.setState({ ...state, n: 1 }); } }', errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "checked before and set after the call", code: object(`async ship() { if (await this.ctx.storage.get("shipped")) return; await this.env.SVC.fetch("https://svc/", { method: "POST" }); await this.ctx.storage.put("shipped", true); }`), errors: [{ messageId: "doneTwice", data: { place: 'Storage key "shipped"', readLine: "4", await: '`await this.env.SVC.fetch("https://svc/", { method: "POST" })` (line 4)', other: "another ship()" } }] },
		{ name: "a list emptied after it was sent", code: object(`queue = []; add(x) { this.queue.push(x); } async alarm() { await fetch("https://x", { method: "POST", body: JSON.stringify(this.queue) }); this.queue = []; }`), errors: [{ messageId: "wiped", data: { place: "`this.queue`", readLine: "4", await: '`await fetch("https://x", { method: "POST", body: JSON.strin…` (line 4)', other: "add()" } }] },
		{ name: "a count put back after what was counted was stored", code: object('n = 0; add() { this.n++; } async alarm() { if (this.n === 0) return; await this.env.BUCKET.put("n", "x"); this.n = 0; }'), errors: [{ messageId: "reset", data: { place: "`this.n`", readLine: "4", await: '`await this.env.BUCKET.put("n", "x")` (line 4)', other: "add()" } }] },
		{ name: "deleteAll after a batch was sent", code: object("async add(x) { await this.ctx.storage.put(`item:${x}`, x); } async alarm() { const all = await this.ctx.storage.list(); await this.env.SVC.fetch('https://svc/', { body: JSON.stringify([...all]) }); await this.ctx.storage.deleteAll(); }"), errors: [{ messageId: "wiped" }] },
		{ name: "a copy from before a call that writes", code: object(`async log(x) { const l = await this.ctx.storage.get("log"); await this.ctx.storage.put("log", [...l, x]); } async run() { const l = await this.ctx.storage.get("log"); await this.log("a"); await this.ctx.storage.put("log", [...l, "b"]); }`), errors: [{ messageId: "staleCopy", data: { place: 'Storage key "log"', readLine: "4", call: 'this.log("a")', callLine: "4" } }] },
		{ name: "a call that lets others in, by option", code: object(`async add() { const n = ${GET}; await notify(); ${put("n + 1")} }`, 'import { notify } from "./notify";'), options: [{ externalAwaits: ["notify"] }], errors: [{ messageId: "lostUpdate", suggestions: 1 }] },
		{ name: "strict: the input gate alone", code: object(`async add() { const n = ${GET}; ${put("n + 1")} }`), options: [{ strict: true }], errors: [{ messageId: "onlyInputGate", data: { place: 'Storage key "n"', readLine: "4" } }] },
		{ name: "several mistakes, each told once", code: object(`n = 0; async a() { const n = this.n; ${IO} this.n = n + 1; this.n = n + 2; } async b() { const v = ${GET}; ${IO} ${put("v + 1")} }`), errors: [{ messageId: "lostUpdate", suggestions: 1 }, { messageId: "lostUpdate", suggestions: 1 }] },
	],
});

describe("no-interleaved-read-modify-write: verdicts", () => {
	it("does not know in which events a subclass calls a protected method", () => {
		const body = `protected async bump() { const n = ${GET}; ${IO} ${put("n + 1")} }`;
		expect(verdictsOn(rule, object(body))).toEqual([{ status: "unknown", quotes: ["bump", 'this.ctx.storage.put("n", n + 1)'], because: expect.stringContaining("bump() is protected") }]);
		expect(verdictsOn(rule, object(body).replace("export class", "export abstract class")).map(({ status }) => status)).toEqual(["unknown"]);
		expect(verdictsOn(rule, object(body).replace("export class", "class")).map(({ status }) => status)).toEqual(["not-applicable"]);
		expect(verdictsOn(rule, object(`${body} fetch() { return this.bump(); }`)).map(({ status }) => status)).toEqual(["violated"]);
	});

	it("follows a method that only runs the SQL it is given, and does not know of one that does more", () => {
		const query = "query(text, ...values) { return this.ctx.storage.sql.exec(text, ...values); }";
		const logged = "async query(text, ...values) { await this.env.LOG.send(text); return this.ctx.storage.sql.exec(text, ...values); }";
		const both = 'async fetch(request) { const user = (await this.query("SELECT * FROM users")).one(); await request.json(); await this.query("UPDATE users SET n = ?", user.n + 1); }';
		expect(verdictsOn(rule, object(query + both)).map(({ status, quotes }) => [status, ...quotes])).toEqual([["violated", 'this.query("UPDATE users SET n = ?", user.n + 1)']]);
		expect(verdictsOn(rule, object(logged + both))).toEqual([{ status: "unknown", quotes: ["this.ctx.storage.sql.exec(text, ...values)"], because: expect.stringContaining("not followed") }]);
		expect(verdictsOn(rule, object(`${query} fetch() { return this.query("SELECT * FROM users").one(); }`)).map(({ status }) => status)).toEqual(["not-applicable"]);
	});

	it("quotes the I/O that comes first, the read and the write", () => {
		const code = object(`async fetch(request) { const by = await request.json(); const n = ${GET}; ${put("n + by")} return new Response(); }`);
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ['this.ctx.storage.get("n")', "await request.json()", 'this.ctx.storage.put("n", n + by)'], because: expect.stringContaining("the I/O comes first") }]);
	});

	it("says that the input gate protects", () => {
		expect(verdictsOn(rule, object(`async add() { const n = ${GET}; ${put("n + 1")} }`))).toEqual([{ status: "guarded", quotes: ['this.ctx.storage.get("n")', 'this.ctx.storage.put("n", n + 1)'], because: expect.stringContaining("input gate") }]);
	});

	it("quotes the increment that SQL does", () => {
		expect(verdictsOn(rule, object('add() { this.ctx.storage.sql.exec("UPDATE t SET n = n + 1"); }'))).toEqual([{ status: "guarded", quotes: ['this.ctx.storage.sql.exec("UPDATE t SET n = n + 1")'], because: expect.stringContaining("table t") }]);
	});

	it("does not know a function of another file", () => {
		expect(verdictsOn(rule, object(`async add() { const n = ${GET}; await notify(n); ${put("n + 1")} }`, 'import { notify } from "./notify";')).map(({ status }) => status)).toEqual(["unknown"]);
	});

	it("does not apply where nothing is written back", () => {
		expect(verdictsOn(rule, object(`async get() { return ${GET}; }`)).map(({ status }) => status)).toEqual(["not-applicable"]);
	});

	it.each([
		["a store of another file", "store = new Store(this.ctx.storage);"],
		["a query builder", "db = drizzle(this.ctx.storage, { schema });"],
		["an option", "db = new Kysely({ dialect: new Dialect({ ctx: this.ctx }) });"],
		["the object itself", "room = new Room(this);"],
		["a member of some object", "run() { return repository.load(this.ctx.storage); }"],
	])("unknown: the storage is handed to %s", (_, code) => {
		expect(verdictsOn(rule, object(code)).map(({ status }) => status)).toEqual(["unknown"]);
	});

	it("says nothing of a storage that is handed to functions which can be looked into", () => {
		expect(verdictsOn(rule, object("run() { return read(this.ctx.storage); }", "const read = (storage) => storage.get('n');")).map(({ status }) => status)).toEqual(["not-applicable"]);
	});

	it("tells the story in order: read, await, write", () => {
		const code = object(`async add() { const n = ${GET}; ${IO} ${put("n + 1")} }`);
		const [verdict] = review(rule, code)[0]!.verdicts;
		expect(verdict?.status === "violated" && verdict.steps.map(({ at, what }) => [code.slice(...at.range), what])).toEqual([
			['this.ctx.storage.get("n")', 'reads storage key "n": this.ctx.storage.get("n")'],
			["await this.env.SVC.fetch('https://svc/')", 'waits; another add() can run now and write storage key "n"'],
			['this.ctx.storage.put("n", n + 1)', 'writes storage key "n" from what was read: this.ctx.storage.put("n", n + 1)'],
		]);
	});

	it("takes allowConcurrency for an open gate on the key-value backend only", () => {
		const code = object('async add() { const n = await this.ctx.storage.get("n", { allowConcurrency: true }); await this.ctx.storage.put("n", n + 1); }');
		expect(verdictsOn(rule, code).map(({ status }) => status)).toEqual(["guarded"]);
	});
});
