import js from "@eslint/js";
import { ESLint, type Linter } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { wranglerRules } from "../../src/rules/wrangler/index.ts";
import { incompatibleRules } from "../../src/wrangler/incompatible-rules.ts";
import { wranglerLanguage } from "../../src/wrangler/language.ts";

const plugin = {
	meta: { name: "eslint-plugin-durable-objects", version: "0.0.0", namespace: "durable-objects" },
	languages: { wrangler: wranglerLanguage },
	rules: Object.fromEntries(wranglerRules.map((rule) => [rule.name, rule])),
} as unknown as ESLint.Plugin;

const files = ["**/wrangler.json", "**/wrangler.jsonc", "**/wrangler.toml"];
const ours: Linter.Config = {
	files,
	plugins: { "durable-objects": plugin },
	language: "durable-objects/wrangler",
	rules: { ...incompatibleRules, ...Object.fromEntries(wranglerRules.map((rule) => [`durable-objects/${rule.name}`, "error" as const])) },
};

async function lint(text: string, filePath: string, config: Linter.Config[] = [ours], options: ESLint.Options = {}) {
	const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: config, cwd: import.meta.dirname, ...options });
	const [result] = await eslint.lintText(text, { filePath });
	if (!result) throw new Error("not linted");
	return result;
}
const brief = ({ messages }: ESLint.LintResult) => messages.map(({ ruleId, line, column }) => `${line}:${column} ${ruleId ?? "-"}`);

const faultyJson = `{
	"name": "w",
	"compatibility_date": "2026-01-01",
	"migrations": [
		{ "tag": "v1", "new_sqlite_classes": ["A"] },
		{ "tag": "v1", "new_sqlite_classes": ["B"] }, // again
	],
}
`;
const faultyToml = `name = "w"
compatibility_date = "2026-01-01"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["A"]

[[migrations]]
tag = "v1"
new_sqlite_classes = ["B"]
`;

describe("the language under ESLint", () => {
	it.each([
		["wrangler.jsonc", faultyJson, "6:12"],
		["wrangler.json", faultyJson, "6:12"],
		["wrangler.jsonc", faultyJson.replaceAll("\n", "\r\n"), "6:12"],
		["wrangler.jsonc", `\uFEFF${faultyJson}`, "6:12"],
		["wrangler.toml", faultyToml, "9:7"],
		["wrangler.toml", faultyToml.replaceAll("\n", "\r\n"), "9:7"],
	])("reports at the place of the value in %s", async (name, text, place) => {
		expect(brief(await lint(text, name))).toEqual([`${place} durable-objects/wrangler/valid-migration-tags`]);
	});

	it.each([
		["wrangler.jsonc", "{ \"a\": }", "1:8"],
		["wrangler.jsonc", "", "1:1"],
		["wrangler.jsonc", "[]", "1:1"],
		["wrangler.jsonc", "{\n  'a': 1 }", "2:3"],
		["wrangler.jsonc", "\uFFFD\uFFFD{\0}\0", "1:1"],
		["wrangler.toml", "a = 1\na = 2\n", "2:1"],
		["wrangler.toml", "[a]\n[a]\n", "2:2"],
		["wrangler.toml", "a = ", "1:5"],
	])("shows a syntax error of %s as one fatal message (%j)", async (name, text, place) => {
		const { messages } = await lint(text, name);
		expect(messages.map(({ fatal, line, column }) => `${fatal ? "fatal " : ""}${line}:${column}`)).toEqual([`fatal ${place}`]);
	});

	it("takes an empty TOML file, as Wrangler does", async () => {
		expect(brief(await lint("", "wrangler.toml"))).toEqual([]);
	});

	it("says what is wrong with the comment that editors put into TOML", async () => {
		const { messages } = await lint(faultyToml.replace("tag", "// eslint-disable-next-line durable-objects/wrangler/valid-migration-tags\ntag"), "wrangler.toml");
		expect(messages).toMatchObject([{ fatal: true, line: 5, message: expect.stringContaining("TOML comments start with '#'") as string }]);
	});

	const rule = "durable-objects/wrangler/valid-migration-tags";
	it.each([
		["a line comment above", "wrangler.jsonc", faultyJson.replace('\t\t{ "tag": "v1", "new_sqlite_classes": ["B"]', `\t\t// eslint-disable-next-line ${rule} -- why\n$&`)],
		["a block comment above", "wrangler.json", faultyJson.replace('\t\t{ "tag": "v1", "new_sqlite_classes": ["B"]', `\t\t/* eslint-disable-next-line ${rule} -- why */\n$&`)],
		["a comment in the line", "wrangler.jsonc", faultyJson.replace("// again", `// eslint-disable-line ${rule} -- why`)],
		["a block over the file", "wrangler.jsonc", `/* eslint-disable ${rule} -- why */\n${faultyJson}`],
		["a hash above", "wrangler.toml", faultyToml.replace('tag = "v1"\nnew_sqlite_classes = ["B"]', `# eslint-disable-next-line ${rule} -- why\n$&`)],
		["a hash in the line", "wrangler.toml", faultyToml.replace('"v1"\nnew_sqlite_classes = ["B"]', `"v1" # eslint-disable-line ${rule} -- why\nnew_sqlite_classes = ["B"]`)],
		["a hash over the file", "wrangler.toml", `# eslint-disable ${rule} -- why\n${faultyToml}`],
	])("lets %s disable the rule in %s", async (_, name, text) => {
		const { messages, suppressedMessages } = await lint(text, name);
		expect(messages).toEqual([]);
		expect(suppressedMessages).toMatchObject([{ ruleId: rule, suppressions: [{ kind: "directive", justification: "why" }] }]);
	});

	it.each([
		["wrangler.jsonc", `/* eslint ${rule}: off */\n${faultyJson}`],
		["wrangler.jsonc", `// eslint ${rule}: "off"\n${faultyJson}`],
		["wrangler.toml", `# eslint ${rule}: off\n${faultyToml}`],
	])("takes settings from comments in %s (%#)", async (name, text) => {
		expect(brief(await lint(text, name))).toEqual([]);
	});

	it("does not take prose for a setting", async () => {
		expect(brief(await lint(`# eslint is great\n# eslint, too: great\n`, "wrangler.toml"))).toEqual([]);
	});

	it.each([
		["wrangler.jsonc", `{\n\t// eslint-disable-next-line ${rule}\n\t"name": "w"\n}\n`, '{\n\t \n\t"name": "w"\n}\n'],
		["wrangler.toml", `# eslint-disable-next-line ${rule}\nname = "w"\n`, ' \nname = "w"\n'],
	])("lets ESLint remove a comment that disables nothing from %s", async (name, text, output) => {
		const config = [{ ...ours, linterOptions: { reportUnusedDisableDirectives: "error" as const } }];
		expect((await lint(text, name, config)).messages).toMatchObject([{ message: expect.stringContaining("Unused eslint-disable") as string }]);
		expect((await lint(text, name, config, { fix: true })).output).toBe(output);
	});
});

