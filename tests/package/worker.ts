/** A small project that gives each kind of file something to be found. */
import type { Files } from "./packed.ts";

export const eslintConfig = `import durableObjects from "eslint-plugin-durable-objects";
import { defineConfig } from "eslint/config";

export default defineConfig([
	{
		plugins: { "durable-objects": durableObjects },
		extends: ["durable-objects/recommended"],
	},
]);
`;

export const worker: Files = {
	"counter/src/index.ts": `import { DurableObject } from "cloudflare:workers";

interface Env {
	COUNTER: DurableObjectNamespace<Counter>;
}

export class Counter extends DurableObject<Env> {
	start(everyMs: number): void {
		setInterval(() => this.ctx.storage.put("beat", Date.now()), everyMs);
	}
}

export default {
	async fetch(request, env) {
		const id = env.COUNTER.idFromName(new URL(request.url).pathname);
		env.COUNTER.get(id).start(1_000);
		return new Response("started");
	},
} satisfies ExportedHandler<Env>;
`,
	"room/room.js": `import { DurableObject } from "cloudflare:workers";

export class Room extends DurableObject {
	async fetch() {
		const [client, server] = Object.values(new WebSocketPair());
		server.accept();
		return new Response(null, { status: 101, webSocket: client });
	}
}
`,
	"counter/wrangler.jsonc": `{
	"name": "counter",
	"main": "src/index.ts",
	"compatibility_date": "2026-10-01",
	"durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
	"migrations": [
		{ "tag": "v1", "new_sqlite_classes": ["Counter"] },
		{ "tag": "v1", "deleted_classes": ["Old"] }, // the same tag
	],
}
`,
	"room/wrangler.toml": `name = "room"
main = "room.js"
compatibility_date = "2026-10-01"

[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"

[[migrations]]
tag = "v1"
new_classes = ["Room"] # the older storage
`,
};

/** What is found in those files, by file: level, place, rule. */
export const findings: Readonly<Record<string, readonly string[]>> = {
	"counter/src/index.ts": ["error 9:3 durable-objects/no-timer-scheduling", "error 16:3 durable-objects/no-floating-rpc"],
	"counter/wrangler.jsonc": [
		"error 8:12 durable-objects/wrangler/valid-migration-tags",
		"error 8:38 durable-objects/wrangler/valid-migrations",
		"warning 8:38 durable-objects/wrangler/no-destructive-migration",
	],
	"room/room.js": ["error 6:3 durable-objects/prefer-websocket-hibernation"],
	"room/wrangler.toml": ["warning 11:16 durable-objects/wrangler/prefer-sqlite-storage"],
};

const count = (level: string): number => Object.values(findings).flat().filter((finding) => finding.startsWith(level)).length;
/** As a report counts them. */
export const counts = { errors: count("error"), warnings: count("warning") };
