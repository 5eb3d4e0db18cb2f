import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/state/no-unpersisted-state.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, { head = "", base = "DurableObject" } = {}) => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends ${base} {
${body}
}`;
/** A room whose sockets hibernate: `onMessage` is what it does with a message, `load` is called by fetch() only. */
const hibernating = (onMessage: string, { field = "lines: string[] = [];", load = "this.lines = (await this.ctx.storage.get('lines')) ?? [];", rest = "" } = {}) => object(`${field}
	async fetch() { await this.load(); const [client, server] = Object.values(new WebSocketPair()); this.ctx.acceptWebSocket(server); server.send(JSON.stringify(this.lines)); return new Response(null, { status: 101, webSocket: client }); }
	async load() { ${load} }
	async webSocketMessage(ws: WebSocket, message: string) { ${onMessage} }
	${rest}`);
const withConstructor = (fields: string, init: string, rest: string) => object(`${fields}
	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		${init}
	}
	${rest}`);

tester.run("no-unpersisted-state", rule, {
	valid: [
		{ name: "loaded while the object wakes, written through", code: withConstructor("n = 0;", "ctx.blockConcurrencyWhile(async () => { this.n = (await ctx.storage.get<number>('n')) ?? 0; });", "async add() { this.n++; await this.ctx.storage.put('n', this.n); return this.n; }") },
		...[
			["a map of functions, of an imported type", "steps = new Map<string, Step>(); use(name: string, step: Step) { this.steps.set(name, step); } async fetch() { const step = this.steps.get('a'); return new Response(step ? await step(1) : ''); }"],
			["a map of functions that are called at once", "steps: Map<string, Step> = new Map(); use(name: string, step: Step) { this.steps.set(name, step); } async fetch() { return new Response(await this.steps.get('a')?.(1)); }"],
			["an object of functions", "steps: Record<string, Step> = {}; use(name: string, step: Step) { this.steps[name] = step; } async fetch(request: Request) { return new Response(this.steps[request.url](1)); }"],
			["a list of functions", "steps: Step[] = []; use(step: Step) { this.steps.push(step); } async fetch() { for (const step of this.steps) await step(1); return new Response(); }"],
			["a list of functions, with a callback", "steps: Step[] = []; use(step: Step) { this.steps.push(step); } async fetch() { this.steps.forEach((step) => step(1)); return new Response(); }"],
		].map(([name, body]) => ({ name: name as string, code: object(body as string, { head: 'import type { Step } from "./steps";' }) })),
		{ name: "loaded and written in helpers", code: withConstructor("items: string[] = [];", "ctx.blockConcurrencyWhile(() => this.load());", "async load() { this.items = (await this.ctx.storage.get('items')) ?? []; } async add(x: string) { this.items.push(x); await this.save(); } save() { return this.ctx.storage.put('items', this.items); } list() { return this.items; }") },
		{ name: "filled from what a method is given, which is loaded at the wake and put by an event", code: withConstructor("limit = 5; speed = 1;", "ctx.blockConcurrencyWhile(() => this.#prepare());", "async #prepare() { const plan = (await this.ctx.storage.get<Plan>('plan')) ?? null; if (plan) this.#adopt(plan.settings); } #adopt(settings: Settings) { this.limit = settings.limit; this.speed = settings.speed; } async setPlan(plan: Plan) { await this.ctx.storage.put('plan', plan); this.#adopt(plan.settings); } async fetch() { await this.#prepare(); return Response.json({ limit: this.limit, speed: this.speed }); }") },
		{ name: "filled through two methods", code: object("limit = 5; async fetch() { this.#outer(await this.ctx.storage.get('limit')); return Response.json(this.limit); } #outer(value: number) { this.#inner(value); } #inner(value: number) { this.limit = value; } async set(value: number) { await this.ctx.storage.put('limit', value); this.#inner(value); } get() { return this.limit; }") },
		{ name: "through a local copy that is put", code: withConstructor("n = 0;", "this.n = ctx.storage.kv.get('n') ?? 0;", "add() { this.n++; const n = this.n; this.ctx.storage.kv.put('n', n); return this.n; }") },
		{ name: "a message after a wake: it loads first", code: hibernating("await this.load(); this.lines.push(message); await this.ctx.storage.put('lines', this.lines);") },
		{ name: "a message after a wake: it loads in a helper", code: hibernating("await this.#add(message);", { rest: "async #add(line: string) { if (this.lines.length === 0) await this.load(); this.lines.push(line); this.ctx.storage.put('lines', this.lines); }" }) },
		{ name: "a message after a wake: the constructor loads too", code: hibernating("this.lines.push(message); this.ctx.storage.put('lines', this.lines);", { rest: "constructor(ctx: DurableObjectState, env: Env) { super(ctx, env); ctx.blockConcurrencyWhile(() => this.load()); }" }) },
		{ name: "a message after a wake: a field's initialiser loads", code: hibernating("await this.ready; this.lines.push(message); this.ctx.storage.put('lines', this.lines);", { rest: "ready = this.load();" }) },
		{ name: "a message after a wake: it replaces the whole", code: hibernating("this.lines = message.split('\\n'); this.ctx.storage.put('lines', this.lines);") },
		{ name: "a message after a wake: it asks whether something is there", code: hibernating("if (this.lines.length === 0) return ws.close(1011, 'join again'); this.lines.push(message); this.ctx.storage.put('lines', this.lines);") },
		{ name: "a message after a wake: it asks for what joining has left in memory", code: hibernating("if (!this.names.has(ws)) return; this.lines.push(message); this.ctx.storage.put('lines', this.lines);", { rest: "names = new Map<WebSocket, string>(); join(ws: WebSocket, name: string) { this.names.set(ws, name); }" }) },
		{ name: "a message after a wake: there is nothing to build on", code: hibernating("this.lines.push(message); this.ctx.storage.put('lines', this.lines);", { field: "lines: string[] | null = null;" }) },
		{ name: "a message after a wake: part of it goes under a key of its own", code: hibernating("this.lines.push(message); this.ctx.storage.put(`line:${message}`, this.lines);", { load: "for (const [, line] of await this.ctx.storage.list<string>({ prefix: 'line:' })) this.lines.push(line);" }) },
		{ name: "a message after a wake: an imported function is handed the storage, and may load", code: hibernating("await prepare(this.ctx); this.lines.push(message); this.ctx.storage.put('lines', this.lines);").replace("export class", "import { prepare } from './prepare'; export class") },
		{ name: "no event that wakes the object by itself", code: hibernating("this.lines.push(message); this.ctx.storage.put('lines', this.lines);").replace("this.ctx.acceptWebSocket(server)", "server.accept()") },
		{ name: "mirrored into SQL beside the change", code: object("names = new Set<string>(); add(name: string) { this.names.add(name); this.ctx.storage.sql.exec('INSERT INTO names VALUES (?)', name); } has(name: string) { return this.names.has(name); }") },
		{ name: "a copy that is filled from storage on demand", code: object("config: Config | null = null; async get() { this.config ??= (await this.ctx.storage.get('config')) ?? null; return this.config; } async set(c: Config) { await this.ctx.storage.put('config', c); this.config = null; }") },
		{ name: "an answer from outside, kept for a while", code: object("rates: number[] = []; async load() { if (this.rates.length === 0) this.rates = await (await fetch('https://rates.example')).json(); return this.rates; }") },
		{
			name: "loaded from a database, and written to it by and by",
			code: object(`text = ""; id: string | null = null;
	async fetch(request: Request) { if (!this.id) { this.id = "x"; await this.load(); } this.text = await request.text(); this.later(); return new Response(this.text); }
	later() { if (Math.random() < 0.1) this.save(); }
	async load() { const row = await this.env.DB.prepare("SELECT body FROM texts WHERE id = ?").bind(this.id).first(); if (row) this.text = this.unpack(row.body); }
	async save() { const packed = this.pack(this.text); await this.env.DB.prepare("UPDATE texts SET body = ? WHERE id = ?").bind(packed, this.id).run(); }
	pack(text: string) { return btoa(text); }
	unpack(text: string) { return atob(text); }`),
		},
		{ name: "of an abstract class, whose heirs see it", code: object("protected items: string[] = []; add(x: string) { this.items.push(x); } list() { return this.items; }").replace("class", "abstract class") },
		{ name: "a promise that all wait for", code: object("ready: Promise<void> | null = null; load() { return (this.ready ??= this.init()); } async init() {}") },
		{ name: "a lock made of promises", code: object("lock = Promise.resolve(); run(f: () => void) { this.lock = this.lock.then(f); return this.lock; }") },
		{ name: "requests under way", code: object("waiting = new Map<string, Promise<string>>(); get(k: string) { let p = this.waiting.get(k); if (!p) { p = this.load(k); this.waiting.set(k, p); } return p; } async load(k: string) { return k; }") },
		{ name: "functions that settle promises", code: object("waiting = []; wait() { return new Promise((resolve) => { this.waiting.push({ resolve }); }); } wake() { for (const w of this.waiting) w.resolve(); }") },
		{ name: "connections", code: object("sessions = new Set(); async fetch() { const [client, server] = Object.values(new WebSocketPair()); server.accept(); this.sessions.add(server); return new Response(null, { status: 101, webSocket: client }); } send(m: string) { for (const s of this.sessions) s.send(m); }") },
		{ name: "what belongs to a connection", code: object("sessions = new Map(); webSocketMessage(ws, m) { this.sessions.set(ws, m); } list() { return [...this.sessions.values()]; }") },
		{ name: "a count of connections that hold the object in memory", code: object("open = 0; async fetch() { const pair = new WebSocketPair(); pair[1].accept(); this.open++; return new Response(String(this.open)); }") },
		{ name: "a marker of what was done since the wake", code: object("started = false; async fetch() { if (!this.started) { this.started = true; await this.ctx.storage.get('x'); } return new Response(); }") },
		{ name: "a mark of time that is the parameter's default", code: object("last = 0; prune(now = Date.now()) { if (now - this.last < 1000) return; this.last = now; }") },
		{ name: "a mark of time in a variable", code: object("last = 0; touch() { const now = Date.now(); this.last = now; } idle() { return this.last; }") },
		{ name: "a mark of time that every caller gives, or the default", code: object("last = 0; alarm() { const now = Date.now(); this.#prune(now); } touch() { this.#prune(); } #prune(now = Date.now()) { if (now - this.last < 1000) return; this.last = now; }") },
		{ name: "a mark of time that every caller gives", code: object("last = 0; touch() { this.#mark(Date.now()); } idle() { return this.last; } #mark(now: number) { this.last = now; }") },
		{ name: "in a list that something in another field is given", code: object("tenant = 'main'; db = connect(); join(name: string) { this.tenant = name; this.db.run('INSERT INTO meta VALUES (?, ?)', ['tenant', this.tenant].map((each) => encode(each))); } who() { return this.tenant; }", { head: "import { connect, encode } from './db';" }) },
		{ name: "a mark of time", code: object("last = 0; touch() { this.last = Date.now(); } idle() { return this.last; }") },
		{ name: "follows another object in memory", code: object("doc = new Doc(); present = new Set<number>(); start() { this.doc.awareness.on('update', ({ added }) => { for (const id of added) this.present.add(id); }); } who() { return [...this.present]; }") },
		{ name: "set in the constructor only", code: withConstructor("name = '';", "this.name = 'room';", "hello() { return this.name; }") },
		{ name: "assigned before it is read in the same event", code: object("origin = ''; async fetch(request: Request) { this.origin = new URL(request.url).origin; return new Response(this.origin); }") },
		{ name: "assigned by the only event that comes to its reader", code: object("caller = ''; async fetch(request: Request) { this.caller = request.headers.get('x-user') ?? ''; return this.#answer(); } #answer() { return this.#text(); } #text() { return new Response(this.caller); }") },
		{ name: "assigned by each event that comes to its reader, one in a helper", code: object("caller = ''; async fetch(request: Request) { await this.#enter(request); return new Response(this.#hello()); } greet(name: string) { this.caller = name; return this.#hello(); } async #enter(request: Request) { if (request.method !== 'GET') throw new Error('GET only'); this.caller = request.url; } #hello() { return 'hello ' + this.caller; }") },
		{ name: "read in a listener that the event makes after it has assigned", code: object("room = ''; async fetch(request: Request) { this.room = request.url; const [client, server] = Object.values(new WebSocketPair()); server.accept(); server.addEventListener('message', () => server.send(this.#name())); return new Response(null, { status: 101, webSocket: client }); } #name() { return this.room; }") },
		{ name: "a counter that only decides when a collection in memory is tidied", code: object("/** @ephemeral */ hits = new Map<string, number>(); calls = 0; hit(key: string) { this.calls++; if (this.calls >= 500 || this.hits.size > 9000) { this.calls = 0; for (const [each, at] of this.hits.entries()) { if (at < Date.now()) this.hits.delete(each); } } this.hits.set(key, Date.now()); }") },
		{ name: "such a counter, counted in the test", code: object("/** @ephemeral */ seen = new Set<string>(); calls = 0; see(id: string) { if (++this.calls > 99) { this.seen.clear(); this.calls = 0; } this.seen.add(id); }") },
		{ name: "counts for less time than an idle object stays", code: object("since = 0; sent = 0; send() { this.#turn(Date.now()); if (this.sent >= LIMIT) return false; this.sent += 1; return true; } #turn(now: number) { if (this.since === 0 || now - this.since >= SPAN) { this.since = now; this.sent = 0; } }", { head: "const LIMIT = 50; const SPAN = 2 * 1000;" }) },
		{ name: "only printed", code: object("hits = 0; async fetch() { this.hits++; console.log('hits', this.hits); return new Response(); }") },
		{ name: "never read", code: object("hits = 0; async fetch() { this.hits++; return new Response(); }") },
		{ name: "saves doing the same thing twice", code: object("title = ''; async sync(title: string) { if (title === this.title) return; await this.env.KV.put('title', title); this.title = title; }") },
		{ name: "a decorator that persists", code: object("@Persist n = 0; add() { this.n++; return this.n; }") },
		{ name: "handed to a function of another file, with the storage", code: object("items: string[] = []; add(x: string) { this.items.push(x); save(this.ctx.storage, this.items); } list() { return this.items; }", { head: 'import { save } from "./save";' }) },
		{ name: "the object handed to a manager", code: withConstructor("n = 0;", "this.manager = new Manager(this);", "add() { this.n++; return this.n; }") },
		{ name: "a base class of another file", code: object("n = 0; constructor(state: DurableObjectState, env: Env) { super(state, env); } async fetch() { this.n++; return new Response(String(this.n)); }", { head: 'import { Base } from "./base";', base: "Base" }) },
		{ name: "meant to be lost, by comment", code: object("/** @ephemeral a rate limit may start again */\n\thits = 0; hit() { this.hits++; return this.hits; }") },
		{ name: "a cache, by the option's default", code: object("nameCache: Record<string, string> = {}; put(k: string, v: string) { this.nameCache[k] = v; } get(k: string) { return this.nameCache[k]; }") },
		{ name: "the state of the Agents SDK", code: 'import { Agent } from "agents"; export class A extends Agent { add() { this.setState({ n: this.state.n + 1 }); } get() { return this.state.n; } }' },
		{ name: "no Durable Object", code: "export class Counter { n = 0; add() { this.n++; return this.n; } }" },
	],
	invalid: [
		{ name: "names that a function of the file is called with", code: object("names: string[] = []; use(name: string) { this.names.push(name); } async fetch() { for (const name of this.names) greet(name); return new Response(); }", { head: "declare function greet(name: string): void;" }), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "things whose methods are called", code: object("names: string[] = []; use(name: string) { this.names.push(name); } async fetch() { return new Response(this.names.map((name) => name.trim()).join() + this.names[0].trim()); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a time that an event brings", code: object("last = 0; touch(at: number) { this.#mark(at); } idle() { return this.last; } #mark(at: number) { this.last = at; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "also in a list of the object's own", code: object("names: string[] = []; log: unknown[] = []; join(name: string) { this.names.push(name); this.log.push([this.names, name]); } who() { return this.names; } all() { return this.log.length; }"), errors: [{ messageId: "lostOnEviction" }, { messageId: "lostOnEviction" }] },
		{ name: "also in what a socket is sent", code: object("names: string[] = []; socket = connect(); join(name: string) { this.names.push(name); this.socket.send({ names: this.names }); } who() { return this.names; }", { head: "import { connect } from './socket';" }), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "filled from what a method is given, which is never loaded", code: object("limit = 5; adopt(limit: number) { this.#set(limit); } raise() { this.#set(9); } #set(limit: number) { this.limit = limit; } get() { return this.limit; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a counter", code: object("n = 0; add() { this.n++; return this.n; }"), errors: [{ messageId: "lostOnEviction", data: { field: "n", writer: "add()", reader: "add()" } }] },
		{ name: "assigned by one event that comes to its reader, not by the other", code: object("caller = ''; async fetch(request: Request) { this.caller = request.url; return new Response(this.#hello()); } async alarm() { await this.env.LOG.send(this.#hello()); } #hello() { return this.caller; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned only where nobody was first", code: object("owner = ''; async fetch(request: Request) { if (!this.owner) this.owner = request.url; return this.#answer(); } #answer() { return new Response(this.owner); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned only where the event brings it", code: object("title = ''; async fetch(request: Request) { const title = request.headers.get('x-title'); if (title) this.title = title; return this.#answer(); } #answer() { return new Response(this.title); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned by the constructor, before it starts what reads", code: withConstructor("room = ''; doc = new Doc();", "this.room = 'none'; this.doc.on('change', () => { this.#save(); });", "async fetch(request: Request) { this.room = request.url; return new Response(); } #save() { this.env.LOG.send(this.room); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "put back by the constructor, in a helper", code: withConstructor("room = ''; doc = new Doc();", "this.leave(); this.doc.on('change', () => { this.#save(); });", "async fetch(request: Request) { this.room = request.url; return new Response(); } leave() { this.room = 'none'; } #save() { this.env.LOG.send(this.room); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned after it is read", code: object("last = ''; async fetch(request: Request) { const answer = this.#answer(); this.last = request.url; return answer; } #answer() { return new Response(this.last); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned from what it was", code: object("path = ''; async fetch(request: Request) { this.path = this.path + request.url; return this.#answer(); } #answer() { return new Response(this.path); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned by a helper that may have returned before", code: object("caller = ''; async fetch(request: Request) { this.#enter(request); return this.#answer(); } #enter(request: Request) { if (request.method === 'GET') return; this.caller = request.url; } #answer() { return new Response(this.caller); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "assigned by a helper that nobody waits for", code: object("caller = ''; async fetch(request: Request) { void this.#enter(request); return this.#answer(); } async #enter(request: Request) { await request.text(); this.caller = request.url; } #answer() { return new Response(this.caller); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a counter that decides when something is sent", code: object("calls = 0; async hit() { this.calls++; if (this.calls >= 500) { this.calls = 0; this.env.LOG.send('500 more'); } }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a counter that decides who is let in", code: object("/** @ephemeral */ seen = new Set<string>(); tries = 0; enter(id: string) { this.tries++; if (this.tries >= 5) { this.seen.clear(); throw new Error('too many'); } this.seen.add(id); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a counter that decides what is kept", code: object("/** @ephemeral */ blocked = new Set<string>(); tries = 0; enter(id: string) { this.tries++; if (this.tries >= 5) { this.tries = 0; this.blocked.add(id); } }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a counter that is also answered", code: object("/** @ephemeral */ seen = new Set<string>(); calls = 0; see(id: string) { this.calls++; if (this.calls > 99) { this.calls = 0; this.seen.clear(); } return this.calls; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "counts for longer than an idle object stays", code: object("since = 0; sent = 0; send() { this.#turn(Date.now()); if (this.sent >= LIMIT) return false; this.sent += 1; return true; } #turn(now: number) { if (now - this.since >= SPAN) { this.since = now; this.sent = 0; } }", { head: "const LIMIT = 50; const SPAN = 60_000;" }), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "counts for a moment, but is asked for without looking at the time", code: object("since = 0; sent = 0; send() { const now = Date.now(); if (now - this.since >= 2000) { this.since = now; this.sent = 0; } this.sent += 1; } total() { return this.sent; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a window that begins in the future", code: object("since = 0; sent = 0; send() { const now = Date.now(); if (now - this.since >= 2000) { this.since = now + 60_000; this.sent = 0; } this.sent += 1; return this.sent; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a private counter", code: object("#n = 0; add() { this.#n += 1; } get() { return this.#n; }"), errors: [{ messageId: "lostOnEviction", data: { field: "#n", writer: "add()", reader: "get()" } }] },
		{ name: "a list", code: object("items: string[] = []; add(x: string) { this.items.push(x); } list() { return this.items; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "a map of data", code: object("users = new Map<string, string>(); join(id: string, name: string) { this.users.set(id, name); } who() { return [...this.users.values()]; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "through an alias of this", code: object("n = 0; async fetch() { const self = this; self.n++; return new Response(String(self.n)); }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "what one event leaves for another", code: object("id: string | null = null; async fetch(request: Request) { this.id = new URL(request.url).searchParams.get('id'); return new Response(); } async alarm() { await this.env.KV.put('id', this.id); }"), errors: [{ messageId: "lostOnEviction", data: { field: "id", writer: "fetch()", reader: "alarm()" } }] },
		{ name: "loaded from a database, but never written to it", code: object("names: string[] = []; async load() { this.names = (await this.env.DB.prepare('SELECT name FROM names').all()).results; } join(name: string) { this.names.push(name); } async who() { await this.env.LOG.send('who'); return this.names; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "private to an abstract class", code: object("private items: string[] = []; add(x: string) { this.items.push(x); } list() { return this.items; }").replace("class", "abstract class"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "written by a timer that the constructor starts", code: withConstructor("", "this.game = { time: 0 }; setInterval(() => this.game.time++, 30);", "now() { return this.game.time; }"), errors: [{ messageId: "lostOnEviction" }] },
		{ name: "JavaScript, no base", code: "export class Counter { constructor(state) { this.state = state; this.n = 0; } async fetch() { await this.state.storage.get('x'); this.n++; return new Response(this.n); } }", errors: [{ messageId: "lostOnEviction" }] },
		{
			name: "loaded where a socket is accepted, changed by a message after the wake",
			code: hibernating("this.lines.push(message); await this.ctx.storage.put('lines', this.lines);"),
			errors: [{ messageId: "loadedElsewhere", data: { field: "lines", loader: "load()", event: "webSocketMessage", line: "7" } }],
		},
		{ name: "the same, in a helper, in another form", code: hibernating("if (message.length > 99) return; this.#add(message);", { rest: "#add(line: string) { this.lines = [...this.lines, line].slice(-50); this.ctx.storage.put({ lines: [...this.lines] }); }" }), errors: [{ messageId: "loadedElsewhere" }] },
		{ name: "the same, for sockets that the constructor finds again", code: hibernating("const name = this.names.get(ws); if (!name) return; this.lines.push(name + message); this.ctx.storage.put('lines', this.lines);", { rest: "names = new Map<WebSocket, string>(); constructor(ctx: DurableObjectState, env: Env) { super(ctx, env); for (const ws of ctx.getWebSockets()) this.names.set(ws, ws.deserializeAttachment()); } join(ws: WebSocket, name: string) { this.names.set(ws, name); }" }), errors: [{ messageId: "loadedElsewhere" }] },
		{ name: "loaded by a call, counted by the alarm", code: object("runs = 0; async start() { this.runs = (await this.ctx.storage.get('runs')) ?? 0; await this.ctx.storage.setAlarm(Date.now() + 60_000); return this.runs; } async alarm() { this.runs++; await this.ctx.storage.put('runs', this.runs); } total() { return this.runs; }"), errors: [{ messageId: "loadedElsewhere", data: { field: "runs", loader: "start()", event: "alarm", line: "4" } }] },
		{ name: "written but never loaded", code: object("messages: string[] = []; async add(m: string) { this.messages.push(m); await this.ctx.storage.put('messages', this.messages); } list() { return this.messages; }"), errors: [{ messageId: "neverLoaded", data: { field: "messages", line: "4" } }] },
		{ name: "written but another key is loaded", code: withConstructor("messages: string[] = [];", "ctx.blockConcurrencyWhile(async () => { await ctx.storage.get('settings'); });", "async add(m: string) { this.messages.push(m); await this.ctx.storage.put('messages', this.messages); } list() { return this.messages; }"), errors: [{ messageId: "neverLoaded" }] },
		{ name: "on the DurableObjectState itself", code: "export class Game implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { this.state.players = []; return new Response(this.state.players); } }", errors: [{ messageId: "stateOnContext", data: { property: "this.state.players", storage: "this.state.storage" } }] },
		{ name: "not hidden by the option", code: object("nameCache: Record<string, string> = {}; put(k: string, v: string) { this.nameCache[k] = v; } get(k: string) { return this.nameCache[k]; }"), options: [{ ignore: [] }], errors: [{ messageId: "lostOnEviction" }] },
	],
});

describe("no-unpersisted-state: verdicts", () => {
	it("quotes where the field is loaded and where it is written", () => {
		const code = withConstructor("n = 0;", "ctx.blockConcurrencyWhile(async () => { this.n = (await ctx.storage.get<number>('n')) ?? 0; });", "async add() { this.n++; await this.ctx.storage.put('n', this.n); return this.n; }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["ctx.storage.get<number>('n')", "this.ctx.storage.put('n', this.n)"], because: "`this.n` is written to storage and loaded from it" }]);
	});

	it("does not promise that a field is loaded when only one event loads it", () => {
		const code = object("items: string[] = []; async list() { this.items = (await this.ctx.storage.get('items')) ?? []; return this.items; } async add(x: string) { this.items.push(x); await this.ctx.storage.put('items', this.items); } first() { return this.items[0]; }");
		expect(verdictsOn(rule, code).map(({ status }) => status)).toEqual(["unknown"]);
	});

	it("promises it when every reader loads first", () => {
		const code = object("items: string[] | undefined; async load() { this.items ??= (await this.ctx.storage.get('items')) ?? []; } async add(x: string) { await this.load(); this.items.push(x); await this.ctx.storage.put('items', this.items); } async first() { await this.load(); return this.items[0]; }");
		expect(verdictsOn(rule, code).map(({ status }) => status)).toEqual(["guarded"]);
	});

	it("does not take what a table of functions or a function in a field does for initialisation", () => {
		const table = "n = 0; handlers = { hit: (by: number) => { this.n += by; }, get: () => this.n }; webSocketMessage(ws: WebSocket, m: string) { ws.send(String(this.handlers.get())); }";
		expect(verdictsOn(rule, object(table))).toMatchObject([{ status: "violated", quotes: ["this.n += by"] }]);
		expect(verdictsOn(rule, object("n = 0; hit = (by: number) => { this.n += by; return this.n; }; fetch() { return new Response(String(this.hit(1))); }"))).toMatchObject([{ status: "violated" }]);
	});

	it("takes the inherited context for no field of its own, whatever is done through it", () => {
		const code = object('async trim() { const all = await this.ctx.storage.list({ prefix: "log:" }); await this.ctx.storage.delete([...all.keys()]); }');
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "not-applicable" }]);
	});

	it("says that it does not look into a manager", () => {
		const code = object('nodes = createNodes(); add(name: string) { this.nodes.add(name); }', { head: 'import { createNodes } from "./nodes";' });
		expect(verdictsOn(rule, code)).toEqual([{ status: "unknown", quotes: ["this.nodes"], because: "`this.nodes` is made by createNodes(), whose state is not looked into" }]);
	});

	it("quotes what every event assigns before it reads", () => {
		const code = object("caller = ''; async fetch(request: Request) { this.caller = request.url; return this.#answer(); } #answer() { return new Response(this.caller); }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["this.caller = request.url"], because: "every event that reads `this.caller` assigns it first" }]);
	});

	it("quotes the comment that accepts the loss", () => {
		const code = object("/** @ephemeral a rate limit may start again */\n\thits = 0; hit() { this.hits++; return this.hits; }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["/** @ephemeral a rate limit may start again */"], because: "`this.hits` is meant to be lost: @ephemeral a rate limit may start again" }]);
	});

	it("does not apply to a class without fields", () => {
		expect(verdictsOn(rule, object("hello() { return 1; }"))).toEqual([{ status: "not-applicable", quotes: [], because: expect.any(String) }]);
	});
});
