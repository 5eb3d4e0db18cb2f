/**
 * Small Durable Objects, made at random: what they do to one place under concurrent calls can be told beforehand, and
 * seen afterwards. They are what the flow analysis and the runtime are asked about, and must agree on.
 */
import * as fc from "fast-check";

/** Where a program keeps its number. */
export const STORES = ["async key", "record", "sync key", "row", "field", "map", "nested field"] as const;
export type Store = (typeof STORES)[number];

/** Something that can be awaited; the kind is for the reader, the analysis has to find it by itself. */
export interface Suspension {
	readonly kind: "micro" | "closed" | "open";
	readonly code: string;
	/** The runtime refuses it within a transaction. */
	readonly notInRegion?: true;
}

export const SUSPENSIONS: readonly Suspension[] = [
	{ kind: "micro", code: "null" },
	{ kind: "micro", code: "Promise.resolve()" },
	{ kind: "micro", code: `crypto.subtle.digest("SHA-256", new Uint8Array(8))` },
	{ kind: "closed", code: `this.ctx.storage.get("other")` },
	{ kind: "closed", code: `this.ctx.storage?.get("other")` },
	{ kind: "closed", code: `this.ctx.storage.put("other", 1)` },
	{ kind: "closed", code: `this.ctx.storage.delete("other")` },
	{ kind: "closed", code: `this.ctx.storage.list({ prefix: "other", limit: 10 })` },
	{ kind: "closed", code: `this.ctx.storage.getAlarm()` },
	{ kind: "closed", code: `Promise.all([this.ctx.storage.get("other"), null])` },
	{ kind: "open", code: `this.env.SVC.fetch("https://svc/")` },
	{ kind: "open", code: `this.env.SVC.fetch("https://svc/", { method: "POST" })` },
	{ kind: "open", code: `fetch("https://example.com/")` },
	{ kind: "open", code: `this.env.SVC?.fetch("https://svc/")` },
	{ kind: "open", code: `this.env.KV.get("other")` },
	{ kind: "open", code: `scheduler.wait(1)` },
	{ kind: "open", code: `new Promise((resolve) => setTimeout(resolve, 1))` },
	{ kind: "open", code: `new Response("{}").json()` },
	{ kind: "open", code: `Promise.all([this.ctx.storage.get("other"), this.env.SVC.fetch("https://svc/")])` },
	{ kind: "open", code: `this.ctx.storage.sync()`, notInRegion: true },
];

export type Flag = "first" | "second";
export type Region = "blockConcurrencyWhile" | "transaction";

/** A step of a method. The variable `seen` holds what was read of the place. */
export type Step =
	| { readonly type: "await"; readonly suspension: Suspension }
	/** An await that one side of an expression leaves out. */
	| { readonly type: "perhaps"; readonly flag: Flag; readonly operator: "&&" | "||" | "?:" | "?."; readonly suspension: Suspension }
	| { readonly type: "read" }
	/** A read that is awaited together with something else. */
	| { readonly type: "read beside"; readonly suspension: Suspension }
	/** Writes what was seen, plus one. */
	| { readonly type: "write" }
	/** A method that reads the place and writes it back, plus one, with nothing in between. */
	| { readonly type: "add" }
	/** Read and write in one expression; the await stands before or after the read. */
	| { readonly type: "expression"; readonly order: "read first" | "await first" | "compound"; readonly suspension: Suspension }
	| { readonly type: "if"; readonly flag: Flag; readonly steps: readonly Step[] }
	| { readonly type: "twice"; readonly steps: readonly Step[] }
	| { readonly type: "finally"; readonly steps: readonly Step[]; readonly last: readonly Step[] }
	| { readonly type: "helper"; readonly steps: readonly Step[] }
	/**
	 * A method that calls itself once, or another one that calls it back. `down`: the outer call does the steps and hands
	 * on what was seen, the inner one does the last. `around`: each does all, with the inner call in the middle.
	 */
	| { readonly type: "recursion"; readonly how: "down" | "around"; readonly through: "itself" | "a circle"; readonly steps: readonly Step[]; readonly last: readonly Step[] }
	| { readonly type: "region"; readonly region: Region; readonly steps: readonly Step[] }
	/** A promise that is made before the steps and awaited after them. */
	| { readonly type: "beside"; readonly suspension: Suspension; readonly steps: readonly Step[] }
	/** A callback that is run twice at the same time within one event. */
	| { readonly type: "each"; readonly steps: readonly Step[] }
	/** Two methods that run at the same time within one event. */
	| { readonly type: "overlap"; readonly how: "all" | "started"; readonly branches: readonly [readonly Step[], readonly Step[]] };

