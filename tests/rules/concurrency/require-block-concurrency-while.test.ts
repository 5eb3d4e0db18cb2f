import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/require-block-concurrency-while.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (init: string, rest: string, { fields = "", head = "" } = {}) => `import { DurableObject } from "cloudflare:workers"; ${head}
export class Room extends DurableObject {
	${fields}
	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		${init}
	}
	${rest}
}`;
const fetching = "async load() { const r = await fetch('https://config.example'); this.config = await r.json(); } get() { return this.config; }";
const reading = "async load() { this.config = await this.ctx.storage.get('config'); } get() { return this.config; }";

tester.run("require-block-concurrency-while", rule, {
	valid: [
		{ name: "wrapped", code: object("ctx.blockConcurrencyWhile(async () => { await this.load(); });", fetching) },
		{ name: "wrapped, returned", code: object("void ctx.blockConcurrencyWhile(() => this.load());", fetching) },
		{ name: "wrapped by reference", code: object("ctx.blockConcurrencyWhile(this.load.bind(this));", fetching) },
		{ name: "wrapped in a helper", code: object("this.start();", `start() { this.ctx.blockConcurrencyWhile(() => this.load()); } ${fetching}`) },
		{ name: "storage only: input gates hold events back", code: object("this.load();", reading) },
		{ name: "synchronous SQL", code: object("this.load();", "load() { this.config = this.ctx.storage.sql.exec('SELECT 1').one(); } get() { return this.config; }") },
		{ name: "async, but never suspends", code: object("this.load();", "async load() { this.config = this.ctx.storage.kv.get('config'); } get() { return this.config; }") },
		{ name: "sets its field before it waits", code: object("this.load();", "async load() { this.config = 1; await fetch('https://log.example'); } get() { return this.config; }") },
		{ name: "sets no field", code: object("this.report();", "async report() { await fetch('https://log.example'); }") },
		{ name: "sets a field that no event uses", code: object("this.load();", "async load() { await fetch('https://log.example'); this.done = true; }") },
		{ name: "a promise that every event awaits", code: object("this.ready = this.load();", "async load() { const r = await fetch('https://config.example'); this.config = await r.json(); } async get() { await this.ready; return this.config; }") },
		{ name: "a promise in a field initialiser that every event awaits", code: object("", "async load() { const r = await fetch('https://config.example'); this.config = await r.json(); } async get() { await this.ready; return this.config; }", { fields: "ready = this.load();" }) },
		{ name: "memoised by the events themselves", code: object("", "async load() { const r = await fetch('https://config.example'); this.config = await r.json(); } async get() { await (this.ready ??= this.load()); return this.config; }") },
		{ name: "a route that the constructor registers", code: object("this.app.get('/', async () => { this.config = await (await fetch('https://config.example')).json(); });", "get() { return this.config; }", { fields: "app = new Hono();", head: 'import { Hono } from "hono";' }) },
		{ name: "a framework's initialiser", code: `import { Server } from "partyserver"; export class A extends Server { async onStart() { this.config = await (await fetch("https://config.example")).json(); } onRequest() { return this.config; } }` },
		{ name: "an imported function, which is not looked into", code: object("this.load();", "async load() { this.config = await read(); } get() { return this.config; }", { head: 'import { read } from "./read";' }) },
	],
	invalid: [
		{
			name: "the network, not waited for",
			code: object("this.load();", fetching),
			errors: [{ messageId: "uninitialised", data: { work: "this.load()", fields: "`this.config`" }, suggestions: [{ messageId: "wrap", output: object("ctx.blockConcurrencyWhile(async () => {\n\t\t\tawait this.load();\n\t\t});", fetching) }] }],
		},
		{ name: "marked with void", code: object("void this.load();", fetching), errors: [{ messageId: "uninitialised", suggestions: 1 }] },
		{ name: "through a helper", code: object("this.init();", `async init() { await this.load(); } ${fetching}`), errors: [{ messageId: "uninitialised", suggestions: 1 }] },
		{ name: "in an async function on the spot", code: object("(async () => { const r = await env.CONFIG.get('x'); this.config = r; })();", "get() { return this.config; }"), errors: [{ messageId: "uninitialised", suggestions: 1 }] },
		{ name: "with then", code: object("fetch('https://config.example').then((r) => { this.config = r; });", "get() { return this.config; }"), errors: [{ messageId: "uninitialised", suggestions: 1 }] },
		{ name: "handed to waitUntil, which waits for nothing", code: object("ctx.waitUntil(this.load());", fetching), errors: [{ messageId: "uninitialised", suggestions: [] }] },
		{ name: "started in a field initialiser", code: object("", fetching, { fields: "loading = this.load();" }), errors: [{ messageId: "uninitialised", suggestions: [] }] },
		{ name: "dropped inside the callback", code: object("ctx.blockConcurrencyWhile(async () => { this.load(); });", fetching), errors: [{ messageId: "notReturned", suggestions: [] }] },
		{ name: "a timer", code: object("this.load();", "async load() { await scheduler.wait(10); this.config = 1; } get() { return this.config; }"), errors: [{ messageId: "uninitialised", suggestions: 1 }] },
		{ name: "storage only, when the option asks for it", code: object("this.load();", reading), options: [{ storageOnly: true }], errors: [{ messageId: "storageOnly", suggestions: 1 }] },
		{ name: "JavaScript, no base", code: "export class A { constructor(state, env) { this.state = state; this.env = env; this.load(); } async load() { this.config = await this.env.KV.get('x'); } async fetch() { await this.state.storage.get('y'); return new Response(this.config); } }", errors: [{ messageId: "uninitialised", suggestions: 1 }] },
	],
});

describe("require-block-concurrency-while: verdicts", () => {
	it("quotes the block", () => {
		expect(verdictsOn(rule, object("ctx.blockConcurrencyWhile(() => this.load());", fetching))).toEqual([{ status: "guarded", quotes: ["ctx.blockConcurrencyWhile(() => this.load())"], because: "events wait until the initialisation is done" }]);
	});
	it("quotes the promise that everybody awaits", () => {
		const code = object("this.ready = this.load();", "async load() { this.config = await (await fetch('https://config.example')).json(); } async get() { await this.ready; return this.config; }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["this.load()", "this.ready"], because: "every event that needs it awaits `this.ready` first" }]);
	});
	it("does not vouch for a promise that only some await", () => {
		const code = object("this.ready = this.load();", "async load() { this.config = await (await fetch('https://config.example')).json(); } async get() { await this.ready; return this.config; } peek() { return this.config; }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown" }]);
	});
	it("names the input gate where storage is all that is waited for", () => {
		expect(verdictsOn(rule, object("this.load();", reading))).toMatchObject([{ status: "guarded", quotes: ["this.load()"], because: expect.stringContaining("input gates") }]);
	});
	it("names synchronous initialisation", () => {
		expect(verdictsOn(rule, object("ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS t (x)');", ""))).toMatchObject([{ status: "guarded", quotes: ["ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS t (x)')"] }]);
	});
	it("does not apply to a constructor that starts nothing", () => {
		expect(verdictsOn(rule, object("this.n = 1;", "get() { return this.n; }"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
