import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { ClassFlow, FunctionNode, SuspensionKind } from "../../flow/index.ts";
import { isCallOutside, reaches } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { flowOf } from "../../model/flow-host.ts";
import { storageUses } from "../../model/storage.ts";
import { functionOf } from "../../model/timers.ts";
import { calledMember, contains, isFunction, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { quoted } from "../quote.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether initialisation that waits for nothing but storage has to be wrapped too. */
	readonly storageOnly: boolean;
}

/** Asynchronous work that the constructor (or a field's initialiser) starts. */
interface Start {
	readonly node: TSESTree.CallExpression;
	/** What it waits for before it sets the fields. */
	readonly kind: SuspensionKind;
	readonly fields: readonly string[];
	/** Set when the work is started inside blockConcurrencyWhile, but its promise does not reach it. */
	readonly isLostInRegion: boolean;
}

export default defineRule({
	name: "require-block-concurrency-while",
	gotcha: "missing-block-concurrency-while",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require blockConcurrencyWhile around asynchronous initialisation",
		messages: {
			uninitialised:
				"The constructor does not wait for `{{work}}`, so the first events run before {{fields}} is set, as if it were empty. Wrap it: ctx.blockConcurrencyWhile(async () => { ... }) holds all events until it is done.",
			notReturned:
				"The callback of blockConcurrencyWhile() is done before `{{work}}` is, so events run before {{fields}} is set. Await or return its promise inside the callback.",
			storageOnly:
				"The constructor does not wait for `{{work}}`, which sets {{fields}}. Input gates hold events back today because it waits for nothing but storage; one other await in it would let events in. Wrap it in ctx.blockConcurrencyWhile().",
			wrap: "Wrap it in blockConcurrencyWhile().",
		},
		schema: [
			{
				type: "object",
				properties: { storageOnly: { type: "boolean", description: "Whether initialisation that waits for nothing but storage has to be wrapped too." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ storageOnly: false }] as readonly [Options],
		strictOptions: [{ storageOnly: true }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ storageOnly }], verdict }) {
		const regions = object.callsOf("ctx", "blockConcurrencyWhile").filter((call) => object.isInitialisation(call.node));
		const starts = startsOf(object);
		for (const start of starts) {
			const { node, kind, fields, isLostInRegion } = start;
			const data = { work: quoted(node, object.file), fields: fields.map((field) => `\`this.${field}\``).join(" and ") };
			const promise = promiseField(node);
			if (kind === "micro") {
				verdict.guarded({ at: node, because: "it waits for nothing outside the object" });
			} else if (promise !== null && !isLostInRegion) {
				answerKept(promise, start, object, verdict.guarded.bind(verdict), () => verdict.violated({ at: node, messageId: "uninitialised", data }), verdict.unknown.bind(verdict));
			} else if (kind === "unknown") {
				verdict.unknown({ at: node, because: `what \`${data.work}\` waits for could not be followed` });
			} else if (kind === "open") {
				verdict.violated({ at: node, messageId: isLostInRegion ? "notReturned" : "uninitialised", data, suggest: isLostInRegion ? [] : suggestionsFor(node, object) });
			} else if (storageOnly && !isLostInRegion) {
				verdict.violated({ at: node, messageId: "storageOnly", data, suggest: suggestionsFor(node, object) });
			} else {
				verdict.guarded({ at: node, because: "it waits for nothing but storage, and input gates hold events back meanwhile" });
			}
		}
		for (const { node } of regions) {
			if (!starts.some((start) => contains(node, start.node))) verdict.guarded({ at: node, because: "events wait until the initialisation is done" });
		}
		if (starts.length + regions.length > 0) return;
		const initialiser = object.framework?.initialisers.map((name) => object.members.methods.get(name)).find((method) => method !== undefined);
		const synchronous = storageUses(object).find((use) => object.isInitialisation(use.call.node) && (use.call.on === "sql" || use.call.on === "kv"));
		if (initialiser) verdict.guarded({ at: initialiser.node.key, because: `${initialiser.name}() runs before the first event is delivered` });
		else if (synchronous) verdict.guarded({ at: synchronous.call.node, because: "it is initialised synchronously, before any event" });
		else verdict.notApplicable(object.members.constructor ? "the constructor starts no asynchronous work that sets a field" : "the class has no constructor and starts nothing asynchronous");
	},
});

