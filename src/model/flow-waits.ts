/** What awaiting something lets in, where neither the storage API nor a function of the file answers it. */
import type { TSESTree } from "@typescript-eslint/utils";
import { stubFactories } from "../facts/namespaces.ts";
import { bodyReads, gateOnKv, platformSuspensions, streamOperations, synchronousMethods, textMethods, timerModules, waiting } from "../facts/suspensions.ts";
import type { SuspensionKind } from "../flow/index.ts";
import { calledMember, isFunction, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import { fetchKind, methodKind, type Wait } from "./effects.ts";
import { isBindingType, propertyValue } from "./handles.ts";
import { importedWait } from "./imported-waits.ts";
import { isAwaited } from "./runs.ts";

const none: Wait = { suspension: null, external: null };
const DEPTH = 6;

const idMethods: ReadonlySet<string> = new Set(["idFromName", "idFromString", "newUniqueId"]);
/** Of namespaces and datasets; and of an execution context, which some code carries in its environment. */
const promiselessMethods: ReadonlySet<string> = new Set(["getByName", "jurisdiction", "writeDataPoint", "waitUntil", "passThroughOnException"]);
const timerFunctions: ReadonlySet<string> = new Set(["setTimeout", "setImmediate", "setInterval", "addEventListener", "once"]);
/** Globals whose functions return no promise that anything has to be waited for. */
const synchronousGlobals: ReadonlySet<string> = new Set(["JSON", "Math", "Object", "Array", "Number", "String", "Date", "Symbol", "BigInt", "Reflect", "console", "Boolean", "structuredClone", "parseInt", "parseFloat", "Promise", "URL", "Response", "Headers", "btoa", "atob", "encodeURIComponent", "decodeURIComponent", "isNaN"]);

/** What a promise of the storage API or of `ctx` lets in. */
export function platformWait({ on, method, node }: PlatformCall, object: DurableObjectClass): SuspensionKind | null {
	if (on === "sql" || on === "kv" || on === "env") return null;
	const fact = Object.hasOwn(platformSuspensions, method) ? platformSuspensions[method] : undefined;
	if (!fact) return null;
	if (object.project.storageOf(object.name).value === "kv") {
		if (method === "sync") return gateOnKv.sync.gate;
		const options = node.arguments.at(-1);
		const bypass = options && propertyValue(options, "allowConcurrency");
		if (bypass?.type === "Literal" && bypass.value === true) return gateOnKv.allowConcurrency.gate;
	}
	return fact.gate;
}

/** A call that goes out of the object, reads a body, starts a timer: what is known of it by what it is called on. */
export function waitOf(node: TSESTree.CallExpression | TSESTree.NewExpression, object: DurableObjectClass): Wait {
	if (node.type === "NewExpression") return newPromise(node, object);
	const callee = unwrap(node.callee);
	const { bindings } = object.file;
	if (callee.type === "Identifier") {
		if (bindings.isGlobal(callee, "fetch")) return { suspension: waiting.fetch.gate, external: fetchKind(node, object.file) };
		const imported = bindings.importOf(callee);
		if (imported && timerModules.has(imported.module)) return { suspension: waiting.timer.gate, external: null };
		if (isStubFactory(node, object)) return { suspension: waiting.binding.gate, external: "answer" };
		return importedWait(node, object) ?? none;
	}
	const called = calledMember(node);
	if (!called) return none;
	const receiver = unwrap(called.object);
	if (isGlobalMember(receiver, "crypto", "subtle", object)) return { suspension: waiting.crypto.gate, external: null };
	if (receiver.type === "Identifier" && bindings.isGlobal(receiver, "scheduler")) return { suspension: waiting.timer.gate, external: null };
	if (called.name === "fetch" && receiver.type === "Identifier" && (bindings.isGlobal(receiver, "globalThis") || bindings.isGlobal(receiver, "self"))) return { suspension: waiting.fetch.gate, external: fetchKind(node, object.file) };
	if (isFromEnvironment(called.object, object, DEPTH)) return bindingCall(node, called.name, object);
	if (bodyReads.has(called.name) && node.arguments.length === 0 && isBody(node, receiver, object)) return { suspension: waiting.body.gate, external: null };
	if (streamOperations.has(called.name) || (called.name === "read" && isReader(receiver, object))) return { suspension: waiting.stream.gate, external: null };
	if (called.name === "send" && node.arguments.length > 0 && receiver.type !== "ThisExpression") return { suspension: null, external: "effect" };
	return importedWait(node, object) ?? none;
}

function bindingCall(node: TSESTree.CallExpression, name: string, object: DurableObjectClass): Wait {
	if (textMethods.has(name) && !isAwaited(node)) return none;
	if (idMethods.has(name) || promiselessMethods.has(name)) return none;
	const [first] = node.arguments;
	if (name === "get" && first && isObjectId(first)) return none;
	if (name === "fetch") return { suspension: waiting.fetch.gate, external: fetchKind(node, object.file) };
	return { suspension: waiting.binding.gate, external: methodKind(name) };
}

/** `namespace.get(id)` gives a stub at once; `kv.get(key)` is a request. */
function isObjectId(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "CallExpression") return idMethods.has(calledMember(node)?.name ?? "");
	return node.type === "Identifier" && /id$/iu.test(node.name);
}

