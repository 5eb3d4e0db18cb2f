/** One walk through one function in evaluation order: what it has found so far, shared by its expressions and statements. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { isOfNothing } from "./conditions.ts";
import type { Access, CallNode, FlowHost, FunctionNode, SuspensionKind } from "./host.ts";
import { claimsOf, type Constraint, type Ingredient, judge, overwriting, overwrittenSince } from "./judge.ts";
import { type Claim, type Judgement, type Pair, pairKey } from "./pair.ts";
import { isInMemory, mayMeet, placeId } from "./places.ts";
import { Clock, type Condition, State } from "./state.ts";
import type { Aged, AgedCondition, CallEvent, DroppedPromise, Effect, Invocation, ReadEvent, Summary, SuspensionEvent } from "./summary.ts";
import { type Crossing, isHarmless, worse } from "./suspension.ts";
import { NOTHING, type Part, type Pending, type Sources, union, type Value } from "./value.ts";

/** Bounds that keep a summary small. What is beyond makes it incomplete. */
const MAX_EFFECTS = 64;
const MAX_READS = 64;
const MAX_PAIRS = 250;
/** Levels of nested code that are walked; each takes a few frames of the stack. */
const MAX_DEPTH = 500;

/** Where `break` and `continue` lead. */
export interface Frame {
	readonly label: string | null;
	readonly base: State;
	readonly isLoop: boolean;
	/** Takes a `break` without a label: a loop or a switch. */
	readonly isBreakable: boolean;
	readonly breaks: State[];
	readonly continues: State[];
}

export class Walk {
	readonly fn: FunctionNode;
	readonly host: FlowHost;
	readonly sources: Sources;
	readonly summaryOf: (fn: FunctionNode) => Summary;
	readonly clock = new Clock();
	readonly frames: Frame[] = [];
	readonly loops: TSESTree.Node[] = [];
	/** States from which a `catch` around may be reached. */
	readonly tries: State[] = [];
	/** What an expression was last seen to be; for writes whose inputs are parts of a call's arguments. */
	readonly values = new Map<TSESTree.Node, Value>();
	readonly dropped = new Map<TSESTree.Node, DroppedPromise>();
	/** Field places that the function assigns: a promise chained on one of them is a queue. */
	readonly assignedPlaces: ReadonlySet<string>;
	/** Loops in which something is awaited or started: what the first round leaves, the second one sees. */
	readonly waitingLoops: ReadonlySet<TSESTree.Node>;

	#returned: { parts: Aged[]; pending: Pending[] } = { parts: [], pending: [] };
	#suspends: Crossing | null = null;
	#actsOutside = false;
	#depth = 0;
	#isIncomplete = false;
	#always: ReadonlySet<TSESTree.Node> | null = null;
	readonly #effects = new Map<string, Effect>();
	readonly #reads = new Map<string, ReadEvent>();
	readonly #bares = new Map<Aged, Aged>();
	readonly #bareConditions = new Map<AgedCondition, AgedCondition>();
	readonly #pairs = new Map<string, Pair>();
	readonly #sent = new Set<Part["source"]>();
	readonly #suspensions = new Map<TSESTree.Node, SuspensionEvent>();
	readonly #calls = new Map<TSESTree.Node, CallEvent[]>();
	readonly #assigned = new Map<Scope.Variable, Aged[]>();
	readonly #invokes = new Map<Scope.Variable, Invocation>();

	constructor(fn: FunctionNode, details: { host: FlowHost; sources: Sources; summaryOf: (fn: FunctionNode) => Summary; assignedPlaces: ReadonlySet<string>; waitingLoops: ReadonlySet<TSESTree.Node> }) {
		this.fn = fn;
		this.host = details.host;
		this.sources = details.sources;
		this.summaryOf = details.summaryOf;
		this.assignedPlaces = details.assignedPlaces;
		this.waitingLoops = details.waitingLoops;
	}

	/** Goes one level deeper; false for what is nested too deeply. `leave` goes back. */
	enter(): boolean {
		if (this.#depth >= MAX_DEPTH) {
			this.#isIncomplete = true;
			return false;
		}
		this.#depth++;
		return true;
	}

	leave(): void {
		this.#depth--;
	}

	/** A value taken just now. */
	taken(source: Part["source"], state: State, details: Partial<Pick<Part, "carried" | "settling" | "isDiluted" | "overwritten" | "after">> = {}): Part {
		const now = this.clock.tick();
		return { source, born: now, time: now, carried: null, region: state.region, after: state.sinceEntry?.kind ?? null, settling: null, overwritten: null, isDiluted: false, ...details };
	}

