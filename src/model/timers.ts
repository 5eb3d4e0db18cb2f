/** Timers that a class starts, under their own names and others. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, type FunctionNode, isFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import { constantNumber } from "../syntax/number.ts";
import { originOf } from "../syntax/origin.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export interface Timer {
	/** How the source calls it: `setTimeout`, `setInterval`, `setImmediate`, `throttle`, … */
	readonly name: string;
	readonly node: TSESTree.CallExpression;
	readonly repeats: boolean;
	/** Milliseconds; null when not known before run time. */
	readonly delay: number | null;
	/** The function that runs later, where it can be found: an inline one, a local one or a method of the class. */
	readonly callback: FunctionNode | null;
	readonly callbackArgument: TSESTree.Node | null;
}

const timerNames: ReadonlySet<string> = new Set(["setTimeout", "setInterval", "setImmediate"]);
const timerModules: ReadonlySet<string> = new Set(["node:timers", "timers"]);
/** Packages whose export (or default export) of this name delays a function by its second argument. */
const delayingPackages = /^(?:lodash(?:-es)?(?:[./](?:throttle|debounce))?|es-toolkit(?:\/.*)?|throttle-debounce|just-(?:throttle|debounce)(?:-it)?|debounce|throttleit|p-(?:throttle|debounce)|radash|remeda|underscore)$/u;

/** All timers started within the class body, in source order. */
export function timersOf(object: DurableObjectClass): readonly Timer[] {
	const cached = found.get(object);
	if (cached) return cached;
	const timers = object.members.calls.flatMap((node) => timerOf(node, object) ?? []);
	found.set(object, timers);
	return timers;
}

const found = new WeakMap<DurableObjectClass, readonly Timer[]>();

function timerOf(node: TSESTree.CallExpression, object: DurableObjectClass): Timer | null {
	const name = timerName(node, object);
	if (!name) return null;
	const [first, second] = node.arguments;
	const callbackArgument = first && first.type !== "SpreadElement" ? first : null;
	const delay = name === "setImmediate" || !second ? 0 : second.type === "SpreadElement" ? null : constantNumber(second, object.file);
	return { name, node, repeats: name === "setInterval", delay, callbackArgument, callback: callbackArgument && functionOf(callbackArgument, object) };
}

function timerName(node: TSESTree.CallExpression, object: DurableObjectClass): string | null {
	const callee = unwrap(node.callee);
	const { bindings } = object.file;
	if (callee.type === "Identifier") {
		const imported = bindings.importOf(callee);
		if (imported) {
			if (timerModules.has(imported.module) && timerNames.has(imported.name)) return imported.name;
			const original = imported.name === "default" ? callee.name : imported.name;
			return delayingPackages.test(imported.module) && /^(?:throttle|debounce)$/u.test(original) ? original : null;
		}
		return timerNames.has(callee.name) && bindings.isGlobal(callee, callee.name) ? callee.name : null;
	}
	if (callee.type !== "MemberExpression") return null;
	const name = propertyName(callee);
	const holder = unwrap(callee.object);
	if (name === null || holder.type !== "Identifier") return null;
	const imported = bindings.importOf(holder);
	if (imported) {
		const isWhole = imported.name === "*" || imported.name === "default";
		if (isWhole && timerModules.has(imported.module) && timerNames.has(name)) return name;
		return isWhole && delayingPackages.test(imported.module) && /^(?:throttle|debounce)$/u.test(name) ? name : null;
	}
	return timerNames.has(name) && (bindings.isGlobal(holder, "globalThis") || bindings.isGlobal(holder, "self")) ? name : null;
}

/** The function that a callback argument stands for: inline, `this.method`, `this.method.bind(this)`, or a local function. */
export function functionOf(argument: TSESTree.Node, object: DurableObjectClass): FunctionNode | null {
	const node = unwrap(argument);
	if (isFunction(node)) return node;
	if (node.type === "CallExpression") {
		const called = calledMember(node);
		return called?.name === "bind" ? functionOf(called.object, object) : null;
	}
	if (node.type === "MemberExpression" && unwrap(node.object).type === "ThisExpression") {
		const name = propertyName(node);
		return name === null ? null : (object.method(name)?.fn ?? null);
	}
	if (node.type !== "Identifier") return null;
	const origin = originOf(node, object.file);
	const made = origin?.root.kind === "expression" && origin.path.length === 0 ? unwrap(origin.root.node) : null;
	return isFunction(made) ? made : null;
}
