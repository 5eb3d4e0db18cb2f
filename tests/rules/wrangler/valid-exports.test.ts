import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-exports.ts";
import { testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "a live class", code: '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" } } }' },
		{ name: "a rename", code: '[exports.A]\ntype = "durable-object"\nstate = "renamed"\nrenamed_to = "B"\n[exports.B]\ntype = "durable-object"\nstorage = "legacy-kv"\n' },
		{ name: "a Workflow beside migrations", code: '{ "exports": { "W": { "type": "workflow" } }, "migrations": [{ "tag": "v1", "new_classes": ["A"] }] }' },
	],
	invalid: [
		{ name: "no storage", code: '{ "exports": {\n"A": { "type": "durable-object" } } }', errors: [{ messageId: "exportShape", line: 2 }] },
		{ name: "an unknown state", code: '[exports.A]\ntype = "durable-object"\nstate = "live"\n', errors: [{ messageId: "exportShape", line: 3, column: 9 }] },
		{ name: "a rename to nothing", code: '[exports.A]\ntype = "durable-object"\nstate = "renamed"\nrenamed_to = "B"\n', errors: [{ messageId: "exportRenameTarget", data: { class: "A", target: "B" }, line: 4 }] },
		{
			name: "two renames to one",
			code: '{ "exports": {\n"A": { "type": "durable-object", "state": "renamed", "renamed_to": "C" },\n"B": { "type": "durable-object", "state": "renamed", "renamed_to": "C" },\n"C": { "type": "durable-object", "storage": "sqlite" } } }',
			errors: [{ messageId: "exportRenameDuplicateTarget", data: { class: "B", other: "A", target: "C" }, line: 3 }],
		},
		{ name: "a transfer to itself", code: '{ "name": "me", "exports": { "A": { "type": "durable-object", "state": "transferred", "transferred_to": "me" } } }', errors: [{ messageId: "exportTransferSelf", data: { class: "A", script: "me" }, line: 1 }] },
		{ name: "exports and migrations", code: '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" } },\n"migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }', errors: [{ messageId: "exportsAndMigrations", line: 1, column: 3, endColumn: 12 }] },
	],
});

describe("a deleted class", () => {
	const root = mkdtempSync(join(tmpdir(), "do-exports-"));
	afterAll(() => rmSync(root, { recursive: true }));
	const text = '{ "main": "index.ts", "exports": { "A": { "type": "durable-object", "state": "deleted" } } }';
	const file = join(root, "wrangler.jsonc");
	it("must not be in the code any more", () => {
		writeFileSync(join(root, "index.ts"), "export class A {}\nexport default {};\n");
		expect(verdictsOf(rule, text, { file, cwd: root })).toEqual(['violated exportDeletedInCode: "A"']);
		writeFileSync(join(root, "index.ts"), "export class Another {}\nexport default {};\n");
		expect(verdictsOf(rule, text, { file, cwd: root })).toEqual(['guarded: "A"']);
	});
});

describe("verdicts", () => {
	it("quotes the entries", () => {
		expect(verdictsOf(rule, '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" }, "W": { "type": "workflow" } } }')).toEqual(['guarded: "A"']);
	});
	it("has nothing to judge without classes in exports", () => {
		expect(verdictsOf(rule, '{ "exports": { "W": { "type": "workflow" } } }')).toEqual(["not-applicable: The configuration has no class in exports."]);
	});
});
