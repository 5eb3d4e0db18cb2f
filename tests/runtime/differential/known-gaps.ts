/**
 * Where the analysis is known to say less than happens. Programs of these shapes are left out of the comparison, and only
 * those: whoever teaches the analysis one of them takes it away here.
 */
import { anywhere, type Program, type Step, type Stock } from "./program.ts";

export function isKnownGap(program: Program): boolean {
	switch (program.family) {
		case "counter":
			return [program.run, program.other ?? []].some((steps) => anywhere(steps, isHandedRound));
		case "stock":
			return isUnseenBound(program);
		case "claim":
		case "queue":
			return false;
	}
}

/** What a method that calls itself lets in before it hands a parameter back is not counted: the value looks as young as on the way without a second call. */
function isHandedRound(step: Step): boolean {
	if (step.type !== "recursion" || step.how !== "down") return false;
	return anywhere(step.steps, (each) => "suspension" in each && each.suspension.kind !== "micro") && !step.steps.some(({ type }) => type === "read" || type === "read beside");
}

/** That there is a bound is not seen in a sum, in an equality, in a column or property, or in a test that may come out so for another reason. */
function isUnseenBound({ store, test, takes, guard }: Stock): boolean {
	if (guard !== "none" || takes !== "from the present") return false;
	return store === "row" || store === "record" || /n [+-]|===|&&/u.test(test("n", "1"));
}
