/** Puts a callee's summary in the place of a call: its inputs become what the caller hands over. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { unwrap } from "../syntax/nodes.ts";
import type { Access, FunctionNode, Place, SuspensionKind, Text } from "./host.ts";
import { claimsOf, type Constraint, type Ingredient, mergeClaims, overwrittenSince } from "./judge.ts";
import type { Claim, Judgement, Pair } from "./pair.ts";
import { placeId, substitute } from "./places.ts";
import { READS, type State } from "./state.ts";
import type { Aged, AgedCondition, Summary } from "./summary.ts";
import { type Crossing, withinRegion, worse, worstKind } from "./suspension.ts";
import { mergeParts, NOTHING, type Part, type Region, type Source, union, type Value } from "./value.ts";
import { constraintsOf, isLoading, type Walk } from "./walk.ts";

/** What a call gives to the function that it runs. */
export interface Bindings {
	readonly values: ReadonlyMap<Scope.Variable, Value>;
	/** Arguments as text, for keys made of parameters. */
	readonly texts: ReadonlyMap<Scope.Variable, Text>;
	/** Parameters that get a variable or member as it is. */
	readonly plain: ReadonlySet<Scope.Variable>;
}

export interface Splice {
	readonly summary: Summary;
	readonly call: TSESTree.Node;
	readonly bindings: Bindings;
	/** The atomic region that the call opens for the callee. */
	readonly region?: Region;
	/** True when it cannot be told how, or whether, the function is run. */
	readonly isDoubtful?: boolean;
}

export interface Spliced {
	/** What the function returns, nothing of it awaited. */
	readonly value: Value;
	/** Its pairs, as the caller sees them. */
	readonly pairs: readonly Pair[];
}

export function splice({ summary, call, bindings, region, isDoubtful = false }: Splice, walk: Walk, state: State): Spliced {
	const outer = state.region;
	state.region ??= region ?? null;
	const bound = new Bound({ bindings, call, walk, state });
	const sinceEntry = state.sinceEntry;
	const isInLoad = isLoading(state);
	summary.reads.forEach(({ access, since, source: known, isLoad }, index) => {
		const here = bound.access(access);
		const source = here === access ? known : walk.sources.read(here.node, here.place);
		if (index >= summary.reads.length - READS) state.noteRead({ call, part: walk.taken(source, state), place: here.place, node: here.node, isLoad: isLoad || isInLoad });
		bound.note(source, bound.delay(since));
		walk.addRead({ access: here, since: worse(sinceEntry, bound.delay(since)), source, isLoad: isLoad || isInLoad });
	});
	if (summary.actsOutside) walk.act(state);
	walk.send({ parts: bound.ingredients(summary.sent.map((source) => ({ source, crossing: null, isDiluted: false, overwritten: null, overwrittenAs: null }))).map((each) => each.part ?? walk.taken(each.source, state)), pending: [] }, state);

	const claims = claimsOf(state);
	const pairs = summary.pairs.map((pair) => bound.pair(pair, claims, isDoubtful));
	for (const pair of pairs) {
		walk.addPair(sinceEntry ? { ...pair, readAfter: worstKind([sinceEntry.kind, pair.readAfter]), writeAfter: worstKind([sinceEntry.kind, pair.writeAfter]) } : pair, null);
	}

	const own = summary.effects.length > 0 ? constraintsOf(state) : [];
	for (const effect of summary.effects) {
		const write = {
			access: bound.access(effect.access),
			data: bound.ingredients(effect.data),
			chosen: bound.ingredients(effect.chosen),
			constraints: [...bound.constraints(effect.conditions), ...bound.delayed(own, effect.since)],
			delay: bound.delay(effect.since),
			call,
			isHandedOn: bound.isHandedOn(effect.access),
			mayClaim: summary.always?.has(effect.access.node) ?? true,
		};
		const all = claims.length + effect.claims.length === 0 ? [] : mergeClaims([...claims, ...effect.claims]);
		if (isDoubtful) walk.addEffect({ access: write.access, data: write.data, chosen: write.chosen, conditions: write.constraints, since: worse(state.sinceEntry, write.delay), claims: all });
		else walk.perform(write, state, all);
	}
	for (const [variable, parts] of summary.assigned) {
		const value = bound.value(parts);
		if (!isOwn(variable, walk.fn)) walk.assignCaptured(variable, value, state);
		state.add(variable, value);
	}
	for (const [variable, invocation] of summary.invokes) if (!bindings.values.has(variable)) walk.invoke(variable, invocation.node, state, invocation.isHeld);
	const value = { parts: bound.value(summary.returns.parts).parts, pending: [] };
	state.region = outer;
	return { value, pairs };
}

/**
 * What a callee says, in the words of one call of it. Its effects share places, ingredients and tests, and so do those of the
 * caller made of them: each is said anew only once, so that a long chain of calls costs no more than its length.
 */
