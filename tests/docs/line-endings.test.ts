/** Windows ends lines with CR LF: the incorrect examples of the pages, so written, are reported and mended all the same. */
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import path from "node:path";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import plugin from "../../src/index.ts";
import { prefix } from "../../src/meta.ts";
import { rules } from "../../src/rules/index.ts";
import { type Example, readPages } from "./fences.ts";

const windows = (text: string): string => text.replaceAll("\n", "\r\n");

interface Found {
	readonly place: string;
	/** What the text becomes by each of its changes, the fix first. */
	readonly changed: readonly string[];
}

function lint({ language }: Example, rule: string, text: string): Found[] {
	const isConfig = language === "jsonc" || language === "toml";
	const config: Linter.Config[] = [
		...plugin.configs.strict,
		{ files: [isConfig ? "**/wrangler.*" : "**/object.*"], ...(!isConfig && { languageOptions: { parser } }), rules: { [`${prefix}/${rule}`]: "error" } },
	];
	// A folder that does not exist: nothing but the text counts.
	const cwd = path.join(tmpdir(), "no-such-folder");
	const messages = new Linter({ cwd }).verify(text, config, { filename: path.join(cwd, isConfig ? `wrangler.${language}` : `object.${language}`) });
	return messages.map(({ line, column, endLine, endColumn, ruleId, fix, suggestions = [] }) => ({
		place: `${line}:${column}-${endLine}:${endColumn} ${ruleId}`,
		changed: [...(fix ? [fix] : []), ...suggestions.map((suggestion) => suggestion.fix)].map(({ range, text: inserted }) => text.slice(0, range[0]) + inserted + text.slice(range[1])),
	}));
}

const examples = [...readPages().values()].flatMap(({ rule, examples: all }) => all.filter(({ verdict }) => verdict === "incorrect").map((example) => ({ rule, example })));
let changes = 0;

describe("with the line endings of Windows", () => {
	it.each(rules.map(({ name }) => name))("%s reports the same places, and changes them to the same text", (name) => {
		for (const { rule, example } of examples.filter((each) => each.rule === name)) {
			const unix = lint(example, rule, example.code);
			const found = lint(example, rule, windows(example.code));
			expect(found.map(({ place }) => place)).toEqual(unix.map(({ place }) => place));
			expect(found.map(({ changed }) => changed)).toEqual(unix.map(({ changed }) => changed.map(windows)));
			changes += unix.reduce((sum, { changed }) => sum + changed.length, 0);
		}
	});

	it("was tried with many changes", () => {
		expect(changes).toBeGreaterThan(50);
	});
});
