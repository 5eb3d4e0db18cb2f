/** Names that are made anew each time: what is stored under one is one of many. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { calledMember, isFunction, isValueReference, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";

/** Packages whose functions make such names. */
const makers: ReadonlySet<string> = new Set(["nanoid", "ulid", "ulidx", "uuid", "@paralleldrive/cuid2", "@lukeed/uuid"]);
const DEPTH = 6;

/** The `crypto.randomUUID()`, `newUniqueId()`, `nanoid()` that an expression, its constants and the parameters of own methods followed, is made of; null for none. */
export function freshIdIn(start: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	return find(start, object, DEPTH, new Set());
}

function find(start: TSESTree.Node, object: DurableObjectClass, depth: number, seen: Set<TSESTree.Node>): TSESTree.Node | null {
	if (depth === 0 || seen.has(start)) return null;
	seen.add(start);
	let found: TSESTree.Node | null = null;
	object.file.walk(start, (node) => {
		if (found || isFunction(node)) return false;
		if (node.type === "CallExpression" && isMaker(node, object)) found = node;
		else if (node.type === "Identifier" && isValueReference(node)) found = ofVariable(node, object, depth, seen);
		return found === null;
	});
	return found;
}

function ofVariable(node: TSESTree.Identifier, object: DurableObjectClass, depth: number, seen: Set<TSESTree.Node>): TSESTree.Node | null {
	const variable = object.file.bindings.variableOf(node);
	const init = constantInitialiser(variable);
	if (init) return find(init, object, depth - 1, seen);
	for (const definition of variable?.defs ?? []) {
		if (definition.type !== "Parameter" || !isFunction(definition.node)) continue;
		const fn = definition.node;
		const method = [...object.members.methods.values()].find((each) => each.fn === fn);
		const index = fn.params.findIndex((parameter) => parameter === definition.name);
		for (const { node: call } of method ? object.ownCallsOf(method.name) : []) {
			const argument = call.arguments[index];
			const found = argument ? find(argument, object, depth - 1, seen) : null;
			if (found) return found;
		}
	}
	return null;
}

/** Whether an expression is another name each time it is evaluated, whoever calls: `job:${crypto.randomUUID()}`, or a parameter that the class itself gives one. */
export function isFreshId(start: TSESTree.Node, object: DurableObjectClass, depth = DEPTH): boolean {
	const node = unwrap(start);
	const isFresh = (each: TSESTree.Node): boolean => isFreshId(each, object, depth - 1);
	if (depth === 0) return false;
	switch (node.type) {
		case "CallExpression": {
			if (isMaker(node, object)) return true;
			const called = calledMember(node);
			return called !== null && partsOfText.has(called.name) && isFresh(called.object);
		}
		case "TemplateLiteral":
			return node.expressions.some(isFresh);
		case "BinaryExpression":
			return node.operator === "+" && (isFresh(node.left) || isFresh(node.right));
		case "Identifier": {
			const variable = object.file.bindings.variableOf(node);
			const init = constantInitialiser(variable);
			if (init) return isFresh(init);
			const given = variable && argumentsFromInside(variable, object);
			return given !== null && given.length > 0 && given.every(isFresh);
		}
		default:
			return false;
	}
}

/** Methods of text that leave enough of an id to tell it from others. */
const partsOfText: ReadonlySet<string> = new Set(["toString", "slice", "substring", "replace", "replaceAll", "toLowerCase", "toUpperCase", "trim"]);

/** For a parameter of a method that nobody but the class can call: what it passes. Null for anything else. */
function argumentsFromInside(variable: Scope.Variable, object: DurableObjectClass): readonly TSESTree.Node[] | null {
	const [definition] = variable.defs;
	if (definition?.type !== "Parameter" || !isFunction(definition.node) || variable.references.some((reference) => reference.isWrite())) return null;
	const fn = definition.node;
	const method = [...object.members.methods.values()].find((each) => each.fn === fn);
	if (!method || object.entryPoints.some((entry) => entry.fn === fn) || object.members.methodReferences.some(({ name }) => name === method.name)) return null;
	const index = fn.params.findIndex((parameter) => parameter === definition.name);
	const passed = object.ownCallsOf(method.name).map(({ node }) => (node.arguments.some(({ type }) => type === "SpreadElement") ? undefined : node.arguments[index]));
	return passed.every((argument) => argument !== undefined) ? passed : null;
}

function isMaker(node: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	const { bindings } = object.file;
	const callee = unwrap(node.callee);
	const imported = bindings.importedMember(callee);
	if (imported) return makers.has(imported.module) || ((imported.module === "node:crypto" || imported.module === "crypto") && imported.name === "randomUUID");
	const called = calledMember(node);
	if (!called) return false;
	// Only a namespace of Durable Objects has it.
	if (called.name === "newUniqueId") return true;
	return called.name === "randomUUID" && bindings.isGlobal(unwrap(called.object), "crypto");
}
