/** A lost update as a picture: two events that run the same lines, and the write that buries the other's. */
import type { VerdictFact } from "./evidence.ts";
import { mermaidText } from "./escape.ts";

type Step = VerdictFact["steps"][number];

/** What of a step is worth its place in a picture. */
const MAX_LABEL = 90;

function label({ line, what }: Step): string {
	const text = what.length > MAX_LABEL ? `${what.slice(0, MAX_LABEL - 1)}…` : what;
	return mermaidText(`line ${line}: ${text.replaceAll("`", "")}`);
}

/**
 * A Mermaid sequence diagram. The first step is the read, the last one the write; whatever stands between lets other
 * events in.
 *
 * @returns the diagram's lines, or null when there are too few steps to tell a story
 */
export function raceDiagram(steps: readonly Step[]): readonly string[] | null {
	const [read, ...rest] = steps;
	const write = rest.at(-1);
	if (!read || !write) return null;
	const between = rest.slice(0, -1);
	const event = (name: "A" | "B", isLast: boolean) => [
		`${name}->>S: ${label(read)}`,
		...between.map((step) => `Note over ${name}: ${label(step)}`),
		...(isLast ? [] : [`${name}->>S: ${label(write)}`]),
	];
	return [
		"sequenceDiagram",
		"    participant A as First event",
		"    participant S as State",
		"    participant B as Second event",
		...event("A", true).map((line) => `    ${line}`),
		...event("B", false).map((line) => `    ${line}`),
		"    rect rgb(255, 220, 220)",
		`        A->>S: ${label(write)}`,
		"        Note over A,B: What the second event wrote is overwritten. Its update is lost.",
		"    end",
	];
}
