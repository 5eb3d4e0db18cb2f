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
		{ name: "behind a status that it sets, after an early return", code: object("#status = 'zero'; async open() { if (this.#status === 'open') return; await this.ctx.blockConcurrencyWhile(async () => { this.#status = 'opening'; try { await this.load(); this.#status = 'open'; } catch { this.#status = 'zero'; } }); }") },
		{ name: "unless it is open", code: object("async open() { if (this.status !== 'open') await this.ctx.blockConcurrencyWhile(async () => { await this.load(); this.status = 'open'; }); }") },
		{ name: "as long as it is new", code: object("status = 0; async open() { if (this.status === 0) await this.ctx.blockConcurrencyWhile(async () => { await this.load(); this.status = 1; }); }") },
		{ name: "behind the member of an enum", code: `enum Phase { New, Ready } ${object("phase = Phase.New; async open() { if (this.phase === Phase.Ready) return; await this.ctx.blockConcurrencyWhile(async () => { await this.load(); this.phase = Phase.Ready; }); }")}` },
		{ name: "set by what the region calls", code: object("async fetch() { if (!this.rows) await this.ctx.blockConcurrencyWhile(() => this.load()); return new Response(this.rows); } async load() { this.rows = await this.ctx.storage.list(); }") },
		{ name: "set by the method that is named", code: object("async fetch() { if (this.rows === undefined) await this.ctx.blockConcurrencyWhile(this.load.bind(this)); return new Response(this.rows); } async load() { this.rows = await this.ctx.storage.list(); }") },
		{ name: "set to what the region gives", code: object("async fetch() { if (this.rows == null) this.rows = await this.ctx.blockConcurrencyWhile(() => this.ctx.storage.list()); return new Response(); }") },
		{ name: "a promise or a new one", code: object("ready() { return this.opened ?? (this.opened = this.ctx.blockConcurrencyWhile(async () => {})); }") },
		{ name: "as long as it is needed", code: object("isNew = true; async fetch() { if (this.isNew) { await this.ctx.blockConcurrencyWhile(async () => {}); this.isNew = false; } return new Response(); }") },
		{ name: "held in a constant first", code: object("async fetch() { const { ctx } = this; const done = this.done; if (done) return; await ctx.blockConcurrencyWhile(async () => { this.done = true; }); }") },
		{ name: "where every caller asks first", code: object("async fetch() { if (!this.ready) await this.#open(); return new Response(); } async alarm() { if (!this.ready) await this.#open(); } async #open() { await this.ctx.blockConcurrencyWhile(async () => {}); this.ready = true; }") },
		{ name: "tried again after an error", code: object("async open() { if (!this.ready) this.ready = this.ctx.blockConcurrencyWhile(async () => {}).catch((error) => { this.ready = undefined; throw error; }); await this.ready; }") },
		{ name: "set in another class", code: object("async open() { if (!this.loaded) await this.ctx.blockConcurrencyWhile(() => this.store.load()); }") },
		{ name: "when a container starts", code: object("async begin() { await this.ctx.container.start(); await this.ctx.blockConcurrencyWhile(async () => { await this.onStart(); }); } onStart() {}") },
		{ name: "when a container stops", code: object("watch() { const ended = this.ctx.container.monitor(); ended.then(async () => { await this.ctx.blockConcurrencyWhile(async () => { await this.ctx.storage.put('stopped', 1); }); }).catch(() => this.ctx.blockConcurrencyWhile(async () => {})); }") },
		{ name: "in a framework's initialiser", code: 'import { Server } from "partyserver"; export class A extends Server { onStart() { return this.ctx.blockConcurrencyWhile(async () => {}); } }' },
		{ name: "before the object goes", code: object("async preShutdown() { await this.ctx.blockConcurrencyWhile(async () => {}); }") },
		{ name: "allowed by option", code: object("async restore() { await this.ctx.blockConcurrencyWhile(async () => {}); }"), options: [{ allowMethods: ["restore"] }] },
		{ name: "a method of that name elsewhere", code: object("f(other) { return other.blockConcurrencyWhile(async () => {}); }") },
	],
	invalid: [
		{
			name: "I/O inside",
			code: object("async pay(id) { return this.ctx.blockConcurrencyWhile(async () => { const paid = await this.ctx.storage.get('paid'); if (!paid) await fetch('https://bank.example'); await this.ctx.storage.put('paid', true); }); }"),
			errors: [{ messageId: "everyoneWaits", data: { place: "pay()", what: "fetch('https://bank.example')" } }],
		},
		{ name: "I/O in what the callback returns", code: object("pay(id) { return this.ctx.blockConcurrencyWhile(() => this.run(id)); } async run(id) { await this.env.BANK.fetch(id); }"), errors: [{ messageId: "everyoneWaits", data: { place: "pay()", what: "this.env.BANK.fetch(id)" } }] },
		{ name: "storage in what the callback returns", code: object("pay(id) { return this.ctx.blockConcurrencyWhile(() => this.run(id)); } async run(id) { await this.ctx.storage.put(id, 1); await this.ctx.storage.sync(); }"), errors: [{ messageId: "blocksEveryEvent", data: { place: "pay()" } }] },
		{ name: "in fetch", code: object("async fetch() { return this.ctx.blockConcurrencyWhile(async () => new Response()); }"), errors: [{ messageId: "blocksEveryEvent", data: { place: "fetch()" } }] },
		{ name: "in a method", code: object("async add() { await this.ctx.blockConcurrencyWhile(async () => {}); }"), errors: [{ messageId: "blocksEveryEvent", data: { place: "add()" } }] },
		{ name: "when there is something to do", code: object("async alarm() { if (this.queue.length > 0) await this.ctx.blockConcurrencyWhile(async () => { this.queue = []; }); }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "whenever something has changed", code: object("set() { this.dirty = true; } async alarm() { if (this.dirty) { await this.ctx.blockConcurrencyWhile(async () => {}); this.dirty = false; } }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "in a mode that others set", code: object("async fetch() { if (!this.paused) await this.ctx.blockConcurrencyWhile(async () => {}); return new Response(); } pause() { this.paused = true; }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "behind a lock, one after the other", code: object("async add() { if (this.busy) return; this.busy = true; try { await this.ctx.blockConcurrencyWhile(async () => {}); } finally { this.busy = false; } }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "once for each value that an event brings", code: object("async see(id) { if (this.last === id) return; this.last = id; await this.ctx.blockConcurrencyWhile(async () => {}); }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "where one caller does not ask", code: object("async fetch() { if (!this.ready) await this.#open(); return new Response(); } async alarm() { await this.#open(); } async #open() { await this.ctx.blockConcurrencyWhile(async () => {}); this.ready = true; }"), errors: [{ messageId: "blocksEveryEvent" }] },
		{ name: "onStart() without a container", code: object("async begin() { await this.ctx.blockConcurrencyWhile(async () => { await this.onStart(); }); } onStart() {}"), errors: [{ messageId: "blocksEveryEvent" }] },
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
	it("quote the mark that makes it run the first time only", () => {
		const code = object("async open() { if (this.status === 'open') return; await this.ctx.blockConcurrencyWhile(async () => { this.status = 'open'; }); }");
		expect(verdictsOn(inRequest, code)).toMatchObject([
			{ status: "guarded", quotes: ["this.status === 'open'", "this.status = 'open'", "this.ctx.blockConcurrencyWhile(async () => { this.status = 'open'; })"], because: "it blocks only the first time: `this.status` remembers that it was done" },
		]);
		expect(verdictsOn(inRequest, object("open() { return (this.ready ??= this.ctx.blockConcurrencyWhile(load)); }"))).toMatchObject([{ status: "guarded", quotes: ["this.ready ??= this.ctx.blockConcurrencyWhile(load)"] }]);
	});
	it("do not claim to know a mark that is set out of sight", () => {
		const code = object("async open() { if (!this.loaded) await this.ctx.blockConcurrencyWhile(() => this.store.load()); }");
		expect(verdictsOn(inRequest, code)).toMatchObject([{ status: "unknown", because: "whether it blocks only once could not be told: what sets `this.loaded` is not in sight" }]);
	});
	it("quote what shows that the container starts or stops", () => {
		expect(verdictsOn(inRequest, object("async begin() { await this.ctx.container.start(); await this.ctx.blockConcurrencyWhile(async () => { await this.onStart(); }); } onStart() {}"))).toMatchObject([
			{ status: "guarded", quotes: ["this.onStart()", "this.ctx.blockConcurrencyWhile(async () => { await this.onStart(); })"] },
		]);
		expect(verdictsOn(inRequest, object("watch() { this.ctx.container.monitor().then(() => this.ctx.blockConcurrencyWhile(async () => {})); }"))).toMatchObject([{ status: "guarded", quotes: ["this.ctx.container.monitor()", "this.ctx.blockConcurrencyWhile(async () => {})"] }]);
	});
	it("quote the catch inside", () => {
		const code = constructed("ctx.blockConcurrencyWhile(async () => { try { await this.load(); } catch { this.n = 0; } });");
		expect(verdictsOn(noCatch, code)).toMatchObject([{ status: "guarded", quotes: ["catch { this.n = 0; }"] }]);
	});
	it("do not apply where nothing blocks", () => {
		for (const rule of [inRequest, noCatch, selfCall]) expect(verdictsOn(rule, object("f() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
