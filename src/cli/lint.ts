/** Runs ESLint over the chosen files, and brings home findings and evidence. */
import { dirname, isAbsolute, relative, sep } from "node:path";
import * as parser from "@typescript-eslint/parser";
import type { ESLint, Linter } from "eslint";
import plugin from "../index.ts";
import { prefix as ownPrefix } from "../meta.ts";
import { collectEvidence, type FileEvidence, withoutEvidence } from "../report/collect.ts";
import { evidenceConfig, type EnabledRules, evidenceRuleId } from "../report/evidence.ts";
import { codeFiles, groupBySettings, ruleSettings, scriptFiles, wranglerFiles } from "../report/evidence-run.ts";
import { takeInventory } from "../report/take-inventory.ts";
import type { DurableObjectsRule } from "../rules/define-rule.ts";
import { rules } from "../rules/index.ts";
import { CannotRun } from "./problem.ts";

export type ESLintClass = typeof ESLint;

export interface LintOptions {
	/** Absolute paths. */
	readonly files: readonly string[];
	/** The folder of the run; all files are below `root`, which is this folder or one above it. */
	readonly cwd: string;
	readonly root: string;
	readonly strict: boolean;
	readonly fix: boolean;
	readonly base: string | null;
	readonly useProjectConfig: boolean;
	readonly onProgress: (done: number, total: number) => void;
}

export interface LintRun {
	readonly results: readonly ESLint.LintResult[];
	readonly evidence: readonly FileEvidence[];
	/** Which rules were switched on, in words. */
	readonly preset: string;
	/** By id, as the results name them. */
	readonly rules: Readonly<Record<string, DurableObjectsRule>>;
}

function contains(folder: string, file: string): boolean {
	const way = relative(folder, file);
	return !isAbsolute(way) && way.split(sep)[0] !== "..";
}

/** The folder that holds both: ESLint lints nothing above the folder it runs in. */
export function commonFolder(folder: string, files: readonly string[]): string {
	let common = folder;
	for (const file of files) while (!contains(common, file) && dirname(common) !== common) common = dirname(common);
	return common;
}

/** Rules that compare with what is deployed take the revision as an option; naming one switches them on. */
function takesBase({ meta: { schema } }: DurableObjectsRule): boolean {
	const [options] = Array.isArray(schema) ? (schema as readonly { readonly properties?: object }[]) : [];
	return options?.properties !== undefined && "baseRef" in options.properties;
}

function optionsWithBase(rule: DurableObjectsRule, baseRef: string): unknown[] {
	const [first] = rule.meta.defaultOptions;
	return [{ ...(typeof first === "object" ? first : {}), baseRef }];
}

/**
 * The plugin for a configuration that is all our own: nobody's options are checked. ESLint would compile a validator for
 * each rule, which takes as long as linting a small project.
 */
const withoutSchemas = (): ESLint.Plugin => ({ ...plugin, rules: Object.fromEntries(rules.map((rule) => [rule.name, { ...rule, meta: { ...rule.meta, schema: false } }])) });

/** The preset, for every name that a Wrangler configuration can have. */
function presetBlocks(strict: boolean): Linter.Config[] {
	const blocks = plugin.configs[strict ? "strict" : "recommended"];
	const lean = withoutSchemas();
	return blocks.map(({ plugins, ...block }) => ({ ...block, ...(plugins && { plugins: { [ownPrefix]: lean } }), ...(block.language !== undefined && { files: wranglerFiles }) }));
}

/** The built-in configuration: a preset, a parser for JavaScript too, and nothing that only the project could mean. */
function builtInConfig({ strict, base }: LintOptions): { readonly config: Linter.Config[]; readonly enabled: EnabledRules } {
	const blocks = presetBlocks(strict);
	const withBase = base === null ? [] : rules.filter(takesBase).map((rule): [string, Linter.RuleEntry] => [`${ownPrefix}/${rule.name}`, [rule.preset.level, ...optionsWithBase(rule, base)]]);
	const baseRules: Linter.RulesRecord = Object.fromEntries(withBase);
	const allRules = Object.assign({}, ...blocks.map((block) => block.rules), baseRules) as Linter.RulesRecord;
	const config: Linter.Config[] = [
		// Which files are linted has been decided; ESLint's own list must not overrule a path that somebody named.
		{ ignores: ["!**/node_modules/", "!**/.git/"] },
		// Comments that disable rules of the project's own configuration are not unused: they are none of our business.
		{ linterOptions: { reportUnusedDisableDirectives: "off" } },
		...blocks,
		{ files: scriptFiles, languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } } },
		{ files: wranglerFiles, rules: baseRules },
	];
	return { config, enabled: ruleSettings({ plugins: { [ownPrefix]: plugin }, rules: allRules })?.enabled ?? {} };
}

