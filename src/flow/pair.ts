/** What the engine finds: a read and a write of one place, and what lies between them. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Place, SuspensionKind } from "./host.ts";
import type { Crossing } from "./suspension.ts";

export type RaceKind =
	/** Another event writes between the read and the write that is made of it: its update is overwritten. */
	| "lost-update"
	/** Two events pass the same check before either of them has left its mark. */
	| "double-action"
	/** Two events pass the same check of a bound, and together go beyond it. */
	| "overrun"
	/** What arrives between the reading of many and their deletion is deleted unread. */
	| "wipe"
	/** What is set between a look at a flag or count and its being put back to nothing is undone unseen. */
	| "reset"
	/** Two overlapping calls of one event each read, suspend and write. */
	| "self-overlap"
	/** A call writes the place, then a copy from before that call is written back. No concurrency needed. */
	| "stale-copy";

export type GuardReason =
	/** Only storage operations and microtasks between read and write: no other event is delivered meanwhile. */
	| "input-gate"
	/** The I/O comes first, the read after it. */
	| "io-first"
	/** Nothing is awaited between read and write. */
	| "synchronous"
	/** The place is read again after the suspension, and the write depends on that. */
	| "re-read"
	/** The write is made only if a read after the suspension still finds what was seen. */
	| "compare-and-set"
	/** The write takes the present value into account by itself. */
	| "atomic"
	/** A mark is written before the suspension, and whoever finds it stays away. */
	| "claim"
	| "region"
	| "mutex"
	| "single-flight"
	/** The write is not made of the read. */
	| "no-dependence"
	/** Nobody else writes the place, and this entry point never overlaps with itself. */
	| "single-entry";

export type Judgement =
	/**
	 * `by`: for a stale copy, the call that has written meanwhile. `orElse`: what it is where nobody can do the same
	 * meanwhile, but others write the place.
	 */
	| { readonly is: "race"; readonly kind: RaceKind; readonly by: TSESTree.Node | null; readonly orElse?: RaceKind }
	| { readonly is: "guarded"; readonly reason: GuardReason; readonly by: TSESTree.Node | null }
	| { readonly is: "unknown"; readonly because: string };

/** A place that code has taken for itself by a check and a mark. */
export interface Claim {
	readonly id: string;
	readonly node: TSESTree.Node;
}

export interface Pair {
	readonly place: Place;
	readonly read: TSESTree.Node;
	readonly write: TSESTree.Node;
	/** The worst suspension between them; null where they follow each other without one. */
	readonly crossing: Crossing | null;
	readonly dependence: "data" | "control" | "none";
	readonly judgement: Judgement;
	/** True when something else of the same event can come in between and the write would bury it. */
	readonly isOverlappable: boolean;
	/** The worst suspension of the function before the read, and before the write. */
	readonly readAfter: SuspensionKind | null;
	readonly writeAfter: SuspensionKind | null;
	/** What this code holds claimed at the write. */
	readonly claims: readonly Claim[];
	/** For `self-overlap`: the two calls that overlap (the same one twice where one call is repeated). */
	readonly overlap: { readonly first: TSESTree.Node; readonly second: TSESTree.Node } | null;
}

/** Pairs with the same key say the same thing. */
export function pairKey({ read, write, judgement, crossing }: Pair): string {
	const detail = judgement.is === "race" ? judgement.kind : judgement.is === "guarded" ? judgement.reason : "";
	return [read.range.join("-"), write.range.join("-"), judgement.is, detail, crossing?.kind ?? ""].join("|");
}
