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

const COUNT = Number(process.env["DIFFERENTIAL_PROGRAMS"] ?? 250);
const SEED = Number(process.env["DIFFERENTIAL_SEED"] ?? 20_261_123);
/** How many disagreements are made smaller; those that come down to the same program are shown once. */
const SHRUNK = Number(process.env["DIFFERENTIAL_SHRUNK"] ?? 5);

type Disagreement = "said to be safe, but an update was lost" | "said to lose an update, but none was lost";

const isLost = ({ total, expected }: Observation): boolean => total !== expected;

function disagreement(claim: Claim, observation: Observation): Disagreement | null {
	if (claim === "safe" && isLost(observation)) return "said to be safe, but an update was lost";
	if (claim === "violated" && !isLost(observation)) return "said to lose an update, but none was lost";
	return null;
}

/** One run is enough where it proves something; the others get more. */
const settles = (program: Program, observation: Observation): boolean => isLost(observation) || claimOf(program).claim !== "violated";

interface Found {
	readonly program: Program;
	readonly kind: Disagreement;
}

const sourceOf = ({ program, kind }: Found): string => `${kind}:\n${renderClass(program, "Program")}`;

/** The least programs that still show the disagreements; those that come down to the same are one. All take each step together: a process is started once a round. */
async function shrink(found: readonly Found[]): Promise<readonly Found[]> {
	const done = new Map<string, Found>();
	let open = new Map(found.map((one) => [sourceOf(one), one]));
	while (open.size > 0) {
		const candidates = new Map([...open.values()].map((one) => [one, smaller(one.program)]));
		const seen = await observeAll([...candidates.values()].flat(), settles);
		const next = new Map<string, Found>();
		for (const [one, programs] of candidates) {
			const program = programs.find((candidate) => {
				const observation = seen.get(candidate) as Observation;
				return observation.error === null && disagreement(claimOf(candidate).claim, observation) === one.kind;
			});
			if (program) next.set(sourceOf({ ...one, program }), { ...one, program });
			else done.set(sourceOf(one), one);
		}
		open = next;
	}
	return [...done.values()];
}

const show = (found: Found): string => [sourceOf(found), ...claimOf(found.program).because].join("\n");

describeWithWorkerd("the analysis of what can interleave", () => {
	test(`agrees with workerd on ${COUNT} programs (seed ${SEED})`, { timeout: 120_000 + COUNT * 1_000 }, async () => {
		const all = programs(COUNT, SEED);
		const seen = await observeAll(all, settles);

		const failed = all.filter((program) => seen.get(program)?.error !== null);
		expect(failed.map((program) => `${seen.get(program)?.error}\n${renderClass(program, "Program")}`), "programs that do not run").toEqual([]);

		const found = all.flatMap((program): Found[] => {
			const kind = disagreement(claimOf(program).claim, seen.get(program) as Observation);
			return kind ? [{ program, kind }] : [];
		});
		const least = await shrink(found.slice(0, SHRUNK));
		expect(found.length, least.map(show).join("\n\n")).toBe(0);

		// A test in which nothing is lost, or about which nothing is said, would be none. Of counters all is in sight; what
		// else may be done twice without harm is a matter of opinion, and there the analysis may keep silent.
		const share = (claim: Claim, some: readonly Program[]): number => some.filter((program) => claimOf(program).claim === claim).length / some.length;
		expect(share("violated", all)).toBeGreaterThan(0.25);
		expect(share("safe", all)).toBeGreaterThan(0.25);
		for (const each of new Set(all.map(({ family }) => family))) {
			const some = all.filter(({ family }) => family === each);
			expect(share("violated", some), `violated of the family ${each}`).toBeGreaterThan(0.1);
			expect(share("safe", some), `safe of the family ${each}`).toBeGreaterThan(0.1);
		}
		expect(share("unknown", all.filter(({ family }) => family === "counter"))).toBeLessThan(0.05);
	});
});
