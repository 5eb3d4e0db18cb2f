import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/valid-websocket-tags.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object, upgrade } from "./room.ts";

const tagged = (tags: string, head = "") => object(upgrade(`this.ctx.acceptWebSocket(server, ${tags});`), head);
const eleven = Array.from({ length: 11 }, (_, index) => `"t${index}"`);

tester.run("valid-websocket-tags", rule, {
	valid: [
		{ name: "none", code: object(upgrade("this.ctx.acceptWebSocket(server);")) },
		{ name: "undefined", code: tagged("undefined") },
		{ name: "some", code: tagged('["a", `user:${request.url}`]') },
		{ name: "ten", code: tagged(`[${eleven.slice(1).join()}]`) },
		{ name: "eleven, two of which are equal", code: tagged(`[${[...eleven.slice(1), '"t1"'].join()}]`) },
		{ name: "just the length", code: tagged(`["${"x".repeat(256)}"]`) },
		{ name: "numbers, which become text", code: tagged("[1, 2]") },
		{ name: "a list that is only known at run time", code: tagged("this.tagsOf(request)") },
		{ name: "a list with a spread", code: tagged("[...this.tags, 'a']") },
		{ name: "a variable that is written twice", code: object(upgrade("let tags = 'a'; tags = ['b']; this.ctx.acceptWebSocket(server, tags);")) },
		{ name: "a method of that name on something else", code: object(upgrade("this.hub.acceptWebSocket(server, 'a');")) },
	],
	invalid: [
		{ name: "a string", code: tagged('"a"'), output: tagged('["a"]'), errors: [{ messageId: "notAnArray", data: { what: "a string" } }] },
		{ name: "a template", code: tagged("`user:${request.url}`"), output: tagged("[`user:${request.url}`]"), errors: [{ messageId: "notAnArray" }] },
		{ name: "a constant", code: tagged("TAG", 'const TAG = "a";'), output: tagged("[TAG]", 'const TAG = "a";'), errors: [{ messageId: "notAnArray" }] },
		{ name: "a parameter by its type", code: object("join(ws: WebSocket, user: string) { this.ctx.acceptWebSocket(ws, user); }"), output: object("join(ws: WebSocket, user: string) { this.ctx.acceptWebSocket(ws, [user]); }"), errors: [{ messageId: "notAnArray" }] },
		{ name: "null", code: tagged("null"), errors: [{ messageId: "notAnArray", data: { what: "null" } }] },
		{ name: "a Set", code: tagged('new Set(["a"])'), errors: [{ messageId: "notAnArray", data: { what: "a Set" } }] },
		{ name: "an object", code: tagged("{ user: 1 }"), errors: [{ messageId: "notAnArray", data: { what: "an object" } }] },
		{ name: "eleven", code: tagged(`[${eleven.join()}]`), errors: [{ messageId: "tooManyTags", data: { count: "11", limit: "10" } }] },
		{ name: "too long", code: tagged(`["a", "${"x".repeat(257)}"]`), errors: [{ messageId: "tagTooLong", data: { bytes: "257", limit: "256" } }] },
		{ name: "too long in bytes", code: tagged(`["${"é".repeat(129)}"]`), errors: [{ messageId: "tagTooLong", data: { bytes: "258", limit: "256" } }] },
		{ name: "a list in a constant", code: tagged("TAGS", `const TAGS = [${eleven.join()}];`), errors: [{ messageId: "tooManyTags" }] },
	],
});

describe("valid-websocket-tags: verdicts", () => {
	it("quotes the call", () => {
		expect(verdictsOn(rule, tagged('["a"]'))).toMatchObject([{ status: "guarded", quotes: ['this.ctx.acceptWebSocket(server, ["a"])'] }]);
	});

	it("does not know a list that is made at run time", () => {
		expect(verdictsOn(rule, tagged("this.tagsOf(request)"))).toMatchObject([{ status: "unknown", quotes: ["this.tagsOf(request)"] }]);
	});

	it("does not apply without tags, or without acceptance", () => {
		expect(verdictsOn(rule, object(upgrade("this.ctx.acceptWebSocket(server);")))).toMatchObject([{ status: "not-applicable" }]);
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