/** Every path adds some ones to the number: what is missing in the end is a lost update. */
export interface Counter {
	readonly family: "counter";
	readonly store: Store;
	readonly run: readonly Step[];
	/** A second entry point on the same place. */
	readonly other: readonly Step[] | null;
}

/** A condition, as TypeScript, under which nothing more is to be done; of expressions, so that it can be asked of what was read and of what is there. */
type Condition<Operands extends readonly string[]> = (...operands: Operands) => string;

/** How it is asked of a mark whether all has been done: it is a number, a record that is there from the beginning, or one that appears with the mark. */
export const CLAIM_TESTS = {
	number: [(mark) => `${mark} > 0`, (mark) => `${mark} !== 0`, (mark) => `this.isClosed || ${mark} > 0`, (mark) => `this.isOpen && ${mark} > 0`],
	pending: [(mark) => `${mark}.status !== "pending"`, (mark) => `${mark}?.status !== "pending"`, (mark) => `!${mark} || ${mark}.status !== "pending"`, (mark) => `this.isClosed || ${mark}.status === "done"`],
	done: [(mark) => `${mark}?.status === "done"`, (mark) => `${mark} && ${mark}.status === "done"`, (mark) => `this.isOpen && ${mark}?.status === "done"`],
} as const satisfies Record<string, readonly Condition<[mark: string]>[]>;

/** How a status goes into the record: that which was read is changed, or another one is written. */
export type Change = "assigned" | "copied";

/** An effect behind a check that is to let it happen once. */
export interface Claim {
	readonly family: "claim";
	readonly store: Exclude<Store, "nested field" | "record">;
	readonly mark: keyof typeof CLAIM_TESTS;
	readonly test: Condition<[mark: string]>;
	readonly change: Change;
	readonly shape: Shape;
	/** Steps between the check and the mark, and after the mark. */
	readonly before: readonly Step[];
	readonly after: readonly Step[];
	readonly effect: "before the mark" | "after the mark";
	/** Encloses the check and the mark. */
	readonly region: Region | null;
}

/** Whether a check returns, or encloses what may be done. */
export type Shape = "return" | "enclose";

/** How much there is of what can be taken. */
export const CAPACITY = 2;

/** How it is asked of a number whether there is not enough left, or no more room. */
export const STOCK_TESTS = {
	down: [(n, amount) => `${n} < ${amount}`, (n, amount) => `${amount} > ${n}`, (n, amount) => `this.isClosed || ${n} < ${amount}`, (n, amount) => `this.isOpen && ${n} < ${amount}`, (n) => `${n} === 0`, (n, amount) => `${n} - ${amount} < 0`],
	up: [(n) => `${n} >= ${CAPACITY}`, (n) => `${CAPACITY} <= ${n}`, (n) => `this.isClosed || ${n} >= ${CAPACITY}`, (n) => `!(${n} < ${CAPACITY})`, (n, amount) => `${n} + ${amount} > ${CAPACITY}`],
} as const satisfies Record<string, readonly Condition<[n: string, amount: string]>[]>;

/** At a variable that holds the number; at one that holds the row or record with it; at one of several that such a one is taken apart into; or at the place. */
export const LOOKS = ["number", "whole", "part", "place"] as const;

/** A number of which every call takes one, unless a bound is reached: no more may be taken than there is. */
export interface Stock {
	readonly family: "stock";
	readonly store: Store;
	/** Whether it counts what is left, or what has been taken. */
	readonly direction: keyof typeof STOCK_TESTS;
	readonly test: Condition<[n: string, amount: string]>;
	readonly shape: Shape;
	/** How much a call takes: always one, but it may be the caller who says so. */
	readonly amount: "1" | "amount";
	/** Whether what is written is made of the number as it is then, or as it was seen at the check. */
	readonly takes: "from the present" | "from the copy";
	/** What the check looks at, where no copy of the number is needed later. */
	readonly look: (typeof LOOKS)[number];
	/** Steps that come before it is taken; where it is reserved, those after which it may be given back. */
	readonly between: readonly Step[];
	readonly guard: "none" | "reserved" | "checked again" | "busy" | Region;
}

