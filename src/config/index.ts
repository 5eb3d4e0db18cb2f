/** The presets, derived from what each rule says of itself. */
import * as parser from "@typescript-eslint/parser";
import type { ESLint, Linter } from "eslint";
import { prefix } from "../meta.ts";
import type { DurableObjectsRule } from "../rules/define-rule.ts";
import { rules } from "../rules/index.ts";
import { incompatibleRules } from "../wrangler/incompatible-rules.ts";

const typescriptFiles = ["**/*.{ts,tsx,mts,cts}"];
const scriptFiles = ["**/*.{js,jsx,mjs,cjs}"];
const codeFiles = [...typescriptFiles, ...scriptFiles];
const wranglerFiles = ["**/wrangler.{json,jsonc,toml}"];

type PresetName = "recommended" | "strict";

function severities(preset: PresetName, kinds: readonly DurableObjectsRule["subjectKind"][]): Linter.RulesRecord {
	const chosen = rules.filter((rule) => kinds.includes(rule.subjectKind) && (rule.preset.in === "recommended" || rule.preset.in === preset));
	return Object.fromEntries(
		chosen.map((rule): [string, Linter.RuleEntry] => {
			const options = preset === "strict" ? rule.strictOptions : [];
			return [`${prefix}/${rule.name}`, options.length > 0 ? [rule.preset.level, ...options] : rule.preset.level];
		}),
	);
}

/**
 * @param plugin - the plugin itself: a preset must carry it
 * @param withLanguages - whether to also choose a parser for TypeScript and the language of Wrangler files
 */
function preset(name: string, basis: PresetName, plugin: ESLint.Plugin, withLanguages: boolean): Linter.Config[] {
	const plugins = { [prefix]: plugin };
	const blocks: Linter.Config[] = [];
	if (withLanguages) {
		blocks.push(
			{ name: `${prefix}/${name}/typescript`, files: typescriptFiles, languageOptions: { parser } },
			// Files that ESLint lints because of us must not fail because of it: `app.jsx` beside a Worker.
			{ name: `${prefix}/${name}/jsx`, files: scriptFiles, languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } } },
		);
	}
	blocks.push({ name: `${prefix}/${name}/code`, files: codeFiles, plugins, rules: severities(basis, ["durable-object", "caller"]) });
	blocks.push({
		name: `${prefix}/${name}/wrangler`,
		files: wranglerFiles,
		plugins,
		...(withLanguages && { language: `${prefix}/wrangler` }),
		rules: { ...(withLanguages && incompatibleRules), ...severities(basis, ["wrangler"]) },
	});
	return blocks;
}

export function presetsOf(plugin: ESLint.Plugin): Record<"recommended" | "strict" | "recommended-rules-only", Linter.Config[]> {
	return {
		recommended: preset("recommended", "recommended", plugin, true),
		strict: preset("strict", "strict", plugin, true),
		// For projects that already lint JSON and TOML with another plugin, and have a TypeScript parser.
		"recommended-rules-only": preset("recommended-rules-only", "recommended", plugin, false),
	};
}
