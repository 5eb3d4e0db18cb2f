import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { ingredientsOf } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { calledMember, contains, isClass, isFunction, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Names of module variables that are meant to be shared. */
	readonly allow: readonly string[];
}

export default defineRule({
	name: "no-module-mutable-state",
	gotcha: "unpersisted-state",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow changing module variables and static fields from a Durable Object",
		messages: {
			shared:
				"`{{name}}` belongs to the module, not to the object: all objects that happen to run in the same isolate share it, so one sees what another wrote, and it is gone with the isolate. Keep it in a field if it may be lost, or in storage.",
		},
		schema: [
			{
				type: "object",
				properties: { allow: { type: "array", items: { type: "string" }, description: "Names of module variables that are meant to be shared by all objects of an isolate." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allow: [] }] as readonly [Options],
	},
	check(object, { options: [{ allow }], verdict }) {
		let isAnswered = false;
		for (const { name, change, why, doubt } of sharedChanges(object)) {
			if (doubt) verdict.unknown({ at: change, because: `\`${name}\`: ${doubt}` });
			else if (allow.includes(name)) verdict.guarded({ at: change, because: `\`${name}\` is meant to be shared` });
			else if (why) verdict.guarded({ at: change, because: why });
			else verdict.violated({ at: change, messageId: "shared", data: { name } });
			isAnswered = true;
		}
		if (!isAnswered) verdict.notApplicable("the class changes no module variable and no static field");
	},
});

interface SharedChange {
	readonly name: string;
	readonly change: TSESTree.Node;
	/** Why it is harmless, or null. */
	readonly why: string | null;
	/** Why it may be harmless, or null. */
	readonly doubt: string | null;
}

const mutators: ReadonlySet<string> = new Set(["set", "add", "delete", "clear", "push", "pop", "shift", "unshift", "splice", "fill"]);

/** The first change of each module variable and static field that the class makes. */
function sharedChanges(object: DurableObjectClass): readonly SharedChange[] {
	const found = new Map<string, SharedChange>();
	const { globalScope } = object.file.bindings.scopeManager;
	const module = globalScope?.childScopes.find((scope) => scope.type === "module") ?? globalScope;
	for (const variable of module?.variables ?? []) {
		const definition = variable.defs[0];
		if (definition?.type !== "Variable") continue;
		const changes = variable.references.flatMap((reference) => changeOf(reference.identifier as TSESTree.Node, reference.isWrite() && !reference.init, object) ?? []);
		const [change] = changes;
		if (change) found.set(variable.name, { name: variable.name, change, why: harmless(variable, changes, object), doubt: doubtAbout(variable, changes, object) });
	}
	for (const [name, change] of staticChanges(object)) if (!found.has(name)) found.set(name, { name, change, why: null, doubt: null });
	return [...found.values()];
}

/** What a mention of the variable inside the class changes: the variable itself, or what it holds. */
function changeOf(identifier: TSESTree.Node, isWrite: boolean, object: DurableObjectClass): TSESTree.Node | null {
	if (!contains(object.node, identifier) || isInStatic(identifier, object)) return null;
	if (isWrite) return identifier.parent ?? null;
	return contentChange(identifier);
}

/** `x.y = v`, `x[k]++`, `delete x[k]`, `x.set(k, v)`. */
function contentChange(start: TSESTree.Node): TSESTree.Node | null {
	let current: TSESTree.Node = wrapped(start);
	for (let depth = 0; depth < 8; depth++) {
		const { parent } = current;
		if (parent?.type !== "MemberExpression" || parent.object !== current) return null;
		const member = wrapped(parent);
		const outer = member.parent;
		if (outer?.type === "AssignmentExpression" && outer.left === member) return outer;
		if (outer?.type === "UpdateExpression" || (outer?.type === "UnaryExpression" && outer.operator === "delete")) return outer;
		if (outer?.type === "CallExpression" && outer.callee === member) return mutators.has(propertyName(parent) ?? "") ? outer : null;
		current = member;
	}
	return null;
}

function isInStatic(node: TSESTree.Node, object: DurableObjectClass): boolean {
	const element = object.elementOf(node);
	return element?.type === "StaticBlock" || (element !== null && "static" in element && element.static);
}

function harmless(variable: Scope.Variable, changes: readonly TSESTree.Node[], object: DurableObjectClass): string | null {
	const definition = variable.defs[0];
	const init = definition?.type === "Variable" ? definition.node.init : null;
	const made = init && unwrap(init);
	if (made?.type === "NewExpression" && /^Weak(?:Map|Set)$/u.test(object.file.textOf(made.callee))) return "a WeakMap knows only what its keys still hold";
	if (changes.every((change) => isOfClass(change, object))) return "it remembers something of the class, which is the same for all its objects";
	if (changes.every((change) => isSetOnce(change, object))) return "it is set once, to a value that is the same for every object";
	return null;
}

function doubtAbout(variable: Scope.Variable, changes: readonly TSESTree.Node[], object: DurableObjectClass): string | null {
	if (/cache|memo/iu.test(variable.name)) return "it is named as a cache, which may be shared and lost";
	const holdsPromises = changes.some((change) => change.type === "CallExpression" && change.arguments.some((argument) => object.origins(argument).some(({ root, path }) => root.kind === "expression" && path.length === 0 && isPromise(root.node))));
	return holdsPromises ? "it holds promises of work that is under way" : null;
}

/** `new Promise(...)` or `(async () => { ... })()`. */
function isPromise(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "NewExpression") return node.callee.type === "Identifier" && node.callee.name === "Promise";
	if (node.type !== "CallExpression") return false;
	const callee = unwrap(node.callee);
	return isFunction(callee) && callee.async;
}

