/** Rules as small as they can be: they answer what comments in the linted text tell them to. */
import type { Rule } from "eslint";
import { defineRule, type DurableObjectsRule, type Subject } from "../../src/rules/define-rule.ts";
import type { GotchaId } from "../../src/gotchas.ts";
import type { Located } from "../../src/rules/verdict.ts";

interface Marked {
	readonly name: string;
	readonly at: Located;
	/** Every line, as a place. */
	readonly lines: readonly Located[];
	readonly text: readonly string[];
}

/** A class's stand-in: everything from a line `// object Name` to the next. */
export const marked: Subject<Marked> = {
	kind: "durable-object",
	languages: ["*"],
	mayOccur: ({ sourceCode }) => sourceCode.text.includes("// object "),
	find({ sourceCode: { lines } }) {
		const place = (index: number): Located => ({ loc: { start: { line: index + 1, column: 0 }, end: { line: index + 1, column: lines[index]?.length ?? 0 } }, range: [0, 0] });
		const starts = lines.flatMap((line, index) => (line.startsWith("// object ") ? [index] : []));
		return starts.map((start, nth) => {
			const end = starts[nth + 1] ?? lines.length;
			return { name: lines[start]?.slice(10) ?? "", at: place(start), lines: Array.from({ length: end - start }, (_, offset) => place(start + offset)), text: lines.slice(start, end) };
		});
	},
	describe: ({ name, at }) => ({ name, at }),
};

/**
 * Lines that hold `<name>!` violate, `<name>+` guard, `<name>?` cannot be followed; `<name>0` says not applicable.
 * Two or more lines with `<name>>` are the steps of a violation at the last of them.
 */
export function smallRule(name: string, gotcha: GotchaId, preset: DurableObjectsRule["preset"] = { in: "recommended", level: "error" }): DurableObjectsRule {
	return defineRule({
		name,
		gotcha,
		subject: marked,
		preset,
		meta: { type: "problem", description: "test", messages: { bad: "{{what}} is bad" }, schema: [], defaultOptions: [] as const },
		check({ lines, text }, { verdict }) {
			const having = (mark: string) => lines.filter((_, index) => text[index]?.includes(`${name}${mark}`));
			for (const at of having("!")) verdict.violated({ at, messageId: "bad", data: { what: name } });
			const steps = having(">");
			const last = steps.at(-1);
			if (last) verdict.violated({ at: last, messageId: "bad", data: { what: name }, steps: steps.map((at, index) => ({ at, what: `step ${index}` })) });
			if (having("+").length > 0) verdict.guarded({ at: having("+"), because: `${name} is handled` });
			if (having("?").length > 0) verdict.unknown({ at: having("?"), because: `${name} cannot be followed` });
			if (having("0").length > 0) verdict.notApplicable(`no ${name} here`);
		},
	});
}

export const pluginOf = (rules: readonly DurableObjectsRule[]): { rules: Record<string, Rule.RuleModule> } => ({ rules: Object.fromEntries(rules.map((rule) => [rule.name, rule])) });
