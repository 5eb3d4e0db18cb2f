import { ESLint } from "eslint";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/prefer-sqlite-storage.ts";
import { languagePlugin, testRule, verdictsOf } from "./cases.ts";
import { GitFolder } from "./git-folder.ts";

testRule(rule, {
	valid: [
		{ name: "SQLite", code: '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }' },
		{ name: "an entry of long ago", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["B"] }] }' },
		{ name: "declared as it is, by exports", code: '{ "exports": { "A": { "type": "durable-object", "storage": "legacy-kv" } } }' },
	],
	invalid: [
		{ name: "key-value storage in the last entry; an entry that may be applied is not touched", code: '[[migrations]]\ntag = "v1"\nnew_classes = ["A", "B"]\n', errors: [{ messageId: "migrationLegacyKv", data: { class: "A" }, line: 3, column: 16 }, { messageId: "migrationLegacyKv", data: { class: "B" }, line: 3 }] },
		{ name: "a base that cannot be read is as none", options: [{ baseRef: "no such" }], code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }] }', errors: [{ messageId: "migrationLegacyKv", line: 1 }] },
	],
});

describe("with a base", () => {
	const old = '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }] }';
	const now = '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "new_classes": ["B"] }] }';
	let folder: GitFolder;
	beforeAll(() => {
		folder = new GitFolder();
		folder.commit("wrangler.jsonc", old, "base");
	});
	afterAll(() => folder.remove());

	it("says nothing about entries that the base has", () => {
		const options = { file: join(folder.path, "wrangler.jsonc"), cwd: folder.path, options: [{ baseRef: "base" }] };
		expect(verdictsOf(rule, old, options)).toEqual(["not-applicable: The classes on key-value storage exist already, and cannot be converted."]);
		expect(verdictsOf(rule, now, options)).toEqual(['violated migrationLegacyKv: "B"']);
	});

	it("proposes SQLite for a new entry", async () => {
		const eslint = new ESLint({
			cwd: folder.path,
			overrideConfigFile: true,
			overrideConfig: [
				{
					files: ["**/*.jsonc"],
					plugins: { "durable-objects": { ...languagePlugin, rules: { [rule.name]: rule } } },
					language: "durable-objects/wrangler",
					rules: { [`durable-objects/${rule.name}`]: ["error", { baseRef: "base" }] },
				},
			],
		});
		const [result] = await eslint.lintText(now, { filePath: "wrangler.jsonc" });
		const [message, ...others] = result?.messages ?? [];
		expect(others).toEqual([]);
		const [suggestion] = message?.suggestions ?? [];
		const { range, text } = suggestion?.fix ?? { range: [0, 0], text: "" };
		expect(now.slice(0, range[0]) + text + now.slice(range[1])).toBe(now.replace('"v2", "new_classes"', '"v2", "new_sqlite_classes"'));
	});
});

describe("verdicts", () => {
	it("quotes the SQLite class", () => {
		expect(verdictsOf(rule, '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["B"] }] }')).toEqual(['guarded: "B"']);
		expect(verdictsOf(rule, '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" } } }')).toEqual(['guarded: "A"']);
	});
	it.each([
		["{}", "The configuration creates no classes."],
		['{ "exports": { "A": { "type": "durable-object", "storage": "legacy-kv" } } }', "The classes on key-value storage exist already, and cannot be converted."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
});
