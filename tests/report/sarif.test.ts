import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { ESLint, Linter } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evidence } from "../../src/report/collect.ts";
import { lineFingerprints } from "../../src/report/line-fingerprints.ts";
import { sarif } from "../../src/report/sarif.ts";
import { rules } from "../../src/rules/index.ts";

/** The standard's own schema; the package is Microsoft's. */
const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8")) as Record<string, unknown>;
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false });
// It is written for draft 4, but says nothing in it that later drafts do not.
const validate = ajv.compile(Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema" && key !== "id")));

const ROOT = "/project";
const RACE = "durable-objects/no-interleaved-read-modify-write";
const byId = Object.fromEntries(rules.map((rule) => [`durable-objects/${rule.name}`, rule]));
const source = "a\nlet x = read();\nawait wait();\nwrite(x);\n";

function results(messages: readonly Partial<Linter.LintMessage>[], more: Partial<ESLint.LintResult> = {}): ESLint.LintResult[] {
	const full = messages.map((message): Linter.LintMessage => ({ ruleId: RACE, severity: 1, message: "lost", messageId: "lostUpdate", line: 4, column: 1, endLine: 4, endColumn: 9, ...message }));
	return [{ filePath: `${ROOT}/src/a room.ts`, messages: full, suppressedMessages: [], errorCount: 0, warningCount: 0, fatalErrorCount: 0, fixableErrorCount: 0, fixableWarningCount: 0, usedDeprecatedRules: [], source, ...more }];
}

const quote = (line: number, column = 1) => ({ line, column, text: [`line ${line}`] });
const race: Evidence = {
	subject: { kind: "durable-object", name: "Room", line: 1 },
	gotcha: "non-atomic-read-modify-write",
	rule: "no-interleaved-read-modify-write",
	enabled: true,
	status: "violated",
	why: "lost",
	messageId: "lostUpdate",
	severity: "warning",
	justification: null,
	quotes: [quote(4)],
	steps: [
		{ ...quote(2, 5), what: "reads `x`" },
		{ ...quote(3), what: "waits" },
		{ ...quote(4), what: "writes `x`" },
	],
};

interface Location {
	readonly physicalLocation: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string }; readonly region: { readonly startLine: number; readonly startColumn: number } };
	readonly message?: { readonly text: string };
}
interface Result {
	readonly ruleId?: string;
	readonly ruleIndex?: number;
	readonly level: string;
	readonly message: { readonly text: string };
	readonly locations: readonly [Location];
	readonly partialFingerprints?: { readonly primaryLocationLineHash: string };
	readonly codeFlows?: readonly [{ readonly threadFlows: readonly [{ readonly locations: readonly { readonly location: Location }[] }] }];
}
interface Rule {
	readonly id: string;
	readonly shortDescription: { readonly text: string };
	readonly fullDescription: { readonly text: string };
	readonly help: { readonly text: string; readonly markdown: string };
	readonly helpUri: string;
	readonly defaultConfiguration: { readonly level: string };
	readonly properties: { readonly precision: string };
}

function log(found: readonly ESLint.LintResult[], evidence: readonly Evidence[] = [race], root = ROOT): { readonly results: readonly Result[]; readonly rules: readonly Rule[] } {
	const text = sarif({ results: found, evidence: found.map(({ filePath }) => ({ filePath, evidence, inventories: [], present: [] })), rules: byId, root });
	const parsed = JSON.parse(text) as { runs: [{ tool: { driver: { rules: Rule[] } }; results: Result[] }] };
	expect(validate(parsed), ajv.errorsText(validate.errors)).toBe(true);
	const [run] = parsed.runs;
	return { results: run.results, rules: run.tool.driver.rules };
}

