/** oxlint loads the built plugin, and finds in code exactly what ESLint finds. Wrangler files it cannot lint (oxc #22637). */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ESLint, type Linter } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPages } from "../docs/fences.ts";
import { packed, root } from "../package/packed.ts";

type Plugin = typeof import("../../src/index.ts").default;

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "oxlint-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each example of the documentation in a folder of its own, with the configuration that it asks for; those that ask for a git history are left out. */
function writeExamples(): number {
	let written = 0;
	for (const { rule, base, examples } of readPages().values()) {
		for (const { code, language, line, date, storage, verdict } of base === null ? examples : []) {
			if (language !== "ts" && language !== "js") continue;
			const place = path.join(folder, "docs", rule, `${verdict}-${line}`);
			mkdirSync(place, { recursive: true });
			writeFileSync(path.join(place, `object.${language}`), code);
			written++;
			if (date === null && storage === null) continue;
			const classes = [...code.matchAll(/^export class (?<name>\w+)/gmu)].map(({ groups }) => groups?.["name"] as string);
			const migrations = [{ tag: "v1", [storage === "kv" ? "new_classes" : "new_sqlite_classes"]: classes }];
			writeFileSync(path.join(place, "wrangler.json"), JSON.stringify({ name: "example", ...(date !== null && { compatibility_date: date }), migrations }));
		}
	}
	return written;
}

/** `file:line:column rule message`, sorted. */
let fromESLint: string[];
let fromOxlint: string[];
let examples: number;

beforeAll(async () => {
	cpSync(path.join(root, "examples"), path.join(folder, "examples"), { recursive: true });
	examples = writeExamples();
	const built = path.join((await packed()).folder, "dist/index.js");
	const { default: plugin } = (await import(pathToFileURL(built).href)) as { default: Plugin };
	const code = plugin.configs.strict.find(({ name }) => name === "durable-objects/strict/code");
	const rules = code?.rules as Linter.RulesRecord;

	[fromESLint, fromOxlint] = await Promise.all([lintWithESLint(plugin, rules), lintWithOxlint(built, rules)]);
});

async function lintWithESLint(plugin: Plugin, rules: Linter.RulesRecord): Promise<string[]> {
	const languages = plugin.configs.strict.filter(({ languageOptions }) => languageOptions);
	const eslint = new ESLint({
		cwd: folder,
		overrideConfigFile: true,
		overrideConfig: [...languages, { files: ["**/*.{ts,js}"], plugins: { "durable-objects": plugin }, rules, linterOptions: { reportUnusedDisableDirectives: "off" } }],
	});
	const results = await eslint.lintFiles(["**/*.{ts,js}"]);
	return results.flatMap(({ filePath, messages }) => messages.map(({ line, column, ruleId, message }) => `${path.relative(folder, filePath)}:${line}:${column} ${ruleId} ${message}`)).sort();
}

interface OxlintReport {
	readonly diagnostics: readonly { readonly message: string; readonly code: string; readonly filename: string; readonly labels: readonly { readonly span: { readonly line: number; readonly column: number } }[] }[];
}

async function lintWithOxlint(specifier: string, rules: Linter.RulesRecord): Promise<string[]> {
	const config = { jsPlugins: [{ name: "durable-objects", specifier }], categories: { correctness: "off" }, rules };
	writeFileSync(path.join(folder, ".oxlintrc.json"), JSON.stringify(config));
	const oxlint = path.join(path.dirname(createRequire(import.meta.url).resolve("oxlint/package.json")), "bin/oxlint");
	const { stdout } = await promisify(execFile)(process.execPath, [oxlint, "--format", "json", "."], { cwd: folder, maxBuffer: 1e8 }).catch((error: unknown) => error as { stdout: string });
	const { diagnostics } = JSON.parse(stdout) as OxlintReport;
	return diagnostics
		.map(({ message, code, filename, labels }) => {
			const { line, column } = labels[0]?.span ?? { line: 0, column: 0 };
			return `${filename}:${line}:${column} ${code.replace(/^(.+?)\((.+)\)$/u, "$1/$2")} ${message}`;
		})
		.sort();
}

describe("oxlint with the built plugin", () => {
	it("finds what ESLint finds in the examples and in the documentation", () => {
		expect(fromOxlint).toEqual(fromESLint);
	});

	it("had enough to find", () => {
		const rules = new Set(fromESLint.map((finding) => finding.split(" ")[1]));
		expect(examples).toBeGreaterThan(80);
		expect(rules.size).toBeGreaterThan(25);
		expect(fromESLint.filter((finding) => finding.startsWith("examples/broken-worker/")).length).toBeGreaterThan(10);
	});
});
