import type { TSESTree } from "@typescript-eslint/utils";
import { workersKvOptions } from "../../facts/storage.ts";
import type { PlatformCall } from "../../model/durable-object.ts";
import { optionsArgument, optionsOf } from "../../model/storage-options.ts";
import { keyName, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

/** Methods that Workers KV has too, with options of its own. */
const sharedMethods: ReadonlySet<string> = new Set(["get", "put", "delete", "list"]);

export default defineRule({
	name: "valid-storage-options",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow options of Workers KV on an object's own storage, which ignores them",
		messages: {
			neverExpires: "The storage of an object knows no `{{option}}`, which is an option of Workers KV, and ignores it: this entry never expires. Store with it when it is due, and delete it in alarm().",
			metadata: "The storage of an object knows no `metadata`, which is an option of Workers KV, and ignores it: it is not stored. Make it a part of the value.",
			notParsed: "The storage of an object knows no `type`, which is an option of Workers KV, and ignores it: the value comes back as it was stored. Store the object itself, or parse the text that you get.",
			startsAnew: "The storage of an object knows no `cursor`, which is an option of Workers KV, and ignores it: each list() begins at the beginning. Give the last key as `startAfter`.",
			ignored: "The storage of an object knows no `{{option}}`, which is an option of Workers KV, and ignores it. Leave it out.",
			typeAsText: "get() of an object's storage throws on a type, which is for Workers KV: the value comes back as it was stored. Leave the type out.",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		const withOptions = object.platformCalls.filter((call) => isOfStorage(call) && optionsArgument(call) !== undefined);
		let isViolated = false;
		for (const call of withOptions) {
			const type = typeAsText(call);
			if (type) {
				isViolated = true;
				verdict.violated({ at: type, messageId: "typeAsText" });
			}
			for (const property of optionsOf(call, object)?.properties ?? []) {
				const option = property.type === "Property" ? keyName(property) : null;
				if (option === null || !Object.hasOwn(workersKvOptions, option)) continue;
				isViolated = true;
				verdict.violated({ at: property, messageId: workersKvOptions[option] ?? "ignored", data: { option } });
			}
		}
		if (isViolated) return;
		const read = withOptions.filter((call) => optionsOf(call, object) !== null);
		if (read.length > 0) verdict.guarded({ at: read.slice(0, 3).map(({ node }) => node), because: "the options are those of an object's storage" });
		else if (withOptions.length > 0) verdict.unknown({ at: withOptions.map(({ node }) => node), because: "what the options are could not be told" });
		else verdict.notApplicable("no storage operation is given options");
	},
});

function isOfStorage({ on, method }: PlatformCall): boolean {
	return (on === "storage" || on === "transaction" || on === "kv") && sharedMethods.has(method);
}

/** `get(key, "json")` of the asynchronous API; the synchronous one looks at its first argument only. */
function typeAsText(call: PlatformCall): TSESTree.Node | null {
	const argument = call.method === "get" && call.on !== "kv" ? optionsArgument(call) : undefined;
	const node = argument && argument.type !== "SpreadElement" ? unwrap(argument) : null;
	return node?.type === "Literal" && typeof node.value === "string" ? node : null;
}
