import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { storageBackendOf } from "../../model/backend.ts";
import { storageUsesWithin } from "../../model/data-flow.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { optionsOf } from "../../model/storage-options.ts";
import { contains, keyName } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

type BypassName = "allowConcurrency" | "allowUnconfirmed";

export default defineRule({
	name: "no-storage-concurrency-bypass",
	gotcha: "non-atomic-read-modify-write",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow storage options that open the gates: allowConcurrency and allowUnconfirmed",
		messages: {
			allowConcurrency:
				"allowConcurrency lets other events run while this {{method}}() is under way: what they write is overwritten by what this code writes afterwards{{condition}}. Leave the option out.",
			allowUnconfirmed: "allowUnconfirmed lets answers leave before this {{method}}() is on disk: a caller can be told of a change that a crash then undoes. Leave the option out, or await ctx.storage.sync() before you answer.",
			remove: "Remove the option.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const { backend } = storageBackendOf(object);
		let answers = 0;
		for (const call of object.platformCalls) {
			if (call.on !== "storage" && call.on !== "transaction") continue;
			for (const { name, property } of bypassesOf(call, object)) {
				answers++;
				const harmless = harmlessBecause(name, call, object, backend.value === "sqlite" ? backend.from : null);
				if (harmless) {
					verdict.guarded(harmless);
					continue;
				}
				verdict.violated({
					at: property,
					messageId: name,
					data: { method: call.method, condition: backend.value === "unknown" ? ", if the class is on key-value storage" : "" },
					suggest: contains(call.node, property) ? [{ messageId: "remove", fix: removal(property) }] : [],
				});
			}
		}
		if (answers === 0) verdict.notApplicable("no storage operation opens the gates");
	},
});

function harmlessBecause(name: BypassName, call: PlatformCall, object: DurableObjectClass, sqliteFrom: string | null): { at: TSESTree.Node; because: string } | null {
	const around = object.outermostFunction(call.node);
	if (name === "allowUnconfirmed") {
		const sync = object.callsOf("storage", "sync").find(({ node }) => contains(around, node) && node.range[0] > call.node.range[0]);
		return sync ? { at: sync.node, because: "the write is confirmed by sync() before the answer leaves" } : null;
	}
	if (sqliteFrom !== null) return { at: call.node, because: `allowConcurrency has no effect on SQLite storage (${sqliteFrom})` };
	const isWriteAfter = storageUsesWithin(around, object).some((use) => use.writes && use.call.node !== call.node);
	return isWriteAfter || call.method === "put" || call.method === "delete" ? null : { at: call.node, because: "the code that reads with allowConcurrency writes nothing" };
}

function bypassesOf(call: PlatformCall, object: DurableObjectClass): { readonly name: BypassName; readonly property: TSESTree.Property }[] {
	return (optionsOf(call, object)?.properties ?? []).flatMap((property) => {
		if (property.type !== "Property" || property.value.type !== "Literal" || property.value.value !== true) return [];
		const name = keyName(property);
		return name === "allowConcurrency" || name === "allowUnconfirmed" ? [{ name, property }] : [];
	});
}

/** Removes the property, and the options with it where nothing else is in them. */
function removal(property: TSESTree.Property): Rule.ReportFixer {
	const options = property.parent as TSESTree.ObjectExpression;
	const call = options.parent;
	if (options.properties.length === 1 && call.type === "CallExpression") {
		const index = call.arguments.indexOf(options);
		const before = call.arguments[index - 1];
		return (fixer) => fixer.removeRange([before ? before.range[1] : options.range[0], options.range[1]]);
	}
	const index = options.properties.indexOf(property);
	const next = options.properties[index + 1];
	const previous = options.properties[index - 1];
	const range: [number, number] = next ? [property.range[0], next.range[0]] : previous ? [previous.range[1], property.range[1]] : [property.range[0], property.range[1]];
	return (fixer) => fixer.removeRange(range);
}
