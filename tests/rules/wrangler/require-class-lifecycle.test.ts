import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/require-class-lifecycle.ts";
import { testRule, verdictsOf } from "./cases.ts";

const bound = '"durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] }';

testRule(rule, {
	valid: [
		{ name: "created by a migration", code: `{ ${bound}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }] }` },
		{ name: "created with key-value storage", code: `{ ${bound}, "migrations": [{ "tag": "v1", "new_classes": ["Counter"] }] }` },
		{ name: "renamed to", code: `{ ${bound}, "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "Counter" }] }] }` },
		{ name: "transferred to", code: `{ ${bound}, "migrations": [{ "tag": "v1", "transferred_classes": [{ "from": "A", "from_script": "s", "to": "Counter" }] }] }` },
		{ name: "exported", code: `{ ${bound}, "exports": { "Counter": { "type": "durable-object", "storage": "sqlite" } } }` },
		{ name: "of another Worker", code: '[[durable_objects.bindings]]\nname = "X"\nclass_name = "X"\nscript_name = "other"\n' },
		{ name: "of a Pages project, which another rule judges", code: `{ "pages_build_output_dir": "dist", ${bound} }` },
	],
	invalid: [
		{
			name: "neither migrations nor exports: both are proposed",
			code: `{\n  ${bound}\n}\n`,
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 2,
					column: 72,
					suggestions: [
						{
							messageId: "addExport",
							data: { class: "Counter" },
							output: `{\n  ${bound},\n  "exports": {\n    "Counter": {\n      "type": "durable-object",\n      "storage": "sqlite"\n    }\n  }\n}\n`,
						},
						{
							messageId: "addMigration",
							data: { class: "Counter" },
							output: `{\n  ${bound},\n  "migrations": [\n    {\n      "tag": "v1",\n      "new_sqlite_classes": ["Counter"]\n    }\n  ]\n}\n`,
						},
					],
				},
			],
		},
		{
			name: "a file with migrations: a new last entry, behind the comment of the one before",
			code: `{\n\t${bound},\n\t"migrations": [\n\t\t{ "tag": "v1", "new_sqlite_classes": ["A"] } // the first\n\t]\n}\n`,
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 2,
					suggestions: [
						{
							messageId: "addMigration",
							output: `{\n\t${bound},\n\t"migrations": [\n\t\t{ "tag": "v1", "new_sqlite_classes": ["A"] }, // the first\n\t\t{ "tag": "v2", "new_sqlite_classes": ["Counter"] }\n\t]\n}\n`,
						},
					],
				},
			],
		},
		{
			name: "trailing commas and an entry of several lines",
			code: `{\n\t"migrations": [\n\t\t{\n\t\t\t"tag": "v1",\n\t\t\t"new_sqlite_classes": ["A"],\n\t\t},\n\t],\n\t${bound},\n}\n`,
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 8,
					suggestions: [
						{
							messageId: "addMigration",
							output: `{\n\t"migrations": [\n\t\t{\n\t\t\t"tag": "v1",\n\t\t\t"new_sqlite_classes": ["A"],\n\t\t},\n\t\t{\n\t\t\t"tag": "v2",\n\t\t\t"new_sqlite_classes": ["Counter"]\n\t\t},\n\t],\n\t${bound},\n}\n`,
						},
					],
				},
			],
		},
		{
			name: "all on one line",
			code: `{ ${bound}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }`,
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 1,
					suggestions: [
						{
							messageId: "addMigration",
							output: `{ ${bound}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["Counter"] }] }`,
						},
					],
				},
			],
		},
		{
			name: "a file with exports",
			code: `{\n  "exports": {\n    "A": { "type": "durable-object", "storage": "sqlite" }\n  },\n  ${bound}\n}\n`,
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 5,
					suggestions: [
						{
							messageId: "addExport",
							output: `{\n  "exports": {\n    "A": { "type": "durable-object", "storage": "sqlite" },\n    "Counter": {\n      "type": "durable-object",\n      "storage": "sqlite"\n    }\n  },\n  ${bound}\n}\n`,
						},
					],
				},
			],
		},
		{
			name: "TOML with tables of migrations in the middle of the file",
			code: 'name = "w"\n\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"] # first\n\n[[durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"\n',
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 9,
					column: 14,
					suggestions: [
						{
							messageId: "addMigration",
							output:
								'name = "w"\n\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"] # first\n\n[[migrations]]\ntag = "v2"\nnew_sqlite_classes = ["Counter"]\n\n[[durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"\n',
						},
					],
				},
			],
		},
		{
			name: "TOML with an inline list, and CRLF",
			code: 'migrations = [\r\n  { tag = "v1", new_sqlite_classes = ["A"] },\r\n]\r\n[[durable_objects.bindings]]\r\nname = "C"\r\nclass_name = "Counter"\r\n',
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 6,
					suggestions: [
						{
							messageId: "addMigration",
							output:
								'migrations = [\r\n  { tag = "v1", new_sqlite_classes = ["A"] },\r\n  { tag = "v2", new_sqlite_classes = ["Counter"] },\r\n]\r\n[[durable_objects.bindings]]\r\nname = "C"\r\nclass_name = "Counter"\r\n',
						},
					],
				},
			],
		},
		{
			name: "TOML with exports, which keys follow: the new table goes to the end",
			code: 'exports.A.type = "durable-object"\nexports.A.storage = "sqlite"\nname = "w"\n\n[[durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"',
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 7,
					suggestions: [
						{
							messageId: "addExport",
							output:
								'exports.A.type = "durable-object"\nexports.A.storage = "sqlite"\nname = "w"\n\n[[durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"\n\n[exports.Counter]\ntype = "durable-object"\nstorage = "sqlite"\n',
						},
					],
				},
			],
		},
		{
			name: "an environment with migrations of its own gets the entry",
			code: '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Counter"]\n\n[[env.dev.migrations]]\ntag = "d1"\nnew_sqlite_classes = ["A"]\n\n[[env.dev.durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"\n',
			errors: [
				{
					messageId: "bindingClassNotMigrated",
					line: 11,
					suggestions: [
						{
							messageId: "addMigration",
							output:
								'[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Counter"]\n\n[[env.dev.migrations]]\ntag = "d1"\nnew_sqlite_classes = ["A"]\n\n[[env.dev.migrations]]\ntag = "d2"\nnew_sqlite_classes = ["Counter"]\n\n[[env.dev.durable_objects.bindings]]\nname = "C"\nclass_name = "Counter"\n',
						},
					],
				},
			],
		},
		{
			name: "a deleted class",
			code: `{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }, { "tag": "v2", "deleted_classes": ["Counter"] }],\n${bound} }`,
			errors: [{ messageId: "bindingClassDeleted", data: { class: "Counter", binding: "COUNTER", line: "1" }, line: 2 }],
		},
		{
			name: "a class that was renamed twice: the last name is proposed",
			code: `{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }, { "tag": "v2", "renamed_classes": [{ "from": "Counter", "to": "B" }] }, { "tag": "v3", "renamed_classes": [{ "from": "B", "to": "C" }] }],\n${bound} }`,
			errors: [
				{
					messageId: "bindingClassRenamed",
					data: { class: "Counter", to: "B", line: "1" },
					line: 2,
					suggestions: [
						{
							messageId: "bindNewName",
							data: { to: "C" },
							output: `{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }, { "tag": "v2", "renamed_classes": [{ "from": "Counter", "to": "B" }] }, { "tag": "v3", "renamed_classes": [{ "from": "B", "to": "C" }] }],\n"durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "C" }] } }`,
						},
					],
				},
			],
		},
		{
			name: "a class that was handed over",
			code: `{ "exports": { "Counter": { "type": "durable-object", "state": "transferred", "transferred_to": "other" } },\n${bound} }`,
			errors: [{ messageId: "bindingClassTransferred", data: { class: "Counter", to: "other", line: "1" }, line: 2 }],
		},
	],
});

