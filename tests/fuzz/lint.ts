/** Lints with every rule there is, and holds the rules to what they promise of any text. */
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import plugin from "../../src/index.ts";
import { prefix } from "../../src/meta.ts";
import { evidenceConfig } from "../../src/report/evidence.ts";
import { takeInventory } from "../../src/report/take-inventory.ts";
import { rules } from "../../src/rules/index.ts";
import { Watchdog } from "./watchdog.ts";

const settings: Linter.RulesRecord = Object.fromEntries(rules.map(({ name, strictOptions }) => [`${prefix}/${name}`, ["error", ...strictOptions]]));
const enabled = Object.fromEntries(rules.map(({ name, strictOptions, meta }) => [name, strictOptions.length > 0 ? strictOptions : meta.defaultOptions]));

const wranglerFiles = ["**/wrangler.*"];
const languages: readonly Linter.Config[] = [
	{ files: ["**/*.ts", "**/*.js"], languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } } },
	{ files: wranglerFiles, plugins: { [prefix]: plugin }, language: `${prefix}/wrangler` },
];

function withRules(chosen: Linter.RulesRecord): Linter.Config[] {
	return [...languages, { files: ["**/*.*"], plugins: { [prefix]: plugin }, rules: chosen, linterOptions: { reportUnusedDisableDirectives: "off" } }];
}

const everything: Linter.Config[] = [...withRules(settings), { files: ["**/*.*"], ...(evidenceConfig(rules, enabled, takeInventory) as object) }];

interface Edit {
	readonly range: readonly [number, number];
	readonly text: string;
}

/** All findings that are not the evidence of the report. */
const ours = (messages: readonly Linter.LintMessage[]): Linter.LintMessage[] => messages.filter(({ ruleId, fatal }) => fatal || ruleId?.startsWith(`${prefix}/`));

export class Bench {
	readonly #linter: Linter;
	readonly #folder: string;
	readonly #watchdog = new Watchdog();

	constructor() {
		// A folder with nothing in it: what stands on this machine must not matter.
		this.#folder = mkdtempSync(path.join(tmpdir(), "fuzz-"));
		this.#linter = new Linter({ cwd: this.#folder });
		onTestFinished(() => {
			this.#watchdog.stop();
			rmSync(this.#folder, { recursive: true });
		});
	}

	/** Only parses, as ESLint does. */
	bare(text: string, name: string): readonly Linter.LintMessage[] {
		return this.#linter.verify(text, [...languages, { files: ["**/*.*"] }], { filename: path.join(this.#folder, name) });
	}

	/** Every rule, and everything that the report asks for. @throws what a rule throws */
	lint(text: string, name: string): readonly Linter.LintMessage[] {
		return this.#watchdog.over(text, () => ours(this.#linter.verify(text, everything, { filename: path.join(this.#folder, name) })));
	}

	/** What is wrong with a proposal of a rule: the text it leaves does not parse, or has more findings of the rule. */
	#faultOf(text: string, name: string, ruleId: string, edits: readonly Edit[], before: number): string | null {
		const output = apply(text, edits);
		const found = this.#watchdog.over(output, () => this.#linter.verify(output, withRules({ [ruleId]: settings[ruleId] as Linter.RuleEntry }), { filename: path.join(this.#folder, name) }));
		const [fatal] = found.filter((message) => message.fatal);
		if (fatal) return `does not parse: ${fatal.message} at ${fatal.line}:${fatal.column}\n${output}`;
		const after = found.filter((message) => message.ruleId === ruleId).length;
		return after > before ? `has ${after} findings instead of ${before}\n${output}` : null;
	}

	/** @returns what is wrong with the fixes and suggestions of these findings */
	faultsOfProposals(text: string, name: string, messages: readonly Linter.LintMessage[]): string[] {
		return messages.flatMap(({ ruleId, fix, suggestions = [] }) => {
			if (ruleId === null) return [];
			const before = messages.filter((message) => message.ruleId === ruleId).length;
			const proposals = [...(fix ? [{ title: "fix", edit: fix }] : []), ...suggestions.map(({ desc, fix: edit }) => ({ title: desc, edit }))];
			return proposals.flatMap(({ title, edit }) => {
				const fault = this.#faultOf(text, name, ruleId, [edit], before);
				return fault === null ? [] : [`${ruleId}, "${title}": ${fault}`];
			});
		});
	}
}

function apply(text: string, edits: readonly Edit[]): string {
	return edits.toSorted((a, b) => b.range[0] - a.range[0]).reduce((result, { range: [start, end], text: replacement }) => result.slice(0, start) + replacement + result.slice(end), text);
}
