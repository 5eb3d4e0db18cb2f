/** The flow of a class: what its entry points do to each other, and answers to smaller questions. */
import type { TSESTree } from "@typescript-eslint/utils";
import { isOfNothing, leavesNothing } from "./conditions.ts";
import type { Access, FlowHost, FunctionNode, SuspensionKind } from "./host.ts";
import type { GuardReason, Pair, RaceKind } from "./pair.ts";
import { mayMeet, placeId } from "./places.ts";
import { Reach } from "./reach.ts";
import { Summaries } from "./summaries.ts";
import type { AgedCondition, DroppedPromise, Effect, Summary, SuspensionEvent } from "./summary.ts";
import type { Crossing } from "./suspension.ts";

/** Where events enter. */
export interface Entry {
	readonly name: string;
	readonly fn: FunctionNode;
	/** False for what the runtime never runs twice at a time, such as an alarm handler. */
	readonly overlapsItself: boolean;
	/** True for a method of which only the class itself is known to call it: what protects it there may be meant to. */
	readonly isDoubtful: boolean;
}

export interface Race<E extends Entry = Entry> extends Pair {
	readonly kind: RaceKind;
	readonly entry: E;
	/** The entry point that can come in between (perhaps the same one, once more); null where nobody has to. */
	readonly other: E | null;
}

export interface Guard<E extends Entry = Entry> extends Pair {
	readonly reason: GuardReason;
	/** The code that guards, where it is neither the read nor the write. */
	readonly by: TSESTree.Node | null;
	readonly entry: E;
}

export interface Unknown<E extends Entry = Entry> extends Pair {
	readonly because: string;
	readonly entry: E;
}

interface Answers<E extends Entry> {
	readonly races: readonly Race<E>[];
	readonly guards: readonly Guard<E>[];
	readonly unknowns: readonly Unknown<E>[];
}

interface Answer<E extends Entry> {
	readonly race?: Race<E>;
	readonly guard?: Guard<E>;
	readonly unknown?: Unknown<E>;
}

/** Analyses a class. Nothing is done before something is asked, and everything only once. */
export function analyseClass<E extends Entry>(details: { readonly entryPoints: readonly E[]; readonly host: FlowHost }): ClassFlow<E> {
	return new ClassFlow(details);
}

export class ClassFlow<E extends Entry = Entry> {
	readonly #entryPoints: readonly E[];
	readonly #summaries: Summaries;
	readonly #reach: Reach;
	/** Of the entry points that may have a race. */
	#racing: Answers<E> | undefined;
	#whole: Answers<E> | undefined;
	#protected: ReadonlySet<string> | undefined;

	constructor({ entryPoints, host }: { readonly entryPoints: readonly E[]; readonly host: FlowHost }) {
		this.#entryPoints = entryPoints;
		this.#summaries = new Summaries(host);
		this.#reach = new Reach((fn) => this.#summaries.mentionsOf(fn));
	}

	/** Pairs that can go wrong, each with a witness; one for each mistake. Cheaper than the other two. */
	get races(): readonly Race<E>[] {
		this.#racing ??= this.#whole ?? this.#judge(this.#entryPoints.filter(({ fn }) => this.#reach.mayRace(fn)));
		return this.#racing.races;
	}

	/** Pairs that cannot go wrong, and why; for each place and reason one. */
	get guards(): readonly Guard<E>[] {
		return this.#all.guards;
	}

	get unknowns(): readonly Unknown<E>[] {
		return this.#all.unknowns;
	}

	get #all(): Answers<E> {
		return (this.#whole ??= this.#judge(this.#entryPoints));
	}

	/** Reads and dependent writes that only the input gate keeps together. */
	get pairsAcrossStorageOnly(): readonly Guard<E>[] {
		return this.guards.filter(({ reason, isOverlappable }) => (reason === "input-gate" || reason === "io-first") && isOverlappable);
	}

	summaryOf(fn: FunctionNode): Summary {
		return this.#summaries.of(fn);
	}

	/** The worst suspension of a function, itself or through what it calls; null when it never suspends. */
	worstSuspension(fn: FunctionNode): Crossing | null {
		return this.#summaries.of(fn).suspends;
	}

