/** The house stays in order: every rule has its file, page and test under one name, and every gotcha has its rules. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { gotchas } from "../src/gotchas.ts";
import plugin from "../src/index.ts";
import { rules } from "../src/rules/index.ts";

const root = path.join(import.meta.dirname, "..");
const filesBelow = (folder: string, ending: string) =>
	readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ending)).map((name) => name.split(path.sep).join("/"));
const ruleFiles = filesBelow("src/rules", ".ts").filter((file) => file.includes("/") && !file.endsWith("/index.ts"));
const ruleName = (file: string) => (file.startsWith("wrangler/") ? file.slice(0, -".ts".length) : path.basename(file, ".ts"));
const tests = filesBelow("tests/rules", ".test.ts").map((file) => readFileSync(path.join(root, "tests/rules", file), "utf8")).join("\n");

describe("rules", () => {
	it("are registered, each file exactly once", () => {
		const definitions = ruleFiles.filter((file) => readFileSync(path.join(root, "src/rules", file), "utf8").includes("export default"));
		expect(rules.map((rule) => rule.name).sort()).toEqual(definitions.map(ruleName).sort());
	});

	it.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
		expect(existsSync(path.join(root, `docs/rules/${name}.md`)), "has a page").toBe(true);
		expect(tests, "has tests that import it").toMatch(new RegExp(`/${path.basename(name)}\\.ts"`, "u"));
		expect(Object.keys(gotchas)).toContain(rule.gotcha);
		expect(rule.meta.docs?.url).toMatch(new RegExp(`@\\d+\\.\\d+\\.\\d+/docs/rules/${name}\\.md$`, "u"));
		for (const [id, message] of Object.entries(rule.meta.messages)) {
			expect(message, `${id} ends as a sentence`).toMatch(/(?:[.?]|\}\})$/u);
			expect(id).toMatch(/^[a-z][A-Za-z]+$/u);
		}
	});
});

describe("gotchas", () => {
	it.each(Object.keys(gotchas))("%s is watched by a rule", (id) => {
		expect(rules.filter((rule) => rule.gotcha === id).map((rule) => rule.name)).not.toEqual([]);
	});
});

describe("presets", () => {
	const idsOf = (name: keyof typeof plugin.configs) => plugin.configs[name].flatMap((block) => Object.keys(block.rules ?? {})).filter((id) => id.startsWith("durable-objects/"));

	it("recommended is part of strict, and strict holds every rule that is not off", () => {
		const strict = idsOf("strict");
		expect(strict).toEqual(expect.arrayContaining(idsOf("recommended")));
		expect(strict).toHaveLength(rules.filter((rule) => rule.preset.in !== "off").length);
	});

	it("without languages has the same rules and chooses no parser or language", () => {
		expect(idsOf("recommended-rules-only")).toEqual(idsOf("recommended"));
		for (const block of plugin.configs["recommended-rules-only"]) {
			expect(block.language).toBeUndefined();
			expect(block.languageOptions).toBeUndefined();
		}
	});
});
