/** Any text under the name of a Wrangler configuration is linted or refused; what can be read is read in each format alike. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { budget } from "./budget.ts";
import { Bench } from "./lint.ts";
import { asToml, mutateData, mutateText, seeds } from "./mutate-configuration.ts";
import { configurations } from "./seeds.ts";

const mutations = fc.array(fc.record({ operation: fc.nat(), at: fc.nat(), other: fc.nat() }), { minLength: 1, maxLength: 6 });

test("rules take any text that parses, and propose nothing that is worse", () => {
	const bench = new Bench();
	let found = 0;
	let linted = 0;
	fc.assert(
		fc.property(fc.nat(configurations.length - 1), mutations, (seed, changes) => {
			const { text: original, language } = configurations[seed]!;
			const text = mutateText(original, language, changes);
			const name = `wrangler.${language}`;
			const messages = bench.lint(text, name);
			if (messages.some(({ fatal }) => fatal)) {
				expect(messages, text).toHaveLength(1);
				return;
			}
			linted++;
			found += messages.length;
			expect(bench.faultsOfProposals(text, name, messages), text).toEqual([]);
		}),
		budget({ ordinary: 400, long: 20_000 }),
	);
	expect(linted).toBeGreaterThan(100);
	expect(found).toBeGreaterThan(100);
});

test("rules take any data, in each format", () => {
	const bench = new Bench();
	let found = 0;
	fc.assert(
		fc.property(fc.nat(seeds.length - 1), mutations, (seed, changes) => {
			const data = mutateData(seeds[seed]!, changes);
			const texts = { "wrangler.json": JSON.stringify(data), "wrangler.jsonc": `// generated\n${JSON.stringify(data, null, "\t")}`, "wrangler.toml": asToml(data) };
			for (const [name, text] of Object.entries(texts)) {
				const messages = bench.lint(text, name);
				found += messages.length;
				expect(bench.faultsOfProposals(text, name, messages), text).toEqual([]);
			}
		}),
		budget({ ordinary: 200, long: 10_000 }),
	);
	expect(found).toBeGreaterThan(100);
});

test("any characters at all are no more than a syntax error", () => {
	const bench = new Bench();
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), fc.constantFrom("wrangler.json", "wrangler.jsonc", "wrangler.toml"), (text, name) => {
			for (const { line, column } of bench.lint(text, name)) expect(line > 0 && column > 0).toBe(true);
		}),
		budget({ ordinary: 300, long: 20_000 }),
	);
});
