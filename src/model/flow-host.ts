/** Tells the flow engine what the code of a Durable Object means; and the flow of each class, made when it is asked for. */
import type { TSESTree } from "@typescript-eslint/utils";
import { waiting } from "../facts/suspensions.ts";
import { type Access, analyseClass, type Callback, type CallMeaning, type CallNode, type ClassFlow, type Entry, type FlowHost, type SuspensionKind } from "../flow/index.ts";
import { calledMember, type FunctionNode, isFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser, type Text, textOf } from "../syntax/text.ts";
import type { VisitorKeys } from "../syntax/walk.ts";
import { type Manner, mannerOf } from "./callbacks.ts";
import type { DurableObjectClass, EntryPoint } from "./durable-object.ts";
import { Places } from "./flow-places.ts";
import { accessesOfSql, storageAccesses, taggedSqlAccesses } from "./flow-storage.ts";
import { platformWait, waitForValue, waitOf } from "./flow-waits.ts";
import { isAgentSql } from "./sql.ts";
import { wrappedSql } from "./sql-wrappers.ts";
import { functionOf } from "./timers.ts";

/** An entry point of a class, as the engine sees it. */
export type FlowEntry = EntryPoint & Entry;

/** What the project says of calls that cannot be looked into, by the callee as it is written: `retry`, `this.mailer.send`. */
export interface KnownCalls {
	readonly external: readonly string[];
	readonly safe: readonly string[];
}

const noneKnown: KnownCalls = { external: [], safe: [] };
const flows = new WeakMap<DurableObjectClass, Map<string, ClassFlow<FlowEntry>>>();

/** The flow of a class; nothing is analysed before it is asked. */
export function flowOf(object: DurableObjectClass, known: KnownCalls = noneKnown): ClassFlow<FlowEntry> {
	const made = flows.get(object) ?? new Map<string, ClassFlow<FlowEntry>>();
	flows.set(object, made);
	const key = JSON.stringify([known.external, known.safe]);
	let flow = made.get(key);
	if (!flow) {
		// The runtime delivers an alarm only when the one before has ended; anything else overlaps with itself.
		const entryPoints = object.entryPoints.map((entry) => ({
			...entry,
			overlapsItself: entry.name !== "alarm" && entry.name !== "onAlarm",
			isDoubtful: entry.kind === "rpc" && [...object.members.ownCalls, ...object.members.methodReferences].some(({ name }) => name === entry.name),
		}));
		flow = analyseClass({ entryPoints, host: new DurableObjectHost(object, known) });
		made.set(key, flow);
	}
	return flow;
}

const nothing: CallMeaning = { callee: null, accesses: [], suspension: null, external: null, callbacks: [] };

class DurableObjectHost implements FlowHost {
	readonly visitorKeys: VisitorKeys;
	readonly #object: DurableObjectClass;
	readonly #known: KnownCalls;
	readonly #places: Places;
	readonly #calls = new Map<CallNode, CallMeaning>();

	constructor(object: DurableObjectClass, known: KnownCalls) {
		this.#object = object;
		this.#known = known;
		this.visitorKeys = object.file.visitorKeys;
		this.#places = new Places(object);
	}

	variableOf(identifier: TSESTree.Identifier) {
		return this.#object.file.bindings.variableOf(identifier);
	}

	place(node: TSESTree.MemberExpression | TSESTree.Identifier) {
		return this.#places.of(node);
	}

	placeOfProperty(object: TSESTree.Node, name: string) {
		return this.#places.ofProperty(object, name);
	}

	getter(node: TSESTree.MemberExpression): FunctionNode | null {
		if (unwrap(node.object).type !== "ThisExpression") return null;
		const method = this.#object.method(propertyName(node) ?? "");
		return method?.kind === "getter" ? method.fn : null;
	}

	setter(node: TSESTree.MemberExpression): FunctionNode | null {
		if (unwrap(node.object).type !== "ThisExpression") return null;
		return this.#object.members.setters.get(propertyName(node) ?? "")?.fn ?? null;
	}

