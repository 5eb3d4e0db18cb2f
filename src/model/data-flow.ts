/** Where the values that a class handles come from and what they reach: a coarse data flow, without order. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, contains, type FunctionNode, isFunction, isValueReference, propertyName, unwrap, within } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { storageUse, type StorageUse, storageUses } from "./storage.ts";

/** What a value is made of. Several may hold at once. */
export interface Ingredients {
	/** Storage reads of this class that it is made of, directly or through methods of the class. */
	readonly storageReads: readonly TSESTree.Node[];
	/** It is made of an answer from outside: fetch, a binding, an imported function. */
	readonly isFetched: boolean;
	/** Fields of the object that it mentions. */
	readonly fields: ReadonlySet<string>;
	/** Only literals, empty collections and constants. */
	readonly isConstant: boolean;
}

const DEPTH = 4;

/** What an expression is made of, with local constants and own methods followed a few steps. */
export function ingredientsOf(node: TSESTree.Node, object: DurableObjectClass): Ingredients {
	let known = ingredients.get(object);
	if (!known) ingredients.set(object, (known = new Map<TSESTree.Node, Ingredients>()));
	const remembered = known.get(node);
	if (remembered) return remembered;
	const found = { storageReads: [] as TSESTree.Node[], isFetched: false, fields: new Set<string>(), isConstant: true };
	gather(node, object, found, DEPTH, new Set());
	known.set(node, found);
	return found;
}

const ingredients = new WeakMap<DurableObjectClass, Map<TSESTree.Node, Ingredients>>();

interface Found {
	storageReads: TSESTree.Node[];
	isFetched: boolean;
	fields: Set<string>;
	isConstant: boolean;
}

function gather(start: TSESTree.Node, object: DurableObjectClass, found: Found, depth: number, seen: Set<TSESTree.Node>): void {
	if (seen.has(start)) return;
	seen.add(start);
	object.file.walk(start, (node) => {
		switch (node.type) {
			case "CallExpression":
				found.isConstant = false;
				call(node, object, found, depth, seen);
				return true;
			case "TaggedTemplateExpression":
				found.isConstant = false;
				// Agents' `this.sql` reads and writes the object's own database.
				if (unwrap(node.tag).type === "MemberExpression" && object.ancestry.framework === "agents") found.storageReads.push(node);
				return true;
			case "MemberExpression":
				if (unwrap(node.object).type === "ThisExpression") {
					const name = propertyName(node);
					if (name !== null) found.fields.add(name);
				}
				return true;
			case "Identifier": {
				if (!isValueReference(node)) return false;
				const variable = object.file.bindings.variableOf(node);
				if (!variable || variable.defs.length === 0) {
					if (node.name !== "undefined") found.isConstant = false;
					return false;
				}
				found.isConstant = found.isConstant && constantInitialiser(variable) !== null;
				if (depth === 0) return false;
				// Every value that the variable is given, destructured or not, and the collection that a loop takes it from.
				for (const definition of variable.defs) {
					if (definition.type !== "Variable") continue;
					const { init, parent } = definition.node;
					if (init) gather(init, object, found, depth - 1, seen);
					else if (parent.parent.type === "ForOfStatement" && parent.parent.left === parent) gather(parent.parent.right, object, found, depth - 1, seen);
				}
				for (const reference of variable.references) {
					if (reference.writeExpr && !reference.init) gather(reference.writeExpr, object, found, depth - 1, seen);
				}
				return false;
			}
			case "NewExpression":
				if (node.arguments.length > 0) found.isConstant = false;
				return true;
			case "FunctionExpression":
			case "ArrowFunctionExpression":
				found.isConstant = false;
				return true;
			default:
				return !node.type.startsWith("TS") || unwrap(node) !== node;
		}
	});
}

function call(node: TSESTree.CallExpression, object: DurableObjectClass, found: Found, depth: number, seen: Set<TSESTree.Node>): void {
	const platform = object.platformCall(node);
	if (platform) {
		const use = storageUse(platform, object);
		if (use?.reads) found.storageReads.push(node);
		return;
	}
	const method = object.calledMethod(node);
	if (method) {
		if (depth > 0) for (const use of usesIn(method.fn, object)) if (use.reads) found.storageReads.push(use.call.node);
		if (depth > 0) found.isFetched ||= callsOutside(method.fn, object);
		return;
	}
	found.isFetched ||= isCallOutside(node, object);
	if (depth > 0 && unwrap(node.callee).type === "Identifier") {
		const made = constantInitialiser(object.file.bindings.variableOf(unwrap(node.callee)));
		if (made && isFunction(unwrap(made))) gather(unwrap(made), object, found, depth - 1, seen);
	}
}

