/** Which platform object an expression is, however it is aliased. */
import type { TSESTree } from "@typescript-eslint/utils";
import { bindingTypes, type Handle, handleProperties, handleTypes, platformTypeModules } from "../facts/handles.ts";
import { type ClassNode, calledMember, enclosingClass, type FunctionNode, isClass, isFunction, keyName, typeNames, unwrap } from "../syntax/nodes.ts";
import { type Origin, originsOf, type Root } from "../syntax/origin.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import type { Field, OwnCall } from "./members.ts";

/** What handle resolution needs to know of the class around an expression. */
export interface HandleScope {
	readonly node: ClassNode;
	readonly file: SourceFile;
	/** The class's own field, or one of a base class in the same file. */
	field(name: string): Field | null;
	/** The class's own getter, or one of a base class in the same file. */
	getter(name: string): FunctionNode | null;
	/** The handle that a base class outside this file puts into a field, such as `ctx` of DurableObject. */
	inheritedHandle(field: string): Handle | null;
	/** The calls of a method of the instance from within the class body. */
	ownCallsOf(name: string): readonly OwnCall[];
	/** `handleOf`, remembered; null while it is being worked out, so that values made of each other end. */
	handle(node: TSESTree.Node): Handle | null;
}

/** The handle that a type annotation names, as far as the name is the platform's. */
export function handleOfType(annotation: TSESTree.TypeNode | null, file: SourceFile): Handle | null {
	for (const name of typeNames(annotation)) {
		const handle = Object.hasOwn(handleTypes, name.name) ? handleTypes[name.name] : undefined;
		if (handle && isPlatformType(name, file)) return handle;
	}
	return null;
}

/** True for a global type (from @cloudflare/workers-types) or one imported from the platform; false for the project's own. */
export function isPlatformType(name: TSESTree.Identifier, file: SourceFile): boolean {
	const variable = file.bindings.variableOf(name);
	if (!variable || variable.defs.length === 0) return true;
	const imported = file.bindings.importOf(name);
	return imported !== null && platformTypeModules.includes(imported.module);
}

/** A binding by its type, or all of them: the project's own `Env`, which by convention is what `env` holds. */
export function isBindingType(annotation: TSESTree.TypeNode | null, file: SourceFile): boolean {
	return typeNames(annotation).some((name) => {
		if (name.name !== "Env") return bindingTypes.has(name.name) && isPlatformType(name, file);
		return !(file.bindings.variableOf(name)?.defs ?? []).some(({ type }) => type === "ClassName");
	});
}

/** The origins of an expression, with `this.field` followed into what the class puts there. */
export function originsIn(node: TSESTree.Node, scope: HandleScope): readonly Origin[] {
	return originsOf(node, scope.file, (root, path) => expandField(root, path, scope)).filter(({ root }) => !isNullish(root));
}

/** The single handle that an expression can be, or null. */
export function handleOf(node: TSESTree.Node, scope: HandleScope): Handle | null {
	let found: Handle | null = null;
	for (const origin of originsIn(node, scope)) {
		const handle = handleOfOrigin(origin, scope);
		if (!handle || (found && found !== handle)) return null;
		found = handle;
	}
	return found;
}

function expandField(root: Root, path: readonly string[], scope: HandleScope): readonly TSESTree.Node[] | null {
	const [name] = path;
	if (root.kind !== "this" || name === undefined || enclosingClass(root.node) === null) return null;
	if (handleOfType(declaredType(name, scope), scope.file)) return null;
	const getter = scope.getter(name);
	if (getter) return returnsOf(getter, scope.file);
	const field = scope.field(name);
	return field && valuesOf(field);
}

/** What a field is annotated with, or a getter says that it returns. */
function declaredType(name: string, scope: HandleScope): TSESTree.TypeNode | null {
	return scope.getter(name)?.returnType?.typeAnnotation ?? scope.field(name)?.annotation ?? null;
}

const getterReturns = new WeakMap<FunctionNode, readonly TSESTree.Node[] | null>();

/** Everything that a getter returns (`get sql() { return this.ctx.storage.sql; }`); null where one of its ways returns nothing. */
function returnsOf(getter: FunctionNode, file: SourceFile): readonly TSESTree.Node[] | null {
	let returns = getterReturns.get(getter);
	if (returns === undefined) {
		const found: TSESTree.ReturnStatement[] = [];
		file.walk(getter.body, (node) => {
			if (isFunction(node) || isClass(node)) return false;
			if (node.type === "ReturnStatement") found.push(node);
			return true;
		});
		const values = found.flatMap(({ argument }) => argument ?? []);
		returns = values.length > 0 && values.length === found.length ? values : null;
		getterReturns.set(getter, returns);
	}
	return returns;
}

