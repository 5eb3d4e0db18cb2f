import type { TSESTree } from "@typescript-eslint/utils";
import { containerTurn } from "../../model/container.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { firstTime } from "../../model/first-time.ts";
import { contains, keyName } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import type { Answers } from "../verdict.ts";

interface Options {
	/** Names of methods that run seldom and may block: restores, migrations. */
	readonly allowMethods: readonly string[];
}

export default defineRule({
	name: "no-block-concurrency-in-request",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow blockConcurrencyWhile outside of initialisation",
		messages: {
			blocksEveryEvent:
				"blockConcurrencyWhile() in {{place}} lets nothing else in while it runs: at 5 ms each the object serves at most 200 events a second, and an error inside resets it. Reads and writes with only storage between them are atomic without it; group writes with storage.transactionSync() or one put().",
		},
		schema: [
			{
				type: "object",
				properties: { allowMethods: { type: "array", items: { type: "string" }, description: "Names of methods that run seldom and may block the object." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowMethods: ["preShutdown"] }] as readonly [Options],
	},
	check(object, { options: [{ allowMethods }], verdict }) {
		const calls = object.callsOf("ctx", "blockConcurrencyWhile");
		for (const { node } of calls) {
			const place = placeOf(node, object);
			if (object.isInitialisation(node)) verdict.guarded({ at: node, because: "the object is blocked only while it wakes up" });
			else if (place !== null && allowMethods.includes(place)) verdict.guarded({ at: node, because: `${place}() may block by the rule's option` });
			else if (!isSeldom(node, object, verdict)) verdict.violated({ at: node, messageId: "blocksEveryEvent", data: { place: place === null ? "an event" : `${place}()` } });
		}
		if (calls.length === 0) verdict.notApplicable("the class does not use blockConcurrencyWhile");
	},
});

/** Answers for a region that is not entered at each event, or of which that cannot be told. */
function isSeldom(node: TSESTree.CallExpression, object: DurableObjectClass, verdict: Answers<string>): boolean {
	const first = firstTime(node, object);
	if (first.is === "first") {
		const at = first.mark === first.test || contains(first.mark, node) ? [first.mark] : [first.test, first.mark, node];
		verdict.guarded({ at, because: `it blocks only the first time: \`${first.flag}\` remembers that it was done` });
		return true;
	}
	if (first.is === "unknown") {
		verdict.unknown({ at: [first.test, node], because: `whether it blocks only once could not be told: what sets \`${first.flag}\` is not in sight` });
		return true;
	}
	const turn = containerTurn(node, object);
	if (turn) verdict.guarded({ at: [turn.at, node], because: turn.because });
	return turn !== null;
}

function placeOf(node: TSESTree.Node, object: DurableObjectClass): string | null {
	const element = object.elementOf(node);
	return element && "key" in element ? keyName(element) : null;
}
