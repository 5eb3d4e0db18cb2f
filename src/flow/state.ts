/**
 * What is known at one point of a walk through a function: what each variable is made of, which suspensions lie behind,
 * which tests have let us come here, what has been read and written on the way.
 *
 * A state is forked where the code branches and joined where the branches meet. Suspensions are only noted, with the time
 * on the clock; how old a value is is worked out when it is used. So an await costs the same in a long function as in a
 * short one, and a join costs what the branches have changed.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Test } from "./conditions.ts";
import type { Place, SuspensionKind } from "./host.ts";
import { type Crossing, isWorse, kindsByRank, withinRegion } from "./suspension.ts";
import { type Flight, NOTHING, type Part, type Region, type Source, union, type Value } from "./value.ts";

/** How much of the past is kept. Longer functions are walked all the same; they forget what lies further back. */
const MEMORY = 64;
/** How many reads are kept. */
export const READS = 24;

export class Clock {
	now = 0;

	tick(): number {
		return ++this.now;
	}
}

interface Mark {
	readonly time: number;
	readonly node: TSESTree.Node;
	readonly cause: TSESTree.Node;
	readonly region: Region | null;
}

type Marks = Readonly<Record<SuspensionKind, Mark | null>>;

const noMarks: Marks = { micro: null, closed: null, unknown: null, open: null };

/** A test that has let the walk come here. */
export interface Condition {
	readonly test: Test;
	/** The properties that lead from what the place holds to what was tested: none where that itself was tested; null for something made of it. */
	readonly path: readonly string[] | null;
	readonly parts: readonly Part[];
}

export interface WriteMark {
	readonly place: Place;
	readonly node: TSESTree.Node;
	readonly time: number;
	/** When the last suspension before it let other events in, or might have. */
	readonly lastOpen: number;
	/** The call in which it happened; null where it stands in the function itself. */
	readonly call: TSESTree.Node | null;
	/** True when it keeps those away that make the same test. */
	readonly isClaim: boolean;
	readonly isAtomic: boolean;
	readonly sources: ReadonlySet<Source>;
}

export interface ReadMark {
	/** Made only where memory does not have it yet: `if (!this.items) this.items = await load()`. */
	readonly isLoad: boolean;
	/** The call in which it happened; null where it stands in the function itself. */
	readonly call: TSESTree.Node | null;
	readonly part: Part;
	readonly place: Place;
	readonly node: TSESTree.Node;
}

/** Variables by scope of the walk: a branch writes into its own layer. */
class Layer {
	readonly below: Layer | null;
	readonly own = new Map<Scope.Variable, Value>();

	constructor(below: Layer | null) {
		this.below = below;
	}

	get(variable: Scope.Variable): Value | undefined {
		let value = this.own.get(variable);
		for (let layer = this.below; layer && !value; layer = layer.below) value = layer.own.get(variable);
		return value;
	}
}

export class State {
	readonly #clock: Clock;
	#layer: Layer;
	#marks: Marks = noMarks;
	/** The last suspension inside an atomic region that would have let other events in without it. */
	#held: Mark | null = null;
	conditions: readonly Condition[] = [];
	writes: readonly WriteMark[] = [];
	reads: readonly ReadMark[] = [];
	/** Sources whose value has been acted on by now: sent to the outside world, or written to another place. One for the whole walk. */
	readonly sent: Set<Source>;
	readonly stored: Set<Source>;
	/** When something was done outside that must not be done twice. */
	effects: readonly number[] = [];
	flights: readonly Flight[] = [];
	region: Region | null = null;
	/** True in `catch` and `finally`: what is written there puts things right again. */
	isRecovery = false;
	/** True when no path leads on from here. */
	isDead = false;

	constructor(clock: Clock, from: State | null = null) {
		this.#clock = clock;
		this.#layer = new Layer(from ? from.#layer : null);
		this.sent = from?.sent ?? new Set();
		this.stored = from?.stored ?? new Set();
	}

	variable(variable: Scope.Variable): Value | undefined {
		return this.#layer.get(variable);
	}

	assign(variable: Scope.Variable, value: Value): void {
		this.#layer.own.set(variable, value);
	}

	/** For what changes an object that a variable holds. */
	add(variable: Scope.Variable, value: Value): void {
		if (value.parts.length === 0 && value.pending.length === 0) return;
		this.assign(variable, union([this.variable(variable) ?? NOTHING, value]));
	}

