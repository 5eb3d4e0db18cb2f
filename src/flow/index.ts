/**
 * The flow of a class: what can come between a read and the write that is made of it.
 *
 * How it works, in a minute:
 *
 * 1. `statements.ts` and `expressions.ts` walk a function once, in the order in which JavaScript evaluates it. What a
 *    name or a call stands for they ask of a `FlowHost` (`host.ts`); of Durable Objects the engine knows nothing.
 * 2. The walk carries a `State` (`state.ts`): what each variable is made of, which suspensions lie behind, which tests
 *    let us come here. Branches fork the state and join it again, so no path is ever enumerated; loops go round twice.
 *    A suspension is noted with the time on a clock; how old a value is is worked out when it is used.
 * 3. A value (`value.ts`) is a set of reads, inputs and answers from outside, each with its age. So dependence is carried
 *    through variables, parameters, results and promises, and a value that was overwritten on the way counts for nothing.
 * 4. At each write `judge.ts` compares it with the reads that it is made of, or that let it happen, and says what holds:
 *    a race, a guard with its reason, or unknown. Every judgement is a `Pair` (`pair.ts`): its read, suspension and write
 *    are the witness.
 * 5. What a function does is kept as a `Summary` (`summary.ts`) whose open ends are its inputs. `calls.ts` and `splice.ts`
 *    put it in the place of each call, so a read, an await and a write in three helpers meet in the method that calls them.
 *    `summaries.ts` makes them callees first; functions that call each other go round until nothing new turns up.
 * 6. `class-flow.ts` looks at the entry points: a race needs somebody who can come in between.
 * 7. Most functions are never walked. `mentions.ts` looks at a function's text once, `reach.ts` tells from that whether a
 *    walk could find anything: something read and written, and something that lets others in.
 *
 * Everything is bounded (ingredients of a value, memory of a state, size of a summary, nesting, rounds). A bound makes the
 * engine forget or answer `unknown`; it never makes it slow.
 */
export { analyseClass, ClassFlow } from "./class-flow.ts";
export { type Constant, constantOf, type Direction } from "./conditions.ts";
export type { Entry, Guard, Race, Unknown } from "./class-flow.ts";
export type { Access, Callback, CallbackRun, CallMeaning, CallNode, External, FlowHost, FunctionNode, Place, SuspensionKind } from "./host.ts";
export type { GuardReason, Judgement, Pair, RaceKind } from "./pair.ts";
export type { DroppedPromise, Effect, Summary, SuspensionEvent } from "./summary.ts";
export type { Crossing } from "./suspension.ts";