	read(access: Access, state: State, settling: SuspensionKind | null = null): Value {
		const source = this.sources.read(access.node, access.place);
		const part = this.taken(source, state, { settling });
		const isLoad = isLoading(state);
		state.noteRead({ call: null, part, place: access.place, node: access.node, isLoad });
		this.addRead({ access, since: state.sinceEntry, source, isLoad });
		return { parts: [part], pending: [] };
	}

	addRead(event: ReadEvent): void {
		const key = `${event.access.node.range.join("-")}|${placeId(event.access.place)}`;
		const known = this.#reads.get(key);
		if (known) this.#reads.set(key, { ...known, since: worse(known.since, event.since) });
		else if (this.#reads.size < MAX_READS) this.#reads.set(key, event);
		else this.#isIncomplete = true;
	}

	/** A write made by the function itself. */
	write(access: Access, data: Value, state: State): void {
		const chosen = union(access.chosenBy.map((node) => this.values.get(node) ?? NOTHING));
		this.perform({ access, data: this.ingredients(data.parts, state), chosen: this.ingredients(chosen.parts, state), constraints: constraintsOf(state), delay: null, call: null, isHandedOn: false, mayClaim: true }, state, claimsOf(state));
	}

	/** Judges a write, notes it, and keeps it for the callers. */
	perform(write: Parameters<typeof judge>[0], state: State, claims: readonly Claim[]): void {
		for (const pair of judge(write, state, this.clock.tick())) this.addPair(pair, state);
		for (const { source } of write.data) if (source.kind === "read" && !mayMeet(source.place, write.access.place)) state.stored.add(source);
		this.addEffect({
			access: write.access,
			data: write.data,
			chosen: write.chosen,
			conditions: write.constraints,
			since: worse(state.sinceEntry, write.delay),
			claims,
		});
	}

	addEffect(effect: Effect): void {
		// A function that calls itself makes a write before its await, and once more behind it: what is true of the one is not of the other.
		const key = `${effect.access.node.range.join("-")}|${placeId(effect.access.place)}|${isHarmless(effect.since) ? "" : "late"}`;
		const known = this.#effects.get(key);
		if (known) this.#effects.set(key, mergeEffects(known, this.#withoutParts(effect)));
		else if (this.#effects.size < MAX_EFFECTS) this.#effects.set(key, this.#withoutParts(effect));
		else this.#isIncomplete = true;
	}

	/** An effect without how this function came by its ingredients. What effects have in common, they have in common afterwards. */
	#withoutParts(effect: Effect): Effect {
		return { ...effect, data: effect.data.map((each) => this.#bare(each)), chosen: effect.chosen.map((each) => this.#bare(each)), conditions: effect.conditions.map((each) => this.#bareCondition(each)) };
	}

	#bare(ingredient: Aged): Aged {
		let known = this.#bares.get(ingredient);
		if (!known) this.#bares.set(ingredient, (known = bare(ingredient)));
		return known;
	}

	#bareCondition(condition: AgedCondition): AgedCondition {
		let known = this.#bareConditions.get(condition);
		if (!known) this.#bareConditions.set(condition, (known = { test: condition.test, path: condition.path, parts: condition.parts.map((each) => this.#bare(each)) }));
		return known;
	}

	addPair(pair: Pair, state: State | null): void {
		if (this.#pairs.size >= MAX_PAIRS) {
			this.#isIncomplete = true;
			return;
		}
		const key = pairKey(pair);
		if (!this.#pairs.has(key)) this.#pairs.set(key, pair);
		if (state) this.overlapWithFlights([pair], pair.write, state);
	}

	/** Two things of one event that go on at the same time, and both change the same place. */
	overlapWithFlights(pairs: readonly Pair[], second: TSESTree.Node, state: State): void {
		const changes = pairs.filter(isChange);
		if (changes.length === 0) return;
		for (const flight of state.flights) {
			for (const one of flight.pairs) {
				for (const other of changes) {
					const lost = lostBetween(one, other);
					if (lost && this.isSameWhileFlying(one, other, flight.call === second ? flight.loop : null)) this.addOverlap(lost.pair, flight.call, second, lost.isCertain);
				}
			}
		}
	}

	addOverlap(pair: Pair, first: TSESTree.Node, second: TSESTree.Node, isCertain: boolean): void {
		const judgement: Judgement = isCertain ? { is: "race", kind: "self-overlap", by: null } : { is: "unknown", because: "whether two calls of the same event meet here depends on how long each of them waits" };
		this.addPair({ ...pair, judgement, isOverlappable: false, overlap: { first, second } }, null);
	}

	/** The same place for certain: a key made of what changes from run to run is another one each time. */
	isSameWhileFlying(one: Pair, other: Pair, repeated: TSESTree.Node | null): boolean {
		if (placeId(one.place) !== placeId(other.place)) return false;
		return (one.place.key ?? []).every((part) => {
			if (typeof part === "string") return true;
			const declared = part.variable?.identifiers[0];
			// Without a variable, or declared in what is repeated, it may be another one each time.
			return declared !== undefined && (repeated === null || declared.range[0] < repeated.range[0] || declared.range[1] > repeated.range[1]) && isConstant(part.variable as Scope.Variable);
		});
	}

	ingredients(parts: readonly Part[], state: State): Ingredient[] {
		return parts.map((part) => ({ ...ingredient(part, state), overwrittenAs: overwrittenSince(part, state, null) }));
	}

	aged(parts: readonly Part[], state: State): Aged[] {
		return parts.map((part) => ({ ...bare(ingredient(part, state)), overwritten: part.overwritten ?? overwriting(part, state, null)?.call ?? null, overwrittenAs: overwrittenSince(part, state, null) }));
	}

	/** @param node - the await of this function; @param cause - what is waited for in the end */
	suspend(kind: SuspensionKind, node: TSESTree.Node, cause: TSESTree.Node, state: State): void {
		const effective = state.suspend(kind, node, cause);
		this.#suspends = worse(this.#suspends, { kind: effective, node, cause });
		const known = this.#suspensions.get(node);
		const isNews = !known || worse({ kind: known.kind, node, cause }, { kind, node, cause })?.kind !== known.kind;
		if (isNews) this.#suspensions.set(node, { node, cause, kind, region: state.region?.reason === "region" ? state.region.node : null });
		for (const attempt of this.tries) attempt.inheritMarks(state);
	}

	/** Waits for a value: what it is when the promise has settled. */
	await(value: Value, kind: SuspensionKind, node: TSESTree.Node, cause: TSESTree.Node, state: State): Value {
		const before = new Map(value.parts.map((part) => [part, state.crossing(part)]));
		const isAlone = value.pending.length <= 1;
		this.suspend(kind, node, cause, state);
		state.land(new Set(value.pending.map(({ flight }) => flight)));
		return state.settled(value, (part) => {
			const own = isAlone ? (part.settling ?? kind) : kind;
			const effective = state.region && own !== "micro" ? "closed" : own;
			if (state.isHeld(part)) return part.carried;
			return worse(before.get(part) ?? null, { kind: effective, node, cause });
		});
	}

	send(value: Value, state: State): void {
		const sources = value.parts.map(({ source }) => source);
		for (const source of sources) {
			state.sent.add(source);
			this.#sent.add(source);
		}
	}

	act(state: State): void {
		state.noteEffect();
		this.#actsOutside = true;
	}

	assignCaptured(variable: Scope.Variable, value: Value, state: State): void {
		const known = this.#assigned.get(variable) ?? [];
		if (known.length < 48) this.#assigned.set(variable, [...known, ...this.aged(value.parts, state)]);
	}

	invoke(variable: Scope.Variable, node: TSESTree.Node, state: State, isHeldThere = false): void {
		const known = this.#invokes.get(variable);
		const isHeld = isHeldThere || state.region !== null;
		this.#invokes.set(variable, { node: known?.node ?? node, isHeld: isHeld && (known?.isHeld ?? true) });
	}

	addCall(node: CallNode | TSESTree.MemberExpression, callee: FunctionNode, region: TSESTree.Node | null): void {
		const known = this.#calls.get(node) ?? [];
		if (!known.some((call) => call.callee === callee)) this.#calls.set(node, [...known, { node, callee, region }]);
	}

	/** Leaves the function without a result: what it has marked on other paths only, the caller cannot count on. */
	end(state: State): void {
		if (state.isForgetful) return;
		const written = new Set(state.writes.map(({ node }) => node));
		this.#always = new Set([...(this.#always ?? written)].filter((node) => written.has(node)));
	}

	/** Leaves the function with a value. */
	return(value: Value, node: TSESTree.Node, state: State): void {
		let result = value;
		if (this.fn.async && value.pending.length > 0) result = this.await(value, kindOf(value.pending), node, causeOf(value.pending, node), state);
		const known = new Map(this.#returned.parts.map((part) => [part.source, part]));
		for (const part of this.aged(result.parts, state)) {
			const other = known.get(part.source);
			known.set(part.source, other ? { ...part, crossing: worse(other.crossing, part.crossing) } : part);
		}
		this.#returned = { parts: [...known.values()].slice(-48), pending: [...new Set([...this.#returned.pending, ...result.pending])].slice(-48) };
	}

	/** How a variable of an enclosing function, or a parameter, is known before anything is assigned to it. */
	input(variable: Scope.Variable): Value {
		return { parts: [{ source: this.sources.input(variable), born: 0, time: 0, carried: null, region: null, after: null, settling: null, overwritten: null, isDiluted: false }], pending: [] };
	}

	giveUp(): void {
		this.#isIncomplete = true;
	}

	summary(): Summary {
		return {
			fn: this.fn,
			suspends: this.#suspends,
			returns: this.#returned,
			effects: [...this.#effects.values()],
			reads: [...this.#reads.values()],
			pairs: [...this.#pairs.values()],
			sent: [...this.#sent],
			actsOutside: this.#actsOutside,
			assigned: this.#assigned,
			invokes: this.#invokes,
			suspensions: [...this.#suspensions.values()],
			calls: [...this.#calls.values()].flat(),
			dropped: [...this.dropped.values()],
			always: this.#always,
			isIncomplete: this.#isIncomplete,
		};
	}
}

/** Whether a test has found that memory does not have something yet. */
export function isLoading(state: State): boolean {
	return state.conditions.some((condition) => isOfNothing(condition) && condition.parts.some(({ source }) => source.kind === "read" && isInMemory(source.place)));
}

/** The tests that have let the walk come here, as old as they are now. */
export function constraintsOf(state: State): Constraint[] {
	return state.conditions.map(({ test, path, parts }: Condition) => ({ test, path, parts: parts.map((part) => ingredient(part, state)) }));
}

function ingredient(part: Part, state: State): Ingredient {
	return { source: part.source, crossing: state.crossing(part), isDiluted: part.isDiluted, overwritten: part.overwritten, overwrittenAs: null, part };
}

/** An ingredient is kept by source: how this function came by it is its own business. */
function bare({ source, crossing, isDiluted, overwritten, overwrittenAs }: Aged): Aged {
	return { source, crossing, isDiluted, overwritten, overwrittenAs };
}

export function kindOf(pending: readonly Pending[]): SuspensionKind {
	return worstPending(pending)?.kind ?? "micro";
}

export function causeOf(pending: readonly Pending[], otherwise: TSESTree.Node): TSESTree.Node {
	return worstPending(pending)?.cause ?? otherwise;
}

function worstPending(pending: readonly Pending[]): Pending | null {
	return pending.reduce<Pending | null>((worst, each) => (worst && worse({ ...worst, node: worst.cause }, { ...each, node: each.cause })?.kind === worst.kind ? worst : each), null);
}

/** A write that is made of what the place holds, or takes it into account by itself. */
export function isChange({ dependence }: Pair): boolean {
	return dependence === "data";
}

/**
 * Of two changes, of which the second starts while the first is under way, the one that buries the other; null where the
 * second is over before the first one reads.
 */
function lostBetween(first: Pair, second: Pair): { readonly pair: Pair; readonly isCertain: boolean } | null {
	// What goes on in microtasks alone is over before anything that waits for more.
	if (isQuick(first.writeAfter) && !isQuick(second.readAfter)) return null;
	if (first.isOverlappable && second.isOverlappable) return { pair: first, isCertain: doMeet(first, second) };
	const [long, short] = first.isOverlappable ? [first, second] : [second, first];
	if (!long.isOverlappable) return null;
	// The other one happens all at once: either at its call, or at some time later.
	if (short.readAfter === null) return short === second && long.readAfter === null ? { pair: long, isCertain: true } : null;
	if (isQuick(long.writeAfter) && !isQuick(short.readAfter)) return null;
	return { pair: long, isCertain: false };
}

/** Two calls that each read, wait and write: whether the second is sure to read before the first writes. */
export function doMeet(first: Pair, second: Pair): boolean {
	if (first.readAfter === null && second.readAfter === null) return true;
	// The same code keeps step with itself. After I/O it does not: each answer is delivered only when the gate is open.
	return first.write === second.write && (first.crossing?.kind === "open" || first.readAfter === "micro" || first.readAfter === "closed");
}

function isQuick(kind: SuspensionKind | null): boolean {
	return kind === null || kind === "micro";
}

function isConstant(variable: Scope.Variable): boolean {
	return variable.references.every((reference) => reference.init === true || !reference.isWrite());
}

/** The same write reached again: in the second round of a loop, or on another path of a callee. */
function mergeEffects(known: Effect, again: Effect): Effect {
	const data = new Map(known.data.map((part) => [part.source, part]));
	for (const part of again.data) {
		const other = data.get(part.source);
		data.set(part.source, other ? { ...part, crossing: worse(other.crossing, part.crossing) } : part);
	}
	return { ...known, data: [...data.values()], since: worse(known.since, again.since), claims: known.claims.filter(({ id }) => again.claims.some((claim) => claim.id === id)) };
}

