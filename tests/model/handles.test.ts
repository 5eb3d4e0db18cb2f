import { describe, expect, it } from "vitest";
import { modelOf, objectOf } from "./model.ts";

const calls = (code: string) => objectOf(code).platformCalls.map((call) => `${call.on}.${call.method}`);
const inBase = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers"; ${head} export class A extends DurableObject { ${body} }`;

describe("platform objects, however they are called", () => {
	it.each([
		["this.ctx of the base class", inBase("f() { this.ctx.storage.put('x', 1); }"), "storage.put"],
		["a renamed parameter", "export class A { constructor(controller) { this.room = controller; } async fetch() { await this.room.storage.get('x'); } }", "storage.get"],
		["a parameter property", "export class A implements DurableObject { constructor(private readonly room: DurableObjectState) {} fetch() { this.room.storage.get('x'); } }", "storage.get"],
		["a field that holds the storage", inBase("s; constructor(ctx, env) { super(ctx, env); this.s = ctx.storage; } f() { this.s.delete('x'); }"), "storage.delete"],
		["this.state is the storage", "export class A { constructor(state) { this.state = state.storage; } async fetch() { await this.state.put('x', 1); } }", "storage.put"],
		["this.ctx assigned again", inBase("constructor(state, env) { super(state, env); this.ctx = state; } f() { this.ctx.storage.list(); }"), "storage.list"],
		["SQL in a field", inBase("sql = this.ctx.storage.sql; f() { this.sql.exec('SELECT 1'); }"), "sql.exec"],
		["SQL in a private field", inBase("#sql; constructor(ctx, env) { super(ctx, env); this.#sql = ctx.storage.sql; } f() { this.#sql.exec('SELECT 1'); }"), "sql.exec"],
		["synchronous key-value", inBase("f() { this.ctx.storage.kv.put('x', 1); }"), "kv.put"],
		["destructured in a method", inBase("f() { const { storage } = this.ctx; storage.put('x', 1); }"), "storage.put"],
		["destructured twice, renamed", inBase("f() { const { storage: { sql: db } } = this.ctx; db.exec('SELECT 1'); }"), "sql.exec"],
		["a typed field", "export class A implements DurableObject { storage!: DurableObjectStorage; constructor(state: DurableObjectState) { Object.assign(this, state); } fetch() { this.storage.get('x'); } }", "storage.get"],
		["a typed parameter of a helper", inBase("f(store: DurableObjectStorage) { store.get('x'); }"), "storage.get"],
		["the transaction of a callback", inBase("f() { return this.ctx.storage.transaction(async (txn) => { await txn.put('x', 1); }); }"), "storage.transaction,transaction.put"],
		["with assertions and optional chains", inBase("f() { (this.ctx as DurableObjectState)!.storage?.get('x'); }"), "storage.get"],
		["through an alias of this", inBase("f() { const self = this; self.ctx.storage.get('x'); }"), "storage.get"],
		["handed to a method", inBase("run() { this.bump('n', this.ctx.storage); } bump(key, storage) { storage.get(key); }"), "storage.get"],
		["handed to a method and taken apart", inBase("run() { this.bump(this.ctx); } bump({ storage }) { storage.get('n'); }"), "storage.get"],
		["a getter", inBase("get db() { return this.ctx.storage.sql; } f() { this.db.exec('SELECT 1'); }"), "sql.exec"],
		["a getter of what another getter returns", inBase("get #store() { return this.ctx.storage; } get kv() { return this.#store.kv; } f() { this.kv.put('x', 1); }"), "kv.put"],
		["a getter that says what it returns", inBase("get store(): DurableObjectStorage { return pick(this); } f() { this.store.get('x'); }", 'import { pick } from "./pick";'), "storage.get"],
		["null before it is set", inBase("s: DurableObjectStorage | null = null; constructor(ctx, env) { super(ctx, env); this.s = ctx.storage; } f() { this.s!.get('x'); }"), "storage.get"],
	])("%s", (_, code, expected) => {
		expect(calls(code).join(",")).toBe(expected);
	});

	it.each([
		["application data called state", inBase("state = new Map(); f() { this.state.get('x'); }")],
		["a Postgres client called sql", inBase("sql = postgres(); f() { this.sql.exec('SELECT 1'); }", 'import { postgres } from "./pg";')],
		["a shell", inBase("f(shell) { shell.exec('ls'); }")],
		["a field that is sometimes something else", inBase("s = this.ctx.storage; swap(other) { this.s = other; } f() { this.s.get('x'); }")],
		["a getter of something else", inBase("get sql() { return this.client; } f() { this.sql.exec('SELECT 1'); }")],
		["a getter that returns one thing or another", inBase("get store() { if (this.isTest) return new Map(); return this.ctx.storage; } f() { this.store.get('x'); }")],
		["a getter that may return nothing", inBase("get store() { if (this.isTest) return; return this.ctx.storage; } f() { this.store.get('x'); }")],
		["a shadowed name", inBase("f() { const ctx = { storage: new Map() }; ctx.storage.get('x'); }")],
	])("not: %s", (_, code) => {
		expect(calls(code)).toEqual([]);
	});

	it("are found behind a getter of a base class in the same file", () => {
		const [base, derived] = modelOf(`import { DurableObject } from "cloudflare:workers"; class Base extends DurableObject { get db() { return this.ctx.storage.sql; } } export class A extends Base { f() { this.db.exec('SELECT 1'); } }`);
		expect([base, derived].map((object) => object?.platformCalls.map(({ on, method }) => `${on}.${method}`))).toEqual([[], ["sql.exec"]]);
	});

	it("ends on values made of each other", () => {
		expect(calls(inBase("a = this.b; b = this.a; get c() { return this.d; } get d() { return this.c; } f() { this.c.get('k'); let x = this.a; x = x.next; this.a.get('k'); x.put('k', 1); }"))).toEqual([]);
	});
});

