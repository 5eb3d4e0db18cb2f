/** What a class body declares and how its own instance is used: methods, fields, and every `this.x`. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type ClassNode, type FunctionNode, enclosingClass, isClass, isFunction, keyName, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import { constantInitialiser } from "../syntax/text.ts";

export interface Method {
	/** With its `#` when private by language. */
	readonly name: string;
	readonly kind: "method" | "getter" | "setter" | "constructor" | "function-field";
	readonly node: TSESTree.MethodDefinition | TSESTree.PropertyDefinition;
	readonly fn: FunctionNode;
	readonly accessibility: "public" | "protected" | "private";
	readonly decorators: readonly TSESTree.Decorator[];
}

/** How a piece of code uses a field. */
export type FieldAccess =
	/** `this.x` as a value. */
	| "read"
	/** `this.x = value` */
	| "assign"
	/** `this.x += 1`, `this.x++`, `this.x ??= value`: reads and assigns. */
	| "update"
	/** `this.x.push(v)`, `this.x.y = v`, `delete this.x[k]`: changes what the field holds. */
	| "mutate";

export interface FieldUse {
	readonly access: FieldAccess;
	/** The `this.x` expression, or the pattern property in `const { x } = this`. */
	readonly node: TSESTree.Node;
	/** What is assigned, where that is one expression. */
	readonly value: TSESTree.Expression | null;
	/** The whole assignment, update or call. */
	readonly statement: TSESTree.Node;
}

export interface Field {
	readonly name: string;
	readonly declaration: TSESTree.PropertyDefinition | TSESTree.TSParameterProperty | null;
	readonly annotation: TSESTree.TypeNode | null;
	readonly initialiser: TSESTree.Expression | null;
	readonly decorators: readonly TSESTree.Decorator[];
	readonly isReadonly: boolean;
	readonly uses: readonly FieldUse[];
}

/** A call of a method of the instance: `this.method(...)`. */
export interface OwnCall {
	readonly name: string;
	readonly node: TSESTree.CallExpression;
}

export interface Members {
	readonly constructor: Method | null;
	readonly methods: ReadonlyMap<string, Method>;
	readonly setters: ReadonlyMap<string, Method>;
	readonly fields: ReadonlyMap<string, Field>;
	readonly ownCalls: readonly OwnCall[];
	/** Method names mentioned without being called: `this.method.bind(this)`, `onclick = this.method`. */
	readonly methodReferences: readonly { readonly name: string; readonly node: TSESTree.Node }[];
	readonly calls: readonly TSESTree.CallExpression[];
	readonly functions: readonly FunctionNode[];
}

/** Methods of the built-in collections that change them. */
const mutators: ReadonlySet<string> = new Set([
	"set", "add", "delete", "clear", "push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin", "append", "enqueue", "dequeue",
]);

interface MutableField {
	name: string;
	declaration: Field["declaration"];
	annotation: TSESTree.TypeNode | null;
	initialiser: TSESTree.Expression | null;
	decorators: readonly TSESTree.Decorator[];
	isReadonly: boolean;
	uses: FieldUse[];
}

