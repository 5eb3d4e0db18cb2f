/** What a run says, in the format that was asked for. */
import { stripVTControlCharacters } from "node:util";
import type { ESLint } from "eslint";
import { githubAnnotations } from "../report/github-annotations.ts";
import { sarif } from "../report/sarif.ts";
import { findingsOf, type ValidationReport } from "../report/validation-report.ts";
import { oneLine } from "../report/escape.ts";
import type { Format } from "./arguments.ts";
import type { ESLintClass, LintRun } from "./lint.ts";
import { repositoryRoot } from "./repository-root.ts";

export interface Printing {
	readonly format: Format;
	readonly run: LintRun;
	readonly cwd: string;
	readonly useColor: boolean;
	/** The review's page; asked for only where it is printed. */
	page(): string;
}

/** What is quoted from source may hold escape sequences; a terminal must not obey them. */
function harmless(results: readonly ESLint.LintResult[]): ESLint.LintResult[] {
	return results.map((result) => ({
		...result,
		filePath: oneLine(result.filePath),
		messages: result.messages.map((message) => ({ ...message, message: oneLine(message.message) })),
	}));
}

/** Our messages are sentences of many lengths: aligned, the rules' names would stand far beyond the edge of any screen. */
// eslint-disable-next-line no-control-regex -- colours
const withoutPadding = (text: string): string => text.replace(/ {3,}(?=(?:\u001b\[\d+m)*[\w@./-]+(?:\u001b\[\d+m)*$)/gmu, "  ");

async function byFormatter(ESLint: ESLintClass, name: "stylish" | "json", results: ESLint.LintResult[], { cwd, useColor }: Printing): Promise<string> {
	const formatter = await new ESLint({ cwd, overrideConfigFile: true }).loadFormatter(name);
	// ESLint 9 does not know `color` and asks its own library, which knows no NO_COLOR.
	const text = await formatter.format(results, { color: useColor });
	if (name === "json") return `${text}\n`;
	return withoutPadding(useColor ? text : stripVTControlCharacters(text));
}

export async function print(ESLint: ESLintClass, printing: Printing): Promise<string> {
	const { format, run, cwd } = printing;
	switch (format) {
		case "stylish":
			return byFormatter(ESLint, format, harmless(run.results), printing);
		case "json":
			return byFormatter(ESLint, format, [...run.results], printing);
		case "sarif":
			return sarif({ ...run, root: repositoryRoot(cwd) });
		case "github":
			return githubAnnotations(findingsOf(run.results, repositoryRoot(cwd)));
		case "markdown":
			return printing.page();
	}
}

/** The review in one line, for the end of a run. */
export function summaryLine({ results }: ValidationReport): string {
	const parts = [
		`${results.gotchas_violated} violated`,
		`${results.gotchas_accepted} accepted`,
		`${results.gotchas_unknown} to be read by a person`,
		`${results.gotchas_guarded} guarded`,
		`${results.gotchas_not_applicable} not applicable`,
	];
	const classes = results.classes.length;
	return `${classes} Durable Object class${classes === 1 ? "" : "es"}; gotchas: ${parts.join(", ")}.`;
}
