import { storageUsesWithin } from "../../model/data-flow.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-private-rpc-exposure",
	gotcha: "rpc",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "require #private names for internal methods that write, since TypeScript's private is open to stubs",
		messages: {
			exposed: "`{{name}}` changes storage, and anybody who holds a stub can call it: {{how}}, and RPC sees every method of the class. Name it `#{{bare}}`, which stubs cannot reach.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		if (!object.ancestry.hasRpc) {
			verdict.notApplicable("stubs cannot call methods of this class at all");
			return;
		}
		const hidden = [...object.members.methods.values()].filter((method) => method.name.startsWith("#"));
		let isViolated = false;
		for (const method of object.members.methods.values()) {
			const isMarked = method.accessibility !== "public" || method.name.startsWith("_");
			if (method.kind !== "method" || !isMarked || method.name.startsWith("#") || method.decorators.length > 0) continue;
			if (!storageUsesWithin(method.fn, object).some((use) => use.writes)) continue;
			isViolated = true;
			verdict.violated({ at: method.node.key, messageId: "exposed", data: { name: method.name, bare: method.name.replace(/^_+/u, ""), how: method.accessibility === "public" ? "a leading underscore is only a habit" : `TypeScript's \`${method.accessibility}\` ends at compile time` } });
		}
		if (isViolated) return;
		const [first] = hidden;
		if (first) verdict.guarded({ at: first.node.key, because: "internal methods have #private names, which stubs cannot reach" });
		else verdict.notApplicable("no method that is marked as internal changes storage");
	},
});
