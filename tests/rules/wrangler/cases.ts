/** Runs a Wrangler rule in ESLint's own RuleTester, and asks it for its verdicts. */
import { type ESLint, type Rule, RuleTester } from "eslint";
import { describe, it } from "vitest";
import type { DurableObjectsRule } from "../../../src/rules/define-rule.ts";
import type { Verdict } from "../../../src/rules/verdict.ts";
import { wranglerLanguage } from "../../../src/wrangler/language.ts";
import { parseConfig } from "../../../src/wrangler/parse.ts";
import { WranglerSourceCode } from "../../../src/wrangler/source-code.ts";

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;

export const languagePlugin = {
	meta: { name: "eslint-plugin-durable-objects", version: "0.0.0", namespace: "durable-objects" },
	languages: { wrangler: wranglerLanguage },
} as unknown as ESLint.Plugin;

const tester = new RuleTester({ plugins: { "durable-objects": languagePlugin }, language: "durable-objects/wrangler" });

interface Valid {
	readonly name: string;
	readonly code: string;
	readonly file?: string;
	readonly options?: readonly unknown[];
}
interface Fault {
	readonly messageId: string;
	readonly line: number;
	readonly column?: number;
	readonly endColumn?: number;
	/** `inEnv` is empty unless given: most faults are not in one environment only. */
	readonly data?: Record<string, string>;
	/** Beside the one that disables the rule in TOML, which every report there has. */
	readonly suggestions?: readonly { readonly messageId: string; readonly data?: Record<string, string>; readonly output: string }[];
}
interface Invalid extends Valid {
	readonly errors: readonly Fault[];
}

/** A file of some format, in which a case is written by default. */
const fileOf = ({ file, code }: Valid): string => file ?? (code.trimStart().startsWith("{") ? "wrangler.jsonc" : "wrangler.toml");

/** What the suggestion that every report in TOML has must make of the text. */
function disabled(code: string, line: number, rule: string): string {
	const lines = code.split("\n");
	const indent = /^[ \t]*/u.exec(lines[line - 1] ?? "")?.[0] ?? "";
	const cr = lines[0]?.endsWith("\r") ? "\r" : "";
	lines.splice(line - 1, 0, `${indent}# eslint-disable-next-line durable-objects/${rule} -- ${cr}`);
	return lines.join("\n");
}

export function testRule(rule: DurableObjectsRule, { valid, invalid }: { readonly valid: readonly Valid[]; readonly invalid: readonly Invalid[] }): void {
	tester.run(rule.name, rule, {
		valid: valid.map((test) => ({ name: test.name, code: test.code, filename: fileOf(test), options: [...(test.options ?? [])] })),
		invalid: invalid.map((test) => {
			const filename = fileOf(test);
			return {
				name: test.name,
				code: test.code,
				filename,
				options: [...(test.options ?? [])],
				errors: test.errors.map(({ suggestions = [], ...error }) => {
					const data = error.data && { inEnv: "", ...error.data };
					const all = [...suggestions];
					if (filename.endsWith(".toml")) all.push({ messageId: "disableNextLine", output: disabled(test.code, error.line, rule.name) });
					return { ...error, ...(data && { data }), ...(all.length > 0 && { suggestions: all }) };
				}),
			};
		}),
	});
}

interface Asking {
	readonly file?: string;
	readonly options?: readonly unknown[];
	readonly cwd?: string;
}

function reviewed(rule: DurableObjectsRule, text: string, { file, options, cwd = process.cwd() }: Asking): readonly Verdict[] {
	const path = file ?? fileOf({ name: "", code: text });
	const parsed = parseConfig(text, path);
	if (!parsed.ok) throw new Error(parsed.problem.message);
	const sourceCode = new WranglerSourceCode({ text, ast: parsed.document });
	const context = { sourceCode, filename: path, cwd, settings: {} } as unknown as Rule.RuleContext;
	return rule.review(context, options ?? rule.meta.defaultOptions).flatMap(({ verdicts }) => verdicts);
}

/** The messages of what a rule finds in a text. */
export function messagesOf(rule: DurableObjectsRule, text: string, asking: Asking = {}): string[] {
	return reviewed(rule, text, asking).flatMap((verdict) => {
		if (verdict.status !== "violated") return [];
		return [(rule.meta.messages[verdict.messageId] ?? "").replace(/\{\{(\w+)\}\}/gu, (hole, name: string) => verdict.data[name] ?? hole)];
	});
}

/** The verdicts of a rule on a text, in short: `guarded: "new_sqlite_classes"` quotes the lines that are named. */
export function verdictsOf(rule: DurableObjectsRule, text: string, asking: Asking = {}): string[] {
	const quote = (at: readonly { readonly range: readonly [number, number] }[]) => at.map(({ range }) => text.slice(...range)).join(" ");
	const show = (verdict: Verdict): string => {
		switch (verdict.status) {
			case "violated":
				return `violated ${verdict.messageId}: ${quote([verdict.at])}`;
			case "not-applicable":
				return `not-applicable: ${verdict.because}`;
			default:
				return `${verdict.status}: ${quote(verdict.at)}`;
		}
	};
	return reviewed(rule, text, asking).map(show);
}
