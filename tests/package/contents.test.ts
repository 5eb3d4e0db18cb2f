/** What is published: all that users need, and nothing else. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { rules } from "../../src/rules/index.ts";
import { type Packed, packed } from "./packed.ts";

let published: Packed;
let names: string[];
beforeAll(async () => {
	published = await packed();
	names = execFileSync("tar", ["-tzf", published.tarball], { encoding: "utf8" }).trim().split("\n").map((name) => name.replace(/^package\//u, ""));
});
const textOf = (name: string): string => readFileSync(path.join(published.folder, name), "utf8");

describe("the package", () => {
	it("holds what users need", () => {
		expect(names).toEqual(expect.arrayContaining([
			"LICENSE",
			"README.md",
			"package.json",
			"dist/index.js",
			"dist/index.d.ts",
			"dist/bin.js",
			"dist/formatter.js",
			"dist/formatter.d.ts",
			"dist/THIRD-PARTY-LICENCES.txt",
			"schema/validation-report.schema.json",
			...rules.map(({ name }) => `docs/rules/${name}.md`),
		]));
	});

	it("holds nothing else: no sources, no tests, no source maps", () => {
		const allowed = /^(?:LICENSE|README\.md|package\.json|dist\/(?:[\w-]+\.js|(?:index|bin|formatter)\.d\.ts|THIRD-PARTY-LICENCES\.txt)|docs\/[\w/-]+\.md|schema\/[\w-]+\.schema\.json)$/u;
		expect(names.filter((name) => !allowed.test(name))).toEqual([]);
	});

	it("does not tell where it was built", () => {
		const telling = names.filter((name) => /\.(?:js|ts|json)$/u.test(name)).filter((name) => textOf(name).includes(path.dirname(published.folder)) || /sourceMappingURL=/u.test(textOf(name)));
		expect(telling).toEqual([]);
	});

	it("has declarations that name no package but ESLint", () => {
		const imported = names.filter((name) => name.endsWith(".d.ts")).flatMap((name) => [...textOf(name).matchAll(/(?:from|import\()\s*"(?<specifier>[^"]+)"/gu)]).map(({ groups }) => groups?.["specifier"]);
		expect(new Set(imported)).toEqual(new Set(["eslint"]));
	});

	it("says under which terms everything that it carries is used", () => {
		const notices = textOf("dist/THIRD-PARTY-LICENCES.txt");
		const code = names.filter((name) => /^dist\/.*\.js$/u.test(name)).map(textOf).join("\n");
		const carried = new Set([...code.matchAll(/^\/\/#region .*node_modules\/(?<name>(?:@[^/\n]+\/)?[^/\n]+)\//gmu)].map(({ groups }) => groups?.["name"] as string));
		expect(carried.size).toBeGreaterThan(10);
		for (const name of carried) expect(notices).toMatch(new RegExp(`^${name.replaceAll("/", "\\/")} \\d+\\.\\d+\\.\\d+ \\(`, "mu"));
	});

	it("imports only what it depends on, and what Node has", () => {
		const manifest = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string>; peerDependencies: Record<string, string> };
		const known = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
		const code = names.filter((name) => /^dist\/.*\.js$/u.test(name)).map(textOf).join("\n");
		// At the beginning of a line: what is deeper stands in texts that the package writes.
		const imported = [...code.matchAll(/^(?:import|export)\b[^;\n]*?\sfrom\s"(?<name>[^."][^"]*)";$/gmu), ...code.matchAll(/\b__require\("(?<name>[^."][^"]*)"\)/gu)].map(({ groups }) => groups?.["name"] as string);
		const packages = imported.map((name) => name.replace(/^((?:@[^/]+\/)?[^/]+).*/u, "$1"));
		const builtin = new Set(builtinModules);
		const foreign = packages.filter((name) => !known.has(name) && !name.startsWith("node:") && !builtin.has(name));
		expect([...new Set(foreign)]).toEqual([]);
		expect(packages).toEqual(expect.arrayContaining(["typescript", "toml-eslint-parser", "jsonc-parser"]));
	});

	it("leads from each rule to its page", async () => {
		const { default: plugin } = (await import(pathToFileURL(path.join(published.folder, "dist/index.js")).href)) as typeof import("../../src/index.ts");
		const pages = Object.values(plugin.rules).map(({ meta }) => meta?.docs?.url?.replace(/^https:\/\/unpkg\.com\/eslint-plugin-durable-objects@[\d.]+\//u, ""));
		expect(pages).toHaveLength(rules.length);
		for (const page of pages) expect(names).toContain(page);
	});
});
