/** A lost update as a picture: two runs of the same lines, and the write that buries the other's. */
import { mermaidText } from "./escape.ts";
import type { Race, RaceStep } from "./race.ts";

/** What of a step is worth its place in a picture. */
const MAX_LABEL = 90;

function label({ line, what }: RaceStep): string {
	const text = what.length > MAX_LABEL ? `${what.slice(0, MAX_LABEL - 1)}…` : what;
	return mermaidText(`line ${line}: ${text.replaceAll("`", "")}`);
}

/** The lines of a Mermaid sequence diagram. */
export function raceDiagram({ read, between, write, outcome }: Race): readonly string[] {
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
