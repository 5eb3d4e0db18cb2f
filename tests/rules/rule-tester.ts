/** How rule tests run: ESLint's own RuleTester on TypeScript, and the verdicts that only a report shows. */
import * as parser from "@typescript-eslint/parser";
import { Linter, type Rule, RuleTester } from "eslint";
import { afterAll, describe, it } from "vitest";
import type { DurableObjectsRule, FileContext, Review } from "../../src/rules/define-rule.ts";

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;
// ESLint's tester calls it where the runner has it.
(RuleTester as unknown as { afterAll: typeof afterAll }).afterAll = afterAll;

/** For code in TypeScript; a test case with a `filename` ending in `.js` is parsed all the same. */
export const tester = new RuleTester({ languageOptions: { parser } });

export interface ReviewOptions {
	readonly options?: readonly unknown[];
	readonly filename?: string;
	readonly settings?: Record<string, unknown>;
}

/** All that a rule says of a source text, subject by subject. */
export function review(rule: DurableObjectsRule, code: string, { options = rule.meta.defaultOptions, filename = "object.ts", settings = {} }: ReviewOptions = {}): readonly Review[] {
	let reviews: readonly Review[] = [];
	const probe: Rule.RuleModule = {
		create: (context: FileContext) => ({
			"Program:exit"() {
				reviews = rule.review(context, options);
			},
		}),
	};
	const messages = new Linter({ cwd: process.cwd() }).verify(
		code,
		[{ files: ["**/*.{ts,tsx,js,mjs}"], languageOptions: { parser }, settings, plugins: { probe: { rules: { probe } } }, rules: { "probe/probe": "error" } }],
		{ filename },
	);
	if (messages.length > 0) throw new Error(messages.map((message) => message.message).join("\n"));
	return reviews;
}

/** The verdicts on the only subject of a text, as `status: quoted source (reason)` lines: easy to compare in a test. */
export function verdictsOn(rule: DurableObjectsRule, code: string, options?: ReviewOptions): readonly { readonly status: string; readonly quotes: readonly string[]; readonly because: string }[] {
	const reviews = review(rule, code, options);
	return reviews.flatMap(({ verdicts }) =>
		verdicts.map((verdict) => {
			const places = "at" in verdict ? [verdict.at].flat() : [];
			return {
				status: verdict.status,
				quotes: places.map(({ range: [start, end] }) => code.slice(start, end)),
				because: verdict.status === "violated" ? verdict.messageId : verdict.because,
			};
		}),
	);
}
