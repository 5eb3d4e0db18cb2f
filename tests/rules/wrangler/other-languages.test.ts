import { TextSourceCodeBase, VisitNodeStep } from "@eslint/plugin-kit";
import { ESLint, Linter } from "eslint";
import * as tomlParser from "toml-eslint-parser";
import { describe, expect, it } from "vitest";
import { wranglerRules } from "../../../src/rules/wrangler/index.ts";

/** What parsers for JSON give ESLint's JavaScript language: a `Program`, whatever is in it. */
const otherParser: Linter.Parser = {
	parseForESLint(text: string) {
		const end = { line: 1, column: text.length };
		return { ast: { type: "Program", sourceType: "module", body: [], comments: [], tokens: [], range: [0, text.length], loc: { start: { line: 1, column: 0 }, end } } };
	},
};

const plugin = { rules: Object.fromEntries(wranglerRules.map((rule) => [rule.name, rule])) } as ESLint.Plugin;
const rules = Object.fromEntries(wranglerRules.map((rule) => [`durable-objects/${rule.name}`, "error" as const]));

async function lint(text: string, filePath: string, parser: Linter.Parser) {
	const eslint = new ESLint({
		cwd: import.meta.dirname,
		overrideConfigFile: true,
		overrideConfig: [{ files: ["**/*.{json,jsonc,toml}"], plugins: { "durable-objects": plugin }, languageOptions: { parser }, rules }],
	});
	const [result] = await eslint.lintText(text, { filePath });
	return result?.messages.map(({ ruleId, line, column }) => `${line}:${column} ${ruleId ?? "-"}`);
}

describe("under the language and parser of another plugin", () => {
	it("finds the same in JSON", async () => {
		const text = '{\n\t"migrations": [\n\t\t{ "tag": "", "new_sqlite_classes": ["A"] }, // one\n\t],\n"compatibility_date": "2026-01-01" }';
		expect(await lint(text, "wrangler.jsonc", otherParser)).toEqual(["3:12 durable-objects/wrangler/valid-migration-tags"]);
	});
	it("finds the same in TOML", async () => {
		const text = 'compatibility_date = "2026-01-01"\n[[migrations]]\ntag = ""\nnew_sqlite_classes = ["A"]\n';
		expect(await lint(text, "wrangler.toml", tomlParser as unknown as Linter.Parser)).toEqual(["3:7 durable-objects/wrangler/valid-migration-tags"]);
	});
	it("leaves a syntax error to the other parser", async () => {
		expect(await lint("{ not json", "wrangler.jsonc", otherParser)).toEqual([]);
	});
	it("leaves other files alone", async () => {
		expect(await lint('{ "migrations": [{ "tag": "" }] }', "package.json", otherParser)).toEqual([]);
	});
});

describe("under a language that counts columns from 1, as that of @eslint/json does", () => {
	class OtherSourceCode extends TextSourceCodeBase {
		override traverse() {
			return ([1, 2] as const).map((phase) => new VisitNodeStep({ target: this.ast, phase, args: [this.ast] }));
		}
	}
	const language = {
		fileType: "text",
		lineStart: 1,
		columnStart: 1,
		nodeTypeKey: "type",
		visitorKeys: { Document: [] },
		validateLanguageOptions() {},
		parse: ({ body }: { body: string }) => ({ ok: true, ast: { type: "Document", range: [0, body.length], loc: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } } } }),
		createSourceCode: ({ body: text }: { body: string }, { ast }: { ast: object }) => new OtherSourceCode({ text, ast }),
	};
	it("reports at the same place", () => {
		const text = '{\n\t"migrations": [{ "tag": "", "new_sqlite_classes": ["A"] }],\n"compatibility_date": "2026-01-01" }';
		const other = { languages: { json: language } } as unknown as ESLint.Plugin;
		const messages = new Linter().verify(text, [{ files: ["**/*.jsonc"], plugins: { "durable-objects": plugin, other }, language: "other/json", rules }], "wrangler.jsonc");
		expect(messages.map(({ line, column, endColumn }) => [line, column, endColumn])).toEqual([[2, 26, 28]]);
	});
});

describe("the list of rules", () => {
	it("has the fifteen, each once, named after its place", () => {
		expect(wranglerRules).toHaveLength(15);
		expect(new Set(wranglerRules.map(({ name }) => name)).size).toBe(15);
		for (const { name, meta, subjectKind } of wranglerRules) {
			expect(name).toMatch(/^wrangler\/[a-z-]+$/u);
			expect(subjectKind).toBe("wrangler");
			expect(meta.languages).toEqual(["*"]);
		}
	});
});
