import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/rpc/no-nullable-object-name.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const worker = (body: string) => `export default { async fetch(request, env) { const url = new URL(request.url); ${body} } };`;

tester.run("no-nullable-object-name", rule, {
	valid: [
		{ name: "checked first", code: worker("const id = url.searchParams.get('id'); if (!id) return new Response(null, { status: 400 }); return env.ROOM.getByName(id).fetch(request);") },
		{ name: "compared with null", code: worker("const id = url.searchParams.get('id'); if (id === null) throw new Error(); return env.ROOM.getByName(id).fetch(request);") },
		{ name: "with a default", code: worker("return env.ROOM.getByName(url.searchParams.get('id') ?? crypto.randomUUID()).fetch(request);") },
		{ name: "a default later", code: worker("let id = url.searchParams.get('id'); id ??= 'lobby'; return env.ROOM.getByName(id).fetch(request);") },
		{ name: "looked at by another function", code: worker("const id = url.searchParams.get('id'); assertId(id); return env.ROOM.getByName(id).fetch(request);") },
		{ name: "chosen by a ternary", code: worker("const id = request.headers.get('x-id'); return id ? env.ROOM.getByName(id).fetch(request) : new Response();") },
		{ name: "checked under the name that it had first", code: "app.get('/join', (c) => { const ticket = c.req.query('ticket'); if (!ticket) return c.text('no ticket', 400); const hall = ticket; return c.env.HALL.getByName(hall).fetch(c.req.raw); });" },
		{ name: "checked under the name that it has last", code: worker("const raw = url.searchParams.get('id'); const id = raw as string; if (id === null) throw new Error(); return env.ROOM.getByName(id).fetch(request);") },
		{ name: "the path is always there", code: worker("return env.ROOM.getByName(url.pathname).fetch(request);") },
		{ name: "a route's parameter", code: "app.get('/:id', (c) => c.env.ROOM.getByName(c.req.param('id')).fetch(c.req.raw));" },
		{ name: "a Map of the Worker", code: worker("const names = new Map(); return env.ROOM.getByName(names.get('x')).fetch(request);") },
		{ name: "part of a text", code: worker("return env.ROOM.getByName(`room:${url.searchParams.get('id')}`).fetch(request);") },
	],
	invalid: [
		{ name: "asserted away", code: worker("return env.ROOM.getByName(url.searchParams.get('id')!).fetch(request);"), errors: [{ messageId: "nullableName", data: { source: "url.searchParams.get('id')", method: "getByName", text: "null" } }] },
		{ name: "cast away, in a variable", code: worker("const id = url.searchParams.get('id') as string; return env.ROOM.get(env.ROOM.idFromName(id)).fetch(request);"), errors: [{ messageId: "nullableName" }] },
		{ name: "under two names, and neither checked", code: worker("const raw = url.searchParams.get('id'); const other = url.searchParams.get('other'); if (!other) return new Response(); const id = raw!; return env.ROOM.getByName(id).fetch(request);"), errors: [{ messageId: "nullableName" }] },
		{ name: "a header", code: worker("return env.ROOM.getByName(request.headers.get('x-user')!).fetch(request);"), errors: [{ messageId: "nullableName" }] },
		{ name: "destructured search parameters", code: worker("const { searchParams } = url; return env.ROOM.getByName(searchParams.get('id')!).fetch(request);"), errors: [{ messageId: "nullableName" }] },
		{ name: "a form", code: worker("const form = await request.formData(); return env.ROOM.getByName(form.get('id') as string).fetch(request);"), errors: [{ messageId: "nullableName" }] },
		{ name: "Hono's query", code: "app.get('/', (c) => { const id = c.req.query('id'); return c.env.ROOM.getByName(id).fetch(c.req.raw); });", errors: [{ messageId: "nullableName", data: { source: "c.req.query('id')", method: "getByName", text: "undefined" } }] },
		{ name: "an agent's name", code: `import { getAgentByName } from "agents";\n${worker("return getAgentByName(env.AGENT, url.searchParams.get('id')!);")}`, errors: [{ messageId: "nullableName" }] },
	],
});

describe("no-nullable-object-name: verdicts", () => {
	it("quotes the check", () => {
		const code = worker("const id = url.searchParams.get('id'); if (!id) return new Response(null, { status: 400 }); return env.ROOM.getByName(id).fetch(request);");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["!id"], because: expect.any(String) }]);
	});
	it("does not apply to names that are always there", () => {
		expect(verdictsOn(rule, worker("return env.ROOM.getByName(url.pathname).fetch(request);")).map(({ status }) => status)).toEqual(["not-applicable"]);
	});
});
