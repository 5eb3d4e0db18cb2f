/**
 * Where sockets come from and where they are kept: follows an expression through variables, fields, collections, parameters
 * and returns to the `new WebSocketPair()`, handler parameter, `getWebSockets()` or connection that it is.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import { socketHandlers } from "../facts/websockets.ts";
import { calledMember, enclosingClass, type FunctionNode, isFunction, keyName, propertyName, unwrap } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export interface PairEnd {
	readonly kind: "end";
	readonly pair: TSESTree.NewExpression;
	readonly index: 0 | 1;
}

/** A socket before it is known which end of its pair the object serves. */
export type RawSocket =
	| PairEnd
	/** `listed`: an element of `getWebSockets()`; else a handler's parameter. */
	| { readonly kind: "connection" | "listed" | "outbound" | "unknown" };

/** Steps from a collection to what it holds, beside property names: an element as `for..of` gives it, a value, a key. */
const ELEMENT = "[element]";
const VALUE = "[value]";
const KEY = "[key]";

type Path = readonly string[];

/** A value that a collection is filled with, and the step that leads to it. */
interface Content {
	readonly node: TSESTree.Node;
	readonly rest: Path;
}

/** Bounds what one question may cost, whatever the code. */
const MAX_STEPS = 200;

const keepsElements: ReadonlySet<string> = new Set(["filter", "slice", "sort", "toSorted", "reverse", "toReversed", "concat", "flat"]);
const givesElement: ReadonlySet<string> = new Set(["get", "at", "find", "findLast", "pop", "shift"]);
const takesElement: ReadonlySet<string> = new Set(["forEach", "map", "filter", "some", "every", "find", "findLast", "findIndex", "flatMap"]);

const isIndex = (step: string | undefined): boolean => step !== undefined && /^\d+$/u.test(step);
const isItem = (step: string | undefined): boolean => step === ELEMENT || step === VALUE || isIndex(step);

export class SocketTracer {
	readonly #object: DurableObjectClass;
	readonly #found = new Map<unknown, readonly RawSocket[]>();
	#callers: ReadonlyMap<string, readonly TSESTree.CallExpression[]> | undefined;

	constructor(object: DurableObjectClass) {
		this.#object = object;
	}

	socketsOf(node: TSESTree.Node): readonly RawSocket[] {
		const bare = unwrap(node);
		const variable = bare.type === "Identifier" ? this.#object.file.bindings.variableOf(bare) : null;
		// All uses of a variable come from the same places: flow within a function is not told apart.
		const key = variable ?? bare;
		let found = this.#found.get(key);
		if (!found) {
			const trace = new Trace(this.#object, (this.#callers ??= callersOf(this.#object)));
			trace.follow(bare, []);
			this.#found.set(key, (found = trace.isComplete ? trace.found : []));
		}
		return found;
	}
}

/** The calls of the class's own methods, by name. */
function callersOf({ members }: DurableObjectClass): ReadonlyMap<string, readonly TSESTree.CallExpression[]> {
	const callers = new Map<string, TSESTree.CallExpression[]>();
	for (const { name, node } of members.ownCalls) {
		const calls = callers.get(name);
		if (calls) calls.push(node);
		else callers.set(name, [node]);
	}
	return callers;
}

class Trace {
	readonly found: RawSocket[] = [];
	isComplete = true;
	readonly #object: DurableObjectClass;
	readonly #callers: ReadonlyMap<string, readonly TSESTree.CallExpression[]>;
	readonly #seen = new Map<unknown, Set<string>>();
	#steps = 0;
	/** How often something was found, known or new: what a type says counts only where nothing else does. */
	#hits = 0;

	constructor(object: DurableObjectClass, callers: ReadonlyMap<string, readonly TSESTree.CallExpression[]>) {
		this.#object = object;
		this.#callers = callers;
	}

