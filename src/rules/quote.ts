/** How a message names code: by its text, by its line. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { SourceFile } from "../syntax/source-file.ts";

const MAX_TEXT = 60;

/** Code as a message quotes it: one line, and not too long. */
export function quoted(node: TSESTree.Node, file: SourceFile): string {
	const text = file.textOf(node).replaceAll(/\s+/gu, " ");
	return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

export function lineOf(node: TSESTree.Node): string {
	return String(node.loc.start.line);
}
