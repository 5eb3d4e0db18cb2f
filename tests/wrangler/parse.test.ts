import { describe, expect, it } from "vitest";
import { childrenOf, type ConfigNode, pathOf, type ValueNode } from "../../src/wrangler/document.ts";
import { formatOf, isConfigFile, parseConfig } from "../../src/wrangler/parse.ts";

function parsed(text: string, path = "wrangler.jsonc") {
	const result = parseConfig(text, path);
	if (!result.ok) throw new Error(result.problem.message);
	return result.document;
}

/** The tree as plain values. */
function plain(node: ValueNode): unknown {
	if (node.type === "Object") return Object.fromEntries(node.members.map(({ key, value }) => [key.name, plain(value)]));
	if (node.type === "Array") return node.elements.map(plain);
	return node.value;
}

function* nodesOf(node: ConfigNode): Generator<ConfigNode> {
	yield node;
	for (const child of childrenOf(node)) yield* nodesOf(child);
}

const everything = {
	name: "w",
	migrations: [
		{ tag: "v1", new_sqlite_classes: ["A", "B"] },
		{ tag: "v2", renamed_classes: [{ from: "A", to: "C" }] },
	],
	durable_objects: { bindings: [{ name: "A", class_name: "C" }] },
	limits: { cpu_ms: 50.5 },
	env: { "a.b": { vars: { X: true } } },
};

const tomls = {
	"tables and arrays of tables": `
name = "w"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["A", "B"]
[[migrations]]
tag = "v2"
[[migrations.renamed_classes]]
from = "A"
to = "C"
[[durable_objects.bindings]]
name = "A"
class_name = "C"
[limits]
cpu_ms = 50.5
[env."a.b".vars]
X = true
`,
	"inline tables": `
name = 'w'
migrations = [{ tag = "v1", new_sqlite_classes = ["A", "B"] }, # first
  { tag = "v2", renamed_classes = [{ from = "A", to = "C" }] }]
durable_objects = { bindings = [{ name = "A", class_name = "C" }] }
limits = { cpu_ms = 50.5 }
env = { "a.b" = { vars = { X = true } } }
`,
	"dotted keys": `
name = """w"""
limits.cpu_ms = 50.5
env."a.b".vars.X = true
durable_objects.bindings = [{ name = "A", class_name = "C" }]
migrations = [{ tag = "v1", new_sqlite_classes = ["A", "B"] }, { tag = "v2", renamed_classes = [{ from = "A", to = "C" }] }]
`,
};

