/** The alarm of a class: who sets it, for when, and what runs when it is due. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, isFunction, unwrap } from "../syntax/nodes.ts";
import { constantNumber } from "../syntax/number.ts";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import type { Method } from "./members.ts";

/** What an expression that is taken for a time comes to. */
export type TimeReading =
	/** A number that the source gives. */
	| { readonly kind: "constant"; readonly value: number; readonly node: TSESTree.Node }
	/** The present, in milliseconds, plus so many; null where that is not known. */
	| { readonly kind: "from-now"; readonly offset: number | null; readonly node: TSESTree.Node }
	/** The present divided by a thousand, plus something. */
	| { readonly kind: "seconds"; readonly node: TSESTree.Node }
	| { readonly kind: "unknown"; readonly node: TSESTree.Node };

const DEPTH = 8;

/** All that an expression may come to: one reading for each branch of `?:`, `||` and `??`, and for each caller that a parameter is known from. */
export function timesOf(start: TSESTree.Node, object: DurableObjectClass, depth = DEPTH): readonly TimeReading[] {
	const node = unwrap(start);
	const unknown: readonly TimeReading[] = [{ kind: "unknown", node }];
	if (depth === 0) return unknown;
	const constant = constantNumber(node, object.file);
	if (constant !== null) return [{ kind: "constant", value: constant, node }];
	switch (node.type) {
		case "ConditionalExpression":
			return [...timesOf(node.consequent, object, depth - 1), ...timesOf(node.alternate, object, depth - 1)];
		case "LogicalExpression":
			return node.operator === "&&" ? timesOf(node.right, object, depth - 1) : [...timesOf(node.left, object, depth - 1), ...timesOf(node.right, object, depth - 1)];
		case "UnaryExpression":
			return node.operator === "+" ? timesOf(node.argument, object, depth - 1) : unknown;
		case "Identifier":
			return ofVariable(node, object, depth);
		case "NewExpression":
			if (!isGlobalName(node.callee, "Date", object)) return unknown;
			if (node.arguments.length === 0) return [{ kind: "from-now", offset: 0, node }];
			return node.arguments.length === 1 && node.arguments[0] ? timesOf(node.arguments[0], object, depth - 1) : unknown;
		case "CallExpression":
			return ofCall(node, object, depth);
		case "BinaryExpression":
			return [ofSum(node, object, depth)];
		default:
			return unknown;
	}
}

function ofVariable(node: TSESTree.Identifier, object: DurableObjectClass, depth: number): readonly TimeReading[] {
	const variable = object.file.bindings.variableOf(node);
	const init = constantInitialiser(variable);
	if (init) return timesOf(init, object, depth - 1).map((reading) => ({ ...reading, node: reading.kind === "constant" ? reading.node : node }));
	const given = variable && argumentsFor(variable, object);
	if (!given || given.length === 0) return [{ kind: "unknown", node }];
	return given.flatMap((argument) => timesOf(argument, object, depth - 1));
}

/** What the class itself passes for a parameter of one of its methods. */
function argumentsFor(variable: Scope.Variable, object: DurableObjectClass): readonly TSESTree.Expression[] | null {
	const [definition] = variable.defs;
	if (definition?.type !== "Parameter" || !isFunction(definition.node)) return null;
	if (variable.references.some((reference) => reference.isWrite() && !reference.init)) return null;
	const fn = definition.node;
	const index = fn.params.findIndex((parameter) => parameter === definition.name);
	const method = [...object.members.methods.values()].find((each) => each.fn === fn);
	if (!method || index === -1) return null;
	return object.members.ownCalls.flatMap((call) => {
		const argument = call.name === method.name && !call.node.arguments.some(({ type }) => type === "SpreadElement") ? call.node.arguments[index] : undefined;
		return argument && argument.type !== "SpreadElement" ? [argument] : [];
	});
}

function ofCall(node: TSESTree.CallExpression, object: DurableObjectClass, depth: number): readonly TimeReading[] {
	const called = calledMember(node);
	const [first] = node.arguments;
	const unknown: readonly TimeReading[] = [{ kind: "unknown", node }];
	if (!called) {
		return first && node.arguments.length === 1 && isGlobalName(node.callee, "Number", object) ? timesOf(first, object, depth - 1) : unknown;
	}
	const receiver = unwrap(called.object);
	if (called.name === "now" && isGlobalName(receiver, "Date", object)) return [{ kind: "from-now", offset: 0, node }];
	if (isGlobalName(receiver, "Math", object) && ["floor", "round", "ceil", "trunc"].includes(called.name) && first) return timesOf(first, object, depth - 1);
	if (called.name === "max" && isGlobalName(receiver, "Math", object)) {
		// `Math.max(due, Date.now() + 1000)` is at least what is known of it to lie ahead.
		const ahead = node.arguments.flatMap((argument) => (argument.type === "SpreadElement" ? [] : timesOf(argument, object, depth - 1))).filter((reading) => reading.kind === "from-now");
		return ahead.length > 0 ? ahead : unknown;
	}
	if (["getTime", "valueOf"].includes(called.name) && node.arguments.length === 0) {
		// A variable that holds a Date may have been changed (`date.setHours(...)`); only a fresh one is what it was made from.
		return receiver.type === "NewExpression" ? timesOf(receiver, object, depth - 1) : unknown;
	}
	return unknown;
}

