import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { deleteAllDeletesAlarm } from "../../facts/storage.ts";
import { inForce } from "../../model/compatibility.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { contains, enclosingFunction, type FunctionNode, wrapped } from "../../syntax/nodes.ts";
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
	const alarm = object.method("alarm")?.fn;
	const isInAlarm = alarm !== undefined && runsOnlyIn(alarm, call.node, object);
	if (isInAlarm && !setters.some(({ node }) => isSetBefore(node, call.node, alarm, object))) return { at: call.node, because: "it runs in alarm(), which has used the alarm up, and sets no other before it" };
	return null;
}

/** Whether a run of alarm() may set an alarm that a later deleteAll() of the same run finds. */
function isSetBefore(setter: PlatformCall["node"], deletion: TSESTree.Node, alarm: FunctionNode, object: DurableObjectClass): boolean {
	if (!isRunIn(setter, alarm, object)) return false;
	const deletions = placesIn(alarm, deletion, object);
	// Where the deletion is further down than one call, its place in the run is not known.
	return deletions.length === 0 || placesIn(alarm, setter, object).some((earlier) => deletions.some((later) => earlier === later || mayFollow(earlier, later)));
}

/** Where a function runs a node: the node itself, or the calls of the method that it stands in. */
function placesIn(fn: FunctionNode, node: TSESTree.Node, object: DurableObjectClass): readonly TSESTree.Node[] {
	if (contains(fn, node)) return [node];
	const home = object.outermostFunction(node);
	return object.members.ownCalls.flatMap((own) => (contains(fn, own.node) && object.calledMethod(own.node)?.fn === home ? [own.node] : []));
}

const loops: ReadonlySet<string> = new Set(["ForStatement", "ForOfStatement", "ForInStatement", "WhileStatement", "DoWhileStatement"]);

/** Whether one node can run after another in one run of the function: it stands behind it, or in the same loop. */
function mayFollow(earlier: TSESTree.Node, later: TSESTree.Node): boolean {
	for (let current = earlier.parent; current; current = current.parent) if (loops.has(current.type) && contains(current, later)) return true;
	return earlier.range[0] < later.range[0] && !areExclusive(earlier, later) && !isLastOfTry(earlier, later);
}

/** Whether one node ends the `try` in whose `catch` the other stands: with an error before it, it has not run; with one of its own, it has done nothing. */
function isLastOfTry(earlier: TSESTree.Node, later: TSESTree.Node): boolean {
	let current = wrapped(earlier);
	if (current.parent?.type === "AwaitExpression") current = wrapped(current.parent);
	// Whatever is made of its result may fail after it.
	if (current.parent?.type !== "ExpressionStatement") return false;
	for (current = current.parent; current.parent; current = current.parent) {
		const { parent } = current;
		if (parent.type === "TryStatement") return parent.block === current && parent.handler !== null && contains(parent.handler, later);
		if (parent.type === "BlockStatement" ? parent.body.at(-1) !== current : parent.type !== "IfStatement") return false;
	}
	return false;
}

/** Whether code runs nowhere but in a method: it stands there, also in a callback that is not an event, or in helpers that only it calls. */
function runsOnlyIn(method: FunctionNode, node: TSESTree.Node, object: DurableObjectClass, depth = 4): boolean {
	for (let fn = enclosingFunction(node); fn && contains(object.node, fn); fn = enclosingFunction(fn)) {
		if (fn === method) return true;
		if (object.callbackRun(fn) === "event") return false;
		const helper = [...object.members.methods.values()].find((each) => each.fn === fn);
		if (!helper) continue;
		const calls = object.ownCallsOf(helper.name);
		const isPrivate = helper.name.startsWith("#") && object.referencesTo(helper.name).length === 0;
		return depth > 0 && isPrivate && calls.length > 0 && calls.every((call) => runsOnlyIn(method, call.node, object, depth - 1));
	}
	return false;
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
