/** What becomes of a field when the object leaves memory: who changes it, who reads it, whether storage holds it too. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, propertyName, typeNames, unwrap, wrapped } from "../syntax/nodes.ts";
import { givenFor, type Ingredients, ingredientsOf, storageUsesWithin } from "./data-flow.ts";
import { handedOn } from "./handed-on.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import type { Field, FieldUse } from "./members.ts";
import { mayTouchSame, type StorageUse, storageUses } from "./storage.ts";

/** A change of the field in an event, and what the new content is made of. */
export interface Change {
	readonly use: FieldUse;
	readonly source: Ingredients;
	/** Back to nothing: `null`, `undefined`, an empty collection. */
	readonly isReset: boolean;
	/** The function of the class in which it happens: a method, or a callback that runs as its own event. */
	readonly within: TSESTree.Node;
}

export interface FieldLife {
	readonly field: Field;
	/** Changes in events that come from the event itself, not from storage or from outside. */
	readonly stateChanges: readonly Change[];
	/** Reads in events that can see what an earlier event left. */
	readonly reads: readonly FieldUse[];
	/** Storage writes whose value mentions the field. */
	readonly persistedBy: readonly StorageUse[];
	/** Storage reads from which the field is filled. */
	readonly loadedBy: readonly TSESTree.Node[];
	/** The changes that fill it from there. */
	readonly loads: readonly FieldUse[];
	/** Storage writes beside the changes, whose value need not be the field's. */
	readonly writesBeside: readonly StorageUse[];
	/** What makes the field something else than data: why it need not or cannot be stored. Null for data. */
	readonly notData: string | null;
	/** Why the life of the field cannot be followed to its end; null when it can. */
	readonly escapes: string | null;
}

const plainCollections: ReadonlySet<string> = new Set(["Map", "Set", "Array", "Date", "Object", "Uint8Array", "Record"]);
const plainTypes: ReadonlySet<string> = new Set(["Map", "Set", "Array", "Record", "ReadonlyMap", "ReadonlySet", "ReadonlyArray", "Date", "Uint8Array"]);
/** Types of things that live only in memory. */
const liveTypes: ReadonlySet<string> = new Set([
	"Promise", "WebSocket", "AbortController", "AbortSignal", "ReadableStream", "WritableStream", "TransformStream", "ReadableStreamDefaultController",
	"WritableStreamDefaultWriter", "ReadableStreamDefaultReader", "ReturnType", "Timer", "Timeout", "Connection", "DurableObjectStub", "DurableObjectNamespace",
	"Socket", "Function", "WeakMap", "WeakSet", "WeakRef", "TextDecoder", "TextEncoder", "Fetcher", "PromiseWithResolvers", "Request", "Response",
]);

export function fieldLife(field: Field, object: DurableObjectClass): FieldLife {
	const changes = field.uses.filter((use) => use.access !== "read" && !object.isInitialisation(use.node)).map((use) => changeOf(use, object));
	const initial = [...(field.initialiser ? [field.initialiser] : []), ...field.uses.filter((use) => use.access !== "read" && use.value).map((use) => use.value as TSESTree.Node)];
	const loads = field.uses.filter((use) => use.access !== "read" && loadsOf(use, object).length > 0);
	const stateChanges = changes.filter(({ isReset, source }) => !isReset && source.storageReads.length === 0 && !source.isFetched);
	const writes = storageUses(object).filter((use) => use.writes);
	return {
		field,
		stateChanges,
		reads: field.uses.filter((use) => isExposedRead(use, field, object)),
		persistedBy: writes.filter((write) => write.values.some((value) => ingredientsOf(value, object).fields.has(field.name) || isFieldItself(value, field))),
		loadedBy: loads.flatMap((use) => loadsOf(use, object)),
		loads,
		writesBeside: uniqueUses(stateChanges.flatMap(({ within }) => storageUsesWithin(within, object).filter((use) => use.writes))),
		notData: notDataBecause(field, initial, object),
		escapes: escapesBecause(field, object),
	};
}

/** Storage reads of the class that cover what some of the writes wrote. */
export function readsCovering(writes: readonly StorageUse[], object: DurableObjectClass): readonly StorageUse[] {
	return storageUses(object).filter((use) => use.reads && writes.some((write) => mayTouchSame(use, write)));
}

function changeOf(use: FieldUse, object: DurableObjectClass): Change {
	const parts: TSESTree.Node[] = use.statement.type === "CallExpression" ? use.statement.arguments : use.value ? [use.value] : [];
	const sources = parts.map((part) => ingredientsOf(part, object));
	const source: Ingredients = {
		storageReads: sources.flatMap((each) => each.storageReads),
		isFetched: sources.some((each) => each.isFetched),
		fields: new Set(sources.flatMap((each) => [...each.fields])),
		isConstant: sources.every((each) => each.isConstant),
	};
	return { use, source, isReset: isReset(use), within: object.outermostFunction(use.node) };
}

