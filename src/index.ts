import type { ESLint, Linter, Rule } from "eslint";
import { presetsOf } from "./config/index.ts";
import { name, prefix, version } from "./meta.ts";
import { rules } from "./rules/index.ts";
import { wranglerLanguage } from "./wrangler/language.ts";

const ruleModules: Record<string, Rule.RuleModule> = Object.fromEntries(rules.map((rule) => [rule.name, rule]));

const base = {
	meta: { name, version, namespace: prefix },
	rules: ruleModules,
	languages: { wrangler: wranglerLanguage as NonNullable<ESLint.Plugin["languages"]>[string] },
};

/** The plugin: `plugins: { "durable-objects": plugin }`, `extends: ["durable-objects/recommended"]`. */
const plugin: typeof base & { configs: Record<"recommended" | "strict" | "recommended-rules-only", Linter.Config[]> } = {
	...base,
	configs: {} as Record<"recommended" | "strict" | "recommended-rules-only", Linter.Config[]>,
};
// The presets carry the plugin object itself, so they are made when it exists.
Object.assign(plugin.configs, presetsOf(plugin));

export default plugin;
