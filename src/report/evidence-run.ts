/** Asks all rules about files, apart from any configuration that reports findings. */
import * as parser from "@typescript-eslint/parser";
import type { ESLint, Linter } from "eslint";
import { name as pluginName, prefix as ownPrefix } from "../meta.ts";
import { rules } from "../rules/index.ts";
import { wranglerLanguage } from "../wrangler/language.ts";
import { evidenceConfig, type EnabledRules } from "./evidence.ts";
import { takeInventory } from "./take-inventory.ts";

export const scriptFiles = ["**/*.{js,jsx,mjs,cjs}"];
export const codeFiles = ["**/*.{ts,tsx,mts,cts}", ...scriptFiles];
/** Also the variants that are handed to Wrangler with `--config`. */
export const wranglerFiles = ["**/wrangler.{json,jsonc,toml}", "**/wrangler.*.{json,jsonc,toml}"];

/** What a configuration says of our rules: under which prefix they are known, and which are on with which options. */
export interface RuleSettings {
	readonly prefix: string;
	readonly enabled: EnabledRules;
}

/** @returns null when the configuration does not use this plugin */
export function ruleSettings(config: Linter.Config): RuleSettings | null {
	const prefix = Object.entries(config.plugins ?? {}).find(([, { meta }]) => meta?.name === pluginName)?.[0];
	if (prefix === undefined) return null;
	const enabled = rules.flatMap((rule): [string, readonly unknown[]][] => {
		const setting = config.rules?.[`${prefix}/${rule.name}`];
		const [level, ...given] = Array.isArray(setting) ? (setting as unknown[]) : [setting];
		if (level === undefined || level === 0 || level === "off") return [];
		return [[rule.name, given.length > 0 ? given : rule.meta.defaultOptions]];
	});
	return { prefix, enabled: Object.fromEntries(enabled) };
}

/** Files that share their settings. */
export interface SettingsGroup extends RuleSettings {
	readonly files: readonly string[];
}

/** Reads the project's ESLint configuration for each file; leaves out files that it ignores or does not use this plugin for. */
export async function groupBySettings(eslint: ESLint, files: readonly string[]): Promise<SettingsGroup[]> {
	const groups = new Map<string, RuleSettings & { readonly files: string[] }>();
	for (const file of files) {
		if (await eslint.isPathIgnored(file)) continue;
		const config = (await eslint.calculateConfigForFile(file)) as Linter.Config | undefined;
		const settings = config && ruleSettings(config);
		if (!settings) continue;
		const key = JSON.stringify(settings);
		const group = groups.get(key) ?? { ...settings, files: [] };
		groups.set(key, group);
		group.files.push(file);
	}
	return [...groups.values()];
}

/** @returns results that hold evidence and nothing else */
export async function lintForEvidence(ESLintClass: typeof ESLint, files: readonly string[], enabled: EnabledRules, cwd: string): Promise<ESLint.LintResult[]> {
	const plugin: ESLint.Plugin = { languages: { wrangler: wranglerLanguage } };
	const eslint = new ESLintClass({
		cwd,
		overrideConfigFile: true,
		overrideConfig: [
			{ ignores: ["!**/node_modules/", "!**/.git/"] },
			{ linterOptions: { reportUnusedDisableDirectives: "off" } },
			{ files: codeFiles, languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } } },
			{ files: wranglerFiles, plugins: { [ownPrefix]: plugin }, language: `${ownPrefix}/wrangler` },
			{ files: [...codeFiles, ...wranglerFiles], ...evidenceConfig(rules, enabled, takeInventory) },
		],
		warnIgnored: false,
	});
	return eslint.lintFiles([...files]);
}
