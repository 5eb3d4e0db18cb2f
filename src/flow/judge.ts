/** Judges a write against the reads that it is made of. */
import type { TSESTree } from "@typescript-eslint/utils";
import { flipOf, holdsWorkedOut, isReset, isSpared, isWorkedOut, type Test } from "./conditions.ts";
import type { Access, Place } from "./host.ts";
import type { Claim, Judgement, Pair, RaceKind } from "./pair.ts";
import { contains, isFunction } from "../syntax/nodes.ts";
import { covers, isInMemory, mayMeet, placeId } from "./places.ts";
import type { State, WriteMark } from "./state.ts";
import type { Aged } from "./summary.ts";
import { type Crossing, isHarmless, isWorse, withinRegion, worse } from "./suspension.ts";
import type { Part, Source } from "./value.ts";

/** An ingredient of a write, as old as it is at the write. */
export interface Ingredient extends Aged {
	/** How this function came by it; null for what a callee read for itself, and has been judged there. */
	readonly part: Part | null;
}

export interface Constraint {
	readonly test: Test;
	/** See `Condition`. */
	readonly path: readonly string[] | null;
	readonly parts: readonly Ingredient[];
}

/** A write about to be made at the present state, by the function itself or by one that it calls. */
export interface Write {
	readonly access: Access;
	readonly data: readonly Ingredient[];
	readonly chosen: readonly Ingredient[];
	readonly constraints: readonly Constraint[];
	/** Suspensions between the call and the write, for one that a callee makes. */
	readonly delay: Crossing | null;
	readonly call: TSESTree.Node | null;
	/** True for what the caller has handed over as it was, and is written so: nothing has been made of it. */
	readonly isHandedOn: boolean;
	/** False for what a callee writes on some of its paths only, and does not tell the caller on which. */
	readonly mayClaim: boolean;
}

/** What is found of a write, before the write itself is added. */
type Found = Omit<Pair, "write" | "place" | "writeAfter" | "claims" | "overlap">;

type ReadIngredient = Ingredient & { readonly source: Extract<Source, { kind: "read" }> };

interface Check {
	readonly read: ReadIngredient;
	readonly constraint: Constraint;
}

const isReadOf =
	(place: Place) =>
	(part: Ingredient): part is ReadIngredient =>
		part.source.kind === "read" && covers(part.source.place, place);

/** `for (const [key, value] of await storage.list({ prefix })) storage.put(key, value + 1)`: what is written is one of those that were read. */
function isListed(part: Ingredient, { access: { place }, chosen }: Write): boolean {
	return isReadOfMany(place)(part) && chosen.some(({ source }) => source === part.source);
}

/** What is to be said of the write. Notes it in the state. */
export function judge(write: Write, state: State, now: number): readonly Pair[] {
	const { place } = write.access;
	const reads = write.data.filter((part): part is ReadIngredient => isReadOf(place)(part) || isListed(part, write));
	const checks = write.constraints.flatMap((constraint): Check[] => constraint.parts.filter(isReadOf(place)).map((read) => ({ read, constraint })));
	const pairs: Pair[] = [];
	const writeAfter = worse(state.sinceEntry, write.delay)?.kind ?? null;
	const add = (found: Found) => pairs.push({ ...found, place, write: write.access.node, writeAfter, claims: claimsOf(state), overlap: null });

	const read = oldest(reads.filter(({ part }) => part !== null));
	if (read) {
		const judgement = judgeData(write, read, reads, checks, state);
		add({ ...aboutRead(read), dependence: "data", judgement, isOverlappable: isOverlappable(write.access, read, state) });
		const outrun = judgement.is === "guarded" ? judgeBound(write, checks, state) : null;
		if (outrun) add(outrun);
	} else if (write.access.atomic) {
		const before = state.reads.find((mark) => covers(mark.place, place) && state.crossing(mark.part)?.kind === "open");
		const guard = { is: "guarded", reason: "atomic", by: write.access.node } as const;
		// Without an old read it is nothing to speak of, but it is a change that others may bury.
		if (before || write.access.atomic === "update") add({ read: before?.node ?? write.access.node, crossing: before ? state.crossing(before.part) : null, dependence: "data", judgement: guard, isOverlappable: false, readAfter: writeAfter });
		const outrun = judgeBound(write, checks, state);
		if (outrun) add(outrun);
	} else {
		const outrun = reads.length > 0 ? judgeBound(write, checks, state) : null;
		for (const found of outrun ? [outrun] : judgeChecks(write, reads, checks, state)) add(found);
	}
	const isFirst = checks.some(({ read: { crossing }, constraint: { test, path } }) => test.is === "absent" && path?.length === 0 && isHarmless(crossing));
	const wiped = isWipe(write) && !read && !isFirst ? judgeWipe(write, state) : null;
	if (wiped) add(wiped);

	noteWrite(write, checks, state, now);
	// In `catch` and `finally` marks are taken back: that is no second attempt.
	return state.isRecovery ? pairs.filter(({ judgement, dependence }) => judgement.is === "guarded" || dependence === "data") : pairs;
}

