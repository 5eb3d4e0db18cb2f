import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/no-timer-scheduling.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject {
${body}
}`;

/** An object that follows a feed, and sends it a heartbeat. */
const feed = ({ open = "this.feed = new WebSocket('wss://feed.example');", beat = "{ if (this.feed?.readyState === WebSocket.OPEN) { try { this.feed.send(JSON.stringify({ at: Date.now() })); } catch (error) { console.error(error); } } }", closed = "this.#end();" } = {}) => `feed: WebSocket | null = null;
	async follow() { this.#end(); await this.#open(); this.beat = setInterval(() => ${beat}, 30_000); this.feed?.addEventListener("close", () => { ${closed} }); }
	async #open() { ${open} }
	#ping() { this.feed?.send("ping"); }
	#end() { clearInterval(this.beat); }`;

tester.run("no-timer-scheduling", rule, {
	valid: [
		{ name: "an alarm", code: object("async remind(at: number) { await this.ctx.storage.setAlarm(at); } async alarm() {}") },
		{ name: "a pause that is awaited", code: object("async poll() { await new Promise((resolve) => setTimeout(resolve, 60_000)); }") },
		{ name: "a pause through a function", code: object("async poll() { await new Promise<void>((resolve) => { setTimeout(() => resolve(), this.delay); }); }") },
		{
			name: "a time limit on a request that waits for its answer",
			code: object(`pending = new Map<string, (v: unknown) => void>();
	ask(id: string) { return new Promise((resolve, reject) => { this.pending.set(id, resolve); setTimeout(() => { this.pending.delete(id); reject(new Error("late")); }, 30_000); }); }`),
		},
		{ name: "an abort after a while", code: object("async load() { const controller = new AbortController(); setTimeout(() => controller.abort(), 30_000); return fetch(this.url, { signal: controller.signal }); }") },
		{ name: "a short known delay", code: object("nudge() { setTimeout(() => this.flush(), 500); } flush() {}") },
		{ name: "a short folded delay", code: object("nudge() { setTimeout(() => this.flush(), 2 * SECOND); } flush() {}", "const SECOND = 1000;") },
		{ name: "a timer that does nothing of the object", code: object("log() { setTimeout(() => console.log('tick'), 60_000); }") },
		{ name: "a local function of that name", code: object("remind() { const setTimeout = (f: () => void, n: number) => f(); setTimeout(() => this.fire(), 60_000); } fire() {}") },
		{ name: "an imported function of that name", code: object("remind() { setTimeout(() => this.fire(), 60_000); } fire() {}", 'import { setTimeout } from "./queue";') },
		{ name: "a timer beside an alarm that does the same", code: object("async remind() { setTimeout(() => this.fire(), 60_000); await this.ctx.storage.setAlarm(Date.now() + 60_000); } fire() {} alarm() { this.fire(); }") },
		{ name: "a class that is no Durable Object", code: "export class Clock { start() { setInterval(() => this.tick(), 1000); } tick() {} }" },
		{ name: "a Worker's own handler", code: "export default { fetch() { setTimeout(() => {}, 60_000); return new Response(); } };" },
		{ name: "an interval that the option allows", code: object("start() { setInterval(() => this.tick(), 1000); } tick() {}"), options: [{ allowInterval: true }] },
		{ name: "a longer limit by option", code: object("nudge() { setTimeout(() => this.flush(), 60_000); } flush() {}"), options: [{ maxDelayMs: 120_000 }] },
		{ name: "a short debounce", code: object("save = debounce(() => this.ctx.storage.put('x', 1), 500);", 'import { debounce } from "lodash";') },
		{ name: "a heartbeat of a connection that the object opened", code: object(feed()) },
		{ name: "such a heartbeat, sent by a method, over a socket from a response", code: object(feed({ open: "const { webSocket } = await fetch('https://feed.example', { headers: { Upgrade: 'websocket' } }); webSocket.accept(); this.feed = webSocket;", beat: "this.#ping()" })) },
		{ name: "such a heartbeat in variables", code: object("async open() { const feed = new WebSocket('wss://feed.example'); const beat = setInterval(() => feed.send('ping'), 30_000); feed.onclose = () => { clearInterval(beat); }; }") },
		{ name: "an immediate that is no alarm", code: object("later() { setImmediate(() => this.flush()); } flush() {}") },
	],
	invalid: [
		{
			name: "a reminder, with the whole change as a suggestion",
			code: object("\tremind(ms: number) {\n\t\tsetTimeout(() => this.fire(), ms);\n\t}\n\tasync fire() {}"),
			errors: [
				{
					messageId: "timeoutAsSchedule",
					line: 5,
					column: 3,
					suggestions: [
						{
							messageId: "useAlarm",
							output: object("\tremind(ms: number) {\n\t\tthis.ctx.storage.setAlarm(Date.now() + ms);\n\t}\n\tasync fire() {}\n\n\tasync alarm() {\n\t\tawait this.fire();\n\t}"),
						},
					],
				},
			],
		},
		{ name: "no suggestion where alarm() exists", code: object("remind(ms: number) { setTimeout(() => this.fire(), ms); } fire() {} alarm() {}"), errors: [{ messageId: "timeoutAsSchedule", suggestions: [] }] },
		{ name: "no suggestion where the callback closes over an argument", code: object("remind(ms: number, what: string) { setTimeout(() => this.fire(what), ms); } fire(what: string) {}"), errors: [{ messageId: "timeoutAsSchedule", suggestions: [] }] },
		{ name: "an interval", code: object("async fetch() { setInterval(() => this.tick(), 1000); return new Response(); } tick() {}"), errors: [{ messageId: "intervalAsSchedule", data: { name: "setInterval()" } }] },
		{ name: "an interval that each wake starts", code: object("constructor(ctx, env) { super(ctx, env); setInterval(() => this.tick(), 1000); } tick() {}"), errors: [{ messageId: "intervalOnEveryWake", data: { name: "setInterval()" } }] },
		{ name: "an interval in a field's initialiser, whatever it does", code: object("timer = setInterval(() => console.log('here'), 1000);"), errors: [{ messageId: "intervalOnEveryWake" }] },
		{ name: "an interval in a framework's initialiser", code: 'import { Server } from "partyserver"; export class Room extends Server { onStart() { setInterval(() => this.broadcast("tick"), 1000); } }', errors: [{ messageId: "intervalOnEveryWake" }] },
		{ name: "a heartbeat that goes on when the connection closes", code: object(feed({ closed: "this.feed = null;" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a heartbeat that also stores", code: object(feed({ beat: "{ this.feed?.send('ping'); this.ctx.storage.kv.put('beat', Date.now()); }" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a heartbeat that also counts", code: object(feed({ beat: "{ this.feed?.send('ping'); this.n++; }" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a heartbeat that only looks", code: object(feed({ beat: "{ if (!this.feed) console.log('gone'); this.n; }" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a heartbeat of a connection that a client opened", code: object(feed({ open: "const [client, server] = Object.values(new WebSocketPair()); server.accept(); this.feed = server; return new Response(null, { status: 101, webSocket: client });" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "another timer is ended", code: object(feed({ closed: "clearInterval(this.other);" })), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a heartbeat that each wake starts", code: object("feed = new WebSocket('wss://feed.example'); constructor(ctx, env) { super(ctx, env); this.beat = setInterval(() => this.feed.send('ping'), 9000); this.feed.onclose = () => clearInterval(this.beat); }"), errors: [{ messageId: "intervalOnEveryWake" }] },
		{ name: "a bound method", code: object("start() { setInterval(this.tick.bind(this), 5000); } tick() { this.n++; }"), errors: [{ messageId: "intervalAsSchedule" }] },
		{ name: "a local function as callback", code: object("start() { const tick = () => { this.n++; }; setTimeout(tick, 60_000); }"), errors: [{ messageId: "timeoutAsSchedule" }] },
		{ name: "through globalThis", code: object("start() { globalThis.setTimeout(() => this.fire(), 60_000); } fire() {}"), errors: [{ messageId: "timeoutAsSchedule", suggestions: 1 }] },
		{ name: "from node:timers under another name", code: object("start() { after(() => { this.fire(); }, 60_000); } fire() {}", 'import { setTimeout as after } from "node:timers";'), errors: [{ messageId: "timeoutAsSchedule", suggestions: 1 }] },
		{ name: "an alarm by another name", code: object("kick() { setImmediate(() => this.alarm()); } alarm() {}"), errors: [{ messageId: "timeoutAsSchedule" }] },
		{ name: "a long throttle that persists", code: object("save = throttle(() => this.ctx.storage.put('doc', this.doc), 60_000); doc = 1;", 'import throttle from "lodash.throttle";'), errors: [{ messageId: "delayedFunction", data: { name: "throttle()", delay: "60000" } }] },
		{
			name: "a class without a base, in JavaScript",
			code: "export class Game { constructor(state, env) { this.state = state; this.storage = state.storage; this.timer = setInterval(() => { this.step(); }, 30); } async fetch(request) { await this.storage.get('x'); return new Response(); } step() {} }",
			filename: "game.js",
			errors: [{ messageId: "intervalOnEveryWake" }],
		},
	],
});

describe("no-timer-scheduling: verdicts", () => {
	it("quotes the alarm that does the scheduling", () => {
		const verdicts = verdictsOn(rule, object("async remind(at: number) { await this.ctx.storage.setAlarm(at); } async alarm() {}"));
		expect(verdicts).toEqual([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(at)"], because: expect.stringContaining("alarm") }]);
	});

	it("says why a pause is harmless", () => {
		const [verdict] = verdictsOn(rule, object("async poll() { await new Promise((resolve) => setTimeout(resolve, 60_000)); }"));
		expect(verdict).toEqual({ status: "guarded", quotes: ["setTimeout(resolve, 60_000)"], because: "the timer only settles a promise of the running event" });
	});

	it("quotes what ends the heartbeat of a connection", () => {
		expect(verdictsOn(rule, object(feed({ beat: "this.feed?.send('ping')" })))).toEqual([{ status: "guarded", quotes: ["setInterval(() => this.feed?.send('ping'), 30_000)", "clearInterval(this.beat)"], because: expect.stringContaining("lives in memory like the timer") }]);
	});

	it("does not apply where nothing is scheduled", () => {
		expect(verdictsOn(rule, object("hello() { return 1; }"))).toEqual([{ status: "not-applicable", quotes: [], because: expect.any(String) }]);
	});
});