/**
 * What the calls of a method of the class give for the parameters that an expression in it mentions:
 * `await storage.get("theme")` for the `theme` in `apply(theme) { this.colour = theme.colour; }`.
 */
export function givenFor(expression: TSESTree.Node, object: DurableObjectClass): readonly TSESTree.Node[] {
	const found: TSESTree.Node[] = [];
	gatherGiven(expression, object, found, new Set());
	return found;
}

function gatherGiven(start: TSESTree.Node, object: DurableObjectClass, found: TSESTree.Node[], seen: Set<TSESTree.Node>): void {
	object.file.walk(start, (node) => {
		if (isFunction(node)) return false;
		if (node.type !== "Identifier" || !isValueReference(node)) return true;
		const definition = object.file.bindings.variableOf(node)?.defs[0];
		if (definition?.type !== "Parameter" || seen.has(definition.name)) return false;
		seen.add(definition.name);
		const fn = definition.node;
		const method = [...object.members.methods.values()].find((each) => each.fn === fn);
		const index = fn.params.findIndex((parameter) => contains(parameter, definition.name));
		for (const call of method ? object.ownCallsOf(method.name) : []) {
			const given = call.node.arguments.slice(0, index + 1);
			const argument = given.some(({ type }) => type === "SpreadElement") ? undefined : given[index];
			if (!argument) continue;
			found.push(argument);
			gatherGiven(argument, object, found, seen);
		}
		return false;
	});
}

function callsOutside(fn: FunctionNode, object: DurableObjectClass): boolean {
	return within(object.members.calls, (node) => node, fn).some((node) => isCallOutside(node, object));
}

/** A call of fetch, of something reached through `env`, or of an imported function. */
export function isCallOutside(node: TSESTree.CallExpression, object: DurableObjectClass, depth = DEPTH): boolean {
	const callee = unwrap(node.callee);
	const { bindings } = object.file;
	if (callee.type === "Identifier") return bindings.isGlobal(callee, "fetch") || bindings.importOf(callee) !== null;
	const called = calledMember(node);
	if (!called) return false;
	return object.origins(called.object).some(({ root, path }) => {
		if (root.kind === "import") return true;
		if (root.kind === "this") return path[0] === "env";
		if (root.kind === "parameter") return object.handle(called.object) === "env" || (root.fn.parent.type === "MethodDefinition" && root.fn.parent.kind === "constructor" && root.index === 1);
		return root.kind === "expression" && root.node.type === "CallExpression" && depth > 0 && isCallOutside(root.node, object, depth - 1);
	});
}

/** The storage uses that stand inside a function. */
function usesIn(fn: TSESTree.Node, object: DurableObjectClass): readonly StorageUse[] {
	return within(storageUses(object), (use) => use.call.node, fn);
}

/** The storage uses that a function makes, itself or through methods of the class that it calls. */
export function storageUsesWithin(fn: TSESTree.Node, object: DurableObjectClass): readonly StorageUse[] {
	let known = usesWithin.get(object);
	if (!known) usesWithin.set(object, (known = new Map<TSESTree.Node, readonly StorageUse[]>()));
	let uses = known.get(fn);
	if (!uses) {
		uses = [...new Set([fn, ...object.methodsRunBy(fn)])].flatMap((each) => usesIn(each, object));
		known.set(fn, uses);
	}
	return uses;
}

const usesWithin = new WeakMap<DurableObjectClass, Map<TSESTree.Node, readonly StorageUse[]>>();

/** Whether running a function may run a node: it is inside, or inside a method of the class that is called. */
export function reaches(fn: TSESTree.Node, node: TSESTree.Node, object: DurableObjectClass): boolean {
	if (contains(fn, node)) return true;
	for (const method of object.methodsRunBy(fn)) if (contains(method, node)) return true;
	return false;
}

/** Where a function runs a node: the node itself, or the calls of methods that come to it. */
export function waysTo(node: TSESTree.Node, fn: TSESTree.Node, object: DurableObjectClass): readonly TSESTree.Node[] {
	if (contains(fn, node)) return [node];
	return object.members.ownCalls.flatMap(({ node: call }) => {
		const method = contains(fn, call) ? object.calledMethod(call)?.fn : undefined;
		return method && reaches(method, node, object) ? [call] : [];
	});
}
