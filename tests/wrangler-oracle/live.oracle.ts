/** Asks the real Wrangler. Run by `npm run test:wrangler`, not by the ordinary suite. */
import { beforeAll, describe, expect, it } from "vitest";
import { ask, install, WRANGLER } from "./ask.ts";
import { damaged, generate } from "./generate.ts";
import { outcomeOf } from "./judge.ts";
import { RECORDED, save } from "./record.ts";
import { table, tally } from "./tally.ts";

const seed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["COUNT"] ?? 3000);

describe(`against Wrangler ${WRANGLER} itself`, () => {
	beforeAll(install, 300_000);

	it(`agrees on ${count} configurations of seed ${seed}`, { timeout: 600_000 }, async () => {
		const configs = generate(seed, count);
		const result = tally(configs, await ask(configs));
		console.log(table(result));
		expect(result.disagreements.slice(0, 5).join("\n\n")).toBe("");
	});

	it(`reads the same of ${count} damaged texts, or refuses them too`, { timeout: 600_000 }, async () => {
		const texts = damaged(seed, count);
		const answers = await ask(texts);
		const differing = texts.filter((text, index) => {
			const answer = answers[index];
			return !answer || outcomeOf(text, answer).parse === "differs";
		});
		console.log(`damaged texts: ${count}, refused by both: ${answers.filter(({ parsed }) => parsed === null).length - differing.length}`);
		expect(differing.slice(0, 3).map(({ text }) => text)).toEqual([]);
	});

	it.runIf(process.env["RECORD"] !== undefined)("records its answers for the ordinary suite", async () => {
		const configs = generate(RECORDED.seed, RECORDED.count);
		save(WRANGLER, configs, await ask(configs));
	});
});