/** `patched.add(this.constructor)`, `schemas.set(Room, compile())`: an entry for the class, with nothing of an object or an event in it. */
function isOfClass(change: TSESTree.Node, object: DurableObjectClass): boolean {
	if (change.type !== "CallExpression" || !["add", "set"].includes(calledMember(change)?.name ?? "")) return false;
	const [key, ...values] = change.arguments;
	return key !== undefined && isClassKey(key, object) && values.every((value) => !isOfEvent(value, object));
}

/** The class itself, or its name. */
function isClassKey(node: TSESTree.Node, object: DurableObjectClass): boolean {
	const origins = object.origins(node);
	const isClassOrigin = ({ root, path }: (typeof origins)[number]) => {
		const [first, ...rest] = root.kind === "this" ? path : root.kind === "expression" && isClass(root.node) ? ["constructor", ...path] : [];
		return first === "constructor" && (rest.length === 0 || (rest.length === 1 && rest[0] === "name"));
	};
	return origins.length > 0 && origins.every(isClassOrigin);
}

/** Whether a value depends on an event or on one object. */
function isOfEvent(value: TSESTree.Node, object: DurableObjectClass): boolean {
	const { fields, storageReads } = ingredientsOf(value, object);
	return [...fields].some((field) => field !== "constructor") || storageReads.length > 0 || mentionsEvent(value, object);
}

/** `wasm ??= await load()`: a value that depends on no event and no object. */
function isSetOnce(change: TSESTree.Node, object: DurableObjectClass): boolean {
	if (change.type !== "AssignmentExpression" || change.operator === "+=" || change.operator === "-=") return false;
	const { fields, storageReads } = ingredientsOf(change.right, object);
	if (fields.size > 0 || storageReads.length > 0) return false;
	return !mentionsEvent(change.right, object) && (change.operator === "??=" || change.operator === "||=" || isInTest(change));
}

/** Whether an expression mentions the object, other than for its class, or what an event brings. */
function mentionsEvent(value: TSESTree.Node, object: DurableObjectClass): boolean {
	let isFound = false;
	object.file.walk(value, (node) => {
		if (isFound) return false;
		if (node.type === "MemberExpression" && propertyName(node) === "constructor" && unwrap(node.object).type === "ThisExpression") return false;
		if (node.type === "ThisExpression") isFound = true;
		if (node.type === "Identifier") {
			isFound = object.origins(node).some(({ root }) => root.kind === "parameter" && contains(object.node, root.fn));
		}
		return true;
	});
	return isFound;
}

function isInTest(node: TSESTree.Node): boolean {
	for (let { parent } = node; parent && !parent.type.includes("Function"); parent = parent.parent as TSESTree.Node) if (parent.type === "IfStatement") return true;
	return false;
}

/** Assignments to static fields of the class: `Room.count++`, `this.constructor.count = 1`. */
function staticChanges(object: DurableObjectClass): ReadonlyMap<string, TSESTree.Node> {
	const found = new Map<string, TSESTree.Node>();
	const statics = new Set(object.node.body.body.flatMap((element) => (element.type === "PropertyDefinition" && element.static && element.key.type === "Identifier" ? [element.key.name] : [])));
	if (statics.size === 0) return found;
	object.file.walk(object.node.body, (node) => {
		if (node.type !== "MemberExpression" || isInStatic(node, object)) return true;
		const name = propertyName(node);
		if (name === null || !statics.has(name) || !isTheClass(node.object, object)) return true;
		const member = wrapped(node);
		const { parent } = member;
		const change = (parent?.type === "AssignmentExpression" && parent.left === member) || parent?.type === "UpdateExpression" ? parent : contentChange(node);
		if (change) found.set(`${object.name}.${name}`, found.get(`${object.name}.${name}`) ?? change);
		return true;
	});
	return found;
}

function isTheClass(start: TSESTree.Node, object: DurableObjectClass): boolean {
	const node = unwrap(start);
	if (node.type === "MemberExpression") return unwrap(node.object).type === "ThisExpression" && propertyName(node) === "constructor";
	if (node.type !== "Identifier") return false;
	const definition = object.file.bindings.variableOf(node)?.defs[0];
	return definition?.node === object.node;
}
