import { describe, expect, it, test } from "vitest";
import { type Sockets, socketsOf } from "../../src/model/sockets.ts";
import { objectOf } from "./model.ts";

const socketsIn = (code: string): Sockets => socketsOf(objectOf(code));

// The model looks for sockets only where the word is found.
const object = (body: string, outside = "") => `/* WebSocket */ import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
${body}
}
${outside}`;

/** What the receiver of the only \`probe()\` call is to the object. */
function sidesIn(body: string, outside = ""): readonly string[] {
	const sockets = socketsIn(object(body, outside));
	const [call, ...others] = sockets.calls("probe");
	if (!call || others.length > 0) throw new Error("one call of probe() expected");
	return sockets.of(call.receiver).map(({ side, isListed }) => (isListed ? "listed" : side)).sort();
}

const fetch = (body: string) => `async fetch() { const pair = new WebSocketPair(); ${body} return new Response(null, { status: 101, webSocket: pair[0] }); }`;

describe("the end of a pair", () => {
	test.each([
		["an index", fetch("pair[1].probe();")],
		["an index as text", fetch('pair["1"].probe();')],
		["a variable", fetch("const server = pair[1]; server.probe();")],
		["through any", fetch("const server = pair[1] as any; (server as WebSocket).probe();")],
		["destructured by index", fetch("const { 0: client, 1: server } = pair; server.probe();")],
		["destructured by text", fetch('const { "0": client, "1": server } = pair; server.probe();')],
		["destructured from Object.values", fetch("const [client, server] = Object.values(pair); server.probe();")],
		["destructured with a type", fetch("const [client, server] = Object.values(pair) as [WebSocket, WebSocket]; server!.probe();")],
		["the second of Object.values", fetch("const server = Object.values(pair)[1]; server.probe();")],
		["an array of both", fetch("const [client, server] = [pair[0], pair[1]]; server.probe();")],
		["assigned to variables declared before", fetch("let client, server; [client, server] = Object.values(pair); server.probe();")],
		["within a call", fetch("console.log(pair[1].probe());")],
		["handed to a method", `${fetch("this.serve(pair[1]);")} serve(socket: WebSocket) { socket.probe(); }`],
		["handed through two methods", `${fetch("this.a(pair[1], 1);")} a(s, n) { this.#b(n, s); } #b(n, socket) { socket.probe(); }`],
		["returned by a method", `${fetch("this.own(pair).probe();")} own(pair: any) { return pair[1]; }`],
		["kept in a field", `socket?: WebSocket; ${fetch("this.socket = pair[1];")} later() { this.socket?.probe(); }`],
		["kept by destructuring", `client; server; ${fetch("[this.client, this.server] = Object.values(pair);")} later() { this.server.probe(); }`],
		["kept in a Set", `all = new Set<WebSocket>(); ${fetch("this.all.add(pair[1]);")} later() { for (const socket of this.all) socket.probe(); }`],
		["kept in an array of objects", `all: any[] = []; ${fetch("this.all.push({ name: 1, socket: pair[1] });")} later() { this.all.forEach((each) => each.socket.probe()); }`],
		["kept in a Map", `all = new Map(); ${fetch("this.all.set('a', pair[1]);")} later(id) { const socket = this.all.get(id); socket.probe(); }`],
		["a value of a Map in a loop", `all = new Map(); ${fetch("this.all.set('a', pair[1]);")} later() { for (const [id, socket] of this.all) socket.probe(); }`],
		["a key of a Map in a loop", `all = new Map(); ${fetch("this.all.set(pair[1], 'a');")} later() { for (const [socket] of this.all.entries()) socket.probe(); }`],
		["a key of a Map in a callback", `all = new Map(); ${fetch("this.all.set(pair[1], 'a');")} later() { this.all.forEach((name, socket) => socket.probe()); }`],
		["kept in a Set in a Map", `rooms = new Map<string, Set<any>>(); ${fetch("const room = this.rooms.get('a') ?? new Set(); room.add(pair[1]); this.rooms.set('a', room);")} later() { for (const socket of this.rooms.get("a")!) socket.probe(); }`],
		["added to a Set in a Map", `rooms = new Map<string, Set<any>>(); ${fetch("this.rooms.get('a')?.add(pair[1]);")} later() { for (const socket of this.rooms.get("a")!) socket.probe(); }`],
	])("%s", (_name, body) => expect(sidesIn(body)).toEqual(["server"]));

	it("is followed into a function of the module", () => {
		expect(sidesIn(fetch("serve(pair[1]);"), "function serve(socket) { socket.probe(); }")).toEqual(["server"]);
		expect(sidesIn(fetch("serve(pair[1]);"), "const serve = (socket) => { socket.probe(); };")).toEqual(["server"]);
	});

	it("is the client's when a response takes it along", () => {
		expect(sidesIn(fetch("pair[0].probe();"))).toEqual(["client"]);
		expect(sidesIn("async fetch() { const [client, server] = Object.values(new WebSocketPair()); client.probe(); return new Response(null, { webSocket: server }); }")).toEqual(["server"]);
		expect(sidesIn("async fetch() { const [client, server] = Object.values(new WebSocketPair()); server.probe(); return new Response(null, { webSocket: server }); }")).toEqual(["client"]);
	});

	it("cannot be told when the first end is accepted and none is sent away", () => {
		expect(sidesIn("link() { const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); b.probe(); }")).toEqual(["unknown"]);
	});

	it("is not a pair of another kind", () => {
		expect(sidesIn("link() { class WebSocketPair {} const pair = new WebSocketPair(); pair[1].probe(); }")).toEqual([]);
	});
});

