import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-migration-tags.ts";
import { testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "tags in order", code: '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["B"] }] }' },
		{ name: "tags without order", code: '[[migrations]]\ntag = "rooms"\nnew_sqlite_classes = ["A"]\n[[migrations]]\ntag = "lobby"\nnew_sqlite_classes = ["B"]\n' },
		{ name: "no migrations", code: "{}" },
		{ name: "another file", file: "package.json", code: '{ "migrations": [{ "tag": "v1" }, { "tag": "v1" }] }' },
	],
	invalid: [
		{
			name: "a tag twice, in the last entry of JSON",
			code: '{\n\t"migrations": [\n\t\t{ "tag": "v1", "new_sqlite_classes": ["A"] },\n\t\t{ "tag": "v1", "new_sqlite_classes": ["B"] },\n\t],\n}\n',
			errors: [
				{
					messageId: "migrationDuplicateTag",
					data: { tag: "v1", line: "3" },
					line: 4,
					column: 12,
					endColumn: 16,
					suggestions: [
						{
							messageId: "useNextTag",
							data: { tag: "v2" },
							output: '{\n\t"migrations": [\n\t\t{ "tag": "v1", "new_sqlite_classes": ["A"] },\n\t\t{ "tag": "v2", "new_sqlite_classes": ["B"] },\n\t],\n}\n',
						},
					],
				},
			],
		},
		{
			name: "a tag twice, in the last entry of TOML with literal strings",
			code: "[[migrations]]\ntag = 'm09'\nnew_sqlite_classes = ['A']\n\n[[migrations]]\n  tag = 'm09'\n  new_sqlite_classes = ['B']\n",
			errors: [
				{
					messageId: "migrationDuplicateTag",
					line: 6,
					column: 9,
					suggestions: [
						{
							messageId: "useNextTag",
							data: { tag: "m10" },
							output: "[[migrations]]\ntag = 'm09'\nnew_sqlite_classes = ['A']\n\n[[migrations]]\n  tag = 'm10'\n  new_sqlite_classes = ['B']\n",
						},
					],
				},
			],
		},
		{
			name: "a tag twice before the last entry, which may be applied: nothing is proposed",
			code: '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }, { "tag": "v1", "new_sqlite_classes": ["B"] }, { "tag": "v2", "new_sqlite_classes": ["C"] }] }',
			errors: [{ messageId: "migrationDuplicateTag", line: 1 }],
		},
		{
			name: "an empty tag",
			file: "wrangler.json",
			code: '{ "migrations": [{ "tag": "", "new_sqlite_classes": ["A"] }] }',
			errors: [{ messageId: "migrationEmptyTag", line: 1, column: 27 }],
		},
		{
			name: "tags out of order, in an environment",
			code: '[[env.staging.migrations]]\ntag = "v2"\nnew_sqlite_classes = ["A"]\n[[env.staging.migrations]]\ntag = "v1"\nnew_sqlite_classes = ["B"]\n',
			errors: [{ messageId: "migrationTagOrder", data: { tag: "v1", before: "v2", inEnv: "In env.staging: " }, line: 5 }],
		},
		{
			name: "CRLF in TOML",
			code: '[[migrations]]\r\ntag = ""\r\nnew_sqlite_classes = ["A"]\r\n',
			errors: [{ messageId: "migrationEmptyTag", line: 2, column: 7 }],
		},
	],
});

describe("verdicts", () => {
	it("quotes the tags", () => {
		expect(verdictsOf(rule, '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }, { "tag": "v2", "deleted_classes": ["A"] }] }')).toEqual(['guarded: "v1" "v2"']);
	});
	it("has nothing to say without migrations", () => {
		expect(verdictsOf(rule, "{}")).toEqual(["not-applicable: The configuration has no migrations."]);
	});
});
