import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-container-class.ts";
import { testRule, verdictsOf } from "./cases.ts";

const container = '"containers": [{ "class_name": "A", "image": "./Dockerfile" }]';

testRule(rule, {
	valid: [
		{ name: "a SQLite class", code: `{ ${container}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }` },
		{ name: "a bound class", code: `{ ${container}, "durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] } }` },
	],
	invalid: [
		{ name: "no class", code: `{ ${container} }`, errors: [{ messageId: "containerClass", line: 1, column: 34 }] },
		{ name: "a key-value class", code: `{ ${container}, "migrations": [{ "tag": "v1", "new_classes": ["A"] }] }`, errors: [{ messageId: "containerClass", line: 1 }] },
		{ name: "a class of another Worker", code: '[[containers]]\nclass_name = "A"\nimage = "x"\n[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\nscript_name = "w"\n', errors: [{ messageId: "containerClass", line: 2, column: 14 }] },
	],
});

describe("verdicts", () => {
	it("quotes the class", () => {
		expect(verdictsOf(rule, `{ ${container}, "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }`)).toEqual(['guarded: "A"']);
	});
	it("has nothing to judge without containers", () => {
		expect(verdictsOf(rule, "{}")).toEqual(["not-applicable: The configuration has no containers that name a class."]);
	});
});