/** A binding, a stub, or what a chain of calls makes of one: not the answer that was awaited. */
export function isFromEnvironment(start: TSESTree.Node, object: DurableObjectClass, depth: number): boolean {
	if (depth === 0) return false;
	const node = unwrap(start);
	switch (node.type) {
		case "MemberExpression": {
			if (object.handle(node.object) === "env") return true;
			if (object.handle(node) !== null) return false;
			const field = unwrap(node.object).type === "ThisExpression" ? object.field(propertyName(node) ?? "") : null;
			if (!field) return isFromEnvironment(node.object, object, depth - 1) && unwrap(node.object).type !== "CallExpression";
			const values = [field.initialiser, ...field.uses.filter(({ access }) => access === "assign").map(({ value }) => value)].filter((value) => value !== null);
			return values.length > 0 && values.every((value) => isFromEnvironment(value, object, depth - 1));
		}
		case "CallExpression":
			if (isStubFactory(node, object)) return true;
			return node.callee.type === "MemberExpression" && isFromEnvironment(node.callee.object, object, depth - 1);
		case "AwaitExpression": {
			const inner = unwrap(node.argument);
			return inner.type === "CallExpression" && isStubFactory(inner, object);
		}
		case "Identifier": {
			const { bindings } = object.file;
			const variable = bindings.variableOf(node);
			const init = constantInitialiser(variable);
			if (init) return isFromEnvironment(init, object, depth - 1);
			const definition = variable?.defs[0];
			// `const { KV } = this.env`
			if (definition?.type === "Variable" && definition.node.id.type === "ObjectPattern" && definition.node.init) return object.handle(definition.node.init) === "env";
			if (definition?.type !== "Parameter") return false;
			return node.parent.type === "MemberExpression" && isBindingType(annotationOf(definition.name), object.file);
		}
		case "LogicalExpression":
			return isFromEnvironment(node.left, object, depth - 1);
		default:
			return false;
	}
}

function annotationOf(name: TSESTree.Node): TSESTree.TypeNode | null {
	return name.type === "Identifier" ? (name.typeAnnotation?.typeAnnotation ?? null) : null;
}

function isStubFactory(node: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	const imported = object.file.bindings.importedMember(unwrap(node.callee));
	return imported !== null && (stubFactories[imported.module]?.includes(imported.name) ?? false);
}

function isGlobalMember(node: TSESTree.Node, root: string, property: string, object: DurableObjectClass): boolean {
	return node.type === "MemberExpression" && propertyName(node) === property && object.file.bindings.isGlobal(unwrap(node.object), root);
}

/** Something whose `.json()` reads a body: by its name, its type or what made it; or anything, where the result is awaited. */
function isBody(node: TSESTree.CallExpression, receiver: TSESTree.Node, object: DurableObjectClass): boolean {
	if (receiver.type === "NewExpression") return /^new (?:Response|Request)\b/u.test(object.file.textOf(receiver));
	const { parent } = wrapped(node);
	if (parent?.type === "AwaitExpression" || parent?.type === "ArrayExpression") return true;
	return /(?:^|[.\s])(?:req|request|res|resp|response)$/iu.test(object.file.textOf(receiver)) || receiver.type === "AwaitExpression";
}

