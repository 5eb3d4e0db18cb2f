import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/rpc/no-global-singleton.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const worker = (body: string, head = "") => `${head}\nexport default { async fetch(request, env) { ${body} } };`;

tester.run("no-global-singleton", rule, {
	valid: [
		{ name: "a name from the request", code: worker("return env.ROOM.getByName(new URL(request.url).pathname).fetch(request);") },
		{ name: "a template", code: worker("return env.ROOM.getByName(`room:${id}`).fetch(request);") },
		{ name: "shards", code: worker("return env.ROOM.getByName('shard-' + (hash(id) % 8)).fetch(request);") },
		{ name: "a unique id", code: worker("return env.ROOM.get(env.ROOM.newUniqueId()).fetch(request);") },
		{ name: "an imported name, whose value is not known", code: worker("return env.ROOM.getByName(NAME).fetch(request);", 'import { NAME } from "./names";') },
		{ name: "a name that changes", code: worker("let name = 'a'; if (x) name = y; return env.ROOM.getByName(name).fetch(request);") },
		{ name: "scheduled work", code: "export default { async scheduled(event, env) { await env.JANITOR.getByName('janitor').sweep(); } };" },
		{ name: "an alarm", code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { async alarm() { await this.env.HUB.getByName("hub").report(); } }' },
		{ name: "meant to be one", code: worker("return env.REGISTRY.getByName('registry').fetch(request);"), options: [{ allowNames: ["registry"] }] },
		{ name: "a test of the Workers integration", code: 'import { env } from "cloudflare:test"; it("counts", async () => { await env.COUNTER.getByName("one").increment(); });' },
		{ name: "a test of another runner", code: 'import { expect, it } from "vitest"; it("counts", async () => { expect(await env.COUNTER.get(env.COUNTER.idFromName("one")).increment()).toBe(1); });' },
		{ name: "a test whose functions are globals", filename: "src/counter.spec.ts", code: 'it("counts", async () => { await env.COUNTER.getByName("one").increment(); });' },
		{ name: "a Worker that tests are run against", filename: "src/test-fixtures/worker.ts", code: worker("return env.ROOM.getByName('test').fetch(request);") },
		{ name: "not a namespace of ours", code: worker("class Names { getByName(n) {} } new Names().getByName('x');") },
	],
	invalid: [
		{ name: "getByName", code: worker("return env.ROOM.getByName('global').fetch(request);"), errors: [{ messageId: "constantName", data: { name: "global", namespace: "env.ROOM" } }] },
		{ name: "idFromName", code: worker("const id = env.ROOM.idFromName(`lobby`); return env.ROOM.get(id).fetch(request);"), errors: [{ messageId: "constantName" }] },
		{ name: "a module constant", code: worker("return env.ROOM.getByName(NAME).fetch(request);", 'const NAME = "main";'), errors: [{ messageId: "constantName", data: { name: "main", namespace: "env.ROOM" } }] },
		{ name: "a member of a constant", code: worker("return env.ROOM.getByName(NAMES.hub).fetch(request);", 'const NAMES = { hub: "hub" } as const;'), errors: [{ messageId: "constantName", data: { name: "hub", namespace: "env.ROOM" } }] },
		{ name: "a static field", code: worker("return env.ROOM.getByName(Names.HUB).fetch(request);", 'class Names { static readonly HUB = "hub"; }'), errors: [{ messageId: "constantName", data: { name: "hub", namespace: "env.ROOM" } }] },
		{ name: "a computed binding", code: worker("return env[binding].idFromName('x');"), errors: [{ messageId: "constantName" }] },
		{ name: "an agent", code: worker("const agent = await getAgentByName(env.AGENT, 'default'); return agent.fetch(request);", 'import { getAgentByName } from "agents";'), errors: [{ messageId: "constantName", data: { name: "default", namespace: "env.AGENT" } }] },
		{ name: "a file of tests beside it says nothing", filename: "src/latest.ts", code: worker("return env.ROOM.getByName('global').fetch(request);", 'import { contest } from "./vitest";'), errors: [{ messageId: "constantName" }] },
		{ name: "once for each object", code: worker("await env.ROOM.getByName('a').x(); await env.ROOM.getByName('a').y(); await env.ROOM.getByName('b').x(); await env.HUB.getByName('a').x();"), errors: [{ data: { name: "a", namespace: "env.ROOM" }, messageId: "constantName" }, { data: { name: "b", namespace: "env.ROOM" }, messageId: "constantName" }, { data: { name: "a", namespace: "env.HUB" }, messageId: "constantName" }] },
		{ name: "scheduled work, when the option says so", code: "export default { async scheduled(event, env) { await env.JANITOR.getByName('janitor').sweep(); } };", options: [{ allowInScheduled: false }], errors: [{ messageId: "constantName" }] },
	],
});

describe("no-global-singleton: verdicts", () => {
	it("quotes a name that is made at run time", () => {
		expect(verdictsOn(rule, worker("return env.ROOM.getByName(`room:${id}`).fetch(request);"))).toEqual([
			{ status: "guarded", quotes: ["env.ROOM.getByName(`room:${id}`)"], because: "the name `room:${id}` is made at run time, so the load is spread over objects" },
		]);
	});
	it("does not apply to tests", () => {
		expect(verdictsOn(rule, 'import { env } from "cloudflare:test"; await env.ROOM.getByName("a").join();')).toMatchObject([{ status: "not-applicable", because: "a test addresses objects of its own" }]);
	});
	it("does not apply without names", () => {
		expect(verdictsOn(rule, worker("return env.ROOM.get(env.ROOM.newUniqueId()).fetch(request);")).map(({ status }) => status)).toEqual(["not-applicable"]);
	});
});
