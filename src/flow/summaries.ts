/** The summaries of a class's functions, callees first, so that a walk finds those of all that it calls. */
import { evaluate } from "./expressions.ts";
import type { FlowHost, FunctionNode } from "./host.ts";
import { type Mentions, mentionsOf } from "./mentions.ts";
import { identifiersOf } from "./splice.ts";
import { State } from "./state.ts";
import { run } from "./statements.ts";
import { emptySummary, sizeOf, type Summary } from "./summary.ts";
import { Sources } from "./value.ts";
import { Walk } from "./walk.ts";

/** How often functions that call each other are walked. What has not settled by then is incomplete. */
const MAX_ROUNDS = 4;
/** Beyond this many functions in reach, a circle of calls is gone round only once: each round costs as much as all of them. */
const MANY_FUNCTIONS = 16;

export class Summaries {
	readonly #host: FlowHost;
	readonly #sources = new Sources();
	readonly #mentions = new Map<FunctionNode, Mentions>();
	readonly #settled = new Map<FunctionNode, Summary>();

	constructor(host: FlowHost) {
		this.#host = host;
	}

	of(fn: FunctionNode): Summary {
		const known = this.#settled.get(fn);
		if (known) return known;
		this.#settle(fn);
		return this.#settled.get(fn) ?? emptySummary(fn);
	}

	/** Summarises a function and all that it can reach; again where something that it calls has turned out to do more. */
	#settle(root: FunctionNode): void {
		const order = this.#calleesFirst(root);
		const current = new Map<FunctionNode, Summary>();
		const grown = new Map<FunctionNode, number>();
		const made = new Map<FunctionNode, number>();
		let time = 0;
		const lookUp = (fn: FunctionNode) => this.#settled.get(fn) ?? current.get(fn) ?? emptySummary(fn);
		const isOutdated = (fn: FunctionNode) => !current.has(fn) || this.mentionsOf(fn).callees.some((callee) => (grown.get(callee) ?? 0) > (made.get(fn) ?? 0));
		const rounds = order.length > MANY_FUNCTIONS ? 1 : MAX_ROUNDS;
		for (let round = 1; round <= rounds; round++) {
			if (!order.some(isOutdated)) break;
			for (const fn of order) {
				if (!isOutdated(fn)) continue;
				const before = current.get(fn);
				made.set(fn, ++time);
				const summary = this.#summarise(fn, lookUp);
				if (!before || sizeOf(before) !== sizeOf(summary)) grown.set(fn, ++time);
				current.set(fn, summary);
			}
		}
		for (const [fn, summary] of current) this.#settled.set(fn, isOutdated(fn) ? { ...summary, isIncomplete: true } : summary);
	}

	/** Everything reachable that has no summary yet, callees before callers. Iterative: call chains can be long. */
	#calleesFirst(root: FunctionNode): readonly FunctionNode[] {
		const order: FunctionNode[] = [];
		const entered = new Set<FunctionNode>();
		const stack: { readonly fn: FunctionNode; readonly waiting: FunctionNode[] }[] = [];
		const enter = (fn: FunctionNode) => {
			entered.add(fn);
			stack.push({ fn, waiting: [...this.mentionsOf(fn).callees] });
		};
		enter(root);
		for (let top = stack.at(-1); top; top = stack.at(-1)) {
			const next = top.waiting.shift();
			if (next === undefined) {
				stack.pop();
				order.push(top.fn);
			} else if (!entered.has(next) && !this.#settled.has(next)) {
				enter(next);
			}
		}
		return order;
	}

	/** What a function refers to: cheap, before anything is walked. */
	mentionsOf(fn: FunctionNode): Mentions {
		let mentions = this.#mentions.get(fn);
		if (!mentions) this.#mentions.set(fn, (mentions = mentionsOf(fn, this.#host)));
		return mentions;
	}

	#summarise(fn: FunctionNode, summaryOf: (fn: FunctionNode) => Summary): Summary {
		const walk = new Walk(fn, { host: this.#host, sources: this.#sources, summaryOf, ...this.mentionsOf(fn) });
		const state = new State(walk.clock);
		for (const param of fn.params) {
			for (const identifier of identifiersOf(param)) {
				const variable = this.#host.variableOf(identifier);
				if (variable) state.assign(variable, walk.input(variable));
			}
			if (param.type === "AssignmentPattern") evaluate(param.right, walk, state);
		}
		if (fn.body.type === "BlockStatement") {
			run(fn.body, walk, state);
			if (!state.isDead) walk.end(state);
		} else walk.return(evaluate(fn.body, walk, state), fn.body, state);
		return walk.summary();
	}
}
