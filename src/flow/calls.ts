/** What a call does: to places, to the functions that it runs, to the promise that it returns. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, isFunction, unwrap } from "../syntax/nodes.ts";
import { evaluate } from "./expressions.ts";
import type { Callback, CallMeaning, CallNode, FunctionNode } from "./host.ts";
import type { Pair } from "./pair.ts";
import { placeId } from "./places.ts";
import { bindAll, bindArguments, isOwn, splice, type Spliced } from "./splice.ts";
import type { State } from "./state.ts";
import type { Summary } from "./summary.ts";
import { isWorse, withinRegion } from "./suspension.ts";
import { type Flight, NOTHING, type Part, type Pending, type Region, union, type Value } from "./value.ts";
import { causeOf, doMeet, isChange, kindOf, type Walk } from "./walk.ts";

export function evaluateCall(node: CallNode, walk: Walk, state: State): Value {
	const meaning = walk.host.call(node);
	const receiver = evaluateCallee(node, meaning, walk, state);
	const argumentNodes = argumentsOf(node);
	const values = argumentNodes.map((argument) => evaluateArgument(argument, walk, state));
	if (node.type === "CallExpression" && isPromiseCombinator(node, walk)) return combined(union(values), node);
	if (meaning.callee) return runCallee(meaning.callee, node, argumentNodes, values, walk, state);
	const invoked = invokedParameter(node, walk);
	if (invoked) {
		walk.invoke(invoked, node, state);
		return { parts: union(values).parts, pending: [{ kind: "micro", cause: node, flight: null }] };
	}
	return runUnseen(node, meaning, receiver, values, walk, state);
}

/** The object that a method is called on. Where the call says itself what it reads there, reading the object counts for nothing. */
function evaluateCallee(node: CallNode, meaning: CallMeaning, walk: Walk, state: State): Value {
	if (node.type === "ImportExpression") return NOTHING;
	const callee = unwrap(node.type === "TaggedTemplateExpression" ? node.tag : node.callee);
	if (callee.type !== "MemberExpression") return isFunction(callee) ? NOTHING : evaluate(callee, walk, state);
	if (callee.computed) evaluate(callee.property, walk, state);
	const object = unwrap(callee.object);
	if (meaning.accesses.length > 0 && object.type === "MemberExpression" && walk.host.place(object)) {
		if (object.computed) evaluate(object.property, walk, state);
		return NOTHING;
	}
	return evaluate(object, walk, state);
}

function argumentsOf(node: CallNode): readonly TSESTree.Node[] {
	if (node.type === "ImportExpression") return [node.source];
	return node.type === "TaggedTemplateExpression" ? node.quasi.expressions : node.arguments;
}

function evaluateArgument(argument: TSESTree.Node, walk: Walk, state: State): Value {
	return isFunction(unwrap(argument)) ? NOTHING : evaluate(argument, walk, state);
}

const combinators: ReadonlySet<string> = new Set(["all", "allSettled", "race", "any", "resolve"]);

function isPromiseCombinator(node: TSESTree.CallExpression, walk: Walk): boolean {
	const called = calledMember(node);
	if (!called || !combinators.has(called.name)) return false;
	const object = unwrap(called.object);
	return object.type === "Identifier" && object.name === "Promise" && (walk.host.variableOf(object)?.defs.length ?? 0) === 0;
}

function combined(value: Value, node: TSESTree.Node): Value {
	return value.pending.length > 0 ? value : { ...value, pending: [{ kind: "micro", cause: node, flight: null }] };
}

/** `callback()` where `callback` is a parameter of the function that is walked. */
function invokedParameter(node: CallNode, walk: Walk): ReturnType<Walk["host"]["variableOf"]> {
	if (node.type !== "CallExpression") return null;
	const callee = unwrap(node.callee);
	if (callee.type !== "Identifier") return null;
	return parameterOf(callee, walk);
}

function parameterOf(identifier: TSESTree.Identifier, walk: Walk): ReturnType<Walk["host"]["variableOf"]> {
	const variable = walk.host.variableOf(identifier);
	// Of an enclosing function too: a queue runs its task in a callback of its own.
	return variable?.defs.some(({ type }) => type === "Parameter") ? variable : null;
}

