import { describe, expect, it } from "vitest";
import noLoop from "../../../src/rules/scheduling/no-immediate-alarm-loop.ts";
import noSwallowed from "../../../src/rules/scheduling/no-swallowed-alarm-error.ts";
import onFailure from "../../../src/rules/scheduling/require-alarm-reschedule-on-failure.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers"; ${head}
export class Jobs extends DurableObject { ${body} }`;

tester.run("no-immediate-alarm-loop", noLoop, {
	valid: [
		{ name: "some time ahead", code: object("async alarm() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "while there is something left", code: object("async alarm() { const more = await this.drain(); if (more) await this.ctx.storage.setAlarm(Date.now()); } drain() {}") },
		{ name: "after an early return", code: object("async alarm() { if ((await this.left()) === 0) return; await this.ctx.storage.setAlarm(Date.now()); } left() {}") },
		{ name: "a stored time", code: object("async alarm() { await this.ctx.storage.setAlarm(this.next); }") },
		{ name: "outside of alarm()", code: object("async start() { await this.ctx.storage.setAlarm(Date.now()); } async alarm() {}") },
		{ name: "in a helper that is called on a condition", code: object("async alarm() { if (this.more) await this.again(); } again() { return this.ctx.storage.setAlarm(Date.now()); }") },
		{ name: "a back-off", code: object("async alarm(info) { await this.ctx.storage.setAlarm(Date.now() + 1000 * 2 ** info.retryCount); }") },
	],
	invalid: [
		{ name: "now", code: object("async alarm() { await this.ctx.storage.setAlarm(Date.now()); }"), errors: [{ messageId: "hotLoop", data: { when: "for now" } }] },
		{ name: "a new Date", code: object("async alarm() { await this.work(); await this.ctx.storage.setAlarm(new Date()); } work() {}"), errors: [{ messageId: "hotLoop" }] },
		{ name: "in a helper", code: object("async alarm() { await this.again(); } async again() { const now = Date.now(); await this.ctx.storage.setAlarm(now); }"), errors: [{ messageId: "hotLoop" }] },
		{ name: "in finally", code: object("async alarm() { try { await this.work(); } finally { await this.ctx.storage.setAlarm(Date.now()); } } work() {}"), errors: [{ messageId: "hotLoop" }] },
		{ name: "soon, when the option says so", code: object("async alarm() { await this.ctx.storage.setAlarm(Date.now() + 50); }"), options: [{ minIntervalMs: 1000 }], errors: [{ messageId: "hotLoop", data: { when: "only 50 ms ahead" } }] },
	],
});

tester.run("require-alarm-reschedule-on-failure", onFailure, {
	valid: [
		{ name: "first of all", code: object("async alarm() { await this.ctx.storage.setAlarm(Date.now() + 60_000); await fetch('https://a.example'); }") },
		{ name: "in finally", code: object("async alarm() { try { await fetch('https://a.example'); } finally { await this.ctx.storage.setAlarm(Date.now() + 60_000); } }") },
		{ name: "in catch", code: object("async alarm() { try { await fetch('https://a.example'); } catch { await this.ctx.storage.setAlarm(Date.now() + 60_000); } }") },
		{ name: "errors are caught before", code: object("async alarm() { try { await fetch('https://a.example'); } catch (e) { console.error(e); } await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "the last retry is looked at", code: object("async alarm(info) { await fetch('https://a.example'); await this.ctx.storage.setAlarm(Date.now() + (info.retryCount > 4 ? 1 : 2)); }") },
		{ name: "only storage before it", code: object("async alarm() { await this.ctx.storage.put('x', 1); await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "one shot", code: object("async alarm() { await fetch('https://a.example'); }") },
	],
	invalid: [
		{ name: "after the network", code: object("async alarm() { await fetch('https://a.example'); await this.ctx.storage.setAlarm(Date.now() + 60_000); }"), errors: [{ messageId: "onlyOnSuccess", data: { risk: "fetch('https://a.example')" } }] },
		{ name: "after a helper that uses the network", code: object("async alarm() { await this.send(); await this.ctx.storage.setAlarm(Date.now() + 60_000); } async send() { await this.env.MAIL.send('x'); }"), errors: [{ messageId: "onlyOnSuccess" }] },
		{ name: "in a helper that is called last", code: object("async alarm() { await this.run(); await this.plan(); } async run() { await fetch('https://a.example'); } async plan() { await this.ctx.storage.setAlarm(9); }"), errors: [{ messageId: "onlyOnSuccess" }] },
		{ name: "the helper that sets it waits for the network first", code: object("async alarm() { await this.tick(); } async tick() { await fetch('https://a.example'); await this.ctx.storage.setAlarm(9); }"), errors: [{ messageId: "onlyOnSuccess", data: { risk: "fetch('https://a.example')" } }] },
		{ name: "the handler catches what keeps a helper from setting it", code: object("async alarm() { try { await this.tick(); } catch (e) { console.error(e); } } async tick() { await fetch('https://a.example'); await this.ctx.storage.setAlarm(9); }"), errors: [{ messageId: "onlyOnSuccess" }] },
		{ name: "the catch throws on", code: object("async alarm() { try { await fetch('https://a.example'); } catch (e) { throw e; } await this.ctx.storage.setAlarm(Date.now() + 60_000); }"), errors: [{ messageId: "onlyOnSuccess" }] },
	],
});

tester.run("no-swallowed-alarm-error", noSwallowed, {
	valid: [
		{ name: "no catch", code: object("async alarm() { await this.work(); } work() {}") },
		{ name: "thrown on", code: object("async alarm() { try { await this.work(); } catch (e) { console.error(e); throw e; } } work() {}") },
		{ name: "set again", code: object("async alarm() { try { await this.work(); } catch { await this.ctx.storage.setAlarm(Date.now() + 1000); } } work() {}") },
		{ name: "set again behind the try", code: object("async alarm() { try { await this.work(); } catch (e) { console.error(e); } await this.ctx.storage.setAlarm(Date.now() + 60_000); } work() {}") },
		{ name: "set again in finally, by a helper", code: object("async alarm() { try { await this.work(); } catch (e) { console.error(e); } finally { await this.plan(); } } work() {} plan() { return this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "stored", code: object("async alarm() { try { await this.work(); } catch (e) { await this.ctx.storage.put('failed', String(e)); } } work() {}") },
		{ name: "handed to a method", code: object("async alarm() { try { await this.work(); } catch (e) { this.retry(e); } } work() {} retry() {}") },
		{ name: "one item of many", code: object("async alarm() { for (const job of this.jobs) { try { await job(); } catch (e) { console.error(e); } } }") },
	],
	invalid: [
		{ code: object("async alarm() { try { await this.work(); } catch {} } work() {}"), errors: [{ messageId: "swallowed" }] },
		{ code: object("async alarm() { try { await this.work(); } catch (e) { console.error(e); } } work() {}"), errors: [{ messageId: "swallowed" }] },
	],
});

describe("verdicts", () => {
	it("quote what makes the repetition right", () => {
		expect(verdictsOn(noLoop, object("async alarm() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }"))).toMatchObject([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(Date.now() + 60_000)"] }]);
		expect(verdictsOn(onFailure, object("async alarm() { try { await fetch('https://a.example'); } finally { await this.ctx.storage.setAlarm(9); } }"))).toMatchObject([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(9)"] }]);
		expect(verdictsOn(noSwallowed, object("async alarm() { try { await this.work(); } catch (e) { throw e; } } work() {}"))).toMatchObject([{ status: "guarded", quotes: ["throw e;"] }]);
	});
	it("quote the call that leads to a helper, and say where it stands", () => {
		const inFinally = object("async alarm() { try { await this.run(); } finally { await this.plan(); } } async run() { await fetch('https://a.example'); } async plan() { await this.ctx.storage.setAlarm(9); }");
		expect(verdictsOn(onFailure, inFinally)).toMatchObject([{ status: "guarded", quotes: ["this.plan()"], because: "the next alarm is set in finally, whatever fails before" }]);
		const first = object("async alarm() { await this.plan(); await this.run(); } async run() { await fetch('https://a.example'); } async plan() { await this.ctx.storage.setAlarm(9); }");
		expect(verdictsOn(onFailure, first)).toMatchObject([{ status: "guarded", because: "nothing outside is awaited before the next alarm is set" }]);
	});
	it("say so where what fails before is caught", () => {
		const code = object("async alarm() { try { await fetch('https://a.example'); } catch (e) { console.error(e); } await this.ctx.storage.setAlarm(9); }");
		expect(verdictsOn(onFailure, code)).toEqual([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(9)", "catch (e) { console.error(e); }"], because: expect.stringContaining("is caught") }]);
	});
	it("look into the helper that sets it", () => {
		const code = object("async alarm() { await this.tick(); } async tick() { try { await fetch('https://a.example'); } catch { await this.ctx.storage.setAlarm(9); } }");
		expect(verdictsOn(onFailure, code)).toEqual([{ status: "guarded", quotes: ["this.ctx.storage.setAlarm(9)"], because: "the next alarm is set on the failure path too" }]);
	});
	it("doubt what cannot be looked into", () => {
		const code = `import { drain } from "some-queue";\n${object("async alarm() { await drain(this.jobs); await this.ctx.storage.setAlarm(9); }")}`;
		expect(verdictsOn(onFailure, code)).toMatchObject([{ status: "unknown", quotes: ["this.ctx.storage.setAlarm(9)", "await drain(this.jobs)"] }]);
	});
	it("do not apply without an alarm that repeats", () => {
		for (const rule of [noLoop, onFailure]) expect(verdictsOn(rule, object("async alarm() {}"))).toMatchObject([{ status: "not-applicable" }]);
		expect(verdictsOn(noSwallowed, object("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
