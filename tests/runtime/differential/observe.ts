/** Runs programs in workerd: many calls at once, and then a look at what is there. */
import { type Call, Harness } from "../harness.ts";
import type { Subject } from "../subject.ts";
import { Workerd } from "../workerd.ts";
import { type Flag, flagsIn, increments, type Program, type Step } from "./program.ts";
import { HEADER, renderClass } from "./render.ts";

/** What a run has shown. */
export interface Observation {
	/** A number for counters and claims; for queues what was delivered or is still there, sorted, as JSON. */
	readonly expected: string;
	readonly total: string;
	/** The first error of any call: then the program is none of those that we meant to make. */
	readonly error: string | null;
}

/** How many programs share one process: starting is cheap, a class costs some hundred kilobytes. */
const BATCH = 100;
/** How many objects are busy at once: more would only queue up in the one thread. */
const AT_ONCE = 16;
/** How many calls of each kind come at once, round by round: what does not show among few may show among many. */
const COPIES = [3, 8, 16, 32];

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
				const object = Harness.of(workerd, subject, names.get(program));
				for (const copies of COPIES) {
					const observation = await observe(program, object.object(`among ${copies}`), copies);
					seen.set(program, observation);
					if (isSettled(program, observation)) break;
				}
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, work));
	} finally {
		await workerd.stop();
	}
}

async function observe(program: Program, object: Harness, copies: number): Promise<Observation> {
	const { calls, expected } = plan(program, copies);
	const outcomes = await object.all(calls);
	const error = outcomes.find((outcome) => outcome.error)?.error?.message ?? null;
	return { expected: comparable(expected), total: comparable(await object.call<Total>("total")), error };
}

type Total = number | readonly (number | string)[];

const comparable = (total: Total): string => JSON.stringify(typeof total === "number" ? total : [...total].sort());

/** Every entry under every combination of the flags that it looks at, and that several times: what goes wrong only between calls of one kind shows too. */
function plan(program: Program, copies: number): { readonly calls: readonly Call[]; readonly expected: Total } {
	if (program.family === "queue") {
		const flushes = combinations(flagsIn(program.between)).map(({ first, second }): Call => ({ method: "flush", args: [first, second] }));
		const calls = repeat(flushes, copies).flatMap((flush, id): Call[] => [{ method: "run", args: [2 * id] }, flush, { method: "run", args: [2 * id + 1] }]);
		const ids = calls.flatMap(({ method, args = [] }) => (method === "run" ? [Number(args[0])] : []));
		return { calls, expected: program.store === "async key" ? ids.map((id) => `item:${id}`) : ids };
	}
	const entries: readonly (readonly [string, readonly Step[]])[] =
		program.family === "claim" ? [["run", [...program.before, ...program.after]]] : [["run", program.run], ...(program.other ? [["other", program.other] as const] : [])];
	const once = entries.flatMap(([method, steps]) => combinations(flagsIn(steps)).map((flags) => ({ method, flags, adds: increments(steps, flags) })));
	const all = repeat(once, copies);
	return {
		calls: all.map(({ method, flags: { first, second } }) => ({ method, args: [first, second] })),
		expected: program.family === "claim" ? 1 : all.reduce((sum, { adds }) => sum + adds, 0),
	};
}

const repeat = <T>(items: readonly T[], times: number): readonly T[] => Array.from({ length: times }, () => items).flat();

function combinations(flags: ReadonlySet<Flag>): readonly Readonly<Record<Flag, boolean>>[] {
	const values = (flag: Flag): readonly boolean[] => (flags.has(flag) ? [false, true] : [false]);
	return values("first").flatMap((first) => values("second").map((second) => ({ first, second })));
}