class Bound {
	readonly #bindings: Bindings;
	readonly #call: TSESTree.Node;
	readonly #walk: Walk;
	readonly #state: State;
	readonly #places = new Map<Place, Place>();
	readonly #sources = new Map<Source, Source>();
	readonly #foreign = new Map<Aged, readonly Ingredient[]>();
	readonly #conditions = new Map<AgedCondition, Constraint>();
	readonly #delays = new Map<Crossing, Crossing>();
	readonly #since = new Map<Source, Crossing>();
	readonly #delayed = new Map<TSESTree.Node, Map<SuspensionKind, readonly Constraint[]>>();

	constructor({ bindings, call, walk, state }: { bindings: Bindings; call: TSESTree.Node; walk: Walk; state: State }) {
		this.#bindings = bindings;
		this.#call = call;
		this.#walk = walk;
		this.#state = state;
	}

	/** Notes the worst suspension of the callee before it reads a source. */
	note(source: Source, since: Crossing | null): void {
		if (since) this.#since.set(source, worse(this.#since.get(source) ?? null, since) as Crossing);
	}

	access(access: Access): Access {
		const place = this.#place(access.place);
		return place === access.place ? access : { ...access, place };
	}

	/** Whether a write of the callee puts a parameter somewhere as the caller has handed it over. */
	isHandedOn({ inputs: [only, ...others] }: Access): boolean {
		const variable = only?.type === "Identifier" && others.length === 0 ? this.#walk.host.variableOf(only) : null;
		return variable !== null && this.#bindings.plain.has(variable);
	}

