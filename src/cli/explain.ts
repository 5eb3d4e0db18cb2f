/** `do-lint explain`: a rule's page, in the terminal. */
import { gotchas } from "../gotchas.ts";
import { prefix } from "../meta.ts";
import { rulePage } from "../report/rule-page.ts";
import type { DurableObjectsRule } from "../rules/define-rule.ts";
import { rules } from "../rules/index.ts";
import { closest } from "./closest.ts";
import { CannotRun } from "./problem.ts";

function listOfRules(): string {
	const width = Math.max(...rules.map(({ name }) => name.length));
	return rules.map(({ name, meta }) => `${name.padEnd(width)}  ${meta.docs?.description ?? ""}`).join("\n");
}

function inShort({ name, gotcha, preset, meta }: DurableObjectsRule): string {
	const { title, bites, docs } = gotchas[gotcha];
	const messages = Object.values(meta.messages).map((message) => `- ${message}`);
	return [`# ${prefix}/${name}`, `${meta.docs?.description ?? ""} (${preset.in}, ${preset.level})`, `## ${title}`, bites, docs, "## It says", messages.join("\n")].join("\n\n");
}

/**
 * @param given - a rule's id with or without prefix; null lists all rules
 * @throws CannotRun when there is no such rule
 */
export function explain(given: string | null): string {
	if (given === null) return `${listOfRules()}\n`;
	const name = given.startsWith(`${prefix}/`) ? given.slice(prefix.length + 1) : given;
	const rule = rules.find((candidate) => candidate.name === name);
	if (!rule) {
		const like = closest(name, rules.map((candidate) => candidate.name));
		throw new CannotRun(`There is no rule '${given}'.${like === null ? "" : ` Did you mean '${like}'?`} 'do-lint explain' lists all.`);
	}
	return `${rulePage(name)?.trimEnd() ?? inShort(rule)}\n`;
}
