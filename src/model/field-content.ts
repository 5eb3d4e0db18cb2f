/** What the changes of a field put into it, where that shows that it is no data to be kept. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, contains, type FunctionNode, isFunction, isValueReference, keyName, propertyName, unwrap } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { isKnownData } from "./field-life.ts";
import type { Field, FieldUse } from "./members.ts";

const DEPTH = 3;
const MARK_OF_TIME = "it is a mark of time";

/** The expressions that a change writes. */
export function writtenBy(use: FieldUse): readonly TSESTree.Node[] {
	return use.statement.type === "CallExpression" ? use.statement.arguments : use.value ? [use.value] : [];
}

/** Why what is written cannot or need not be stored (`it holds connections`, …), or null where it may be data. */
export function ephemeralContent(use: FieldUse, object: DurableObjectClass): string | null {
	for (const part of writtenBy(use)) {
		const reason = ephemeral(part, object, DEPTH);
		if (reason) return reason;
	}
	return null;
}

/** Whether an expression is the time of the event: `Date.now()`, or a variable or parameter that holds it. */
export function isMarkOfTime(node: TSESTree.Node, object: DurableObjectClass): boolean {
	return ephemeral(node, object, DEPTH) === MARK_OF_TIME;
}

function ephemeral(start: TSESTree.Node, object: DurableObjectClass, depth: number): string | null {
	let reason: string | null = null;
	object.file.walk(start, (node) => {
		if (reason !== null) return false;
		if (isFunction(node)) {
			// `list.filter((item) => ...)`: a function that is only handed to a call is not what is written.
			if (node.parent.type === "CallExpression") return false;
			reason = "it holds functions";
		}
		else if (node.type === "NewExpression" && isGlobalCalled(node.callee, "Date", object) && node.arguments.length === 0) reason = MARK_OF_TIME;
		else if (node.type === "CallExpression") {
			const called = calledMember(node);
			if (called?.name === "now" && (isGlobalCalled(called.object, "Date", object) || isGlobalCalled(called.object, "performance", object))) reason = MARK_OF_TIME;
		} else if (node.type === "Identifier") {
			if (!isValueReference(node)) return false;
			reason = ofVariable(node, object, depth);
			return false;
		} else if (node.type.startsWith("TS") && unwrap(node) === node) return false;
		return true;
	});
	return reason;
}

function isGlobalCalled(node: TSESTree.Node, name: string, object: DurableObjectClass): boolean {
	return object.file.bindings.isGlobal(unwrap(node), name);
}

function ofVariable(node: TSESTree.Identifier, object: DurableObjectClass, depth: number): string | null {
	const variable = object.file.bindings.variableOf(node);
	if (!variable || variable.defs.length === 0) return null;
	if (isUsedAsSocket(node, object)) return "it holds connections or what belongs to them";
	for (const { root, path } of object.origins(node)) {
		if (root.kind === "parameter") {
			const timed = path.length === 0 && depth > 0 ? timeGiven(root.fn, root.index, object, depth - 1) : null;
			if (timed) return timed;
			const owner = root.fn.parent;
			if (owner.type === "NewExpression") return "it holds functions that settle promises";
			const handler = owner.type === "MethodDefinition" ? keyName(owner) : null;
			if (path.length === 0 && root.index === 0 && handler !== null && /^(?:webSocket(?:Message|Close|Error)|on(?:Connect|Message|Close))$/u.test(handler)) return "it holds connections or what belongs to them";
			if (root.annotation && isLiveType(root.annotation, object)) return "it holds connections or what belongs to them";
		}
		if (root.kind !== "expression") continue;
		// `const now = Date.now()`
		if (path.length === 0 && root.node.type === "CallExpression" && root.node.arguments.length === 0 && ephemeral(root.node, object, 0) === MARK_OF_TIME) return MARK_OF_TIME;
		if (root.node.type === "NewExpression" || root.node.type === "CallExpression") {
			const text = object.file.textOf(root.node);
			if (/\bnew WebSocket(?:Pair)?\b/u.test(text)) return "it holds connections or what belongs to them";
		}
		if (depth > 0 && path.length === 0 && (root.node.type === "ObjectExpression" || root.node.type === "ArrayExpression" || isFunction(root.node))) {
			const inner = ephemeral(root.node, object, depth - 1);
			if (inner) return inner;
		}
	}
	return null;
}