export function membersOf(node: ClassNode, file: SourceFile): Members {
	const methods = new Map<string, Method>();
	const setters = new Map<string, Method>();
	const fields = new Map<string, MutableField>();
	const ownCalls: OwnCall[] = [];
	const methodReferences: { name: string; node: TSESTree.Node }[] = [];
	const calls: TSESTree.CallExpression[] = [];
	const functions: FunctionNode[] = [];
	let constructor: Method | null = null;

	const field = (name: string): MutableField => {
		let found = fields.get(name);
		if (!found) {
			found = { name, declaration: null, annotation: null, initialiser: null, decorators: [], isReadonly: false, uses: [] };
			fields.set(name, found);
		}
		return found;
	};

	for (const element of node.body.body) {
		const method = methodOf(element);
		if (method?.kind === "setter") setters.set(method.name, method);
		if (method?.kind === "constructor") constructor = method;
		// A getter and a setter share a name; the getter is what readers call.
		else if (method && !(method.kind === "setter" && methods.has(method.name))) methods.set(method.name, method);
		else if (element.type === "PropertyDefinition" && !element.static && !method) {
			const name = keyName(element);
			if (name === null) continue;
			const declared = field(name);
			declared.declaration = element;
			declared.annotation = element.typeAnnotation?.typeAnnotation ?? null;
			declared.initialiser = element.value;
			declared.decorators = element.decorators ?? [];
			declared.isReadonly = element.readonly;
		}
	}
	for (const parameter of constructor?.fn.params ?? []) {
		if (parameter.type !== "TSParameterProperty") continue;
		const identifier = parameter.parameter.type === "AssignmentPattern" ? parameter.parameter.left : parameter.parameter;
		if (identifier.type !== "Identifier") continue;
		const declared = field(identifier.name);
		declared.declaration = parameter;
		declared.annotation = identifier.typeAnnotation?.typeAnnotation ?? null;
		declared.initialiser = identifier;
		declared.decorators = parameter.decorators ?? [];
		declared.isReadonly = parameter.readonly;
	}

	const visitMember = (member: TSESTree.MemberExpression) => {
		const name = propertyName(member);
		if (name === null) return;
		const use = useOf(member);
		if (methods.has(name)) {
			const call = use.access === "read" ? callOf(member) : null;
			if (call) ownCalls.push({ name, node: call });
			else if (use.access === "read") methodReferences.push({ name, node: member });
			return;
		}
		const call = callOf(member);
		if (call && !fields.has(name)) {
			// `this.inherited()`: not a field until something assigns it.
			ownCalls.push({ name, node: call });
			return;
		}
		field(name).uses.push(use);
	};

	for (const element of node.body.body) {
		if ("static" in element && element.static) continue;
		scanInstance(element, file, {
			member: visitMember,
			pattern(property, name) {
				if (methods.has(name)) methodReferences.push({ name, node: property });
				else field(name).uses.push({ access: "read", node: property, value: null, statement: property });
			},
			call: (call) => calls.push(call),
			fn: (fn) => functions.push(fn),
		});
	}

	return { constructor, methods, setters, fields, ownCalls, methodReferences, calls, functions };
}

function methodOf(element: TSESTree.ClassElement): Method | null {
	if (element.type === "MethodDefinition") {
		const name = keyName(element);
		if (name === null || element.static || element.value.type !== "FunctionExpression") return null;
		const kind = element.kind === "constructor" ? "constructor" : element.kind === "get" ? "getter" : element.kind === "set" ? "setter" : "method";
		return { name, kind, node: element, fn: element.value, accessibility: element.accessibility ?? "public", decorators: element.decorators ?? [] };
	}
	if (element.type === "PropertyDefinition" && !element.static && element.value) {
		const name = keyName(element);
		const value = unwrap(element.value);
		if (name === null || !isFunction(value)) return null;
		return { name, kind: "function-field", node: element, fn: value, accessibility: element.accessibility ?? "public", decorators: element.decorators ?? [] };
	}
	return null;
}

interface InstanceVisitor {
	member(node: TSESTree.MemberExpression): void;
	pattern(property: TSESTree.Property, name: string): void;
	call(node: TSESTree.CallExpression): void;
	fn(node: FunctionNode): void;
}

/** Walks a class element and tells what is done to `this` where it is the instance, also through `const self = this`. */
function scanInstance(element: TSESTree.Node, file: SourceFile, visitor: InstanceVisitor): void {
	/** Up to this offset, code stands in a class or function whose `this` is another one. */
	let foreignUntil = -1;
	file.walk(element, (node) => {
		const isInstance = node.range[0] >= foreignUntil;
		if (isClass(node)) {
			if (isInstance) foreignUntil = node.range[1];
		} else if (isFunction(node)) {
			visitor.fn(node);
			const isOwn = node.type === "ArrowFunctionExpression" || node.parent === element || isBoundToThis(node);
			if (isInstance && !isOwn) foreignUntil = node.range[1];
		} else if (node.type === "CallExpression") visitor.call(node);
		else if (node.type === "MemberExpression") {
			if (isInstanceExpression(node.object, isInstance, file)) visitor.member(node);
		} else if (node.type === "VariableDeclarator" && node.init && node.id.type === "ObjectPattern" && isInstanceExpression(node.init, isInstance, file)) {
			for (const property of node.id.properties) {
				if (property.type !== "Property") continue;
				const name = keyName(property);
				if (name !== null) visitor.pattern(property, name);
			}
		}
	});
}

/** `function () { ... }.bind(this)` */
function isBoundToThis(node: FunctionNode): boolean {
	const member = node.parent;
	if (member.type !== "MemberExpression" || propertyName(member) !== "bind" || member.parent.type !== "CallExpression") return false;
	return member.parent.arguments[0]?.type === "ThisExpression";
}

