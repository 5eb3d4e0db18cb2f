/** What a function does, for those who call it: everything that a caller can come to depend on, and nothing else. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Test } from "./conditions.ts";
import type { Access, CallNode, FunctionNode, SuspensionKind } from "./host.ts";
import type { Claim, Pair } from "./pair.ts";
import type { Crossing } from "./suspension.ts";
import type { Pending, Source } from "./value.ts";

/** An ingredient of a value, with its age at the point that is spoken of. */
export interface Aged {
	readonly source: Source;
	readonly crossing: Crossing | null;
	readonly isDiluted: boolean;
	/** A call that has written the place since it was read. */
	readonly overwritten: TSESTree.Node | null;
	/** Of an input: ids of the places that calls have written since the function began. Whoever binds it knows what it was read from. */
	readonly overwrittenAs: ReadonlySet<string> | null;
}

export interface AgedCondition {
	readonly test: Test;
	readonly path: readonly string[] | null;
	readonly parts: readonly Aged[];
}

/** A write that the function makes, itself or through what it calls. */
export interface Effect {
	readonly access: Access;
	readonly data: readonly Aged[];
	/** What chooses what is written. */
	readonly chosen: readonly Aged[];
	readonly conditions: readonly AgedCondition[];
	/** The worst suspension from the start of the function to the write. */
	readonly since: Crossing | null;
	readonly claims: readonly Claim[];
}

export interface ReadEvent {
	readonly access: Access;
	readonly since: Crossing | null;
	readonly source: Source;
	/** See `ReadMark`. */
	readonly isLoad: boolean;
}

/** A parameter that the function calls. */
export interface Invocation {
	/** True when all calls are made in an atomic region or under a mutex. */
	readonly isHeld: boolean;
	readonly node: TSESTree.Node;
}

export interface SuspensionEvent {
	/** The await or loop in this function. */
	readonly node: TSESTree.Node;
	/** What it waits for in the end. */
	readonly cause: TSESTree.Node;
	/** As if no atomic region were around it. */
	readonly kind: SuspensionKind;
	/** The atomic region within the function in which it stands. */
	readonly region: TSESTree.Node | null;
}

export interface CallEvent {
	readonly node: CallNode | TSESTree.MemberExpression;
	readonly callee: FunctionNode;
	/** The atomic region within the function in which the callee runs. */
	readonly region: TSESTree.Node | null;
}

/** A promise that nobody keeps: `this.save();` */
export interface DroppedPromise {
	readonly node: TSESTree.Node;
	/** What it waits for in the end, and whether that lets other events in. */
	readonly cause: TSESTree.Node;
	readonly kind: SuspensionKind;
}

export interface Summary {
	readonly fn: FunctionNode;
	/** The worst suspension on any path; regions taken into account. Null when the function never suspends. */
	readonly suspends: Crossing | null;
	readonly returns: { readonly parts: readonly Aged[]; readonly pending: readonly Pending[] };
	readonly effects: readonly Effect[];
	readonly reads: readonly ReadEvent[];
	readonly pairs: readonly Pair[];
	/** What goes to the outside world. */
	readonly sent: readonly Source[];
	/** True when something is done outside that must not be done twice. */
	readonly actsOutside: boolean;
	/** Variables of enclosing functions that it changes. */
	readonly assigned: ReadonlyMap<Scope.Variable, readonly Aged[]>;
	readonly invokes: ReadonlyMap<Scope.Variable, Invocation>;
	readonly suspensions: readonly SuspensionEvent[];
	readonly calls: readonly CallEvent[];
	readonly dropped: readonly DroppedPromise[];
	/** The writes that lie on all paths which end without a result; null where there is no such path. */
	readonly always: ReadonlySet<TSESTree.Node> | null;
	/** True when a bound was reached: what it says is true, but not all. */
	readonly isIncomplete: boolean;
}

/** What is assumed of a function that is being summarised: of a recursive call. */
export function emptySummary(fn: FunctionNode): Summary {
	return {
		fn,
		suspends: null,
		returns: { parts: [], pending: [] },
		effects: [],
		reads: [],
		pairs: [],
		sent: [],
		actsOutside: false,
		assigned: new Map(),
		invokes: new Map(),
		suspensions: [],
		calls: [],
		dropped: [],
		always: null,
		isIncomplete: false,
	};
}

/** A measure that grows from round to round until a recursive summary has settled. */
export function sizeOf(summary: Summary): string {
	const ages = summary.returns.parts.map(({ crossing }) => crossing?.kind ?? "");
	return [summary.suspends?.kind, summary.effects.length, summary.reads.length, summary.pairs.length, summary.sent.length, ...ages].join();
}