/** `prune(now = Date.now())`, or a method whose every call gives the time: what the parameter holds is a mark of time. */
function timeGiven(fn: FunctionNode, index: number, object: DurableObjectClass, depth: number): string | null {
	const parameter = fn.params[index];
	const method = [...object.members.methods.values()].find((each) => each.fn === fn);
	const given = method ? object.ownCallsOf(method.name).flatMap(({ node }) => node.arguments[index] ?? []) : [];
	if (parameter?.type === "AssignmentPattern") given.push(parameter.right);
	const reasons = given.map((value) => ephemeral(value, object, depth));
	return reasons.length > 0 && reasons.every((reason) => reason === MARK_OF_TIME) ? MARK_OF_TIME : null;
}

/** Methods that pass on what they are given, and keep nothing. */
const tells: ReadonlySet<string> = new Set(["send", "emit", "broadcast", "publish", "postMessage", "log", "info", "warn", "error", "debug", "writeDataPoint"]);

/** Where the field is part of a list or an object that something in another field is given: `this.db.run(sql, [this.tenant])`. */
export function givenToPart(field: Field, object: DurableObjectClass): string | null {
	for (const { access, node } of field.uses) {
		if (access !== "read") continue;
		let current: TSESTree.Node = node;
		let isInside = false;
		for (let parent: TSESTree.Node | undefined = current.parent; parent; parent = current.parent) {
			const isList = parent.type === "ArrayExpression" || parent.type === "ObjectExpression" || parent.type === "SpreadElement" || (parent.type === "Property" && parent.value === current);
			// `[...].map(encode)`
			const isMapped = parent.type === "MemberExpression" && parent.object === current && propertyName(parent) === "map" && parent.parent.type === "CallExpression";
			if (!isList && !isMapped && unwrap(parent) !== unwrap(current)) break;
			isInside ||= isList;
			current = isMapped ? (parent.parent as TSESTree.Node) : parent;
		}
		const call = current.parent;
		if (!isInside || call?.type !== "CallExpression" || !call.arguments.includes(current as TSESTree.CallExpressionArgument)) continue;
		const called = calledMember(call);
		const holder = called && unwrap(called.object);
		if (holder?.type !== "MemberExpression" || unwrap(holder.object).type !== "ThisExpression" || object.handle(holder) || tells.has(called?.name ?? "")) continue;
		const other = object.field(propertyName(holder) ?? "");
		if (other && !isKnownData(other)) return `it is handed to ${object.file.textOf(holder)}`;
	}
	return null;
}

/** A variable that somewhere in the file is accepted, listened to or closed as only a socket is. */
function isUsedAsSocket(node: TSESTree.Identifier, object: DurableObjectClass): boolean {
	const variable = object.file.bindings.variableOf(node);
	const calls = new Set<string>();
	for (const { identifier } of variable?.references ?? []) {
		const { parent } = identifier;
		if (parent?.type === "MemberExpression" && parent.object === identifier && parent.parent.type === "CallExpression" && parent.parent.callee === parent) calls.add(calledMember(parent.parent)?.name ?? "");
		if (parent?.type === "CallExpression" && parent.arguments[0] === identifier && object.platformCall(parent)?.method === "acceptWebSocket") return true;
	}
	return ["accept", "serializeAttachment", "deserializeAttachment"].some((name) => calls.has(name)) || (calls.has("send") && (calls.has("close") || calls.has("addEventListener")));
}

/** A change in a function that accepts or opens a socket by itself: such a socket holds the object in memory for as long as it counts. */
export function countsConnections(use: FieldUse, within: TSESTree.Node, object: DurableObjectClass): boolean {
	if (use.access === "mutate") return false;
	return object.members.calls.some((call) => call.arguments.length === 0 && calledMember(call)?.name === "accept" && contains(within, call));
}