	follow(start: TSESTree.Node, path: Path): void {
		const node = unwrap(start);
		if (!this.isComplete || path.length > 8 || this.#wasSeen(node, path)) return;
		if (++this.#steps > MAX_STEPS) {
			this.isComplete = false;
			return;
		}
		switch (node.type) {
			case "Identifier":
				this.#identifier(node, path);
				return;
			case "MemberExpression":
				this.#member(node, path);
				return;
			case "AwaitExpression":
				this.follow(node.argument, path);
				return;
			case "SpreadElement":
				this.follow(node.argument, path);
				return;
			case "AssignmentExpression":
				this.follow(node.right, path);
				return;
			case "SequenceExpression":
				this.follow(node.expressions.at(-1) as TSESTree.Node, path);
				return;
			case "ConditionalExpression":
				this.follow(node.consequent, path);
				this.follow(node.alternate, path);
				return;
			case "LogicalExpression":
				if (node.operator !== "&&") this.follow(node.left, path);
				this.follow(node.right, path);
				return;
			case "NewExpression":
				this.#made(node, path);
				return;
			case "CallExpression":
				this.#call(node, path);
				return;
			case "ArrayExpression":
				this.#array(node, path);
				return;
			case "ObjectExpression":
				this.#objectLiteral(node, path);
				return;
			default:
		}
	}

	#wasSeen(node: unknown, path: Path): boolean {
		const key = path.join("\0");
		const paths = this.#seen.get(node);
		if (paths?.has(key)) {
			this.#hits++;
			return true;
		}
		if (paths) paths.add(key);
		else this.#seen.set(node, new Set([key]));
		return false;
	}

	#add(socket: RawSocket): void {
		this.#hits++;
		const isKnown = this.found.some((each) => each.kind === socket.kind && (each.kind !== "end" || (socket.kind === "end" && each.pair === socket.pair && each.index === socket.index)));
		if (!isKnown) this.found.push(socket);
	}

