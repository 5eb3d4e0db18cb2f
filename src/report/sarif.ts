/** Findings as SARIF 2.1.0, which code scanning reads. */
import type { ESLint, Linter } from "eslint";
import { name, version } from "../meta.ts";
import { linkTarget } from "./escape.ts";
import { reportPath } from "./review.ts";

type RulesMeta = ESLint.LintResultData["rulesMeta"];

/** Suppressed findings carry who says so, and why. */
interface Message extends Linter.LintMessage {
	readonly suppressions?: readonly { readonly justification: string }[];
}

const level = (severity: number): "error" | "warning" => (severity === 2 ? "error" : "warning");

function region({ line, column, endLine, endColumn }: Message) {
	return {
		startLine: Math.max(1, line ?? 1),
		startColumn: Math.max(1, column ?? 1),
		...(endLine !== undefined && endColumn !== undefined && { endLine, endColumn }),
	};
}

function result(message: Message, uri: string, ruleIndex: ReadonlyMap<string, number>) {
	const index = message.ruleId === null ? undefined : ruleIndex.get(message.ruleId);
	return {
		...(message.ruleId !== null && { ruleId: message.ruleId }),
		...(index !== undefined && { ruleIndex: index }),
		level: level(message.severity),
		message: { text: message.message },
		locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, region: region(message) } }],
		...(message.suppressions && {
			suppressions: message.suppressions.map(({ justification }) => ({ kind: "inSource", ...(justification !== "" && { justification }) })),
		}),
	};
}

function ruleDescriptor(id: string, rulesMeta: RulesMeta) {
	const meta = rulesMeta[id];
	return {
		id,
		...(meta?.docs?.description !== undefined && { shortDescription: { text: meta.docs.description } }),
		...(meta?.docs?.url !== undefined && { helpUri: meta.docs.url }),
	};
}

/** @param root - the folder that paths are relative to; code scanning takes it for the repository's root */
export function sarif(results: readonly ESLint.LintResult[], rulesMeta: RulesMeta, root: string): string {
	const found = results.flatMap(({ filePath, messages, suppressedMessages }) =>
		[...messages, ...suppressedMessages].map((message: Message) => ({ message, uri: linkTarget(reportPath(root, filePath), null) })),
	);
	const ids = [...new Set(found.flatMap(({ message }) => message.ruleId ?? []))].sort();
	const ruleIndex = new Map(ids.map((id, index) => [id, index]));
	const log = {
		$schema: "https://json.schemastore.org/sarif-2.1.0.json",
		version: "2.1.0",
		runs: [
			{
				tool: { driver: { name, version, informationUri: `https://www.npmjs.com/package/${name}`, rules: ids.map((id) => ruleDescriptor(id, rulesMeta)) } },
				columnKind: "utf16CodeUnits",
				results: found.map(({ message, uri }) => result(message, uri, ruleIndex)),
			},
		],
	};
	return `${JSON.stringify(log, null, "\t")}\n`;
}
