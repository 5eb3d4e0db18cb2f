/** How a rule is proven: one experiment, made with the incorrect and with the correct example of its page. */
import type { Example } from "../../docs/fences.ts";
import type { Harness } from "../harness.ts";
import type { Subject } from "../subject.ts";

export interface Scenario {
	readonly rule: string;
	/** The `id=` of the examples; the first of either kind unless given, or unless no correct one has that id. */
	readonly example?: string;
	/** What is done to an object, and what is seen. The same for both examples. */
	readonly run: (object: Harness) => Promise<unknown>;
	/** What is seen of the incorrect example: a value, or an asymmetric matcher. */
	readonly misbehaves: unknown;
	/** What is seen of the correct example. */
	readonly behaves: unknown;
	/** For examples that are no module of their own, such as a configuration: the worker that it is about. */
	readonly subject?: (example: Example) => Subject;
	/** Takes the runtime a minute or more: only with `RUNTIME_SLOW=1`. */
	readonly slow?: true;
}

/** Why no experiment with a local runtime can tell the two examples of a rule apart. */
export interface NotProvable {
	readonly rule: string;
	readonly notProvable: string;
}

export type Proof = Scenario | NotProvable;

/** The message of the error that a call ended with, or its value. */
export async function valueOrMessage(object: Harness, method: string, ...args: readonly unknown[]): Promise<unknown> {
	const { value, error } = await object.outcome(method, ...args);
	return error ? error.message : value;
}
