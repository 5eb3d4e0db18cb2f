/**
 * Where a piece of text comes from, and so what it may hold: a constant of the source, a number, one of a list of names,
 * a value of run time, or something that the caller of the object chose.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { calledMember, contains, enclosingFunction, type FunctionNode, isFunction, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import { declaredType, elementType, presentTypes, resolvedType } from "../syntax/declared-type.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import { constantText } from "../syntax/text.ts";
import { callbackRun } from "./callbacks.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export type Provenance =
	/** Written in the source, or of a form that the platform makes (a UUID, an object's id). */
	| "constant"
	| "number"
	/** Looked up in, or compared with, what the source lists; or one of the literals that its type admits. */
	| "checked"
	| "unknown"
	/** Made at run time, by this code. */
	| "dynamic"
	/** Comes in with a request, a message or a call. */
	| "outside";

const ORDER: readonly Provenance[] = ["constant", "number", "checked", "unknown", "dynamic", "outside"];
const DEPTH = 12;

/** Of several ingredients the one that is trusted least. */
export const worst = (...parts: readonly Provenance[]): Provenance => ORDER[Math.max(0, ...parts.map((part) => ORDER.indexOf(part)))] as Provenance;

/** @param isNumeric - what type information says, where there is some */
export function provenanceOf(node: TSESTree.Node, object: DurableObjectClass, isNumeric: (node: TSESTree.Node) => boolean = () => false): Provenance {
	return new Judge(object, isNumeric).of(node, DEPTH);
}

/** Methods whose result has nothing in it that their receiver did not have. */
const keeping: ReadonlySet<string> = new Set([
	"toString", "trim", "trimStart", "trimEnd", "toUpperCase", "toLowerCase", "slice", "substring", "padStart", "padEnd", "repeat", "split", "at", "join", "filter", "reverse", "sort", "toSorted", "toReversed",
	"flat", "values", "keys", "entries", "pop", "shift", "find", "findLast", "normalize",
]);
const numeric: ReadonlySet<string> = new Set(["getTime", "valueOf", "indexOf", "findIndex", "charCodeAt", "toFixed", "getFullYear", "getDate", "getMonth", "getHours", "toISOString", "push", "localeCompare"]);
const counts: ReadonlySet<string> = new Set(["length", "size", "byteLength", "rowsWritten", "rowsRead"]);
const arithmetic: ReadonlySet<string> = new Set(["-", "*", "/", "%", "**", "<<", ">>", ">>>", "|", "&", "^"]);
/** Functions that refuse, or make harmless, what they are given: known by what they are called. */
const checking = /valid|assert|check|sanit|ensure|allow|safe|escape|quote|known|permitted/iu;

class Judge {
	readonly #object: DurableObjectClass;
	readonly #isNumeric: (node: TSESTree.Node) => boolean;
	readonly #open = new Set<unknown>();

	constructor(object: DurableObjectClass, isNumeric: (node: TSESTree.Node) => boolean) {
		this.#object = object;
		this.#isNumeric = isNumeric;
	}

