import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/rpc/no-floating-promise.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string) => `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
	async tell(text) { await fetch("https://log/", { method: "POST", body: text }); }
	async keep(text) { await this.ctx.storage.put("text", text); }
	${body}
}`;
const suggested = (output: string) => [{ messageId: "addAwait", output: object(output) }];

tester.run("no-floating-promise", rule, {
	valid: [
		{ name: "awaited", code: object("async say(text) { await this.tell(text); }") },
		{ name: "returned", code: object("say(text) { return this.tell(text); }") },
		{ name: "collected", code: object("async say(all) { await Promise.all(all.map((text) => this.tell(text))); }") },
		{ name: "kept", code: object("async say(text) { const telling = this.tell(text); await this.keep(text); await telling; }") },
		{ name: "with catch", code: object("async say(text) { this.tell(text).catch(console.error); }") },
		{ name: "with catch, and what comes after it", code: object("async say(text) { this.tell(text).catch(console.error).finally(() => {}); }") },
		{ name: "with a second callback", code: object("async say(text) { this.tell(text).then(() => {}, console.error); }") },
		{ name: "marked as dropped on purpose", code: object("async say(text) { void this.tell(text); }") },
		{ name: "a method that catches by itself", code: object("async try(text) { const url = 'https://x/'; try { await fetch(url); } catch (error) { console.error(error); } } async say(text) { this.try(text); }") },
		{ name: "handed to waitUntil of a context that came with the environment", code: object("async say(text) { this.env.context?.waitUntil(this.tell(text)); }") },
		{ name: "handed to waitUntil", code: object("async say(text) { this.ctx.waitUntil(this.tell(text)); }") },
		{ name: "a put", code: object("async say(text) { this.ctx.storage.put('text', text); }") },
		{ name: "a method that only stores", code: object("async say(text) { this.keep(text); }") },
		{ name: "a method that waits for nothing", code: object("async hello() {} say() { this.hello(); }") },
		{ name: "initialisation in the constructor", code: object("constructor(ctx, env) { super(ctx, env); this.tell('up'); }") },
		{ name: "a call of another object, which has a rule of its own", code: object("async say(text) { this.env.LOG.getByName('log').write(text); }") },
		{ name: "a stream", code: object("async say(request) { const { readable, writable } = new TransformStream(); request.body.pipeTo(writable); return new Response(readable); }") },
		{ name: "a stream, and what comes after it", code: object("async say(request, writable) { request.body?.pipeTo(writable).finally(() => { this.open--; }); }") },
		{ name: "a data point, which gives no promise", code: object("say(text) { this.env.METRICS.writeDataPoint({ blobs: [text] }); }") },
		{ name: "a function that nobody knows", code: object("say(text) { this.mailer.send(text); }") },
	],
	invalid: [
		{ name: "a method that fetches", code: object("async say(text) { this.tell(text); }"), errors: [{ messageId: "floating", data: { call: "this.tell(text)", cause: ', which waits for `fetch("https://log/", { method: "POST", body: text })` (line 3)' }, suggestions: suggested("async say(text) { await this.tell(text); }") }] },
		{ name: "in a function that cannot wait", code: object("say(text) { this.tell(text); }"), errors: [{ messageId: "floating" }] },
		{ name: "a fetch", code: object("async say(text) { fetch('https://x/'); }"), errors: [{ messageId: "floating", data: { call: "fetch('https://x/')", cause: "" }, suggestions: 1 }] },
		{ name: "a binding", code: object("async say(text) { this.env.QUEUE.send(text); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a chain without catch", code: object("async say(text) { this.tell(text).then(() => this.keep(text)); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "with finally only", code: object("async say(text) { this.tell(text).finally(() => {}); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "in a callback", code: object("async say(all) { for (const text of all) setTimeout(() => { this.tell(text); }, 10); }"), errors: [{ messageId: "floating" }] },
		{ name: "through a helper", code: object("async say(text) { this.pass(text); } async pass(text) { await this.tell(text); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a method that catches only a part", code: object("async try(text) { try { await fetch('https://x/'); } catch { return; } await fetch('https://y/'); } async say(text) { this.try(text); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a method that throws again", code: object("async try(text) { try { await fetch('https://x/'); } catch (error) { throw new Error('x', { cause: error }); } } async say(text) { this.try(text); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a method that returns out of its try", code: object("async try() { try { return fetch('https://x/'); } catch { return null; } } async say() { this.try(); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a method that waits in its catch", code: object("async try() { try { await fetch('https://x/'); } catch { await fetch('https://y/'); } } async say() { this.try(); }"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a method that only stores, when the option says so", code: object("async say(text) { this.keep(text); }"), options: [{ checkStorage: true }], errors: [{ messageId: "floatingStorage", suggestions: suggested("async say(text) { await this.keep(text); }") }] },
	],
});

describe("verdicts", () => {
	const of = (body: string) => verdictsOn(rule, object(body)).map((verdict) => `${verdict.status}: ${"because" in verdict ? verdict.because : ""}`);

	it("say why a promise may be dropped", () => {
		expect(of("say(text) { void this.tell(text); this.tell(text).catch(() => {}); }")).toEqual(["guarded: it is marked as dropped on purpose", "guarded: nobody waits for it, but its errors are taken care of"]);
	});

	it("take a method at its catch, and a stream at its reader", () => {
		expect(of("async try() { try { await fetch('https://x/'); } catch { console.error(1); } } say() { this.try(); }")).toEqual(["guarded: nobody waits for it, but it takes care of its errors itself"]);
		const kept = "recover() { if (this.recovery) return this.recovery; if (this.done) return Promise.resolve(); const work = (async () => { await fetch('https://x/'); })().catch(console.error).finally(() => { this.recovery = undefined; }); this.recovery = work; return work; }";
		expect(of(`recovery; done = false; ${kept} say() { this.recover(); }`)).toContain("guarded: nobody waits for it, but it takes care of its errors itself");
		expect(of(`recovery; done = false; ${kept.replace(".catch(console.error)", "")} say() { this.recover(); }`)).toContain("violated: floating");
		expect(of("say(request, writable) { request.body.pipeTo(writable); }")).toEqual(["guarded: a stream flows on while it is read, and whoever reads it learns of an error"]);
	});

	it("are unknown where the call cannot be looked into", () => {
		expect(of("say(text) { this.tellAll(text); } async tellAll(text) { await this.client.post(text); }")).toEqual(["unknown: nobody waits for it; what it waits for itself could not be told"]);
	});

	it("quote what is waited for", () => {
		expect(of("")).toEqual(["guarded: what goes outside is waited for"]);
	});
});
