/** What the analysis says of a program. */
import betweenEvents from "../../../src/rules/concurrency/no-interleaved-read-modify-write.ts";
import withinOne from "../../../src/rules/concurrency/no-parallel-read-modify-write.ts";
import { review } from "../../rules/rule-tester.ts";
import type { Program } from "./program.ts";
import { HEADER, renderClass } from "./render.ts";

/** `violated`: some update can be lost; `safe`: none can; `unknown`: no claim is made. */
export type Claim = "violated" | "safe" | "unknown";

/** The rules that speak of lost updates: between events, and within one. */
const RULES = [betweenEvents, withinOne];

interface Answer {
	readonly claim: Claim;
	/** Every verdict, in words. */
	readonly because: readonly string[];
}

const answers = new WeakMap<Program, Answer>();

export function claimOf(program: Program): Answer {
	let answer = answers.get(program);
	if (!answer) answers.set(program, (answer = ask(program)));
	return answer;
}

function ask(program: Program): Answer {
	const code = HEADER + renderClass(program, "Program");
	const verdicts = RULES.flatMap((rule) => review(rule, code).flatMap(({ verdicts }) => verdicts));
	if (verdicts.length === 0) throw new Error(`no rule has an answer for\n${code}`);
	const because = verdicts.map((verdict) => (verdict.status === "violated" ? `violated: ${verdict.messageId} ${JSON.stringify(verdict.data)}` : `${verdict.status}: ${verdict.because}`));
	if (verdicts.some(({ status }) => status === "violated")) return { claim: "violated", because };
	return { claim: verdicts.some(({ status }) => status === "unknown") ? "unknown" : "safe", because };
}
