/**
 * Other people's plugins beside ours: their presets, most of which have no `files`, reach Wrangler files too. None of
 * their rules may break ESLint there, or find anything, and ours must find what they find alone.
 *
 * A rule that a new version brings and that breaks is named here; it belongs on the list of `incompatibleRules`.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ESLint, Linter } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { incompatibleRules } from "../../src/wrangler/incompatible-rules.ts";
import { Project } from "../package/packed.ts";
import { findings, worker } from "../package/worker.ts";

type Presets = Readonly<Record<string, Linter.Config | Linter.Config[]>>;

interface Loaded extends ESLint.Plugin {
	readonly configs: Presets & { readonly flat: Presets };
	/** import-x has its presets here. */
	readonly flatConfigs: Presets;
	/** typescript-eslint has its rules here. */
	readonly plugin?: ESLint.Plugin;
}

interface Neighbour {
	readonly version: string;
	/** The prefix of its rules; none for ESLint's own. */
	readonly prefix: string;
	readonly preset: (plugin: Loaded) => readonly (Linter.Config | Linter.Config[] | undefined)[];
	/** Languages of its own for JSON or TOML, in which its rules rightly find things. */
	readonly lints?: RegExp;
}

/** The newest versions that run on Node 20. */
const neighbours: Readonly<Record<string, Neighbour>> = {
	"@eslint/js": { version: "10.0.1", prefix: "", preset: ({ configs }) => [configs["recommended"], configs["all"]] },
	"typescript-eslint": {
		version: "8.73.0",
		prefix: "@typescript-eslint",
		preset: ({ configs }) => [configs["strictTypeChecked"], configs["stylisticTypeChecked"], { languageOptions: { parserOptions: { projectService: true } } }],
	},
	"eslint-plugin-unicorn": { version: "64.0.0", prefix: "unicorn", preset: ({ configs }) => [configs["recommended"], configs["all"]] },
	"eslint-plugin-sonarjs": { version: "4.2.2", prefix: "sonarjs", preset: ({ configs }) => [configs["recommended"]] },
	"@stylistic/eslint-plugin": { version: "6.0.0", prefix: "@stylistic", preset: ({ configs }) => [configs["recommended"], configs["all"]] },
	"eslint-plugin-regexp": { version: "3.3.3", prefix: "regexp", preset: ({ configs }) => [configs["recommended"] ?? configs["flat/recommended"]] },
	"eslint-plugin-import-x": { version: "4.18.1", prefix: "import-x", preset: ({ flatConfigs }) => [flatConfigs["recommended"], flatConfigs["typescript"]] },
	"eslint-plugin-n": { version: "18.5.0", prefix: "n", preset: ({ configs }) => [configs["flat/recommended"] ?? configs["recommended"]] },
	"eslint-plugin-promise": { version: "7.3.0", prefix: "promise", preset: ({ configs }) => [configs["flat/recommended"]] },
	"eslint-plugin-react-hooks": { version: "7.1.1", prefix: "react-hooks", preset: ({ configs }) => [configs.flat["recommended"]] },
	"eslint-plugin-perfectionist": { version: "5.13.0", prefix: "perfectionist", preset: ({ configs }) => [configs["recommended-natural"]] },
	"eslint-plugin-security": { version: "4.1.0", prefix: "security", preset: ({ configs }) => [configs["recommended"]] },
	"@e18e/eslint-plugin": { version: "0.8.1", prefix: "e18e", preset: ({ configs }) => [configs["recommended"]] },
	"eslint-plugin-jsonc": { version: "3.4.2", prefix: "jsonc", preset: ({ configs }) => [configs["recommended-with-jsonc"] ?? configs["flat/recommended-with-jsonc"]], lints: /\.jsonc$/u },
	"eslint-plugin-toml": { version: "1.5.0", prefix: "toml", preset: ({ configs }) => [configs["standard"] ?? configs["flat/standard"]], lints: /\.toml$/u },
	"@eslint/json": {
		version: "2.1.1",
		prefix: "json",
		preset: (plugin) => [{ files: ["**/*.jsonc"], plugins: { json: plugin }, language: "json/jsonc", languageOptions: { allowTrailingCommas: true }, ...(plugin.configs["recommended"] as Linter.Config) }],
		lints: /\.jsonc$/u,
	},
};

/** Rules that nobody can switch on without saying more. */
const needOptions = ["perfectionist/sort-constructor-parameters", "perfectionist/sort-arrays", "jsonc/sort-array-values"];

const wranglerFiles = Object.keys(worker).filter((name) => path.basename(name).startsWith("wrangler."));
const expected = Object.fromEntries(wranglerFiles.map((name) => [name, findings[name] as string[]]));