const fieldValues = new WeakMap<Field, readonly TSESTree.Node[] | null>();

/** Everything that the class puts into a field; null where one of the values cannot be told, or nothing is put there. */
function valuesOf(field: Field): readonly TSESTree.Node[] | null {
	// Remembered: `this.ctx` is asked for at each of its uses.
	let values = fieldValues.get(field);
	if (values === undefined) {
		const assigned = field.uses.filter(({ access }) => access === "assign" || access === "update").map(({ value }) => value);
		const all = field.initialiser ? [field.initialiser, ...assigned] : assigned;
		const known = all.filter((value) => value !== null);
		values = known.length > 0 && known.length === all.length ? known : null;
		fieldValues.set(field, values);
	}
	return values;
}

function handleOfOrigin({ root, path }: Origin, scope: HandleScope): Handle | null {
	switch (root.kind) {
		case "this": {
			const [name, ...rest] = path;
			if (name === undefined) return null;
			const handle = handleOfType(declaredType(name, scope), scope.file) ?? scope.inheritedHandle(name);
			return handle && step(handle, rest);
		}
		case "parameter": {
			const typed = path.length === 0 || root.annotation ? handleOfType(root.annotation, scope.file) : null;
			if (typed) return step(typed, path);
			const owner = root.fn.parent;
			if (owner.type === "MethodDefinition" && owner.kind === "constructor" && enclosingClass(owner) === scope.node) {
				return root.index === 0 ? step("ctx", path) : root.index === 1 ? step("env", path) : null;
			}
			if (isTransactionCallback(root.fn, root.index, scope)) return step("transaction", path);
			const handed = root.annotation ? null : handedTo(root.fn, root.index, scope);
			return handed && step(handed, path);
		}
		case "import":
			return root.module === "cloudflare:workers" && root.name === "env" ? step("env", path) : null;
		default:
			return null;
	}
}

function step(start: Handle, path: readonly string[]): Handle | null {
	let handle: Handle = start;
	for (const name of path) {
		const next = Object.hasOwn(handleProperties[handle], name) ? handleProperties[handle][name] : undefined;
		if (!next) return null;
		handle = next;
	}
	return handle;
}

/** `storage.transaction(async (txn) => ...)`: the callback's first parameter. */
function isTransactionCallback(fn: TSESTree.Node, index: number, scope: HandleScope): boolean {
	if (index !== 0 || !isFunction(fn) || fn.parent.type !== "CallExpression" || !fn.parent.arguments.includes(fn as TSESTree.Expression)) return false;
	const call = calledMember(fn.parent);
	return call?.name === "transaction" && scope.handle(call.object) === "storage";
}

/** The handle that all who call a function give it: `bump(this.ctx.storage)` for `function bump(storage)`. */
function handedTo(fn: TSESTree.Node, index: number, scope: HandleScope): Handle | null {
	const handles = new Set(callsOf(fn, scope).map(({ arguments: given }) => {
		const argument = given.slice(0, index + 1).some(({ type }) => type === "SpreadElement") ? undefined : given[index];
		return argument ? scope.handle(argument) : null;
	}));
	const [only = null] = handles;
	return handles.size === 1 ? only : null;
}

/** The calls of a named function of the file, or of a method of the class. */
function callsOf(fn: TSESTree.Node, scope: HandleScope): readonly TSESTree.CallExpression[] {
	const { parent } = fn;
	if (parent?.type === "MethodDefinition") return enclosingClass(parent) === scope.node ? scope.ownCallsOf(keyName(parent) ?? "").map(({ node }) => node) : [];
	const name = fn.type === "FunctionDeclaration" ? fn.id : parent?.type === "VariableDeclarator" && parent.id.type === "Identifier" ? parent.id : null;
	const variable = name && scope.file.bindings.variableOf(name);
	return (variable?.references ?? []).flatMap(({ identifier }) => {
		const call = identifier.parent;
		return call?.type === "CallExpression" && call.callee === identifier ? [call] : [];
	});
}

function isNullish(root: Root): boolean {
	if (root.kind !== "expression") return false;
	const node = unwrap(root.node);
	return (node.type === "Literal" && node.value === null) || (node.type === "Identifier" && node.name === "undefined") || (node.type === "UnaryExpression" && node.operator === "void");
}

/** The value of a property in an object literal, by constant name. */
export function propertyValue(node: TSESTree.Node | null | undefined, name: string): TSESTree.Node | null {
	const object = node && unwrap(node);
	if (object?.type !== "ObjectExpression") return null;
	for (const property of object.properties) if (property.type === "Property" && keyName(property) === name) return property.value;
	return null;
}
