/** Draws a picture as a Mermaid flowchart, which GitHub shows. */
import { mermaidText } from "./escape.ts";
import type { Picture, Shape } from "./picture.ts";

const brackets: Readonly<Record<Shape, readonly [string, string]>> = {
	code: ["[", "]"],
	storage: ["[(", ")]"],
	alarm: ["{{", "}}"],
	sockets: ["([", "])"],
	class: ["[", "]"],
	elsewhere: ["[/", "/]"],
	gone: ["((", "))"],
};

/** What of a name is worth its place in a picture. */
const MAX_TEXT = 60;

function label(text: string): string {
	const chars = Array.from(text);
	return `"${mermaidText(chars.length > MAX_TEXT ? `${chars.slice(0, MAX_TEXT - 1).join("")}…` : text) || " "}"`;
}

/** The lines of the diagram. */
export function flowchart({ stations, arrows }: Picture): readonly string[] {
	return [
		"flowchart LR",
		...stations.map(({ shape, text }, index) => {
			const [open, close] = brackets[shape];
			return `    s${index}${open}${label(text)}${close}`;
		}),
		...arrows.map(({ from, to, texts }) => `    s${from} -->|${label(texts.join(", "))}| s${to}`),
	];
}