function isReset(use: FieldUse): boolean {
	if (use.statement.type === "UnaryExpression") return true;
	if (use.access === "mutate" && use.statement.type === "CallExpression") {
		const name = calledMember(use.statement)?.name;
		return name === "clear" || name === "delete";
	}
	return use.access === "assign" && use.value !== null && isNothing(use.value);
}

function isNothing(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	switch (node.type) {
		case "Literal":
			return node.value === null || node.value === "" || node.value === false;
		case "Identifier":
			return node.name === "undefined";
		case "ArrayExpression":
			return node.elements.length === 0;
		case "ObjectExpression":
			return node.properties.length === 0;
		case "NewExpression":
			return node.arguments.length === 0;
		default:
			return false;
	}
}

/** The storage reads that a change takes its content from: in its value, or in what a caller gives the method for it. */
function loadsOf(use: FieldUse, object: DurableObjectClass): readonly TSESTree.Node[] {
	const parts: TSESTree.Node[] = use.statement.type === "CallExpression" ? use.statement.arguments : use.value ? [use.value] : [];
	return [...parts, ...parts.flatMap((part) => givenFor(part, object))].flatMap((part) => ingredientsOf(part, object).storageReads);
}

function isFieldItself(value: TSESTree.Node, field: Field): boolean {
	const node = unwrap(value);
	return node.type === "MemberExpression" && propertyName(node) === field.name && unwrap(node.object).type === "ThisExpression";
}

function uniqueUses(uses: readonly StorageUse[]): readonly StorageUse[] {
	return [...new Map(uses.map((use) => [use.call.node, use])).values()];
}

/** A read whose value can come from an earlier event: in an event, not only printed, and not just assigned before in the same function. */
function isExposedRead(use: FieldUse, field: Field, object: DurableObjectClass): boolean {
	if (object.isInitialisation(use.node)) return false;
	const isValue = use.access === "read" || (use.access === "update" && isValueUsed(use.statement));
	if (!isValue || isOnlyPrinted(use.node) || isPresenceTest(use.node)) return false;
	const fn = enclosingFunction(use.node);
	return !field.uses.some((other) => other.access === "assign" && other.node.range[0] < use.node.range[0] && enclosingFunction(other.node) === fn && isUnconditional(other.statement, fn));
}

/** `this.n++` as a statement of its own reads only what it writes back. */
function isValueUsed(statement: TSESTree.Node): boolean {
	return wrapped(statement).parent?.type !== "ExpressionStatement";
}

function isUnconditional(statement: TSESTree.Node, fn: FunctionNode | null): boolean {
	const { parent } = statement;
	return parent?.type === "ExpressionStatement" && fn !== null && parent.parent === fn.body;
}

function isOnlyPrinted(node: TSESTree.Node): boolean {
	for (let current = node.parent; current; current = current.parent) {
		if (current.type === "CallExpression") {
			const called = calledMember(current);
			const object = called && unwrap(called.object);
			return object?.type === "Identifier" && object.name === "console";
		}
		if (current.type.endsWith("Statement") || isFunction(current)) return false;
	}
	return false;
}

/** `if (this.started) return`: a read that only asks whether something was done in this life of the object. */
function isPresenceTest(node: TSESTree.Node): boolean {
	let current: TSESTree.Node = wrapped(node);
	while (current.parent?.type === "UnaryExpression" && current.parent.operator === "!") current = wrapped(current.parent);
	const { parent } = current;
	if (parent?.type === "LogicalExpression" && parent.left === current && parent.operator !== "&&") return false;
	return parent?.type === "IfStatement" && parent.test === current;
}

function notDataBecause(field: Field, values: readonly TSESTree.Node[], object: DurableObjectClass): string | null {
	if (field.decorators.length > 0) return "a decorator looks after it";
	// `this.ctx` is inherited: nothing in the class assigns it.
	if (field.uses.some(({ node }) => object.handle(node) !== null)) return "it holds a platform object";
	const names = typeNames(field.annotation);
	const live = names.find((name) => liveTypes.has(name.name));
	if (live) return `it holds a ${live.name}, which exists only in memory`;
	if (object.file.text.slice(...(field.annotation?.range ?? [0, 0])).includes("=>")) return "it holds a function";
	for (const value of values) {
		const reason = liveValue(value, object);
		if (reason) return reason;
	}
	return null;
}

