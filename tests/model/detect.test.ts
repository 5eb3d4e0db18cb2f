import { describe, expect, it } from "vitest";
import { modelOf } from "./model.ts";

const names = (code: string, options?: Parameters<typeof modelOf>[1]) => modelOf(code, options).map((object) => object.name);

describe("classes that are Durable Objects", () => {
	it.each([
		["extends DurableObject", 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject {}'],
		["under another name", 'import { DurableObject as Base } from "cloudflare:workers"; export class A extends Base {}'],
		["through a namespace import", 'import * as workers from "cloudflare:workers"; export class A extends workers.DurableObject {}'],
		["through a variable", 'import { DurableObject } from "cloudflare:workers"; const Base = DurableObject; export class A extends Base {}'],
		["a class expression", 'import { DurableObject } from "cloudflare:workers"; export const A = class extends DurableObject {};'],
		["made by a function", 'import { DurableObject } from "cloudflare:workers"; export function make() { return class A extends DurableObject {}; }'],
		["an Agent", 'import { Agent } from "agents"; export class A extends Agent {}'],
		["an McpAgent", 'import { McpAgent } from "agents/mcp"; export class A extends McpAgent {}'],
		["a partyserver Server", 'import { Server } from "partyserver"; export class A extends Server {}'],
		["a mixin of a framework", 'import { withYjs } from "y-partyserver"; import { Server } from "partyserver"; export class A extends withYjs(Server) {}'],
		["a mixin around a known base", 'import { DurableObject } from "cloudflare:workers"; import { mix } from "./mix"; export class A extends mix(DurableObject) {}'],
		["implements DurableObject", "export class A implements DurableObject { constructor(private state: DurableObjectState) {} }"],
		["no base, a typed state and a handler", "export class A { constructor(private state: DurableObjectState) {} async fetch() { return new Response(); } }"],
		["no base, JavaScript, state used as such", "export class A { constructor(state, env) { this.state = state; } async fetch() { return new Response(await this.state.storage.get('x')); } }"],
		["a destructured state", "export class A { constructor({ storage }, env) { this.storage = storage; } async fetch() { return new Response(await this.storage.get('x')); } }"],
		["module.exports", "class A { constructor(state) { this.storage = state.storage; } async fetch() { await this.storage.get('x'); } }\nmodule.exports = { A };"],
		["exported as another name", "class A { constructor(state) { this.storage = state.storage; } async fetch() { await this.storage.get('x'); } }\nexport { A as B };"],
		["a base in another file that receives the state", 'import { Base } from "./base"; export class A extends Base { async alarm() { await this.ctx.storage.deleteAll(); } }'],
		["the project's own structural type", "interface DurableObjectStateLike { storage: unknown }\nexport class A { constructor(private state: DurableObjectStateLike) {} async fetch() {} }"],
	])("%s", (_, code) => {
		expect(names(code)).toHaveLength(1);
	});

	it("follows a base class of the same file, in any order", () => {
		const [first, second] = modelOf('import { DurableObject } from "cloudflare:workers"; export class Chat extends Room {} class Room extends DurableObject {}');
		expect([first?.name, second?.name]).toEqual(["Chat", "Room"]);
		expect(first?.ancestry.reason).toBe('extends Room, which extends DurableObject from "cloudflare:workers"');
		expect(first?.ancestry.base).toBe(second);
	});

	it("does not know what an unknown mixin adds", () => {
		const bases = modelOf('import { DurableObject } from "cloudflare:workers"; import { mix } from "./mix"; export class A extends mix(DurableObject) {}\nexport class B extends DurableObject {}');
		expect(bases.map(({ ancestry }) => [ancestry.framework, ancestry.isBaseKnown])).toEqual([["workers", false], ["workers", true]]);
	});

	it("believes the settings", () => {
		const settings = { "durable-objects": { durableObjectClasses: ["Thing", "Base"] } };
		expect(names("export class Thing { fetch() {} }", { settings })).toEqual(["Thing"]);
		expect(names('import { Base } from "./base"; export class A extends Base {}', { settings })).toEqual(["A"]);
	});

	it("gives an anonymous default export a name", () => {
		expect(names('import { DurableObject } from "cloudflare:workers"; export default class extends DurableObject {}')).toEqual(["default"]);
	});
});

describe("classes that are none", () => {
	it.each([
		["a WorkerEntrypoint", 'import { WorkerEntrypoint } from "cloudflare:workers"; export class A extends WorkerEntrypoint { fetch() { return this.ctx.storage; } }'],
		["an Agent of another package", 'import { Agent } from "undici"; export class A extends Agent {}'],
		["a local class of that name", "class DurableObject {} export class A extends DurableObject {}"],
		["a manager that holds the state", "export class Manager { constructor(private state: DurableObjectState) {} load() { return this.state.storage.get('x'); } }"],
		["a React document", 'import { Document } from "next/document"; export class MyDocument extends Document { render() { return this.state.storage; } }'],
		["a class named like the type", "export class DurableObjectState { storage = new Map(); fetch() {} }"],
		["no class at all", 'import { DurableObject } from "cloudflare:workers"; export default { fetch() {} };'],
		["a class that extends itself", "export class A extends A { constructor(state) { super(); } }"],
		["a type-only mention", "export class A { constructor(private readonly object: DurableObjectStub) {} fetch() {} }"],
	])("%s", (_, code) => {
		expect(names(code)).toEqual([]);
	});
});
