import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/prefer-websocket-hibernation.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room, upgrade } from "./room.ts";

const pins = [{ messageId: "pinsObject" }];

tester.run("prefer-websocket-hibernation", rule, {
	valid: [
		{ name: "a socket handed to the runtime", code: room(message) },
		{ name: "through a field that holds the state", code: "export class Room { constructor(state, env) { this.state = state; } fetch() { const pair = new WebSocketPair(); this.state.acceptWebSocket(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); } webSocketMessage() {} }", filename: "room.js" },
		{ name: "an outbound socket of a response", code: object("async open() { const response = await fetch('https://x', { headers: { Upgrade: 'websocket' } }); const socket = response.webSocket; socket.accept(); socket.addEventListener('message', () => this.got()); } got() {}") },
		{ name: "an outbound socket kept in a field", code: object("socket: WebSocket | null = null; async open(stub) { this.socket = (await stub.fetch('https://x')).webSocket; this.socket!.accept(); }") },
		{ name: "an outbound socket made with new", code: object("open() { const socket = new WebSocket('wss://x'); socket.addEventListener('message', () => {}); }") },
		{ name: "the client's end", code: object(upgrade("client.accept(); this.ctx.acceptWebSocket(server);")) },
		{ name: "both ends kept by the object", code: object("link() { const { 0: a, 1: b } = new WebSocketPair(); a.accept(); b.accept(); b.addEventListener('message', () => {}); return a; }") },
		{ name: "a Worker that accepts", code: "export default { fetch() { const pair = new WebSocketPair(); pair[1].accept(); return new Response(null, { status: 101, webSocket: pair[0] }); } };" },
		{ name: "a refusal over the socket, closed at once", code: object("async fetch(request: Request) { try { return await this.serve(request); } catch (error) { const pair = new WebSocketPair(); pair[1].accept(); pair[1].send(String(error)); pair[1].close(1011, 'broken'); return new Response(null, { status: 101, webSocket: pair[0] }); } } async serve(request) { return new Response(); }") },
		{ name: "a refusal in a function of the module", code: object("async fetch() { return refuse(); }", "function refuse() { const pair = new WebSocketPair(); pair[1].accept(); pair[1].close(1008, 'no'); return new Response(null, { status: 101, webSocket: pair[0] }); }") },
		{ name: "a method of that name on something else", code: object("take(offer) { offer.accept(); this.queue.accept(); }") },
		{ name: "a framework that accepts by itself", code: 'import { Agent } from "agents"; export class Chat extends Agent { onConnect(connection) { connection.accept(); } }' },
		{ name: "a bridge to a connection that the object opens", code: object(upgrade("const upstream = (await fetch('https://x', { headers: { Upgrade: 'websocket' } })).webSocket; upstream.accept(); server.accept(); server.addEventListener('message', ({ data }) => upstream.send(data)); upstream.addEventListener('message', ({ data }) => server.send(data));")) },
		{ name: "a bridge by handler properties, through a method", code: object(`${upgrade("this.pass(server, new WebSocket('wss://x'));")} pass(here: WebSocket, there: WebSocket) { here.accept(); there.onmessage = ({ data }) => { here.send(data); }; here.onmessage = ({ data }) => { there.send(data); }; }`) },
		{ name: "a bridge without accept()", code: object(upgrade("const upstream = new WebSocket('wss://x'); server.addEventListener('message', (event) => { upstream.send(event.data); });")) },
		{ name: "a class of the file that is only called so", code: object(upgrade("server.accept();"), "class WebSocketPair { 0 = new Phone(); 1 = new Phone(); }") },
		{ name: "a socket that is given to a library", code: object(upgrade("serve(server); server.addEventListener('close', () => this.left());") + " left() {}", 'import { serve } from "./serve";') },
	],
	invalid: [
		{
			name: "the suggestion, where the handler is there",
			code: object(upgrade("server.accept();") + message),
			errors: [{ messageId: "pinsObject", data: { socket: "server", ctx: "this.ctx" }, suggestions: [{ messageId: "acceptThroughState", data: { socket: "server", ctx: "this.ctx" }, output: room(message) }] }],
		},
		{ name: "listeners: no suggestion, for they would fall silent", code: object(upgrade("server.accept(); server.addEventListener('message', () => {});") + message), errors: [{ messageId: "pinsObject", suggestions: [] }] },
		{ name: "no handler yet", code: object(upgrade("server.accept();")), errors: [{ messageId: "pinsObject", suggestions: [] }] },
		{ name: "inside a call", code: object(upgrade("console.log(server.accept());")), errors: pins },
		{ name: "behind any", code: object(upgrade("(server as any).accept();")), errors: [{ messageId: "pinsObject", data: { socket: "server", ctx: "this.ctx" } }] },
		{ name: "of a pair that the file declares a type for", code: object(upgrade("(server as WebSocket & { accept(): void }).accept();"), "declare class WebSocketPair { 0: WebSocket; 1: WebSocket; }"), errors: pins },
		{ name: "of a pair declared as a constant and an interface", code: object(upgrade("server.accept();"), "declare const WebSocketPair: { new (): WebSocketPair }; interface WebSocketPair { 0: WebSocket; 1: WebSocket }"), errors: pins },
		{ name: "by index", code: object("fetch() { const pair = new WebSocketPair(); pair[1].accept(); return new Response(null, { status: 101, webSocket: pair[0] }); }"), errors: pins },
		{ name: "by an index written as text", code: object('fetch() { const pair = new WebSocketPair(); pair["1"].accept(); return new Response(null, { status: 101, webSocket: pair["0"] }); }'), errors: pins },
		{ name: "in a helper of the class", code: object(`${upgrade("this.session(server);")} session(ws: WebSocket) { ws.accept(); ws.addEventListener("message", () => {}); }`), errors: pins },
		{ name: "in a function of the module", code: object(upgrade("session(server);"), "function session(ws: WebSocket) { ws.accept(); }"), errors: pins },
		{ name: "on the variable named client, while server is returned", code: object("fetch() { const [client, server] = Object.values(new WebSocketPair()); client.accept(); return new Response(null, { status: 101, webSocket: server }); }"), errors: [{ messageId: "pinsObject", data: { socket: "client", ctx: "this.ctx" } }] },
		{ name: "through a list of sessions", code: object(`sessions: any[] = []; ${upgrade("this.sessions.push({ ws: server });")} open() { for (const { ws } of this.sessions) ws.accept(); }`), errors: pins },
		{ name: "in an object without a base class", code: "export class Game { constructor(state, env) { this.state = state; this.storage = state.storage; } async fetch(request) { let pair = new WebSocketPair(); await this.session(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); } async session(socket) { socket.accept(); socket.addEventListener('message', async () => {}); } }", filename: "game.js", errors: [{ messageId: "pinsObject", data: { socket: "socket", ctx: "this.state" } }] },
		{ name: "listeners alone", code: object(upgrade("server.addEventListener('message', () => {}); server.addEventListener('close', () => {});")), errors: [{ messageId: "servedByListener", data: { socket: "server", ctx: "this.ctx" } }] },
		{ name: "a handler property alone", code: object(upgrade("server.onmessage = () => {};")), errors: [{ messageId: "servedByListener" }] },
		{ name: "an outgoing connection for something else", code: object(upgrade("const log = new WebSocket('wss://x'); log.addEventListener('message', () => this.seen()); server.accept(); server.addEventListener('message', ({ data }) => server.send(data));") + " seen() {}"), errors: pins },
		{ name: "a bridge between two clients", code: object("link() { const { 0: mine, 1: first } = new WebSocketPair(); const { 0: yours, 1: second } = new WebSocketPair(); first.accept(); second.accept(); first.addEventListener('message', ({ data }) => second.send(data)); return [new Response(null, { status: 101, webSocket: mine }), new Response(null, { status: 101, webSocket: yours })]; }"), errors: [...pins, ...pins] },
		{ name: "a socket that is closed only in some case", code: object(upgrade("server.accept(); if (!request.url) { server.close(); }")), errors: pins },
	],
});

