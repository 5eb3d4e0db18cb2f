import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/require-alarm-handler.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string, head = "", base = "DurableObject") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends ${base} {
${body}
}`;
const open = "async open() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }";
const again = "async alarm() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }";

tester.run("require-alarm-handler", rule, {
	valid: [
		{ name: "a method", code: object(`${open} async alarm() {}`) },
		{ name: "a handler as an arrow-function field", code: object(`${open} alarm = async () => {};`) },
		{ name: "a handler as a bound field", code: object(`${open} alarm = this.run.bind(this); run() {}`) },
		{ name: "a handler that the constructor assigns", code: object(`constructor(ctx, env) { super(ctx, env); this.alarm = makeAlarm(this); } ${open}`) },
		{ name: "no alarm", code: object("hello() { return 1; }") },
		{ name: "Agents have one", code: object(open, 'import { Agent } from "agents";', "Agent") },
		{ name: "partyserver has one, and calls onAlarm()", code: object(`${open} onAlarm() {}`, 'import { Server } from "partyserver";', "Server") },
		{ name: "containers have one", code: object(open, 'import { Container } from "@cloudflare/containers";', "Container") },
		{ name: "a base class in another file", code: object(open, 'import { Scheduled } from "./scheduled";', "Scheduled") },
		{ name: "a mixin in another file", code: object(open, 'import { withAlarms } from "./alarms";', "withAlarms(DurableObject)") },
		{ name: "a base class in this file", code: `import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject { async alarm() {} }
export class Room extends Base { ${open} }` },
		{ name: "an abstract base class leaves it to others", code: `import { DurableObject } from "cloudflare:workers";
export abstract class Base extends DurableObject { ${open} }` },
		{ name: "a base class whose heirs have it", code: `import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject { ${open} }
export class Room extends Base { async alarm() {} }` },
		{ name: "a class decorator may add it", code: `import { DurableObject } from "cloudflare:workers";