	/** The awaits that stand in a function (for example a region's callback), each with what it lets in in the end. */
	suspensionsIn(fn: FunctionNode): readonly SuspensionEvent[] {
		return this.#summaries.of(fn).suspensions;
	}

	/** What a function reads and writes, itself or through what it calls, and the worst suspension before each. */
	accessesOf(fn: FunctionNode): readonly { readonly access: Access; readonly since: Crossing | null }[] {
		const { reads, effects } = this.#summaries.of(fn);
		return [...reads, ...effects];
	}

	/** Promises that a function starts and neither awaits, returns nor keeps, and that wait for one of these. */
	droppedPromises(fn: FunctionNode, kinds: readonly SuspensionKind[]): readonly DroppedPromise[] {
		return this.#reach.mayDrop(fn, kinds) ? this.#summaries.of(fn).dropped.filter(({ kind }) => kinds.includes(kind)) : [];
	}

	#judge(entryPoints: readonly E[]): Answers<E> {
		const answers = entryPoints.flatMap((entry) => this.#summaries.of(entry.fn).pairs.map((pair) => this.#answerTo(pair, entry)));
		const races = oncePerMistake(answers.flatMap(({ race }) => race ?? []));
		const unknowns = answers.flatMap(({ unknown }) => unknown ?? []);
		const isFound = (pair: Pair) => races.some((race) => race.write === pair.write || race.read === pair.read);
		return {
			races,
			guards: oncePerReason(answers.flatMap(({ guard }) => guard ?? []).filter((guard) => !isFound(guard))),
			unknowns: unknowns.filter((unknown, index) => !isFound(unknown) && unknowns.findIndex(({ write }) => write === unknown.write) === index),
		};
	}

	/** What a pair comes to where an event enters; nothing where there is nothing to say. */
	#answerTo(pair: Pair, entry: E): Answer<E> {
		const { judgement } = pair;
		const guarded = (reason: GuardReason, by: TSESTree.Node | null): Answer<E> => ({ guard: { ...pair, reason, by, entry } });
		const unknown = (because: string): Answer<E> => ({ unknown: { ...pair, because, entry } });
		const isSpared = () => entry.isDoubtful && this.#isProtectedElsewhere(pair);
		if (judgement.is === "guarded") return guarded(judgement.reason, judgement.by);
		if (judgement.is === "unknown") return isSpared() ? {} : unknown(judgement.because);
		const needsOther = judgement.kind !== "self-overlap" && judgement.kind !== "stale-copy";
		const { kind, other } = needsOther ? this.#whoMeets(pair, entry, judgement) : { kind: judgement.kind, other: null };
		if (needsOther && !other) {
			// What nobody else sets may be put back at any time: nothing to speak of.
			if (kind === "reset") return {};
			if (kind === "double-action" && this.#otherWriter(pair, entry, "lost-update")) return unknown("others write it without that check; whether they can meanwhile, and whether that matters, could not be told");
			if (this.#isIncomplete) return unknown("the class is too large to tell who else writes it");
			const [claim] = pair.claims;
			return claim ? guarded("claim", claim.node) : guarded("single-entry", null);
		}
		if (isSpared()) return unknown(`${entry.name}() is protected where this class calls it; whether others call it could not be told`);
		return { race: { ...pair, kind, entry, other } };
	}

	/** Whether the same read and write are protected where an event enters for certain. */
	#isProtectedElsewhere(pair: Pair): boolean {
		this.#protected ??= new Set(this.#entryPoints.flatMap(({ fn, isDoubtful }) => (isDoubtful ? [] : this.#summaries.of(fn).pairs.filter(isProtected).map(idOf))));
		return this.#protected.has(idOf(pair));
	}

