/**
 * The analysis against the runtime, on programs made at random: where the analysis says that an update can be lost, some
 * run loses one; where it says that none can, no run does. `DIFFERENTIAL_PROGRAMS` and `DIFFERENTIAL_SEED` ask for more.
 */
import { expect, test } from "vitest";
import { describeWithWorkerd } from "../requirement.ts";
import { type Observation, observeAll } from "./observe.ts";
import { type Program, programs } from "./program.ts";
import { renderClass } from "./render.ts";
import { smaller } from "./shrink.ts";
import { type Claim, claimOf } from "./verdict.ts";

const COUNT = Number(process.env["DIFFERENTIAL_PROGRAMS"] ?? 300);
const SEED = Number(process.env["DIFFERENTIAL_SEED"] ?? 20_261_123);
/** How many disagreements are made smaller and shown. */
const SHOWN = 5;

type Disagreement = "said to be safe, but an update was lost" | "said to lose an update, but none was lost";

const isLost = ({ total, expected }: Observation): boolean => total !== expected;

function disagreement(claim: Claim, observation: Observation): Disagreement | null {
	if (claim === "safe" && isLost(observation)) return "said to be safe, but an update was lost";
	if (claim === "violated" && !isLost(observation)) return "said to lose an update, but none was lost";
	return null;
}

/** One run is enough where it proves something; the others get more. */
const settles = (program: Program, observation: Observation): boolean => isLost(observation) || claimOf(program).claim !== "violated";

async function shrink(program: Program, kind: Disagreement): Promise<Program> {
	for (;;) {
		const candidates = smaller(program);
		const seen = await observeAll(candidates, settles);
		const next = candidates.find((candidate) => {
			const observation = seen.get(candidate) as Observation;
			return observation.error === null && disagreement(claimOf(candidate).claim, observation) === kind;
		});
		if (!next) return program;
		program = next;
	}
}

async function show(program: Program, kind: Disagreement): Promise<string> {
	const least = await shrink(program, kind);
	return [`${kind}:`, renderClass(least, "Program"), ...claimOf(least).because].join("\n");
}

describeWithWorkerd("the analysis of what can interleave", () => {
	test(`agrees with workerd on ${COUNT} programs (seed ${SEED})`, { timeout: 60_000 + COUNT * 500 }, async () => {
		const all = programs(COUNT, SEED);
		const seen = await observeAll(all, settles);

		const failed = all.filter((program) => seen.get(program)?.error !== null);
		expect(failed.map((program) => `${seen.get(program)?.error}\n${renderClass(program, "Program")}`), "programs that do not run").toEqual([]);

		const found = all.flatMap((program) => {
			const kind = disagreement(claimOf(program).claim, seen.get(program) as Observation);
			return kind ? [{ program, kind }] : [];
		});
		const shown: string[] = [];
		for (const { program, kind } of found.slice(0, SHOWN)) shown.push(await show(program, kind));
		expect(found.length, shown.join("\n\n")).toBe(0);

		// A test in which nothing is lost, or about which nothing is said, would be none.
		const claims = all.map((program) => claimOf(program).claim);
		const share = (claim: Claim): number => claims.filter((one) => one === claim).length / claims.length;
		expect(share("violated")).toBeGreaterThan(0.25);
		expect(share("safe")).toBeGreaterThan(0.25);
		expect(share("unknown")).toBeLessThan(0.1);
	});
});
