import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/valid-storage-value.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const run = (statements: string): string => object(`async run(x) { const storage = this.ctx.storage; ${statements} }\nasync load() { return 1; }\ncheck() { return 1; }`, "class Point { x = 1; y = 2 }\nclass Cart { items = []; total() { return 0; } }\nclass Refused extends Error { describe() {} }\nasync function ask() {}");
/** A class that seats sockets, and stores this of them. */
const seated = (seat: string, stored: string, more = ""): string =>
	object(`seats: Seat[] = []; table = { guests: [] as Seat[], open: true }; ${more}
	async fetch(request: Request) {
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server);
		await this.sit(server, new URL(request.url).pathname);
		return new Response(null, { status: 101, webSocket: client });
	}
	async sit(socket: WebSocket, name: string) { ${seat} await this.keep(); }
	async keep() { await this.ctx.storage.put("seats", ${stored}); }`);

tester.run("valid-storage-value", rule, {
	valid: [
		{ name: "plain data", code: run('await storage.put("a", { n: 1, list: [x], at: new Date(), map: new Map([[1, 2]]), set: new Set() });') },
		{ name: "null", code: run('await storage.put("a", null);') },
		{ name: "undefined within an object", code: run('await storage.put("a", { b: undefined });') },
		{ name: "undefined among entries", code: run("await storage.put({ a: undefined });") },
		{ name: "undefined, in the synchronous interface", code: run('storage.kv.put("a", undefined);') },
		{ name: "an instance that is only data", code: run('await storage.put("a", new Point());') },
		{ name: "an error", code: run('await storage.put("a", new Refused());') },
		{ name: "bytes and a blob", code: run('await storage.put({ a: new Uint8Array(2), b: new Blob(["x"]), c: new Headers() });') },
		{ name: "an awaited promise", code: run('await storage.put("a", await this.load());') },
		{ name: "a synchronous method", code: run('await storage.put("a", this.check());') },
		{ name: "entries of which nothing is known", code: run("await storage.put(x);") },
		{ name: "a value of which nothing is known", code: run('await storage.put("a", x);') },
		{ name: "another put", code: object('async run() { await this.env.KV.put("a", undefined); }') },
		{ name: "a class of the same name as a global one", code: object('async run() { await this.ctx.storage.put("a", new URL()); }', 'import { URL } from "./url";') },
		{ name: "what belongs to a socket, without it", code: seated("this.seats.push({ socket, name });", "this.seats.map(({ name }) => name)") },
		{ name: "what belongs to a socket, in a field of its own", code: seated("this.seats.push({ name });", "this.seats", "sockets = new Map(); add(socket: WebSocket) { this.sockets.set(socket, 1); }") },
		{ name: "another part of what the object holds", code: seated("this.table.guests.push({ socket, name });", "this.table.open") },
		{ name: "a copy with something else in its place", code: seated("this.table.socket = socket;", "{ ...this.table, socket: null }") },
		{ name: "a list that is made anew without its sockets", code: seated("this.seats.push({ socket, name });", "this.seats", "strip() { this.seats = this.seats.map(({ name }) => ({ name })); }") },
		{ name: "what only a type calls a socket", code: object("last = {}; async keep(socket: WebSocket) { this.last = { socket }; await this.ctx.storage.put('last', this.last); }") },
		{ name: "one key at a time", code: run('for (const key of ["a", "b"]) storage.kv.delete(key);') },
	],
	invalid: [
		{
			name: "undefined",
			code: run('await storage.put("a", undefined);'),
			errors: [{ messageId: "undefinedValue", suggestions: [{ messageId: "useDelete", output: run('await storage.delete("a");') }] }],
		},
		{ name: "void 0, with options: no suggestion", code: run('await storage.put("a", void 0, { noCache: true });'), errors: [{ messageId: "undefinedValue", suggestions: [] }] },
		{ name: "no value", code: run('await storage.put("a");'), errors: [{ messageId: "noValue" }] },
		{ name: "a function", code: run('await storage.put("a", () => 1);'), errors: [{ messageId: "function", data: { what: "the value" } }] },
		{ name: "a method within an object", code: run('await storage.put("a", { n: 1, total() { return 1; } });'), errors: [{ messageId: "function", data: { what: "total" } }] },
		{ name: "a function among entries", code: run("await storage.put({ a: { b: [() => 1] } });"), errors: [{ messageId: "function" }] },
		{ name: "a method of the class", code: run('await storage.put("a", this.check);'), errors: [{ messageId: "function", data: { what: "this.check" } }] },
		{ name: "a class", code: run('await storage.put("a", Cart);'), errors: [{ messageId: "function" }] },
		{ name: "a promise of a method", code: run('await storage.put("a", this.load());'), errors: [{ messageId: "promise", data: { what: "this.load()" } }] },
		{ name: "a promise of a function", code: run('await storage.put("a", ask());'), errors: [{ messageId: "promise" }] },
		{ name: "a request that is not awaited", code: run('await storage.put("a", fetch(x));'), errors: [{ messageId: "promise" }] },
		{ name: "a URL", code: run('await storage.put("a", new URL(x));'), errors: [{ messageId: "unstorable", data: { what: "a URL" } }] },
		{ name: "a symbol", code: run('await storage.put("a", Symbol("s"));'), errors: [{ messageId: "unstorable" }] },
		{ name: "the object itself", code: run('await storage.put("a", this);'), errors: [{ messageId: "itself" }] },
		{ name: "an instance with methods", code: run('await storage.put("a", new Cart());'), errors: [{ messageId: "lostPrototype", data: { what: "The Cart" } }] },
		{ name: "an instance in a variable", code: run('const cart = new Cart(); cart.items.push(x); await storage.put("a", cart);'), errors: [{ messageId: "lostPrototype", data: { what: "The Cart" } }] },
		{ name: "a socket", code: object("async webSocketMessage(ws: WebSocket) { await this.ctx.storage.put('last', ws); }"), errors: [{ messageId: "unstorable", data: { what: "ws is a WebSocket, which" } }] },
		{ name: "a socket in an object", code: object("async webSocketMessage(ws: WebSocket, text: string) { await this.ctx.storage.put({ last: { text, from: ws } }); }"), errors: [{ messageId: "unstorable" }] },
		{ name: "a list of seats with their sockets", code: seated("this.seats.push({ socket, name });", "this.seats"), errors: [{ messageId: "unstorable", data: { what: "this.seats holds a WebSocket (line 11), which" } }] },
		{ name: "deeper in what the object holds", code: seated("const guest = { name, socket }; this.table.guests.push(guest);", "this.table"), errors: [{ messageId: "unstorable", data: { what: "this.table holds a WebSocket (line 11), which" } }] },
		{ name: "in a part of it", code: seated("this.table.guests.push({ socket, name });", "[...this.table.guests]"), errors: [{ messageId: "unstorable" }] },
		{ name: "as the key of a map", code: seated("this.names.set(socket, name);", "this.names", "names = new Map<WebSocket, string>();"), errors: [{ messageId: "unstorable" }] },
		{ name: "as a property", code: seated("this.table.host = socket;", "{ ...this.table }"), errors: [{ messageId: "unstorable" }] },
		{ name: "a function in the synchronous interface", code: run('storage.kv.put("a", () => 1);'), errors: [{ messageId: "function" }] },
		{ name: "entries in the synchronous interface", code: run("storage.kv.put({ a: 1 });"), errors: [{ messageId: "kvEntries" }] },
		{ name: "keys in the synchronous interface", code: run('storage.kv.delete(["a", "b"]);'), errors: [{ messageId: "kvKeys", data: { method: "delete" } }] },
	],
});

describe("valid-storage-value: verdicts", () => {
	it.each([
		["quotes what is put", run('await storage.put("a", 1);'), { status: "guarded", quotes: ['storage.put("a", 1)'] }],
		["does not apply where nothing is put", object("run() {}"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
