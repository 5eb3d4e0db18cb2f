/**
 * What awaiting a function of another module of the project lets in. The function is looked into, and those that it calls,
 * as far as they belong to the project; of what it does to storage nothing is said.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import { bodyReads, synchronousMethods, textMethods, timerModules, waiting } from "../facts/suspensions.ts";
import type { SuspensionKind } from "../flow/index.ts";
import type { ModuleFunction } from "../project/modules.ts";
import type { Project } from "../project/project.ts";
import { calledMember, enclosingFunction, type FunctionNode, isClass, isFunction, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { fetchKind, methodKind, type Wait } from "./effects.ts";
import { handleOfType, isBindingType } from "./handles.ts";
import { isAwaited } from "./runs.ts";

/** Functions that are looked into on behalf of one call. */
const MAX_FUNCTIONS = 40;
/** Variables that are made of each other, before it is given up. */
const DEPTH = 6;

const combinators: ReadonlySet<string> = new Set(["all", "allSettled", "race", "any", "resolve"]);
/** Methods of bindings that answer at once. */
const atOnce: ReadonlySet<string> = new Set(["idFromName", "idFromString", "newUniqueId", "getByName", "jurisdiction", "prepare", "bind", "withSession", "writeDataPoint"]);

/** Worst last. */
const ranks: readonly (SuspensionKind | null)[] = [null, "micro", "closed", "unknown", "open"];

function worst(a: SuspensionKind | null, b: SuspensionKind | null): SuspensionKind | null {
	return ranks.indexOf(b) > ranks.indexOf(a) ? b : a;
}

/**
 * What awaiting a call of an imported function lets in, and whether it does something outside that must not happen twice.
 *
 * @returns null where the function is not one of the project's, or cannot be found
 */
export function importedWait(node: TSESTree.CallExpression, object: DurableObjectClass): Wait | null {
	const imported = object.file.bindings.importedMember(unwrap(node.callee));
	if (!imported?.module.startsWith(".") || imported.isTypeOnly || !isWaitedFor(node)) return null;
	const found = object.project.importedFunction(imported.module, imported.name);
	if (!found) return null;
	const bindings = node.arguments.flatMap((argument, index) => (object.handle(argument) === "env" || isBinding(argument, object) ? [index] : []));
	const reading = new Reading(object.project);
	const suspension = reading.of(found, bindings) ?? "micro";
	return { suspension, external: suspension === "open" ? (reading.acts ? "effect" : "answer") : null };
}

/** `this.env.KV` */
function isBinding(argument: TSESTree.Node, object: DurableObjectClass): boolean {
	const node = unwrap(argument);
	return node.type === "MemberExpression" && object.handle(node.object) === "env";
}

/** False for a call whose promise is dropped or left to `waitUntil`: nobody waits for it. */
function isWaitedFor(node: TSESTree.Node): boolean {
	const { parent } = wrapped(node);
	if (!parent || parent.type === "ExpressionStatement" || (parent.type === "UnaryExpression" && parent.operator === "void")) return false;
	return !(parent.type === "CallExpression" && calledMember(parent)?.name === "waitUntil");
}

/** One look into a function and all that it calls. */
class Reading {
	/** Whether anything that was looked at does something outside that must not happen twice. */
	acts = false;
	readonly #project: Project;
	readonly #known = new Map<FunctionNode, SuspensionKind | null>();

	constructor(project: Project) {
		this.#project = project;
	}

	/**
	 * The worst that is waited for in a function; null where nothing is.
	 *
	 * @param bindings - which of its parameters are `env`, or a binding of it
	 */
	of({ fn, module }: ModuleFunction, bindings: readonly number[]): SuspensionKind | null {
		const known = this.#known.get(fn);
		if (known !== undefined) return known;
		if (this.#known.size >= MAX_FUNCTIONS) return "unknown";
		// Calls itself: what that adds is found by who asked first.
		this.#known.set(fn, null);
		const found = new FunctionReading(fn, module, bindings, this, this.#project).worst();
		this.#known.set(fn, found);
		return found;
	}
}

class FunctionReading {
	readonly #fn: FunctionNode;
	readonly #module: ModuleFunction["module"];
	readonly #bindings: readonly number[];
	readonly #reading: Reading;
	readonly #project: Project;

	constructor(fn: FunctionNode, module: ModuleFunction["module"], bindings: readonly number[], reading: Reading, project: Project) {
		this.#fn = fn;
		this.#module = module;
		this.#bindings = bindings;
		this.#reading = reading;
		this.#project = project;
	}

	worst(): SuspensionKind | null {
		let found: SuspensionKind | null = this.#fn.async ? "micro" : null;
		this.#module.file.walk(this.#fn.body, (node) => {
			// Functions that are handed to a call run with it, as far as is known; others are looked at where they are called.
			if ((isFunction(node) && node.parent.type !== "CallExpression") || isClass(node)) return false;
			found = worst(found, this.#waitAt(node));
			return true;
		});
		return found;
	}

	#waitAt(node: TSESTree.Node): SuspensionKind | null {
		switch (node.type) {
			case "CallExpression":
				return isWaitedFor(node) ? this.#call(node) : null;
			case "NewExpression":
				return this.#newPromise(node);
			case "ImportExpression":
				return waiting.import.gate;
			case "ForOfStatement":
				return node.await ? "unknown" : null;
			case "AwaitExpression":
				return this.#isSeen(node.argument) ? "micro" : "unknown";
			default:
				return null;
		}
	}