function isReader(receiver: TSESTree.Node, object: DurableObjectClass): boolean {
	if (receiver.type !== "Identifier") return false;
	const init = constantInitialiser(object.file.bindings.variableOf(receiver));
	const call = init && unwrap(init);
	return call?.type === "CallExpression" && calledMember(call)?.name === "getReader";
}

/** `new Promise((resolve) => setTimeout(resolve, 10))` is a timer; who settles any other one cannot be told. */
function newPromise(node: TSESTree.NewExpression, object: DurableObjectClass): Wait {
	if (node.callee.type !== "Identifier" || !object.file.bindings.isGlobal(node.callee, "Promise")) return none;
	const executor = node.arguments[0] && unwrap(node.arguments[0]);
	let isTimed = false;
	if (isFunction(executor)) {
		object.file.walk(executor.body, (child) => {
			if (child.type === "CallExpression") {
				const callee = unwrap(child.callee);
				const name = callee.type === "Identifier" ? callee.name : calledMember(child)?.name;
				isTimed ||= name !== undefined && timerFunctions.has(name);
			}
			return !isTimed;
		});
	}
	return { suspension: isTimed ? waiting.timer.gate : "unknown", external: null };
}

/** What awaiting an expression lets in that is no call whose promise is known. */
export function waitForValue(start: TSESTree.Node, object: DurableObjectClass, depth = DEPTH): SuspensionKind {
	const node = unwrap(start);
	if (depth === 0) return "unknown";
	switch (node.type) {
		case "Literal":
		case "TemplateLiteral":
		case "ArrayExpression":
		case "ObjectExpression":
		case "BinaryExpression":
		case "UnaryExpression":
		case "AwaitExpression":
		case "ArrowFunctionExpression":
		case "FunctionExpression":
		case "ThisExpression":
			return "micro";
		case "Identifier": {
			if (node.name === "undefined") return "micro";
			const init = constantInitialiser(object.file.bindings.variableOf(node));
			return init ? waitForValue(init, object, depth - 1) : "unknown";
		}
		case "MemberExpression":
			if (propertyName(node) === "body" || propertyName(node) === "readable") return waiting.stream.gate;
			return propertyName(node) === "closed" && isReader(unwrap(node.object), object) ? waiting.stream.gate : "unknown";
		case "LogicalExpression":
			return waitForEither(node.left, node.right, object, depth);
		case "ConditionalExpression":
			return waitForEither(node.consequent, node.alternate, object, depth);
		case "CallExpression":
			return waitForUnseenCall(node, object);
		default:
			return "unknown";
	}
}

function waitForEither(a: TSESTree.Node, b: TSESTree.Node, object: DurableObjectClass, depth: number): SuspensionKind {
	const kinds = [waitForValue(a, object, depth - 1), waitForValue(b, object, depth - 1)];
	return kinds.includes("open") ? "open" : kinds.includes("unknown") ? "unknown" : "micro";
}

function waitForUnseenCall(node: TSESTree.CallExpression, object: DurableObjectClass): SuspensionKind {
	const callee = unwrap(node.callee);
	const { bindings } = object.file;
	if (callee.type === "Identifier") return synchronousGlobals.has(callee.name) && bindings.isGlobal(callee, callee.name) ? "micro" : "unknown";
	const called = calledMember(node);
	if (!called) return "unknown";
	const receiver = unwrap(called.object);
	if (receiver.type === "Identifier" && synchronousGlobals.has(receiver.name) && bindings.isGlobal(receiver, receiver.name)) return "micro";
	if (isDatabaseOverStorage(receiver, object)) return "closed";
	return synchronousMethods.has(called.name) ? "micro" : "unknown";
}

/** `drizzle(ctx.storage)`: its promises wrap synchronous SQL. */
function isDatabaseOverStorage(start: TSESTree.Node, object: DurableObjectClass): boolean {
	let node = start;
	while (node.type === "CallExpression" && calledMember(node)) node = unwrap(calledMember(node)?.object ?? node);
	return object.origins(node).some(({ root }) => {
		if (root.kind !== "expression" || root.node.type !== "CallExpression") return false;
		const imported = object.file.bindings.importedMember(unwrap(root.node.callee));
		return imported !== null && imported.module.startsWith("drizzle-orm/") && imported.name === "drizzle";
	});
}
