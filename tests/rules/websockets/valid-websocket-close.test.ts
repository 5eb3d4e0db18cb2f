import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/valid-websocket-close.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object, room } from "./room.ts";

const dated = (compatibilityDate: string) => ({ "durable-objects": { compatibilityDate } });
const closing = (body: string, more = "", head = "") => room(`webSocketClose(ws: WebSocket, code: number, reason: string) { ${body} } ${more}`, head);
const mapped = "code === 1005 || code === 1006 || code === 1015 ? 1000 : code";
const invalid = [{ messageId: "invalidCode" }];
const both = { name: "code", what: "1005 when a client closes without a status, and 1006 when the connection is lost" };
const echo = [{ messageId: "echoedCode", data: both, suggestions: 1 }];

tester.run("valid-websocket-close", rule, {
	valid: [
		...[1000, 1001, 1003, 1007, 1011, 1014, 1016, 2999, 3000, 4999].map((code) => ({ name: `code ${code}`, code: closing(`ws.close(${code});`) })),
		{ name: "no code", code: closing("ws.close();") },
		{ name: "a code in a constant", code: closing("ws.close(CODE, 'bye');", "", "const CODE = 4001;") },
		{ name: "mapped", code: closing(`ws.close(${mapped}, reason);`) },
		{ name: "mapped before", code: closing("const sent = code === 1005 || code === 1006 ? 1000 : code; ws.close(sent);") },
		{ name: "mapped by a list", code: closing("ws.close([1005, 1006, 1015].includes(code) ? 1000 : code);") },
		{ name: "mapped by a constant set", code: closing("ws.close(RESERVED.has(code) ? 1000 : code);", "", "const RESERVED = new Set([1004, 1005, 1006, 1015]);") },
		{ name: "mapped by a range", code: closing("ws.close(code >= 3000 ? code : 1000);") },
		{ name: "replaced in place", code: closing("if (code === 1005 || code === 1006) code = 1000; ws.close(code);") },
		{ name: "mapped by a function", code: closing("ws.close(sendable(code));", "", "declare function sendable(code: number): number;") },
		{ name: "within a condition", code: closing("if (code !== 1005 && code !== 1006) ws.close(code);") },
		{ name: "in the other branch", code: closing("if (code === 1005 || code === 1006) { ws.close(1000); } else { ws.close(code, reason); }") },
		{ name: "after having left", code: closing("if (code < 1000 || code === 1005 || code === 1006) { return; } ws.close(code);") },
		{ name: "caught", code: closing("try { ws.close(code, reason); } catch {}") },
		{ name: "caught around a helper", code: closing("try { this.answer(ws, code); } catch { ws.close(1000); }", "answer(ws, code) { ws.close(code); }") },
		{ name: "under a condition that cannot be told", code: closing("if (canSend(code)) ws.close(code);", "", "declare function canSend(code: number): boolean;") },
		{ name: "a parameter of another method", code: room("kick(code: number) { for (const ws of this.ctx.getWebSockets()) ws.close(code); }") },
		{ name: "something else is closed", code: object("stop() { this.server.close(1006); this.db.close(0); }") },
		{ name: "a long reason before the limit", code: closing(`ws.close(1000, "${"x".repeat(124)}");`), settings: dated("2026-03-02") },
		{ name: "a long reason at an unknown date", code: closing(`ws.close(1000, "${"x".repeat(124)}");`) },
		{ name: "a reason of just the limit", code: closing(`ws.close(1000, "${"x".repeat(123)}");`), settings: dated("2026-10-01") },
	],
	invalid: [
		{ name: "1005", code: closing("ws.close(1005);"), errors: [{ messageId: "invalidCode", data: { code: "1005" }, suggestions: [{ messageId: "useCode", data: { code: "1000" }, output: closing("ws.close(1000);") }] }] },
		{ name: "1006", code: closing("ws.close(1006, 'lost');"), errors: [{ messageId: "invalidCode", suggestions: [{ messageId: "useCode", data: { code: "1011" }, output: closing("ws.close(1011, 'lost');") }] }] },
		...["0", "200", "999", "1004", "5000", "-1", "NaN"].map((code) => ({ name: `code ${code}`, code: closing(`ws.close(${code});`), errors: [{ messageId: "invalidCode", data: { code }, suggestions: [] }] })),
		{ name: "a constant", code: closing("ws.close(CODE);", "", "const CODE = 500 + 1;"), errors: [{ messageId: "invalidCode", data: { code: "CODE" }, suggestions: [] }] },
		{ name: "on an outbound socket", code: object("stop() { const ws = new WebSocket('wss://x'); ws.close(1006); }"), errors: [{ messageId: "invalidCode", suggestions: 1 }] },
		{ name: "on a socket by its type", code: object("stop(ws: WebSocket) { ws.close(404); }"), errors: invalid },
		{ name: "the documented echo", code: closing("ws.close(code, reason);"), errors: [{ messageId: "echoedCode", data: both, suggestions: [{ messageId: "mapCode", output: closing(`ws.close(${mapped}, reason);`) }] }] },
		{ name: "with a default that is never taken", code: closing("ws.close(code || 1000);"), errors: [{ messageId: "echoedCode", suggestions: [{ messageId: "mapCode", output: closing(`ws.close(${mapped});`) }] }] },
		{ name: "with another", code: closing("ws.close(code ?? 1000);"), errors: echo },
		{ name: "through a constant", code: closing("const answer = code; ws.close(answer);"), errors: [{ messageId: "echoedCode", data: both, suggestions: [] }] },
		{ name: "through a helper", code: closing("this.leave(ws, code);", "leave(socket: WebSocket, status: number) { socket.close(status); }"), errors: [{ messageId: "echoedCode", data: { ...both, name: "status" }, suggestions: 1 }] },
		{ name: "through a function field", code: room("webSocketClose = (ws: WebSocket, code: number) => this.leave(ws, code); leave = (ws: WebSocket, code: number) => { ws.close(code); };"), errors: echo },
		{ name: "only 1006 is kept away", code: closing("if (code !== 1006) ws.close(code, reason);"), errors: [{ messageId: "echoedCode", data: { name: "code", what: "1005 when a client closes without a status" }, suggestions: 1 }] },
		{ name: "only 1005 is mapped", code: closing("ws.close(code === 1005 ? 1000 : code);"), errors: [{ messageId: "echoedCode", data: { name: "code", what: "1006 when the connection is lost" }, suggestions: [] }] },
		{ name: "a condition on something else", code: closing("if (reason) ws.close(code);"), errors: echo },
		{ name: "a try without a catch", code: closing("try { ws.close(code); } finally { this.left(); }", "left() {}"), errors: echo },
		{ name: "a reason without a code", code: closing("ws.close(undefined, 'bye');"), errors: [{ messageId: "reasonWithoutCode", suggestions: [{ messageId: "useCode", data: { code: "1000" }, output: closing("ws.close(1000, 'bye');") }] }] },
		{ name: "a long reason", code: closing(`ws.close(1000, "${"é".repeat(62)}");`), settings: dated("2026-03-03"), errors: [{ messageId: "reasonTooLong", data: { bytes: "124", limit: "123", date: 'compatibility date 2026-03-03 (settings["durable-objects"])' } }] },
	],
});