	#member(node: TSESTree.MemberExpression, path: Path): void {
		const name = propertyName(node) ?? VALUE;
		if (unwrap(node.object).type === "ThisExpression" && this.#isInstance(node)) {
			this.#field(name, path);
			return;
		}
		this.follow(node.object, [name, ...path]);
	}

	#isInstance(node: TSESTree.Node): boolean {
		return enclosingClass(node) === this.#object.node;
	}

	#field(name: string, path: Path): void {
		const field = this.#object.field(name);
		if (!field) {
			const method = this.#object.method(name);
			if (method?.kind === "getter") this.#returns(method.fn, path);
			return;
		}
		const before = this.#hits;
		if (field.initialiser) this.follow(field.initialiser, path);
		for (const use of field.uses) {
			if ((use.access === "assign" || use.access === "update") && use.value) this.follow(use.value, path);
			else if (use.access === "assign") this.#destructured(use.statement, use.node, path);
			else if (use.access === "mutate") for (const content of contentsOf(use.statement, path)) this.follow(content.node, content.rest);
		}
		if (this.#hits === before) this.#byType(field.annotation, path);
	}

	/** `[this.client, this.server] = Object.values(pair)` */
	#destructured(statement: TSESTree.Node, target: TSESTree.Node, path: Path): void {
		if (statement.type !== "AssignmentExpression" || statement.left === target) return;
		const inner = patternPath(statement.left, target);
		if (inner) this.follow(statement.right, [...inner, ...path]);
	}

	#identifier(node: TSESTree.Identifier, path: Path): void {
		const variable = this.#object.file.bindings.variableOf(node);
		if (!variable || this.#wasSeen(variable, path)) return;
		const before = this.#hits;
		let annotation: TSESTree.TypeNode | null = null;
		for (const definition of variable.defs) {
			if (definition.type === "Parameter" && isFunction(definition.node)) annotation = this.#parameter(definition.node, definition.name, path) ?? annotation;
			else if (definition.type === "Variable") annotation = this.#declared(definition.node, definition.name, path) ?? annotation;
		}
		for (const { identifier, init } of variable.references) {
			if (!init) this.#usedVariable(identifier, path);
		}
		if (this.#hits === before) this.#byType(annotation, path);
	}

	#declared(declarator: TSESTree.VariableDeclarator, name: TSESTree.Node, path: Path): TSESTree.TypeNode | null {
		const inner = patternPath(declarator.id, name);
		if (!inner) return null;
		const loop = declarator.parent.parent;
		if (loop.type === "ForOfStatement" && loop.left === declarator.parent) this.follow(loop.right, [ELEMENT, ...inner, ...path]);
		else if (declarator.init) {
			// `const { sessions } = this`
			const [field, ...rest] = [...inner, ...path];
			if (unwrap(declarator.init).type === "ThisExpression" && field !== undefined && this.#isInstance(declarator.init)) this.#field(field, rest);
			else this.follow(declarator.init, [...inner, ...path]);
		}
		return declarator.id.type === "Identifier" ? (declarator.id.typeAnnotation?.typeAnnotation ?? null) : null;
	}

	/** Later assignments to a variable, and what is put into the collection that it holds. */
	#usedVariable(identifier: TSESTree.Node, path: Path): void {
		const { parent } = identifier;
		if (parent?.type === "AssignmentExpression" && parent.left === identifier) this.follow(parent.right, path);
		else if (parent?.type === "MemberExpression" && path.length > 0) {
			const statement = fillingThrough(identifier);
			if (statement) for (const content of contentsOf(statement, path)) this.follow(content.node, content.rest);
		} else {
			// `[client, server] = Object.values(pair)` to variables declared before
			let pattern: TSESTree.Node | undefined = parent;
			while (pattern && ["ArrayPattern", "ObjectPattern", "Property", "AssignmentPattern"].includes(pattern.type)) pattern = pattern.parent;
			if (pattern?.type === "AssignmentExpression" && pattern.left !== identifier) this.#destructured(pattern, identifier, path);
		}
	}

	#parameter(fn: FunctionNode, name: TSESTree.Node, path: Path): TSESTree.TypeNode | null {
		const index = fn.params.findIndex((parameter) => encloses(parameter, name));
		const parameter = fn.params[index];
		if (!parameter) return null;
		const pattern = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
		const inner = patternPath(pattern, name);
		if (!inner) return null;
		const whole = [...inner, ...path];
		const { parent } = fn;
		const method = parent.type === "MethodDefinition" || parent.type === "PropertyDefinition" ? keyName(parent) : null;
		if (method !== null && enclosingClass(fn) === this.#object.node) {
			if (socketHandlers.includes(method) && index === 0 && whole.length === 0) this.#add({ kind: "connection" });
			for (const call of this.#callers.get(method) ?? []) this.#argument(call, index, whole);
		} else if (parent.type === "CallExpression" && parent.arguments.includes(fn as TSESTree.Expression)) {
			this.#callbackParameter(parent, fn, index, whole);
		} else if (parent.type === "VariableDeclarator" || fn.type === "FunctionDeclaration") {
			const named = parent.type === "VariableDeclarator" ? parent.id : fn.type === "FunctionDeclaration" ? fn.id : null;
			const variable = named && this.#object.file.bindings.variableOf(named);
			for (const { identifier } of variable?.references ?? []) {
				if (identifier.parent.type === "CallExpression" && identifier.parent.callee === identifier) this.#argument(identifier.parent, index, whole);
				else if (identifier.parent.type === "CallExpression" && isFunction(fn)) this.#callbackParameter(identifier.parent, identifier, index, whole);
			}
		}
		const target = pattern.type === "AssignmentPattern" ? pattern.left : pattern;
		if (target.type !== "Identifier") {
			const annotation = "typeAnnotation" in target ? (target.typeAnnotation?.typeAnnotation ?? null) : null;
			this.#byTypeIfNothing(annotation, whole);
			return null;
		}
		return target.typeAnnotation?.typeAnnotation ?? null;
	}

	#byTypeIfNothing(annotation: TSESTree.TypeNode | null, path: Path): void {
		if (this.found.length === 0) this.#byType(annotation, path);
	}

	#argument(call: TSESTree.CallExpression, index: number, path: Path): void {
		const before = call.arguments.slice(0, index + 1);
		const argument = call.arguments[index];
		if (argument && !before.some(({ type }) => type === "SpreadElement")) this.follow(argument, path);
	}

	/** `sockets.forEach((socket, key) => ...)` */
	#callbackParameter(call: TSESTree.CallExpression, callback: TSESTree.Node, index: number, path: Path): void {
		const called = calledMember(call);
		if (!called || call.arguments[0] !== callback) return;
		if (takesElement.has(called.name)) {
			if (index < 2) this.follow(called.object, [index === 0 ? VALUE : KEY, ...path]);
		} else if (called.name === "reduce" && index === 1) this.follow(called.object, [VALUE, ...path]);
	}

	#made(node: TSESTree.NewExpression, path: Path): void {
		const { bindings } = this.#object.file;
		const [step, ...rest] = path;
		const [argument] = node.arguments;
		if (bindings.isGlobal(node.callee, "WebSocketPair")) {
			if ((step === "0" || step === "1") && rest.length === 0) this.#add({ kind: "end", pair: node, index: step === "0" ? 0 : 1 });
		} else if (bindings.isGlobal(node.callee, "WebSocket")) {
			if (path.length === 0) this.#add({ kind: "outbound" });
		} else if (!argument || step === undefined) return;
		else if (bindings.isGlobal(node.callee, "Set") || bindings.isGlobal(node.callee, "Array")) this.follow(argument, [ELEMENT, ...rest]);
		else if (bindings.isGlobal(node.callee, "Map")) {
			if (step === ELEMENT) this.follow(argument, path);
			else if (step === KEY || step === VALUE) this.follow(argument, [ELEMENT, step === KEY ? "0" : "1", ...rest]);
		}
	}

	#call(node: TSESTree.CallExpression, path: Path): void {
		const [step, ...rest] = path;
		const called = calledMember(node);
		if (!called) {
			const callee = unwrap(node.callee);
			const [definition] = callee.type === "Identifier" ? (this.#object.file.bindings.variableOf(callee)?.defs ?? []) : [];
			const fn = definition?.type === "FunctionName" ? definition.node : definition?.type === "Variable" ? definition.node.init : null;
			if (isFunction(fn)) this.#returns(fn, path);
			else if (step === "webSocket" && rest.length === 0) this.#add({ kind: "outbound" });
			return;
		}
		const { object: receiver, name } = called;
		const [first] = node.arguments;
		if (name === "getWebSockets" && this.#object.handle(receiver) === "ctx") {
			if (isItem(step) && rest.length === 0) this.#add({ kind: "listed" });
			return;
		}
		const holder = unwrap(receiver);
		if (first && (this.#object.file.bindings.isGlobal(holder, "Object") || this.#object.file.bindings.isGlobal(holder, "Array"))) {
			this.#builtIn(name, node, path);
			return;
		}
		if (holder.type === "ThisExpression" && this.#isInstance(holder)) {
			const method = this.#object.method(name);
			if (method) {
				this.#returns(method.fn, path);
				return;
			}
		}
		if (givesElement.has(name)) {
			this.follow(receiver, [VALUE, ...path]);
			return;
		}
		if (keepsElements.has(name)) {
			this.follow(receiver, path);
			if (name === "concat") for (const argument of node.arguments) this.follow(argument, path);
			return;
		}
		if (isItem(step)) {
			if (name === "values" || name === "toArray") {
				this.follow(receiver, [VALUE, ...rest]);
				return;
			}
			if (name === "keys") {
				this.follow(receiver, [KEY, ...rest]);
				return;
			}
			if (name === "entries") {
				this.follow(receiver, [rest[0] === "0" ? KEY : VALUE, ...rest.slice(1)]);
				return;
			}
			if ((name === "map" || name === "flatMap") && first && isFunction(unwrap(first))) {
				this.#returns(unwrap(first) as FunctionNode, name === "map" ? rest : path);
				return;
			}
		}
		if (step === "webSocket" && rest.length === 0) this.#add({ kind: "outbound" });
	}

	#builtIn(name: string, node: TSESTree.CallExpression, path: Path): void {
		const [step, ...rest] = path;
		const [first, callback] = node.arguments;
		if (!first) return;
		switch (name) {
			case "values":
				// The ends of a pair keep their order.
				if (isItem(step)) this.follow(first, [isIndex(step) ? (step as string) : VALUE, ...rest]);
				return;
			case "entries":
				if (isItem(step) && rest[0] === "1") this.follow(first, [VALUE, ...rest.slice(1)]);
				return;
			case "from":
				if (!isItem(step)) return;
				if (callback && isFunction(unwrap(callback))) this.#returns(unwrap(callback) as FunctionNode, rest);
				else this.follow(first, [ELEMENT, ...rest]);
				return;
			case "assign":
				for (const argument of node.arguments) this.follow(argument, path);
				return;
			case "of":
				for (const argument of node.arguments) if (isItem(step)) this.follow(argument, rest);
				return;
			default:
		}
	}

	#returns(fn: FunctionNode, path: Path): void {
		if (fn.body.type !== "BlockStatement") {
			this.follow(fn.body, path);
			return;
		}
		this.#object.file.walk(fn.body, (node) => {
			if (isFunction(node)) return false;
			if (node.type === "ReturnStatement" && node.argument) this.follow(node.argument, path);
			return true;
		});
	}

	#array({ elements }: TSESTree.ArrayExpression, path: Path): void {
		const [step, ...rest] = path;
		if (!isItem(step)) return;
		const hasSpread = elements.some((element) => element?.type === "SpreadElement");
		const single = isIndex(step) && !hasSpread ? elements[Number(step)] : undefined;
		for (const element of single ? [single] : elements) {
			if (element) this.follow(element, element.type === "SpreadElement" ? [ELEMENT, ...rest] : rest);
		}
	}

	#objectLiteral({ properties }: TSESTree.ObjectExpression, path: Path): void {
		const [step, ...rest] = path;
		if (step === undefined) return;
		for (const property of properties) {
			if (property.type === "SpreadElement") this.follow(property.argument, path);
			else if (step === VALUE || keyName(property) === step) this.follow(property.value, rest);
		}
	}

	/** What a type says, where nothing else does. */
	#byType(annotation: TSESTree.TypeNode | null, path: Path): void {
		if (annotation && isSocketType(annotation, path, this.#object, 6)) this.#add({ kind: "unknown" });
	}
}

