import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/no-lost-attachment-update.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, object, room } from "./room.ts";

const handler = (body: string, more = "") => room(`	async webSocketMessage(ws: WebSocket, m: string) {\n		${body}\n	}\n${more}`);
const lost = [{ messageId: "lostChange", suggestions: 1 }];

tester.run("no-lost-attachment-update", rule, {
	valid: [
		{ name: "read only", code: handler("const a = ws.deserializeAttachment(); ws.send(a.name);") },
		{ name: "stored again", code: handler("const a = ws.deserializeAttachment(); a.n++; ws.serializeAttachment(a);") },
		{ name: "stored again in finally", code: handler("const a = ws.deserializeAttachment(); try { a.n = 1; } finally { ws.serializeAttachment(a); }") },
		{ name: "stored again after several changes", code: handler("const a = ws.deserializeAttachment() as A; a.n += 1; a.list.push(m); delete a.old; ws.serializeAttachment(a);") },
		{ name: "stored as part of another object", code: handler("const a = ws.deserializeAttachment() ?? {}; a.n = 1; ws.serializeAttachment({ ...a, m });") },
		{ name: "stored by a helper", code: handler("const a = ws.deserializeAttachment(); a.n = 1; this.save(ws, a);", "save(ws: WebSocket, a) { ws.serializeAttachment(a); }") },
		{ name: "a part stored again", code: handler("const { history } = ws.deserializeAttachment(); history.push(m); ws.serializeAttachment({ history });") },
		{ name: "only needed for an answer", code: handler("const a = ws.deserializeAttachment(); delete a.secret; ws.send(JSON.stringify(a));") },
		{ name: "kept in memory as well", code: handler("const a = ws.deserializeAttachment(); this.sessions.set(ws, a); a.n = 1;") },
		{ name: "a copy that is changed", code: handler("const a = { ...ws.deserializeAttachment(), n: 1 }; a.n = 2; ws.send(a.n);") },
		{ name: "an object that is changed before it is stored", code: handler("const a = { n: 0 }; a.n = 1; ws.serializeAttachment(a);") },
		{ name: "methods that change nothing", code: handler("const a = ws.deserializeAttachment(); a.list.map(String); a.list.slice(1);") },
		{ name: "a variable that is given a new value", code: handler("let a = ws.deserializeAttachment(); a = { n: 1 }; ws.send(a.n);") },
		{ name: "something else that is called so", code: object("go(x) { const a = x.read(); a.n = 1; }") },
	],
	invalid: [
		{
			name: "a count",
			code: handler("const a = ws.deserializeAttachment() as A;\n		a.n++;\n		ws.send(a.n);"),
			errors: [
				{
					messageId: "lostChange",
					data: { what: "n", socket: "ws", value: "a" },
					suggestions: [{ messageId: "serializeAgain", data: { what: "n", socket: "ws", value: "a" }, output: handler("const a = ws.deserializeAttachment() as A;\n		a.n++;\n		ws.serializeAttachment(a);\n		ws.send(a.n);") }],
				},
			],
		},
		{ name: "an assignment", code: handler("const a = ws.deserializeAttachment(); a.user = m;"), errors: lost },
		{ name: "with a default", code: handler("const a = ws.deserializeAttachment() ?? { n: 0 }; a.n += 1;"), errors: lost },
		{ name: "deep inside", code: handler("const a = ws.deserializeAttachment(); a.cursor.x = 1;"), errors: [{ messageId: "lostChange", data: { what: "cursor", socket: "ws", value: "a" }, suggestions: 1 }] },
		{ name: "a list", code: handler("const a = ws.deserializeAttachment(); a.list.push(m);"), errors: lost },
		{ name: "a part of it", code: handler("const { list } = ws.deserializeAttachment(); list.push(m);"), errors: [{ messageId: "lostChange", data: { what: "push()", socket: "ws", value: "value" }, suggestions: [] }] },
		{ name: "on the spot", code: handler("ws.deserializeAttachment().n++;"), errors: [{ messageId: "lostChange", data: { what: "n", socket: "ws", value: "value" }, suggestions: [] }] },
		{ name: "on the spot, with a type", code: handler("(ws.deserializeAttachment() as A).n = 1;"), errors: [{ messageId: "lostChange", suggestions: [] }] },
		{ name: "a deletion", code: handler("const a = ws.deserializeAttachment(); delete a.n;"), errors: lost },
		{ name: "of all sockets", code: room("mark() { for (const ws of this.ctx.getWebSockets()) { const a = ws.deserializeAttachment(); a.seen = true; } }"), errors: lost },
		{ name: "after it was stored", code: handler("const a = { n: 0 }; ws.serializeAttachment(a); a.n = 1;"), errors: [{ messageId: "lateChange", data: { what: "n", socket: "ws", value: "a" }, suggestions: 1 }] },
		{ name: "stored before the last change", code: handler("const a = ws.deserializeAttachment(); a.n = 1; ws.serializeAttachment(a); a.m = 2;"), errors: [{ messageId: "lostChange", data: { what: "m", socket: "ws", value: "a" }, suggestions: 1 }] },
		{ name: "stored in the other branch only", code: handler("const a = ws.deserializeAttachment(); if (m) { a.n = 1; } else { ws.serializeAttachment(a); }"), errors: lost },
	],
});

describe("no-lost-attachment-update: verdicts", () => {
	it("quotes what stores the change", () => {
		expect(verdictsOn(rule, handler("const a = ws.deserializeAttachment(); a.n++; ws.serializeAttachment(a);"))).toEqual([
			{ status: "guarded", quotes: ["ws.serializeAttachment(a)"], because: "the changed copy is serialized again" },
		]);
	});

	it("does not know what other code does with the copy", () => {
		expect(verdictsOn(rule, handler("const a = ws.deserializeAttachment(); a.n = 1; keep(ws, a);"))).toMatchObject([{ status: "unknown", quotes: ["a.n = 1"] }]);
	});

	it("does not apply without attachments", () => {
		expect(verdictsOn(rule, room(close))).toMatchObject([{ status: "not-applicable" }]);
	});
});
