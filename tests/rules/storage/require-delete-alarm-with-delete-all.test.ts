import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/require-delete-alarm-with-delete-all.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { object } from "./object.ts";

const dated = (compatibilityDate: string) => ({ "durable-objects": { compatibilityDate } });
const old = dated("2026-02-23");
const room = (clear: string, alarm = ""): string => object(`async add() { await this.ctx.storage.setAlarm(Date.now() + 1000); }\nasync clear() {\n\t${clear}\n}\nasync alarm() { ${alarm} }\nasync stop() { await this.ctx.storage.deleteAlarm(); }`);

tester.run("require-delete-alarm-with-delete-all", rule, {
	valid: [
		{ name: "both", code: room("await this.ctx.storage.deleteAlarm(); await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "both, the other way round", code: room("await this.ctx.storage.deleteAll(); await this.ctx.storage.deleteAlarm();"), settings: old },
		{ name: "both at once", code: room("await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);"), settings: old },
		{ name: "by a method", code: room("await this.stop(); await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm() itself", code: room("", "await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm(), within what it hands to a function", code: room("", "return traced({ name: 'alarm' }, async () => { await this.ctx.storage.deleteAll(); });"), settings: old },
		{ name: "in a helper that only alarm() calls", code: room("", "await this.#end(); } async #end() { await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm(), which sets another only where it does not delete", code: room("", "if (await this.ctx.storage.get('open')) await this.ctx.storage.setAlarm(1); else await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm(), which has returned where it sets another", code: room("", "if (await this.ctx.storage.get('open')) { await this.ctx.storage.setAlarm(1); return; } await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm(), which sets another only afterwards", code: room("", "await this.ctx.storage.deleteAll(); const next = await this.add(); if (next) await this.ctx.storage.setAlarm(next);"), settings: old },
		{ name: "in a helper that only alarm() calls, before it sets another", code: room("", "if (await this.ctx.storage.get('over')) return this.#end(); await this.ctx.storage.setAlarm(1); } async #end() { await this.ctx.storage.deleteAll();"), settings: old },
		{ name: "in alarm(), after an error before another would have been set", code: room("", "try { await this.work(); if (this.again) { await this.ctx.storage.setAlarm(1); } else { this.done = true; } } catch { await this.ctx.storage.deleteAll(); }"), settings: old },
		{ name: "a date since which it is not needed", code: room("await this.ctx.storage.deleteAll();"), settings: dated("2026-02-24") },
		{ name: "no date known", code: room("await this.ctx.storage.deleteAll();") },
		{ name: "alarm() is left over from what once set one", code: object("async clear() { await this.ctx.storage.deleteAll(); } async alarm() { await this.flush(); } async flush() { await this.ctx.storage.put('at', 1); }"), settings: old },
		{ name: "a class without alarms", code: object("async clear() { await this.ctx.storage.deleteAll(); }"), settings: old },
	],
	invalid: [
		{
			name: "deleteAll() alone",
			code: room("await this.ctx.storage.deleteAll();"),
			settings: old,
			errors: [
				{
					messageId: "alarmStays",
					data: { from: 'compatibility date 2026-02-23 (settings["durable-objects"])', since: "2026-02-24" },
					suggestions: [{ messageId: "deleteAlarm", output: room("await this.ctx.storage.deleteAlarm();\n\tawait this.ctx.storage.deleteAll();") }],
				},
			],
		},
		{ name: "in alarm(), which sets another", code: room("", "await this.ctx.storage.setAlarm(1); await this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), which sets another in what it hands to a function", code: room("", "return traced(async () => { await this.ctx.storage.setAlarm(1); await this.ctx.storage.deleteAll(); });"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), which may set another before", code: room("", "if (await this.ctx.storage.get('open')) await this.ctx.storage.setAlarm(1); await this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), after an error that may come after another is set", code: room("", "try { await this.ctx.storage.setAlarm(1); await this.work(); } catch { await this.ctx.storage.deleteAll(); }"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), after an error behind the choice in which another is set", code: room("", "try { if (this.again) { await this.ctx.storage.setAlarm(1); } await this.work(); } catch { await this.ctx.storage.deleteAll(); }"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), after an error in what is made of the other's promise", code: room("", "try { this.log(await this.ctx.storage.setAlarm(1)); } catch { await this.ctx.storage.deleteAll(); }"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), after the try that sets another", code: room("", "try { await this.ctx.storage.setAlarm(1); } catch {} await this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), in the finally of a try that sets another", code: room("", "try { await this.ctx.storage.setAlarm(1); } finally { await this.ctx.storage.deleteAll(); }"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in a loop of alarm() that sets another in an earlier round", code: room("", "for (const due of await this.due()) { if (due.again) await this.ctx.storage.setAlarm(due.at); else { await this.ctx.storage.deleteAll(); } }"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in alarm(), behind a helper that sets another", code: room("", "await this.#again(); await this.ctx.storage.deleteAll(); } async #again() { await this.ctx.storage.setAlarm(1);"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in a timer that alarm() starts", code: room("", "setTimeout(() => this.ctx.storage.deleteAll(), 5000);"), settings: old, errors: [{ messageId: "alarmStays", suggestions: [] }] },
		{ name: "in a helper of alarm() and others", code: room("await this.#end();", "await this.#end(); } async #end() { await this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "in a helper of alarm() that stubs can call", code: room("", "await this.end(); } async end() { await this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "whatever sets the alarm is given the storage", code: object("#plan = new Plan(this.ctx.storage); async clear() { await this.ctx.storage.deleteAll(); } async alarm() { await this.#plan.run(); }", 'import { Plan } from "./plan";'), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "a subclass may set the alarm", code: object("async clear() { await this.ctx.storage.deleteAll(); } async alarm() { await this.work(); }").replace("export class", "export abstract class"), settings: old, errors: [{ messageId: "alarmStays", suggestions: 1 }] },
		{ name: "as a value: no suggestion", code: room("return this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: [] }] },
		{ name: "without await", code: room("this.ctx.storage.deleteAll();"), settings: old, errors: [{ messageId: "alarmStays", suggestions: [{ messageId: "deleteAlarm", output: room("this.ctx.storage.deleteAlarm();\n\tthis.ctx.storage.deleteAll();") }] }] },
	],
});

describe("require-delete-alarm-with-delete-all: verdicts", () => {
	it.each([
		["quotes deleteAlarm()", room("await this.ctx.storage.deleteAlarm(); await this.ctx.storage.deleteAll();"), old, { status: "guarded", quotes: ["this.ctx.storage.deleteAlarm()"] }],
		["says where the date came from", room("await this.ctx.storage.deleteAll();"), dated("2026-05-01"), { status: "guarded", because: 'deleteAll() deletes the alarm too (compatibility date 2026-05-01 (settings["durable-objects"]))' }],
		["says when no date is known", room("await this.ctx.storage.deleteAll();"), {}, { status: "unknown" }],
		["does not know whether a helper of a helper sets another in alarm()", room("", "await this.#ready(); await this.ctx.storage.deleteAll(); } async #ready() { if (!this.isReady) await this.#again(); this.isReady = true; } async #again() { await this.ctx.storage.setAlarm(1);"), old, { status: "unknown", because: "it runs in alarm(), which has used the alarm up; whether a method that runs before sets another then could not be told" }],
		["does not apply without alarms", object("async clear() { await this.ctx.storage.deleteAll(); }"), old, { status: "not-applicable" }],
		["does not apply without deleteAll()", room(""), old, { status: "not-applicable" }],
		["does not know what a base class sets", 'import { Base } from "./base"; export class Room extends Base { constructor(state, env) { super(state, env); this.state = state; } async fetch() { await this.state.storage.deleteAll(); } }', old, { status: "unknown" }],
	])("%s", (_name, code, settings, verdict) => {
		expect(verdictsOn(rule, code, { settings })).toMatchObject([verdict]);
	});
});