describe("other sockets", () => {
	test.each([
		["a handler's parameter", "webSocketMessage(ws: WebSocket) { ws.probe(); }", ["connection"]],
		["a handler's parameter handed on", "webSocketClose(ws) { this.bye(ws); } bye(socket) { socket.probe(); }", ["connection"]],
		["a listed socket", "all() { for (const ws of this.ctx.getWebSockets()) ws.probe(); }", ["listed"]],
		["a filtered one", "all() { this.ctx.getWebSockets('a').filter((ws) => ws).forEach((ws) => ws.probe()); }", ["listed"]],
		["a mapped one", "all() { for (const { socket } of this.ctx.getWebSockets().map((ws) => ({ socket: ws }))) socket.probe(); }", ["listed"]],
		["a listed one in a field", "all = new Set(); constructor(ctx, env) { super(ctx, env); this.all = new Set(ctx.getWebSockets()); } go() { this.all.forEach((ws) => ws.probe()); }", ["listed"]],
		["one by its index", "all() { const all = this.ctx.getWebSockets(); for (let i = 0; i < all.length; i++) all[i].probe(); }", ["listed"]],
		["one opened by the object", "go() { const ws = new WebSocket('wss://example.com'); ws.probe(); }", ["outbound"]],
		["one of a response", "async go() { const response = await fetch('https://example.com', { headers: { Upgrade: 'websocket' } }); const ws = response.webSocket; ws.probe(); }", ["outbound"]],
		["one of an awaited stub", "async go(stub) { const { webSocket } = await stub.fetch('https://do/'); webSocket!.probe(); }", ["outbound"]],
		["one by its type alone", "go(socket: WebSocket) { socket.probe(); }", ["unknown"]],
		["one by the type of a field", "all: Map<string, { socket: WebSocket }>; go() { for (const { socket } of this.all.values()) socket.probe(); }", ["unknown"]],
		["another class of that name", "go(socket: Door) { socket.probe(); }", []],
		["anything else", "go(socket) { socket.probe(); }", []],
	])("%s", (_name, body, sides) => expect(sidesIn(body)).toEqual(sides));
});

describe("acceptances and listeners", () => {
	it("tells the two ways of accepting apart", () => {
		const sockets = socketsIn(object(`${fetch("this.ctx.acceptWebSocket(pair[1]);")} old() { const pair = new WebSocketPair(); pair[1].accept(); }`));
		expect(sockets.acceptances.map(({ api }) => api)).toEqual(["hibernation", "standard"]);
		expect(sockets.hibernates).toBe(true);
	});

	it("leaves out outbound sockets, the client's end and methods of that name", () => {
		const sockets = socketsIn(object(`${fetch("pair[0].accept();")} open() { new WebSocket('wss://x').accept(); this.queue.accept(); }`));
		expect(sockets.acceptances).toEqual([]);
	});

	it("finds listeners, added and assigned", () => {
		const sockets = socketsIn(object(fetch('pair[1].addEventListener("message", () => {}); pair[1].onclose = () => {}; pair[1].addEventListener("open", () => {}); this.bus.addEventListener("message", () => {});')));
		expect(sockets.listeners.map(({ name }) => name)).toEqual(['addEventListener("message")', "onclose"]);
	});

	it("ends on values that are made of each other", () => {
		expect(sidesIn("a(x) { this.b(x); } b(x) { this.a(x); x.probe(); }")).toEqual([]);
		expect(sidesIn("go() { let a, b; a = b; b = a; a.probe(); }")).toEqual([]);
	});
});