describe("valid-websocket-close: verdicts", () => {
	it("quotes what keeps the codes away", () => {
		expect(verdictsOn(rule, closing("if (code !== 1005 && code !== 1006) ws.close(code);"))).toEqual([
			{ status: "guarded", quotes: ["code !== 1005 && code !== 1006", "ws.close(code)"], because: "codes that cannot be sent do not reach close()" },
		]);
		const [mapping] = verdictsOn(rule, closing(`ws.close(${mapped});`));
		expect(mapping).toMatchObject({ status: "guarded", quotes: [mapped] });
	});

	it("says that the error is caught, not that it is avoided", () => {
		const [verdict] = verdictsOn(rule, closing("try { ws.close(code); } catch {}"));
		expect(verdict).toMatchObject({ status: "guarded", quotes: ["try { ws.close(code); } catch {}"], because: expect.stringContaining("caught") });
	});

	it.each([
		["a code that comes from elsewhere", room("kick(code: number) { for (const ws of this.ctx.getWebSockets()) ws.close(code); }")],
		["a condition that cannot be told", closing("if (canSend(code)) ws.close(code);", "", "declare function canSend(code: number): boolean;")],
	])("does not know %s", (_name, code) => expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown" }]));

	it("does not know the length of a reason where it matters", () => {
		const code = closing("ws.close(1011, reason);");
		expect(verdictsOn(rule, code, { settings: dated("2026-10-01") })).toMatchObject([{ status: "unknown", quotes: ["reason"] }]);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ["ws.close(1011, reason)"] }]);
	});

	it("does not apply where nothing is closed", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
