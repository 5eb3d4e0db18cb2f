/**
 * The events that other tests force, as they come by themselves: idleness and the limit of a blocked object.
 * Slow, so only with `RUNTIME_SLOW=1`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Harness } from "./harness.ts";
import { describeWithWorkerd, runsSlowTests } from "./requirement.ts";
import type { Subject } from "./subject.ts";
import { Workerd } from "./workerd.ts";

const subject: Subject = {
	name: "idle",
	source: `
import { DurableObject } from "cloudflare:workers";

export class Idle extends DurableObject<{ Idle: DurableObjectNamespace<Idle> }> {
	private born = crypto.randomUUID();

	identity(): string {
		return this.born;
	}

	tick(): string {
		setInterval(() => {}, 1_000);
		return this.born;
	}

	async block(): Promise<void> {
		const self = this.env.Idle.get(this.ctx.id);
		await this.ctx.blockConcurrencyWhile(async () => {
			await self.identity();
		});
	}

	override fetch(request: Request): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		if (new URL(request.url).pathname === "/standard") server.accept();
		else this.ctx.acceptWebSocket(server);
		return new Response(null, { status: 101, webSocket: client });
	}

	override webSocketMessage(socket: WebSocket): void {
		socket.send(this.born);
	}
}
`,
};

/** workerd removes an idle object after ten seconds. */
const IDLE_MS = 13_000;

describeWithWorkerd("by itself, the runtime", () => {
	let workerd: Workerd;
	let named: (name: string) => Harness;

	beforeAll(async () => {
		workerd = await Workerd.start([subject]);
		named = (name) => Harness.of(workerd, subject).object(name);
	});
	afterAll(() => workerd.stop());

	const slow = { skip: !runsSlowTests, timeout: 60_000 };

	test.concurrent("removes an object that has been idle for ten seconds", slow, async () => {
		const object = named("idle");
		const before = await object.call("identity");
		await sleep(IDLE_MS);
		expect(await object.call("identity")).not.toBe(before);
	});

	test.concurrent("keeps an object with a timer", slow, async () => {
		const object = named("timer");
		const before = await object.call("tick");
		await sleep(IDLE_MS);
		expect(await object.call("identity")).toBe(before);
	});

	test.concurrent("removes an object with a hibernatable connection, and keeps the connection", slow, async () => {
		const object = named("hibernatable");
		const client = await object.connect();
		const before = await client.ask("who?");
		await sleep(IDLE_MS);
		const after = await client.ask("who?");
		client.drop();
		expect(after).toEqual(expect.any(String));
		expect(after).not.toBe(before);
	});

	test.concurrent("keeps an object with a connection of the standard API", slow, async () => {
		const object = named("standard");
		const client = await object.connect("/standard");
		const before = await object.call("identity");
		await sleep(IDLE_MS);
		expect(await object.call("identity")).toBe(before);
		client.drop();
	});

	test.concurrent("resets an object that has blocked for thirty seconds", slow, async () => {
		const object = named("blocked");
		const before = await object.call("identity");
		const { error } = await object.outcome("block");
		expect(error?.message).toContain("waited for too long");
		expect(await object.call("identity")).not.toBe(before);
	});
});
