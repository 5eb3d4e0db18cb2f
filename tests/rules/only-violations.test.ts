/** An editor asks a rule only for what is violated, a report for everything: both get the same findings. */
import * as parser from "@typescript-eslint/parser";
import { Linter, type Rule } from "eslint";
import { expect, test } from "vitest";
import { rules } from "../../src/rules/index.ts";
import type { FileContext } from "../../src/rules/define-rule.ts";
import { programs } from "../fuzz/seeds.ts";

const linter = new Linter({ cwd: import.meta.dirname });
const ofCode = rules.filter(({ subjectKind }) => subjectKind !== "wrangler");

function run(code: string, asked: Readonly<Record<string, Rule.RuleModule>>, options: Readonly<Record<string, readonly unknown[]>>): readonly Linter.LintMessage[] {
	return linter.verify(code, [
		{
			files: ["**/*.ts"],
			languageOptions: { parser },
			plugins: { asked: { rules: asked } },
			rules: Object.fromEntries(Object.keys(asked).map((name) => [`asked/${name}`, ["error", ...(options[name] ?? [])]])),
			linterOptions: { reportUnusedDisableDirectives: "off" },
		},
	], { filename: "object.ts", allowInlineConfig: false });
}

/** The strict options: whoever asks for more asks for other work. */
const strict = Object.fromEntries(ofCode.map(({ name, strictOptions }) => [name, strictOptions]));

test("both get the same findings", () => {
	const editor = Object.fromEntries(ofCode.map((rule) => [rule.name, rule]));
	const report = Object.fromEntries(
		ofCode.map((rule): [string, Rule.RuleModule] => [
			rule.name,
			{
				...rule,
				create: (context: FileContext & Rule.RuleContext) => ({
					"Program:exit"() {
						for (const { verdicts } of rule.review(context, context.options)) {
							for (const verdict of verdicts) if (verdict.status === "violated") context.report({ loc: verdict.at.loc, messageId: verdict.messageId, data: verdict.data });
						}
					},
				}),
			},
		]),
	);
	const shown = (messages: readonly Linter.LintMessage[]) => messages.map(({ ruleId, line, column, message }) => `${line}:${column} ${ruleId} ${message}`).sort();
	let findings = 0;
	for (const { text } of programs) {
		const found = shown(run(text, editor, strict));
		findings += found.length;
		expect(found).toEqual(shown(run(text, report, strict)));
	}
	expect(findings).toBeGreaterThan(programs.length / 4);
});
