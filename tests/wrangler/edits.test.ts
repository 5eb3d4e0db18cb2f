import { describe, expect, it } from "vitest";
import { addExport, addMigration, applyEdits, ConfigText, copyBindings, disableNextLine, nextTag } from "../../src/wrangler/edits.ts";
import { configOf } from "./findings-of.ts";

function edited(text: string, edit: "migration" | "export", path = text.trimStart().startsWith("{") ? "wrangler.jsonc" : "wrangler.toml"): string | null {
	const config = configOf(text, path);
	const source = new ConfigText(text, config.document);
	const [top] = config.environments;
	const edits = edit === "migration" ? addMigration(source, top.migrations, "C") : addExport(source, top.exports, "C");
	return edits && applyEdits(text, edits);
}

describe("a new migration", () => {
	it.each([
		["an empty file", "", '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["C"]\n'],
		["an empty object", "{}", '{\n\t"migrations": [\n\t\t{\n\t\t\t"tag": "v1",\n\t\t\t"new_sqlite_classes": ["C"]\n\t\t}\n\t]\n}'],
		["an empty list", '{ "migrations": [] }', '{ "migrations": [\n\t{\n\t\t"tag": "v1",\n\t\t"new_sqlite_classes": ["C"]\n\t}\n] }'],
		["a list with nothing but a comment", '{\n  "migrations": [\n    // none yet\n  ]\n}', '{\n  "migrations": [\n    // none yet\n    {\n      "tag": "v1",\n      "new_sqlite_classes": ["C"]\n    }\n  ]\n}'],
		["a comment before the comma", '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] } /* a */ , // b\n] }', '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] } /* a */ , // b\n  { "tag": "v2", "new_sqlite_classes": ["C"] },\n] }'],
		["a comma in a comment", '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] } // a, b\n] }', '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] }, // a, b\n  { "tag": "v2", "new_sqlite_classes": ["C"] }\n] }'],
		["a trailing comma on one line", '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] },] }', '{ "migrations": [{ "tag": "v1", "new_classes": ["A"] }, { "tag": "v2", "new_sqlite_classes": ["C"] },] }'],
		["a bracket behind the last entry", '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] }]\n}', '{ "migrations": [\n  { "tag": "v1", "new_classes": ["A"] },\n  { "tag": "v2", "new_sqlite_classes": ["C"] }]\n}'],
		["TOML without a last line break", 'name = "w"', 'name = "w"\n\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["C"]\n'],
		["TOML with an entry that has tables", '[[migrations]]\ntag = "v1"\n[[migrations.renamed_classes]]\nfrom = "A"\nto = "B"\n[vars]\nX = 1\n', '[[migrations]]\ntag = "v1"\n[[migrations.renamed_classes]]\nfrom = "A"\nto = "B"\n\n[[migrations]]\ntag = "v2"\nnew_sqlite_classes = ["C"]\n[vars]\nX = 1\n'],
		["TOML with an empty list", "migrations = []\n", 'migrations = [{ tag = "v1", new_sqlite_classes = ["C"] }]\n'],
		["TOML with indented entries", '[[migrations]]\n\ttag = "v1"\n\tnew_classes = ["A"]\n', '[[migrations]]\n\ttag = "v1"\n\tnew_classes = ["A"]\n\n[[migrations]]\n\ttag = "v2"\n\tnew_sqlite_classes = ["C"]\n'],
	])("in %s", (_, before, after) => {
		expect(edited(before, "migration")).toBe(after);
	});

	it("is not proposed where the key is there with another meaning", () => {
		expect(edited('{ "migrations": null }', "migration")).toBeNull();
		expect(edited('{ "exports": null }', "export")).toBeNull();
		expect(edited('{ "migrations": {} }', "migration")).toBeNull();
	});
});

describe("a new export", () => {
	it.each([
		["TOML with tables", '[exports.A]\ntype = "durable-object"\nstorage = "sqlite"\n\n[vars]\nX = 1\n', '[exports.A]\ntype = "durable-object"\nstorage = "sqlite"\n\n[exports.C]\ntype = "durable-object"\nstorage = "sqlite"\n\n[vars]\nX = 1\n'],
		["TOML with an inline table", 'exports = { A = { type = "durable-object", storage = "sqlite" } }\n', 'exports = { A = { type = "durable-object", storage = "sqlite" }, C = { type = "durable-object", storage = "sqlite" } }\n'],
		["JSON with a short list", '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" } } }', '{ "exports": { "A": { "type": "durable-object", "storage": "sqlite" }, "C": { "type": "durable-object", "storage": "sqlite" } } }'],
	])("in %s", (_, before, after) => {
		expect(edited(before, "export")).toBe(after);
	});
});

describe("the next tag", () => {
	it.each([
		[[], "v1"],
		[["v1"], "v2"],
		[["v9", "v10"], "v11"],
		[["v10", "v2"], "v11"],
		[["m001"], "m002"],
		[["1"], "2"],
		[["2024-01-01"], "v2"],
		[["first", "v3"], "v4"],
		[["v2", "first"], "v3"],
		[["20240101120000001"], "20240101120000002"],
	])("after %j is %s", (tags, next) => {
		const { migrations } = configOf({ migrations: tags.map((tag, at) => ({ tag, new_classes: [`C${at}`] })) }).environments[0];
		expect(nextTag(migrations)).toBe(next);
	});
});

describe("a comment that disables a rule", () => {
	it("is not put into a string of several lines", () => {
		const text = 'vars = { A = """\nx""", B = 1 }\n';
		const source = new ConfigText(text, configOf(text, "wrangler.toml").document);
		expect(disableNextLine(source, text.indexOf("B ="), 6, "r")).toBeNull();
		expect(disableNextLine(source, 0, 0, "r")).toEqual([{ range: [0, 0], text: "# eslint-disable-next-line r -- \n" }]);
	});
	it("is not proposed in JSON, where editors write it", () => {
		expect(disableNextLine(new ConfigText("{}", configOf("{}").document), 0, 0, "r")).toBeNull();
	});
});

describe("a file full of faults", () => {
	it("is not parsed again for each", () => {
		const names = Array.from({ length: 2_000 }, (_, at) => `C${at}`);
		const text = JSON.stringify({ durable_objects: { bindings: names.map((name) => ({ name, class_name: name })) } });
		const config = configOf(text);
		const source = new ConfigText(text, config.document);
		const proposed = names.filter((name) => addMigration(source, null, name) !== null);
		expect(proposed.length).toBeGreaterThan(0);
		expect(proposed.length).toBeLessThan(1 + (1_000_000 + 4 * text.length) / text.length);
	});
});

describe("copied bindings", () => {
	it("keep what only the text says", () => {
		const text = '{\n  "durable_objects": {\n    // rooms\n    "bindings": [{ "name": "A", "class_name": "A" }]\n  },\n  "env": { "dev": {} }\n}\n';
		const config = configOf(text);
		const key = config.environments[1]?.key;
		if (!key) throw new Error("no environment");
		const edits = copyBindings(new ConfigText(text, config.document), config.top, key);
		expect(edits && applyEdits(text, edits)).toContain("// rooms\n      \"bindings\"");
	});
});
