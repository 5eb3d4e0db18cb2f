/** A lost update as a story of two runs, for all who tell it: as a picture, as a path through the code. */
import type { VerdictFact } from "./evidence.ts";

export type RaceStep = VerdictFact["steps"][number];

export interface Race {
	readonly read: RaceStep;
	/** What stands between the read and the write, and lets the other run in. */
	readonly between: readonly RaceStep[];
	readonly write: RaceStep;
	/** What becomes of the two runs. */
	readonly outcome: string;
}

/** By the message of the rule that found it. A story with another message is no race. */
const outcomes: Readonly<Record<string, string>> = {
	lostUpdate: "What the second run wrote is overwritten. Its update is lost.",
	callsOverlap: "What the second run wrote is overwritten. Its update is lost.",
	overlapsItself: "What the second run wrote is overwritten. Its update is lost.",
	doneTwice: "The second run has passed the same check. It is done twice.",
	checkedTooEarly: "The second run has passed the same check. Together they go beyond the bound.",
	wiped: "What the second run added is deleted unread.",
};

/** The first step is the read, the last one the write. Null when the finding tells another story. */
export function raceOf({ messageId, steps }: Pick<VerdictFact, "messageId" | "steps">): Race | null {
	const outcome = messageId !== null && Object.hasOwn(outcomes, messageId) ? outcomes[messageId] : undefined;
	const [read, ...rest] = steps;
	const write = rest.at(-1);
	if (outcome === undefined || !read || !write) return null;
	return { read, between: rest.slice(0, -1), write, outcome };
}