function isOlder(a: Ingredient, b: Ingredient): boolean {
	if (!a.crossing || !b.crossing) return a.crossing !== null && b.crossing === null;
	return isWorse(a.crossing.kind, b.crossing.kind);
}

function oldest(reads: readonly ReadIngredient[]): ReadIngredient | null {
	return reads.reduce<ReadIngredient | null>((worst, each) => (worst === null || isOlder(each, worst) || (worst.isDiluted && !each.isDiluted && !isOlder(worst, each)) ? each : worst), null);
}

function isOverlappable(access: Access, read: ReadIngredient, state: State): boolean {
	return !access.atomic && read.crossing !== null && !(read.part && state.isHeld(read.part));
}

const race = (kind: RaceKind, by: TSESTree.Node | null = null): Judgement => ({ is: "race", kind, by });

function judgeData(write: Write, read: ReadIngredient, reads: readonly ReadIngredient[], checks: readonly Check[], state: State): Judgement {
	const stale = staleCopy(write, read, reads, checks, state);
	if (stale) return isHandedBack(write) ? handedBack : race("stale-copy", stale);
	if (isHarmless(read.crossing)) return judgeHarmless(read, state);
	return protection(write, read, reads, checks, state) ?? (isHandedBack(write) ? handedBack : keptElsewhere(read, state)) ?? openly(read, "lost-update");
}

const handedBack: Judgement = { is: "unknown", because: "it is written as it was handed over; whether it is an old copy or just the same could not be told" };

/** `this.restore(this.userId)`, which assigns `this.userId = userId`: most of the time it is what was there. */
function isHandedBack({ access, isHandedOn }: Write): boolean {
	return isHandedOn && isInMemory(access.place);
}

/** What a socket carries is often kept in memory too, as an object that all messages of that socket share. */
function keptElsewhere({ source }: ReadIngredient, state: State): Judgement | null {
	if (source.place.space !== "attachment" || !state.stored.has(source)) return null;
	return { is: "unknown", because: "it is kept in memory too, where other events may have brought it up to date" };
}

/** What follows from a read of which other events may have made an old one, unless something protects it. */
function openly(read: ReadIngredient, kind: RaceKind, orElse?: RaceKind): Judgement {
	if (read.isDiluted) return { is: "unknown", because: "the value goes through an answer from outside, which may or may not be made of it" };
	if (read.crossing?.kind === "unknown") return { is: "unknown", because: "what is awaited in between could not be told" };
	return orElse ? { is: "race", kind, by: null, orElse } : race(kind);
}

function judgeHarmless(read: ReadIngredient, state: State): Judgement {
	if (read.part && state.isHeld(read.part) && state.region && state.hasHeld(read.part)) return { is: "guarded", reason: state.region.reason, by: state.region.node };
	const before = read.part && state.openBefore(read.part.born);
	if (before) return { is: "guarded", reason: "io-first", by: before };
	return { is: "guarded", reason: read.crossing === null ? "synchronous" : "input-gate", by: null };
}

