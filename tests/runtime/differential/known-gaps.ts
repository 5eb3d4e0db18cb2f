/**
 * Where the analysis is known to say less than happens. Programs of these shapes are left out of the comparison, and only
 * those: whoever teaches the analysis one of them takes it away here.
 */
import { anywhere, type Claim, type Program, type Step, type Stock } from "./program.ts";

export function isKnownGap(program: Program): boolean {
	switch (program.family) {
		case "counter":
			return [program.run, program.other ?? []].some((steps) => anywhere(steps, isHandedRound));
		case "claim":
			return isOfUnknownWait(program);
		case "stock":
			return program.guard === "checked again" ? isComparedWithNothing(program) : isUnseenBound(program);
		case "queue":
			return false;
	}
}

/** What a method that calls itself lets in before it hands a parameter back is not counted: the value looks as young as on the way without a second call. */
function isHandedRound(step: Step): boolean {
	if (step.type !== "recursion" || step.how !== "down") return false;
	return anywhere(step.steps, (each) => "suspension" in each && each.suspension.kind !== "micro") && !step.steps.some(({ type }) => type === "read" || type === "read beside");
}

/** A column that is set behind a check of it, after a wait that cannot be looked into: nothing is said of it, not even that it is unknown. */
function isOfUnknownWait({ store, before }: Claim): boolean {
	return store === "row" && anywhere(before, (step) => step.type === "perhaps" && step.operator === "?.");
}

/** Any look at the place after the await is taken for a comparison with the copy from before it, though the copy is written all the same. */
function isComparedWithNothing({ takes }: Stock): boolean {
	return takes === "from the copy";
}

/** That there is a bound is not seen in a sum, in an equality, in a column or property, or in a test that may come out so for another reason. */
function isUnseenBound({ store, test, takes, guard }: Stock): boolean {
	if (guard !== "none" || takes !== "from the present") return false;
	return store === "row" || store === "record" || /n [+-]|===|&&/u.test(test("n", "1"));
}
