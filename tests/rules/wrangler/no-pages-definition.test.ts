import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/no-pages-definition.ts";
import { testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "a Worker", code: '{ "main": "a.ts", "durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] } }' },
		{ name: "objects of a Worker", code: 'pages_build_output_dir = "dist"\n[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\nscript_name = "w"\n' },
	],
	invalid: [
		{ name: "a class of its own", code: 'pages_build_output_dir = "dist"\n[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n', errors: [{ messageId: "pagesLocalBinding", data: { binding: "A", class: "A" }, line: 2, column: 19 }] },
		{ name: "migrations and main", code: '{ "pages_build_output_dir": "dist",\n"main": "a.ts",\n"migrations": [{ "tag": "v1", "new_classes": ["A"] }] }', errors: [{ messageId: "pagesUnsupportedField", data: { field: "main" }, line: 2 }, { messageId: "pagesUnsupportedField", data: { field: "migrations" }, line: 3 }] },
	],
});

describe("verdicts", () => {
	it("quotes the Worker", () => {
		expect(verdictsOf(rule, '{ "pages_build_output_dir": "d", "durable_objects": { "bindings": [{ "name": "A", "class_name": "A", "script_name": "w" }] } }')).toEqual(['guarded: "w"']);
	});
	it.each([
		["{}", "This is not a Pages project."],
		['{ "pages_build_output_dir": "d" }', "The Pages project binds no Durable Objects."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
});
