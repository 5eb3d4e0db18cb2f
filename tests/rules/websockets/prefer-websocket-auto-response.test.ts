import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/prefer-websocket-auto-response.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room } from "./room.ts";

const handler = (body: string, more = "", head = "") => room(`webSocketMessage(ws: WebSocket, message: string) { ${body} }\n${more}`, head);
const byHand = [{ messageId: "answeredByHand", suggestions: [] }];

tester.run("prefer-websocket-auto-response", rule, {
	valid: [
		{ name: "set already", code: handler('if (message === "ping") ws.send("pong");', 'constructor(ctx, env) { super(ctx, env); ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong")); }') },
		{ name: "an answer that differs each time", code: handler('if (message === "ping") ws.send(String(Date.now()));') },
		{ name: "a ping in JSON", code: handler('const data = JSON.parse(message); if (data.type === "ping") ws.send(JSON.stringify({ type: "pong", id: data.id }));') },
		{ name: "something else is done, too", code: handler('if (message === "ping") { this.seen = Date.now(); ws.send("pong"); }') },
		{ name: "an answer to somebody else", code: handler('if (message === "ping") this.host.send("pong");') },
		{ name: "a comparison of another value", code: handler('if (this.mode === "ping") ws.send("pong");') },
		{ name: "no comparison", code: room(message) },
		{ name: "a framework", code: 'import { Server } from "partyserver"; export class Room extends Server { webSocketMessage(ws, message) { if (message === "ping") ws.send("pong"); } }' },
	],
	invalid: [
		{
			name: "the suggestion",
			code: handler('if (message === "ping") { ws.send("pong"); return; }', "\tconstructor(ctx, env) {\n\t\tsuper(ctx, env);\n\t}"),
			errors: [
				{
					messageId: "answeredByHand",
					data: { request: '"ping"', response: '"pong"' },
					suggestions: [
						{
							messageId: "setAutoResponse",
							output: handler('if (message === "ping") { ws.send("pong"); return; }', '\tconstructor(ctx, env) {\n\t\tsuper(ctx, env);\n\t\tthis.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));\n\t}'),
						},
					],
				},
			],
		},
		{ name: "without a constructor", code: handler('if (message === "ping") return ws.send("pong");'), errors: byHand },
		{ name: "the other way round, with constants", code: handler("if (PING == message) { ws.send(PONG); }", "", 'const PING = "{}"; const PONG = `ok`;'), errors: [{ messageId: "answeredByHand", data: { request: '"{}"', response: '"ok"' }, suggestions: [] }] },
	],
});

describe("prefer-websocket-auto-response: verdicts", () => {
	it("quotes the automatic answer", () => {
		const [verdict] = verdictsOn(rule, handler("", 'constructor(ctx, env) { super(ctx, env); ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("a", "b")); }'));
		expect(verdict).toMatchObject({ status: "guarded", quotes: ['ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("a", "b"))'] });
	});

	it("does not apply where nothing is answered with a fixed text", () => {
		expect(verdictsOn(rule, room(message + close))).toMatchObject([{ status: "not-applicable" }]);
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