function protection(write: Write, old: ReadIngredient, reads: readonly ReadIngredient[], checks: readonly Check[], state: State): Judgement | null {
	if (write.access.atomic) return { is: "guarded", reason: "atomic", by: write.access.node };
	const again = reads.find((read) => !read.isDiluted && isHarmless(read.crossing));
	if (again) return { is: "guarded", reason: "re-read", by: again.source.node };
	// A number that is worked out of the copy is right only where that itself is compared: `if (now < 1) return; put(seen - 1)` is not.
	const mustBeIn = holdsWorkedOut(write.access) && reads.includes(old) ? old.source : null;
	const compared = checks.find(({ read, constraint }) => isHarmless(read.crossing) && !isSpared(constraint, write.access) && (mustBeIn === null || constraint.parts.some(({ source }) => source === mustBeIn)));
	if (compared) return { is: "guarded", reason: "compare-and-set", by: compared.read.source.node };
	const claim = claimSince(old, write.access.place, state);
	return claim && { is: "guarded", reason: "claim", by: claim.node };
}

/** A write that is not made of the place's value, but may stand behind a check of it. */
function judgeChecks(write: Write, reads: readonly ReadIngredient[], checks: readonly Check[], state: State): readonly Found[] {
	const own = checks.filter(({ read: { part } }) => part !== null);
	const check = own.find((each) => isFlipped(each, write.access) && !isHarmless(each.read.crossing)) ?? own.find((each) => isFlipped(each, write.access)) ?? own.find(({ read }) => !isHarmless(read.crossing));
	if (check) {
		const { read } = check;
		const judgement = judgeCheck(write, check, reads, checks, state);
		return judgement ? [{ ...aboutRead(read), dependence: "control", judgement, isOverlappable: isFlipped(check, write.access) && isOverlappable(write.access, read, state) }] : [];
	}
	if (isWipe(write) || reads.length > 0) return [];
	const carried = carriedOver(write, state);
	if (carried) return [carried];
	const chosen = handledTwice(write, state) ?? judgeReset(write, state);
	if (chosen) return [chosen];
	const independent = state.reads.find((mark) => covers(mark.place, write.access.place) && !state.isHeld(mark.part) && state.crossing(mark.part)?.kind === "open");
	if (!independent) return [];
	return [{ read: independent.node, crossing: state.crossing(independent.part), dependence: "none", judgement: { is: "guarded", reason: "no-dependence", by: null }, isOverlappable: false, readAfter: null }];
}

function aboutRead(read: ReadIngredient): Pick<Found, "read" | "crossing" | "readAfter"> {
	return { read: read.source.node, crossing: read.crossing, readAfter: read.part?.after ?? null };
}

/** `const { count } = this.state; …; this.state = { count: count + 1 }`: the whole is written, of a part that is old. */
function carriedOver({ access: { place }, data }: Write, state: State): Found | null {
	if (place.key !== null || !isInMemory(place)) return null;
	const old = data.find((part): part is ReadIngredient => part.source.kind === "read" && part.source.place.space === place.space && !isHarmless(part.crossing) && !(part.part && state.isHeld(part.part)));
	const because = "a part of it that was read before the await goes into the whole that is written; whether others change that part could not be told";
	return old ? { ...aboutRead(old), dependence: "data", judgement: { is: "unknown", because }, isOverlappable: false } : null;
}

/** Many are read and handled, then those that were read are deleted: nothing is lost, but two runs may handle the same. */
function handledTwice({ access, chosen }: Write, state: State): Found | null {
	if (!access.clears) return null;
	const read = chosen.filter(isReadOfMany(access.place)).find(({ crossing, part }) => !isHarmless(crossing) && !(part && state.isHeld(part)));
	if (!read) return null;
	const because = "what was read is deleted only after the await: two runs may handle the same; whether that matters cannot be told";
	return { ...aboutRead(read), dependence: "none", judgement: { is: "unknown", because }, isOverlappable: false };
}

const isReadOfMany =
	(place: Place) =>
	(part: Ingredient): part is ReadIngredient =>
		part.source.kind === "read" && isMany(part.source.place) && mayMeet(part.source.place, place);

function isMany({ key, isPrefix }: Place): boolean {
	return key === null || isPrefix;
}

