import { describe, expect, it } from "vitest";
import noCatch from "../../../src/rules/concurrency/no-catch-around-block-concurrency.ts";
import inRequest from "../../../src/rules/concurrency/no-block-concurrency-in-request.ts";
import selfCall from "../../../src/rules/concurrency/no-self-call-in-block-concurrency.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string) => `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject { ${body} }`;
const constructed = (init: string, rest = "") => object(`constructor(ctx, env) { super(ctx, env); ${init} } ${rest}`);

tester.run("no-block-concurrency-in-request", inRequest, {
	valid: [
		{ name: "in the constructor", code: constructed("ctx.blockConcurrencyWhile(async () => { this.n = await ctx.storage.get('n'); });") },
		{ name: "in a helper that only the constructor calls", code: constructed("this.init();", "init() { this.ctx.blockConcurrencyWhile(async () => {}); }") },
		{ name: "memoised", code: object("load() { return (this.ready ??= this.ctx.blockConcurrencyWhile(async () => {})); }") },
		{ name: "the first time only", code: object("async load() { if (!this.ready) { this.ready = true; await this.ctx.blockConcurrencyWhile(async () => {}); } }") },
		{ name: "in a framework's initialiser", code: 'import { Server } from "partyserver"; export class A extends Server { onStart() { return this.ctx.blockConcurrencyWhile(async () => {}); } }' },
		{ name: "before the object goes", code: object("async preShutdown() { await this.ctx.blockConcurrencyWhile(async () => {}); }") },
		{ name: "allowed by option", code: object("async restore() { await this.ctx.blockConcurrencyWhile(async () => {}); }"), options: [{ allowMethods: ["restore"] }] },
		{ name: "a method of that name elsewhere", code: object("f(other) { return other.blockConcurrencyWhile(async () => {}); }") },
	],
	invalid: [
		{ name: "in fetch", code: object("async fetch() { return this.ctx.blockConcurrencyWhile(async () => new Response()); }"), errors: [{ messageId: "blocksEveryEvent", data: { place: "fetch()" } }] },
		{ name: "in a method", code: object("async add() { await this.ctx.blockConcurrencyWhile(async () => {}); }"), errors: [{ messageId: "blocksEveryEvent", data: { place: "add()" } }] },
		{ name: "in a helper of constructor and events", code: constructed("this.sync();", "sync() { return this.ctx.blockConcurrencyWhile(async () => {}); } async alarm() { await this.sync(); }"), errors: [{ messageId: "blocksEveryEvent" }] },
	],
});

tester.run("no-catch-around-block-concurrency", noCatch, {
	valid: [
		{ name: "caught inside", code: constructed("ctx.blockConcurrencyWhile(async () => { try { await this.load(); } catch { this.n = 0; } });") },
		{ name: "thrown on", code: object("async f() { try { await this.ctx.blockConcurrencyWhile(async () => {}); } catch (e) { throw new Error('x', { cause: e }); } }") },
		{ name: "only logged", code: object("async f() { try { await this.ctx.blockConcurrencyWhile(async () => {}); } catch (e) { console.error(e); } }") },
		{ name: "not awaited: the catch never sees it", code: object("f() { try { this.ctx.blockConcurrencyWhile(async () => {}); } catch (e) { this.n = 0; } }") },
		{ name: "the catch of an outer function", code: object("f() { try { this.run(async () => { await this.ctx.blockConcurrencyWhile(async () => {}); }); } catch (e) { this.n = 0; } }") },
		{ name: "finally only", code: object("async f() { try { await this.ctx.blockConcurrencyWhile(async () => {}); } finally { this.n = 0; } }") },
	],
	invalid: [
		{ name: "try and catch", code: object("async f() { try { await this.ctx.blockConcurrencyWhile(async () => {}); } catch (e) { return null; } }"), errors: [{ messageId: "tooLate" }] },
		{ name: "an empty catch", code: object("async f() { try { await this.ctx.blockConcurrencyWhile(async () => {}); } catch {} }"), errors: [{ messageId: "tooLate" }] },
		{ name: ".catch()", code: constructed("ctx.blockConcurrencyWhile(async () => {}).catch(() => { this.failed = true; });"), errors: [{ messageId: "tooLate" }] },
	],
});

tester.run("no-self-call-in-block-concurrency", selfCall, {
	valid: [
		{ name: "the method itself", code: object("get() { return 1; } f() { return this.ctx.blockConcurrencyWhile(async () => this.get()); }") },
		{ name: "another object", code: object("f(id) { return this.ctx.blockConcurrencyWhile(async () => this.env.ROOM.getByName(id).get()); }") },
		{ name: "outside of the region", code: object("async f() { await this.ctx.blockConcurrencyWhile(async () => {}); return this.env.ROOM.get(this.ctx.id).get(); }") },
		{ name: "its own name made into another", code: object("f() { return this.ctx.blockConcurrencyWhile(async () => this.env.LOG.getByName(`log:${this.ctx.id}`).write()); }") },
	],
	invalid: [
		{ name: "by id", code: object("f() { return this.ctx.blockConcurrencyWhile(async () => this.env.ROOM.get(this.ctx.id).get()); }"), errors: [{ messageId: "deadlock", data: { region: "blockConcurrencyWhile", method: "get" } }] },
		{ name: "by name", code: object("f() { return this.ctx.blockConcurrencyWhile(async () => { await this.env.ROOM.getByName(this.ctx.id.name).get(); }); }"), errors: [{ messageId: "deadlock" }] },
		{ name: "by a stub made before", code: object("f() { const self = this.env.ROOM.get(this.ctx.id); return this.ctx.blockConcurrencyWhile(() => self.get()); }"), errors: [{ messageId: "deadlock" }] },
		{ name: "by the id as text", code: object("f() { return this.ctx.blockConcurrencyWhile(async () => { const id = this.env.ROOM.idFromString(this.ctx.id.toString()); await this.env.ROOM.get(id).get(); }); }"), errors: [{ messageId: "deadlock" }] },
		{ name: "in a transaction", code: object("f() { return this.ctx.storage.transaction(async () => this.env.ROOM.get(this.ctx.id).get()); }"), errors: [{ messageId: "deadlock", data: { region: "transaction", method: "get" } }] },
		{ name: "through a helper", code: object("f() { return this.ctx.blockConcurrencyWhile(() => this.ask()); } async ask() { return this.env.ROOM.get(this.ctx.id).get(); }"), errors: [{ messageId: "deadlock" }] },
	],
});

describe("verdicts", () => {
	it("quote the region that is used rightly", () => {
		const code = constructed("ctx.blockConcurrencyWhile(load);");
		expect(verdictsOn(inRequest, code)).toMatchObject([{ status: "guarded", quotes: ["ctx.blockConcurrencyWhile(load)"] }]);
		expect(verdictsOn(noCatch, code)).toMatchObject([{ status: "guarded", quotes: ["ctx.blockConcurrencyWhile(load)"] }]);
	});
	it("quote the catch inside", () => {
		const code = constructed("ctx.blockConcurrencyWhile(async () => { try { await this.load(); } catch { this.n = 0; } });");
		expect(verdictsOn(noCatch, code)).toMatchObject([{ status: "guarded", quotes: ["catch { this.n = 0; }"] }]);
	});
	it("do not apply where nothing blocks", () => {
		for (const rule of [inRequest, noCatch, selfCall]) expect(verdictsOn(rule, object("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
