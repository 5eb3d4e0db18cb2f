/**
 * What a function can come to with all that it runs, told from what it mentions: whether a walk could find anything.
 * Most functions never wait for anything outside, or write nothing. A yes may be wrong; a no never is.
 */
import type { FunctionNode, SuspensionKind } from "./host.ts";
import type { Mentions } from "./mentions.ts";
import { spacesMayMeet } from "./places.ts";

/** Beyond this many functions in reach the answer is yes: to look closer would cost as much as a walk. */
const MANY = 500;

export class Reach {
	readonly #mentionsOf: (fn: FunctionNode) => Mentions;
	readonly #from = new Map<FunctionNode, ReadonlySet<FunctionNode>>();
	readonly #promising = new Map<FunctionNode, boolean>();
	readonly #written = new Map<FunctionNode, ReadonlySet<string>>();

	constructor(mentionsOf: (fn: FunctionNode) => Mentions) {
		this.#mentionsOf = mentionsOf;
	}

	/** A function and all that it may run, directly or not. */
	from(root: FunctionNode): ReadonlySet<FunctionNode> {
		let reached = this.#from.get(root);
		if (!reached) {
			const all = new Set([root]);
			for (const fn of all) for (const callee of this.#mentionsOf(fn).callees) all.add(callee);
			this.#from.set(root, (reached = all));
		}
		return reached;
	}

	/**
	 * Whether a function may have a race: something is read and written, and others are let in, or calls overlap, or a call
	 * writes what is written once more.
	 */
	mayRace(root: FunctionNode): boolean {
		const all = [...this.from(root)];
		if (all.length > MANY) return true;
		const reads = new Set(all.flatMap((fn) => [...this.#mentionsOf(fn).reads]));
		return doMeet(reads, this.#writtenBy(root)) && all.some((fn) => this.#mentionsOf(fn).opens || this.#mayOverlap(fn, reads) || this.#mayWriteTwice(fn));
	}

	/** Whether a function may drop a promise that waits for one of these. */
	mayDrop(fn: FunctionNode, kinds: readonly SuspensionKind[]): boolean {
		const isOnlyOpen = kinds.every((kind) => kind === "open");
		return this.#mentionsOf(fn).statements.some(({ callee, suspension, callbacks }) => {
			if (callee) return isOnlyOpen ? this.#mayOpen(callee) : this.#mayPromise(callee);
			return (suspension !== null && kinds.includes(suspension)) || callbacks.some(({ run }) => run === "then" || run === "region");
		});
	}

	#mayOpen(fn: FunctionNode): boolean {
		return [...this.from(fn)].some((each) => this.#mentionsOf(each).opens);
	}

	/** Whether something that writes what is read may still be under way when the next thing starts. */
	#mayOverlap(fn: FunctionNode, reads: ReadonlySet<string>): boolean {
		return this.#mentionsOf(fn).runs.some(
			({ callees, isRepeated, isWaitedFor }) => (isRepeated || !isWaitedFor) && callees.some((callee) => this.#mayPromise(callee) && doMeet(reads, this.#writtenBy(callee))),
		);
	}

	/** Whether a function may return a promise. */
	#mayPromise(fn: FunctionNode): boolean {
		let may = this.#promising.get(fn);
		if (may === undefined) this.#promising.set(fn, (may = [...this.from(fn)].some((each) => each.async || each.generator || this.#mentionsOf(each).getsPromise)));
		return may;
	}

	/** Whether two pieces of a function, one of them a call, write to the same space. */
	#mayWriteTwice(fn: FunctionNode): boolean {
		const { runs, writes } = this.#mentionsOf(fn);
		if (runs.length === 0) return false;
		const seen = new Set(writes);
		return runs.some(({ callees }) => {
			const written = new Set(callees.flatMap((callee) => [...this.#writtenBy(callee)]));
			const isAgain = [...written].some((space) => seen.has(space));
			for (const space of written) seen.add(space);
			return isAgain;
		});
	}

	#writtenBy(fn: FunctionNode): ReadonlySet<string> {
		let written = this.#written.get(fn);
		if (!written) this.#written.set(fn, (written = new Set([...this.from(fn)].flatMap((each) => this.#mentionsOf(each).writes))));
		return written;
	}
}

function doMeet(reads: ReadonlySet<string>, writes: ReadonlySet<string>): boolean {
	for (const write of writes) {
		if (reads.has(write)) return true;
		for (const read of reads) if (spacesMayMeet(read, write)) return true;
	}
	return false;
}
