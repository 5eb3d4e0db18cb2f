import { describe, expect, it } from "vitest";
import noOverride from "../../../src/rules/frameworks/no-handler-override.ts";
import noRawAlarm from "../../../src/rules/frameworks/no-raw-alarm-in-agent.ts";
import requireHibernate from "../../../src/rules/frameworks/require-hibernate-option.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const agent = (body: string) => `import { Agent } from "agents"; export class A extends Agent { ${body} }`;
const server = (body: string) => `import { Server } from "partyserver"; export class A extends Server { ${body} }`;
const plain = (body: string, head = "") => `import { DurableObject } from "cloudflare:workers"; ${head} export class A extends DurableObject { ${body} }`;

tester.run("no-raw-alarm-in-agent", noRawAlarm, {
	valid: [
		{ name: "the framework's schedule", code: agent("async f() { await this.schedule(60, 'send'); } send() {}") },
		{ name: "a plain Durable Object", code: plain("async f() { await this.ctx.storage.setAlarm(1); } async alarm() {}") },
		{ name: "PartyServer leaves the alarm to you", code: server("async f() { await this.ctx.storage.setAlarm(1); } onAlarm() {}") },
		{ name: "passed on", code: agent("async alarm() { await super.alarm(); }") },
		{ name: "an Agent of another package", code: 'import { Agent } from "undici"; export class A extends Agent { alarm() {} }' },
		{ name: "destroy", code: agent("async end() { await this.destroy(); }") },
	],
	invalid: [
		{ name: "setAlarm", code: agent("async f() { await this.ctx.storage.setAlarm(1); }"), errors: [{ messageId: "rawAlarm", data: { framework: "Agents SDK", call: "setAlarm", instead: "this.schedule()" } }] },
		{ name: "deleteAlarm through an alias", code: agent("async f() { const { storage } = this.ctx; await storage.deleteAlarm(); }"), errors: [{ messageId: "rawAlarm" }] },
		{ name: "an alarm of its own", code: agent("async alarm() { this.n = 1; }"), errors: [{ messageId: "ownHandler", data: { framework: "Agents SDK", lost: "which runs what is scheduled: nothing of that runs any more", handler: "a scheduled method" } }] },
		{ name: "deleteAll", code: agent("async end() { await this.ctx.storage.deleteAll(); }"), errors: [{ messageId: "rawDeleteAll" }] },
		{ name: "PartyServer, alarm instead of onAlarm", code: server("async alarm() {}"), errors: [{ messageId: "ownHandler", data: { framework: "PartyServer", lost: "which runs onStart() first: an object that the alarm wakes is not initialised", handler: "onAlarm()" } }] },
		{ name: "a container", code: 'import { Container } from "@cloudflare/containers"; export class C extends Container { async f() { await this.ctx.storage.setAlarm(1); } }', errors: [{ messageId: "rawAlarm" }] },
		{ name: "a subclass in the same file", code: `${agent("")} export class B extends A { async alarm() {} }`, errors: [{ messageId: "ownHandler" }] },
	],
});

tester.run("no-handler-override", noOverride, {
	valid: [
		server("onRequest() { return new Response(); }"),
		server("async fetch(request) { return super.fetch(request); }"),
		agent("onMessage(connection, message) {}"),
		{ name: "a plain Durable Object", code: plain("async fetch() { return new Response(); } webSocketMessage() {}") },
		{ name: "a container's fetch is its user's", code: 'import { Container } from "@cloudflare/containers"; export class C extends Container { async fetch(request) { return new Response(); } }' },
		{ name: "the alarm has its own rule", code: agent("async alarm() {}") },
	],
	invalid: [
		{ code: server("async fetch(request) { return new Response(); }"), errors: [{ messageId: "switchesOff", data: { framework: "PartyServer", handler: "fetch", instead: "onRequest()" } }] },
		{ code: agent("webSocketMessage(ws, m) {} webSocketClose(ws) {}"), errors: [{ messageId: "switchesOff" }, { messageId: "switchesOff" }] },
		{ name: "next to Lifecycle.install", code: plain("lifecycle = Lifecycle.install(this); async fetch() { return new Response(); }", 'import { Lifecycle } from "agents/lifecycle";'), errors: [{ messageId: "switchesOff", data: { framework: "Lifecycle.install()", handler: "fetch", instead: "onRequest()" } }] },
	],
});

tester.run("require-hibernate-option", requireHibernate, {
	valid: [
		server("static options = { hibernate: true }; onMessage() {}"),
		{ name: "no sockets", code: server("onRequest() { return new Response(); }") },
		{ name: "options that cannot be read", code: server("static options = shared; onMessage() {}") },
		{ name: "an agent always hibernates", code: agent("onMessage() {}") },
	],
	invalid: [
		{ code: server("onMessage() {}"), errors: [{ messageId: "pinned", suggestions: [{ messageId: "addOption", output: server("\n\tstatic options = { hibernate: true };\n onMessage() {}").replace("{ \n", "{\n") }] }] },
		{ code: server("static options = { hibernate: false }; onConnect() {}"), errors: [{ messageId: "pinned", suggestions: [] }] },
	],
});

describe("verdicts", () => {
	it("quote what goes through the framework", () => {
		expect(verdictsOn(noRawAlarm, agent("async f() { await this.schedule(60, 'send'); }"))).toMatchObject([{ status: "guarded", quotes: ["this.schedule(60, 'send')"] }]);
		expect(verdictsOn(noRawAlarm, agent("async alarm() { await super.alarm(); }"))).toMatchObject([{ status: "guarded", quotes: ["super.alarm()"] }]);
		expect(verdictsOn(noOverride, server("onMessage() {}"))).toMatchObject([{ status: "guarded", quotes: ["onMessage"] }]);
		expect(verdictsOn(requireHibernate, server("static options = { hibernate: true }; onMessage() {}"))).toMatchObject([{ status: "guarded" }]);
	});
	it("admit what is not known", () => {
		expect(verdictsOn(requireHibernate, server("static options = shared; onMessage() {}"))).toMatchObject([{ status: "unknown" }]);
	});
	it("do not apply without a framework", () => {
		for (const rule of [noRawAlarm, noOverride, requireHibernate]) expect(verdictsOn(rule, plain("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
