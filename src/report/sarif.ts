/**
 * Findings as SARIF 2.1.0, with what GitHub's code scanning makes use of:
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { ESLint, Linter } from "eslint";
import { gotchas } from "../gotchas.ts";
import { name, prefix, version } from "../meta.ts";
import type { DurableObjectsRule } from "../rules/define-rule.ts";
import type { Evidence, FileEvidence } from "./collect.ts";
import { linkTarget } from "./escape.ts";
import { lineFingerprints } from "./line-fingerprints.ts";
import { raceOf, type RaceStep } from "./race.ts";
import { reportPath } from "./review.ts";
import { rulePageElsewhere } from "./rule-page.ts";

export interface SarifInput {
	/** ESLint's results without evidence. */
	readonly results: readonly ESLint.LintResult[];
	readonly evidence: readonly FileEvidence[];
	/** By id, as the results name them. */
	readonly rules: Readonly<Record<string, DurableObjectsRule>>;
	/** The folder that paths are relative to: code scanning takes it for the root of the repository. */
	readonly root: string;
}

/** Square brackets before a round one would be a link. */
const plainText = (text: string): string => text.replace(/\[(?=[^\]]*\]\()/gu, "\\[");

function artifactLocation(filePath: string, root: string) {
	const path = reportPath(root, filePath);
	const isOutside = path.startsWith("../") || isAbsolute(path) || /^[a-z]:/iu.test(path);
	return isOutside ? { uri: pathToFileURL(filePath).href } : { uri: linkTarget(path, null), uriBaseId: "%SRCROOT%" };
}

type ArtifactLocation = ReturnType<typeof artifactLocation>;

function region({ line, column, endLine, endColumn }: Linter.LintMessage) {
	return {
		startLine: Math.max(1, line ?? 1),
		startColumn: Math.max(1, column ?? 1),
		...(endLine !== undefined && endColumn !== undefined && { endLine, endColumn }),
	};
}

/** The text that is on the disk when the findings are read: after fixing, if something was fixed. */
function textOf({ output, source, filePath }: ESLint.LintResult): string | null {
	if (output !== undefined || source !== undefined) return output ?? source ?? null;
	try {
		return readFileSync(filePath, "utf8");
	} catch {
		return null;
	}
}

/** The places of a finding's story in the order in which they happen; of a race, both runs one after the other. */
function storyOf(evidence: Evidence): readonly { readonly step: RaceStep; readonly what: string }[] {
	const race = raceOf(evidence);
	if (!race) return evidence.steps.map((step) => ({ step, what: step.what }));
	const run = (who: string, steps: readonly RaceStep[]) => steps.map((step) => ({ step, what: `${who}: ${step.what}` }));
	return [
		...run("First run", [race.read, ...race.between]),
		...run("Second run", [race.read, ...race.between, race.write]),
		{ step: race.write, what: `First run: ${race.write.what}. ${race.outcome}` },
	];
}

function codeFlow(evidence: Evidence, artifact: ArtifactLocation) {
	const locations = storyOf(evidence).map(({ step: { line, column }, what }) => ({
		location: {
			physicalLocation: { artifactLocation: artifact, region: { startLine: line, startColumn: column } },
			message: { text: plainText(what.replaceAll("`", "")) },
		},
	}));
	return { threadFlows: [{ locations }] };
}

interface FileOfFindings {
	readonly artifact: ArtifactLocation;
	readonly fingerprints: readonly string[];
	readonly evidence: readonly Evidence[];
}

function result(message: Linter.LintMessage, { artifact, fingerprints, evidence }: FileOfFindings, ruleIndex: ReadonlyMap<string, number>, rule: DurableObjectsRule | undefined) {
	const { ruleId, severity, messageId } = message;
	const place = region(message);
	const fingerprint = fingerprints[place.startLine - 1];
	const story = evidence.find(
		(item) => item.rule === rule?.name && item.messageId === messageId && item.steps.length > 0 && item.quotes[0]?.line === place.startLine && item.quotes[0].column === place.startColumn,
	);
	const index = ruleId === null ? undefined : ruleIndex.get(ruleId);
	return {
		...(ruleId !== null && { ruleId }),
		...(index !== undefined && { ruleIndex: index }),
		level: severity === 2 ? "error" : "warning",
		message: { text: plainText(message.message) },
		locations: [{ physicalLocation: { artifactLocation: artifact, region: place } }],
		...(fingerprint !== undefined && { partialFingerprints: { primaryLocationLineHash: fingerprint } }),
		...(story && { codeFlows: [codeFlow(story, artifact)] }),
	};
}

/** How often findings are true, in the words of code scanning: see the presets in the README. */
const precision = ({ preset }: DurableObjectsRule): string => (preset.in !== "recommended" ? "medium" : preset.level === "error" ? "very-high" : "high");

function ruleDescriptor(id: string, rule: DurableObjectsRule | undefined) {
	if (!rule) return { id };
	const { title, bites, docs } = gotchas[rule.gotcha];
	const url = rule.meta.docs?.url ?? docs;
	const description = rule.meta.docs?.description ?? title;
	return {
		id,
		shortDescription: { text: `${description.charAt(0).toUpperCase()}${description.slice(1)}` },
		fullDescription: { text: bites },
		help: { text: `${bites}\n\n${url}`, markdown: rulePageElsewhere(rule.name) ?? `${bites}\n\n[More](${url})` },
		helpUri: url,
		defaultConfiguration: { level: rule.preset.level === "error" ? "error" : "warning" },
		properties: { precision: precision(rule), "problem.severity": rule.preset.level === "error" ? "error" : "warning", tags: [prefix, rule.gotcha] },
	};
}

/** Findings that a comment disables are left out: code scanning would show each as an open alert, whatever the log says of it. */
export function sarif({ results, evidence, rules, root }: SarifInput): string {
	const ids = [...new Set(results.flatMap(({ messages }) => messages.flatMap(({ ruleId }) => ruleId ?? [])))].sort();
	const ruleIndex = new Map(ids.map((id, index) => [id, index]));
	const byFile = new Map(evidence.map((file) => [file.filePath, file.evidence]));
	const found = results
		.filter(({ messages }) => messages.length > 0)
		.flatMap((file) => {
			const text = textOf(file);
			const about: FileOfFindings = { artifact: artifactLocation(file.filePath, root), fingerprints: text === null ? [] : lineFingerprints(text), evidence: byFile.get(file.filePath) ?? [] };
			return file.messages.map((message) => result(message, about, ruleIndex, rules[message.ruleId ?? ""]));
		});
	const log = {
		$schema: "https://json.schemastore.org/sarif-2.1.0.json",
		version: "2.1.0",
		runs: [
			{
				tool: {
					driver: { name, version, semanticVersion: version, informationUri: `https://www.npmjs.com/package/${name}`, rules: ids.map((id) => ruleDescriptor(id, rules[id])) },
				},
				invocations: [{ executionSuccessful: true }],
				columnKind: "utf16CodeUnits",
				results: found,
			},
		],
	};
	return `${JSON.stringify(log, null, "\t")}\n`;
}
