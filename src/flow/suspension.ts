/** Suspensions, ordered by what they let in. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { SuspensionKind } from "./host.ts";

/** A suspension that lies between two points of a function, the worst of all that do. */
export interface Crossing {
	readonly kind: SuspensionKind;
	/** The await (or loop) of the function that is looked at. */
	readonly node: TSESTree.Node;
	/** What is waited for in the end, perhaps in a function that this one calls. */
	readonly cause: TSESTree.Node;
}

/** Rising: an open suspension is proof, an unknown one only a doubt. */
const ranks: Readonly<Record<SuspensionKind, number>> = { micro: 1, closed: 2, unknown: 3, open: 4 };

/** From worst to most harmless. */
export const kindsByRank: readonly SuspensionKind[] = ["open", "unknown", "closed", "micro"];

export function isWorse(a: SuspensionKind, b: SuspensionKind): boolean {
	return ranks[a] > ranks[b];
}

/** The worse of two; the first where both are alike. */
export function worse(a: Crossing | null, b: Crossing | null): Crossing | null {
	if (!a || !b) return a ?? b;
	return isWorse(b.kind, a.kind) ? b : a;
}

export function worstKind(kinds: Iterable<SuspensionKind | null>): SuspensionKind | null {
	let worst: SuspensionKind | null = null;
	for (const kind of kinds) if (kind && (worst === null || isWorse(kind, worst))) worst = kind;
	return worst;
}

/** Inside an atomic region nothing but this event goes on. */
export function withinRegion(kind: SuspensionKind): SuspensionKind {
	return kind === "micro" ? "micro" : "closed";
}

/** Whether no other event can have come in between, as far as is known. */
export function isHarmless(crossing: Crossing | null): boolean {
	return crossing === null || crossing.kind === "micro" || crossing.kind === "closed";
}
