import type { TSESTree } from "@typescript-eslint/utils";
import { containerTurn } from "../../model/container.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { firstTime } from "../../model/first-time.ts";
import { contains, keyName } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import type { Answers } from "../verdict.ts";
import { regionFunction, waitedFor, waitsOf } from "./blocked-regions.ts";

interface Options {
	/** Names of methods that run seldom and may block: restores, migrations. */
	readonly allowMethods: readonly string[];
}

type MessageId = "blocksEveryEvent" | "everyoneWaits";

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
			everyoneWaits:
				"blockConcurrencyWhile() in {{place}} lets nothing else in while it waits for `{{what}}`: every other event of the object queues behind it, and an error inside, or 30 seconds, resets the object. Store first that the work has begun, wait outside of the block, and look at what is stored again before you write the result.",
		} satisfies Record<MessageId, string>,
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
			else if (!isSeldom(node, object, verdict)) answerRegion(node, place === null ? "an event" : `${place}()`, object, verdict);
		}
		if (calls.length === 0) verdict.notApplicable("the class does not use blockConcurrencyWhile");
	},
});

/** What the block is for tells what to do instead: storage needs none, and I/O belongs outside. */
function answerRegion(node: TSESTree.CallExpression, place: string, object: DurableObjectClass, verdict: Answers<MessageId>): void {
	const fn = regionFunction(node, object);
	const wait = fn && waitsOf(node, fn, object).find(({ kind, cause }) => kind === "open" && !(cause.type === "CallExpression" && object.platformCall(cause)));
	if (!wait) verdict.violated({ at: node, messageId: "blocksEveryEvent", data: { place } });
	else {
		verdict.violated({
			at: node,
			messageId: "everyoneWaits",
			data: { place, what: waitedFor(wait, object) },
			steps: [
				{ at: node, what: "blockConcurrencyWhile() stops all other events" },
				{ at: wait.cause, what: "the object waits for the network" },
			],
		});
	}
}

/** Answers for a region that is not entered at each event, or of which that cannot be told. */
function isSeldom(node: TSESTree.CallExpression, object: DurableObjectClass, verdict: Answers<MessageId>): boolean {
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