/** A function that can be looked into. */
function runCallee(callee: FunctionNode, node: CallNode, argumentNodes: readonly TSESTree.Node[], values: readonly Value[], walk: Walk, state: State): Value {
	const summary = walk.summaryOf(callee);
	walk.addCall(node, callee, regionNode(state.region));
	const bindings = bindArguments(callee, argumentNodes, values, walk);
	const spliced = splice({ summary, call: node, bindings }, walk, state);
	walk.overlapWithFlights(spliced.pairs, node, state);
	const results = [promised(callee, summary, spliced, node, walk, state)];
	callee.params.forEach((param, index) => {
		const argument = argumentNodes[index];
		const variable = param.type === "Identifier" ? walk.host.variableOf(param) : null;
		const invocation = variable && summary.invokes.get(variable);
		if (!argument || !invocation) return;
		const fn = walk.host.functionOf(argument);
		const inner = unwrap(argument);
		if (fn) {
			const region: Region | null = invocation.isHeld ? { node: invocation.node, reason: "mutex" } : null;
			results.push(runFunction(fn, node, NOTHING, { region, isDoubtful: false }, walk, state).value);
		} else if (inner.type === "Identifier") {
			const passedOn = parameterOf(inner, walk);
			if (passedOn) walk.invoke(passedOn, node, state, invocation.isHeld);
		}
	});
	const value = union(results);
	return callee.async && value.pending.length > 1 ? { ...value, pending: [together(value.pending, node)] } : value;
}

/** What an async function waits for and what its callbacks wait for is waited for as one. */
function together(pending: readonly Pending[], node: TSESTree.Node): Pending {
	const flight = pending.find((each) => each.flight !== null)?.flight ?? null;
	return { kind: kindOf(pending), cause: causeOf(pending, node), flight };
}

function regionNode(region: Region | null): TSESTree.Node | null {
	return region?.reason === "region" ? region.node : null;
}

/** The result of a call that has been spliced: wrapped in a promise where the function is async. */
function promised(callee: FunctionNode, summary: Summary, { value, pairs }: Spliced, node: TSESTree.Node, walk: Walk, state: State): Value {
	const returned = summary.returns.pending;
	if (!callee.async && returned.length === 0) return { parts: value.parts.map((part) => ({ ...part, settling: null })), pending: [] };
	const kind = callee.async ? (summary.suspends?.kind ?? "micro") : kindOf(returned);
	const cause = callee.async ? (summary.suspends?.cause ?? node) : causeOf(returned, node);
	// Whoever waits for a flight that all share lets others in.
	const isShutOut = state.region !== null && state.region.reason !== "single-flight";
	return { parts: value.parts, pending: [{ kind: isShutOut ? withinRegion(kind) : kind, cause, flight: takeOff(pairs, node, walk, state) }] };
}

/** Notes a call that goes on while the caller does. */
function takeOff(pairs: readonly Pair[], node: TSESTree.Node, walk: Walk, state: State): Flight | null {
	const flying = pairs.filter((pair) => isChange(pair) && (pair.isOverlappable || pair.writeAfter !== null));
	if (flying.length === 0) return null;
	const flight: Flight = { call: node, loop: walk.loops.at(-1) ?? null, pairs: flying };
	state.takeOff(flight);
	return flight;
}

interface Manner {
	readonly region: Region | null;
	readonly isDoubtful: boolean;
}

/** Runs a function that was handed to a call. */
function runFunction(fn: FunctionNode, node: CallNode, given: Value, { region, isDoubtful }: Manner, walk: Walk, state: State): Spliced {
	const summary = walk.summaryOf(fn);
	walk.addCall(node, fn, regionNode(region ?? state.region));
	const spliced = splice({ summary, call: node, bindings: bindAll(fn, given, walk), isDoubtful, ...(region && { region }) }, walk, state);
	const value = promised(fn, summary, spliced, node, walk, state);
	const held = region ? value.pending.map((each) => ({ ...each, kind: withinRegion(each.kind) })) : value.pending;
	return { pairs: spliced.pairs, value: { ...value, pending: held } };
}

/** A call of which only the host knows what it does. */
function runUnseen(node: CallNode, meaning: CallMeaning, receiver: Value, values: readonly Value[], walk: Walk, state: State): Value {
	const { accesses, suspension, external, callbacks } = meaning;
	const given = union(values);
	const read = accesses.filter(({ mode }) => mode === "read").map((access) => walk.read(access, state, suspension));
	if (external) walk.send(given, state);
	if (external === "effect") walk.act(state);
	for (const access of accesses) {
		if (access.mode === "write") walk.write(access, union(access.inputs.map((input) => walk.values.get(input) ?? NOTHING)), state);
	}
	if (accesses.length === 0) changeReceiver(node, given, walk, state);
	let result: Value = read.length > 0 ? union(read) : union([receiver, given]);
	// What the callee makes of promises among its arguments is its own business; that they are still under way is not.
	result = { ...result, pending: callbacks.length > 0 || suspension !== null ? result.pending.filter(({ flight }) => flight !== null) : result.pending };
	if (external) {
		const outside = walk.taken(walk.sources.outside(node), state);
		result = { ...result, parts: [...result.parts.map((part) => ({ ...part, isDiluted: true })), outside] };
	}
	const own: Pending[] = suspension === null ? [] : [{ kind: suspension, cause: node, flight: null }];
	const results: Value[] = [{ ...result, pending: [...result.pending, ...own] }];
	for (const callback of callbacks) {
		const made = runCallback(callback, node, union([receiver, given]), walk, state);
		if (made) results.push(made);
	}
	return union(results);
}

