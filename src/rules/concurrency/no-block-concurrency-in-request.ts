import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { keyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

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
			else if (isOnce(node)) verdict.guarded({ at: node, because: "it blocks only the first time" });
			else if (place !== null && allowMethods.includes(place)) verdict.guarded({ at: node, because: `${place}() may block by the rule's option` });
			else verdict.violated({ at: node, messageId: "blocksEveryEvent", data: { place: place === null ? "an event" : `${place}()` } });
		}
		if (calls.length === 0) verdict.notApplicable("the class does not use blockConcurrencyWhile");
	},
});

function placeOf(node: TSESTree.Node, object: DurableObjectClass): string | null {
	const element = object.elementOf(node);
	return element && "key" in element ? keyName(element) : null;
}

/** `this.ready ??= ctx.blockConcurrencyWhile(...)`, or the same inside `if (!this.ready)`. */
function isOnce(node: TSESTree.CallExpression): boolean {
	const outer = wrapped(node);
	let current: TSESTree.Node | undefined = outer.parent?.type === "AwaitExpression" ? wrapped(outer.parent).parent : outer.parent;
	if (current?.type !== "AssignmentExpression") return inFirstTimeBranch(outer);
	if (current.operator === "??=" || current.operator === "||=") return true;
	current = wrapped(current);
	return inFirstTimeBranch(current);
}

/** Inside `if (!this.x)`, `if (this.x === undefined)`, `if (this.x == null)`. */
function inFirstTimeBranch(node: TSESTree.Node): boolean {
	for (let current: TSESTree.Node = node, { parent } = current; parent; current = parent, { parent } = current) {
		if (parent.type.includes("Function")) return false;
		if (parent.type !== "IfStatement" || parent.consequent !== current) continue;
		const test = unwrap(parent.test);
		const asked = test.type === "UnaryExpression" && test.operator === "!" ? unwrap(test.argument) : test.type === "BinaryExpression" && /^={2,3}$/u.test(test.operator) ? unwrap(test.left) : null;
		if (asked?.type === "MemberExpression" && unwrap(asked.object).type === "ThisExpression") return true;
	}
	return false;
}