function ofSum(node: TSESTree.BinaryExpression, object: DurableObjectClass, depth: number): TimeReading {
	const unknown: TimeReading = { kind: "unknown", node };
	const left = single(timesOf(node.left, object, depth - 1), node);
	const right = single(timesOf(node.right, object, depth - 1), node);
	const number = (reading: TimeReading) => (reading.kind === "constant" ? reading.value : null);
	switch (node.operator) {
		case "+":
			if (left.kind === "from-now" && right.kind !== "from-now") return { kind: "from-now", offset: sum(left.offset, number(right)), node };
			if (right.kind === "from-now") return left.kind === "from-now" ? unknown : { kind: "from-now", offset: sum(right.offset, number(left)), node };
			return left.kind === "seconds" || right.kind === "seconds" ? { kind: "seconds", node } : unknown;
		case "-": {
			const taken = number(right);
			if (left.kind === "from-now" && right.kind !== "from-now") return { kind: "from-now", offset: sum(left.offset, taken === null ? null : -taken), node };
			return left.kind === "seconds" && right.kind !== "seconds" ? { kind: "seconds", node } : unknown;
		}
		case "/":
			return left.kind === "from-now" && number(right) === 1_000 ? { kind: "seconds", node } : unknown;
		case "*": {
			const [time, factor] = left.kind === "seconds" ? [left, right] : [right, left];
			return time.kind === "seconds" && number(factor) === 1_000 ? { kind: "from-now", offset: null, node } : unknown;
		}
		default:
			return unknown;
	}
}

function single(readings: readonly TimeReading[], node: TSESTree.Node): TimeReading {
	const [only] = readings;
	return readings.length === 1 && only ? only : { kind: "unknown", node };
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

function isGlobalName(node: TSESTree.Node, name: string, object: DurableObjectClass): boolean {
	return object.file.bindings.isGlobal(unwrap(node), name);
}

/** What answers when the alarm of a class is due. */
export type AlarmHandler =
	| { readonly by: "method"; readonly method: Method }
	/** The framework's own handler, which calls the hook if the class has one. */
	| { readonly by: "framework"; readonly hook: Method | null }
	/** Something that gives the class its handlers at run time. */
	| { readonly by: "installer"; readonly node: TSESTree.Node }
	| { readonly by: "unknown"; readonly because: string }
	| { readonly by: "nobody" };

export function alarmHandlerOf(object: DurableObjectClass): AlarmHandler {
	const method = object.method("alarm");
	if (method) return { by: "method", method };
	if (object.framework?.ownedHandlers.includes("alarm")) return { by: "framework", hook: object.method("onAlarm") };
	const installer = handlerInstaller(object);
	if (installer) return { by: "installer", node: installer };
	const field = object.field("alarm");
	const assigned = field?.initialiser ?? field?.uses.find((use) => use.access === "assign")?.node;
	if (assigned) return { by: "installer", node: assigned };
	if (!object.ancestry.isBaseKnown) return { by: "unknown", because: "its base class is in another file and may have alarm()" };
	if ((object.node.decorators ?? []).length > 0) return { by: "unknown", because: "a decorator of the class may add alarm()" };
	return { by: "nobody" };
}

/** `Lifecycle.install(this)` of the Agents SDK, or `this.lifecycle.installHandlers()`: they define the runtime's handlers. */
export function handlerInstaller(object: DurableObjectClass): TSESTree.CallExpression | null {
	const found = object.members.calls.find((node) => {
		const called = calledMember(node);
		if (called?.name === "install") {
			const imported = object.file.bindings.importedMember(unwrap(called.object));
			return imported?.module === "agents/lifecycle";
		}
		return called?.name === "installHandlers";
	});
	return found ?? object.ancestry.base?.members.calls.find((node) => calledMember(node)?.name === "installHandlers") ?? null;
}

/** Calls of `storage.getAlarm()` that an expression's value is made of, awaited or not; variables and `.then()` parameters are followed. */
export function alarmReadsIn(start: TSESTree.Node, object: DurableObjectClass, depth = DEPTH): readonly TSESTree.CallExpression[] {
	const found: TSESTree.CallExpression[] = [];
	object.file.walk(start, (node) => {
		if (node.type === "CallExpression") {
			const call = object.platformCall(node);
			if (call?.method === "getAlarm") found.push(node);
			const method = depth > 0 && !call ? object.calledMethod(node) : null;
			if (method) for (const read of object.callsOf("storage", "getAlarm")) if (read.node.range[0] >= method.fn.range[0] && read.node.range[1] <= method.fn.range[1]) found.push(read.node);
		} else if (node.type === "Identifier" && depth > 0) {
			const variable = object.file.bindings.variableOf(node);
			for (const { writeExpr, init } of variable?.references ?? []) if (writeExpr && !init) found.push(...alarmReadsIn(writeExpr, object, depth - 1));
			for (const definition of variable?.defs ?? []) {
				if (definition.type === "Variable" && definition.node.init) found.push(...alarmReadsIn(definition.node.init, object, depth - 1));
				else if (definition.type === "Parameter" && isFunction(definition.node)) found.push(...alarmReadsIn(thenSource(definition.node) ?? node, object, 0));
			}
		}
		return true;
	});
	return found;
}

/** For the callback of `promise.then(callback)`: the promise. */
function thenSource(fn: TSESTree.Node): TSESTree.Node | null {
	const { parent } = fn;
	if (parent?.type !== "CallExpression") return null;
	const called = calledMember(parent);
	return called?.name === "then" ? called.object : null;
}