/** A queue that one entry fills and another empties: everything is delivered or still there. */
export interface Queue {
	readonly family: "queue";
	readonly store: "async key" | "row" | "field";
	/** Steps between the look at the queue and its removal. */
	readonly between: readonly Step[];
	/** Whether all is removed, or what was read. */
	readonly removes: "all" | "read";
	readonly region: Region | null;
}

export type Program = Counter | Claim | Stock | Queue;

const suspension = (inRegion: boolean): fc.Arbitrary<Suspension> =>
	fc.constantFrom(...(["open", "open", "closed", "micro"] as const)).chain((kind) => fc.constantFrom(...SUSPENSIONS.filter((one) => one.kind === kind && !(inRegion && one.notInRegion))));

const flag: fc.Arbitrary<Flag> = fc.constantFrom("first", "second");
const region: fc.Arbitrary<Region> = fc.constantFrom("blockConcurrencyWhile", "transaction");
const perhapsRegion: fc.Arbitrary<Region | null> = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: region });

const through = fc.constantFrom("itself", "a circle");
const shape: fc.Arbitrary<Shape> = fc.constantFrom("return", "return", "enclose");

/** Steps that do not write the place. */
function between(depth: number, inRegion: boolean, mayRead: boolean): fc.Arbitrary<readonly Step[]> {
	const simple: fc.Arbitrary<Step> = suspension(inRegion).map((one): Step => ({ type: "await", suspension: one }));
	const nested = (inner: boolean): fc.Arbitrary<readonly Step[]> => between(depth - 1, inner, false);
	const choices: fc.WeightedArbitrary<Step>[] = [
		{ weight: 6, arbitrary: simple },
		{ weight: 1, arbitrary: fc.record({ type: fc.constant("perhaps" as const), flag, operator: fc.constantFrom("&&", "||", "?:", "?."), suspension: suspension(inRegion) }) },
	];
	if (mayRead) choices.push({ weight: 1, arbitrary: fc.constant<Step>({ type: "read" }) });
	if (depth > 0) {
		choices.push(
			{ weight: 1, arbitrary: fc.record({ type: fc.constant("if" as const), flag, steps: nested(inRegion) }) },
			{ weight: 1, arbitrary: fc.record({ type: fc.constant("helper" as const), steps: nested(inRegion) }) },
			{ weight: 1, arbitrary: fc.record({ type: fc.constant("recursion" as const), how: fc.constantFrom("down", "around"), through, steps: nested(inRegion), last: nested(inRegion) }) },
			{ weight: 1, arbitrary: fc.record({ type: fc.constant("region" as const), region, steps: nested(true) }) },
			{ weight: 1, arbitrary: fc.record({ type: fc.constant("finally" as const), steps: nested(inRegion), last: nested(inRegion) }) },
		);
	}
	return fc.array(fc.oneof(...choices), { minLength: mayRead ? 0 : 1, maxLength: 2 });
}

/** A read, steps between, and the write that depends on it, parts of it wrapped. */
function readModifyWrite(inRegion: boolean): fc.Arbitrary<readonly Step[]> {
	const plain = (inner: boolean): fc.Arbitrary<readonly Step[]> =>
		fc.tuple(read(inner), between(2, inner, true), fc.boolean()).map(([first, steps, isStale]): readonly Step[] => [
			first,
			...steps,
			// Seldom a stale copy: the place is written by somebody else within the same call.
			...(isStale && steps.length === 0 ? [{ type: "add" } as const] : []),
			{ type: "write" },
		]);
	const whole = plain(inRegion);
	const split = (wrapEnd: (steps: readonly Step[]) => Step): fc.Arbitrary<readonly Step[]> =>
		fc.tuple(whole, fc.nat()).map(([steps, at]) => splitAt(steps, at % steps.length, wrapEnd));
	return fc.oneof(
		{ weight: 4, arbitrary: whole },
		{ weight: 1, arbitrary: whole.map((steps) => [{ type: "helper" as const, steps }]) },
		{ weight: 1, arbitrary: fc.tuple(region, plain(true)).map(([name, steps]) => [{ type: "region" as const, region: name, steps }]) },
		{ weight: 1, arbitrary: fc.tuple(flag, whole).map(([name, steps]) => [{ type: "if" as const, flag: name, steps }]) },
		{ weight: 1, arbitrary: whole.map((steps) => [{ type: "twice" as const, steps }]) },
		{ weight: 1, arbitrary: fc.tuple(suspension(inRegion), whole).map(([one, steps]) => [{ type: "beside" as const, suspension: one, steps }]) },
		// The end of it, with the write, or the beginning, with the read, somewhere else.
		{ weight: 1, arbitrary: split((steps) => ({ type: "helper", steps })) },
		{ weight: 1, arbitrary: fc.tuple(region, plain(true), fc.nat()).map(([name, steps, at]) => splitAt(steps, at % steps.length, (end) => ({ type: "region", region: name, steps: end }))) },
		{ weight: 1, arbitrary: fc.tuple(flag, split((steps) => ({ type: "helper", steps }))).map(([name, steps]) => ifLast(name, steps)) },
		{ weight: 1, arbitrary: whole.map((steps) => [{ type: "helper" as const, steps: steps.slice(0, -1) }, ...steps.slice(-1)]) },
		{ weight: 1, arbitrary: whole.map((steps) => [{ type: "finally" as const, steps: steps.slice(0, -1), last: steps.slice(-1) }]) },
		// The read in one call of a method, the write in the next; or all in each, the inner call within the outer.
		{
			weight: 2,
			arbitrary: fc
				.record({ how: fc.constantFrom("down", "around"), through, whole, at: fc.nat() })
				.map(({ how, through, whole, at }) => [{ type: "recursion" as const, how, through, steps: whole.slice(0, at % whole.length), last: whole.slice(at % whole.length) }]),
		},
		{ weight: 2, arbitrary: fc.record({ type: fc.constant("expression" as const), order: fc.constantFrom("read first", "await first", "compound"), suspension: suspension(inRegion) }).map((step) => [step]) },
	);
}