/** The call or assignment that fills the collection in a variable, or one inside it: `rooms.get(id)?.add(socket)`. */
function fillingThrough(identifier: TSESTree.Node): TSESTree.Node | null {
	let current = identifier;
	for (let parent = current.parent; parent; parent = current.parent) {
		if (parent.type === "MemberExpression" && parent.object === current) {
			const { parent: outer } = parent;
			if (outer.type === "AssignmentExpression" && outer.left === parent) return outer;
			if (outer.type === "CallExpression" && outer.callee === parent) {
				if (!givesElement.has(propertyName(parent) ?? "")) return outer;
				current = outer;
			} else current = parent;
		} else if (unwrap(parent) === unwrap(current)) current = parent;
		else return null;
	}
	return null;
}

/** The steps from the variable or field at the root of a chain to what the chain leads to. */
function stepsOf(start: TSESTree.Node): string[] {
	const steps: string[] = [];
	let node = unwrap(start);
	for (;;) {
		if (node.type === "MemberExpression" && unwrap(node.object).type !== "ThisExpression") {
			steps.unshift(propertyName(node) ?? VALUE);
			node = unwrap(node.object);
		} else if (node.type === "CallExpression") {
			const called = calledMember(node);
			if (!called) return steps;
			steps.unshift(VALUE);
			node = unwrap(called.object);
		} else return steps;
	}
}

