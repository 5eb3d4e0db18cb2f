import { afterEach, describe, expect, test } from "vitest";
import { Harness } from "./harness.ts";
import { describeWithWorkerd } from "./requirement.ts";
import { compileSubject, type Subject } from "./subject.ts";
import { Workerd } from "./workerd.ts";

const COUNTER = `
import { DurableObject } from "cloudflare:workers";

interface Env {
	SVC: Fetcher;
	KV: KVNamespace;
	Counter: DurableObjectNamespace<Counter>;
}

export class Counter extends DurableObject<Env> {
	#calls = 0;

	async count(): Promise<{ stored: number; inMemory: number }> {
		const stored = ((await this.ctx.storage.get<number>("count")) ?? 0) + 1;
		await this.ctx.storage.put("count", stored);
		return { stored, inMemory: ++this.#calls };
	}

	fail(): never {
		throw new RangeError("too far");
	}

	async outside(): Promise<unknown> {
		await this.env.KV.put("greeting", "hello");
		const bound: unknown = await (await this.env.SVC.fetch("https://svc/bound")).json();
		const global: unknown = await (await fetch("https://example.com/global?fail=1")).text();
		return { bound, global, kv: await this.env.KV.get("greeting"), none: await this.env.KV.get("none") };
	}

	async wakeAt(ms: number): Promise<void> {
		await this.ctx.storage.setAlarm(Date.now() + ms);
	}

	override async alarm(): Promise<void> {
		await this.ctx.storage.put("rang", true);
	}

	async rang(): Promise<boolean> {
		return (await this.ctx.storage.get("rang")) ?? false;
	}

	async slow(): Promise<void> {
		await this.env.SVC.fetch("https://svc/slow?delay=30000");
	}

	override async fetch(): Promise<Response> {
		const [client, server] = Object.values(new WebSocketPair());
		this.ctx.acceptWebSocket(server!);
		return new Response(null, { status: 101, webSocket: client! });
	}

	override webSocketMessage(socket: WebSocket, message: string): void {
		socket.send(message + "!");
	}

	override webSocketClose(socket: WebSocket, code: number): void {
		socket.close(code === 1005 ? 1000 : code);
	}
}

export default {
	fetch: () => new Response("the worker"),
};
`;

let running: Workerd | undefined;

async function start(subject: Partial<Subject> = {}): Promise<Harness> {
	const whole: Subject = { name: "counter", source: COUNTER, ...subject };
	running = await Workerd.start([whole]);
	return Harness.of(running, whole);
}

afterEach(async () => {
	await running?.stop();
	running = undefined;
});

describe("a subject", () => {
	test("loses its types and keeps its classes", () => {
		const { javascript, classNames } = compileSubject({ name: "s", source: "export class A { n: number = 1 }\nclass B {}\nexport class C {}\n" });
		expect(classNames).toEqual(["A", "C"]);
		expect(javascript).not.toContain("number");
		expect(javascript).toContain("export default");
	});

	test("must be a module with a class", () => {
		expect(() => compileSubject({ name: "broken", source: "export class {" })).toThrow(/broken:/u);
		expect(() => compileSubject({ name: "empty", source: "export const a = 1;" })).toThrow("empty: the module exports no class");
	});
});

describeWithWorkerd("workerd", () => {
	test("says why it does not start", async () => {
		await expect(Workerd.start([{ name: "broken", source: "export class A {}\nthrow new Error('no such luck');" }])).rejects.toThrow("no such luck");
	});

	test("answers calls, and marks what failed", async () => {
		const object = await start();
		expect(await object.call("count")).toEqual({ stored: 1, inMemory: 1 });
		expect(await object.object("another").call("count")).toEqual({ stored: 1, inMemory: 1 });
		await expect(object.call("fail")).rejects.toThrow("too far");
		expect(await object.outcome("fail")).toMatchObject({ error: { name: "RangeError", durableObjectReset: false } });
		expect(await object.worker()).toEqual({ value: { status: 200, text: "the worker" } });
		expect((await object.all([{ method: "count" }, { method: "fail" }])).map((outcome) => "error" in outcome)).toEqual([false, true]);
	});

	test("keeps storage and loses memory at eviction, and at a crash", async () => {
		const object = await start();
		await object.evict();
		await object.call("count");
		await object.evict();
		expect(await object.call("count")).toEqual({ stored: 2, inMemory: 1 });
		await object.crash();
		expect(await object.call("count")).toEqual({ stored: 3, inMemory: 1 });
	});

	test("runs alarms in order of their time, after a crash too", async () => {
		const object = await start();
		await object.call("wakeAt", 100);
		await object.crash();
		await object.alarmAfter(200);
		expect(await object.call("rang")).toBe(true);
		await object.alarmRetry();
	});

	test("offers an outside world that is counted", async () => {
		const object = await start();
		expect(await object.call("outside")).toEqual({ bound: { ok: true, path: "/bound", count: 1 }, global: "unavailable", kv: "hello", none: null });
		expect(await object.externalCalls("/global")).toBe(1);
		expect(await object.outcomeOrPending("slow")).toBe("pending");
		await object.externalCall("/slow");
		expect(await object.canBeEvicted()).toBe(false);
	});

	test("hibernates connections", async () => {
		const object = await start();
		const client = await object.connect();
		await object.evict();
		expect(await client.ask("hi")).toBe("hi!");
		expect(await client.close()).toBe(1000);
	});
});
