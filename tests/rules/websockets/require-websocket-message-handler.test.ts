import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/require-websocket-message-handler.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room, upgrade } from "./room.ts";

const dropped = [{ messageId: "messagesDropped" }];

tester.run("require-websocket-message-handler", rule, {
	valid: [
		{ name: "the handler", code: room(message) },
		{ name: "an empty one, which says that clients only listen", code: room("webSocketMessage() {}") },
		{ name: "as a field", code: room("webSocketMessage = async (ws: WebSocket) => { ws.send('x'); };") },
		{ name: "assigned in the constructor", code: room("constructor(ctx, env) { super(ctx, env); this.webSocketMessage = handle; }", "declare const handle: any;") },
		{ name: "in a base class of the file", code: `import { DurableObject } from "cloudflare:workers"; class Base extends DurableObject { webSocketMessage() {} }\nexport class Room extends Base { fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }` },
		{ name: "a base class that leaves it to its subclasses", code: `import { DurableObject } from "cloudflare:workers"; abstract class Base extends DurableObject { fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }\nexport class Room extends Base { webSocketMessage() {} }` },
		{ name: "a base class of another file", code: 'import { Base } from "./base"; export class Room extends Base { constructor(ctx: DurableObjectState, env) { super(ctx, env); } fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }' },
		{ name: "handlers that other code installs", code: room("constructor(ctx, env) { super(ctx, env); serve({ object: this as unknown as DurableObject, mode: 'hibernate' }); }", 'import { serve } from "./rpc";') },
		{ name: "a part that a Durable Object delegates to", code: "export class Sockets { constructor(private ctx: DurableObjectState, private options: Options) {} fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } onMessage() {} }" },
		{ name: "listeners", code: object(upgrade("server.accept(); server.addEventListener('message', () => {});")) },
		{ name: "a framework", code: 'import { Agent } from "agents"; export class Chat extends Agent { fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }' },
		{ name: "a class that sends, and waits for nothing", code: room("publish(text: string) { for (const socket of this.ctx.getWebSockets()) socket.send(text); }") },
		{ name: "a greeting", code: object(upgrade("this.ctx.acceptWebSocket(server); server.send('hello');") + " sendMessage(text: string) {}") },
		{ name: "for sending only, by the option", code: room(close), options: [{ allowSendOnly: true }] },
	],
	invalid: [
		{ name: "no handler", code: room(close), errors: [{ messageId: "messagesDropped", data: { name: "Room" }, line: 6 }] },
		{ name: "a class that sends, where the option asks for the handler", code: room("publish(text: string) { for (const socket of this.ctx.getWebSockets()) socket.send(text); }"), options: [{ allowSendOnly: false }], errors: dropped },
		{ name: "a class that sends, and answers messages in a method that nobody calls", code: room("handleSocketMessage(ws: WebSocket, text: string) { ws.send(text); }"), errors: dropped },
		{ name: "a class that sends when a listener hears", code: object(upgrade("this.ctx.acceptWebSocket(server); server.addEventListener('message', ({ data }) => server.send(data));")), errors: dropped },
		{ name: "handed to a part of it, which installs nothing", code: room("constructor(ctx, env) { super(ctx, env); this.parts = new Parts(this); }", 'import { Parts } from "./parts";'), errors: dropped },
		{ name: "handed to other code in an event", code: room("join() { greet(this); }", 'import { greet } from "./greet";'), errors: dropped },
		{ name: "a handler of another name", code: room("onMessage(ws: WebSocket) {} websocketMessage(ws: WebSocket) {}"), errors: dropped },
		{ name: "a static one", code: room("static webSocketMessage() {}"), errors: dropped },
		{ name: "a listener instead", code: object(upgrade("this.ctx.acceptWebSocket(server); server.addEventListener('message', () => {});")), errors: dropped },
		{ name: "two acceptances, one finding", code: room("join() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return pair[0]; }"), errors: dropped },
		{ name: "without a base class", code: "export class Game { constructor(state, env) { this.state = state; } async fetch() { const pair = new WebSocketPair(); this.state.acceptWebSocket(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); } }", filename: "game.js", errors: dropped },
	],
});

describe("require-websocket-message-handler: verdicts", () => {
	it("quotes the handler", () => {
		expect(verdictsOn(rule, room(message))).toEqual([{ status: "guarded", quotes: ["webSocketMessage", "this.ctx.acceptWebSocket(server)"], because: expect.any(String) }]);
	});

	it("does not know what a base class of another file has", () => {
		const code = 'import { Base } from "./base"; export class Room extends Base { constructor(ctx: DurableObjectState, env) { super(ctx, env); } fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }';
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", because: expect.stringContaining("base class") }]);
	});

	it("does not know whether clients of a class that sends only listen", () => {
		const code = room("publish(text: string) { for (const socket of this.ctx.getWebSockets()) socket.send(text); }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "unknown", quotes: ["socket.send(text)", "this.ctx.acceptWebSocket(server)"], because: expect.stringContaining("may only listen") }]);
	});

	it("quotes what may install the handler", () => {
		const code = room("constructor(ctx, env) { super(ctx, env); serve(this); }", 'import { serve } from "./rpc";');
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", quotes: ["serve(this)", "this.ctx.acceptWebSocket(server)"] }]);
	});

	it("does not apply without acceptance", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
		expect(verdictsOn(rule, 'import { Agent } from "agents"; export class Chat extends Agent {}')).toMatchObject([{ status: "not-applicable" }]);
	});
});