/** What a call or assignment puts into a collection, as seen along a path from the variable or field at its root. */
function contentsOf(statement: TSESTree.Node, whole: Path): readonly Content[] {
	const target = statement.type === "AssignmentExpression" ? unwrap(statement.left) : statement;
	const receiver = target.type === "MemberExpression" ? target.object : target.type === "CallExpression" ? calledMember(target)?.object : undefined;
	if (!receiver) return [];
	const steps = stepsOf(receiver);
	if (!steps.every((each, index) => each === whole[index] || (isItem(each) && isItem(whole[index])))) return [];
	const [step, ...rest] = whole.slice(steps.length);
	if (step === undefined) return [];
	if (statement.type === "AssignmentExpression" && target.type === "MemberExpression") {
		const name = propertyName(target);
		return (name === null ? isItem(step) : name === step || step === VALUE) ? [{ node: statement.right, rest }] : [];
	}
	if (statement.type !== "CallExpression") return [];
	const [first, second] = statement.arguments;
	switch (calledMember(statement)?.name) {
		case "set":
			if (first && (step === KEY || (step === ELEMENT && rest[0] === "0"))) return [{ node: first, rest: step === KEY ? rest : rest.slice(1) }];
			if (second && (step === VALUE || (step === ELEMENT && rest[0] === "1"))) return [{ node: second, rest: step === VALUE ? rest : rest.slice(1) }];
			return [];
		case "add":
			return first && (isItem(step) || step === KEY) ? [{ node: first, rest }] : [];
		case "push":
		case "unshift":
			return isItem(step) ? statement.arguments.map((node) => ({ node, rest: node.type === "SpreadElement" ? [ELEMENT, ...rest] : rest })) : [];
		default:
			return [];
	}
}

