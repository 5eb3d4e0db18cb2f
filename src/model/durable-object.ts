import type { TSESTree } from "@typescript-eslint/utils";
import { type Framework, type FrameworkId, frameworks, runtimeHandlers } from "../facts/frameworks.ts";
import type { Handle } from "../facts/handles.ts";
import { platformMethodNames, platformMethods } from "../facts/platform-methods.ts";
import type { Project } from "../project/project.ts";
import { type ClassNode, calledMember, contains, enclosingFunction, type FunctionNode, isFunction, keyName, propertyName, unwrap, within, wrapped } from "../syntax/nodes.ts";
import type { Origin } from "../syntax/origin.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import { type CallbackRun, callbackRun } from "./callbacks.ts";
import { type HandleScope, handleOf, handleOfType, originsIn } from "./handles.ts";
import { type Field, type Members, type Method, membersOf, type OwnCall } from "./members.ts";

/** Why a class is taken for a Durable Object, and what stands above it. */
export interface Ancestry {
	/** In words, for a report: `extends Agent from "agents"`. */
	readonly reason: string;
	/** Null where the base class is in a file that is not looked into. */
	readonly framework: FrameworkId | null;
	/** The base class in the same file, itself a Durable Object. */
	readonly base: DurableObjectClass | null;
	/** False when some class above is unknown: inherited members cannot be told. */
	readonly isBaseKnown: boolean;
	/** False for a class that is only used like a Durable Object: a manager that is handed the state can look the same. */
	readonly isCertain: boolean;
	/** True when stubs can call its methods: it extends the runtime's DurableObject. */
	readonly hasRpc: boolean;
}

/** Where an event enters the class. */
export interface EntryPoint {
	readonly name: string;
	readonly fn: FunctionNode;
	readonly kind:
		/** Called by the runtime: fetch, alarm, webSocketMessage, … */
		| "handler"
		/** Called by the framework, one event each. */
		| "hook"
		/** A public method that a stub can call. */
		| "rpc"
		/** A function handed to a timer, listener or router: runs as an event of its own. */
		| "callback";
}

/** A call of a method of a platform object: `this.ctx.storage.put(...)`. */
export interface PlatformCall {
	readonly on: Handle;
	readonly method: string;
	readonly node: TSESTree.CallExpression;
	readonly receiver: TSESTree.Expression;
}

/** One Durable Object class of a file: what all rules know of it. Built lazily, once. */
export class DurableObjectClass implements HandleScope {
	readonly node: ClassNode;
	readonly name: string;
	/** The names under which the module exports it. */
	readonly exportedAs: readonly string[];
	readonly file: SourceFile;
	readonly project: Project;
	readonly ancestry: Ancestry;
	readonly framework: Framework | null;

	#members: Members | undefined;
	#platformCalls: readonly PlatformCall[] | undefined;
	#entryPoints: readonly EntryPoint[] | undefined;
	#initialising: ReadonlySet<FunctionNode> | undefined;
	#ownCallsByName: ReadonlyMap<string, readonly OwnCall[]> | undefined;
	#referencesByName: ReadonlyMap<string, readonly { readonly name: string; readonly node: TSESTree.Node }[]> | undefined;
	readonly #methodsRun = new Map<TSESTree.Node, Set<FunctionNode>>();
	readonly #handles = new Map<TSESTree.Node, Handle | null>();

	constructor(node: ClassNode, details: { name: string; exportedAs: readonly string[]; file: SourceFile; project: Project; ancestry: Ancestry }) {
		this.node = node;
		this.name = details.name;
		this.exportedAs = details.exportedAs;
		this.file = details.file;
		this.project = details.project;
		this.ancestry = details.ancestry;
		this.framework = details.ancestry.framework && frameworks[details.ancestry.framework];
	}

