import { expect } from "vitest";
import { parse } from "jsonc-parser";
import type { Example } from "../../docs/fences.ts";
import { NEWEST_DATE, type Subject } from "../subject.ts";
import { type Proof, valueOrMessage } from "./scenario.ts";

/** What of a configuration the runtime itself depends on. */
interface Configuration {
	readonly compatibility_date: string;
	readonly compatibility_flags?: readonly string[];
	readonly migrations: readonly { readonly new_classes?: readonly string[] }[];
}

/** A worker with the class `Room`, under the configuration that an example shows. */
function roomUnder({ code }: Example): Subject {
	const { compatibility_date, compatibility_flags, migrations } = parse(code) as Configuration;
	const isKeyValue = migrations.some(({ new_classes }) => new_classes?.includes("Room"));
	return {
		name: "room",
		// The pinned runtime is older than the newest dates on the pages.
		compatibilityDate: compatibility_date < NEWEST_DATE ? compatibility_date : NEWEST_DATE,
		compatibilityFlags: compatibility_flags,
		storage: isKeyValue ? "memory" : "disk",
		source: `
import { DurableObject } from "cloudflare:workers";

export class Room extends DurableObject {
	hello(): string {
		return "hello";
	}

	messages(): number {
		this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (body TEXT)");
		return this.ctx.storage.sql.exec<{ total: number }>("SELECT count(*) AS total FROM messages").one().total;
	}
}

export default {
	async fetch(request: Request, env: { Room: DurableObjectNamespace<Room> }): Promise<Response> {
		return new Response(await env.Room.get(env.Room.idFromName("main")).hello());
	},
};
`,
	};
}

const AT_DEPLOY = "what it finds is refused, ignored or done by Wrangler and the platform at deploy, which workerd has no part in; the findings are compared with Wrangler's own validator instead";

export const wrangler: readonly Proof[] = [
	{
		rule: "wrangler/valid-compatibility-date",
		subject: roomUnder,
		async run(object) {
			const { value, error } = await object.worker();
			return error ? error.message : value.text;
		},
		misbehaves: expect.stringContaining("not a function"),
		behaves: "hello",
	},
	{
		rule: "wrangler/prefer-sqlite-storage",
		subject: roomUnder,
		run: (object) => valueOrMessage(object, "messages"),
		misbehaves: expect.stringContaining("new_sqlite_classes"),
		behaves: 0,
	},
	{ rule: "wrangler/valid-config", notProvable: AT_DEPLOY },
	{ rule: "wrangler/valid-bindings", notProvable: AT_DEPLOY },
	{ rule: "wrangler/require-class-lifecycle", notProvable: AT_DEPLOY },
	{ rule: "wrangler/valid-migration-tags", notProvable: AT_DEPLOY },
	{ rule: "wrangler/valid-migrations", notProvable: AT_DEPLOY },
	{ rule: "wrangler/no-rewritten-migrations", notProvable: "which entries are applied again depends on the tag that the platform remembers from the last deploy" },
	{ rule: "wrangler/no-destructive-migration", notProvable: "the data is destroyed by the platform at deploy; workerd applies no migrations" },
	{ rule: "wrangler/valid-exports", notProvable: AT_DEPLOY },
	{ rule: "wrangler/require-exported-class", notProvable: AT_DEPLOY },
	{ rule: "wrangler/require-env-bindings", notProvable: AT_DEPLOY },
	{ rule: "wrangler/valid-cpu-limit", notProvable: "workerd enforces no limit on CPU time" },
	{ rule: "wrangler/no-pages-definition", notProvable: AT_DEPLOY },
	{ rule: "wrangler/valid-container-class", notProvable: "workerd starts no containers by itself, and the class is checked at deploy" },
];
