import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/require-exported-class.ts";
import { verdictsOf } from "./cases.ts";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "do-entry-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const binding = '"durable_objects": { "bindings": [{ "name": "X", "class_name": "Room" }] }';
const migration = '"migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"] }]';
const main = '"main": "src.ts"';

function verdicts(text: string, source: string | null): string[] {
	if (source !== null) writeFileSync(join(root, "src.ts"), source);
	return verdictsOf(rule, text, { file: join(root, "wrangler.jsonc"), cwd: root });
}

describe("a class of the configuration", () => {
	it.each([
		["export class Room {}\nexport default {};", ['guarded: "src.ts"']],
		["class Room {}\nexport { Room };\nexport default {};", ['guarded: "src.ts"']],
		["class R {}\nexport { R as Room };", ['guarded: "src.ts"']],
		["export const Room = wrap(class {});\nexport default {};", ['guarded: "src.ts"']],
		["export default {};", ['violated classNotExported: "Room"']],
		["class Room {}\nexport default {};", ['violated classNotExported: "Room"']],
		["class Room {}\nexport type { Room };\nexport default {};", ['violated classNotExported: "Room"']],
		["export interface Room {}\nexport default {};", ['violated classNotExported: "Room"']],
		['export * from "some-package";\nexport default {};', ["unknown: "]],
		["addEventListener('fetch', () => {});", ['violated mainNotModule: "src.ts"']],
	])("beside %j", (source, expected) => {
		expect(verdicts(`{ ${main}, ${binding}, ${migration} }`, source)).toEqual(expected);
	});

	it("is reported at its first binding, else at what creates it", () => {
		expect(verdicts(`{ ${main}, ${binding}, ${migration} }`, "export default {};")).toHaveLength(1);
		expect(verdicts(`{ ${main}, ${migration} }`, "export default {};")).toEqual(['violated classNotExported: "Room"']);
		expect(verdicts(`{ ${main}, "exports": { "Room": { "type": "durable-object", "storage": "sqlite" } } }`, "export default {};")).toEqual(['violated classNotExported: "Room"']);
	});

	it("that is deleted need not be exported", () => {
		expect(verdicts(`{ ${main}, "migrations": [{ "tag": "v1", "new_classes": ["Room"] }, { "tag": "v2", "deleted_classes": ["Room"] }] }`, "export default {};")).toEqual([
			"not-applicable: The configuration has no Durable Object class of its own.",
		]);
	});

	it("is looked for in the entry of each environment", () => {
		writeFileSync(join(root, "other.ts"), "export default {};");
		const text = `{ ${main}, ${binding}, ${migration}, "env": { "dev": { "main": "other.ts", ${binding.replace("X", "Y")} } } }`;
		expect(verdicts(text, "export class Room {}\nexport default {};")).toEqual(['violated classNotExported: "Room"']);
	});

	it("is looked for again when the code has changed", () => {
		const text = `{ ${main}, ${binding}, ${migration} }`;
		expect(verdicts(text, "export default {};")).toEqual(['violated classNotExported: "Room"']);
		writeFileSync(join(root, "src.ts"), "export class Room {}\nexport default {};");
		utimesSync(join(root, "src.ts"), new Date(), new Date(Date.now() + 5_000));
		expect(verdicts(text, null)).toEqual(['guarded: "src.ts"']);
	});
});

describe("nothing is said", () => {
	it.each([
		["when there is no main", `{ ${binding}, ${migration} }`],
		["when main does not exist", `{ "main": "gone.ts", ${binding}, ${migration} }`],
		["when a build command makes it", `{ ${main}, "build": { "command": "make" }, ${binding}, ${migration} }`],
		["when it is not bundled", `{ ${main}, "no_bundle": true, ${binding}, ${migration} }`],
		["when it is Python", `{ "main": "src.py", ${binding}, ${migration} }`],
		["when it lies outside of the project", `{ "main": "../src.ts", ${binding}, ${migration} }`],
	])("%s", (_, text) => {
		expect(verdicts(text, "export default {};")).toEqual(["unknown: "]);
	});
	it.each([
		["to a Worker without objects", `{ ${main} }`],
		["to bindings of other Workers", `{ ${main}, "durable_objects": { "bindings": [{ "name": "X", "class_name": "Room", "script_name": "other" }] } }`],
		["to Pages", `{ "pages_build_output_dir": "dist", ${binding} }`],
	])("%s", (_, text) => {
		expect(verdicts(text, "export default {};")).toEqual(["not-applicable: The configuration has no Durable Object class of its own."]);
	});
});

describe("assets without code", () => {
	it("cannot have objects", () => {
		expect(verdicts(`{ "assets": { "directory": "dist" }, ${binding}, ${migration} }`, null)).toEqual(['violated mainMissing: "durable_objects"']);
	});
});
