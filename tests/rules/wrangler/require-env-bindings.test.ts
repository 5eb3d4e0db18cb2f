import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/require-env-bindings.ts";
import { testRule, verdictsOf } from "./cases.ts";

const top = '"durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] }';

testRule(rule, {
	valid: [
		{ name: "bindings in the environment", code: `{ ${top}, "env": { "dev": { ${top} } } }` },
		{ name: "empty bindings, which say that none are meant", code: `{ ${top}, "env": { "dev": { "durable_objects": { "bindings": [] } } } }` },
		{ name: "none at the top", code: `{ "env": { "dev": { ${top} }, "prod": {} } }` },
	],
	invalid: [
		{
			name: "JSON: the text is copied with its comments, in the indentation of the environment",
			code: `{\n\t"durable_objects": {\n\t\t"bindings": [{ "name": "A", "class_name": "A" }] // one\n\t},\n\t"env": {\n\t\t"dev": {\n\t\t\t"vars": { "X": 1 }\n\t\t}\n\t}\n}\n`,
			errors: [
				{
					messageId: "envBindingMissing",
					data: { env: "dev", bindings: "A" },
					line: 6,
					column: 3,
					endColumn: 8,
					suggestions: [
						{
							messageId: "copyBindings",
							data: { env: "dev" },
							output: `{\n\t"durable_objects": {\n\t\t"bindings": [{ "name": "A", "class_name": "A" }] // one\n\t},\n\t"env": {\n\t\t"dev": {\n\t\t\t"vars": { "X": 1 },\n\t\t\t"durable_objects": {\n\t\t\t\t"bindings": [{ "name": "A", "class_name": "A" }] // one\n\t\t\t}\n\t\t}\n\t}\n}\n`,
						},
					],
				},
			],
		},
		{
			name: "JSON: an empty environment",
			code: `{ ${top}, "env": { "dev": {} } }`,
			errors: [{ messageId: "envBindingMissing", line: 1, suggestions: [{ messageId: "copyBindings", output: `{ ${top}, "env": { "dev": {\n\t${top}\n} } }` }] }],
		},
		{
			name: "TOML: tables for each binding, behind the environment",
			code: '[durable_objects]\nbindings = [{ name = "A", class_name = "A" }, { name = "B", class_name = "B", script_name = "w" }]\n\n[env.dev]\nname = "d"\n\n[env.dev.vars]\nX = 1\n\n[env.prod]\ndurable_objects = { bindings = [] }\n',
			errors: [
				{
					messageId: "envBindingMissing",
					line: 4,
					column: 6,
					suggestions: [
						{
							messageId: "copyBindings",
							output:
								'[durable_objects]\nbindings = [{ name = "A", class_name = "A" }, { name = "B", class_name = "B", script_name = "w" }]\n\n[env.dev]\nname = "d"\n\n[env.dev.vars]\nX = 1\n\n[[env.dev.durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n\n[[env.dev.durable_objects.bindings]]\nname = "B"\nclass_name = "B"\nscript_name = "w"\n\n[env.prod]\ndurable_objects = { bindings = [] }\n',
						},
					],
				},
			],
		},
		{
			name: "TOML: an inline environment cannot be added to",
			code: 'env = { dev = { name = "d" } }\n[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n',
			errors: [{ messageId: "envBindingMissing", line: 1 }],
		},
	],
});

describe("verdicts", () => {
	it("quotes the bindings of each environment", () => {
		expect(verdictsOf(rule, `{ ${top}, "env": { "dev": { ${top} } } }`)).toEqual(['guarded: "durable_objects"']);
	});
	it.each([
		[`{ ${top} }`, "The configuration has no named environments."],
		['{ "env": { "dev": {} } }', "The top level binds no Durable Objects."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
});
