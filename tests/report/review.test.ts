import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { collectEvidence, hasEvidence, withoutEvidence } from "../../src/report/collect.ts";
import { decodeFact, encodeFact, evidenceConfig, type VerdictFact } from "../../src/report/evidence.ts";
import { reviewOf, type SubjectReview } from "../../src/report/review.ts";
import { Workers } from "../../src/report/workers.ts";
import type { DurableObjectsRule } from "../../src/rules/define-rule.ts";
import { pluginOf, smallRule } from "./small-rules.ts";

const timers = smallRule("timers", "timers-as-schedule");
const schedule = smallRule("schedule", "timers-as-schedule");
const cleanup = smallRule("cleanup", "storage-cleanup", { in: "strict", level: "warn" });
const all = [timers, schedule, cleanup];

async function eslintFor(rules: readonly DurableObjectsRule[], on: readonly DurableObjectsRule[], options: ESLint.Options = {}): Promise<ESLint> {
	const cwd = options.cwd ?? (await mkdtemp(join(tmpdir(), "review-")));
	return new ESLint({
		...options,
		cwd,
		overrideConfigFile: true,
		overrideConfig: [
			{ plugins: { "durable-objects": pluginOf(rules) }, rules: Object.fromEntries(on.map((rule) => [`durable-objects/${rule.name}`, rule.preset.level])) },
			evidenceConfig(rules, Object.fromEntries(on.map((rule) => [rule.name, []]))),
		],
	});
}

async function review(text: string, { rules = all, on = [timers, schedule] }: { rules?: readonly DurableObjectsRule[]; on?: readonly DurableObjectsRule[] } = {}): Promise<SubjectReview[]> {
	const eslint = await eslintFor(rules, on);
	const results = await eslint.lintText(text, { filePath: "src/room.js" });
	const root = results[0]!.filePath.replace(/[\\/]src[\\/]room\.js$/u, "");
	return reviewOf(collectEvidence(results, "durable-objects"), new Workers([], root), rules, root).workers.flatMap(({ subjects }) => subjects);
}

const answerOf = (subject: SubjectReview | undefined, gotcha: string) => subject!.gotchas.find((answer) => answer.gotcha === gotcha)!;

describe("a gotcha's status", () => {
	const cases: [string, string][] = [
		["timers!\n// timers+\n// timers?\n// timers0", "violated"],
		["timers+\n// timers?\n// timers0", "unknown"],
		["timers+\n// timers0", "guarded"],
		["timers0", "not-applicable"],
		["timers+\n// schedule!", "violated"],
		["timers0\n// schedule+", "guarded"],
		["nothing", "unknown"],
	];
	it.each(cases)("%j is %s", async (marks, status) => {
		const [subject] = await review(`// object Room\n// ${marks}\n`);
		expect(answerOf(subject, "timers-as-schedule").status).toBe(status);
	});

	it("is accepted where a comment disables the finding, with the comment's reason", async () => {
		const [subject] = await review("// object Room\n// timers+\nlet a; // eslint-disable-line durable-objects/timers -- a demo; timers!\n");
		const { status, evidence } = answerOf(subject, "timers-as-schedule");
		expect(status).toBe("accepted");
		expect(evidence.map((item) => [item.status, item.justification])).toEqual([
			["accepted", "a demo; timers!"],
			["guarded", null],
		]);
	});

	it("stays violated where another finding of the gotcha is not disabled", async () => {
		const [subject] = await review("// object Room\nlet a; // eslint-disable-line durable-objects/timers -- timers!\n// timers!\n");
		expect(answerOf(subject, "timers-as-schedule").status).toBe("violated");
	});

	it("is accepted where a comment switches the rule off for the file", async () => {
		const [subject] = await review("/* eslint durable-objects/timers: off */\n// object Room\n// timers!\n");
		expect(answerOf(subject, "timers-as-schedule")).toMatchObject({ status: "accepted", evidence: [{ justification: "" }] });
	});

	it("is known through a blanket disable comment", async () => {
		const [subject] = await review("/* eslint-disable */\n// object Room\n// timers!\n// schedule+\n");
		expect(answerOf(subject, "timers-as-schedule").evidence.map((item) => item.status)).toEqual(["accepted", "guarded"]);
	});

	it("is unknown, not violated, where only a rule that is not switched on finds fault", async () => {
		const [subject] = await review("// object Room\n// cleanup!\n");
		expect(answerOf(subject, "storage-cleanup")).toMatchObject({ status: "unknown", isAnswered: true, evidence: [{ enabled: false, severity: null }] });
	});

	it("is not outvoted by a rule that is not switched on", async () => {
		const other = smallRule("other", "timers-as-schedule", { in: "strict", level: "error" });
		const [subject] = await review("// object Room\n// timers+\n// other!\n", { rules: [timers, other], on: [timers] });
		const { status, evidence } = answerOf(subject, "timers-as-schedule");
		expect(status).toBe("guarded");
		expect(evidence.map((item) => item.rule)).toEqual(["timers", "other"]);
	});

	it("says when no rule could answer, and when none exists", async () => {
		const [subject] = await review("// object Room\n");
		expect(answerOf(subject, "timers-as-schedule")).toMatchObject({ isWatched: true, isAnswered: false });
		expect(answerOf(subject, "single-alarm")).toMatchObject({ isWatched: false, isAnswered: false });
	});
});