	of(start: TSESTree.Node, depth: number): Provenance {
		const node = unwrap(start);
		if (depth === 0) return "unknown";
		const { file } = this.#object;
		if (constantText(node, file) !== null) return "constant";
		if (this.#isNumeric(node)) return "number";
		const all = (nodes: readonly (TSESTree.Node | null)[]): Provenance => worst(...nodes.map((part) => (part ? this.of(part, depth - 1) : "constant")));
		switch (node.type) {
			case "Literal":
				return "constant";
			case "TemplateLiteral":
				return all(node.expressions);
			case "BinaryExpression":
				if (node.operator === "+") return all([node.left, node.right]);
				return arithmetic.has(node.operator) ? "number" : "constant";
			case "UnaryExpression":
				return node.operator === "-" || node.operator === "+" || node.operator === "~" ? "number" : "constant";
			case "UpdateExpression":
				return "number";
			case "ConditionalExpression":
				return all([node.consequent, node.alternate]);
			case "LogicalExpression":
				return node.operator === "&&" ? this.of(node.right, depth - 1) : all([node.left, node.right]);
			case "ArrayExpression":
				return all(node.elements);
			case "SpreadElement":
			case "AwaitExpression":
				return this.of(node.argument, depth - 1);
			case "ObjectExpression":
				return all(node.properties.map((property) => (property.type === "Property" ? property.value : property)));
			case "AssignmentExpression":
				return this.of(node.right, depth - 1);
			case "SequenceExpression":
				return this.of(node.expressions.at(-1) as TSESTree.Node, depth - 1);
			case "Identifier":
				return this.#variable(node, depth);
			case "MemberExpression":
				return this.#member(node, depth);
			case "CallExpression":
				return this.#call(node, depth);
			case "NewExpression": {
				const name = node.callee.type === "Identifier" ? node.callee.name : "";
				if (name === "Date") return "number";
				if (name === "Array" && node.arguments.length <= 1) return "constant";
				return worst(all(node.arguments), name === "Set" || name === "Map" || name === "Array" ? "constant" : "dynamic");
			}
			default:
				return "unknown";
		}
	}

	#call(node: TSESTree.CallExpression, depth: number): Provenance {
		const called = calledMember(node);
		const { bindings } = this.#object.file;
		const [first] = node.arguments;
		if (!called) {
			const callee = unwrap(node.callee);
			if (callee.type !== "Identifier") return isFunction(callee) ? this.#result(callee, depth) : "unknown";
			if (bindings.isGlobal(callee, callee.name)) {
				if (["Number", "parseInt", "parseFloat"].includes(callee.name)) return "number";
				if (callee.name === "Boolean") return "constant";
				if (callee.name === "Array") return "constant";
				return first ? this.of(first, depth - 1) : "unknown";
			}
			if (checking.test(callee.name)) return "checked";
			const fn = this.#localFunction(callee);
			return fn ? this.#result(fn, depth) : "unknown";
		}
		const receiver = unwrap(called.object);
		const global = receiver.type === "Identifier" && bindings.isGlobal(receiver, receiver.name) ? receiver.name : null;
		if (global === "Math" || (global === "Date" && called.name === "now") || (global === "Number" && called.name.startsWith("parse"))) return "number";
		if (global === "crypto" || global === "performance") return "constant";
		if (global === "Object" || (global === "Array" && called.name === "of")) {
			const names = first && called.name === "keys" ? this.#keysOf(first, depth) : null;
			return names ?? (first ? worst(this.of(first, depth - 1), "constant") : "unknown");
		}
		if (global === "Array" && called.name === "from") return this.#mapped(node.arguments[1], first, depth);
		if (global === "JSON") return first ? worst(this.of(first, depth - 1), called.name === "parse" ? "dynamic" : "constant") : "unknown";
		if (receiver.type === "ThisExpression") {
			const method = this.#object.method(called.name);
			if (!method) return checking.test(called.name) ? "checked" : "unknown";
			return checking.test(called.name) ? "checked" : this.#result(method.fn, depth);
		}
		if (numeric.has(called.name)) return "number";
		if (called.name === "map" || called.name === "flatMap") return this.#mapped(first, called.object, depth);
		if (called.name === "reduce") return "unknown";
		if (called.name === "fill") return first ? this.of(first, depth - 1) : "constant";
		if (called.name === "concat") return worst(this.of(called.object, depth - 1), ...node.arguments.map((argument) => this.of(argument, depth - 1)));
		if (called.name === "replace" || called.name === "replaceAll") return isEscape(node) ? "checked" : this.of(called.object, depth - 1);
		if (keeping.has(called.name)) return this.of(called.object, depth - 1);
		if (checking.test(called.name)) return "checked";
		const handle = this.#object.handle(called.object);
		if (handle) return "dynamic";
		const source = this.of(called.object, depth - 1);
		// `TABLES.get(kind)` of a constant map gives what the source lists.
		if (called.name === "get" && (source === "constant" || source === "checked")) return "checked";
		return source === "unknown" ? "unknown" : worst(source, "dynamic");
	}