/** A change in a listener of something that itself lives in a field of the object: the field follows what that tells. */
export function followsAnother(within: TSESTree.Node, object: DurableObjectClass): string | null {
	const { parent } = within;
	const called = parent?.type === "CallExpression" ? calledMember(parent) : null;
	if (!called || !["on", "once", "addEventListener", "addListener", "observe", "subscribe"].includes(called.name)) return null;
	const receiver = unwrap(called.object);
	if (receiver.type !== "MemberExpression" || object.origins(receiver).length === 0) return null;
	const isMadeInMemory = object.origins(receiver).every(({ root }) => root.kind === "this" || (root.kind === "expression" && root.node.type === "NewExpression"));
	return isMadeInMemory ? `it follows what \`${object.file.textOf(receiver)}\` tells` : null;
}

/** Whether something that the field holds is called: `this.handlers.get(name)?.(event)`, `for (const hook of this.hooks) hook()`. */
export function holdsFunctions({ uses }: Field, object: DurableObjectClass): boolean {
	const nodes = new Set<TSESTree.Node>(uses.map(({ node }) => node));
	const isPart = (start: TSESTree.Node): boolean => {
		let node = unwrap(start);
		while (!nodes.has(node)) {
			const holder = node.type === "MemberExpression" ? node.object : node.type === "CallExpression" ? calledMember(node)?.object : undefined;
			if (!holder) return false;
			node = unwrap(holder);
		}
		return true;
	};
	return object.members.calls.some(({ callee }) => {
		const called = unwrap(callee);
		if (called.type === "Identifier") return takenFrom(called, object).some(isPart);
		return (called.type === "CallExpression" || (called.type === "MemberExpression" && propertyName(called) === null)) && isPart(called);
	});
}

/** What a variable is, or is one of: its initial value, what a loop goes through, what a callback is given the items of. */
function takenFrom(node: TSESTree.Identifier, object: DurableObjectClass): readonly TSESTree.Node[] {
	return (object.file.bindings.variableOf(node)?.defs ?? []).flatMap((definition): TSESTree.Node[] => {
		if (definition.type === "Variable") {
			const loop = definition.node.parent.parent;
			return definition.node.init ? [definition.node.init] : loop.type === "ForOfStatement" ? [loop.right] : [];
		}
		if (definition.type !== "Parameter" || !isFunction(definition.node)) return [];
		const { parent } = definition.node;
		const called = parent.type === "CallExpression" && parent.callee !== definition.node ? calledMember(parent) : null;
		return called ? [called.object] : [];
	});
}

/** A type that speaks of sockets, promises or callbacks, itself or through an interface of the same file. */
export function isLiveType(annotation: TSESTree.TypeNode, object: DurableObjectClass): boolean {
	const texts = [object.file.textOf(annotation)];
	object.file.walk(annotation, (node) => {
		if (node.type === "TSTypeReference" && node.typeName.type === "Identifier") {
			for (const { node: definition } of object.file.bindings.variableOf(node.typeName)?.defs ?? []) texts.push(object.file.textOf(definition));
		}
		return true;
	});
	return texts.some((text) => /\b(?:WebSocket\w*|\w*Promise\w*|Socket|Connection|AbortController|DurableObjectStub|\w*(?:Controller|Resolvers?|Callback|Listener))\b|=>/u.test(text));
}

/**
 * `if (value === this.last) return; this.last = value;`: the field only saves doing the same thing twice; having lost it,
 * the object does it once more.
 */
export function onlySavesRepeating(field: Field, reads: readonly FieldUse[], object: DurableObjectClass): boolean {
	const assigned = field.uses.filter((use) => use.access === "assign" && use.value).map((use) => object.file.textOf(use.value as TSESTree.Node));
	return (
		reads.length > 0 &&
		reads.every(({ node }) => {
			const { parent } = node;
			if (parent?.type !== "BinaryExpression" || !/^[!=]==?$/u.test(parent.operator)) return false;
			const other = parent.left === node ? parent.right : parent.left;
			return assigned.includes(object.file.textOf(other));
		})
	);
}
