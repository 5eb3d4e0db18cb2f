import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/no-mixed-websocket-api.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room, upgrade } from "./room.ts";

const dead = [{ messageId: "deadListener", suggestions: 1 }];

tester.run("no-mixed-websocket-api", rule, {
	valid: [
		{ name: "the runtime's way alone", code: room(message + close) },
		{ name: "listeners alone", code: object(upgrade("server.accept(); server.addEventListener('message', () => {});")) },
		{ name: "different sockets", code: object(upgrade("this.ctx.acceptWebSocket(server);") + "open() { const out = new WebSocket('wss://x'); out.addEventListener('message', () => {}); } old() { const pair = new WebSocketPair(); pair[1].accept(); pair[1].addEventListener('message', () => {}); }") },
		{ name: "one or the other", code: object(upgrade("if (this.hibernate) { this.ctx.acceptWebSocket(server); } else { server.accept(); server.addEventListener('message', () => {}); }")) },
		{ name: "one, after having left with the other", code: object("fetch() { const pair = new WebSocketPair(); if (this.hibernate) { this.ctx.acceptWebSocket(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); } pair[1].accept(); return new Response(null, { status: 101, webSocket: pair[0] }); }") },
		{ name: "the client's end", code: object(upgrade("this.ctx.acceptWebSocket(server); client.accept(); client.addEventListener('message', () => {});")) },
		{ name: "a listener for something else", code: object(upgrade("this.ctx.acceptWebSocket(server); server.addEventListener('open', () => {});")) },
		{ name: "a handler that the class also calls with sockets of its own", code: object(upgrade("server.accept(); this.webSocketMessage(server);") + "webSocketMessage(ws) { ws.addEventListener('close', () => {}); }") },
		{ name: "a listener on something else", code: room("listen() { this.bus.addEventListener('message', () => {}); }") },
	],
	invalid: [
		{
			name: "a listener that never runs, and its removal",
			code: room("").replace("(server);", "(server);\n\t\tserver.addEventListener('message', () => this.n++);"),
			errors: [
				{
					messageId: "deadListener",
					data: { listener: 'addEventListener("message")', socket: "server", handler: "webSocketMessage" },
					suggestions: [{ messageId: "remove", output: room("") }],
				},
			],
		},
		{ name: "before the acceptance", code: object(upgrade("server.addEventListener('close', () => {}); this.ctx.acceptWebSocket(server);")), errors: [{ messageId: "deadListener", data: { listener: 'addEventListener("close")', socket: "server", handler: "webSocketClose" }, suggestions: 1 }] },
		{ name: "a handler property", code: object(upgrade("this.ctx.acceptWebSocket(server); server.onerror = () => {};")), errors: [{ messageId: "deadListener", data: { listener: "onerror", socket: "server", handler: "webSocketError" }, suggestions: 1 }] },
		{ name: "within a condition without braces: no suggestion", code: object(upgrade("this.ctx.acceptWebSocket(server); if (request.url) server.addEventListener('close', () => {});")), errors: [{ messageId: "deadListener", suggestions: [] }] },
		{ name: "accepted after", code: object(upgrade("this.ctx.acceptWebSocket(server); server.accept();")), errors: [{ messageId: "acceptedTwice", data: { socket: "server" }, suggestions: 1 }] },
		{ name: "accepted before", code: object(upgrade("server.accept(); this.ctx.acceptWebSocket(server, ['a']);")), errors: [{ messageId: "acceptedTwice", suggestions: [{ messageId: "remove", output: object(upgrade(" this.ctx.acceptWebSocket(server, ['a']);")) }] }] },
		{ name: "in a helper", code: room("listen(ws: WebSocket) { ws.addEventListener('message', () => {}); }").replace("(server);", "(server); this.listen(server);"), errors: dead },
		{ name: "in a handler", code: room("webSocketMessage(ws: WebSocket) { ws.addEventListener('close', () => {}); }"), errors: dead },
		{ name: "accepted in a handler", code: room("webSocketMessage(ws: WebSocket) { ws.accept(); }"), errors: [{ messageId: "acceptOfKept", suggestions: 1 }] },
		{ name: "on all sockets", code: room("watch() { for (const ws of this.ctx.getWebSockets()) ws.addEventListener('close', () => {}); }"), errors: [{ messageId: "deadListener", suggestions: [] }] },
	],
});

describe("no-mixed-websocket-api: verdicts", () => {
	it("quotes the one way", () => {
		expect(verdictsOn(rule, room(""))).toEqual([{ status: "guarded", quotes: ["this.ctx.acceptWebSocket(server)"], because: "each socket is served in one way only" }]);
	});

	it("does not know sockets that go elsewhere, and does not apply without any", () => {
		expect(verdictsOn(rule, object(upgrade("serve(server);"), 'import { serve } from "./serve";'))).toMatchObject([{ status: "unknown" }]);
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
