/** The pages in `docs/rules` keep their promises: their examples are reported, or not, exactly as they say. */
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import plugin from "../../src/index.ts";
import { prefix } from "../../src/meta.ts";
import { rules } from "../../src/rules/index.ts";
import { type Example, type Page, readPages } from "./fences.ts";

const pages = readPages();
const root = mkdtempSync(path.join(tmpdir(), "examples-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The ids of the rules that report an example, under `recommended` with the page's own rule switched on, and each message. */
function lint({ rule, base }: Page, example: Example): { readonly reported: readonly string[]; readonly messages: readonly string[] } {
	// A folder of its own: only what an example says of its project may be known to the rules.
	const folder = mkdtempSync(path.join(root, "project-"));
	const isConfig = example.language === "jsonc" || example.language === "toml";
	const filename = path.join(folder, isConfig ? `wrangler.${example.language}` : `object.${example.language}`);
	if (!isConfig && (example.date !== null || example.storage !== null)) {
		writeFileSync(path.join(folder, "wrangler.json"), JSON.stringify(configurationOf(example)));
	}
	if (base !== null) commit(filename, base);
	const options = base === null ? [] : [{ baseRef: "HEAD" }];
	const definition = rules.find(({ name }) => name === rule);
	const config: Linter.Config[] = [
		...plugin.configs.recommended,
		{
			files: isConfig ? ["**/wrangler.*"] : ["**/object.*"],
			...(!isConfig && { languageOptions: { parser } }),
			rules: { [`${prefix}/${rule}`]: [definition?.preset.level ?? "error", ...options] },
		},
	];
	const messages = new Linter({ cwd: folder }).verify(example.code, config, { filename });
	return {
		reported: messages.map(({ ruleId }) => (ruleId ?? "no rule").replace(`${prefix}/`, "")),
		messages: messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
	};
}

/** Makes the file's folder a repository whose only commit has this version of the file. */
function commit(filename: string, text: string): void {
	// A git hook's variables would lead to the project's own repository.
	const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
	const settings = ["-c", "user.name=docs", "-c", "user.email=docs@example.com", "-c", "commit.gpgsign=false"];
	const git = (...args: readonly string[]): void => void execFileSync("git", [...settings, ...args], { cwd: path.dirname(filename), env });
	writeFileSync(filename, text);
	git("init", "--quiet");
	git("add", ".");
	git("commit", "--quiet", "--message", "before");
}

/** A configuration that says of the example's class what its info string says. */
function configurationOf({ code, date, storage }: Example): Record<string, unknown> {
	const classes = [...code.matchAll(/^export class (?<name>\w+)/gmu)].map(({ groups }) => groups?.["name"] as string);
	return {
		name: "example",
		...(date !== null && { compatibility_date: date }),
		durable_objects: { bindings: classes.map((name) => ({ name, class_name: name })) },
		migrations: [{ tag: "v1", [storage === "kv" ? "new_classes" : "new_sqlite_classes"]: classes }],
	};
}

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
	const page = pages.get(name);

	test("has a page with the sections that a reader looks for", () => {
		expect(page, `docs/rules/${name}.md`).toBeDefined();
		const required = ["What happens", "Examples", ...(hasOptions(rule.meta.schema) ? ["Options"] : []), "When not to use it", "Further reading"];
		expect(page?.sections.filter((section) => required.includes(section))).toEqual(required);
		expect(page?.text).toMatch(new RegExp(`^# ${prefix}/${name}\n`, "u"));
	});

	test("has an example of either kind", () => {
		expect(new Set(page?.examples.map(({ verdict }) => verdict))).toEqual(new Set(["incorrect", "correct"]));
	});

	test.each((page?.examples ?? []).map((example) => [example.verdict, example.line, example] as const))("%s example at line %i", (verdict, _line, example) => {
		const { reported, messages } = lint(page as Page, example);
		const expected = verdict === "incorrect" ? [name, ...example.also] : [];
		expect([...new Set(reported)].sort(), messages.join("\n")).toEqual([...expected].sort());
	});
});

test("every page is about a rule", () => {
	const names = rules.map(({ name }) => name);
	expect([...pages.keys()].filter((name) => !names.includes(name))).toEqual([]);
});

function hasOptions(schema: (typeof rules)[number]["meta"]["schema"]): boolean {
	return Array.isArray(schema) ? schema.length > 0 : Boolean(schema);
}