function runCallback({ fn, argument, run, isRepeated }: Callback, node: CallNode, given: Value, walk: Walk, state: State): Value | null {
	if (!fn) {
		const inner = unwrap(argument);
		const passedOn = inner.type === "Identifier" && run !== "event" && run !== "unknown" ? parameterOf(inner, walk) : null;
		if (passedOn) walk.invoke(passedOn, node, state, run === "region" || (run === "then" && queueOf(node, given, walk) !== null));
		return null;
	}
	switch (run) {
		case "now": {
			const { pairs, value } = runFunction(fn, node, bare(given), { region: null, isDoubtful: false }, walk, state);
			// Every run goes only to its first suspension before the next one starts.
			if (isRepeated) for (const pair of pairs) if (pair.isOverlappable && isChange(pair) && walk.isSameWhileFlying(pair, pair, fn)) walk.addOverlap(pair, node, node, doMeet(pair, pair));
			return value;
		}
		case "region":
			return runBlocked(fn, node, given, walk, state);
		case "then":
			return runLater(fn, node, given, walk, state);
		case "event":
			return null;
		case "unknown":
			return runFunction(fn, node, bare(given), { region: null, isDoubtful: true }, walk, state).value;
	}
}

function bare(value: Value): Value {
	return { parts: value.parts, pending: [] };
}

/** The callback of a region starts only when everything else has been shut out. */
function runBlocked(fn: FunctionNode, node: CallNode, given: Value, walk: Walk, state: State): Value {
	const later = state.fork();
	later.suspend("closed", node, node);
	const { value } = runFunction(fn, node, bare(given), { region: { node, reason: "region" }, isDoubtful: false }, walk, later);
	state.adoptDeferred(later);
	return value;
}

/** `promise.then(callback)`: it runs after what the promise waits for; the caller goes on at once. */
function runLater(fn: FunctionNode, node: CallNode, given: Value, walk: Walk, state: State): Value {
	const later = state.fork();
	const kind = given.pending.length > 0 || node.type !== "CallExpression" ? kindOf(given.pending) : walk.host.suspensionOf(calledMember(node)?.object ?? node);
	const queue = queueOf(node, given, walk);
	later.suspend(kind, node, causeOf(given.pending, node));
	const settled = later.settled(given, (part) => later.crossing(part));
	const { value } = runFunction(fn, node, settled, { region: queue && { node, reason: "mutex" }, isDoubtful: false }, walk, later);
	state.adoptDeferred(later);
	const pending = [...given.pending, ...value.pending].reduce<Pending>(
		(worst, each) => (isWorse(each.kind, worst.kind) ? { ...each, flight: each.flight ?? worst.flight } : { ...worst, flight: worst.flight ?? each.flight }),
		{ kind, cause: causeOf(given.pending, node), flight: null },
	);
	return { parts: value.parts, pending: [pending] };
}

/** `this.tail = this.tail.then(work)`: whoever chains his work so, waits for everybody before him. */
function queueOf(node: CallNode, given: Value, walk: Walk): Part | null {
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	return called && isChainedPromise(called.object, walk) ? (given.parts.find((part) => isReadOfAssigned(part, walk)) ?? null) : null;
}

/** A field or variable, perhaps with a default or a `.catch()` behind it: not what a call returns. */
function isChainedPromise(start: TSESTree.Node, walk: Walk): boolean {
	const node = unwrap(start);
	if (node.type === "LogicalExpression") return isChainedPromise(node.left, walk);
	if (node.type === "CallExpression") {
		const called = calledMember(node);
		return called !== null && (called.name === "catch" || called.name === "then" || called.name === "finally") && isChainedPromise(called.object, walk);
	}
	return node.type === "MemberExpression" || node.type === "Identifier";
}

export function isReadOfAssigned({ source, isDiluted }: Part, walk: Walk): boolean {
	return source.kind === "read" && !isDiluted && walk.assignedPlaces.has(placeId(source.place));
}

/** `list.push(value)`: what a local variable holds is made of the arguments too, from now on. */
function changeReceiver(node: CallNode, given: Value, walk: Walk, state: State): void {
	if (node.type !== "CallExpression" || given.parts.length + given.pending.length === 0) return;
	let object: TSESTree.Node | null = calledMember(node)?.object ?? null;
	while (object && unwrap(object).type === "MemberExpression") object = (unwrap(object) as TSESTree.MemberExpression).object;
	const root = object && unwrap(object);
	if (root?.type !== "Identifier") return;
	const variable = walk.host.variableOf(root);
	if (!variable || variable.defs.length === 0 || variable.defs.some(({ type }) => type === "ImportBinding") || walk.host.place(root)) return;
	const known = state.variable(variable);
	if (!isOwn(variable, walk.fn)) walk.assignCaptured(variable, given, state);
	state.assign(variable, union([known ?? (isOwn(variable, walk.fn) ? NOTHING : walk.input(variable)), given]));
}