	get #isIncomplete(): boolean {
		return this.#entryPoints.some(({ fn }) => this.#summaries.of(fn).isIncomplete);
	}

	/** Who may come in between, and what goes wrong then. */
	#whoMeets(pair: Pair, entry: E, { kind, orElse }: Extract<Pair["judgement"], { is: "race" }>): { readonly kind: RaceKind; readonly other: E | null } {
		const other = this.#otherWriter(pair, entry, kind);
		if (other || !orElse) return { kind, other };
		const another = this.#otherWriter(pair, entry, orElse);
		return another ? { kind: orElse, other: another } : { kind, other };
	}

	/** Who may write the place while this entry point waits: itself once more, where it can, or another. */
	#otherWriter(pair: Pair, entry: E, kind: RaceKind): E | null {
		const candidates = [entry, ...this.#entryPoints.filter((each) => each !== entry)];
		// What an entry point counts and puts back itself, it knows of: `this.failures++` in its `catch`.
		const own = kind === "reset" ? new Set(this.#summaries.of(entry.fn).effects.map(({ access }) => access.node)) : null;
		return (
			candidates.find((candidate) => {
				if (candidate === entry && !entry.overlapsItself) return false;
				const { effects } = this.#summaries.of(candidate.fn);
				return effects.some((effect) => !own?.has(effect.access.node) && interferes(effect, pair, kind) && !(kind === "lost-update" && isOfOne(pair) && isOnlyAdded(effect, effects)));
			}) ?? null
		);
	}
}

function isProtected({ judgement }: Pair): boolean {
	return judgement.is === "guarded" && (judgement.reason === "region" || judgement.reason === "mutex" || judgement.reason === "single-flight");
}

function idOf({ read, write }: Pair): string {
	return `${rangeOf(read)} ${rangeOf(write)}`;
}

/** Whether all that is done to something is that it is there: nobody has seen it before. */
function isOnlyAdded({ access }: Effect, effects: readonly Effect[]): boolean {
	return access.isCreation === true && effects.every((other) => other.access.node === access.node || placeId(other.access.place) !== placeId(access.place));
}

function isOfOne({ place }: Pair): boolean {
	return place.key !== null && !place.isPrefix;
}

function interferes({ access, claims, conditions }: Effect, pair: Pair, kind: RaceKind): boolean {
	if (!mayMeet(access.place, pair.place)) return false;
	// Both would have to hold the same claim at the same time.
	if (claims.some(({ id }) => pair.claims.some((claim) => claim.id === id))) return false;
	const isCheck = ({ parts }: AgedCondition) => parts.some(({ source }) => source.kind === "read" && mayMeet(source.place, access.place));
	switch (kind) {
		// What deletes everything adds nothing that could be lost.
		case "wipe":
			return !(access.wipes || access.clears);
		// Nor does what is set only where there is nothing, before it has been put back.
		case "reset":
			return !leavesNothing(access) && !conditions.some((condition) => isOfNothing(condition) && isCheck(condition));
		// Whoever does not look passes no check.
		case "double-action":
			return access.node === pair.write || conditions.some(isCheck);
		default:
			return true;
	}
}

/** Drops what another finding says already: the same write, the same read, or the same place across the same suspension. */
function oncePerMistake<E extends Entry>(races: readonly Race<E>[]): Race<E>[] {
	const seen = new Set<string>();
	return [...races].sort(inSourceOrder).filter(({ kind, read, write, crossing, place, overlap }) => {
		const group = kind === "self-overlap" ? "overlap" : kind === "stale-copy" ? "stale" : "between";
		// A write that puts back an old copy is one mistake, whoever has written meanwhile.
		const written = `${group === "overlap" ? group : "copy"} write ${rangeOf(write)}`;
		const keys = [written, ...[`read ${rangeOf(read)}`, `place ${place.label} ${crossing ? rangeOf(crossing.node) : ""}`, ...(overlap ? [`calls ${rangeOf(overlap.first)}`] : [])].map((key) => `${group} ${key}`)];
		const isNew = !keys.some((key) => seen.has(key));
		for (const key of keys) seen.add(key);
		return isNew;
	});
}

function oncePerReason<E extends Entry>(guards: readonly Guard<E>[]): Guard<E>[] {
	const seen = new Set<string>();
	return guards.filter(({ place, reason, write }) => {
		const keys = [`${place.label}|${reason}`, `${rangeOf(write)}|${reason}`];
		const isNew = !keys.some((key) => seen.has(key));
		for (const key of keys) seen.add(key);
		return isNew;
	});
}

function rangeOf(node: TSESTree.Node): string {
	return node.range.join("-");
}

/** Whole findings first, so that the surest speaks for a mistake. */
function inSourceOrder(a: Pair, b: Pair): number {
	const weight = ({ dependence }: Pair) => (dependence === "data" ? 0 : 1);
	return weight(a) - weight(b) || a.write.range[0] - b.write.range[0] || a.read.range[0] - b.read.range[0];
}
