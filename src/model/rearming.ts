/** What alarm() does about its own next run. */
import type { TSESTree } from "@typescript-eslint/utils";
import { contains, isFunction } from "../syntax/nodes.ts";
import { reaches } from "./data-flow.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import type { Method } from "./members.ts";

/** The class's own `alarm()`; the hook of a framework that stands for it counts. */
export function alarmHandler(object: DurableObjectClass): Method | null {
	return object.members.methods.get("alarm") ?? (object.framework?.hooks.includes("onAlarm") ? (object.members.methods.get("onAlarm") ?? null) : null);
}

/** The calls by which the handler, itself or through methods of the class, sets the next alarm. */
export function rearmings(handler: Method, object: DurableObjectClass): readonly PlatformCall[] {
	return object.callsOf("storage", "setAlarm").filter((call) => reaches(handler.fn, call.node, object));
}

/**
 * Whether a node always runs when its function does: under no condition, in no loop or catch, and after no early exit.
 * Seen through methods of the class that lead from the handler to the node.
 */
export function isUnconditional(node: TSESTree.Node, handler: Method, object: DurableObjectClass, depth = 4): boolean {
	const within = functionAround(node);
	if (!within || depth === 0 || !alwaysRuns(node, within)) return false;
	if (within === handler.fn) return true;
	const calls = object.members.ownCalls.filter((call) => object.method(call.name)?.fn === within && reaches(handler.fn, call.node, object));
	return calls.some((call) => isUnconditional(call.node, handler, object, depth - 1));
}

function functionAround(node: TSESTree.Node): TSESTree.Node | null {
	for (let current = node.parent; current; current = current.parent) if (isFunction(current)) return current;
	return null;
}

const conditional = new Set(["IfStatement", "ConditionalExpression", "SwitchCase", "CatchClause", "ForStatement", "ForOfStatement", "ForInStatement", "WhileStatement", "LogicalExpression"]);

function alwaysRuns(node: TSESTree.Node, fn: TSESTree.Node): boolean {
	for (let current: TSESTree.Node = node, { parent } = current; parent && current !== fn; current = parent, { parent } = current) {
		const isTested = (parent.type === "IfStatement" && parent.test === current) || (parent.type === "ConditionalExpression" && parent.test === current) || (parent.type === "LogicalExpression" && parent.left === current);
		if (conditional.has(parent.type) && !isTested) return false;
		if (parent.type === "BlockStatement" && parent.body.slice(0, parent.body.indexOf(current as TSESTree.Statement)).some(mayLeave)) return false;
	}
	return true;
}

/** A statement that may end the function before what follows it. */
function mayLeave(statement: TSESTree.Statement): boolean {
	const stack: TSESTree.Node[] = [statement];
	for (let node = stack.pop(); node; node = stack.pop()) {
		if (node.type === "ReturnStatement" || node.type === "ThrowStatement") return true;
		if (isFunction(node)) continue;
		if (node.type === "IfStatement") stack.push(node.consequent, ...(node.alternate ? [node.alternate] : []));
		else if (node.type === "BlockStatement") stack.push(...node.body);
		else if (node.type === "TryStatement") stack.push(node.block, ...(node.handler ? [node.handler.body] : []), ...(node.finalizer ? [node.finalizer] : []));
		else if (node.type === "SwitchStatement") stack.push(...node.cases.flatMap((each) => each.consequent));
		else if ("body" in node && node.body && !Array.isArray(node.body) && node.type.endsWith("Statement")) stack.push(node.body);
	}
	return false;
}

/** The try statement in whose `finally` or `catch` a node stands, within a function. */
export function recoveryAround(node: TSESTree.Node, fn: TSESTree.Node): "finally" | "catch" | null {
	for (let current: TSESTree.Node = node, { parent } = current; parent && current !== fn; current = parent, { parent } = current) {
		if (parent.type === "TryStatement" && parent.finalizer && contains(parent.finalizer, node)) return "finally";
		if (parent.type === "CatchClause") return "catch";
	}
	return null;
}
