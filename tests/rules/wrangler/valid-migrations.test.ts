import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-migrations.ts";
import { testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "create, rename, delete", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "B" }] }, { "tag": "v3", "deleted_classes": ["B"] }] }' },
		{ name: "a transfer", code: '[[migrations]]\ntag = "v1"\n[[migrations.transferred_classes]]\nfrom = "A"\nfrom_script = "other"\nto = "A"\n' },
		{ name: "no migrations", code: "" },
	],
	invalid: [
		{ name: "a class created twice", code: '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n[[migrations]]\ntag = "v2"\nnew_sqlite_classes = ["A"]\n', errors: [{ messageId: "migrationCreateExisting", data: { class: "A", line: "3" }, line: 6, column: 23 }] },
		{ name: "an unknown class deleted", code: '{ "migrations": [{ "tag": "v1", "deleted_classes": ["A"] }] }', errors: [{ messageId: "migrationDeleteUnknown", data: { class: "A", why: "no earlier entry creates it" }, line: 1, column: 53 }] },
		{ name: "a renamed class deleted under its old name", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "B" }] }, { "tag": "v3", "deleted_classes": ["A"] }] }', errors: [{ messageId: "migrationDeleteUnknown", data: { class: "A", why: "an earlier entry has renamed it to B" }, line: 1 }] },
		{ name: "an unknown class renamed", code: '{ "migrations": [{ "tag": "v1", "renamed_classes": [{ "from": "A", "to": "B" }] }] }', errors: [{ messageId: "migrationRenameUnknown", line: 1, column: 63 }] },
		{ name: "a class renamed to itself", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "A" }] }] }', errors: [{ messageId: "migrationRenameSelf", line: 1 }] },
		{ name: "the target of a rename created before", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A", "B"] }, { "tag": "v2", "renamed_classes": [{ "from": "A", "to": "B" }] }] }', errors: [{ messageId: "migrationRenameToExisting", data: { class: "B", from: "A" }, line: 1 }] },
		{ name: "a change of storage", code: '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["A"] }] }', errors: [{ messageId: "migrationStorageChange", data: { class: "A" }, line: 1 }] },
		{ name: "a transfer from this Worker", code: '{ "name": "me", "migrations": [{ "tag": "v1", "transferred_classes": [{ "from": "A", "from_script": "me", "to": "B" }] }] }', errors: [{ messageId: "migrationTransferSelf", line: 1 }] },
		{ name: "a transfer into a class that exists", code: '{ "name": "me", "migrations": [{ "tag": "v1", "new_classes": ["B"] }, { "tag": "v2", "transferred_classes": [{ "from": "A", "from_script": "you", "to": "B" }] }] }', errors: [{ messageId: "migrationTransferToExisting", line: 1 }] },
		{ name: "two directives about one class", code: '[[migrations]]\ntag = "v1"\nnew_classes = ["A"]\nnew_sqlite_classes = ["A"]\n', errors: [{ messageId: "migrationStepConflict", data: { class: "A", tag: "v1" }, line: 4 }] },
		{ name: "a transferred class deleted", code: '{ "migrations": [{ "tag": "v1", "transferred_classes": [{ "from": "A", "from_script": "o", "to": "A" }] }, { "tag": "v2", "deleted_classes": ["A"] }] }', errors: [{ messageId: "migrationTransferThenFold", data: { class: "A", doing: "delete" }, line: 1 }] },
		{ name: "a misspelt directive", code: '[[migrations]]\ntag = "v1"\nnew_sqllite_classes = ["A"]\n', errors: [{ messageId: "migrationUnknownField", data: { field: "new_sqllite_classes", known: "new_sqlite_classes" }, line: 3, column: 1, endColumn: 20 }] },
		{ name: "a table in place of an array of tables", code: '[migrations]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n', errors: [{ messageId: "migrationShape", line: 1, column: 2, endColumn: 12 }] },
		{ name: "an entry without a tag: reported at its first character", code: '{ "migrations": [\n\t{\n\t\t"new_sqlite_classes": ["A"]\n\t}\n] }', errors: [{ messageId: "migrationShape", line: 2, column: 2, endColumn: 3 }] },
		{ name: "an entry without a tag in TOML: reported at its header", code: 'name = "w"\n[[migrations]]\nnew_sqlite_classes = ["A"]\n', errors: [{ messageId: "migrationShape", line: 2, column: 3, endColumn: 13 }] },
		{ name: "null in place of an entry, on which Wrangler crashes", code: '{ "migrations": [null] }', errors: [{ messageId: "migrationShape", line: 1, column: 18 }] },
		{ name: "an entry that does nothing", code: '{ "migrations": [{ "tag": "v1" }] }', errors: [{ messageId: "migrationNoOp", line: 1 }] },
	],
});

describe("verdicts", () => {
	it("quotes the steps that were played", () => {
		expect(verdictsOf(rule, '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "deleted_classes": ["A"] }] }')).toEqual(['guarded: "v1" "v2"']);
	});
	it("has nothing to judge without migrations", () => {
		expect(verdictsOf(rule, '{ "migrations": [] }')).toEqual(["not-applicable: The configuration has no migrations."]);
	});
});
