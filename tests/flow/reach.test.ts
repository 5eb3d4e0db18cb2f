/** What is left out because it cannot have a race: the answer is the same as if all had been walked. */
import { describe, expect, test } from "vitest";
import type { DroppedPromise, Pair } from "../../src/flow/index.ts";
import { flowOf } from "../../src/model/flow-host.ts";
import { programs as texts } from "../fuzz/seeds.ts";
import { classesIn, durableObjectIn, inObject } from "../model/flow-of.ts";
import { programs } from "../runtime/differential/program.ts";
import { HEADER, renderClass } from "../runtime/differential/render.ts";

const SEED = 20_261_125;

const lines = (pairs: readonly (Pair & { readonly kind: string })[]): readonly string[] => pairs.map(({ kind, place, read, write }) => `${kind} of ${place.label}: ${read.range.join("-")} | ${write.range.join("-")}`);

/** Each answer of its own flow: what one has found the other must not know. */
function expectSameAnswers(code: string): void {
	const whole = classesIn(code);
	for (const [index, object] of classesIn(code).entries()) {
		const other = whole[index]!;
		const walked = flowOf(other);
		expect(walked.guards, "everything is walked").toBeDefined();
		expect(lines(flowOf(object).races), code).toEqual(lines(walked.races));
		for (const [at, fn] of object.members.functions.entries()) {
			for (const kinds of [["open"], ["open", "closed"], ["open", "closed", "unknown", "micro"]] as const) {
				const dropped = walked.summaryOf(other.members.functions[at]!).dropped.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
				const shown = ({ node, kind }: DroppedPromise) => `${kind} ${node.range.join("-")}`;
				expect(flowOf(object).droppedPromises(fn, kinds).map(shown), code).toEqual(dropped.map(shown));
			}
		}
	}
}

describe("what cannot have a race is not walked, and nothing is missed", () => {
	test("programs made at random", () => {
		for (const program of programs(200, SEED)) expectSameAnswers(`${HEADER}\n${renderClass(program, "Program")}`);
	});

	test("all examples", () => {
		for (const { text } of texts) expectSameAnswers(text);
	});
});

describe("what a race can come from", () => {
	test.each([
		["a getter that reads", "get total() { return this.n; } async add() { const old = this.total; await fetch('https://x'); this.n = old + 1; }"],
		["a setter that writes", "set total(n: number) { this.n = n; } async add() { const old = this.n; await fetch('https://x'); this.total = old + 1; }"],
		["destructuring", "async add() { const { n } = this; await fetch('https://x'); this.n = n + 1; }"],
		["a pattern that is assigned", "async add() { const old = this.n; await fetch('https://x'); [this.n] = [old + 1]; }"],
		["a function that a parameter stands for", "async twice(work: () => Promise<void>) { await work(); } async add() { const old = this.n; await this.twice(async () => { await fetch('https://x'); }); this.n = old + 1; }"],
		["a default of a parameter", "async load() { const n = this.n; await fetch('https://x'); return n; } async set(n: number) { this.n = n + 1; } async add() { await this.set(await this.load()); }"],
		["a promise in a variable", "async add() { const old = this.n; const answer = fetch('https://x'); await answer; this.n = old + 1; }"],
		["a chain of then()", "async add() { const old = this.n; await fetch('https://x').then(() => { this.n = old + 1; }); }"],
		["a function without async", "wait() { return fetch('https://x'); } async add() { const old = this.n; await this.wait(); this.n = old + 1; }"],
		["for await", "async add(list: AsyncIterable<number>) { const old = this.n; for await (const x of (await fetch('https://x')).body!) this.n = old + 1; }"],
	])("%s", (_, body) => {
		expect(flowOf(durableObjectIn(inObject(`n = 0; ${body}`))).races).not.toEqual([]);
	});
});
