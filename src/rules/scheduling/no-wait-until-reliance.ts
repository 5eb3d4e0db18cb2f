import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { pendingWorkPreventsEviction } from "../../facts/lifetime.ts";
import { inForce } from "../../model/compatibility.ts";
import { onlyMonitors } from "../../model/container.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { enclosingFunction, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether an alarm or queue in the same function, which can resume the work, makes it right. */
	readonly allowWithAlarm: boolean;
	/** Whether to report also where the compatibility date lets waitUntil hold the object for up to 15 minutes. */
	readonly always: boolean;
}

export default defineRule({
	name: "no-wait-until-reliance",
	gotcha: "wait-until",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow relying on ctx.waitUntil() in a Durable Object",
		messages: {
			noEffect:
				"ctx.waitUntil() does nothing in a Durable Object before compatibility date 2026-10-01 (here: {{from}}): the work runs just as long without it, and a deploy or crash ends it. Await the work, or store what is to be done and set an alarm.{{others}}",
			notDurable:
				"ctx.waitUntil() keeps the object in memory for at most 15 minutes ({{from}}), and a deploy or crash ends the work all the same. If it must happen, store what is to be done and set an alarm.{{others}}",
			unknownDate:
				"In a Durable Object ctx.waitUntil() does nothing before compatibility date 2026-10-01, and since then holds the object for at most 15 minutes; a deploy or crash ends the work either way. Await it, or store what is to be done and set an alarm.{{others}}",
			awaitIt: "Await the work.",
		},
		schema: [
			{
				type: "object",
				properties: {
					allowWithAlarm: { type: "boolean", description: "Whether an alarm set in the same function, which can resume the work, makes it right." },
					always: { type: "boolean", description: "Whether to report also from compatibility date 2026-10-01, when waitUntil() holds the object for up to 15 minutes." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowWithAlarm: true, always: false }] as readonly [Options],
		strictOptions: [{ allowWithAlarm: true, always: true }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ allowWithAlarm, always }], verdict }) {
		const calls = object.callsOf("ctx", "waitUntil");
		const holds = inForce(pendingWorkPreventsEviction, object.project);
		const relied: PlatformCall[] = [];
		for (const call of calls) {
			const { node } = call;
			const [work] = node.arguments;
			const monitor = work && onlyMonitors(work, object);
			const backing = allowWithAlarm ? backingOf(node, object) : null;
			if (monitor) {
				verdict.guarded({ at: node, because: "it only looks on until the container stops: no work is lost with it" });
			} else if (backing) {
				verdict.guarded({ at: [backing, node], because: "what is started here is resumed by an alarm if it is cut off" });
			} else if (holds?.value === true && !always) {
				verdict.guarded({ at: node, because: `it holds the object for up to 15 minutes (${holds.from}); what must survive a deploy still needs an alarm` });
			} else relied.push(call);
		}
		// The same can be said of each: once a class is enough.
		const [first, ...others] = relied;
		if (first) {
			verdict.violated({
				at: first.node,
				messageId: holds === null ? "unknownDate" : holds.value ? "notDurable" : "noEffect",
				data: { from: holds?.from ?? "", others: othersIn(others) },
				suggest: awaitSuggestion(first.node, object),
				steps: others.map(({ node }) => ({ at: node, what: "the same again" })),
			});
		}
		if (calls.length === 0) verdict.notApplicable("the class does not use ctx.waitUntil()");
	},
});

/** What a message adds about further calls in the class. */
function othersIn(others: readonly PlatformCall[]): string {
	const lines = others.map(({ node }) => String(node.loc.start.line));
	const last = lines.pop();
	if (last === undefined) return "";
	if (lines.length === 0) return ` The same goes for line ${last}.`;
	if (lines.length < MAX_LINES) return ` The same goes for lines ${lines.join(", ")} and ${last}.`;
	return ` The same goes for ${lines.length + 1} further calls, the next in line ${lines[0] ?? last}.`;
}

const MAX_LINES = 4;

/** An alarm that the same function sets, or the framework's own schedule. */
function backingOf(node: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	const fn = enclosingFunction(node);
	const alarm = object.callsOf("storage", "setAlarm").find((call) => enclosingFunction(call.node) === fn);
	if (alarm) return alarm.node;
	if (object.ancestry.framework !== "agents") return null;
	return object.members.ownCalls.find((call) => ["schedule", "queue"].includes(call.name) && enclosingFunction(call.node) === fn)?.node ?? null;
}

/** `this.ctx.waitUntil(work);` becomes `await work;` in an async function. */
function awaitSuggestion(node: TSESTree.CallExpression, object: DurableObjectClass): readonly Rule.SuggestionReportDescriptor[] {
	const [work] = node.arguments;
	const outer = wrapped(node);
	if (!work || work.type === "SpreadElement" || outer.parent?.type !== "ExpressionStatement" || enclosingFunction(node)?.async !== true) return [];
	return [{ messageId: "awaitIt", fix: (fixer) => fixer.replaceTextRange([...outer.range], `await ${object.file.textOf(work)}`) }];
}