describe("the language beside other people's configuration", () => {
	const typed = tseslint.configs.strictTypeChecked as Linter.Config[];
	const stylistic = tseslint.configs.stylisticTypeChecked as Linter.Config[];
	it.each<[string, Linter.Config[]]>([
		["js.recommended without files, before", [js.configs.recommended, ours]],
		["js.recommended without files, after", [ours, js.configs.recommended]],
		["js.all without files", [ours, js.configs.all]],
		["typescript-eslint strict without files, before", [...(tseslint.configs.strict as Linter.Config[]), ours]],
		["typescript-eslint strict without files, after", [ours, ...(tseslint.configs.strict as Linter.Config[])]],
		["typescript-eslint strict with types, without files", [ours, ...typed, ...stylistic, { languageOptions: { parserOptions: { projectService: true } } }]],
	])("finds the same under %s", async (_, config) => {
		expect(brief(await lint(faultyJson, "wrangler.jsonc", config))).toEqual(["6:12 durable-objects/wrangler/valid-migration-tags"]);
		expect(brief(await lint(faultyToml, "wrangler.toml", config))).toEqual(["9:7 durable-objects/wrangler/valid-migration-tags"]);
	});

	it("leaves JavaScript files to the others", async () => {
		expect(brief(await lint("debugger;\n", "a.js", [js.configs.recommended, ours]))).toEqual(["1:1 no-debugger"]);
	});

	it("lets every rule of ESLint itself and of typescript-eslint run without finding or breaking anything", async () => {
		const all = Object.fromEntries(Object.keys((tseslint.plugin as ESLint.Plugin).rules ?? {}).map((name) => [`@typescript-eslint/${name}`, "error" as const]));
		const config: Linter.Config[] = [ours, js.configs.all, { plugins: { "@typescript-eslint": tseslint.plugin }, rules: all }];
		for (const [name, text] of [["wrangler.jsonc", faultyJson], ["wrangler.toml", faultyToml]] as const) {
			expect((await lint(text, name, config)).messages.map(({ ruleId }) => ruleId)).toEqual(["durable-objects/wrangler/valid-migration-tags"]);
		}
	});
});
