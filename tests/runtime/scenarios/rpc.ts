import { expect } from "vitest";
import type { Example } from "../../docs/fences.ts";
import type { Harness } from "../harness.ts";
import type { Subject } from "../subject.ts";
import { type Proof, valueOrMessage } from "./scenario.ts";

const NO_METHOD = expect.stringContaining("does not implement the method");

/** An example that only calls objects, with a class of ours to be called. */
function calledWith(rest: string): (example: Example) => Subject {
	return ({ code }) => ({ name: "caller", source: `import { DurableObject } from "cloudflare:workers";\n${code}\n${rest}` });
}

/** The answer of the example's worker, or the message of the error that it ends with. */
async function answerOrMessage(object: Harness, url?: string): Promise<unknown> {
	const { value, error } = await object.worker(url);
	return error ? error.message : value.text;
}

export const rpc: readonly Proof[] = [
	{
		rule: "no-arrow-rpc-method",
		run: (object) => valueOrMessage(object, "list"),
		misbehaves: NO_METHOD,
		behaves: [],
	},
	{
		// The call that fails is in another object; who waits for it learns of it.
		rule: "no-floating-rpc",
		run: (object) => valueOrMessage(object, "post", "", "log"),
		misbehaves: null,
		behaves: "empty",
	},
	{
		// The service refuses the first order.
		rule: "no-floating-promise",
		run: (object) => valueOrMessage(object, "place", "chair"),
		misbehaves: "booked",
		behaves: "sold out",
	},
	{
		rule: "no-floating-rpc",
		example: "condition",
		run: (object) => object.call("enter", "a guest", "Lisbon"),
		misbehaves: "refused",
		behaves: "welcome",
	},
	{ rule: "no-global-singleton", notProvable: "workerd does not slow down or refuse calls of one object at the rate at which the platform does" },
	{
		// Two strangers who both name no room.
		rule: "no-nullable-object-name",
		subject: calledWith(`
export class Rooms extends DurableObject {
	#visitors = 0;

	fetch(): Response {
		return new Response(\`visitor \${++this.#visitors} of one room\`);
	}
}
`),
		async run(object) {
			await object.worker("http://worker/?user=one");
			return answerOrMessage(object, "http://worker/?user=another");
		},
		misbehaves: "visitor 2 of one room",
		behaves: "which room?",
	},
	{
		rule: "no-private-rpc-exposure",
		run: (object) => valueOrMessage(object, "wipe"),
		misbehaves: null,
		behaves: NO_METHOD,
	},
	{
		rule: "no-reserved-rpc-method",
		run: (object) => valueOrMessage(object, "runOther", "another"),
		misbehaves: expect.stringMatching(/alarm/u),
		behaves: null,
	},
	{
		// The object is reset at the first call, as it is by a deploy or a failure of its machine.
		rule: "no-stub-reuse-after-error",
		subject: calledWith(`
let resets = 0;

export class Rooms extends DurableObject {
	append(line: string): void {
		if (resets++ === 0) this.ctx.abort("reset for the test");
		this.ctx.storage.kv.put("line", line);
	}

	line(): string {
		return this.ctx.storage.kv.get<string>("line") ?? "nothing";
	}
}

export default {
	async fetch(_request: Request, env: { Rooms: DurableObjectNamespace<Rooms> }): Promise<Response> {
		await append(env, "room", "hello");
		return new Response(await env.Rooms.getByName("room").line());
	},
};
`),
		run: answerOrMessage,
		misbehaves: "nothing",
		behaves: "hello",
	},
	{
		rule: "no-unserializable-rpc-value",
		run: (object) => valueOrMessage(object, "items"),
		misbehaves: expect.stringContaining("Could not serialize"),
		behaves: [],
	},
	{
		rule: "require-absolute-stub-url",
		run: (object) => valueOrMessage(object, "other", "another"),
		misbehaves: expect.stringContaining("Invalid URL"),
		behaves: "ok",
	},
	{
		rule: "require-durable-object-base",
		run: (object) => answerOrMessage(object, "http://worker/home"),
		misbehaves: expect.stringContaining("does not support RPC"),
		behaves: "0",
	},
];
