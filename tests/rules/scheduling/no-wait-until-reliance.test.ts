import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/no-wait-until-reliance.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string) => `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject { ${body} }`;
const dated = (compatibilityDate: string) => ({ "durable-objects": { compatibilityDate } });
const waiting = object("async f() { this.ctx.waitUntil(this.work()); } async work() {}");

tester.run("no-wait-until-reliance", rule, {
	valid: [
		{ name: "a Worker's own", code: "export default { async fetch(request, env, ctx) { ctx.waitUntil(work()); return new Response(); } };" },
		{ name: "imported for Worker code", code: 'import { waitUntil } from "cloudflare:workers"; export default { async fetch() { waitUntil(work()); } };' },
		{ name: "an ExecutionContext in the same file", code: `${object("async f() {}")} export default { async fetch(request, env, ctx) { ctx.waitUntil(work()); } };` },
		{ name: "beside an alarm that resumes it", code: object("async f() { await this.ctx.storage.setAlarm(Date.now()); this.ctx.waitUntil(this.work()); } async work() {} async alarm() { await this.work(); }") },
		{ name: "a container that is only looked at", code: object("start(name) { const container = this.ctx.container!; container.start(); this.ctx.waitUntil(container.monitor().then(() => console.log(name, 'has stopped'), (error) => console.warn(name, error))); }") },
		{ name: "a container that is waited for alone", code: object("start() { this.ctx.container.start(); this.ctx.waitUntil(this.ctx.container.monitor()); }") },
		{ name: "where it holds the object", code: waiting, settings: dated("2026-10-01") },
		{ name: "something else of that name", code: object("f(other) { other.waitUntil(1); }") },
	],
	invalid: [
		{ name: "no date known", code: waiting, errors: [{ messageId: "unknownDate", suggestions: [{ messageId: "awaitIt", output: object("async f() { await this.work(); } async work() {}") }] }] },
		{ name: "before the change, saying where the date is from", code: waiting, settings: dated("2025-01-01"), errors: [{ messageId: "noEffect", data: { from: 'compatibility date 2025-01-01 (settings["durable-objects"])', others: "" }, suggestions: 1 }] },
		{ name: "once for the class, with where else", code: object("a() { this.ctx.waitUntil(one()); }\nb() { this.ctx.waitUntil(two()); }\nc() { this.ctx.waitUntil(three()); }"), errors: [{ messageId: "unknownDate", line: 2, data: { others: " The same goes for lines 3 and 4." }, suggestions: [] }] },
		{ name: "twice in the class", code: object("a() { this.ctx.waitUntil(one()); }\nb() { this.ctx.waitUntil(two()); }"), errors: [{ messageId: "unknownDate", data: { others: " The same goes for line 3." }, suggestions: [] }] },
		{ name: "many times in the class", code: object(Array.from("abcdef", (name) => `${name}() { this.ctx.waitUntil(work()); }`).join("\n")), errors: [{ messageId: "unknownDate", data: { others: " The same goes for 5 further calls, the next in line 3." }, suggestions: [] }] },
		{ name: "since the change, in strict", code: waiting, settings: dated("2026-11-01"), options: [{ always: true }], errors: [{ messageId: "notDurable", suggestions: 1 }] },
		{ name: "work to be done when the container stops", code: object("start() { this.ctx.container.start(); this.ctx.waitUntil(this.ctx.container.monitor().finally(() => this.report())); } report() {}"), errors: [{ messageId: "unknownDate" }] },
		{ name: "when the container stops, something that cannot be seen", code: object("start(done) { this.ctx.container.start(); this.ctx.waitUntil(this.ctx.container.monitor().then(done)); }"), errors: [{ messageId: "unknownDate" }] },
		{ name: "a monitor of something else", code: object("start(tool) { this.ctx.waitUntil(tool.monitor().then(() => console.log('over'))); }"), errors: [{ messageId: "unknownDate" }] },
		{ name: "in a function that cannot await", code: object("f() { this.ctx.waitUntil(this.work()); } async work() {}"), errors: [{ messageId: "unknownDate", suggestions: [] }] },
		{ name: "an alarm in the same function, when the option says no", code: object("async f() { await this.ctx.storage.setAlarm(1); this.ctx.waitUntil(this.work()); } async work() {} async alarm() {}"), options: [{ allowWithAlarm: false }], errors: [{ messageId: "unknownDate", suggestions: 1 }] },
	],
});

describe("no-wait-until-reliance: verdicts", () => {
	it("quotes the alarm that resumes the work", () => {
		const code = object("async f() { await this.ctx.storage.setAlarm(9); this.ctx.waitUntil(this.work()); } async work() {} async alarm() {}");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(9)", "this.ctx.waitUntil(this.work())"] }]);
	});
	it("says what the date gives, and where it is from", () => {
		expect(verdictsOn(rule, waiting, { settings: dated("2026-11-01") })).toMatchObject([{ status: "guarded", because: expect.stringContaining("2026-11-01") }]);
	});
	it("does not apply without a call", () => {
		expect(verdictsOn(rule, object("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
