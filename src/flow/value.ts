/** What a value is made of: reads of places, inputs of the function, answers from outside. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Place, SuspensionKind } from "./host.ts";
import { placeId } from "./places.ts";
import type { Pair } from "./pair.ts";
import { type Crossing, isWorse, worse } from "./suspension.ts";

export type Source =
	| { readonly kind: "read"; readonly node: TSESTree.Node; readonly place: Place }
	/** A parameter, or a variable of an enclosing function: what it stands for, the caller knows. */
	| { readonly kind: "input"; readonly variable: Scope.Variable }
	| { readonly kind: "outside"; readonly node: TSESTree.Node };

/** Why a stretch of code cannot overlap with other events, or with itself. */
export interface Region {
	readonly node: TSESTree.Node;
	readonly reason: "region" | "mutex" | "single-flight";
}

/** One ingredient of a value. Its age is not kept up to date: it is worked out from `time` when somebody asks. */
export interface Part {
	readonly source: Source;
	/** When it was taken, on the clock of the walk. */
	readonly born: number;
	/** From when on suspensions are to be counted; what lies before is in `carried`. */
	readonly time: number;
	/** The worst suspension that it had behind it at that time already. */
	readonly carried: Crossing | null;
	/** The atomic region in which it was taken. */
	readonly region: Region | null;
	/** The worst suspension of the function before it was taken. */
	readonly after: SuspensionKind | null;
	/** What lies between the taking and the end of the await of the promise that it is still wrapped in. */
	readonly settling: SuspensionKind | null;
	/** The call that has written the same place since, in the function that this part came from. */
	readonly overwritten: TSESTree.Node | null;
	/** True when it reached the value only through an answer from outside (`await fetch(url + n)`). */
	readonly isDiluted: boolean;
}

/** A call whose promise nobody has awaited yet. */
export interface Flight {
	readonly call: TSESTree.Node;
	/** The innermost loop around the call: its variables change while it flies. */
	readonly loop: TSESTree.Node | null;
	/** What the call reads and writes back. */
	readonly pairs: readonly Pair[];
}

/** What a promise (or a list of promises) waits for. */
export interface Pending {
	readonly kind: SuspensionKind;
	readonly cause: TSESTree.Node;
	readonly flight: Flight | null;
}

export interface Value {
	readonly parts: readonly Part[];
	readonly pending: readonly Pending[];
}

export const NOTHING: Value = { parts: [], pending: [] };

/** A value made of more ingredients than this keeps the latest. */
const MAX_PARTS = 48;
const MAX_PENDING = 48;

/** A value made of others. */
export function union(values: readonly Value[]): Value {
	let first: Value | null = null;
	let isMixed = false;
	for (const value of values) {
		if (value === first || value.parts.length + value.pending.length === 0) continue;
		isMixed = first !== null;
		if (isMixed) break;
		first = value;
	}
	if (!first || !isMixed) return first ?? NOTHING;
	const filled = values.filter((value) => value.parts.length > 0 || value.pending.length > 0);
	return { parts: mergeParts(filled.flatMap(({ parts }) => parts)), pending: mergePending(filled.flatMap(({ pending }) => pending)) };
}

/** One part per source: of two, the older one speaks, for it says what may have happened. */
export function mergeParts(parts: readonly Part[]): readonly Part[] {
	const bySource = new Map<Source, Part>();
	for (const part of parts) {
		const other = bySource.get(part.source);
		bySource.set(part.source, other ? older(other, part) : part);
	}
	return [...bySource.values()].slice(-MAX_PARTS);
}

function older(a: Part, b: Part): Part {
	if (a === b) return a;
	return {
		source: a.source,
		born: Math.min(a.born, b.born),
		time: Math.min(a.time, b.time),
		carried: worse(a.carried, b.carried),
		region: a.region === b.region ? a.region : null,
		after: a.after && b.after && (isWorse(a.after, b.after) ? b.after : a.after),
		settling: a.settling ?? b.settling,
		overwritten: a.overwritten ?? b.overwritten,
		isDiluted: a.isDiluted && b.isDiluted,
	};
}

function mergePending(pending: readonly Pending[]): readonly Pending[] {
	return [...new Set(pending)].slice(-MAX_PENDING);
}

/** Sources, and places made for calls, as shared objects: they are compared by identity. One table per class. */
export class Sources {
	readonly #places = new Map<string, Place[]>();
	readonly #reads = new Map<TSESTree.Node, Map<string, Source>>();
	readonly #inputs = new Map<Scope.Variable, Source>();
	readonly #outside = new Map<TSESTree.Node, Source>();

	read(node: TSESTree.Node, place: Place): Source {
		const places = this.#reads.get(node) ?? new Map<string, Source>();
		this.#reads.set(node, places);
		const id = placeId(place);
		let source = places.get(id);
		if (!source) places.set(id, (source = { kind: "read", node, place }));
		return source;
	}

	/** The place itself, or an equal one that came first. */
	place(place: Place): Place {
		const id = placeId(place);
		const known = this.#places.get(id) ?? [];
		const same = known.find(({ label }) => label === place.label);
		if (!same) this.#places.set(id, [...known, place]);
		return same ?? place;
	}

	input(variable: Scope.Variable): Source {
		let source = this.#inputs.get(variable);
		if (!source) this.#inputs.set(variable, (source = { kind: "input", variable }));
		return source;
	}

	outside(node: TSESTree.Node): Source {
		let source = this.#outside.get(node);
		if (!source) this.#outside.set(node, (source = { kind: "outside", node }));
		return source;
	}
}