/** The write must make the check fail for those who come later, or nothing is claimed by it. */
function judgeCheck(write: Write, check: Check, reads: readonly ReadIngredient[], checks: readonly Check[], state: State): Judgement | null {
	const { read, constraint } = check;
	if (isHarmless(read.crossing)) return judgeHarmless(read, state);
	const guarded = protection(write, read, reads, checks, state);
	if (guarded) return guarded;
	if (!isFlipped(check, write.access)) {
		// `if (!game) return; ...; game = next`: the check comes out the same before and after.
		if (constraint.path?.length === 0 && (constraint.test.is === "present" || constraint.test.is === "absent")) return { is: "guarded", reason: "no-dependence", by: null };
		return { is: "unknown", because: read.crossing?.kind === "unknown" ? "what is awaited in between could not be told" : "whether the write makes the check fail for others could not be told" };
	}
	const flip = flipOf(constraint, write.access);
	const resets = constraint.path?.length === 0 && isResetting(write.access);
	if (flip === "moves") return judgeMove(write, check);
	if (flip === "clears") {
		// `if (row) …; DELETE … WHERE at < ?` takes other rows away than the one that was looked at.
		const isSame = write.access.wipes || placeId(write.access.place) === placeId(read.source.place) || write.chosen.some(({ source }) => source === read.source);
		if (!isSame) return null;
		// Taking away what was there is a second action only where what was there has been acted on, and was meant to last.
		const isSecondAction = read.part !== null && state.sent.has(read.source) && !isInMemory(write.access.place);
		if (isSecondAction) return openly(read, "double-action", isOnlyOne(write.access.place) ? "reset" : undefined);
		return resets && isSurelyOpen(read) ? race("reset") : null;
	}
	if (isInMemory(write.access.place) && write.data.some(({ source }) => source.kind === "read" && !isInMemory(source.place))) return { is: "unknown", because: "what is put there is loaded; whether loading it twice matters cannot be told" };
	const isEffective = state.effects.some((time) => read.part !== null && time > read.part.born);
	// Something that was only asked for may be asked for twice; something that was created is there twice then.
	if (!isEffective && write.data.some(({ source }) => source.kind === "outside")) return { is: "unknown", because: "it is filled from outside when it is absent; whether filling it twice matters cannot be told" };
	if (!isEffective && resets && isSurelyOpen(read)) return race("reset");
	// A mark that carries nothing of this event (`true`, the time) says only that something has been done.
	if (write.data.length === 0 && !isEffective) return { is: "unknown", because: "what is done between check and mark may be harmless to do twice" };
	return openly(read, "double-action", resets ? "reset" : undefined);
}

/** `if (!this.dirty) return; await save(); this.dirty = false`, of a place of which there is only one. */
function isResetting(access: Access): boolean {
	return isReset(access) && isOnlyOne(access.place);
}

function isOnlyOne({ key, isPrefix }: Place): boolean {
	return !isPrefix && (key ?? []).every((part) => typeof part === "string");
}

const isSurelyOpen = ({ isDiluted, crossing }: ReadIngredient): boolean => !isDiluted && crossing?.kind === "open";

/** `await report(this.hits); this.hits = 0`: what has been counted meanwhile is in no report. */
function judgeReset(write: Write, state: State): Found | null {
	const { place, clears, wipes } = write.access;
	const isDeleted = clears && !wipes && !isInMemory(place) && place.key !== null && isOnlyOne(place);
	if (!isDeleted && !isResetting(write.access)) return null;
	const id = placeId(place);
	const mark = state.reads.find(({ part, place, call, isLoad }) => !isLoad && (call === null || call !== write.call) && placeId(place) === id && state.sent.has(part.source) && !state.isHeld(part) && worse(state.crossing(part), write.delay)?.kind === "open");
	// Whoever has looked again since knows what he puts back.
	if (!mark || state.reads.some(({ part, place }) => part.born > mark.part.born && placeId(place) === id && isHarmless(state.crossing(part)))) return null;
	return { read: mark.node, crossing: worse(state.crossing(mark.part), write.delay), dependence: "control", judgement: race("reset"), isOverlappable: false, readAfter: mark.part.after };
}

/** A write that takes the present value into account by itself, but goes towards a bound that was tested before others came in. */
function judgeBound(write: Write, checks: readonly Check[], state: State): Found | null {
	const bounds = checks.filter(({ constraint }) => flipOf(constraint, write.access, { isMadeOfIt: true }) === "moves");
	const old = bounds.find(({ read: { part, crossing } }) => part !== null && !isHarmless(crossing));
	if (!old || bounds.some(({ read }) => isHarmless(read.crossing)) || claimSince(old.read, write.access.place, state)) return null;
	return { ...aboutRead(old.read), dependence: "control", judgement: judgeMove(write, old), isOverlappable: false };
}

