import { createRequire } from "node:module";
import path from "node:path";
import type { Example } from "../../docs/fences.ts";
import type { Subject } from "../subject.ts";
import type { Proof } from "./scenario.ts";

const require = createRequire(import.meta.url);

/** An example that extends a class of PartyServer, with the package itself. */
function onPartyServer({ code }: Example): Subject {
	const server = require.resolve("partyserver");
	const nanoid = path.dirname(createRequire(server).resolve("nanoid"));
	return {
		name: "party",
		source: code,
		modules: { partyserver: server, nanoid: path.join(nanoid, "index.browser.js"), "url-alphabet/index.js": path.join(nanoid, "url-alphabet/index.js") },
	};
}

export const frameworks: readonly Proof[] = [
	{
		rule: "no-raw-alarm-in-agent",
		notProvable: "it takes the Agents SDK, whose dependencies are too many for a test; the claim rests on its source",
	},
	{
		rule: "no-handler-override",
		subject: onPartyServer,
		async run(object) {
			try {
				const client = await object.connect();
				client.drop();
				return "connected";
			} catch {
				return "no connection";
			}
		},
		misbehaves: "no connection",
		behaves: "connected",
	},
	{
		rule: "require-hibernate-option",
		subject: onPartyServer,
		async run(object) {
			const one = await object.connect();
			const another = await object.connect();
			one.send("hello");
			const received = await another.messages(1);
			const hibernates = await object.canBeEvicted();
			one.drop();
			another.drop();
			return { received, hibernates };
		},
		misbehaves: { received: ["hello"], hibernates: false },
		behaves: { received: ["hello"], hibernates: true },
	},
];
