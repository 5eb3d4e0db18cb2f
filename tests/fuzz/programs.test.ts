/** Whatever parses can be linted: no rule throws or hangs, and what rules propose is a program with no more findings. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { budget } from "./budget.ts";
import { Bench } from "./lint.ts";
import { mutate, parses } from "./mutate-program.ts";
import { programs } from "./seeds.ts";

const mutation = fc.record({ operation: fc.nat(), at: fc.nat(), other: fc.nat() });
const program = fc.record({ seed: fc.nat(programs.length - 1), mutations: fc.array(mutation, { minLength: 1, maxLength: 8 }) });

test("rules take any program, and propose nothing that is worse", () => {
	const bench = new Bench();
	let found = 0;
	let proposed = 0;
	fc.assert(
		fc.property(program, ({ seed, mutations }) => {
			const { text: original, language } = programs[seed]!;
			const text = mutate(original, mutations);
			const name = `object.${language}`;
			const messages = bench.lint(text, name);
			found += messages.length;
			proposed += messages.filter(({ fix, suggestions }) => fix || suggestions).length;
			expect(messages.filter(({ fatal }) => fatal), text).toEqual([]);
			expect(bench.faultsOfProposals(text, name, messages), text).toEqual([]);
		}),
		budget({ ordinary: 250, long: 10_000 }),
	);
	expect(found, "programs have findings").toBeGreaterThan(100);
	expect(proposed, "findings have proposals").toBeGreaterThan(20);
});

test("most mutations leave a program", () => {
	const changed = fc.sample(program, { numRuns: 100, seed: 1 }).filter(({ seed, mutations }) => mutate(programs[seed]!.text, mutations) !== programs[seed]!.text);
	expect(changed.length).toBeGreaterThan(80);
	expect(programs.filter(({ text }) => !parses(text))).toEqual([]);
});