describe.skipIf(!process.env["DOORS"]).each(["10.15.0", "9.39.5"])("beside other plugins under ESLint %s", (version) => {
	let project: Project;
	let ESLintOfProject: typeof ESLint;
	let ours: Linter.Config[];

	async function load<T>(name: string): Promise<T> {
		const resolved = createRequire(path.join(project.folder, "package.json")).resolve(name);
		return (await import(pathToFileURL(resolved).href)) as T;
	}
	async function plugin(name: string): Promise<Loaded> {
		const loaded = await load<Loaded & { readonly default?: Loaded }>(name);
		return loaded.default ?? loaded;
	}

	beforeAll(async () => {
		const versions = Object.entries(neighbours).map(([name, neighbour]) => [name, neighbour.version]);
		// @eslint/js of ESLint 9 is of the same major version.
		const dependencies = { ...(Object.fromEntries(versions) as Record<string, string>), eslint: version, "@eslint/js": version.startsWith("9") ? "9.39.5" : "10.0.1", typescript: "6.0.3" };
		project = await Project.install(dependencies, { ...worker, "tsconfig.json": "{}" });
		({ ESLint: ESLintOfProject } = await load<typeof import("eslint")>("eslint"));
		const { default: durableObjects } = await load<typeof import("../../src/index.ts")>("eslint-plugin-durable-objects");
		ours = durableObjects.configs.recommended;
	});
	afterAll(() => project?.remove());

	/** Findings by file; those of other plugins only with their rule. */
	async function lint(config: readonly Linter.Config[]): Promise<Record<string, string[]>> {
		const eslint = new ESLintOfProject({ cwd: project.folder, overrideConfigFile: true, overrideConfig: [...config] });
		const results = await eslint.lintFiles(wranglerFiles);
		const brief = ({ ruleId, severity, line, column, message }: Linter.LintMessage) =>
			ruleId?.startsWith("durable-objects/") ? `${severity === 2 ? "error" : "warning"} ${line}:${column} ${ruleId}` : `foreign ${ruleId ?? message}`;
		return Object.fromEntries(results.map(({ filePath, messages }) => [path.relative(project.folder, filePath), messages.map(brief)]));
	}

	/** Without what plugins for JSON and TOML find in files of their own. */
	function withoutRightful(found: Readonly<Record<string, string[]>>, lints: RegExp | undefined): Record<string, string[]> {
		return Object.fromEntries(Object.entries(found).map(([name, all]) => [name, lints?.test(name) ? all.filter((text) => !text.startsWith("foreign ")) : all]));
	}

	it("ours alone finds what it should", async () => {
		expect(await lint(ours)).toEqual(expected);
	});

	it.each(Object.entries(neighbours))("the presets of %s, before ours and after", async (name, { preset, lints }) => {
		const presets = preset(await plugin(name)).flat();
		expect(presets.every((config) => config !== undefined), "the presets exist").toBe(true);
		const theirs = presets as Linter.Config[];
		expect(withoutRightful(await lint([...theirs, ...ours]), lints)).toEqual(expected);
		expect(withoutRightful(await lint([...ours, ...theirs, { rules: lints ? {} : incompatibleRules }]), lints)).toEqual(expected);
	});

	it.each(Object.entries(neighbours))("every rule of %s", async (name, { prefix, lints }) => {
		const loaded = await plugin(name);
		const owner = loaded.plugin ?? loaded;
		const all = prefix === "" ? Object.keys((loaded.configs["all"] as Linter.Config).rules ?? {}) : Object.keys(owner.rules ?? {}).map((rule) => `${prefix}/${rule}`);
		const ids = all.filter((id) => !needOptions.includes(id));
		expect(ids.length).toBeGreaterThan(5);
		const enabled = (chosen: readonly string[]): Linter.Config[] => [
			{ ...(prefix !== "" && { plugins: { [prefix]: owner } }), rules: Object.fromEntries(chosen.map((id) => [id, "error" as const])) },
			...ours,
		];
		const broken: string[] = [];
		const attempt = (chosen: readonly string[]) => lint(enabled(chosen)).catch((error: unknown) => String(error).split("\n")[0] as string);
		const together = await attempt(ids);
		if (typeof together === "string") {
			// One by one, to name those that break.
			for (const id of ids) {
				const outcome = await attempt([id]);
				if (typeof outcome === "string") broken.push(`${id}: ${outcome}`);
			}
			expect(broken).toEqual([]);
		}
		expect(typeof together === "string" ? together : withoutRightful(together, lints)).toEqual(expected);
	});
});
