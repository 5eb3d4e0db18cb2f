import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/valid-alarm-time.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const room = (members: string, head = "") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject {
	${members}
	async alarm() {}
}`;
const at = (time: string, head = "") => room(`async open(at, delay, seconds) { await this.ctx.storage.setAlarm(${time}); }`, head);
const one = (messageId: string, output?: string, data?: Record<string, string>) => [
	{ messageId, ...(data && { data }), suggestions: output === undefined ? [] : [{ messageId: messageId === "secondsTime" ? "toMilliseconds" : "addNow", output }] },
];

tester.run("valid-alarm-time", rule, {
	valid: [
		{ name: "at least some time ahead", code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { async f(due: number) { await this.ctx.storage.setAlarm(Math.max(due, Date.now() + 1000)); } async alarm() {} }' },
		{ name: "from now", code: at("Date.now() + 60_000") },
		{ name: "from now, the other way round", code: at("5 * 60 * 1000 + Date.now()") },
		{ name: "from now by a constant", code: at("Date.now() + TTL", "const TTL = 86_400_000;") },
		{ name: "a date", code: at("new Date(Date.now() + 5_000)") },
		{ name: "a date by its text", code: at('new Date("2030-01-01")') },
		{ name: "a fixed point in time", code: at("1_900_000_000_000") },
		{ name: "what the caller says", code: at("at") },
		{ name: "the name of a duration, outside of strict", code: at("delay") },
		{ name: "what was stored", code: room('async open() { await this.ctx.storage.setAlarm((await this.ctx.storage.get("next")) ?? Date.now() + 1000); }') },
		{ name: "seconds made milliseconds", code: at("(Math.floor(Date.now() / 1000) + 60) * 1000") },
		{ name: "rounded down to the minute", code: at("Date.now() - (Date.now() % 60_000) + 60_000") },
		{ name: "an offset in seconds made milliseconds", code: at("Date.now() + seconds * 1000") },
		{ name: "a date that is moved on", code: room("async open() { const date = new Date(); date.setHours(24); await this.ctx.storage.setAlarm(date.getTime()); }") },
		{ name: "a helper that adds the present itself", code: room("start() { return this.after(5000); } after(ms) { return this.ctx.storage.setAlarm(Date.now() + ms); }") },
		{ name: "setAlarm of something else", code: room("open() { this.clock.setAlarm(5); } clock = { setAlarm(n) {} };") },
		{ name: "a local Date", code: at("Date.now() / 1000", 'import { Date } from "./clock";') },
		{ name: "a variable that is set twice", code: room("async open(late) { let time = 0; if (late) time = Date.now(); await this.ctx.storage.setAlarm(time); }") },
		{ name: "a point in time by its name, in strict", code: at("at"), options: [{ checkNames: true }] },
		{ name: "a name that only begins like a duration, in strict", code: room("async open(delayedUntil) { await this.ctx.storage.setAlarm(delayedUntil); }"), options: [{ checkNames: true }] },
	],
	invalid: [
		{ name: "a duration", code: at("60_000"), errors: one("relativeTime", at("Date.now() + 60_000"), { value: "60000" }) },
		{ name: "a duration that is worked out", code: at("5 * 60 * 1000"), errors: one("relativeTime", at("Date.now() + 5 * 60 * 1000")) },
		{ name: "a constant", code: at("TTL", "const TTL = 86_400_000;"), errors: [{ messageId: "relativeTime", suggestions: 1 }] },
		{ name: "a date of a duration", code: at("new Date(5000)"), errors: one("relativeTime", at("new Date(Date.now() + 5000)")) },
		{ name: "seconds", code: at("Math.floor(Date.now() / 1000) + 3600"), errors: one("secondsTime", at("(Math.floor(Date.now() / 1000) + 3600) * 1000")) },
		{ name: "seconds from a date", code: at("new Date().getTime() / 1000 + 60"), errors: [{ messageId: "secondsTime", suggestions: 1 }] },
		{
			name: "seconds in a variable",
			code: room("async open() { const now = Math.floor(Date.now() / 1000); await this.ctx.storage.setAlarm(now + 60); }"),
			errors: one("secondsTime", room("async open() { const now = Math.floor(Date.now() / 1000); await this.ctx.storage.setAlarm((now + 60) * 1000); }")),
		},
		{ name: "a point in time in seconds", code: at("1_900_000_000"), errors: one("secondsTime", at("1_900_000_000 * 1000")) },
		{ name: "zero", code: at("0"), errors: one("refusedTime", undefined, { value: "0" }) },
		{ name: "a negative time", code: at("-1"), errors: one("refusedTime") },
		{ name: "one branch of two", code: at("at ? at : 5000"), errors: one("relativeTime", at("at ? at : Date.now() + 5000")) },
		{ name: "a fallback", code: at("at ?? 5000"), errors: one("relativeTime", at("at ?? Date.now() + 5000")) },
		{
			name: "through a helper",
			code: room("start() { return this.#wake(5000); } #wake(time) { return this.ctx.storage.setAlarm(time); }"),
			errors: one("relativeTime", room("start() { return this.#wake(Date.now() + 5000); } #wake(time) { return this.ctx.storage.setAlarm(time); }")),
		},
		{ name: "in the constructor, through a parameter property", code: "export class Room implements DurableObject { constructor(private state: DurableObjectState) { state.storage.setAlarm(1000); } fetch() {} alarm() {} }", errors: [{ messageId: "relativeTime", suggestions: 1 }] },
		{ name: "the name of a duration, in strict", code: at("delay"), options: [{ checkNames: true }], errors: one("durationName", at("Date.now() + delay")) },
		{ name: "a field with the name of a duration, in strict", code: room("ttl = getTtl(); open() { return this.ctx.storage.setAlarm(this.ttl); }"), options: [{ checkNames: true }], errors: [{ messageId: "durationName", suggestions: 1 }] },
	],
});

describe("valid-alarm-time: verdicts", () => {
	it("quotes the time that is counted from the present", () => {
		expect(verdictsOn(rule, at("Date.now() + 60_000"))).toEqual([{ status: "guarded", quotes: ["Date.now() + 60_000"], because: expect.stringContaining("present") }]);
	});

	it("does not know what a caller passes", () => {
		expect(verdictsOn(rule, at("at"))).toEqual([{ status: "unknown", quotes: ["at"], because: expect.stringContaining("`at`") }]);
	});

	it("does not apply without an alarm", () => {
		expect(verdictsOn(rule, room(""))).toEqual([{ status: "not-applicable", quotes: [], because: "the class sets no alarm" }]);
	});
});
