import { describe, expect, it } from "vitest";
import noReserved from "../../../src/rules/rpc/no-reserved-rpc-method.ts";
import noReuse from "../../../src/rules/rpc/no-stub-reuse-after-error.ts";
import absoluteUrl from "../../../src/rules/rpc/require-absolute-stub-url.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const worker = (body: string) => `export default { async fetch(request, env) { const stub = env.ROOM.getByName(n); ${body} } };`;

tester.run("require-absolute-stub-url", absoluteUrl, {
	valid: [
		worker("return stub.fetch('http://do/list');"),
		worker("return stub.fetch(request);"),
		worker("return stub.fetch(new Request('https://do/list'));"),
		worker("return stub.fetch(url);"),
		worker("return stub.fetch(`${base}/list`);"),
		worker("return stub.list('/list');"),
		"export default { fetch() { return fetch('/list'); } };",
	],
	invalid: [
		{ code: worker("return stub.fetch('/list');"), output: worker("return stub.fetch('http://do/list');"), errors: [{ messageId: "relativeUrl", data: { url: "'/list'", path: "/list" } }] },
		{ code: worker("return stub.fetch(`/list/${id}`);"), output: worker("return stub.fetch(`http://do/list/${id}`);"), errors: [{ messageId: "relativeUrl" }] },
		{ code: worker("return stub.fetch('list');"), output: worker("return stub.fetch('http://do/list');"), errors: [{ messageId: "relativeUrl" }] },
		{ code: worker("return stub.fetch(new Request('/list', { method: 'POST' }));"), output: worker("return stub.fetch(new Request('http://do/list', { method: 'POST' }));"), errors: [{ messageId: "relativeUrl" }] },
		{ code: worker("return stub.fetch('/list?' + query);"), output: null, errors: [{ messageId: "relativeUrl" }] },
	],
});

const retry = (inside: string, before = "") => `export async function call(env, n) { ${before} for (let i = 0; i < 3; i++) { ${inside} } }`;

tester.run("no-stub-reuse-after-error", noReuse, {
	valid: [
		{ name: "a new stub for each attempt", code: retry("const stub = env.ROOM.getByName(n); try { return await stub.x(); } catch (e) { log(e); }") },
		{ name: "made in the call", code: retry("try { return await env.ROOM.getByName(n).x(); } catch (e) { log(e); }") },
		{ name: "renewed after the error", code: retry("try { return await stub.x(); } catch (e) { stub = env.ROOM.getByName(n); }", "let stub = env.ROOM.getByName(n);") },
		{ name: "gives up after the first error", code: retry("try { return await stub.x(); } catch (e) { throw e; }", "const stub = env.ROOM.getByName(n);") },
		{ name: "a loop over items, not over attempts", code: "export async function all(env, items) { const stub = env.ROOM.getByName('r'); for (const item of items) { try { await stub.x(item); } catch (e) { log(e); } } }" },
		{ name: "a loop that reads a stream", code: "export async function pipe(env, reader) { const stub = env.ROOM.getByName('r'); while (true) { const { done, value } = await reader.read(); if (done) break; try { await stub.x(value); } catch (e) { log(e); } } }" },
		{ name: "no catch", code: retry("await stub.x();", "const stub = env.ROOM.getByName(n);") },
	],
	invalid: [
		{ name: "one stub for all attempts", code: retry("try { return await stub.x(); } catch (e) { log(e); }", "const stub = env.ROOM.getByName(n);"), errors: [{ messageId: "sameStub", data: { stub: "stub" } }] },
		{ name: "while, break", code: "export async function call(env, n) { const stub = env.ROOM.getByName(n); let tries = 0; while (tries < 3) { try { await stub.x(); break; } catch (e) { tries++; if (tries === 3) throw e; } } }", errors: [{ messageId: "sameStub" }] },
	],
});

tester.run("no-reserved-rpc-method", noReserved, {
	valid: [worker("await stub.run();"), worker("return stub.fetch(request);"), worker("await alarm();"), worker("await other.alarm();")],
	invalid: [
		{ code: worker("await stub.alarm();"), errors: [{ messageId: "reserved", data: { method: "alarm" } }] },
		{ code: worker("await stub.webSocketMessage(ws, 'x');"), errors: [{ messageId: "reserved" }] },
	],
});

describe("verdicts", () => {
	it("quote what is right", () => {
		expect(verdictsOn(absoluteUrl, worker("return stub.fetch('http://do/list');"))).toMatchObject([{ status: "guarded", quotes: ["stub.fetch('http://do/list')"] }]);
		expect(verdictsOn(noReuse, retry("try { return await env.ROOM.getByName(n).x(); } catch (e) { log(e); }"))).toMatchObject([{ status: "guarded", quotes: ["env.ROOM.getByName(n).x()"] }]);
		expect(verdictsOn(noReserved, worker("await stub.run();"))).toMatchObject([{ status: "guarded", quotes: ["stub.run()"] }]);
	});
	it("do not apply without such calls", () => {
		const code = worker("return env.ROOM.idFromName('x');");
		for (const rule of [absoluteUrl, noReuse, noReserved]) expect(verdictsOn(rule, code)).toMatchObject([{ status: "not-applicable" }]);
	});
});