	/** Whether an awaited expression is a call, which speaks for itself, or a variable that holds the result of one. */
	#isSeen(start: TSESTree.Node, depth = DEPTH): boolean {
		const node = unwrap(start);
		if (depth === 0) return false;
		if (node.type === "CallExpression" || node.type === "NewExpression" || node.type === "ImportExpression") return true;
		const init = node.type === "Identifier" ? constantInitialiser(this.#module.file.bindings.variableOf(node)) : null;
		return init !== null && enclosingFunction(init) === enclosingFunction(node) && this.#isSeen(init, depth - 1);
	}

	#call(node: TSESTree.CallExpression): SuspensionKind | null {
		const { bindings } = this.#module.file;
		const callee = unwrap(node.callee);
		if (bindings.isGlobal(callee, "fetch")) {
			this.#reading.acts ||= fetchKind(node, this.#module.file) === "effect";
			return waiting.fetch.gate;
		}
		const imported = bindings.importedMember(callee);
		if (imported && timerModules.has(imported.module)) return waiting.timer.gate;
		const known = this.#project.functionIn(this.#module, callee);
		if (known) return this.#reading.of(known, node.arguments.flatMap((argument, index) => (this.#isFromBinding(argument) ? [index] : [])));
		const called = calledMember(node);
		// What is not awaited itself is taken for something that returns no promise.
		const otherwise = isAwaited(node) && !(called && (synchronousMethods.has(called.name) || textMethods.has(called.name))) ? "unknown" : null;
		return called ? (this.#member(node, called) ?? otherwise) : otherwise;
	}

	#member(node: TSESTree.CallExpression, { object, name }: { readonly object: TSESTree.Node; readonly name: string }): SuspensionKind | null {
		const { file } = this.#module;
		const receiver = unwrap(object);
		const isGlobal = (global: string): boolean => file.bindings.isGlobal(receiver, global);
		if (isGlobal("Promise") && combinators.has(name)) return "micro";
		if (isGlobal("scheduler")) return waiting.timer.gate;
		if (receiver.type === "MemberExpression" && propertyName(receiver) === "subtle" && file.bindings.isGlobal(unwrap(receiver.object), "crypto")) return waiting.crypto.gate;
		// The promise that they are called on has been looked at already.
		if ((name === "then" || name === "catch" || name === "finally") && receiver.type === "CallExpression") return "micro";
		if (this.#isFromBinding(object)) {
			if (textMethods.has(name) && !isAwaited(node)) return null;
			if (atOnce.has(name)) return "micro";
			this.#reading.acts ||= (name === "fetch" ? fetchKind(node, file) : methodKind(name)) === "effect";
			return waiting.binding.gate;
		}
		if (bodyReads.has(name) && node.arguments.length === 0 && isAwaited(node)) return waiting.body.gate;
		if (handleOfType(annotationOf(receiver, file.bindings), file) === "storage") return name === "sync" || name === "getCurrentBookmark" ? waiting.body.gate : "closed";
		return null;
	}

	/** `env`, `env.DB`, `env.DB.prepare(sql)`: by what the caller hands over, by its type, or imported from the platform. */
	#isFromBinding(start: TSESTree.Node, depth = DEPTH): boolean {
		if (depth === 0) return false;
		let node = unwrap(start);
		for (;;) {
			if (node.type === "MemberExpression") node = unwrap(node.object);
			else if (node.type === "CallExpression" && node.callee.type === "MemberExpression") node = unwrap(node.callee.object);
			else break;
		}
		if (node.type !== "Identifier") return false;
		const { bindings } = this.#module.file;
		const imported = bindings.importOf(node);
		if (imported) return imported.module === "cloudflare:workers" && imported.name === "env";
		const variable = bindings.variableOf(node);
		const definition = variable?.defs[0];
		if (definition?.type === "Parameter") {
			const index = this.#fn.params.findIndex((param) => param === definition.name || (param.type === "AssignmentPattern" && param.left === definition.name) || (param.type === "ObjectPattern" && param.range[0] <= definition.name.range[0] && param.range[1] >= definition.name.range[1]));
			return this.#bindings.includes(index) || isBindingType(annotationOf(node, bindings), this.#module.file);
		}
		if (definition?.type !== "Variable" || !definition.node.init) return false;
		const init = unwrap(definition.node.init);
		// `const { DB } = env`, `const stub = env.ROOM.getByName(name)`: not what was awaited.
		return init.type !== "AwaitExpression" && this.#isFromBinding(init, depth - 1);
	}

	#newPromise(node: TSESTree.NewExpression): SuspensionKind | null {
		const { file } = this.#module;
		if (!file.bindings.isGlobal(unwrap(node.callee), "Promise")) return null;
		return /\bset(?:Timeout|Interval|Immediate)\(/u.test(file.textOf(node)) ? waiting.timer.gate : "unknown";
	}
}

/** The type that the parameter behind an identifier is declared with. */
function annotationOf(node: TSESTree.Node, bindings: ModuleFunction["module"]["file"]["bindings"]): TSESTree.TypeNode | null {
	const declared = node.type === "Identifier" ? bindings.variableOf(node)?.defs[0] : null;
	return declared?.type === "Parameter" && declared.name.type === "Identifier" ? (declared.name.typeAnnotation?.typeAnnotation ?? null) : null;
}