/** All starts in the constructor and in field initialisers whose work sets fields that events use. */
function startsOf(object: DurableObjectClass): readonly Start[] {
	const flow = flowOf(object);
	const starts: Start[] = [];
	for (const node of object.members.calls) {
		const place = constructionPlace(node, object);
		if (!place) continue;
		const work = workOf(node, object, flow);
		if (!work || work.fields.length === 0) continue;
		if (place.region && !isDropped(node)) continue;
		starts.push({ node, ...work, isLostInRegion: place.region });
	}
	// `this.init().then(...)` contains `this.init()`: the outer one tells the whole.
	return starts.filter(({ node }) => !starts.some((other) => other.node !== node && contains(other.node, node)));
}

/** Whether a call is made while the object is built, and if so whether inside blockConcurrencyWhile. */
function constructionPlace(node: TSESTree.Node, object: DurableObjectClass): { readonly region: boolean } | null {
	let region = false;
	for (let current: TSESTree.Node | undefined = node.parent; current && current !== object.node; current = current.parent) {
		if (!isFunction(current)) {
			if (current.type === "PropertyDefinition") return current.static ? null : { region };
			continue;
		}
		if (current === object.members.constructor?.fn) return { region };
		const run = object.callbackRun(current);
		if (run === "region") region = true;
		else if (run !== "now") return null;
	}
	return null;
}

/** The fields that a call sets later, and what it waits for before. */
function workOf(node: TSESTree.CallExpression, object: DurableObjectClass, flow: ClassFlow): { readonly kind: SuspensionKind; readonly fields: readonly string[] } | null {
	const called = calledMember(node);
	if (called?.name === "then") {
		const [callback] = node.arguments;
		const fn = callback && callback.type !== "SpreadElement" ? functionOf(callback, object) : null;
		if (!fn) return null;
		return { kind: kindOfPromise(called.object, object, flow), fields: usedInEvents(fieldsSetBy(fn, flow, () => true), object) };
	}
	const callee = unwrap(node.callee);
	const fn = isFunction(callee) ? callee : (object.calledMethod(node)?.fn ?? null);
	if (!fn) return null;
	const late = fieldsSetBy(fn, flow, ({ since }) => since !== null);
	const kinds = flow.accessesOf(fn).flatMap(({ access, since }) => (access.mode === "write" && since && fieldOf(access.place.space) !== null ? [since.kind] : []));
	return { kind: worstOf(kinds), fields: usedInEvents(late, object) };
}

function fieldsSetBy(fn: FunctionNode, flow: ClassFlow, isWanted: (write: { readonly since: unknown }) => boolean): readonly string[] {
	const fields = flow.accessesOf(fn).flatMap((each) => (each.access.mode === "write" && isWanted(each) ? (fieldOf(each.access.place.space) ?? []) : []));
	return [...new Set(fields)];
}

/** The name of the field of a place `field:<name>`. */
function fieldOf(space: string): string | null {
	return space.startsWith("field:") ? space.slice("field:".length) : null;
}

function usedInEvents(fields: readonly string[], object: DurableObjectClass): readonly string[] {
	return fields.filter((name) => object.field(name)?.uses.some((use) => use.access !== "assign" && !object.isInitialisation(use.node)));
}

function kindOfPromise(promise: TSESTree.Node, object: DurableObjectClass, flow: ClassFlow): SuspensionKind {
	const node = unwrap(promise);
	if (node.type !== "CallExpression") return "unknown";
	if (object.platformCall(node)) return "closed";
	const method = object.calledMethod(node);
	if (method) return flow.worstSuspension(method.fn)?.kind ?? "micro";
	const called = calledMember(node);
	if (called?.name === "then") return kindOfPromise(called.object, object, flow);
	return isCallOutside(node, object) ? "open" : "unknown";
}