function judgeMove({ access, data, call }: Write, { read, constraint: { test } }: Check): Judgement {
	// `if (!response.ok) this.failures++`: what counts outcomes reserves nothing, and a cache that grows too large by one harms nobody.
	const branch = read.crossing && branchSince(read.crossing.node, call ?? access.node);
	const isItsOwn = branch !== null && test.is === "ordered" && contains(branch, test.than);
	if (branch && !isItsOwn) return { is: "unknown", because: "it is written only after some outcomes of what is awaited; whether it must not pass the bound cannot be told" };
	if (access.atomic === null && data.some(({ source }) => source.kind === "outside")) return { is: "unknown", because: "it is filled from outside; whether it must not pass the bound cannot be told" };
	return openly(read, "overrun");
}

/** The innermost branch around a node that was chosen after another one. */
function branchSince(since: TSESTree.Node, node: TSESTree.Node): TSESTree.Node | null {
	for (let inner = node, outer = node.parent; outer && !isFunction(outer); inner = outer, outer = outer.parent) {
		if (outer.range[0] < since.range[1]) return null;
		if (outer.type === "IfStatement" || outer.type === "ConditionalExpression" ? outer.test !== inner : outer.type === "CatchClause" || (outer.type === "LogicalExpression" && outer.left !== inner)) return outer;
	}
	return null;
}

function isFlipped({ constraint }: Check, access: Access): boolean {
	return flipOf(constraint, access) !== null;
}

/** A mark written after the read, with no other event let in before it, behind a check of the same place. */
function claimSince(read: ReadIngredient, place: Place, state: State): WriteMark | null {
	const { part } = read;
	if (!part) return null;
	return state.writes.find((mark) => mark.isClaim && mark.time > part.born && mark.lastOpen <= part.born && mayMeet(mark.place, place)) ?? null;
}

/** A copy taken before a call that has written the place since. */
function staleCopy(write: Write, read: ReadIngredient, reads: readonly ReadIngredient[], checks: readonly Check[], state: State): TSESTree.Node | null {
	const { access, call } = write;
	if (access.atomic || !read.part || read.isDiluted || placeId(read.source.place) !== placeId(access.place)) return null;
	const mark = overwriting(read.part, state, call);
	// `if (!this.userId) this.userId = userId`: it has been looked at since.
	if (checks.some(({ read: { part } }) => part === null || (mark !== null && part.born >= mark.time))) return null;
	if (mark) return reads.some(({ part }) => part === null || part.born >= mark.time) ? null : mark.call;
	return reads.length === 1 ? read.overwritten : null;
}

/**
 * A write of the place that a part was read from, made since in a call, and not of that part.
 *
 * @param current - the call that is being spliced: its own writes follow each other as it means them to
 */
export function overwriting(part: Part, state: State, current: TSESTree.Node | null): WriteMark | null {
	const { source } = part;
	if (source.kind !== "read" || state.writes.length === 0) return null;
	const id = placeId(source.place);
	return writesSince(part, state).find((mark) => mark.call !== current && placeId(mark.place) === id) ?? null;
}

/**
 * For an input, of which only the caller knows what it was read from: all places that calls have written since.
 *
 * @param current - the call that is being spliced: what it writes before it writes the input, it has said itself
 */
export function overwrittenSince(part: Part, state: State, current: TSESTree.Node | null): ReadonlySet<string> | null {
	if (part.source.kind !== "input" || state.writes.length === 0) return null;
	const marks = writesSince(part, state).filter(({ call }) => call !== current);
	return marks.length > 0 ? new Set(marks.map(({ place }) => placeId(place))) : null;
}

/** Writes that calls have made since a part was taken, and not of it, to places that can be told apart. */
function writesSince({ source, born }: Part, state: State): readonly WriteMark[] {
	return state.writes.filter(({ call, time, place, isAtomic, sources }) => {
		if (call === null || time <= born || sources.has(source)) return false;
		// What is added to an object in memory, the copy has too: it is the same object. Of a whole table nobody can tell which row.
		return isInMemory(place) ? !isAtomic : place.key !== null;
	});
}