describe("the tree of a configuration", () => {
	it.each(Object.entries(tomls))("is the same for TOML with %s as for JSON", (_, text) => {
		expect(plain(parsed(text, "wrangler.toml").root)).toEqual(everything);
		expect(plain(parsed(JSON.stringify(everything)).root)).toEqual(everything);
	});

	it.each([
		["wrangler.jsonc", JSON.stringify(everything, null, 2)],
		["wrangler.jsonc", JSON.stringify(everything, null, "\t").replaceAll("\n", "\r\n")],
		...Object.values(tomls).map((text) => ["wrangler.toml", text]),
	])("knows the place of each node in %s (%#)", (path, text) => {
		const lines = text.split("\n");
		for (const node of nodesOf(parsed(text, path))) {
			const { range, loc } = node;
			const [start, end] = range;
			expect(lines.slice(0, loc.start.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + loc.start.column).toBe(start);
			expect(lines.slice(0, loc.end.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + loc.end.column).toBe(end);
			if (node.type === "Key") expect(text.slice(start, end).replace(/^["']|["']$/gu, "")).toBe(node.name);
			if (node.type === "String") expect(text.slice(start, end).replace(/^["']+|["']+$/gu, "")).toBe(node.value);
			if (node.type === "Number") expect(Number(text.slice(start, end))).toBe(node.value);
			for (const child of childrenOf(node)) expect(child.parent).toBe(node);
		}
	});

	it("writes paths as people do", () => {
		const paths = [...nodesOf(parsed(JSON.stringify(everything)))].filter(({ type }) => type === "String" || type === "Boolean").map(pathOf);
		expect(paths).toEqual([
			"name",
			"migrations[0].tag",
			"migrations[0].new_sqlite_classes[0]",
			"migrations[0].new_sqlite_classes[1]",
			"migrations[1].tag",
			"migrations[1].renamed_classes[0].from",
			"migrations[1].renamed_classes[0].to",
			"durable_objects.bindings[0].name",
			"durable_objects.bindings[0].class_name",
			'env["a.b"].vars.X',
		]);
	});

	it("keeps TOML dates apart from strings", () => {
		expect(parsed("a = 2026-01-01\nb = '2026-01-01'", "wrangler.toml").root).toMatchObject({ members: [{ value: { type: "Date", value: "2026-01-01" } }, { value: { type: "String" } }] });
	});

	it("takes comments and trailing commas in wrangler.json too, and keeps the comments", () => {
		const { root, comments } = parsed('// a\n{ "x": [1, /* b */ 2,], }', "wrangler.json");
		expect(plain(root)).toEqual({ x: [1, 2] });
		expect(comments.map(({ type, value }) => [type, value])).toEqual([["Line", " a"], ["Block", " b "]]);
	});

	it("remembers keys that are repeated", () => {
		const { repeatedKeys } = parsed('{"a": 1, "b": {"a": 1, "c": 2, "c": 3}, "a": 2, "__proto__": 1, "__proto__": 2}');
		expect(repeatedKeys.map(({ first, again }) => [again.name, first.range[0] < again.range[0]])).toEqual([["c", true], ["a", true], ["__proto__", true]]);
	});

	it("ignores a byte order mark", () => {
		expect(parsed("\uFEFF{}").root.range).toEqual([0, 2]);
		expect(plain(parsed("\uFEFFa = 1", "wrangler.toml").root)).toEqual({ a: 1 });
	});

	it.each([
		["{", "wrangler.json", 1],
		["", "wrangler.json", 1],
		["// only a comment", "wrangler.jsonc", 1],
		["null", "wrangler.json", 1],
		["[]", "wrangler.json", 1],
		["{}\n{}", "wrangler.json", 2],
		['{\n"a": 01}', "wrangler.json", 2],
		['{"a":\n/* never closed }', "wrangler.json", 2],
		["a = 1\na = 2", "wrangler.toml", 2],
		["[a]\nb = 1\n[a.b]\n", "wrangler.toml", 3],
		["[[a]]\n[a]\n", "wrangler.toml", 2],
		["a = {\n", "wrangler.toml", 2],
		["\n// a", "wrangler.toml", 2],
		["a = 1\r\nb\r = 2", "wrangler.toml", 2],
		["\uFFFD\uFFFD{\0}\0", "wrangler.json", 1],
	])("says where %j of %s fails, as data", (text, path, line) => {
		const result = parseConfig(text, path);
		expect(result).toMatchObject({ ok: false, problem: { line, message: expect.stringMatching(/.{5}/u) as string } });
	});

	it("takes an empty TOML file for an empty object, as Wrangler does", () => {
		expect(plain(parsed("", "wrangler.toml").root)).toEqual({});
	});

	it.each(["[".repeat(100_000), `{"a":`.repeat(50_000), `${"[".repeat(100_000)}${"]".repeat(100_000)}`])("survives any depth in JSON (%#)", (text) => {
		expect(parseConfig(text, "wrangler.json").ok).toBe(false);
	});
	it("survives any depth in TOML", () => {
		expect(parseConfig(`a = ${"[".repeat(100_000)}`, "wrangler.toml").ok).toBe(false);
	});
});

describe("work grows with the size of the file", () => {
	// A ratio of counts, not of times: the parsers ask each node and each character a bounded number of questions.
	it.each(["wrangler.jsonc", "wrangler.toml"])("reads ten thousand migrations of %s, and all of them", (path) => {
		const entries = Array.from({ length: 10_000 }, (_, index) => index);
		const text = path.endsWith("toml")
			? entries.map((index) => `[[migrations]]\ntag = "v${index}"\nnew_sqlite_classes = ["C${index}"]\n`).join("")
			: JSON.stringify({ migrations: entries.map((index) => ({ tag: `v${index}`, new_sqlite_classes: [`C${index}`] })) });
		const root = parsed(text, path).root;
		expect(root.type === "Object" && root.members[0]?.value.type === "Array" && root.members[0].value.elements.length).toBe(10_000);
	}, 10_000);
	it.each([["wrangler.jsonc", "// ", "{}"], ["wrangler.toml", "# ", ""]])("reads five megabytes of comments in %s", (path, mark, rest) => {
		const document = parsed(`${`${mark}a comment of some forty characters, more\n`.repeat(125_000)}${rest}`, path);
		expect(document.comments).toHaveLength(125_000);
	}, 10_000);
});

describe("the names of configurations", () => {
	it.each(["wrangler.json", "/a/b/wrangler.jsonc", "C:\\a\\wrangler.toml", "wrangler.dev.toml", "wrangler-prod.jsonc", "wrangler.staging.eu.json"])("%s is one", (path) => {
		expect(isConfigFile(path)).toBe(true);
	});
	it.each(["wrangler.ts", "package.json", "my-wrangler.toml", "wrangler.jsonc.bak", "wranglers.json", "wrangler/config.json"])("%s is none", (path) => {
		expect(isConfigFile(path)).toBe(false);
	});
	it("decide the format", () => {
		expect([formatOf("a/wrangler.TOML"), formatOf("wrangler.json")]).toEqual(["toml", "jsonc"]);
	});
});