describe("evidence", () => {
	it("quotes the lines, for each class its own", async () => {
		const [first, second] = await review("// object A\n  let x; // timers+\n// object B\n// timers0\n");
		expect(answerOf(first, "timers-as-schedule").evidence[0]?.quotes).toEqual([{ line: 2, column: 1, text: ["let x; // timers+"] }]);
		expect(answerOf(second, "timers-as-schedule").status).toBe("not-applicable");
	});

	it("carries severity, and the steps of a story in order", async () => {
		const [subject] = await review("// object A\n// timers>\n// timers>\n");
		const [item] = answerOf(subject, "timers-as-schedule").evidence;
		expect(item?.severity).toBe("error");
		expect(item?.steps.map(({ line, what }) => [line, what])).toEqual([
			[2, "step 0"],
			[3, "step 1"],
		]);
	});

	it("survives ESLint's placeholders, in source and in messages", () => {
		const fact = { fact: "verdict", why: "{{ what }} {{{x}} }}", quotes: [{ line: 1, column: 1, text: ["`{{a}}`"] }] } as unknown as VerdictFact;
		expect(encodeFact(fact)).not.toContain("{{");
		expect(decodeFact(encodeFact(fact))).toEqual(fact);
	});

	it("survives placeholders in the linted source", async () => {
		const [subject] = await review("// object A\nlet x = `{{ what }} ${{ a: 1 }}`; // timers+\n");
		expect(answerOf(subject, "timers-as-schedule").evidence[0]?.quotes[0]?.text).toEqual(["let x = `{{ what }} ${{ a: 1 }}`; // timers+"]);
	});

	it("leaves ESLint's results as they would be without it", async () => {
		const text = "// object A\n// timers!\n// timers+\nlet a; // eslint-disable-line -- schedule!\n";
		const plain = new ESLint({
			cwd: await mkdtemp(join(tmpdir(), "review-")),
			overrideConfigFile: true,
			overrideConfig: [{ plugins: { "durable-objects": pluginOf(all) }, rules: { "durable-objects/timers": "error", "durable-objects/schedule": "error" } }],
		});
		const [expected] = await plain.lintText(text);
		const results = await (await eslintFor(all, [timers, schedule])).lintText(text);
		expect(hasEvidence(results)).toBe(true);
		const [actual] = withoutEvidence(results);
		expect(actual).toEqual(expected);
		expect(hasEvidence([actual!])).toBe(false);
	});

	it("comes back from ESLint's cache", async () => {
		const cwd = await mkdtemp(join(tmpdir(), "review-"));
		await writeFile(join(cwd, "room.js"), "// object A\n// timers!\n// schedule+\n");
		const options = { cwd, cache: true, cacheLocation: join(cwd, ".cache") };
		const cold = await (await eslintFor(all, [timers], options)).lintFiles(["room.js"]);
		const warm = await (await eslintFor(all, [timers], options)).lintFiles(["room.js"]);
		const evidence = collectEvidence(warm, "durable-objects");
		expect(evidence).toEqual(collectEvidence(cold, "durable-objects"));
		expect(evidence[0]?.evidence.map((item) => item.status)).toEqual(["violated", "guarded"]);
	});
});

describe("Workers", () => {
	it("group code by the nearest configuration, and by the entry module where none lies above", async () => {
		const root = await mkdtemp(join(tmpdir(), "workers-"));
		const { mkdir } = await import("node:fs/promises");
		for (const folder of ["a/src", "b/config", "b/source", "c"]) await mkdir(join(root, folder), { recursive: true });
		await writeFile(join(root, "a/wrangler.toml"), 'name = "first"\nmain = "src/index.ts"\n');
		await writeFile(join(root, "b/config/wrangler.jsonc"), '{ "name": "second", "main": "../source/index.ts", }');
		await writeFile(join(root, "b/config/wrangler.dev.jsonc"), '{ "name": "dev" }');
		const workers = new Workers(["a/wrangler.toml", "b/config/wrangler.dev.jsonc", "b/config/wrangler.jsonc"].map((path) => join(root, path)), root);
		expect(workers.of(join(root, "a/src/deep/room.ts"))?.name).toBe("first");
		expect(workers.of(join(root, "b/source/index.ts"))?.name).toBe("second");
		expect(workers.of(join(root, "b/config/wrangler.dev.jsonc"))?.name).toBe("dev");
		expect(workers.of(join(root, "c/index.ts"))).toBeNull();
	});
});
