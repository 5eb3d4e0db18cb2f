/** Findings as workflow commands, which GitHub Actions shows beside the code of a pull request. */
import type { Finding } from "./validation-report.ts";
import { docsUrl } from "../meta.ts";

/** A command ends at its line's end, whatever it holds; percent signs introduce the runner's own escapes. */
const escapeData = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const escapeProperty = (text: string): string => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

export function githubAnnotations(findings: readonly Finding[]): string {
	const lines = findings.map(({ file, line, column, rule, severity, message }) => {
		const properties = Object.entries({ file, line, col: column, title: rule ?? "do-lint" }).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
		const page = rule === null ? "" : ` ${docsUrl(`rules/${rule.slice(rule.indexOf("/") + 1)}.md`)}`;
		return `::${severity} ${properties.join(",")}::${escapeData(message + page)}`;
	});
	return lines.map((line) => `${line}\n`).join("");
}
