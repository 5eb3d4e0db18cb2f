import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { regionFunction, waitedFor, waitsOf } from "./blocked-regions.ts";

interface Options {
	/** Beginnings of calls that may be waited for all the same, as the source writes them: `this.env.CONFIG.get`. */
	readonly allow: readonly string[];
}

export default defineRule({
	name: "no-io-in-block-concurrency",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow waiting for the network while the object is blocked",
		messages: {
			ioWhileBlocked:
				"While {{region}}() waits for `{{what}}`, no event of any client is served, and after 30 seconds the object is reset. Do the I/O before it, and keep only storage operations inside.",
		},
		schema: [
			{
				type: "object",
				properties: { allow: { type: "array", items: { type: "string" }, description: "Beginnings of calls that may be waited for inside, as the source writes them." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allow: [] }] as readonly [Options],
	},
	check(object, { options: [{ allow }], verdict }) {
		const regions = regionsOf(object);
		if (regions.length === 0) {
			verdict.notApplicable("the class uses neither blockConcurrencyWhile nor transactions");
			return;
		}
		for (const call of regions) {
			const fn = regionFunction(call.node, object);
			if (!fn) {
				verdict.unknown({ at: call.node, because: "what runs inside could not be found" });
				continue;
			}
			const waits = waitsOf(call.node, fn, object);
			const open = waits.filter(({ kind, cause }) => kind === "open" && !isAllowed(cause, allow, object));
			for (const wait of open) {
				const { at, cause } = wait;
				verdict.violated({
					at,
					messageId: "ioWhileBlocked",
					data: { region: call.method, what: waitedFor(wait, object) },
					steps: [
						{ at: call.node, what: `${call.method}() stops all other events` },
						{ at: cause, what: "the object waits for the network" },
					],
				});
			}
			if (open.length > 0) continue;
			const unknown = waits.find(({ kind }) => kind === "unknown");
			if (unknown) verdict.unknown({ at: unknown.at, because: `whether \`${waitedFor(unknown, object)}\` waits for the network could not be told` });
			else verdict.guarded({ at: call.node, because: "only storage is waited for while the object is blocked" });
		}
	},
});

function regionsOf(object: DurableObjectClass): readonly PlatformCall[] {
	return [...object.callsOf("ctx", "blockConcurrencyWhile"), ...object.callsOf("storage", "transaction")];
}

function isAllowed(cause: TSESTree.Node, allow: readonly string[], object: DurableObjectClass): boolean {
	const text = object.file.textOf(cause).replace(/^await\s+/u, "");
	// `storage.sync()` lets events in elsewhere; here it only waits for the disk.
	if (cause.type === "CallExpression" && object.platformCall(cause)) return true;
	return allow.some((beginning) => text.startsWith(beginning));
}
