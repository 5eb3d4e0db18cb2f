import noFloatingRpc from "../../../src/rules/rpc/no-floating-rpc.ts";
import { describe, expect, it } from "vitest";
import { tester, verdictsOn } from "../rule-tester.ts";

const worker = (body: string, head = "") => `${head}\nexport default { async fetch(request, env, ctx) { ${body} return new Response(); } };`;

tester.run("no-floating-rpc", noFloatingRpc, {
	valid: [
		{ name: "awaited", code: worker("await env.ROOM.getByName(n).join();") },
		{ name: "returned from an arrow", code: worker("const join = () => env.ROOM.getByName(n).join(); await join();") },
		{ name: "collected", code: worker("await Promise.all(ids.map((id) => env.ROOM.getByName(id).join()));") },
		{ name: "handed to waitUntil", code: worker("ctx.waitUntil(env.ROOM.getByName(n).join());") },
		{ name: "kept in a variable", code: worker("const joining = env.ROOM.getByName(n).join(); await joining;") },
		{ name: "with catch", code: worker("env.ROOM.getByName(n).join().catch(console.error);") },
		{ name: "marked as dropped on purpose", code: worker("void env.ROOM.getByName(n).join();") },
		{ name: "pipelined, awaited once", code: worker("await env.ROOM.getByName(n).member(id).kick();") },
		{ name: "held by using", code: worker("using session = env.ROOM.getByName(n).open();") },
		{ name: "no stub: a Map", code: worker("const rooms = new Map(); rooms.get(n).join();") },
		{ name: "no stub: an id of something else", code: worker("env.KV.get(n).join();") },
		{ name: "the file's own class with such methods", code: worker("const registry = new Registry(); registry.getByName('x').join();", "class Registry { getByName(n) { return this; } join() {} }") },
		{ name: "no stub: what a function returns that calls itself", code: worker("places.get(up(n.id)).close(); places.get(left(n.id)).close();", "const places = new Map(); function up(id) { return up(id - 1); } function left(id) { return right(id); } function right(id) { return left(id); }") },
		{ name: "the result as text", code: worker("return new Response(`${await env.ROOM.getByName(n).title()}`);") },
		{ name: "a promise in a variable that may be missing", code: worker("const joining = env.ROOM.getByName(n).join(); if (joining) await joining;") },
		{ name: "a promise that is looked for", code: worker("const joining = env.ROOM.getByName(n).join(); if (joining === undefined || joining != null) await joining;") },
		{ name: "a promise in an object that is no JSON", code: worker("const all = { members: env.ROOM.getByName(n).members() }; await all.members;") },
		{ name: "promises in an array that are waited for", code: worker("await Promise.all([env.ROOM.getByName(n).join()]);") },
		{ name: "a tagged template", code: worker("html`${env.ROOM.getByName(n).title()}`;") },
		{ name: "a Response of the file's own", code: worker("new Response(env.ROOM.getByName(n).title());", 'import { Response } from "./http";') },
		{ name: "a variable that is assigned again", code: worker("let title = env.ROOM.getByName(n).title(); title = await title; return new Response(`${title}`);") },
		{ name: "getContainer of another package", code: worker("getContainer(env.MAKER, n).stop();", 'import { getContainer } from "./dom";') },
		{ name: "only addressed", code: worker("const id = env.ROOM.idFromName(n);") },
	],
	invalid: [
		{ name: "getByName", code: worker("env.ROOM.getByName(n).join();"), errors: [{ messageId: "floating", data: { call: "env.ROOM.getByName(n).join", iteration: "" }, suggestions: [{ messageId: "addAwait", output: worker("await env.ROOM.getByName(n).join();") }] }] },
		{ name: "idFromName, get, in variables", code: worker("const id = env.ROOM.idFromName(n); const stub = env.ROOM.get(id); stub.join();"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "fetch of a stub", code: worker("env.ROOM.get(env.ROOM.newUniqueId()).fetch(request);"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "with assertions", code: worker("(env.ROOM.getByName(n) as unknown as Room).join();"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a typed parameter", code: "export async function tell(stub: DurableObjectStub<Room>) { stub.join(); }", errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a local function that makes the stub", code: worker("stubOf(env, n).join();", "const stubOf = (env, n) => env.ROOM.get(env.ROOM.idFromName(n));"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "a field of a Durable Object", code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { constructor(ctx, env) { super(ctx, env); this.log = env.LOG.getByName(ctx.id.toString()); } async hit() { this.log.write("hit"); } }', errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "getAgentByName", code: worker("const agent = await getAgentByName(env.AGENT, n); agent.run();", 'import { getAgentByName } from "agents";'), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "getContainer", code: worker("getContainer(env.MAKER, n).stop();", 'import { getContainer } from "@cloudflare/containers";'), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "behind a condition", code: worker("wanted && env.ROOM.getByName(n).join();"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "dropped by forEach", code: worker("ids.forEach((id) => env.ROOM.getByName(id).join());"), errors: [{ messageId: "droppedByIteration", data: { call: "env.ROOM.getByName(id).join", iteration: "forEach" } }] },
		...[
			["as a condition", "if (env.ROOM.getByName(n).isOpen()) open();", "if (await env.ROOM.getByName(n).isOpen()) open();"],
			["as a condition that is turned round", "const closed = !env.ROOM.getByName(n).isOpen();", "const closed = !await env.ROOM.getByName(n).isOpen();"],
			["as the choice between two", "const text = env.ROOM.getByName(n).isOpen() ? 'open' : 'closed';", "const text = await env.ROOM.getByName(n).isOpen() ? 'open' : 'closed';"],
			["compared", "if (env.ROOM.getByName(n).count() > 10) full();", "if (await env.ROOM.getByName(n).count() > 10) full();"],
			["as text", "const title = `Room ${env.ROOM.getByName(n).title()}`;", "const title = `Room ${await env.ROOM.getByName(n).title()}`;"],
			["as a body", "return new Response(env.ROOM.getByName(n).title());", "return new Response(await env.ROOM.getByName(n).title());"],
			["as JSON", "return Response.json(env.ROOM.getByName(n).members());", "return Response.json(await env.ROOM.getByName(n).members());"],
			["deep in JSON", "return Response.json({ room: { n, members: env.ROOM.getByName(n).members() } });", "return Response.json({ room: { n, members: await env.ROOM.getByName(n).members() } });"],
			["in an array of JSON", "log(JSON.stringify([n, env.ROOM.getByName(n).count()]));", "log(JSON.stringify([n, await env.ROOM.getByName(n).count()]));"],
			["through a constant", "const title = env.ROOM.getByName(n).title(); return new Response(title);", "const title = await env.ROOM.getByName(n).title(); return new Response(title);"],
		].map(([name, code, output]) => ({ name: `taken for its result ${name}`, code: worker(code as string), errors: [{ messageId: "usedAsResult" as const, suggestions: [{ messageId: "addAwait" as const, output: worker(output as string) }] }] })),
		{ name: "taken for its result through a constant that is awaited elsewhere", code: worker("const title = env.ROOM.getByName(n).title(); log(`${title}`); await title;"), errors: [{ messageId: "usedAsResult", data: { call: "env.ROOM.getByName(n).title", what: 'as text it is "[object JsRpcPromise]"' }, suggestions: [] }] },
		{ name: "no suggestion where nothing can be awaited", code: "export function tell(env, n) { env.ROOM.getByName(n).join(); }", errors: [{ messageId: "floating", suggestions: [] }] },
	],
});

describe("no-floating-rpc: verdicts", () => {
	it("quotes calls that are waited for", () => {
		expect(verdictsOn(noFloatingRpc, worker("await env.ROOM.getByName(n).join();"))).toEqual([{ status: "guarded", quotes: ["env.ROOM.getByName(n).join()"], because: expect.any(String) }]);
	});
	it("does not apply where objects are only addressed", () => {
		expect(verdictsOn(noFloatingRpc, worker("const id = env.ROOM.idFromName(n);")).map(({ status }) => status)).toEqual(["not-applicable"]);
	});
});
