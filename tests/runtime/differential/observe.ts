/** Runs programs in workerd: many calls at once, and then a look at what is there. */
import { type Call, Harness } from "../harness.ts";
import type { Subject } from "../subject.ts";
import { Workerd } from "../workerd.ts";
import { type Flag, flagsIn, increments, type Program, slowed } from "./program.ts";
import { HEADER, renderClass } from "./render.ts";

/** What a run has shown. */
export interface Observation {
	/** A number for counters, claims and stocks; for queues what was delivered or is still there, sorted, as JSON. */
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
const COPIES = [3, 10, 30];

/** How often what has still not gone wrong is run with slow suspensions, in a process of its own. */
const SLOW_ROUNDS = 3;

type IsSettled = (program: Program, observation: Observation) => boolean;

/** Runs each program until an observation settles what is to be known of it, or there is no further round. */
export async function observeAll(programs: readonly Program[], isSettled: IsSettled): Promise<Map<Program, Observation>> {
	const seen = new Map<Program, Observation>();
	for (let start = 0; start < programs.length; start += BATCH) {
		for (const [program, observation] of await observeBatch(programs.slice(start, start + BATCH), isSettled)) seen.set(program, observation);
	}
	for (let round = 0; round < SLOW_ROUNDS; round++) {
		const unsettled = programs.filter((program) => !isSettled(program, seen.get(program) as Observation));
		if (unsettled.length === 0) break;
		const original = new Map(unsettled.map((program) => [slowed(program), program]));
		const slow = await observeBatch([...original.keys()], (program, observation) => isSettled(original.get(program) as Program, observation));
		for (const [program, observation] of slow) seen.set(original.get(program) as Program, observation);
	}
	return seen;
}

async function observeBatch(programs: readonly Program[], isSettled: IsSettled): Promise<Map<Program, Observation>> {
	const seen = new Map<Program, Observation>();
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
					const observation = await observe(program, object, copies);
					seen.set(program, observation);
					if (isSettled(program, observation)) break;
				}
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, work));
		return seen;
	} finally {
		await workerd.stop();
	}
}

/** The first experiment in which something is lost, or else the last. */
async function observe(program: Program, object: Harness, copies: number): Promise<Observation> {
	let observation: Observation | null = null;
	for (const [index, { calls, expected }] of experiments(program, copies).entries()) {
		const fresh = object.object(`experiment ${index} with ${copies}`);
		const outcomes = await fresh.all(calls);
		const error = outcomes.find((outcome) => outcome.error)?.error?.message ?? null;
		observation = { expected: comparable(expected), total: comparable(await fresh.call<Total>("total")), error };
		if (error !== null || observation.total !== observation.expected) break;
	}
	if (!observation) throw new Error("a program without an experiment");
	return observation;
}

type Total = number | readonly (number | string)[];

const comparable = (total: Total): string => JSON.stringify(typeof total === "number" ? total : [...total].sort());

interface Experiment {
	/** All sent at once. */
	readonly calls: readonly Call[];
	readonly expected: Total;
}

/** Every entry under every combination of the flags that it looks at, and that several times: what goes wrong only between calls of one kind shows too. */
function experiments(program: Program, copies: number): readonly Experiment[] {
	switch (program.family) {
		case "counter": {
			const entries = [["run", program.run], ["other", program.other ?? []]] as const;
			const once = entries.flatMap(([method, steps]) => (steps.length === 0 ? [] : combinations(flagsIn(steps)).map((flags) => ({ call: callOf(method, flags), adds: increments(steps, flags) }))));
			const all = repeat(once, copies);
			return [{ calls: all.map(({ call }) => call), expected: all.reduce((sum, { adds }) => sum + adds, 0) }];
		}
		// One combination at a time: a call that sets the mark at once would hide what the others do.
		case "claim":
			return combinations(flagsIn([...program.before, ...program.after])).map((flags) => ({ calls: repeat([callOf("run", flags)], copies), expected: 1 }));
		// What a call gives back, or does not take, is for others to take.
		case "stock": {
			const flags = combinations(new Set([...flagsIn(program.between), ...(program.guard === "reserved" ? (["second"] as const) : [])]));
			return flags.map((each) => ({ calls: repeat([callOf("run", each, 1)], copies), expected: 0 }));
		}
		case "queue": {
			const flushes = combinations(flagsIn(program.between)).map((flags) => callOf("flush", flags));
			const calls = repeat(flushes, copies).flatMap((flush, id): Call[] => [{ method: "run", args: [2 * id] }, flush, { method: "run", args: [2 * id + 1] }]);
			const ids = calls.flatMap(({ method, args = [] }) => (method === "run" ? [Number(args[0])] : []));
			return [{ calls, expected: program.store === "async key" ? ids.map((id) => `item:${id}`) : ids }];
		}
	}
}

const callOf = (method: string, { first, second }: Readonly<Record<Flag, boolean>>, ...more: readonly number[]): Call => ({ method, args: [first, second, ...more] });

const repeat = <T>(items: readonly T[], times: number): readonly T[] => Array.from({ length: times }, () => items).flat();

function combinations(flags: ReadonlySet<Flag>): readonly Readonly<Record<Flag, boolean>>[] {
	const values = (flag: Flag): readonly boolean[] => (flags.has(flag) ? [false, true] : [false]);
	return values("first").flatMap((first) => values("second").map((second) => ({ first, second })));
}