describe("SARIF", () => {
	it("is refused by the schema when it is not SARIF, so that the schema is known to be awake", () => {
		const good = JSON.parse(sarif({ results: results([{}]), evidence: [], rules: byId, root: ROOT })) as { runs: [{ results: [object] }] };
		expect(validate(good)).toBe(true);
		expect(validate({ ...good, version: "2.0.0" })).toBe(false);
		expect(validate({ ...good, runs: [{ ...good.runs[0], results: [{ level: "bad", message: { text: "x" } }] }] })).toBe(false);
	});

	it("has what code scanning asks of a rule, for every rule there is", () => {
		const every = Object.keys(byId);
		const { rules: described } = log(results(every.map((ruleId) => ({ ruleId }))));
		expect(described.map(({ id }) => id)).toEqual(every.toSorted());
		for (const { id, shortDescription, fullDescription, help, helpUri, defaultConfiguration, properties } of described) {
			for (const [text, max] of [[shortDescription.text, 1024], [fullDescription.text, 1024], [help.text, 10_000], [help.markdown, 20_000]] as const) {
				expect(text.length, id).toBeGreaterThan(10);
				expect(text.length, id).toBeLessThan(max);
			}
			expect(help.markdown, id).toContain("## What happens");
			expect(help.markdown, id).not.toMatch(/\]\(\.\.?\//u);
			expect(helpUri).toMatch(/^https:\/\//u);
			expect(["error", "warning"]).toContain(defaultConfiguration.level);
			expect(["very-high", "high", "medium"]).toContain(properties.precision);
		}
	});

	it("tells rule, level and place of each finding", () => {
		const { results: found } = log(results([{ severity: 2 }, { ruleId: "durable-objects/no-timer-scheduling", messageId: "x", line: 2, column: 5 }]));
		expect(found).toMatchObject([
			{ ruleId: RACE, ruleIndex: 0, level: "error", locations: [{ physicalLocation: { artifactLocation: { uri: "src/a%20room.ts", uriBaseId: "%SRCROOT%" }, region: { startLine: 4, startColumn: 1, endLine: 4, endColumn: 9 } } }] },
			{ ruleIndex: 1, level: "warning" },
		]);
	});

	it("takes paths from the root, and names what lies outside of it wholly", () => {
		expect(log(results([{}]), [], "/project/src").results[0]?.locations[0].physicalLocation.artifactLocation).toEqual({ uri: "a%20room.ts", uriBaseId: "%SRCROOT%" });
		expect(log(results([{}]), [], "/elsewhere").results[0]?.locations[0].physicalLocation.artifactLocation).toEqual({ uri: "file:///project/src/a%20room.ts" });
	});

	it("leads through a race, run by run", () => {
		const [finding] = log(results([{}])).results;
		const path = finding?.codeFlows?.[0].threadFlows[0].locations.map(({ location: { physicalLocation: { region }, message } }) => `${region.startLine}:${region.startColumn} ${message?.text}`);
		expect(path).toEqual([
			"2:5 First run: reads x",
			"3:1 First run: waits",
			"2:5 Second run: reads x",
			"3:1 Second run: waits",
			"4:1 Second run: writes x",
			"4:1 First run: writes x. What the second run wrote is overwritten. Its update is lost.",
		]);
	});

	it("leads through any other story as it is told, and draws no path where there is none", () => {
		const told: Evidence = { ...race, messageId: "staleCopy" };
		expect(log(results([{ messageId: "staleCopy" }]), [told]).results[0]?.codeFlows?.[0].threadFlows[0].locations.map(({ location }) => location.message?.text)).toEqual(["reads x", "waits", "writes x"]);
		expect(log(results([{ messageId: "staleCopy" }])).results[0]).not.toHaveProperty("codeFlows");
		expect(log(results([{ line: 5 }])).results[0]).not.toHaveProperty("codeFlows");
	});

	it("makes no link of what somebody wrote", () => {
		const { results: found } = log(results([{ message: "key [click](http://evil) and `a[0]`" }]), [{ ...race, steps: [{ ...quote(1), what: "[1](2)" }, { ...quote(4), what: "b" }] }]);
		expect(found[0]?.message.text).toBe("key \\[click](http://evil) and `a[0]`");
		expect(found[0]?.codeFlows?.[0].threadFlows[0].locations[0]?.location.message?.text).toBe("First run: \\[1](2)");
	});

	it("leaves out what a comment disables, which code scanning would show as open", () => {
		const suppressed = { ruleId: RACE, severity: 2 as const, message: "lost", line: 4, column: 1, suppressions: [{ kind: "directive", justification: "meant" }] };
		expect(log(results([], { suppressedMessages: [suppressed] })).results).toEqual([]);
	});

	it("reports what has no rule and no place", () => {
		const unplaced = results([]).map((result) => ({ ...result, messages: [{ ruleId: null, severity: 2, message: "broken" } as unknown as Linter.LintMessage] }));
		expect(log(unplaced).results[0]).toMatchObject({ level: "error", locations: [{ physicalLocation: { region: { startLine: 1, startColumn: 1 } } }] });
	});
});

describe("the fingerprints", () => {
	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "sarif-"));
		await writeFile(join(folder, "on-disk.ts"), source);
	});
	afterAll(() => rm(folder, { recursive: true }));

	const hashOf = (more: Partial<ESLint.LintResult>) => log(results([{}], more)).results[0]?.partialFingerprints?.primaryLocationLineHash;

	it("are those of the file as it will be read: after the fixes, or from the disk", () => {
		expect(hashOf({})).toBe(lineFingerprints(source)[3]);
		expect(hashOf({ output: `// fixed\n${source}` })).toBe(lineFingerprints(`// fixed\n${source}`)[3]);
		const from = (filePath: string) => log(results([{}], { filePath, source: undefined })).results[0]?.partialFingerprints?.primaryLocationLineHash;
		expect(from(join(folder, "on-disk.ts"))).toBe(lineFingerprints(source)[3]);
		expect(from(join(folder, "gone.ts"))).toBeUndefined();
	});
});
