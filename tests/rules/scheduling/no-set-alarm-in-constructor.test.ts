import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/no-set-alarm-in-constructor.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const room = (members: string, head = "", base = "DurableObject") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends ${base} {
	${members}
	async alarm() {}
}`;
const built = (body: string, members = "") => room(`constructor(ctx, env) {
		super(ctx, env);
		${body}
	}
	${members}`);

const agent = (body: string, members = "") => `import { Agent } from "agents";
export class Gardener extends Agent {
	async onStart() { ${body} }
	${members}
	water() {}
}`;
const everyWake = (call: string, output: string) => ({ code: agent(`await ${call};`), errors: [{ messageId: "scheduleOnEveryWake", suggestions: [{ messageId: "onlyOnce", output: agent(`await ${output};`) }] }] });

tester.run("no-set-alarm-in-constructor", rule, {
	valid: [
		{ name: "a schedule that is kept", code: agent("await this.schedule(60, 'water', {}, { idempotent: true });") },
		{ name: "a cron schedule", code: agent("await this.schedule('0 8 * * *', 'water');") },
		{ name: "an interval, which is kept", code: agent("await this.scheduleEvery(60, 'water');") },
		{ name: "a schedule after a look", code: agent("if (this.getSchedules().length === 0) await this.schedule(60, 'water');") },
		{ name: "a schedule in place of others", code: agent("for (const { id } of this.getSchedules()) await this.cancelSchedule(id); await this.schedule(60, 'water');") },
		{ name: "a schedule under a condition that is not followed", code: agent("if (!this.state.planted) await this.schedule(60, 'water');") },
		{ name: "a schedule that ends the object", code: agent("await this.schedule(3600, 'fell');", "async fell() { console.log('timber'); await this.destroy(); }") },
		{ name: "a time that is not known", code: agent("await this.schedule(this.env.WHEN, 'water');") },
		{ name: "options that are not known", code: agent("await this.schedule(60, 'water', {}, options);") },
		{ name: "a schedule that a call adds", code: agent("", "async plant() { await this.schedule(60, 'water'); }") },
		{ name: "a schedule of the class's own making", code: agent("await this.schedule(60, 'water');", "async schedule(delay, name) {}") },
		{ name: "a container's schedule, added when the container starts", code: "import { Container } from '@cloudflare/containers'; export class Box extends Container { async onStart() { await this.schedule(60, 'report'); } async report() {} }" },
		{ name: "in a handler", code: room("async open() { await this.ctx.storage.setAlarm(Date.now() + 1000); }") },
		{ name: "no alarm", code: built("ctx.storage.sql.exec('SELECT 1');") },
		{ name: "after a look", code: built("ctx.blockConcurrencyWhile(async () => { if ((await ctx.storage.getAlarm()) === null) await ctx.storage.setAlarm(Date.now() + 1000); });") },
		{ name: "after a look into a variable", code: built("ctx.blockConcurrencyWhile(async () => { const set = await ctx.storage.getAlarm(); if (!set) ctx.storage.setAlarm(Date.now() + 1000); });") },
		{ name: "after a look and an early return", code: built("void this.arm();", "async arm() { const set = await this.ctx.storage.getAlarm(); if (set !== null) return; await this.ctx.storage.setAlarm(Date.now() + 1000); }") },
		{ name: "after a look by then()", code: built("ctx.storage.getAlarm().then((set) => { if (set === null) ctx.storage.setAlarm(Date.now() + 1000); });") },
		{ name: "after a look through a method", code: built("ctx.blockConcurrencyWhile(async () => { if (!(await this.isArmed())) await ctx.storage.setAlarm(Date.now() + 1000); });", "async isArmed() { return (await this.ctx.storage.getAlarm()) !== null; }") },
		{ name: "once in the object's life", code: built("ctx.blockConcurrencyWhile(async () => { if (await ctx.storage.get('ready')) return; await ctx.storage.setAlarm(Date.now() + 1000); await ctx.storage.put('ready', true); });") },
		{ name: "at a stored time", code: built("ctx.blockConcurrencyWhile(async () => { const next = await ctx.storage.get('next'); await ctx.storage.setAlarm(next); });") },
		{ name: "at a time from a table", code: built("const row = ctx.storage.sql.exec('SELECT min(due) AS due FROM jobs').one(); ctx.storage.setAlarm(row.due);") },
		{ name: "under a condition that is not followed", code: built("if (env.TICK) ctx.storage.setAlarm(Date.now() + 1000);") },
		{ name: "in a route handler that the constructor registers", code: built("this.app.get('/arm', () => ctx.storage.setAlarm(Date.now() + 1000));", "app = new Hono();") },
		{ name: "when a framework starts the object", code: room("onStart() { this.ctx.storage.setAlarm(Date.now() + 1000); }", 'import { Server } from "partyserver";', "Server") },
		{ name: "a helper that handlers call as well, not the constructor", code: built("this.ready = true;", "arm() { this.ctx.storage.setAlarm(Date.now() + 1000); } open() { this.arm(); }") },
	],
	invalid: [
		{ name: "a schedule on every wake", ...everyWake("this.schedule(60 * 60, 'water', { bed: 1 })", "this.schedule(60 * 60, 'water', { bed: 1 }, { idempotent: true })") },
		{ name: "a schedule without a payload", ...everyWake("this.schedule(new Date(Date.now() + 1000), 'water')", "this.schedule(new Date(Date.now() + 1000), 'water', undefined, { idempotent: true })") },
		{ name: "a schedule that is said to be added again", code: agent("await this.schedule('0 8 * * *', 'water', {}, { idempotent: false });"), errors: [{ messageId: "scheduleOnEveryWake", data: { hook: "onStart()", callback: "water()" } }] },
		{ name: "a schedule that ends the object sometimes", code: agent("await this.schedule(3600, 'fell', {}, { idempotent: false });", "async fell() { if (this.state.isDry) await this.destroy(); }"), errors: [{ messageId: "scheduleOnEveryWake" }] },
		{ name: "a schedule with other options", code: agent("await this.schedule(60, 'water', {}, { retry: { maxAttempts: 3 } });"), errors: [{ messageId: "scheduleOnEveryWake" }] },
		{ name: "a schedule that a helper adds", code: agent("await this.plan();", "async plan() { await this.schedule(60, 'water', {}, { idempotent: false }); }"), errors: [{ messageId: "scheduleOnEveryWake" }] },
		{ name: "a schedule that the constructor adds", code: 'import { Agent } from "agents"; export class Gardener extends Agent { constructor(ctx, env) { super(ctx, env); this.schedule(60, name, {}, { idempotent: false }); } water() {} }', errors: [{ messageId: "scheduleOnEveryWake", data: { hook: "The constructor", callback: "what is scheduled" } }] },
		{
			name: "in the constructor itself",
			code: built("ctx.storage.setAlarm(Date.now() + 1000);"),
			errors: [
				{
					messageId: "alarmOnEveryWake",
					line: 6,
					suggestions: [{ messageId: "onlyWhenNone", output: built("ctx.blockConcurrencyWhile(async () => {\n\t\t\tif ((await ctx.storage.getAlarm()) === null) await ctx.storage.setAlarm(Date.now() + 1000);\n\t\t});") }],
				},
			],
		},
		{
			name: "in the constructor's region",
			code: built("ctx.blockConcurrencyWhile(async () => { await ctx.storage.setAlarm(Date.now() + 1000); });"),
			errors: [{ messageId: "alarmOnEveryWake", suggestions: [{ messageId: "onlyWhenNone", output: built("ctx.blockConcurrencyWhile(async () => { if ((await ctx.storage.getAlarm()) === null) await ctx.storage.setAlarm(Date.now() + 1000); });") }] }],
		},
		{ name: "through a helper", code: built("this.arm();", "arm() { this.ctx.storage.setAlarm(Date.now() + 1000); }"), errors: [{ messageId: "alarmOnEveryWake", suggestions: [] }] },
		{ name: "through a bound helper in the region", code: built("void ctx.blockConcurrencyWhile(this.arm.bind(this));", "async arm() { this.ctx.storage.setAlarm(Date.now() + 1000); }"), errors: [{ messageId: "alarmOnEveryWake", suggestions: 1 }] },
		{ name: "through a helper that handlers call as well", code: built("this.arm();", "arm() { this.ctx.storage.setAlarm(Date.now() + 1000); } open() { this.arm(); }"), errors: [{ messageId: "alarmOnEveryWake", suggestions: [] }] },
		{ name: "in a field's initialiser", code: room("armed = this.ctx.storage.setAlarm(Date.now() + 1000);"), errors: [{ messageId: "alarmOnEveryWake", suggestions: [] }] },
		{ name: "after a check that throws", code: built("if (!env.KEY) throw new Error('no key'); ctx.storage.setAlarm(Date.now() + 1000);"), errors: [{ messageId: "alarmOnEveryWake", suggestions: 1 }] },
		{
			name: "in a base class of this file",
			code: `import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject { constructor(ctx: DurableObjectState, env) { super(ctx, env); this.ctx.storage.setAlarm(Date.now() + 1000); } }
