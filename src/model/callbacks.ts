/** How functions that are handed to calls are run. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { CallbackRun } from "../flow/index.ts";
import { calledMember, unwrap, wrapped } from "../syntax/nodes.ts";
import type { HandleScope } from "./handles.ts";

export type { CallbackRun };

const iteration: ReadonlySet<string> = new Set([
	"forEach", "map", "filter", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "reduce", "reduceRight", "sort", "toSorted", "replace", "replaceAll", "from", "groupBy",
]);
const continuation: ReadonlySet<string> = new Set(["then", "catch", "finally"]);
const listeners: ReadonlySet<string> = new Set(["addEventListener", "on", "once", "addListener"]);
const timers: ReadonlySet<string> = new Set(["setTimeout", "setInterval", "setImmediate"]);

/** Null when the function, or what stands for it (`this.method`), is not handed to a call at all. */
export function callbackRun(fn: TSESTree.Node, scope: HandleScope): CallbackRun | null {
	const outer = wrapped(fn);
	const { parent } = outer;
	if (parent?.type === "NewExpression") return parent.callee.type === "Identifier" && parent.callee.name === "Promise" ? "now" : "unknown";
	if (parent?.type === "AssignmentExpression" && parent.right === outer) {
		const { left } = parent;
		// `socket.onmessage = (event) => ...`
		const isListener = left.type === "MemberExpression" && left.property.type === "Identifier" && /^on[a-z]+$/u.test(left.property.name);
		return isListener ? "event" : null;
	}
	if (parent?.type !== "CallExpression") return null;
	if (unwrap(parent.callee) === fn) return "now";
	const called = calledMember(parent);
	if (!called) {
		const { callee } = parent;
		if (callee.type !== "Identifier") return "unknown";
		if (timers.has(callee.name)) return "event";
		return callee.name === "queueMicrotask" && scope.file.bindings.isGlobal(callee, "queueMicrotask") ? "then" : "unknown";
	}
	switch (called.name) {
		case "blockConcurrencyWhile":
			return scope.handle(called.object) === "ctx" ? "region" : "unknown";
		case "transaction":
			return scope.handle(called.object) === "storage" ? "region" : "unknown";
		case "transactionSync":
			return scope.handle(called.object) === "storage" ? "now" : "unknown";
		default:
	}
	if (iteration.has(called.name)) return "now";
	if (continuation.has(called.name)) return "then";
	if (listeners.has(called.name) || timers.has(called.name)) return "event";
	return "unknown";
}
