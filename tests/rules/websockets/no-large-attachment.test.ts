import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/no-large-attachment.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, room } from "./room.ts";

const handler = (body: string) => room(`webSocketMessage(ws: WebSocket, m: string) { ${body} }`);
const grows = [{ messageId: "grows" }];

tester.run("no-large-attachment", rule, {
	valid: [
		{ name: "a few values", code: handler("ws.serializeAttachment({ user: m, n: 1 });") },
		{ name: "a list that stays as it is", code: handler("const { list } = ws.deserializeAttachment(); ws.serializeAttachment({ list, m });") },
		{ name: "a list that is replaced", code: handler("ws.serializeAttachment({ list: [m, 'x'] });") },
		{ name: "a list kept short", code: handler("const a = ws.deserializeAttachment(); a.list.push(m); a.list = a.list.slice(-20); ws.serializeAttachment(a);") },
		{ name: "a list whose length is looked at", code: handler("const a = ws.deserializeAttachment(); a.list.push(m); if (a.list.length > 20) a.list.shift(); ws.serializeAttachment(a);") },
		{ name: "names that are added once", code: handler("const { names } = ws.deserializeAttachment(); if (!names.includes(m)) names.push(m); ws.serializeAttachment({ names });") },
		{ name: "another list that grows", code: handler("const a = ws.deserializeAttachment(); this.log.push(m); ws.serializeAttachment(a);") },
		{ name: "just the limit", code: handler(`ws.serializeAttachment("${"x".repeat(100)}");`), options: [{ maxBytes: 100 }] },
	],
	invalid: [
		{ name: "a list that is pushed to", code: handler("const a = ws.deserializeAttachment(); a.list.push(m); ws.serializeAttachment(a);"), errors: [{ messageId: "grows", data: { list: "a.list", limit: "16384" } }] },
		{ name: "a part that is pushed to", code: handler("const { list } = ws.deserializeAttachment(); list.push(m); ws.serializeAttachment({ list });"), errors: grows },
		{ name: "a list that is spread", code: handler("const a = ws.deserializeAttachment(); ws.serializeAttachment({ ...a, list: [...a.list, m] });"), errors: grows },
		{ name: "a text too long", code: handler(`ws.serializeAttachment({ text: "${"é".repeat(60)}" });`), options: [{ maxBytes: 100 }], errors: [{ messageId: "tooLarge", data: { bytes: "120", limit: "100" } }] },
		{ name: "a repeated text", code: handler('ws.serializeAttachment("x".repeat(20000));'), errors: [{ messageId: "tooLarge", data: { bytes: "20000", limit: "16384" } }] },
		{ name: "a constant", code: room("webSocketMessage(ws: WebSocket) { ws.serializeAttachment({ a: PAGE, b: [PAGE] }); }", `const PAGE = "${"x".repeat(60)}";`), options: [{ maxBytes: 100 }], errors: [{ messageId: "tooLarge", data: { bytes: "120", limit: "100" } }] },
	],
});

describe("no-large-attachment: verdicts", () => {
	it("quotes what keeps the list short", () => {
		const [verdict] = verdictsOn(rule, handler("const a = ws.deserializeAttachment(); a.list.push(m); a.list = a.list.slice(-20); ws.serializeAttachment(a);"));
		expect(verdict).toEqual({ status: "guarded", quotes: ["a.list.slice(-20)"], because: "the list in the attachment is kept short" });
	});

	it("does not apply without attachments", () => {
		expect(verdictsOn(rule, room(close))).toMatchObject([{ status: "not-applicable" }]);
	});
});
