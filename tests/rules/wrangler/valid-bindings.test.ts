import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-bindings.ts";
import { testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "a sound binding", code: '{ "durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] } }' },
		{ name: "one name in two environments", code: '[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n[[env.dev.durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n' },
		{ name: "a strategy", code: '[durable_objects.code_update_strategy]\nmode = "deferred"\nmax_delay = 300\n' },
	],
	invalid: [
		{ name: "a binding without class", code: '{ "durable_objects": { "bindings": [{ "name": "A" }] } }', errors: [{ messageId: "bindingShape", data: { problem: 'A binding needs "class_name"' }, line: 1, column: 37 }] },
		{ name: "an array of tables one level too high", code: '[[durable_objects]]\nname = "A"\nclass_name = "A"\n', errors: [{ messageId: "bindingShape", line: 1, column: 3, endColumn: 18 }] },
		{ name: "a key in camel case", code: '[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\nscriptName = "x"\n', errors: [{ messageId: "bindingUnknownField", data: { field: "scriptName", known: "name, class_name, script_name, environment" }, line: 4, column: 1, endColumn: 11 }] },
		{ name: "an empty class name", code: '{ "durable_objects": { "bindings": [{ "name": "A", "class_name": "" }] } }', errors: [{ messageId: "bindingEmpty", data: { field: "class_name", problem: "is empty" }, line: 1 }] },
		{ name: "a name twice", code: '{\n"durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] },\n"kv_namespaces": [{ "binding": "A", "id": "1" }] }', errors: [{ messageId: "bindingNameDuplicate", data: { name: "A", kind: "durable_objects", line: "2" }, line: 3 }] },
		{ name: "a wrong mode", code: '[durable_objects.code_update_strategy]\nmode = "late"\n', errors: [{ messageId: "codeUpdateStrategy", line: 2, column: 8 }] },
	],
});

describe("verdicts", () => {
	it("quotes the names", () => {
		expect(verdictsOf(rule, '{ "durable_objects": { "bindings": [{ "name": "A", "class_name": "X" }, { "name": "B", "class_name": "X" }] } }')).toEqual(['guarded: "A" "B"']);
	});
	it("has nothing to judge without bindings", () => {
		expect(verdictsOf(rule, "{}")).toEqual(["not-applicable: The configuration binds no Durable Objects."]);
	});
});