function isSocketType(annotation: TSESTree.TypeNode, path: Path, object: DurableObjectClass, depth: number): boolean {
	if (depth === 0) return false;
	const [step, ...rest] = path;
	const inner = (type: TSESTree.TypeNode | undefined, along: Path) => type !== undefined && isSocketType(type, along, object, depth - 1);
	switch (annotation.type) {
		case "TSUnionType":
		case "TSIntersectionType":
			return annotation.types.some((type) => inner(type, path));
		case "TSArrayType":
			return isItem(step) && inner(annotation.elementType, rest);
		case "TSTypeOperator":
			return inner(annotation.typeAnnotation, path);
		case "TSTypeLiteral":
			return annotation.members.some((member) => member.type === "TSPropertySignature" && keyName(member) === step && inner(member.typeAnnotation?.typeAnnotation, rest));
		case "TSTypeReference":
			break;
		default:
			return false;
	}
	if (annotation.typeName.type !== "Identifier") return false;
	const { name } = annotation.typeName;
	const [first, second] = annotation.typeArguments?.params ?? [];
	const definition = object.file.bindings.variableOf(annotation.typeName)?.defs[0];
	if (!definition) {
		switch (name) {
			case "WebSocket":
				return path.length === 0;
			case "Promise":
			case "Readonly":
			case "Partial":
				return inner(first, path);
			case "Array":
			case "ReadonlyArray":
			case "Iterable":
				return isItem(step) && inner(first, rest);
			case "Set":
			case "ReadonlySet":
			case "WeakSet":
				return (isItem(step) || step === KEY) && inner(first, rest);
			case "Map":
			case "ReadonlyMap":
			case "WeakMap":
				if (step === ELEMENT) return inner(rest[0] === "0" ? first : second, rest.slice(1));
				return step === KEY ? inner(first, rest) : step === VALUE && inner(second, rest);
			case "Record":
				return (step === VALUE || !isItem(step)) && inner(second, rest);
			default:
				return false;
		}
	}
	const declared = definition.node as TSESTree.Node;
	if (declared.type === "TSTypeAliasDeclaration") return inner(declared.typeAnnotation, path);
	if (declared.type === "TSInterfaceDeclaration") {
		return declared.body.body.some((member) => member.type === "TSPropertySignature" && keyName(member) === step && inner(member.typeAnnotation?.typeAnnotation, rest));
	}
	return false;
}

/** The steps from a destructured value to a target inside its pattern; null for a rest element or a target elsewhere. */
function patternPath(pattern: TSESTree.Node, target: TSESTree.Node): Path | null {
	if (pattern === target) return [];
	switch (pattern.type) {
		case "AssignmentPattern":
			return patternPath(pattern.left, target);
		case "ObjectPattern":
			for (const property of pattern.properties) {
				if (property.type !== "Property" || !encloses(property.value, target)) continue;
				const inner = patternPath(property.value, target);
				return inner && [keyName(property) ?? VALUE, ...inner];
			}
			return null;
		case "ArrayPattern": {
			const index = pattern.elements.findIndex((element) => element && encloses(element, target));
			const element = pattern.elements[index];
			const inner = element && element.type !== "RestElement" ? patternPath(element, target) : null;
			return inner && [String(index), ...inner];
		}
		default:
			return null;
	}
}

function encloses(outer: TSESTree.Node, inner: TSESTree.Node): boolean {
	return outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1];
}
