/**
 * A formatter for people who run ESLint themselves: `eslint -f ./node_modules/eslint-plugin-durable-objects/dist/formatter.js`.
 * Prints what ESLint's own `stylish` prints, and writes the report into the folder that ESLint runs in.
 */
import { existsSync } from "node:fs";
import { ESLint } from "eslint";
import { prefix as ownPrefix } from "../meta.ts";
import { rules } from "../rules/index.ts";
import { collectEvidence, type FileEvidence, hasEvidence, withoutEvidence } from "./collect.ts";
import { groupBySettings, lintForEvidence, type SettingsGroup } from "./evidence-run.ts";
import { hasObjects } from "./has-objects.ts";
import { makeReport, reportNames } from "./report-files.ts";
import { runDate } from "./validation-report.ts";

/** What ESLint tells a formatter. */
interface Context {
	readonly cwd: string;
	readonly color?: boolean;
}

/** The configuration that ESLint finds by itself; if it was given another one, nothing is known of the rules' settings. */
async function settingsOf(files: readonly string[], cwd: string): Promise<readonly SettingsGroup[]> {
	try {
		const groups = await groupBySettings(new ESLint({ cwd }), files);
		if (groups.length > 0) return groups;
	} catch {
		// There is none, or it is broken; whoever runs this formatter has another one.
	}
	return [{ prefix: ownPrefix, enabled: {}, files }];
}

async function gather(results: readonly ESLint.LintResult[], cwd: string): Promise<FileEvidence[]> {
	if (hasEvidence(results)) return collectEvidence(results, ownPrefix);
	const found = new Map(results.filter(({ filePath, fatalErrorCount }) => fatalErrorCount === 0 && existsSync(filePath)).map((result) => [result.filePath, result]));
	const evidence: FileEvidence[] = [];
	for (const { prefix, enabled, files } of await settingsOf([...found.keys()], cwd)) {
		const asked = await lintForEvidence(ESLint, files, enabled, cwd);
		const together = asked.flatMap((result) => {
			const reported = found.get(result.filePath);
			return reported ? [{ ...reported, messages: [...reported.messages, ...result.messages], suppressedMessages: [...reported.suppressedMessages, ...result.suppressedMessages] }] : [];
		});
		evidence.push(...collectEvidence(together, prefix));
	}
	return evidence;
}

export default async function format(results: readonly ESLint.LintResult[], { cwd, color }: Context): Promise<string> {
	const shown = withoutEvidence(results);
	const stylish = await new ESLint({ cwd, overrideConfigFile: true }).loadFormatter("stylish");
	const text = await stylish.format([...shown], color === undefined ? {} : { color });
	const evidence = await gather(results, cwd);
	if (!hasObjects(evidence, cwd)) return text;
	const report = makeReport({ evidence, rules, results: shown, root: cwd, configRoot: cwd, preset: "the project's ESLint configuration", maxWarnings: -1, runDate: runDate(process.env) });
	await report.write(cwd);
	return `${text}\nWritten: ${Object.values(reportNames).join(", ")}\n`;
}