const order: readonly SuspensionKind[] = ["micro", "closed", "unknown", "open"];

function worstOf(kinds: readonly SuspensionKind[]): SuspensionKind {
	return kinds.reduce<SuspensionKind>((worst, kind) => (order.indexOf(kind) > order.indexOf(worst) ? kind : worst), "micro");
}

/** A call whose promise nobody takes, as far as its own statement shows. */
function isDropped(node: TSESTree.CallExpression): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	return parent?.type === "ExpressionStatement" || (parent?.type === "UnaryExpression" && parent.operator === "void");
}

/** The field in which a started promise is kept: `this.ready = this.init()`. */
function promiseField(node: TSESTree.CallExpression): string | null {
	const outer = wrapped(node);
	const { parent } = outer;
	if (parent?.type === "PropertyDefinition" && parent.value === outer && parent.key.type === "Identifier") return parent.key.name;
	if (parent?.type === "PropertyDefinition" && parent.value === outer && parent.key.type === "PrivateIdentifier") return `#${parent.key.name}`;
	if (parent?.type !== "AssignmentExpression" || parent.right !== outer || parent.left.type !== "MemberExpression") return null;
	return parent.left.object.type === "ThisExpression" ? propertyName(parent.left) : null;
}

/** A promise that is kept: fine when every event that uses the fields awaits it first. */
function answerKept(
	promise: string,
	{ node, fields }: Start,
	object: DurableObjectClass,
	guarded: (guard: { at: TSESTree.Node[]; because: string }) => void,
	violated: () => void,
	unknown: (doubt: { at: TSESTree.Node; because: string }) => void,
): void {
	const awaits = (object.field(promise)?.uses ?? []).filter((use) => isAwaited(use.node)).map((use) => use.node);
	const users = object.entryPoints.filter(({ fn }) => fields.some((name) => object.field(name)?.uses.some((use) => reaches(fn, use.node, object))));
	const waiting = users.filter(({ fn }) => awaits.some((use) => reaches(fn, use, object)));
	const [first] = awaits;
	if (users.length > 0 && waiting.length === users.length && first) guarded({ at: [node, first], because: `every event that needs it awaits \`this.${promise}\` first` });
	else if (awaits.length === 0 && (object.field(promise)?.uses.every((use) => use.access === "assign") ?? true)) violated();
	else unknown({ at: node, because: `whether every event awaits \`this.${promise}\` could not be told` });
}

function isAwaited(node: TSESTree.Node): boolean {
	let current = wrapped(node);
	while (current.parent?.type === "LogicalExpression" || (current.parent?.type === "AssignmentExpression" && current.parent.left === current)) current = wrapped(current.parent);
	return current.parent?.type === "AwaitExpression";
}

/** `this.init();` in the constructor becomes `ctx.blockConcurrencyWhile(async () => { await this.init(); });`. */
function suggestionsFor(node: TSESTree.CallExpression, object: DurableObjectClass): readonly Rule.SuggestionReportDescriptor[] {
	const outer = wrapped(node);
	const ctx = contextParameter(object);
	const isVoid = outer.parent?.type === "UnaryExpression" && outer.parent.operator === "void";
	const statement = isVoid ? outer.parent?.parent : outer.parent;
	if (!ctx || statement?.type !== "ExpressionStatement" || statement.parent !== object.members.constructor?.fn.body) return [];
	const text = object.file.textOf(node);
	return [{ messageId: "wrap", fix: (fixer) => fixer.replaceTextRange([...statement.range], `${ctx}.blockConcurrencyWhile(async () => {\n\t\t\tawait ${text};\n\t\t});`) }];
}

/** The name of the constructor's first parameter. */
function contextParameter(object: DurableObjectClass): string | null {
	const first = object.members.constructor?.fn.params[0];
	const pattern = first?.type === "TSParameterProperty" ? first.parameter : first;
	return pattern?.type === "Identifier" ? pattern.name : null;
}
