/** Runs programs in workerd: many calls at once, and then a look at what is there. */
import { type Call, Harness } from "../harness.ts";
import type { Subject } from "../subject.ts";
import { Workerd } from "../workerd.ts";
import { increments, type Program } from "./program.ts";
import { HEADER, renderClass } from "./render.ts";

/** What a run has shown. */
export interface Observation {
	readonly expected: number;
	readonly total: number;
	/** The first error of any call: then the program is none of those that we meant to make. */
	readonly error: string | null;
}

/** How many programs share one process: starting is cheap, a class costs some hundred kilobytes. */
const BATCH = 100;
/** How many objects are busy at once: more would only queue up in the one thread. */
const AT_ONCE = 16;
/** How often a program gets the chance to go wrong. */
const ROUNDS = 3;

export async function observeAll(programs: readonly Program[], isSettled: (program: Program, observation: Observation) => boolean): Promise<Map<Program, Observation>> {
	const seen = new Map<Program, Observation>();
	for (let start = 0; start < programs.length; start += BATCH) {
		await observeBatch(programs.slice(start, start + BATCH), isSettled, seen);
	}
	return seen;
}

async function observeBatch(programs: readonly Program[], isSettled: (program: Program, observation: Observation) => boolean, seen: Map<Program, Observation>): Promise<void> {
	const names = new Map(programs.map((program, index) => [program, `Program${index}`]));
	const classes = programs.map((program) => renderClass(program, names.get(program) as string));
	const subject: Subject = { name: "programs", source: HEADER + classes.join("\n") };
	const workerd = await Workerd.start([subject]);
	try {
		const waiting = [...programs];
		const work = async (): Promise<void> => {
			for (let program = waiting.shift(); program; program = waiting.shift()) {
				const object = Harness.of(workerd, subject, names.get(program) as string);
				let observation = await observe(program, object.object("round 0"));
				for (let round = 1; round < ROUNDS && !isSettled(program, observation); round++) observation = await observe(program, object.object(`round ${round}`));
				seen.set(program, observation);
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, work));
	} finally {
		await workerd.stop();
	}
}

async function observe(program: Program, object: Harness): Promise<Observation> {
	const { calls, expected } = plan(program);
	const outcomes = await object.all(calls);
	const error = outcomes.find((outcome) => outcome.error)?.error?.message ?? null;
	return { expected, total: await object.call<number>("total"), error };
}

/** Every combination of entry and flags, twice: what goes wrong only between two calls of one kind shows too. */
function plan(program: Program): { readonly calls: readonly Call[]; readonly expected: number } {
	if (program.family === "queue") {
		const calls = Array.from({ length: 12 }, (_, id): Call => (id % 4 === 2 ? { method: "flush", args: [false, false] } : { method: "run", args: [id] }));
		return { calls, expected: calls.filter(({ method }) => method === "run").length };
	}
	const entries = program.family === "counter" && program.other ? ["run", "other"] : ["run"];
	const combinations = entries.flatMap((method) => [0, 1, 2, 3].map((bits) => ({ method, first: bits % 2 === 1, second: bits > 1 })));
	const calls = [...combinations, ...combinations];
	const once = { calls: calls.map(({ method, first, second }): Call => ({ method, args: [first, second] })) };
	if (program.family === "claim") return { ...once, expected: 1 };
	const added = calls.map(({ method, ...flags }) => increments((method === "run" ? program.run : program.other) ?? [], flags));
	return { ...once, expected: added.reduce((sum, one) => sum + one, 0) };
}