	/** What `list.map(fn)` gives: the function's results, with its parameter taken from the list. */
	#mapped(fn: TSESTree.Node | undefined, list: TSESTree.Node | undefined, depth: number): Provenance {
		if (!fn) return list ? this.of(list, depth - 1) : "unknown";
		const callback = unwrap(fn);
		if (isFunction(callback)) return this.#result(callback, depth);
		if (callback.type === "Identifier" && checking.test(callback.name)) return "checked";
		const local = callback.type === "Identifier" ? this.#localFunction(callback) : null;
		if (local) return this.#result(local, depth);
		if (callback.type === "Identifier" && callback.name === "Number") return "number";
		return "unknown";
	}

	/** All that a function may return. */
	#result(fn: FunctionNode, depth: number): Provenance {
		if (this.#open.has(fn)) return "constant";
		if (fn.body.type !== "BlockStatement") return this.#within(fn, () => this.of(fn.body, depth - 1));
		const results: Provenance[] = [];
		this.#within(fn, () => {
			this.#object.file.walk(fn.body, (node) => {
				if (isFunction(node)) return false;
				if (node.type === "ReturnStatement" && node.argument) results.push(this.of(node.argument, depth - 1));
				return true;
			});
			return "constant";
		});
		return results.length > 0 ? worst(...results) : "unknown";
	}

	#member(node: TSESTree.MemberExpression, depth: number): Provenance {
		const name = propertyName(node);
		if (name !== null && counts.has(name)) return "number";
		if (this.#object.handle(node)) return "unknown";
		if (this.#object.handle(node.object) === "ctx") return name === "id" ? "constant" : "unknown";
		const inner = unwrap(node.object);
		if (inner.type === "MemberExpression" && propertyName(inner) === "id" && this.#object.handle(inner.object) === "ctx") return name === "name" ? "outside" : "constant";
		if (this.#object.handle(node.object) === "env") return "unknown";
		if (inner.type === "ThisExpression") return this.#field(name, depth);
		const declared = declaredType(node, this.#object.file);
		const typed = provenanceOfType(declared, this.#object.file) ?? (this.#isChecked(node) ? "checked" : null);
		if (typed) return typed;
		const source = this.of(node.object, depth - 1);
		// `TABLES[kind]` of a constant object or array.
		if (source === "constant" || source === "number") return name === null ? "checked" : source;
		if (source === "checked" || source === "unknown") return source;
		return isForeignType(declared, this.#object.file) ? "dynamic" : worst(source, "dynamic");
	}

	#field(name: string | null, depth: number): Provenance {
		const field = name === null ? null : this.#object.field(name);
		if (!field || this.#open.has(field)) return "unknown";
		const typed = provenanceOfType(field.annotation, this.#object.file);
		if (typed) return typed;
		const values = [field.initialiser, ...field.uses.flatMap(({ access, value }) => (access === "assign" || access === "update" ? [value] : []))];
		if (values.some((value) => value === null && value !== field.initialiser)) return "dynamic";
		const known = values.filter((value) => value !== null);
		if (known.length === 0) return "unknown";
		return this.#within(field, () => worst(...known.map((value) => this.of(value, depth - 1))));
	}

	#variable(node: TSESTree.Identifier, depth: number): Provenance {
		const variable = this.#object.file.bindings.variableOf(node);
		if (!variable || variable.defs.length === 0) return node.name === "undefined" || node.name === "NaN" || node.name === "Infinity" ? "constant" : "unknown";
		if (this.#open.has(variable)) return "constant";
		const found = this.#within(variable, () => worst(...variable.defs.map((definition) => this.#definition(definition, depth)), ...this.#growth(variable, depth)));
		return (found === "dynamic" || found === "outside") && this.#isChecked(node) ? "checked" : found;
	}

	#definition(definition: Scope.Definition, depth: number): Provenance {
		switch (definition.type) {
			case "Variable": {
				const declarator = definition.node;
				const typed = provenanceOfType(declaredType(definition.name, this.#object.file), this.#object.file);
				if (typed) return typed;
				const loop = declarator.parent.parent;
				if (loop.type === "ForOfStatement" && loop.left === declarator.parent) return this.of(loop.right, depth - 1);
				if (loop.type === "ForInStatement" && loop.left === declarator.parent) return this.#keysOf(loop.right, depth) ?? "unknown";
				return declarator.init ? this.of(declarator.init, depth - 1) : "constant";
			}
			case "Parameter":
				return isFunction(definition.node) ? this.#parameter(definition.node, definition.name, depth) : "unknown";
			case "CatchClause":
				return "dynamic";
			default:
				return "unknown";
		}
	}

	/** What is assigned to a variable later, or put into the array that it holds. */
	#growth(variable: Scope.Variable, depth: number): Provenance[] {
		return variable.references.flatMap((reference): Provenance[] => {
			if (reference.init) return [];
			const identifier = reference.identifier as TSESTree.Node;
			const { parent } = identifier;
			if (reference.isWrite()) {
				if (parent?.type === "UpdateExpression") return ["number"];
				return parent?.type === "AssignmentExpression" && parent.left === identifier ? [this.of(parent.right, depth - 1)] : parent?.type === "VariableDeclarator" ? [] : ["dynamic"];
			}
			const member = wrapped(identifier).parent;
			if (member?.type !== "MemberExpression" || wrapped(identifier) !== member.object) return [];
			const name = propertyName(member);
			const call = wrapped(member).parent;
			if (call?.type === "CallExpression" && call.callee === wrapped(member) && (name === "push" || name === "unshift" || name === "add")) return call.arguments.map((argument) => this.of(argument, depth - 1));
			if (call?.type === "AssignmentExpression" && call.left === wrapped(member)) return [this.of(call.right, depth - 1)];
			return [];
		});
	}

	#parameter(fn: FunctionNode, name: TSESTree.Node, depth: number): Provenance {
		const index = fn.params.findIndex((parameter) => contains(parameter, name));
		const parameter = fn.params[index];
		if (!parameter) return "unknown";
		const declared = declaredType(name, this.#object.file);
		const typed = provenanceOfType(declared, this.#object.file);
		if (typed) return typed;
		const run = callbackRun(fn, this.#object);
		if (run !== null) {
			const call = wrapped(fn).parent;
			const called = call?.type === "CallExpression" ? calledMember(call) : null;
			if (!called || run === "unknown" || run === "region") return "unknown";
			if (run === "event") return "outside";
			if (run === "then") return worst(this.of(called.object, depth - 1), "dynamic");
			if (called.name === "from") {
				const [list] = (call as TSESTree.CallExpression).arguments;
				return index === 1 ? "number" : list ? this.of(list, depth - 1) : "unknown";
			}
			if (called.name.startsWith("reduce")) return "unknown";
			// The second parameter of `map` and its like is the index.
			return index === 1 && called.name !== "sort" ? "number" : this.of(called.object, depth - 1);
		}
		const owner = fn.parent;
		if (owner.type === "MethodDefinition" && owner.kind === "constructor") return "unknown";
		const entry = this.#object.entryPoints.find((point) => point.fn === fn);
		if (entry) return isForeignType(declared, this.#object.file) ? "dynamic" : "outside";
		return this.#fromCallers(fn, index, depth);
	}

	/** What the class, or the file, calls a function with. */
	#fromCallers(fn: FunctionNode, index: number, depth: number): Provenance {
		if (this.#open.has(fn)) return "constant";
		const method = [...this.#object.members.methods.values()].find((own) => own.fn === fn);
		const calls = method
			? this.#object.members.ownCalls.filter((call) => call.name === method.name).map((call) => call.node)
			: this.#callsOf(fn);
		if (calls.length === 0 || (method && this.#object.members.methodReferences.some((use) => use.name === method.name))) return "unknown";
		return this.#within(fn, () =>
			worst(...calls.map((call) => {
				if (call.arguments.slice(0, index + 1).some(({ type }) => type === "SpreadElement")) return "unknown";
				const argument = call.arguments[index];
				return argument ? this.of(argument, depth - 1) : "constant";
			})),
		);
	}

	#callsOf(fn: FunctionNode): TSESTree.CallExpression[] {
		const name = fn.type === "FunctionDeclaration" ? fn.id : fn.parent.type === "VariableDeclarator" && fn.parent.id.type === "Identifier" ? fn.parent.id : null;
		const variable = name && this.#object.file.bindings.variableOf(name);
		return (variable?.references ?? []).flatMap(({ identifier }) => {
			const { parent } = identifier as TSESTree.Node;
			return parent?.type === "CallExpression" && parent.callee === identifier ? [parent] : [];
		});
	}

	#localFunction(callee: TSESTree.Identifier): FunctionNode | null {
		const definition = this.#object.file.bindings.variableOf(callee)?.defs[0];
		if (definition?.type === "FunctionName" && isFunction(definition.node)) return definition.node;
		const init = definition?.type === "Variable" ? definition.node.init && unwrap(definition.node.init) : null;
		return isFunction(init) ? init : null;
	}

	/** The names of an object's properties: those that the source writes, or those that come with the object. */
	#keysOf(node: TSESTree.Node, depth: number): Provenance | null {
		const value = unwrap(node);
		if (value.type === "ObjectExpression" && value.properties.every((property) => property.type === "Property" && !property.computed)) return "constant";
		if (value.type !== "Identifier") return null;
		const definition = this.#object.file.bindings.variableOf(value)?.defs[0];
		const init = definition?.type === "Variable" && definition.node.id.type === "Identifier" ? definition.node.init : null;
		return init ? this.#keysOf(init, depth - 1) : null;
	}

	/** Looked up in a list, matched, or compared with a literal, somewhere before in the same function. */
	#isChecked(node: TSESTree.Node): boolean {
		const { file } = this.#object;
		const text = file.textOf(node);
		let home: FunctionNode | null = enclosingFunction(node);
		for (let outer = home; outer && callbackRun(outer, this.#object) !== null; outer = enclosingFunction(outer)) home = enclosingFunction(outer) ?? home;
		if (!home) return false;
		let found = false;
		const isSame = (other: TSESTree.Node | undefined): boolean => other !== undefined && other !== node && file.textOf(unwrap(other)) === text;
		file.walk(home.body, (child) => {
			if (found || child.range[0] > node.range[0]) return false;
			if (child.type === "CallExpression") {
				const called = calledMember(child);
				const callee = called?.name ?? (child.callee.type === "Identifier" ? child.callee.name : "");
				const isCheck = ["includes", "has", "test", "hasOwn", "hasOwnProperty", "indexOf", "some", "every", "match"].includes(callee) || checking.test(callee) || /^is[A-Z]/u.test(callee);
				found = isCheck && (child.arguments.some(isSame) || (callee === "match" && called !== null && isSame(called.object)));
			} else if (child.type === "BinaryExpression") {
				found = (["===", "==", "!==", "!="].includes(child.operator) && ((isSame(child.left) && isLiteralText(child.right)) || (isSame(child.right) && isLiteralText(child.left)))) || (child.operator === "in" && isSame(child.left));
			} else if (child.type === "SwitchStatement") found = isSame(child.discriminant);
			return !found;
		});
		return found;
	}

	#within(key: unknown, work: () => Provenance): Provenance {
		if (this.#open.has(key)) return "constant";
		this.#open.add(key);
		try {
			return work();
		} finally {
			this.#open.delete(key);
		}
	}
}

const isLiteralText = (node: TSESTree.Node): boolean => {
	const value = unwrap(node);
	return value.type === "Literal" && typeof value.value === "string" && value.value !== "";
};

/** `.replace(/"/g, '""')` doubles the quotes of an identifier; `.replace(/[^a-z_]/g, "")` leaves nothing that could end one. */
function isEscape(call: TSESTree.CallExpression): boolean {
	const [pattern, replacement] = call.arguments.map((argument) => unwrap(argument));
	if (replacement?.type !== "Literal" || pattern?.type !== "Literal") return false;
	if ("regex" in pattern) {
		const { pattern: source, flags } = pattern.regex;
		if (!flags.includes("g")) return false;
		return (/^(?:"|`|\\"|\["`?\])$/u.test(source) && /^""$|^``$/u.test(String(replacement.value))) || (/^\[\^[\w\\-]+\]\+?$|^\\W\+?$/u.test(source) && /^\w*$/u.test(String(replacement.value)));
	}
	return pattern.value === '"' && replacement.value === '""' && calledMember(call)?.name === "replaceAll";
}

/**
 * What a type admits, where that is less than any text; `dynamic` for a named type of another file, which may admit
 * anything; null for the rest.
 */
function provenanceOfType(annotation: TSESTree.TypeNode | null | undefined, file: SourceFile, depth = 4): Provenance | null {
	if (!annotation || depth === 0) return null;
	const parts = presentTypes(annotation, file);
	if (parts.length === 0) return "constant";
	if (parts.length > 1) {
		const each = parts.map((part) => provenanceOfType(part, file, depth - 1));
		return each.every((part) => part !== null) ? worst(...each) : null;
	}
	const type = resolvedType(parts[0] as TSESTree.TypeNode, file);
	switch (type.type) {
		case "TSNumberKeyword":
		case "TSBigIntKeyword":
			return "number";
		case "TSBooleanKeyword":
			return "constant";
		case "TSLiteralType":
			return "checked";
		case "TSTypeOperator":
			if (type.operator === "keyof") return "checked";
			break;
		case "TSIndexedAccessType":
			return "checked";
		default:
	}
	const element = elementType(type, file);
	return element ? provenanceOfType(element, file, depth - 1) : null;
}

/** A type that is declared elsewhere and may be a list of literals. */
function isForeignType(annotation: TSESTree.TypeNode | null, file: SourceFile): boolean {
	const [type] = annotation ? presentTypes(annotation, file) : [];
	return type?.type === "TSTypeReference" && type.typeName.type === "Identifier" && (file.bindings.variableOf(type.typeName)?.defs.length ?? 0) > 0;
}