/** Why a value cannot be stored, or null where it may be data. */
function liveValue(start: TSESTree.Node, object: DurableObjectClass): string | null {
	const handle = object.handle(start);
	if (handle) return "it holds a platform object";
	for (const { root, path } of object.origins(start)) {
		if (root.kind !== "expression" || path.length > 0) continue;
		const node = unwrap(root.node);
		if (isFunction(node)) return "it holds a function";
		if (node.type === "NewExpression") {
			const name = node.callee.type === "Identifier" ? node.callee.name : null;
			if (name === null || !plainCollections.has(name)) return `it holds a ${name ?? "class"} instance`;
		}
		if (node.type === "CallExpression") {
			const name = calledMember(node)?.name ?? (node.callee.type === "Identifier" ? node.callee.name : null);
			if (name === "setTimeout" || name === "setInterval") return "it holds a timer";
			if (name === "then" || name === "catch" || name === "finally" || name === "withResolvers") return "it holds a promise";
			if (name === "getWriter" || name === "getReader") return "it holds an open stream";
			const method = object.calledMethod(node);
			if (method?.fn.async && start.type !== "AwaitExpression" && unwrap(start) === node) return "it holds a promise";
		}
	}
	return null;
}

/** Where the whole field, or the object itself, is handed to code that may store it out of sight. */
function escapesBecause(field: Field, object: DurableObjectClass): string | null {
	let reason: string | null = null;
	for (const use of field.uses) {
		if (use.access !== "read") continue;
		const outer = wrapped(use.node);
		const { parent } = outer;
		if (parent?.type === "CallExpression" && parent.arguments.includes(outer as TSESTree.CallExpressionArgument)) {
			const called = calledMember(parent);
			const callee = unwrap(parent.callee);
			if (callee.type === "Identifier" && (object.file.bindings.importOf(callee) !== null || parent.arguments.some((argument) => argument !== outer && object.handle(argument) !== null))) {
				reason = `it is handed to ${callee.name}()`;
			} else if (called && object.calledMethod(parent) === null && unwrap(called.object).type === "MemberExpression" && unwrap((unwrap(called.object) as TSESTree.MemberExpression).object).type === "ThisExpression" && !object.handle(called.object)) {
				reason = `it is handed to ${object.file.textOf(called.object)}`;
			}
		}
	}
	return reason ?? objectEscapes(object);
}

/** `new Manager(this)`, `register(this)`: somebody else may read and fill every field. */
function objectEscapes(object: DurableObjectClass): string | null {
	const handed = handedOn(object).find(({ what }) => what === "object");
	return handed ? `the object is handed to ${handed.to}()` : null;
}

/** Whether the field is known to hold data: by its initialiser or annotation. */
export function isKnownData(field: Field): boolean {
	const value = field.initialiser ?? field.uses.find((use) => use.access === "assign")?.value ?? null;
	if (field.annotation && isDataType(field.annotation)) return true;
	return value !== null && isDataValue(value);
}

function isDataType(annotation: TSESTree.TypeNode): boolean {
	switch (annotation.type) {
		case "TSNumberKeyword":
		case "TSStringKeyword":
		case "TSBooleanKeyword":
		case "TSBigIntKeyword":
		case "TSArrayType":
		case "TSTupleType":
		case "TSTypeLiteral":
		case "TSLiteralType":
			return true;
		case "TSUnionType":
			return annotation.types.some(isDataType);
		case "TSTypeReference":
			return annotation.typeName.type === "Identifier" && plainTypes.has(annotation.typeName.name);
		default:
			return false;
	}
}

function isDataValue(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	switch (node.type) {
		case "Literal":
			return node.value !== null;
		case "TemplateLiteral":
		case "ArrayExpression":
		case "ObjectExpression":
			return true;
		case "UnaryExpression":
			return node.operator === "-";
		case "NewExpression":
			return node.callee.type === "Identifier" && plainCollections.has(node.callee.name);
		default:
			return false;
	}
}

/** The class or function of the project that makes what the field holds (`new Manager(...)`, `createApp(...)`), or null. */
export function makerOf(field: Field, object: DurableObjectClass): string | null {
	const value = field.initialiser ?? field.uses.find((use) => use.access === "assign")?.value;
	const made = value && unwrap(value);
	if (made?.type === "NewExpression") {
		return made.callee.type === "Identifier" && plainCollections.has(made.callee.name) ? null : object.file.textOf(made.callee);
	}
	if (made?.type !== "CallExpression" || made.callee.type !== "Identifier") return null;
	const variable = object.file.bindings.variableOf(made.callee);
	return variable && variable.defs.length > 0 ? `${made.callee.name}()` : null;
}
