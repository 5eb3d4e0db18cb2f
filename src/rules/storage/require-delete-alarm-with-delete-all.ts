import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { deleteAllDeletesAlarm } from "../../facts/storage.ts";
import { inForce } from "../../model/compatibility.ts";
import { reaches, waysTo } from "../../model/data-flow.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { handedOn } from "../../model/handed-on.ts";
import { leftToSubclasses } from "../../model/left-to-subclasses.ts";
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
		if (setters.length === 0 && setsNone(object)) {
			verdict.notApplicable("nothing here sets the alarm that alarm() would answer");
			return;
		}
		const clears = inForce(deleteAllDeletesAlarm, object.project);
		for (const call of deletions) {
			const handled = handledBy(call, setters, object);
			if (handled) verdict.guarded(handled);
			else if (!clears) verdict.unknown({ at: call.node, because: "no compatibility date is known, which decides whether deleteAll() deletes the alarm" });
			else if (clears.value) verdict.guarded({ at: call.node, because: `deleteAll() deletes the alarm too (${clears.from})` });
			else if (isPerhapsUsedUp(call, setters, object)) verdict.unknown({ at: call.node, because: "it runs in alarm(), which has used the alarm up; whether a method that runs before sets another then could not be told" });
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

/** Whether a class that has alarm() is one of which no alarm is ever set: neither here, nor by a subclass, a base class, or code that is given the storage. */
function setsNone(object: DurableObjectClass): boolean {
	if (object.file.text.includes("setAlarm") || !object.ancestry.isBaseKnown || object.framework?.ownedHandlers.includes("alarm")) return false;
	const isAbstract = object.node.type === "ClassDeclaration" && object.node.abstract;
	return !isAbstract && leftToSubclasses(object).length === 0 && handedOn(object).length === 0;
}

/** Code beside a `deleteAll()` that leaves no alarm behind. */
function handledBy(call: PlatformCall, setters: readonly PlatformCall[], object: DurableObjectClass): { at: PlatformCall["node"]; because: string } | null {
	const around = object.outermostFunction(call.node);
	const deleting = object.callsOf("storage", "deleteAlarm").filter(({ node }) => reaches(around, node, object));
	if (deleting[0]) return { at: deleting[0].node, because: "the alarm is deleted together with the rest" };
	if (settersBefore(call, setters, object)?.length === 0) return { at: call.node, because: "it runs in alarm(), which has used the alarm up, and sets no other before it" };
	return null;
}

/** Where an alarm is set only further down than in a method that alarm() calls: such a helper mostly looks first whether one is needed. */
function isPerhapsUsedUp(call: PlatformCall, setters: readonly PlatformCall[], object: DurableObjectClass): boolean {
	const alarm = object.method("alarm")?.fn;
	const before = settersBefore(call, setters, object);
	return alarm !== undefined && before !== null && before.every((setter) => !contains(alarm, setter) && waysTo(setter, alarm, object).every((way) => way.type !== "CallExpression" || object.calledMethod(way)?.fn !== object.outermostFunction(setter)));
}

/** For a `deleteAll()` that runs nowhere but in alarm(): what may have set a new alarm in the same run. Null for any other. */
function settersBefore({ node: deletion }: PlatformCall, setters: readonly PlatformCall[], object: DurableObjectClass): readonly PlatformCall["node"][] | null {
	const alarm = object.method("alarm")?.fn;
	if (!alarm || !runsOnlyIn(alarm, deletion, object)) return null;
	return setters.map(({ node }) => node).filter((setter) => isSetBefore(setter, deletion, alarm, object));
}

/** Whether a run of alarm() may set an alarm that a later deleteAll() of the same run finds. */
function isSetBefore(setter: PlatformCall["node"], deletion: TSESTree.Node, alarm: FunctionNode, object: DurableObjectClass): boolean {
	if (!reaches(alarm, setter, object)) return false;
	const deletions = waysTo(deletion, alarm, object);
	// Where it is run without being called by its name, its place in the run is not known.
	return deletions.length === 0 || waysTo(setter, alarm, object).some((earlier) => deletions.some((later) => earlier === later || mayFollow(earlier, later)));
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

function deletionBefore(call: PlatformCall, { file }: DurableObjectClass): Rule.ReportFixer | null {
	const outer = wrapped(call.node);
	const statement = outer.parent?.type === "AwaitExpression" ? outer.parent.parent : outer.parent;
	if (statement?.type !== "ExpressionStatement" || statement.parent.type !== "BlockStatement") return null;
	const awaiting = outer.parent?.type === "AwaitExpression" ? "await " : "";
	const indent = /[^\S\n]*$/u.exec(file.text.slice(0, statement.range[0]))?.[0] ?? "";
	const isOwnLine = file.text[statement.range[0] - indent.length - 1] === "\n";
	return (fixer) => fixer.insertTextBeforeRange([...statement.range], `${awaiting}${file.textOf(call.receiver)}.deleteAlarm();${isOwnLine ? `\n${indent}` : " "}`);
}