/** ESLint lints so many files at a time that progress is seen. */
const CHUNK = 50;

async function lintInChunks(eslint: ESLint, files: readonly string[], onProgress: (done: number) => void): Promise<ESLint.LintResult[]> {
	const results: ESLint.LintResult[] = [];
	for (let start = 0; start < files.length; start += CHUNK) {
		results.push(...(await eslint.lintFiles(files.slice(start, start + CHUNK))));
		onProgress(results.length);
	}
	return results;
}

/** Of findings that are not ours, only those are kept without which there are no others: the file could not be parsed. */
function onlyOurs(results: readonly ESLint.LintResult[], prefix: string): ESLint.LintResult[] {
	const isOurs = ({ ruleId, fatal }: Linter.LintMessage) => fatal === true || ruleId?.startsWith(`${prefix}/`) === true || ruleId === evidenceRuleId;
	return results.map((result) => ({
		...result,
		messages: result.messages.filter(isOurs),
		suppressedMessages: result.suppressedMessages.filter(isOurs),
	}));
}

const rulesById = (prefix: string): LintRun["rules"] => Object.fromEntries(rules.map((rule) => [`${prefix}/${rule.name}`, rule]));

async function lintBuiltIn(ESLint: ESLintClass, options: LintOptions): Promise<LintRun> {
	const { config, enabled } = builtInConfig(options);
	const files = [...codeFiles, ...wranglerFiles];
	const eslint = new ESLint({
		cwd: options.root,
		overrideConfigFile: true,
		overrideConfig: [...config, { files, ...evidenceConfig(rules, enabled, takeInventory) }],
		fix: options.fix,
	});
	const results = onlyOurs(await lintInChunks(eslint, options.files, (done) => options.onProgress(done, options.files.length)), ownPrefix);
	if (options.fix) await ESLint.outputFixes(results);
	return {
		results: withoutEvidence(results),
		evidence: collectEvidence(results, ownPrefix),
		preset: options.strict ? "strict" : "recommended",
		rules: rulesById(ownPrefix),
	};
}

async function lintWithProjectConfig(ESLint: ESLintClass, options: LintOptions): Promise<LintRun> {
	const { cwd, files, fix, onProgress } = options;
	const groups = await groupBySettings(new ESLint({ cwd }), files);
	if (groups.length === 0) {
		throw new CannotRun("The project's ESLint configuration does not use eslint-plugin-durable-objects for any of these files. Add it (do-lint init), or leave out --config.");
	}
	const collected: { results: ESLint.LintResult[]; evidence: FileEvidence[]; rules: Record<string, DurableObjectsRule> } = { results: [], evidence: [], rules: {} };
	for (const { prefix, enabled, files: chosen } of groups) {
		const isOurs = (ruleId: string | null) => ruleId === evidenceRuleId || ruleId?.startsWith(`${prefix}/`) === true;
		const eslint = new ESLint({
			cwd,
			overrideConfig: [evidenceConfig(rules, enabled, takeInventory)],
			ruleFilter: ({ ruleId }) => isOurs(ruleId),
			fix: fix && (({ ruleId }) => isOurs(ruleId)),
			warnIgnored: false,
		});
		const before = collected.results.length;
		const results = onlyOurs(await lintInChunks(eslint, chosen, (done) => onProgress(before + done, files.length)), prefix);
		if (fix) await ESLint.outputFixes(results);
		collected.results.push(...withoutEvidence(results));
		collected.evidence.push(...collectEvidence(results, prefix));
		Object.assign(collected.rules, rulesById(prefix));
	}
	return { ...collected, preset: "the project's ESLint configuration" };
}

/** @throws CannotRun when ESLint cannot run, with its first line of explanation */
export async function lint(ESLint: ESLintClass, options: LintOptions): Promise<LintRun> {
	try {
		return await (options.useProjectConfig ? lintWithProjectConfig : lintBuiltIn)(ESLint, options);
	} catch (error) {
		if (error instanceof CannotRun) throw error;
		const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
		const [, missing] = /^Cannot find package '((?:@[\w.-]+\/)?[\w.-]+)'/u.exec(first) ?? [];
		const advice = missing === undefined ? "" : `. Install it: npm install --save-dev ${missing}`;
		throw new CannotRun(`ESLint could not run: ${first}${advice}`, { cause: error });
	}
}