	#place(place: Place): Place {
		let here = this.#places.get(place);
		if (!here) this.#places.set(place, (here = this.#walk.sources.place(substitute(place, (variable) => this.#bindings.texts.get(variable) ?? null))));
		return here;
	}

	/** A suspension inside the callee, as the caller sees it. */
	delay(crossing: Crossing | null): Crossing | null {
		if (!crossing) return null;
		let here = this.#delays.get(crossing);
		if (!here) this.#delays.set(crossing, (here = { kind: this.#state.region ? withinRegion(crossing.kind) : crossing.kind, node: this.#call, cause: crossing.cause }));
		return here;
	}

	pair(pair: Pair, claims: readonly Claim[], isDoubtful: boolean): Pair {
		const place = this.#place(pair.place);
		const { region } = this.#state;
		const all = claims.length === 0 ? pair.claims : mergeClaims([...pair.claims, ...claims]);
		const isRace = pair.judgement.is !== "guarded" && !(pair.judgement.is === "race" && (pair.judgement.kind === "self-overlap" || pair.judgement.kind === "stale-copy"));
		let { judgement } = pair;
		if (region) {
			if (isRace) judgement = { is: "guarded", reason: region.reason, by: region.node };
		} else if (isDoubtful && judgement.is === "race") {
			judgement = { is: "unknown", because: "how the function around it is run could not be told" } satisfies Judgement;
		}
		return { ...pair, place, judgement, claims: all, isOverlappable: pair.isOverlappable && !region && !isDoubtful };
	}

	ingredients(parts: readonly Aged[]): Ingredient[] {
		return parts.flatMap((aged) => this.#ingredients(aged));
	}

	#ingredients(aged: Aged): readonly Ingredient[] {
		const { source, crossing, isDiluted, overwritten, overwrittenAs } = aged;
		if (source.kind !== "input") {
			let foreign = this.#foreign.get(aged);
			if (!foreign) this.#foreign.set(aged, (foreign = [{ source: this.#source(source), crossing: this.delay(crossing), isDiluted, overwritten: overwritten && this.#call, overwrittenAs: null, part: null }]));
			return foreign;
		}
		const value = this.#bindings.values.get(source.variable) ?? this.#captured(source.variable);
		return value.parts.map((part) => ({ source: part.source, crossing: this.#aged(part, crossing), isDiluted: isDiluted || part.isDiluted, ...this.#overwritten(part, overwritten, overwrittenAs), part }));
	}

	/** Whether calls of the callee, or of the caller, have written the place of a part meanwhile. */
	#overwritten(part: Part, overwritten: TSESTree.Node | null, overwrittenAs: ReadonlySet<string> | null): Pick<Ingredient, "overwritten" | "overwrittenAs"> {
		const { source } = part;
		const isWritten = overwritten !== null || (source.kind === "read" && overwrittenAs?.has(placeId(source.place)) === true);
		const before = overwrittenSince(part, this.#state, this.#call);
		const all = source.kind !== "input" ? null : before && overwrittenAs ? new Set([...before, ...overwrittenAs]) : (before ?? overwrittenAs);
		return { overwritten: part.overwritten ?? (isWritten ? this.#call : null), overwrittenAs: all };
	}

	#source(source: Source): Source {
		if (source.kind !== "read") return source;
		let here = this.#sources.get(source);
		if (!here) {
			const place = this.#place(source.place);
			this.#sources.set(source, (here = place === source.place ? source : this.#walk.sources.read(source.node, place)));
		}
		return here;
	}

	/** What was taken in the region in which we still are, others cannot have changed meanwhile. */
	#aged(part: Part, crossing: Crossing | null): Crossing | null {
		const before = this.#state.crossing(part);
		return this.#state.isHeld(part) ? before : worse(before, this.delay(crossing));
	}

	#captured(variable: Scope.Variable): Value {
		return this.#state.variable(variable) ?? (isOwn(variable, this.#walk.fn) ? NOTHING : this.#walk.input(variable));
	}

	constraints(conditions: readonly AgedCondition[]): Constraint[] {
		return conditions.map((condition) => this.#conditions.get(condition) ?? this.#constraint(condition));
	}

	#constraint(condition: AgedCondition): Constraint {
		const { test, path, parts } = condition;
		const constraint: Constraint = { test, path, parts: this.ingredients(parts) };
		// What the caller hands over changes with what the callee writes to it; the rest is the same for all effects.
		if (parts.every(({ source }) => source.kind !== "input")) this.#conditions.set(condition, constraint);
		return constraint;
	}

	/** The caller's own tests, as old as they are when the callee writes. */
	delayed(constraints: readonly Constraint[], since: Crossing | null): readonly Constraint[] {
		const delay = this.delay(since);
		if (!delay || constraints.length === 0) return constraints;
		const known = this.#delayed.get(delay.cause) ?? new Map<SuspensionKind, readonly Constraint[]>();
		this.#delayed.set(delay.cause, known);
		let delayed = known.get(delay.kind);
		if (!delayed) {
			delayed = constraints.map((constraint) => ({
				...constraint,
				parts: constraint.parts.map((each) => (each.part && this.#state.isHeld(each.part) ? each : { ...each, crossing: worse(each.crossing, delay) })),
			}));
			known.set(delay.kind, delayed);
		}
		return delayed;
	}

	/** What the callee hands back, as a value of the caller. */
	value(parts: readonly Aged[]): Value {
		const taken = this.ingredients(parts).map(({ source, crossing, isDiluted, overwritten, part }): Part => {
			if (part) return { ...part, isDiluted, overwritten, time: this.#walk.clock.now, carried: crossing, settling: "micro" };
			// It is as late as the callee has made it.
			const after = worse(this.#state.sinceEntry, this.#since.get(source) ?? null)?.kind ?? null;
			return this.#walk.taken(source, this.#state, { carried: crossing, isDiluted, overwritten, settling: "micro", after });
		});
		return { parts: mergeParts(taken), pending: [] };
	}
}

/** Whether a variable belongs to the function itself (or to a block in it), not to one around it. */
export function isOwn(variable: Scope.Variable, fn: FunctionNode): boolean {
	return variable.scope.variableScope.block === fn;
}

/** The parameters of a function, bound to the arguments of a call. */
export function bindArguments(fn: FunctionNode, args: readonly (TSESTree.Node | null)[], values: readonly Value[], walk: Walk): Bindings {
	const bound = new Map<Scope.Variable, Value>();
	const texts = new Map<Scope.Variable, Text>();
	const plain = new Set<Scope.Variable>();
	fn.params.forEach((param, index) => {
		const isRest = param.type === "RestElement";
		const value = isRest ? union(values.slice(index)) : (values[index] ?? NOTHING);
		for (const identifier of identifiersOf(param)) {
			const variable = walk.host.variableOf(identifier);
			if (variable) bound.set(variable, value);
		}
		const argument = args[index];
		const variable = param.type === "Identifier" ? walk.host.variableOf(param) : null;
		if (!argument || argument.type === "SpreadElement" || !variable) return;
		texts.set(variable, walk.host.textOf(argument));
		if (isPlain(argument, walk, MAX_ALIASES)) plain.add(variable);
	});
	return { values: bound, texts, plain };
}

const MAX_ALIASES = 5;

/** A variable or member, not something computed: `this.id`, `id ?? this.id`, `const id = this.id`. */
function isPlain(start: TSESTree.Node, walk: Walk, depth: number): boolean {
	const node = unwrap(start);
	if (depth === 0 || node.type === "MemberExpression") return true;
	if (node.type === "LogicalExpression") return isPlain(node.left, walk, depth - 1) && isPlain(node.right, walk, depth - 1);
	if (node.type !== "Identifier") return false;
	const [definition] = walk.host.variableOf(node)?.defs ?? [];
	if (definition?.type !== "Variable" || !definition.node.init || definition.node.id.type !== "Identifier") return true;
	return isPlain(definition.node.init, walk, depth - 1);
}

/** Every parameter bound to the same value: for callbacks that get elements of what they are called on. */
export function bindAll(fn: FunctionNode, value: Value, walk: Walk): Bindings {
	return bindArguments(fn, [], fn.params.map(() => value), walk);
}

/** The identifiers that a pattern declares. */
export function identifiersOf(pattern: TSESTree.Node): readonly TSESTree.Identifier[] {
	switch (pattern.type) {
		case "Identifier":
			return [pattern];
		case "AssignmentPattern":
			return identifiersOf(pattern.left);
		case "RestElement":
			return identifiersOf(pattern.argument);
		case "TSParameterProperty":
			return identifiersOf(pattern.parameter);
		case "ArrayPattern":
			return pattern.elements.flatMap((element) => (element ? identifiersOf(element) : []));
		case "ObjectPattern":
			return pattern.properties.flatMap((property) => identifiersOf(property.type === "Property" ? property.value : property));
		default:
			return [];
	}
}