const read = (inRegion: boolean): fc.Arbitrary<Step> =>
	fc.oneof({ weight: 6, arbitrary: fc.constant<Step>({ type: "read" }) }, { weight: 1, arbitrary: suspension(inRegion).map((one): Step => ({ type: "read beside", suspension: one })) });

const splitAt = (steps: readonly Step[], at: number, wrap: (end: readonly Step[]) => Step): readonly Step[] =>
	at === 0 ? steps : [...steps.slice(0, at), wrap(steps.slice(at))];

/** The last step only under a flag: the write that may be left out. */
const ifLast = (name: Flag, steps: readonly Step[]): readonly Step[] => [...steps.slice(0, -1), { type: "if", flag: name, steps: steps.slice(-1) }];

const counterSteps: fc.Arbitrary<readonly Step[]> = fc
	.array(
		fc.oneof(
			{ weight: 6, arbitrary: readModifyWrite(false) },
			{ weight: 1, arbitrary: suspension(false).map((one): readonly Step[] => [{ type: "await", suspension: one }]) },
			{ weight: 1, arbitrary: fc.constant<readonly Step[]>([{ type: "add" }]) },
			{ weight: 1, arbitrary: readModifyWrite(false).map((steps): readonly Step[] => [{ type: "each", steps }]) },
			{
				weight: 2,
				arbitrary: fc
					.record({ type: fc.constant("overlap" as const), how: fc.constantFrom("all", "started"), branches: fc.tuple(readModifyWrite(false), readModifyWrite(false)) })
					.map((step): readonly Step[] => [step]),
			},
		),
		{ minLength: 1, maxLength: 2 },
	)
	.map((parts) => parts.flat())
	.filter((steps) => anywhere(steps, ({ type }) => type === "write" || type === "add" || type === "expression"));

/** Whether any of the steps, or of those within them, is such a one. */
export function anywhere(steps: readonly Step[], is: (step: Step) => boolean): boolean {
	return steps.some((step) => is(step) || childrenOf(step).some((children) => anywhere(children, is)));
}

export function childrenOf(step: Step): readonly (readonly Step[])[] {
	if (step.type === "finally" || step.type === "recursion") return [step.steps, step.last];
	if (step.type === "overlap") return step.branches;
	return "steps" in step ? [step.steps] : [];
}

const counter: fc.Arbitrary<Counter> = fc.record({
	family: fc.constant("counter"),
	store: fc.constantFrom(...STORES),
	run: counterSteps,
	other: fc.option(counterSteps, { freq: 2 }),
});

const claim: fc.Arbitrary<Claim> = fc.tuple(perhapsRegion, fc.constantFrom("number", "pending", "done")).chain(([name, mark]) =>
	fc.record({
		family: fc.constant("claim"),
		store: fc.constantFrom(...(["async key", "sync key", "row", "field", "map"] as const)),
		mark: fc.constant(mark),
		test: fc.constantFrom<Claim["test"][]>(...CLAIM_TESTS[mark]),
		change: fc.constantFrom("assigned", "copied"),
		shape,
		before: between(1, name !== null, false),
		after: between(1, name !== null, false),
		effect: fc.constantFrom("before the mark", "after the mark"),
		region: fc.constant(name),
	}),
);

