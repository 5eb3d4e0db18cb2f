import { join } from "node:path";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { collectEvidence } from "../../src/report/collect.ts";
import { lintForEvidence } from "../../src/report/evidence-run.ts";
import type { InventoryTopic } from "../../src/report/inventory.ts";
import { config, project } from "../cli/built.ts";

async function inventory(body: string): Promise<Record<InventoryTopic, string[]>> {
	const folder = await project({
		"wrangler.jsonc": config("x", "Room", ' "env": { "staging": { "durable_objects": { "bindings": [{ "name": "ROOMS", "class_name": "Room" }] } } }'),
		"src/index.ts": `import { DurableObject } from "cloudflare:workers";\nexport class Room extends DurableObject {\n${body}\n}\n`,
	});
	const results = await lintForEvidence(ESLint, [join(folder, "src/index.ts")], {}, folder);
	const [{ inventories } = { inventories: [] }] = collectEvidence(results, "durable-objects");
	expect(inventories).toHaveLength(1);
	const found: Record<string, string[]> = {};
	for (const { topic, name, detail, line } of inventories[0]!.inventory) (found[topic] ??= []).push([name, detail, line ?? "-"].join(" | "));
	return found;
}

describe("the inventory", () => {
	it("says what the project says of the class", async () => {
		const { kind, storage, binding, compatibility } = await inventory("");
		expect(kind).toEqual(['extends DurableObject from "cloudflare:workers" | exported as Room | 2']);
		expect(storage).toEqual(["SQLite | by wrangler.jsonc | -"]);
		expect(binding).toEqual(["`env.OBJECT` | the top level | -", "`env.ROOMS` | environment staging | -"]);
		expect(compatibility).toEqual([
			"2026-10-01 | by wrangler.jsonc | -",
			"stubs have the methods of the object | since 2024-04-03 | -",
			"deleteAll() deletes the alarm too | since 2026-02-24 | -",
			"close() throws on a reason of more than 123 bytes | since 2026-03-03 | -",
			"a client's close is answered by the runtime | since 2026-04-07 | -",
			"waitUntil(), timers and I/O keep an object in memory, for at most 15 minutes | since 2026-10-01 | -",
		]);
	});

	it("lists keys and tables, and where they are read and written", async () => {
		const { persisted } = await inventory(`
			async visit(id: string) {
				await this.ctx.storage.put(\`visit:\${id}\`, 1);
				await this.ctx.storage.get("total");
				await this.ctx.storage.list({ prefix: "visit:" });
				this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS log (id)");
				this.ctx.storage.sql.exec("INSERT INTO log SELECT id FROM old");
			}
			async clear() { await this.ctx.storage.deleteAll(); }`);
		expect(persisted).toEqual([
			"key `visit:${id}` | written in visit() | 5",
			"key `total` | read in visit() | 6",
			"keys `visit:…` | read in visit() | 7",
			"table `log` | created in visit(), written in visit() | 8",
			"table `old` | read in visit() | 9",
			"all keys | deleted in clear() | 11",
		]);
	});

	it("says of fields how they survive", async () => {
		const { memory } = await inventory(`
			#lost = 0;
			#kept = 0;
			readonly #limit = 5;
			constructor(ctx: DurableObjectState, env: object) {
				super(ctx, env);
				ctx.blockConcurrencyWhile(async () => { this.#kept = (await ctx.storage.get("kept")) ?? 0; });
			}
			async add() {
				this.#lost++;
				this.#kept++;
				await this.ctx.storage.put("kept", this.#kept);
			}
			read() { return this.#lost + this.#kept + this.#limit; }`);
		expect(memory).toEqual(["`this.#lost` | changed in add(); only in memory | 4", "`this.#kept` | changed in add(); saved in add(), loaded in the constructor | 5"]);
	});

	it("lists alarms, sockets and what can be called", async () => {
		const { alarm, socket, surface } = await inventory(`
			async fetch() {
				const { 0: client, 1: server } = new WebSocketPair();
				this.ctx.acceptWebSocket(server);
				await this.ctx.storage.setAlarm(Date.now() + 1000);
				return new Response(null, { status: 101, webSocket: client });
			}
			async alarm() { await this.ctx.storage.deleteAlarm(); }
			hello() { return 1; }
			#own() {}`);
		expect(alarm).toEqual(["set | in fetch() | 7", "deleted | in alarm() | 10", "handled | in alarm() | 10"]);
		expect(socket).toEqual(["accepted by the runtime | in fetch(); the object can hibernate | 6"]);
		expect(surface).toEqual(["`fetch()` | called by the runtime | 4", "`alarm()` | called by the runtime | 10", "`hello()` | called over RPC | 11"]);
	});

	it("lists the routes that a request handler tells apart", async () => {
		const { surface } = await inventory(`
			async fetch(request: Request) {
				const url = new URL(request.url);
				const { pathname } = url;
				const path = url.pathname;
				if (url.pathname === "/join" || "/leave" == pathname) return new Response();
				if (pathname.startsWith("/files/") && request.method === "/post") return new Response();
				switch (path) { case "/a": case "b": return this.#admin(url); }
				if (request.headers.get("x") === "/no" || url.hash === "/no") return new Response();
			}
			#admin({ pathname: here }: URL) { return here === "/unknown" ? null : new Response(); }`);
		expect(surface).toEqual(["`fetch()` | called by the runtime | 4", "route `/join` | in fetch() | 8", "route `/leave` | in fetch() | 8", "route `/files/…` | in fetch() | 9", "route `/a` | in fetch() | 10"]);
	});
});