describe("prefer-websocket-hibernation: verdicts", () => {
	it("quotes what hands the socket to the runtime, and the handler", () => {
		expect(verdictsOn(rule, room(message + close))).toEqual([{ status: "guarded", quotes: ["this.ctx.acceptWebSocket(server)", "webSocketMessage"], because: expect.stringContaining("hibernate") }]);
	});

	it("says that a refusal does no harm", () => {
		const [verdict] = verdictsOn(rule, object(upgrade("server.accept(); server.close(1008);")));
		expect(verdict).toEqual({ status: "guarded", quotes: ["server.accept()"], because: "the socket is closed right after it was accepted" });
	});

	it("quotes where a bridge sends", () => {
		const code = object(upgrade("const upstream = new WebSocket('wss://x'); server.accept(); upstream.addEventListener('message', ({ data }) => server.send(data));"));
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["server.accept()", "server.send(data)"], because: expect.stringContaining("outgoing connection, which cannot hibernate") }]);
	});

	it("does not know who accepts in another file", () => {
		const [verdict] = verdictsOn(rule, object(upgrade("serve(server);"), 'import { serve } from "./serve";'));
		expect(verdict).toMatchObject({ status: "unknown", quotes: ["new WebSocketPair()"] });
	});

	it("does not apply without a pair", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toEqual([{ status: "not-applicable", quotes: [], because: "the class makes no WebSocketPair" }]);
		expect(verdictsOn(rule, 'import { Server } from "partyserver"; export class Room extends Server { onMessage() {} }')).toMatchObject([{ status: "not-applicable" }]);
	});
});
