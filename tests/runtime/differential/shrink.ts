/** Makes a program that shows a disagreement smaller, as long as it still shows it: what is left is what it is about. */
import { childrenOf, CLAIM_TESTS, type Program, STOCK_TESTS, type Step, SUSPENSIONS, type Suspension } from "./program.ts";

/** Every program that is this one with a step left out, replaced by what it encloses, or made plainer. */
export function smaller(program: Program): Program[] {
	return [...(program.store === "field" ? [] : [{ ...program, store: "field" } as const]), ...withLess(program)];
}

function withLess(program: Program): Program[] {
	switch (program.family) {
		case "counter":
			return [
				...(program.other ? [{ ...program, other: null }] : []),
				...shorter(program.run).map((run) => ({ ...program, run })),
				...(program.other ? shorter(program.other).map((other) => ({ ...program, other })) : []),
			].filter(({ run, other }) => isWhole(run) && (other === null || isWhole(other)));
		case "claim":
			return [
				...(program.region ? [{ ...program, region: null }] : []),
				...(program.mark === "number" ? [] : [{ ...program, mark: "number" as const, test: CLAIM_TESTS.number[0] }]),
				...plainer(program, { shape: "return", test: CLAIM_TESTS[program.mark][0] }),
				...shorter(program.before).map((before) => ({ ...program, before })),
				...shorter(program.after).map((after) => ({ ...program, after })),
			];
		case "stock":
			return [
				...plainer(program, { shape: "return", test: STOCK_TESTS[program.direction][0], amount: "1", takes: "from the present", look: "number", guard: "none" }),
				...shorter(program.between).map((between) => ({ ...program, between })),
			];
		case "queue":
			return [...(program.region ? [{ ...program, region: null }] : []), ...shorter(program.between).map((between) => ({ ...program, between }))];
	}
}

/** With one of the choices made as in the plainest program. */
function plainer<P extends Program>(program: P, plainest: Partial<P>): P[] {
	return Object.entries(plainest).flatMap(([choice, plain]) => (program[choice as keyof P] === plain ? [] : [{ ...program, [choice]: plain }]));
}

function shorter(steps: readonly Step[]): (readonly Step[])[] {
	return steps.flatMap((step, index) => {
		const put = (instead: readonly Step[]): readonly Step[] => [...steps.slice(0, index), ...instead, ...steps.slice(index + 1)];
		return [put([]), ...childrenOf(step).map(put), ...inside(step).map((one) => put([one]))];
	});
}

/** The suspension that stands for all of its kind. */
const plainest = ({ kind }: Suspension): Suspension => SUSPENSIONS.find((one) => one.kind === kind) as Suspension;

function inside(step: Step): Step[] {
	const plainly = "suspension" in step && step.suspension !== plainest(step.suspension) ? [{ ...step, suspension: plainest(step.suspension) }] : [];
	const always: Step[] = step.type === "perhaps" ? [{ type: "await", suspension: step.suspension }] : [];
	return [...always, ...plainly, ...withLessInside(step)];
}

function withLessInside(step: Step): Step[] {
	if (step.type === "overlap") {
		const [one, two] = step.branches;
		return [...shorter(one).filter(isWhole).map((branch): Step => ({ ...step, branches: [branch, two] })), ...shorter(two).filter(isWhole).map((branch): Step => ({ ...step, branches: [one, branch] }))];
	}
	if (step.type === "finally" || step.type === "recursion") return [...shorter(step.steps).map((steps): Step => ({ ...step, steps })), ...shorter(step.last).map((last): Step => ({ ...step, last }))];
	return "steps" in step ? shorter(step.steps).map((steps): Step => ({ ...step, steps })) : [];
}

/** Whether every write has a read of its own before it, on every path: else the number of ones cannot be told. */
function isWhole(steps: readonly Step[]): boolean {
	return steps.length > 0 && hasFreshReads(steps, false) !== null;
}

/** Whether `seen` is fresh after the steps; `null` when a write had nothing fresh to write. */
function hasFreshReads(steps: readonly Step[], before: boolean): boolean | null {
	let isFresh: boolean | null = before;
	for (const step of steps) {
		if (isFresh === null) return null;
		if (step.type === "read" || step.type === "read beside") isFresh = true;
		else if (step.type === "write") isFresh = isFresh ? false : null;
		else if (step.type === "if") {
			const taken = hasFreshReads(step.steps, isFresh);
			isFresh = taken === null ? null : taken && isFresh;
		} else if (step.type === "twice") {
			const once = hasFreshReads(step.steps, isFresh);
			isFresh = once === null ? null : hasFreshReads(step.steps, once);
		} else if (step.type === "each") {
			if (!isWhole(step.steps)) return null;
		} else if (step.type === "recursion" && step.how === "around") {
			if (!isWhole([...step.steps, ...step.last])) return null;
		} else if (step.type === "overlap") {
			if (step.branches.some((branch) => !isWhole(branch))) return null;
		} else for (const children of childrenOf(step)) isFresh = isFresh === null ? null : hasFreshReads(children, isFresh);
	}
	return isFresh;
}
