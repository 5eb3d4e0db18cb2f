/** How functions that are handed to calls are run. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { CallbackRun } from "../flow/index.ts";
import { calledMember, unwrap, wrapped } from "../syntax/nodes.ts";
import type { HandleScope } from "./handles.ts";

export type { CallbackRun };

/** How a call runs the functions that it is handed. */
export interface Manner {
	readonly run: CallbackRun;
	/** True when they are run once per element: what one run leaves unawaited overlaps with the next. */
	readonly isRepeated: boolean;
}

const unknown: Manner = { run: "unknown", isRepeated: false };
const once = (run: CallbackRun): Manner => ({ run, isRepeated: false });

const repeated: ReadonlySet<string> = new Set(["forEach", "map", "filter", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "flatMap"]);
const onceOrInTurn: ReadonlySet<string> = new Set(["reduce", "reduceRight", "sort", "toSorted", "replace", "replaceAll", "groupBy"]);
const continuations: ReadonlySet<string> = new Set(["then", "catch", "finally"]);
const events: ReadonlySet<string> = new Set(["addEventListener", "on", "once", "addListener", "setTimeout", "setInterval", "setImmediate"]);
/** Modules whose functions are the global timers. */
const timers: ReadonlySet<string> = new Set(["node:timers", "timers"]);
/** A mutex by the name of its method, as async-mutex and its likes have it. */
const exclusive: ReadonlySet<string> = new Set(["runExclusive"]);

/** By what the call is called, and on what. */
export function mannerOf(node: TSESTree.CallExpression, scope: HandleScope): Manner {
	const { bindings } = scope.file;
	const called = calledMember(node);
	if (!called) {
		const callee = unwrap(node.callee);
		if (callee.type !== "Identifier") return unknown;
		if (bindings.isGlobal(callee, "queueMicrotask")) return once("then");
		// `const load = once(read)` of some package is no event.
		const isPlatform = bindings.isGlobal(callee, callee.name) || timers.has(bindings.importOf(callee)?.module ?? "");
		return isPlatform && events.has(callee.name) ? once("event") : unknown;
	}
	switch (called.name) {
		case "blockConcurrencyWhile":
			return scope.handle(called.object) === "ctx" ? once("region") : unknown;
		case "transaction":
			return scope.handle(called.object) === "storage" ? once("region") : unknown;
		case "transactionSync":
			return scope.handle(called.object) === "storage" ? once("now") : unknown;
		case "from":
			return bindings.isGlobal(unwrap(called.object), "Array") ? { run: "now", isRepeated: true } : unknown;
		default:
	}
	if (repeated.has(called.name)) return { run: "now", isRepeated: true };
	if (onceOrInTurn.has(called.name)) return once("now");
	if (continuations.has(called.name)) return once("then");
	if (events.has(called.name)) return once("event");
	return exclusive.has(called.name) ? once("region") : unknown;
}

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
	return unwrap(parent.callee) === fn ? "now" : mannerOf(parent, scope).run;
}