describe("verdicts", () => {
	it("quotes what creates the class", () => {
		expect(verdictsOf(rule, `{ ${bound}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }] }`)).toEqual(['guarded: "Counter"']);
		expect(verdictsOf(rule, `{ ${bound}, "exports": { "Counter": { "type": "durable-object", "storage": "sqlite" } } }`)).toEqual(['guarded: "Counter"']);
	});
	it("does not vouch for a class whose migration is malformed", () => {
		expect(verdictsOf(rule, `{ ${bound}, "migrations": [{ "tag": "v1", "new_sqllite_classes": ["Counter"] }] }`)).toEqual(['unknown: "Counter"']);
		expect(verdictsOf(rule, `{ ${bound}, "migrations": {} }`)).toEqual(['unknown: "Counter"']);
	});
	it.each([
		["{}", "The configuration binds no Durable Objects."],
		['{ "durable_objects": { "bindings": [{ "name": "X", "class_name": "X", "script_name": "other" }] } }', "All bindings lead to classes of other Workers."],
		[`{ "pages_build_output_dir": "dist", ${bound} }`, "A Pages project creates no classes."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
});

describe("a Worker of the same repository", () => {
	const root = mkdtempSync(join(tmpdir(), "do-siblings-"));
	afterAll(() => rmSync(root, { recursive: true }));
	const write = (path: string, text: string) => {
		mkdirSync(join(root, path, ".."), { recursive: true });
		writeFileSync(join(root, path), text);
	};
	write("apps/objects/wrangler.toml", 'name = "objects"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Room"]\n[env.dev]\n');
	write("apps/twin-a/wrangler.toml", 'name = "twin"\n');
	write("apps/twin-b/wrangler.toml", 'name = "twin"\n');
	write("apps/web/wrangler.jsonc", "{}");
	const binding = (className: string, script: string) => verdictsOf(rule, `{ "durable_objects": { "bindings": [{ "name": "X", "class_name": "${className}", "script_name": "${script}" }] } }`, { file: join(root, "apps/web/wrangler.jsonc"), cwd: root });

	it("must have the class", () => {
		expect(binding("Lobby", "objects")).toEqual(['violated bindingExternalClassMissing: "Lobby"']);
		expect(binding("Lobby", "objects-dev")).toEqual(['violated bindingExternalClassMissing: "Lobby"']);
		expect(binding("Room", "objects")).toEqual(["not-applicable: All bindings lead to classes of other Workers."]);
	});
	it("is not asked when it is not here, or when two have the name", () => {
		expect(binding("Lobby", "elsewhere")).toEqual(["not-applicable: All bindings lead to classes of other Workers."]);
		expect(binding("Lobby", "twin")).toEqual(["not-applicable: All bindings lead to classes of other Workers."]);
	});
});