/** Deletes all, or all that a new look finds there. */
function isWipe({ access, chosen }: Write): boolean {
	return access.wipes || (access.clears && chosen.some((part) => isReadOfMany(access.place)(part) && isHarmless(part.crossing)));
}

/** Whether a value has been sent to the outside world or kept elsewhere. */
function isActedOn(source: Source, state: State): boolean {
	return state.sent.has(source) || state.stored.has(source);
}

/** Reads many, lets others in, deletes all: what has come meanwhile goes too. */
function judgeWipe(write: Write, state: State): Found | null {
	const { place } = write.access;
	// Whoever looks again, and deletes what he has found then, has been judged where he does.
	const looksItself = !write.access.wipes && write.chosen.some((each) => each.part === null && isReadOfMany(place)(each));
	if (looksItself) return null;
	for (const mark of state.reads) {
		const { part } = mark;
		if (mark.isLoad) continue;
		// What a callee reads and deletes itself has been judged there.
		if (mark.call !== null && mark.call === write.call) continue;
		if (!isMany(mark.place) || !mayMeet(mark.place, place) || !isActedOn(part.source, state)) continue;
		const isHeld = state.isHeld(part);
		const crossing = worse(state.crossing(part), write.delay && isHeld ? { ...write.delay, kind: withinRegion(write.delay.kind) } : write.delay);
		const common = { read: mark.node, crossing, dependence: "control", isOverlappable: false, readAfter: part.after } as const;
		if (isHeld && state.region && state.hasHeld(part)) return { ...common, judgement: { is: "guarded", reason: state.region.reason, by: state.region.node } };
		if (isHarmless(crossing)) continue;
		const again = state.reads.find((other) => other.part.born > part.born && mayMeet(other.place, place) && isActedOn(other.part.source, state) && isHarmless(worse(state.crossing(other.part), write.delay)));
		if (again) return { ...common, judgement: { is: "guarded", reason: "re-read", by: again.node } };
		if (crossing?.kind === "unknown") return { ...common, judgement: { is: "unknown", because: "what is awaited between reading and deleting could not be told" } };
		return { ...common, judgement: race("wipe") };
	}
	return null;
}

/** Places that this code has claimed by a check and a mark, and not given back. */
export function claimsOf(state: State): readonly Claim[] {
	const claims = state.writes.filter(({ isClaim }) => isClaim);
	return claims.length === 0 ? [] : mergeClaims(claims.map(({ place, node }) => ({ id: placeId(place), node })));
}

export function mergeClaims(claims: readonly Claim[]): readonly Claim[] {
	return [...new Map(claims.map((claim) => [claim.id, claim])).values()];
}

function noteWrite(write: Write, checks: readonly Check[], state: State, now: number): void {
	const { access, call, delay } = write;
	const isClaim = write.mayClaim && checks.some(({ read, constraint }) => isHarmless(read.crossing) && marksOff(constraint, access));
	if (access.clears || access.inputs.some(isGivingBack)) state.writes = state.writes.map((mark) => (mark.isClaim && placeId(mark.place) === placeId(access.place) ? { ...mark, isClaim: false } : mark));
	state.note({
		place: access.place,
		node: access.node,
		time: now,
		lastOpen: isHarmless(delay) ? state.lastOpen : now,
		call,
		isClaim,
		isAtomic: access.atomic !== null,
		// What a callee has read for itself is not what is held here, though it stands in the same line of a function that calls itself.
		sources: new Set(write.data.filter(({ part }) => part !== null).map(({ source }) => source)),
	});
}

/** Whether a write behind a test keeps others from passing the same test. */
function marksOff(constraint: Constraint, access: Access): boolean {
	const flip = flipOf(constraint, access);
	// Where there is room for several, one more keeps nobody away.
	if (isWorkedOut(access) || isWorkedOut(access, constraint.path ?? [])) return false;
	if (constraint.path?.length === 0 || flip !== null) return flip === "sets" || flip === "clears";
	// `if (job.status !== "pending") return`: a property is tested and the whole is written, as far as can be seen with a new one.
	return constraint.test.is !== "present" && !access.clears;
}

function isGivingBack(input: TSESTree.Node): boolean {
	return input.type === "Literal" && (input.value === false || input.value === null);
}