import { scheduled } from "./scheduled";
@scheduled
export class Room extends DurableObject { ${open} }` },
		{
			name: "handlers that the Agents SDK installs",
			code: object(`lifecycle = Lifecycle.install(this); ${open}`, 'import { Lifecycle } from "agents/lifecycle";'),
		},
		{ name: "set anew by alarm(), at first by an event", code: object(`${open} async alarm() { await this.sweep(); await this.ctx.storage.setAlarm(Date.now() + 60_000); } async sweep() {}`) },
		{ name: "set anew by alarm(), at first by the constructor", code: object(`constructor(ctx, env) { super(ctx, env); void this.next(); } async alarm() { await this.next(); } private async next() { if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 60_000); }`) },
		{ name: "an event that runs alarm() by hand", code: object(`async open() { await this.alarm(); } ${again}`) },
		{ name: "a method that stubs can call", code: object("async alarm() { await this.plan(); } async plan() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "a method that is handed on", code: object("hooks = { plan: this.#plan }; async alarm() { await this.#plan(); } async #plan() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "something that is handed the storage", code: object(`planner = new Planner(this.ctx.storage); ${again}`, 'import { Planner } from "./planner";') },
		{ name: "a function of the file that sets the first one", code: object(`async open() { await begin(this.ctx.storage); } ${again}`, "async function begin(storage) { await storage.setAlarm(Date.now() + 1); }") },
		{ name: "an abstract class whose heirs set the first one", code: `import { DurableObject } from "cloudflare:workers"; export abstract class Base extends DurableObject { ${again} }` },
		{ name: "a base class in another file that sets the first one", code: object(again, 'import { Scheduled } from "./scheduled";', "Scheduled") },
		{ name: "setAlarm of something else", code: object("open() { this.clock.setAlarm(5); } clock = new Clock();", 'import { Clock } from "./clock";') },
		{ name: "a helper that is handed the storage", code: "export class Alarms { constructor(private storage: DurableObjectStorage) {} async next(at: number) { await this.storage.setAlarm(at); } }" },
	],
	invalid: [
		{
			name: "no method, with a suggestion",
			code: object("\tasync open() {\n\t\tawait this.ctx.storage.setAlarm(1e13);\n\t}"),
			errors: [
				{
					messageId: "missingHandler",
					data: { class: "Room" },
					line: 5,
					suggestions: [{ messageId: "addHandler", output: object("\tasync open() {\n\t\tawait this.ctx.storage.setAlarm(1e13);\n\t}\n\n\tasync alarm() {}") }],
				},
			],
		},
		{ name: "not awaited, in the constructor", code: object("constructor(ctx, env) { super(ctx, env); ctx.storage.setAlarm(Date.now() + 1000); }"), errors: [{ messageId: "missingHandler", suggestions: 1 }] },
		{ name: "through an alias", code: object("async open() { const { storage } = this.ctx; await storage.setAlarm(Date.now() + 1); }"), errors: [{ messageId: "missingHandler", suggestions: 1 }] },
		{ name: "in a transaction", code: object("open() { return this.ctx.storage.transaction(async (txn) => { txn.setAlarm(Date.now() + 1); }); }"), errors: [{ messageId: "missingHandler", suggestions: 1 }] },
		{ name: "an alarm that nothing but alarm() sets", code: object(`async open() { await this.ctx.storage.put("open", true); } ${again}`), errors: [{ messageId: "neverStarted", line: 4 }] },
		{ name: "an alarm that only helpers of alarm() set", code: object("async alarm() { try { await this.#next(); } finally { await this.later(); } } async #next() { await this.later(); } private async later() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }"), errors: [{ messageId: "neverStarted" }] },
		{ name: "beside a query builder that is handed the storage", code: object(`db = drizzle(this.ctx.storage); ${again}`, 'import { drizzle } from "drizzle-orm/durable-sqlite";'), errors: [{ messageId: "neverStarted" }] },
		{ name: "the same in a class without a base", code: `export class Room implements DurableObject { constructor(private state: DurableObjectState) {} fetch() { return new Response(); } async alarm() { await this.state.storage.setAlarm(Date.now() + 5000); } }`, errors: [{ messageId: "neverStarted" }] },
		{ name: "a static method is no handler", code: object(`${open} static async alarm() {}`), errors: [{ messageId: "missingHandler", suggestions: 1 }] },
		{ name: "onAlarm() is a hook of frameworks only", code: object(`${open} async onAlarm() {}`), errors: [{ messageId: "missingHandler", suggestions: 1 }] },
		{ name: "two places, one suggestion", code: object(`${open} async again() { await this.ctx.storage.setAlarm(Date.now() + 1); }`), errors: [{ messageId: "missingHandler", suggestions: 1 }, { messageId: "missingHandler", suggestions: [] }] },
		{
			name: "set by a base class in this file",
			code: `import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject { ${open} }
export class Room extends Base { hello() {} }`,
			errors: [{ messageId: "missingHandler", data: { class: "Room" }, line: 2, suggestions: 1 }],
		},
		{ name: "a class without a base", code: "export class Room implements DurableObject { constructor(private state: DurableObjectState) {} async fetch() { await this.state.storage.setAlarm(Date.now() + 5000); return new Response(); } }", errors: [{ messageId: "missingHandler", suggestions: 1 }] },
	],
});

describe("require-alarm-handler: verdicts", () => {
	it("quotes the handler and the call", () => {
		expect(verdictsOn(rule, object(`${open} async alarm() {}`))).toEqual([
			{ status: "guarded", quotes: ["alarm", "this.ctx.storage.setAlarm(Date.now() + 60_000)"], because: expect.stringContaining("alarm()") },
		]);
	});

	it("does not apply without setAlarm()", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toEqual([{ status: "not-applicable", quotes: [], because: "the class sets no alarm" }]);
	});

	it("does not know what another file's base class has", () => {
		expect(verdictsOn(rule, object(open, 'import { Scheduled } from "./scheduled";', "Scheduled"), { settings: { "durable-objects": { durableObjectClasses: ["Room"] } } })).toEqual([
			{ status: "unknown", quotes: [expect.stringContaining("setAlarm")], because: expect.stringContaining("base class") },
		]);
	});
});