	suspend(kind: SuspensionKind, node: TSESTree.Node, cause: TSESTree.Node): SuspensionKind {
		const mark: Mark = { time: this.#clock.tick(), node, cause, region: this.region };
		const effective = this.region ? withinRegion(kind) : kind;
		if (effective !== kind) this.#held = mark;
		this.#marks = { ...this.#marks, [effective]: mark };
		return effective;
	}

	/** The worst suspension between the taking of a part and now. */
	crossing(part: Pick<Part, "time" | "carried" | "region">): Crossing | null {
		for (const kind of kindsByRank) {
			if (part.carried && !isWorse(kind, part.carried.kind)) return part.carried;
			const mark = this.#marks[kind];
			if (mark && mark.time > part.time && !(part.region && part.region === mark.region)) return { kind, node: mark.node, cause: mark.cause };
		}
		return part.carried;
	}

	/** The worst suspension since the walk began. */
	get sinceEntry(): Crossing | null {
		return this.crossing({ time: 0, carried: null, region: null });
	}

	/** True for what was taken in the atomic region in which we still are. */
	isHeld(part: Part): boolean {
		return part.region !== null && part.region === this.region;
	}

	/** True when the region that we are in has kept others out since the part was taken. */
	hasHeld(part: Part): boolean {
		return this.#held !== null && this.#held.time > part.time;
	}

	/** When other events were last let in, or may have been. */
	get lastOpen(): number {
		return Math.max(this.#marks.open?.time ?? 0, this.#marks.unknown?.time ?? 0);
	}

	/** The suspension that let others in before a time, if any. */
	openBefore(time: number): TSESTree.Node | null {
		const mark = this.#marks.open;
		return mark && mark.time <= time ? mark.node : null;
	}

	/** Whether some of what was written is perhaps no longer known. */
	get isForgetful(): boolean {
		return this.writes.length >= MEMORY;
	}

	note(mark: WriteMark): void {
		this.writes = [...this.writes.slice(1 - MEMORY), mark];
	}

	noteRead(mark: ReadMark): void {
		this.reads = [...this.reads.slice(1 - READS), mark];
	}

	noteEffect(): void {
		this.effects = [...this.effects.slice(1 - MEMORY), this.#clock.now];
	}

	addCondition(conditions: readonly Condition[]): void {
		if (conditions.length > 0) this.conditions = [...this.conditions, ...conditions].slice(-MEMORY);
	}

	takeOff(flight: Flight): void {
		this.flights = [...this.flights.slice(1 - MEMORY), flight];
	}

	land(flights: ReadonlySet<Flight | null>): void {
		if (this.flights.some((flight) => flights.has(flight))) this.flights = this.flights.filter((flight) => !flights.has(flight));
	}

	/** A state for one branch; what it does to variables stays in it until it is joined. */
	fork(): State {
		const copy = new State(this.#clock, this);
		copy.#take(this);
		return copy;
	}

	/** This branch as it is now, seen from the state that it was forked from: for `break` and `continue`. */
	freeze(base: State): State {
		const copy = new State(this.#clock, base);
		for (const [variable, value] of this.#changesSince(base)) copy.assign(variable, value);
		copy.#take(this);
		return copy;
	}

	/** Takes the place of this state, as another one that was forked from the same base. */
	become(other: State): void {
		this.#layer = other.#layer;
		this.#take(other);
	}

	#take(other: State): void {
		this.#marks = other.#marks;
		this.#held = other.#held;
		this.conditions = other.conditions;
		this.writes = other.writes;
		this.reads = other.reads;
		this.effects = other.effects;
		this.flights = other.flights;
		this.region = other.region;
		this.isRecovery = other.isRecovery;
		this.isDead = other.isDead;
	}

	#changesSince(base: State): ReadonlyMap<Scope.Variable, Value> {
		if (this.#layer.below === base.#layer) return this.#layer.own;
		const changes = new Map<Scope.Variable, Value>();
		for (let layer: Layer | null = this.#layer; layer && layer !== base.#layer; layer = layer.below) {
			for (const [variable, value] of layer.own) if (!changes.has(variable)) changes.set(variable, value);
		}
		return changes;
	}

	/**
	 * Goes on where branches of this state meet. What was true on only one of them may be true now; an ended branch does
	 * not count, but it leaves behind that the others were chosen.
	 */
	join(branches: readonly State[]): void {
		const alive = branches.filter((branch) => !branch.isDead);
		if (alive.length === 0) {
			this.#adopt(branches);
			this.isDead = true;
			return;
		}
		const before = this.conditions;
		this.#adopt(alive);
		const isForked = alive.length === branches.length;
		this.conditions = isForked ? before : longest(alive.map((branch) => branch.conditions));
	}

	/** Takes over what the branches have done. */
	#adopt(branches: readonly State[]): void {
		const [first, ...others] = branches;
		if (!first) return;
		// Where all have the same suspensions behind them, their values age alike from here on.
		const areAlike = others.every((branch) => branch.#marks === first.#marks);
		const changes = branches.map((branch) => branch.#changesSince(this));
		const now = this.#clock.tick();
		for (const variable of variablesIn(changes)) {
			const values = branches.map((branch, index) => {
				const value = changes[index]?.get(variable) ?? this.variable(variable);
				return value ? (areAlike ? value : branch.#rebased(value, now)) : NOTHING;
			});
			this.assign(variable, union(values));
		}
		this.#marks = areAlike ? first.#marks : latest(branches.map((branch) => branch.#marks));
		this.#held = branches.reduce<Mark | null>((held, branch) => later(held, branch.#held), null);
		this.writes = claimedByAll(merged(branches.map(({ writes }) => writes)), branches);
		this.reads = merged(branches.map(({ reads }) => reads));
		this.flights = merged(branches.map(({ flights }) => flights));
		this.effects = merged(branches.map(({ effects }) => effects));
		this.region = others.every(({ region }) => region === first.region) ? first.region : null;
	}

	/** Work that has been started and will go on later: what it does is done, but nothing has been waited for. */
	adoptDeferred(deferred: State): void {
		for (const [variable, value] of deferred.#changesSince(this)) this.add(variable, deferred.#rebased(value, this.#clock.now));
		this.writes = merged([this.writes, deferred.writes]);
		this.reads = merged([this.reads, deferred.reads]);
		this.effects = merged([this.effects, deferred.effects]);
	}

	/** Suspensions behind this point that another state has not seen: an exception may have come from any of them. */
	inheritMarks(other: State): void {
		if (this.#marks !== other.#marks) this.#marks = latest([this.#marks, other.#marks]);
	}

	/** The same value with its age written down, for a state with other suspensions behind it. */
	#rebased(value: Value, now: number): Value {
		return { ...value, parts: value.parts.map((part) => ({ ...part, time: now, carried: this.crossing(part) })) };
	}

	/** The same value once more, as old as it is now plus what settling its promise has cost. */
	settled(value: Value, carry: (part: Part) => Crossing | null): Value {
		const now = this.#clock.now;
		return { pending: [], parts: value.parts.map((part) => ({ ...part, time: now, carried: carry(part), settling: null })) };
	}
}

/** Who comes another way has claimed nothing: `if (!this.ready) this.ready = true;`, and all go on. */
function claimedByAll(marks: readonly WriteMark[], branches: readonly State[]): readonly WriteMark[] {
	if (!marks.some(({ isClaim }) => isClaim)) return marks;
	return marks.map((mark) => (mark.isClaim && branches.some(({ writes, isForgetful }) => !isForgetful && !writes.includes(mark)) ? { ...mark, isClaim: false } : mark));
}

function variablesIn(changes: readonly ReadonlyMap<Scope.Variable, Value>[]): Iterable<Scope.Variable> {
	const changed = changes.filter(({ size }) => size > 0);
	const [first, ...others] = changed;
	if (!first || others.length === 0) return first ? [...first.keys()] : [];
	return new Set(changed.flatMap((change) => [...change.keys()]));
}

function latest(all: readonly Marks[]): Marks {
	const marks = { ...noMarks };
	for (const kind of kindsByRank) for (const each of all) marks[kind] = later(marks[kind], each[kind]);
	return marks;
}

function later(a: Mark | null, b: Mark | null): Mark | null {
	if (!a || !b) return a ?? b;
	return b.time > a.time ? b : a;
}

function merged<T>(lists: readonly (readonly T[])[]): readonly T[] {
	const [first, ...others] = lists;
	if (!first || others.every((list) => list === first)) return first ?? [];
	return [...new Set(lists.flat())].slice(-MEMORY);
}

function longest<T>(lists: readonly (readonly T[])[]): readonly T[] {
	return lists.reduce((best, list) => (list.length > best.length ? list : best), []);
}