export class Room extends Base { alarm() {} }`,
			errors: [{ messageId: "alarmOnEveryWake", suggestions: [] }],
		},
		{
			name: "in a base class that has alarm() itself, once",
			code: `import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject { constructor(ctx: DurableObjectState, env) { super(ctx, env); this.ctx.storage.setAlarm(Date.now() + 1000); } alarm() {} }
export class Room extends Base { hello() {} }`,
			errors: [{ messageId: "alarmOnEveryWake", suggestions: 1 }],
		},
	],
});

describe("no-set-alarm-in-constructor: verdicts", () => {
	it("quotes the look", () => {
		const verdicts = verdictsOn(rule, built("ctx.blockConcurrencyWhile(async () => { if ((await ctx.storage.getAlarm()) === null) await ctx.storage.setAlarm(Date.now() + 1000); });"));
		expect(verdicts).toEqual([{ status: "guarded", quotes: ["ctx.storage.getAlarm()", "ctx.storage.setAlarm(Date.now() + 1000)"], because: expect.stringContaining("look") }]);
	});

	it.each([
		["a schedule that is kept", "await this.schedule(60, 'water', {}, { idempotent: true });", "guarded"],
		["a look at the schedules", "const all = this.getSchedules(); if (all.length === 0) await this.schedule(60, 'water');", "guarded"],
		["a condition", "if (!this.state.planted) await this.schedule(60, 'water');", "unknown"],
		["options that are not known", "await this.schedule(60, 'water', {}, options);", "unknown"],
		["no schedule", "", "not-applicable"],
	])("answers for an agent: %s", (_name, body, status) => {
		expect(verdictsOn(rule, agent(body))).toMatchObject([{ status }]);
	});

	it("does not apply where the constructor sets none", () => {
		expect(verdictsOn(rule, room("async open() { await this.ctx.storage.setAlarm(Date.now() + 1000); }"))).toEqual([{ status: "not-applicable", quotes: [], because: "the constructor sets no alarm" }]);
	});

	it("does not know what a condition means", () => {
		expect(verdictsOn(rule, built("if (env.TICK) ctx.storage.setAlarm(Date.now() + 1000);"))).toMatchObject([{ status: "unknown" }]);
	});

	it("leaves a class without alarm() to the other rule", () => {
		const code = 'import { DurableObject } from "cloudflare:workers"; export class Room extends DurableObject { constructor(ctx, env) { super(ctx, env); ctx.storage.setAlarm(Date.now() + 1000); } }';
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", because: expect.stringContaining("without alarm()") }]);
	});
});