function isInstanceExpression(start: TSESTree.Node, isInstance: boolean, file: SourceFile): boolean {
	const node = unwrap(start);
	if (node.type === "ThisExpression") return isInstance;
	if (node.type !== "Identifier") return false;
	const alias = constantInitialiser(file.bindings.variableOf(node));
	return alias?.type === "ThisExpression" && enclosingClass(alias) === enclosingClass(node);
}

function callOf(member: TSESTree.MemberExpression): TSESTree.CallExpression | null {
	const outer = wrapped(member);
	const { parent } = outer;
	return parent?.type === "CallExpression" && unwrap(parent.callee) === member ? parent : null;
}

/** How `this.x` is used, from what stands around it. */
function useOf(member: TSESTree.MemberExpression): FieldUse {
	const target = wrapped(member);
	const { parent } = target;
	if (!parent) return { access: "read", node: member, value: null, statement: member };
	switch (parent.type) {
		case "AssignmentExpression":
			if (parent.left === target) {
				return { access: parent.operator === "=" ? "assign" : "update", node: member, value: parent.right, statement: parent };
			}
			break;
		case "UpdateExpression":
			return { access: "update", node: member, value: null, statement: parent };
		case "UnaryExpression":
			if (parent.operator === "delete") return { access: "assign", node: member, value: null, statement: parent };
			break;
		case "ForOfStatement":
		case "ForInStatement":
			if (parent.left === target) return { access: "assign", node: member, value: null, statement: parent };
			break;
		case "AssignmentPattern":
		case "ArrayPattern":
		case "Property": {
			const pattern = patternAssignment(target);
			if (pattern) return { access: "assign", node: member, value: null, statement: pattern };
			break;
		}
		case "MemberExpression": {
			if (parent.object !== target) break;
			const mutation = mutationThrough(parent);
			if (mutation) return { access: "mutate", node: member, value: mutation.value, statement: mutation.node };
			break;
		}
		case "CallExpression":
			if (parent.arguments[0] === target && isObjectAssign(parent)) return { access: "mutate", node: member, value: null, statement: parent };
			break;
		default:
	}
	return { access: "read", node: member, value: null, statement: member };
}

function isObjectAssign(call: TSESTree.CallExpression): boolean {
	const { callee } = call;
	return callee.type === "MemberExpression" && callee.object.type === "Identifier" && callee.object.name === "Object" && propertyName(callee) === "assign";
}

/** The destructuring assignment of whose pattern a node is a target. */
function patternAssignment(node: TSESTree.Node): TSESTree.AssignmentExpression | null {
	let current = node;
	for (;;) {
		const parent: TSESTree.Node | undefined = current.parent;
		if (!parent) return null;
		if (parent.type === "AssignmentExpression") return parent.left === current ? parent : null;
		if (parent.type === "Property" ? parent.value !== current : !["ObjectPattern", "ArrayPattern", "AssignmentPattern", "RestElement"].includes(parent.type)) return null;
		if (parent.type === "AssignmentPattern" && parent.left !== current) return null;
		current = parent;
	}
}

/** From `this.x.y`: an assignment to it or below it, or a mutator called on it or below it. */
function mutationThrough(start: TSESTree.MemberExpression): { readonly node: TSESTree.Node; readonly value: TSESTree.Expression | null } | null {
	let member: TSESTree.MemberExpression = start;
	for (;;) {
		const target = wrapped(member);
		const { parent } = target;
		if (!parent) return null;
		if (parent.type === "AssignmentExpression" && parent.left === target) return { node: parent, value: parent.right };
		if (parent.type === "UpdateExpression") return { node: parent, value: null };
		if (parent.type === "UnaryExpression" && parent.operator === "delete") return { node: parent, value: null };
		if (parent.type === "CallExpression" && parent.callee === target) {
			const name = propertyName(member);
			if (name === null) return null;
			if (mutators.has(name)) return { node: parent, value: (parent.arguments.at(-1) as TSESTree.Expression | undefined) ?? null };
			// `this.map.get(key).push(value)`: what a getter of a collection returns is still inside the field.
			if (name !== "get" && name !== "at") return null;
			const outer = wrapped(parent);
			if (outer.parent?.type !== "MemberExpression" || outer.parent.object !== outer) return null;
			member = outer.parent;
			continue;
		}
		if (parent.type !== "MemberExpression" || parent.object !== target) return null;
		member = parent;
	}
}
