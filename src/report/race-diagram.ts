/** A lost update as a picture: two runs of the same lines, and the write that buries the other's. */
import type { VerdictFact } from "./evidence.ts";
import { mermaidText } from "./escape.ts";

type Step = VerdictFact["steps"][number];

/** What of a step is worth its place in a picture. */
const MAX_LABEL = 90;

function label({ line, what }: Step): string {
	const text = what.length > MAX_LABEL ? `${what.slice(0, MAX_LABEL - 1)}…` : what;
	return mermaidText(`line ${line}: ${text.replaceAll("`", "")}`);
}

/** What becomes of the two runs, by the message of the rule that found them. A story with another message is no race. */
const outcomes: Readonly<Record<string, string>> = {
	lostUpdate: "What the second run wrote is overwritten. Its update is lost.",
	callsOverlap: "What the second run wrote is overwritten. Its update is lost.",
	overlapsItself: "What the second run wrote is overwritten. Its update is lost.",
	doneTwice: "The second run has passed the same check. It is done twice.",
	wiped: "What the second run added is deleted unread.",
};

/**
 * A Mermaid sequence diagram. The first step is the read, the last one the write; whatever stands between lets the other
 * run in.
 *
 * @returns the diagram's lines, or null when the finding tells another story
 */
export function raceDiagram({ messageId, steps }: Pick<VerdictFact, "messageId" | "steps">): readonly string[] | null {
	const outcome = outcomes[messageId ?? ""];
	const [read, ...rest] = steps;
	const write = rest.at(-1);
	if (outcome === undefined || !read || !write) return null;
	const between = rest.slice(0, -1);
	const untilWrite = (name: "A" | "B") => [`    ${name}->>S: ${label(read)}`, ...between.map((step) => `    Note over ${name}: ${label(step)}`)];
	return [
		"sequenceDiagram",
		"    participant A as First run",
		"    participant S as State",
		"    participant B as Second run",
		...untilWrite("A"),
		...untilWrite("B"),
		`    B->>S: ${label(write)}`,
		"    rect rgb(255, 220, 220)",
		`        A->>S: ${label(write)}`,
		`        Note over A,B: ${outcome}`,
		"    end",
	];
}
