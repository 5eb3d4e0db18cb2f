import type { Rule } from "eslint";
import { deleteAllDeletesAlarm } from "../../facts/storage.ts";
import { inForce } from "../../model/compatibility.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { contains, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-delete-alarm-with-delete-all",
	gotcha: "storage-cleanup",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require deleteAlarm() with deleteAll() where the compatibility date lets the alarm stay",
		messages: {
			alarmStays:
				"deleteAll() leaves the alarm in place ({{from}}): it wakes the emptied object, which is billed and may write storage anew. Call deleteAlarm() as well, or take a compatibility date of {{since}} or later.",
			deleteAlarm: "Delete the alarm first.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const deletions = object.callsOf("storage", "deleteAll");
		if (deletions.length === 0) {
			verdict.notApplicable("the class does not call deleteAll()");
			return;
		}
		const setters = object.callsOf("storage", "setAlarm");
		if (setters.length === 0 && !object.method("alarm")) {
			if (object.ancestry.isBaseKnown && !object.framework?.ownedHandlers.includes("alarm")) verdict.notApplicable("the class sets no alarm");
			else verdict.unknown({ at: deletions.map(({ node }) => node), because: "a base class may set an alarm" });
			return;
		}
		const clears = inForce(deleteAllDeletesAlarm, object.project);
		for (const call of deletions) {
			const handled = handledBy(call, setters, object);
			if (handled) verdict.guarded(handled);
			else if (!clears) verdict.unknown({ at: call.node, because: "no compatibility date is known, which decides whether deleteAll() deletes the alarm" });
			else if (clears.value) verdict.guarded({ at: call.node, because: `deleteAll() deletes the alarm too (${clears.from})` });
			else {
				const fix = deletionBefore(call, object);
				verdict.violated({
					at: call.node,
					messageId: "alarmStays",
					data: { from: clears.from, since: deleteAllDeletesAlarm.since },
					suggest: fix ? [{ messageId: "deleteAlarm", fix }] : [],
				});
			}
		}
	},
});

/** Code beside a `deleteAll()` that leaves no alarm behind. */
function handledBy(call: PlatformCall, setters: readonly PlatformCall[], object: DurableObjectClass): { at: PlatformCall["node"]; because: string } | null {
	const around = object.outermostFunction(call.node);
	const deleting = object.callsOf("storage", "deleteAlarm").filter(({ node }) => isRunIn(node, around, object));
	if (deleting[0]) return { at: deleting[0].node, because: "the alarm is deleted together with the rest" };
	const isInAlarm = object.method("alarm")?.fn === around;
	if (isInAlarm && !setters.some(({ node }) => isRunIn(node, around, object))) return { at: call.node, because: "it runs in alarm(), which has used the alarm up, and sets no other" };
	return null;
}

/** Within a function, or within a method of the class that the function calls. */
function isRunIn(node: PlatformCall["node"], around: ReturnType<DurableObjectClass["outermostFunction"]>, object: DurableObjectClass): boolean {
	if (contains(around, node)) return true;
	const home = object.outermostFunction(node);
	return object.members.ownCalls.some((own) => contains(around, own.node) && object.calledMethod(own.node)?.fn === home);
}

function deletionBefore(call: PlatformCall, { file }: DurableObjectClass): Rule.ReportFixer | null {
	const outer = wrapped(call.node);
	const statement = outer.parent?.type === "AwaitExpression" ? outer.parent.parent : outer.parent;
	if (statement?.type !== "ExpressionStatement" || statement.parent.type !== "BlockStatement") return null;
	const awaiting = outer.parent?.type === "AwaitExpression" ? "await " : "";
	const indent = /[^\S\n]*$/u.exec(file.text.slice(0, statement.range[0]))?.[0] ?? "";
	const isOwnLine = file.text[statement.range[0] - indent.length - 1] === "\n";
	return (fixer) => fixer.insertTextBeforeRange([...statement.range], `${awaiting}${file.textOf(call.receiver)}.deleteAlarm();${isOwnLine ? `\n${indent}` : " "}`);
}
