import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/no-destructive-migration.ts";
import { testRule, verdictsOf } from "./cases.ts";

const deletion = '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] },\n{ "tag": "v2", "deleted_classes": ["A"] }] }';
const tombstone = '[exports.A]\ntype = "durable-object"\nstate = "deleted"\n';

testRule(rule, {
	valid: [
		{ name: "a rename", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "B" }] }] }' },
		{ name: "a deletion of long ago", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "deleted_classes": ["A"] }, { "tag": "v3", "new_classes": ["B"] }] }' },
		{ name: "an acknowledged deletion", code: deletion, options: [{ acknowledged: ["A"] }] },
		{ name: "an acknowledged tombstone", code: tombstone, options: [{ acknowledged: ["A"] }] },
	],
	invalid: [
		{ name: "a deletion in the last entry", code: deletion, errors: [{ messageId: "migrationDeletesData", data: { class: "A" }, line: 2, column: 36 }] },
		{ name: "a deletion other than the acknowledged one", code: deletion, options: [{ acknowledged: ["B"] }], errors: [{ messageId: "migrationDeletesData", line: 2 }] },
		{ name: "a tombstone", code: tombstone, errors: [{ messageId: "exportDeletesData", data: { class: "A" }, line: 1, column: 10, endColumn: 11 }] },
	],
});

describe("verdicts", () => {
	it("quotes what keeps the data", () => {
		expect(verdictsOf(rule, '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "B" }] }] }')).toEqual(['guarded: { "from": "A", "to": "B" }']);
	});
	it("quotes the deletion that the option acknowledges", () => {
		expect(verdictsOf(rule, deletion, { options: [{ acknowledged: ["A"] }] })).toEqual(['guarded: "A"']);
	});
	it.each([
		["{}", "No class is deleted."],
		['{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "deleted_classes": ["A"] }, { "tag": "v3", "new_classes": ["B"] }] }', "Only entries before the last one delete classes: that has happened already."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
});