	get members(): Members {
		return (this.#members ??= membersOf(this.node, this.file));
	}

	/** The method of that name, own or of a base class in the same file. */
	method(name: string): Method | null {
		return this.members.methods.get(name) ?? this.ancestry.base?.method(name) ?? null;
	}

	/** The field of that name, own or of a base class in the same file. */
	field(name: string): Field | null {
		return this.members.fields.get(name) ?? this.ancestry.base?.field(name) ?? null;
	}

	getter(name: string): FunctionNode | null {
		const method = this.method(name);
		return method?.kind === "getter" ? method.fn : null;
	}

	inheritedHandle(field: string): Handle | null {
		if (this.ancestry.base) return this.ancestry.base.inheritedHandle(field);
		const isDeclaredHere = this.members.fields.get(field)?.uses.some((use) => use.access === "assign") ?? false;
		if (isDeclaredHere || (!this.ancestry.hasRpc && this.ancestry.isBaseKnown)) return null;
		return field === "ctx" ? "ctx" : field === "env" ? "env" : null;
	}

	/** Which platform object an expression is; null when it is none or cannot be told. */
	handle(node: TSESTree.Node): Handle | null {
		let handle = this.#handles.get(node);
		if (handle === undefined) {
			this.#handles.set(node, null);
			handle = handleOf(node, this);
			this.#handles.set(node, handle);
		}
		return handle;
	}

	/** Where a value comes from, with fields followed; see `originsOf`. */
	origins(node: TSESTree.Node): readonly Origin[] {
		return originsIn(node, this);
	}

	/** All calls of methods of ctx, storage, sql, kv and transactions within the class body, in source order. */
	get platformCalls(): readonly PlatformCall[] {
		return (this.#platformCalls ??= this.members.calls.flatMap((node) => this.platformCall(node) ?? []));
	}

	platformCall(node: TSESTree.CallExpression): PlatformCall | null {
		const called = calledMember(node);
		if (!called || !platformMethodNames.has(called.name)) return null;
		const on = this.handle(called.object);
		return on && platformMethods[on].includes(called.name) ? { on, method: called.name, node, receiver: called.object } : null;
	}

	/** The calls of one method, e.g. `callsOf("storage", "setAlarm")`; a transaction's methods count as the storage's. */
	callsOf(on: Handle, ...methods: readonly string[]): readonly PlatformCall[] {
		return this.platformCalls.filter(
			(call) => (call.on === on || (on === "storage" && call.on === "transaction")) && methods.includes(call.method),
		);
	}

	/** The method of this class that a call runs (`this.load()`), or null. */
	calledMethod(node: TSESTree.CallExpression): Method | null {
		const called = calledMember(node);
		if (!called || unwrap(called.object).type !== "ThisExpression") return null;
		return this.method(called.name);
	}

	/** How a method of this class writes its storage: `this.ctx.storage`, `this.state.storage`; null when no field leads there. */
	get storageExpression(): string | null {
		for (const field of this.members.fields.values()) {
			const value = field.initialiser ?? field.uses.find((use) => use.access === "assign")?.value;
			const handle = handleOfField(field, value ?? null, this);
			if (handle === "ctx") return `this.${field.name}.storage`;
			if (handle === "storage") return `this.${field.name}`;
		}
		return this.inheritedHandle("ctx") === "ctx" ? "this.ctx.storage" : (this.ancestry.base?.storageExpression ?? null);
	}

	/** The calls of a method of the instance from within the class body. */
	ownCallsOf(name: string): readonly OwnCall[] {
		return (this.#ownCallsByName ??= byName(this.members.ownCalls)).get(name) ?? [];
	}

	/** Where a method is named without being called, from within the class body. */
	referencesTo(name: string): readonly { readonly name: string; readonly node: TSESTree.Node }[] {
		return (this.#referencesByName ??= byName(this.members.methodReferences)).get(name) ?? [];
	}

	/**
	 * The methods of the class that running a function may run, itself excluded unless it runs again; at most 200, nearest
	 * first.
	 */
	methodsRunBy(fn: TSESTree.Node): ReadonlySet<FunctionNode> {
		let run = this.#methodsRun.get(fn);
		if (!run) {
			run = new Set();
			const pending: TSESTree.Node[] = [fn];
			for (let current = pending.shift(); current; current = pending.shift()) {
				for (const call of within(this.members.ownCalls, (each) => each.node, current)) {
					const callee = this.method(call.name)?.fn;
					if (!callee || run.has(callee) || run.size === MAX_METHODS_RUN) continue;
					run.add(callee);
					pending.push(callee);
				}
			}
			this.#methodsRun.set(fn, run);
		}
		return run;
	}

	/** The class element (method, field) in which a node stands. */
	elementOf(node: TSESTree.Node): TSESTree.ClassElement | null {
		return this.node.body.body.find((element) => contains(element, node)) ?? null;
	}

	/** The method around a node, or the callback that runs as an event of its own; the node itself outside of functions. */
	outermostFunction(node: TSESTree.Node): TSESTree.Node {
		let found = node;
		for (let fn = enclosingFunction(node); fn && contains(this.node, fn); fn = enclosingFunction(fn)) {
			found = fn;
			const run = this.callbackRun(fn);
			if (run === "event" || run === "unknown") break;
		}
		return found;
	}

	/** How a function expression is run by what it is handed to; null when it is not handed to a call. */
	callbackRun(fn: FunctionNode): CallbackRun | null {
		return callbackRun(fn, this);
	}

	get entryPoints(): readonly EntryPoint[] {
		return (this.#entryPoints ??= this.#findEntryPoints());
	}

	#findEntryPoints(): EntryPoint[] {
		const points: EntryPoint[] = [];
		for (const method of this.members.methods.values()) {
			const kind = this.#entryKind(method);
			if (kind) points.push({ name: method.name, fn: method.fn, kind });
		}
		for (const fn of this.members.functions) {
			const run = this.callbackRun(fn);
			// A function handed to something unknown while the object is built (a router), or kept in a table, is a handler.
			const isHandler = run === "event" || ((run === "unknown" || (run === null && isKept(fn))) && this.#isInConstruction(fn));
			if (isHandler) points.push({ name: callbackName(fn), fn, kind: "callback" });
		}
		return points;
	}

	#entryKind(method: Method): EntryPoint["kind"] | null {
		if (runtimeHandlers.includes(method.name)) return "handler";
		if (this.framework?.initialisers.includes(method.name)) return null;
		if (this.framework?.hooks.includes(method.name)) return "hook";
		if (!this.ancestry.isBaseKnown && /^on[A-Z]/u.test(method.name)) return "hook";
		if (this.#isCallable(method)) return "rpc";
		return method.kind !== "getter" && method.kind !== "setter" && this.#isHandedOut(method) ? "callback" : null;
	}

	/** Whether a stub can, and is meant to, call a method. */
	#isCallable(method: Method): boolean {
		if (method.kind !== "method" || method.accessibility !== "public" || method.name.startsWith("#")) return false;
		if (method.name.startsWith("_") && this.ownCallsOf(method.name).length > 0) return false;
		const hasRpc = this.ancestry.hasRpc || !this.ancestry.isBaseKnown;
		// A method that only the initialisation calls is part of it, though a stub could call it.
		return hasRpc && !this.initialising.has(method.fn);
	}

	/** Whether a method is handed to what runs it later: `addEventListener("message", this.got)`, or a router while the object is built. */
	#isHandedOut(method: Method): boolean {
		return this.referencesTo(method.name).some(({ node }) => {
			const member = wrapped(node);
			const bound = member.parent?.type === "MemberExpression" && member.parent.object === member ? member.parent.parent : undefined;
			const handed = bound?.type === "CallExpression" && calledMember(bound)?.name === "bind" ? bound : member;
			if (isKept(handed)) return this.#isBuilding(node);
			const call = wrapped(handed).parent;
			if (call?.type !== "CallExpression" || call.callee === wrapped(handed)) return false;
			const run = callbackRun(handed, this);
			return run === "event" || (run === "unknown" && this.#isBuilding(node));
		});
	}

	/** Whether a node is run while the object is built, itself or in a method that only the initialisation calls. */
	#isBuilding(node: TSESTree.Node): boolean {
		const fn = enclosingFunction(node);
		return fn ? this.initialising.has(fn) : this.elementOf(node)?.type === "PropertyDefinition";
	}

	/** The constructor, the framework's initialisers, and the methods that only these call. */
	get initialising(): ReadonlySet<FunctionNode> {
		return (this.#initialising ??= this.#findInitialising());
	}

	#findInitialising(): ReadonlySet<FunctionNode> {
		const { constructor, methods } = this.members;
		const roots: FunctionNode[] = constructor ? [constructor.fn] : [];
		for (const name of this.framework?.initialisers ?? []) {
			const method = methods.get(name);
			if (method) roots.push(method.fn);
		}
		const found = new Set<FunctionNode>(roots);
		for (let hasGrown = true; hasGrown; ) {
			hasGrown = false;
			for (const method of methods.values()) {
				if (found.has(method.fn) || runtimeHandlers.includes(method.name)) continue;
				const calls = this.ownCallsOf(method.name);
				const references = this.referencesTo(method.name);
				const isCalledOnlyHere = calls.every(({ node }) => this.#isInside(node, found)) && references.every(({ node }) => this.#isInside(node, found) && this.#isRunHere(node));
				if (calls.length + references.length > 0 && isCalledOnlyHere) {
					found.add(method.fn);
					hasGrown = true;
				}
			}
		}
		return found;
	}

	/** Whether a method that is named, not called, is run by what it is handed to: `blockConcurrencyWhile(this.load.bind(this))`. */
	#isRunHere(reference: TSESTree.Node): boolean {
		let node = wrapped(reference);
		const bound = node.parent?.type === "MemberExpression" ? node.parent.parent : undefined;
		if (bound?.type === "CallExpression" && calledMember(bound)?.name === "bind") node = wrapped(bound);
		const call = node.parent;
		const called = call?.type === "CallExpression" && call.callee !== node ? calledMember(call) : null;
		return called?.name === "then" || (called?.name === "blockConcurrencyWhile" && this.handle(called.object) === "ctx");
	}

	/** True when code runs as part of the initialisation: not in an event, nor in a callback that becomes one. */
	isInitialisation(node: TSESTree.Node): boolean {
		return this.#isInside(node, this.initialising);
	}

	#isInside(node: TSESTree.Node, functions: ReadonlySet<FunctionNode>): boolean {
		for (let current: TSESTree.Node | undefined = node; current && current !== this.node; current = current.parent) {
			if (isFunction(current)) {
				if (functions.has(current)) return true;
				const run = this.callbackRun(current);
				if (run === "event" || run === "unknown" || (run === null && (isKept(current) || current.parent.type === "PropertyDefinition"))) return false;
			} else if (current.type === "PropertyDefinition") {
				return !current.static;
			}
		}
		return false;
	}

	#isInConstruction(fn: FunctionNode): boolean {
		const element = this.elementOf(fn);
		return element?.type === "PropertyDefinition" || (element?.type === "MethodDefinition" && this.initialising.has(element.value as FunctionNode));
	}
}

const MAX_METHODS_RUN = 200;

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const group = groups.get(item.name);
		if (group) group.push(item);
		else groups.set(item.name, [item]);
	}
	return groups;
}

function handleOfField(field: Field, value: TSESTree.Node | null, object: DurableObjectClass): Handle | null {
	return handleOfType(field.annotation, object.file) ?? (value && object.handle(value));
}

/** A function, or what stands for one, that is put into a table (`{ join: () => … }`, `["join", () => …]`) or a field: it is run later. */
function isKept(fn: TSESTree.Node): boolean {
	const outer = wrapped(fn);
	const { parent } = outer;
	if (parent?.type === "Property") return parent.value === outer && parent.parent.type === "ObjectExpression";
	if (parent?.type === "AssignmentExpression") return parent.right === outer && parent.left.type === "MemberExpression";
	return parent?.type === "ArrayExpression";
}

function callbackName(fn: FunctionNode): string {
	const call = fn.parent;
	const key = call.type === "Property" ? keyName(call) : call.type === "AssignmentExpression" && call.left.type === "MemberExpression" ? propertyName(call.left) : null;
	if (key !== null) return `the function ${key}()`;
	const called = call.type === "CallExpression" ? calledMember(call) : null;
	return called ? `the callback of ${called.name}()` : "a callback";
}