const guard: fc.Arbitrary<Stock["guard"]> = fc.oneof(
	{ weight: 6, arbitrary: fc.constant("none") },
	{ weight: 3, arbitrary: fc.constantFrom("reserved", "checked again", "busy") },
	{ weight: 1, arbitrary: region },
);

const stock: fc.Arbitrary<Stock> = fc.tuple(guard, fc.constantFrom("down", "up")).chain(([guard, direction]) =>
	fc.record({
		family: fc.constant("stock"),
		store: fc.constantFrom(...STORES),
		direction: fc.constant(direction),
		test: fc.constantFrom<Stock["test"][]>(...STOCK_TESTS[direction]),
		shape,
		amount: fc.constantFrom("1", "amount"),
		takes: fc.constantFrom("from the present", "from the present", "from the copy"),
		look: fc.constantFrom(...LOOKS),
		between: between(1, isRegion(guard), false),
		guard: fc.constant(guard),
	}),
);

export function isRegion(guard: Stock["guard"]): guard is Region {
	return guard === "blockConcurrencyWhile" || guard === "transaction";
}

const queue: fc.Arbitrary<Queue> = perhapsRegion.chain((name) =>
	fc.record({
		family: fc.constant("queue"),
		store: fc.constantFrom("async key", "row", "field"),
		between: between(1, name !== null, false),
		removes: fc.constantFrom("all", "read"),
		region: fc.constant(name),
	}),
).filter(({ store, removes, region }) => !(store === "async key" && removes === "all" && region === "transaction")); // deleteAll() is refused in there

const program: fc.Arbitrary<Program> = fc.oneof({ weight: 6, arbitrary: counter }, { weight: 2, arbitrary: claim }, { weight: 3, arbitrary: stock }, { weight: 1, arbitrary: queue });

/** The same programs for the same seed. */
export function programs(count: number, seed: number): readonly Program[] {
	return fc.sample(program, { numRuns: count, seed });
}

/** The flags on which something depends. */
export function flagsIn(steps: readonly Step[]): ReadonlySet<Flag> {
	return new Set(steps.flatMap((step) => [...("flag" in step ? [step.flag] : []), ...childrenOf(step).flatMap((children) => [...flagsIn(children)])]));
}

const SLOW: Suspension = { kind: "open", code: `this.env.SVC.fetch("https://svc/?delay=3")` };

/**
 * The same program, in which every open suspension takes some milliseconds. One that is over at once (a body in memory)
 * shows nothing where timers have let the calls in one by one.
 */
export function slowed<P extends Program>(program: P): P {
	const slow = (steps: readonly Step[]): readonly Step[] => steps.map(slowStep);
	const slowStep = (step: Step): Step => {
		const own = "suspension" in step && step.suspension.kind === "open" ? { ...step, suspension: SLOW } : step;
		if (own.type === "finally" || own.type === "recursion") return { ...own, steps: slow(own.steps), last: slow(own.last) };
		if (own.type === "overlap") return { ...own, branches: [slow(own.branches[0]), slow(own.branches[1])] };
		return "steps" in own ? { ...own, steps: slow(own.steps) } : own;
	};
	switch (program.family) {
		case "counter":
			return { ...program, run: slow(program.run), other: program.other && slow(program.other) };
		case "claim":
			return { ...program, before: slow(program.before), after: slow(program.after) };
		case "stock":
		case "queue":
			return { ...program, between: slow(program.between) };
	}
}

/** How many ones a call adds, by what its flags are. */
export function increments(steps: readonly Step[], flags: Readonly<Record<Flag, boolean>>): number {
	let sum = 0;
	for (const step of steps) {
		if (step.type === "write" || step.type === "add" || step.type === "expression") sum++;
		else if (step.type === "if") sum += flags[step.flag] ? increments(step.steps, flags) : 0;
		else if (step.type === "twice" || step.type === "each") sum += 2 * increments(step.steps, flags);
		else if (step.type === "recursion" && step.how === "around") sum += 2 * (increments(step.steps, flags) + increments(step.last, flags));
		else for (const steps of childrenOf(step)) sum += increments(steps, flags);
	}
	return sum;
}