describe("entry points", () => {
	const entries = (code: string) => objectOf(code).entryPoints.map((entry) => `${entry.kind} ${entry.name}`);

	it("are handlers, public methods and callbacks that run as events", () => {
		expect(entries(inBase("constructor(ctx, env) { super(ctx, env); setInterval(() => this.tick(), 1000); } async fetch() {} async alarm() {} hello() {} #hidden() {} private internal() {} tick() {}"))).toEqual([
			"handler fetch", "handler alarm", "rpc hello", "rpc tick", "callback a callback",
		]);
	});

	it("leave out what only the constructor calls", () => {
		expect(entries(inBase("constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(() => this.load()); } async load() {} get() {}"))).toEqual(["rpc get"]);
	});

	it("leave out what the constructor hands to blockConcurrencyWhile, but not what it hands to others", () => {
		const code = (handed: string) => inBase(`constructor(ctx, env) { super(ctx, env); ${handed} } async load() {}`);
		expect(entries(code("ctx.blockConcurrencyWhile(this.load.bind(this));"))).toEqual([]);
		expect(entries(code("this.router = { load: this.load.bind(this) };"))).toEqual(["rpc load"]);
	});

	it("leave out what a package's once() is given, but not what a timer is", () => {
		const code = (call: string, head: string) => inBase(`constructor(ctx, env) { super(ctx, env); } read() { ${call}(() => this.load()); } #load() {}`, head);
		expect(entries(code("once", 'import { once } from "./once";'))).toEqual(["rpc read"]);
		expect(entries(code("setTimeout", 'import { setTimeout } from "node:timers";'))).toEqual(["rpc read", "callback a callback"]);
		expect(entries(code("setTimeout", ""))).toEqual(["rpc read", "callback a callback"]);
	});

	it("are only handlers where stubs cannot call methods", () => {
		expect(entries("export class A implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { return this.get(); } get() {} }")).toEqual(["handler fetch"]);
	});

	it("include the hooks of a framework, not its initialisers", () => {
		expect(entries('import { Server } from "partyserver"; export class A extends Server { onStart() {} onMessage() {} }')).toEqual(["hook onMessage"]);
	});

	it("include routes that the constructor registers", () => {
		expect(entries(inBase("app = new Hono(); constructor(ctx, env) { super(ctx, env); this.app.get('/', async () => this.list()); } list() {}", 'import { Hono } from "hono";'))).toEqual(["rpc list", "callback the callback of get()"]);
	});

	it("include functions that are kept in a table or a field, and run later", () => {
		const kept = (members: string) => entries(inBase(members));
		expect(kept("handlers = { join: () => this.n++, leave() { this.n--; } };")).toEqual(["callback the function join()", "callback the function leave()"]);
		expect(kept("handlers = new Map([['join', () => this.n++]]);")).toEqual(["callback a callback"]);
		expect(kept("constructor(ctx, env) { super(ctx, env); this.onJoin = () => this.n++; }")).toEqual(["callback the function onJoin()"]);
		expect(kept("handlers = { join: this.#join, leave: this.#leave.bind(this) }; #join() {} #leave() {} #other() {}")).toEqual(["callback #join", "callback #leave"]);
		expect(kept("constructor(ctx, env) { super(ctx, env); const load = async () => { this.n = 1; }; ctx.blockConcurrencyWhile(load); }")).toEqual([]);
	});

	it("include methods that a router, a listener or a timer is given", () => {
		const routed = (routes: string) => `import { Router } from "itty-router"; export class A implements DurableObject { constructor(state: DurableObjectState) { ${routes} } #routes() { return Router().get("/", this.#list); } fetch(request: Request) {} list = async () => {}; #list() {} }`;
		expect(entries(routed("this.router = Router().get('/list', this.list).get('/', this.#list.bind(this));"))).toEqual(["handler fetch", "callback list", "callback #list"]);
		expect(entries(routed("this.#routes();"))).toEqual(["handler fetch", "callback #list"]);
		expect(entries(inBase("async fetch() { setInterval(this.#tick.bind(this), 1000); socket.addEventListener('message', this.got); } #tick() {} private got() {} private other() {}"))).toEqual(["handler fetch", "callback #tick", "callback got"]);
	});

	it("leave out methods that are run at once, or given away in an event", () => {
		expect(entries(inBase("async fetch() { this.list.map(this.#double); send(this.#later); return Promise.resolve().then(this.#then.bind(this)); } #double() {} #later() {} #then() {}"))).toEqual(["handler fetch"]);
	});
});