	suspensionOf(node: TSESTree.Expression): SuspensionKind {
		return waitForValue(node, this.#object);
	}

	textOf(node: TSESTree.Node): Text {
		return textOf(node, this.#object.file);
	}

	functionOf(start: TSESTree.Node): FunctionNode | null {
		const node = unwrap(start);
		if (node.type !== "Identifier") return functionOf(node, this.#object);
		const variable = this.variableOf(node);
		const definition = variable?.defs.length === 1 ? variable.defs[0] : undefined;
		if (definition?.type === "FunctionName") return isFunction(definition.node) ? definition.node : null;
		const init = constantInitialiser(variable);
		return init && isFunction(unwrap(init)) ? (unwrap(init) as FunctionNode) : null;
	}

	call(node: CallNode): CallMeaning {
		let meaning = this.#calls.get(node);
		if (!meaning) this.#calls.set(node, (meaning = this.#meaning(node)));
		return meaning;
	}

	#meaning(node: CallNode): CallMeaning {
		switch (node.type) {
			case "ImportExpression":
				return { ...nothing, suspension: waiting.import.gate };
			case "TaggedTemplateExpression":
				return isAgentSql(node, this.#object) ? { ...nothing, accesses: taggedSqlAccesses(node, this.#object) } : nothing;
			case "NewExpression":
				return { ...nothing, ...waitOf(node, this.#object), callbacks: this.#newCallbacks(node) };
			default:
				return this.#called(node);
		}
	}

	#called(node: TSESTree.CallExpression): CallMeaning {
		const object = this.#object;
		const known = this.#knownSuspension(node);
		if (known) return { ...nothing, suspension: known };
		const platform = object.platformCall(node);
		if (platform) {
			return { ...nothing, accesses: storageAccesses(platform, object), suspension: platformWait(platform, object), callbacks: this.#callbacks(node, mannerOf(node, object)) };
		}
		const sql = wrappedSql(node, object);
		if (sql) return { ...nothing, accesses: accessesOfSql(sql, object), suspension: object.calledMethod(node)?.fn.async ? "micro" : null };
		const callee = object.calledMethod(node)?.fn ?? this.#local(node);
		if (callee) return { ...nothing, callee };
		const accesses = [...this.#places.ofCall(node), ...this.#ofSocket(node), ...this.#ofAgentState(node)];
		if (accesses.length > 0) return { ...nothing, accesses };
		return { ...nothing, ...waitOf(node, object), callbacks: this.#callbacks(node, mannerOf(node, object)) };
	}

	#knownSuspension(node: TSESTree.CallExpression): SuspensionKind | null {
		const { external, safe } = this.#known;
		if (external.length + safe.length === 0) return null;
		const name = this.#object.file.textOf(node.callee);
		return external.includes(name) ? "open" : safe.includes(name) ? "micro" : null;
	}

	/** A function of the file, or one that is called where it stands. */
	#local(node: TSESTree.CallExpression): FunctionNode | null {
		const callee = unwrap(node.callee);
		if (isFunction(callee)) return callee;
		if (callee.type === "Identifier") return this.functionOf(callee);
		return null;
	}

	/** `socket.serializeAttachment(value)`: each socket has one of its own. */
	#ofSocket(node: TSESTree.CallExpression): readonly Access[] {
		const called = calledMember(node);
		if (called?.name !== "serializeAttachment" && called?.name !== "deserializeAttachment") return [];
		const mode = called.name === "serializeAttachment" ? "write" : "read";
		const place = { space: "attachment", key: this.textOf(called.object), isPrefix: false, label: `the attachment of ${this.#object.file.textOf(called.object)}` };
		return [{ mode, place, node, inputs: mode === "write" ? node.arguments : [], chosenBy: [], atomic: null, clears: false, wipes: false }];
	}

	/** Agents keep their state in `this.state`, and replace it through `setState`. */
	#ofAgentState(node: TSESTree.CallExpression): readonly Access[] {
		const called = calledMember(node);
		if (this.#object.ancestry.framework !== "agents" || called?.name !== "setState" || unwrap(called.object).type !== "ThisExpression") return [];
		return [{ mode: "write", place: { space: "field:state", key: null, isPrefix: false, label: "this.state" }, node, inputs: node.arguments, chosenBy: [], atomic: null, clears: false, wipes: false }];
	}

	#newCallbacks(node: TSESTree.NewExpression): readonly Callback[] {
		const isPromise = node.callee.type === "Identifier" && this.#object.file.bindings.isGlobal(node.callee, "Promise");
		return this.#callbacks(node, isPromise ? { run: "now", isRepeated: false } : { run: "unknown", isRepeated: false });
	}

	#callbacks(node: TSESTree.CallExpression | TSESTree.NewExpression, manner: Manner): readonly Callback[] {
		return node.arguments.flatMap((argument): Callback[] => {
			const inner = unwrap(argument);
			if (!isFunction(inner) && inner.type !== "Identifier" && inner.type !== "MemberExpression" && inner.type !== "CallExpression") return [];
			const fn = this.functionOf(inner);
			if (!fn && (inner.type !== "Identifier" || manner.run === "unknown" || manner.run === "event")) return [];
			return [{ argument, fn, ...manner }];
		});
	}
}
