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
		{ name: "behind a condition", code: worker("wanted && env.ROOM.getByName(n).join();"), errors: [{ messageId: "floating", suggestions: 1 }] },
		{ name: "dropped by forEach", code: worker("ids.forEach((id) => env.ROOM.getByName(id).join());"), errors: [{ messageId: "droppedByIteration", data: { call: "env.ROOM.getByName(id).join", iteration: "forEach" } }] },
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
