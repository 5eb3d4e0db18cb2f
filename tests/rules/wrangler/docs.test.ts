/** The examples of the pages are honest: each incorrect one is reported by its rule alone, each correct one by none. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESLint, Linter } from "eslint";
import { afterAll, describe, expect, it } from "vitest";
import { wranglerRules } from "../../../src/rules/wrangler/index.ts";
import { languagePlugin } from "./cases.ts";
import { GitFolder } from "./git-folder.ts";

const docs = join(import.meta.dirname, "../../../docs");
const pages = join(docs, "rules");
const plugin = { ...languagePlugin, rules: Object.fromEntries(wranglerRules.map((rule) => [rule.name, rule])) } as ESLint.Plugin;

interface Block {
	readonly format: string;
	readonly kind: string;
	readonly text: string;
}

function blocksOf(page: string): Block[] {
	return [...page.matchAll(/^```(jsonc|toml) (correct|incorrect|base)\n(.*?)^```$/gmsu)].map(([, format = "", kind = "", text = ""]) => ({ format, kind, text }));
}

/** What the recommended rules and the one at hand report, by rule. */
function lint({ format, text }: Block, rule: string, options: readonly unknown[], cwd: string): string[] {
	const on = wranglerRules.filter(({ name, preset }) => name === rule || preset.in === "recommended");
	const config: Linter.Config = {
		files: ["**/*.{jsonc,toml}"],
		plugins: { "durable-objects": plugin },
		language: "durable-objects/wrangler",
		rules: Object.fromEntries(on.map(({ name }) => [`durable-objects/${name}`, name === rule ? ["error", ...options] : ["error"]])),
	};
	const messages = new Linter({ cwd }).verify(text, [config], { filename: join(cwd, `wrangler.${format}`) });
	return [...new Set(messages.map(({ ruleId, message }) => ruleId ?? message))];
}

const cleanUps: GitFolder[] = [];
afterAll(() => {
	for (const folder of cleanUps) folder.remove();
});

describe.each(wranglerRules.map((rule) => ({ rule })))("the page of $rule.name", ({ rule }) => {
	const page = readFileSync(join(pages, `${rule.name}.md`), "utf8");
	const blocks = blocksOf(page);
	const base = blocks.find(({ kind }) => kind === "base");
	const folder = new GitFolder();
	cleanUps.push(folder);
	if (base) folder.commit(`wrangler.${base.format}`, base.text, "base");
	const options = base ? [{ baseRef: "base" }] : [];

	it("has its sections in order", () => {
		const headings = [...page.matchAll(/^##? .*$/gmu)].map(([heading]) => heading);
		const hasOptions = rule.meta.schema !== undefined && JSON.stringify(rule.meta.schema) !== "[]";
		expect(headings.slice(1)).toEqual(["## What happens", "## Examples", ...(hasOptions ? ["## Options"] : []), "## When not to use it", "## Further reading"]);
		expect(page).toMatch(/^# .*durable-objects\/wrangler\//u);
		expect(page).toContain("<!-- end auto-generated rule header -->");
	});

	it("shows both sides", () => {
		expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(["correct", "incorrect", ...(base ? ["base"] : [])]));
	});

	it.each(blocks.filter(({ kind }) => kind === "incorrect"))("has an incorrect example that its rule alone reports ($format, $#)", (block) => {
		expect(lint(block, rule.name, options, folder.path)).toEqual([`durable-objects/${rule.name}`]);
	});

	it.each(blocks.filter(({ kind }) => kind === "correct" || kind === "base"))("has a correct example that nothing is said about ($format, $#)", (block) => {
		expect(lint(block, rule.name, options, folder.path)).toEqual([]);
	});
});

describe("the page about the life of a class", () => {
	const page = readFileSync(join(docs, "class-lifecycle.md"), "utf8");
	it.each(blocksOf(page))("has an example that nothing is said about ($format, $#)", (block) => {
		expect(block.kind).toBe("correct");
		expect(lint(block, "", [], docs)).toEqual([]);
	});
	it("leads to pages that are there", () => {
		for (const [, link = ""] of page.matchAll(/\]\(\.\/([^)]*)\)/gu)) expect(existsSync(join(docs, link)), link).toBe(true);
	});
});
