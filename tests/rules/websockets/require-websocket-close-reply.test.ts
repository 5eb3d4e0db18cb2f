import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/require-websocket-close-reply.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room, upgrade } from "./room.ts";

const dated = (compatibilityDate: string) => ({ "durable-objects": { compatibilityDate } });
const unanswered = [{ messageId: "closeNotAnswered" }];
const missing = [{ messageId: "closeHandlerMissing" }];

tester.run("require-websocket-close-reply", rule, {
	valid: [
		{ name: "answered", code: room(close) },
		{ name: "answered in finally", code: room("async webSocketClose(ws: WebSocket) { try { await this.left(ws); } finally { ws.close(); } } async left(ws) {}") },
		{ name: "answered by a helper", code: room("async webSocketClose(ws: WebSocket) { await this.leave(ws); } async leave(socket: WebSocket) { socket.close(1000); }") },
		{ name: "answered by a function of the module", code: room("webSocketClose(ws: WebSocket) { leave(ws); }", "function leave(socket) { socket.close(); }") },
		{ name: "answered under a condition", code: room("webSocketClose(ws: WebSocket, code: number) { if (code !== 1006) ws.close(1000); }") },
		{ name: "as a field", code: room("webSocketClose = (ws: WebSocket) => { ws.close(1000); };") },
		{ name: "handed to an imported function", code: room("webSocketClose(ws: WebSocket) { leave(ws); }", 'import { leave } from "./leave";') },
		{ name: "handed to another object", code: room("webSocketClose(ws: WebSocket) { this.players.leave(ws); }") },
		{ name: "left to super", code: 'import { Base } from "./base"; export class Room extends Base { constructor(ctx: DurableObjectState, env) { super(ctx, env); } webSocketClose(ws) { super.webSocketClose(ws); } }' },
		{ name: "one of all sockets is closed", code: room("webSocketClose() { for (const ws of this.ctx.getWebSockets()) if (ws.readyState === 2) ws.close(); }") },
		{ name: "listeners", code: object(upgrade("server.accept(); server.addEventListener('close', () => {});")) },
		{ name: "a handler in a subclass", code: `import { DurableObject } from "cloudflare:workers"; abstract class Base extends DurableObject { fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(); } }\nexport class Room extends Base { webSocketClose(ws) { ws.close(); } }` },
		{ name: "a handler that other code installs", code: room("constructor(ctx, env) { super(ctx, env); serve({ object: this }); }", 'import { serve } from "./rpc";') },
		{ name: "a framework", code: 'import { Server } from "partyserver"; export class Room extends Server { webSocketClose() {} }' },
		{ name: "trusting the date", code: room("webSocketClose() {}"), options: [{ trustCompatibilityDate: true }], settings: dated("2026-04-07") },
		{ name: "trusting the date, without a handler", code: room(message), options: [{ trustCompatibilityDate: true }], settings: dated("2026-10-01") },
	],
	invalid: [
		{
			name: "the suggestion",
			code: room("\twebSocketClose(ws: WebSocket) {\n\t\tthis.left++;\n\t}"),
			errors: [{ messageId: "closeNotAnswered", data: { date: "" }, suggestions: [{ messageId: "answer", data: { socket: "ws" }, output: room("\twebSocketClose(ws: WebSocket) {\n\t\tthis.left++;\n\t\tws.close(1000);\n\t}") }] }],
		},
		{ name: "an empty handler", code: room("async webSocketClose(ws: WebSocket) {}"), errors: [{ messageId: "closeNotAnswered", suggestions: [{ messageId: "answer", data: { socket: "ws" }, output: room("async webSocketClose(ws: WebSocket) { ws.close(1000); }") }] }] },
		{ name: "on one line", code: room("webSocketClose(ws) { this.sessions.delete(ws); }"), errors: [{ messageId: "closeNotAnswered", suggestions: [{ messageId: "answer", data: { socket: "ws" }, output: room("webSocketClose(ws) { this.sessions.delete(ws); ws.close(1000); }") }] }] },
		{ name: "without a parameter: no suggestion", code: room("async webSocketClose() {}"), errors: [{ messageId: "closeNotAnswered", suggestions: [] }] },
		{ name: "with an early return: no suggestion", code: room("webSocketClose(ws) { if (!this.open) return; this.left++; }"), errors: [{ messageId: "closeNotAnswered", suggestions: [] }] },
		{ name: "a helper that closes nothing", code: room("webSocketClose(ws) { this.leave(ws); } leave(ws) { this.sessions.delete(ws); console.log('left', ws); }"), errors: [{ messageId: "closeNotAnswered", suggestions: 1 }] },
		{ name: "something else is closed", code: room("webSocketClose(ws) { this.db.close(); }"), errors: [{ messageId: "closeNotAnswered", suggestions: 1 }] },
		{ name: "only webSocketError closes", code: room("webSocketClose(ws) {} webSocketError(ws) { ws.close(1011); }"), errors: [{ messageId: "closeNotAnswered", suggestions: 1 }] },
		{ name: "no handler", code: room(message), errors: [{ messageId: "closeHandlerMissing", data: { name: "Room", date: "" } }] },
		{ name: "only a listener, which never runs", code: object(upgrade("this.ctx.acceptWebSocket(server); server.addEventListener('close', () => server.close());")), errors: missing },
		{ name: "the date does not promise it yet", code: room("webSocketClose() {}"), options: [{ trustCompatibilityDate: true }], settings: dated("2026-04-06"), errors: unanswered },
		{
			name: "the date promises it: said in the message",
			code: room("webSocketClose() {}"),
			settings: dated("2026-05-01"),
			errors: [
				{
					messageId: "closeNotAnswered",
					data: { date: ' (Cloudflare documents an automatic answer for compatibility date 2026-05-01 (settings["durable-objects"]), but workerd gives it only on sockets accepted with accept().)' },
				},
			],
		},
	],
});

describe("require-websocket-close-reply: verdicts", () => {
	it("quotes the answer", () => {
		expect(verdictsOn(rule, room(close))).toEqual([{ status: "guarded", quotes: ["ws.close(1000)"], because: "the handler answers the client's close" }]);
		const [helped] = verdictsOn(rule, room("webSocketClose(ws: WebSocket) { this.leave(ws); } leave(socket: WebSocket) { socket.close(4000); }"));
		expect(helped).toMatchObject({ status: "guarded", quotes: ["socket.close(4000)"] });
	});

	it("does not know what other code does with the socket", () => {
		const [verdict] = verdictsOn(rule, room("webSocketClose(ws: WebSocket) { this.players.leave(ws); }"));
		expect(verdict).toMatchObject({ status: "unknown", quotes: ["this.players.leave(ws)"] });
	});

	it("says on whose word it relies", () => {
		const [verdict] = verdictsOn(rule, room("webSocketClose() {}"), { options: [{ trustCompatibilityDate: true }], settings: dated("2026-05-01") });
		expect(verdict).toMatchObject({ status: "guarded", because: expect.stringContaining("2026-05-01") });
	});

	it("does not apply without sockets", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
