import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { ESLint } from "eslint";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import schema from "../../schema/validation-report.schema.json" with { type: "json" };
import type { GotchaId } from "../../src/gotchas.ts";
import type { Evidence, FileEvidence } from "../../src/report/collect.ts";
import { makeReport } from "../../src/report/report-files.ts";
import { FORMAT_VERSION, runDate, validationReportText } from "../../src/report/validation-report.ts";
import { writeTogether } from "../../src/report/write.ts";

const ROOT = "/project";
const rules = [
	{ name: "timers", gotcha: "timers-as-schedule", subjectKind: "durable-object" },
	{ name: "races", gotcha: "non-atomic-read-modify-write", subjectKind: "durable-object" },
	{ name: "wrangler/tags", gotcha: "migration-tags", subjectKind: "wrangler" },
] as const;

const room = { kind: "durable-object", name: "Room", line: 3 } as const;

function evidence(gotcha: GotchaId, status: Evidence["status"], more: Partial<Evidence> = {}): Evidence {
	const rule = rules.find((candidate) => candidate.gotcha === gotcha)?.name ?? "timers";
	const severity = status === "violated" ? "error" : null;
	return { subject: room, gotcha, rule, enabled: true, status, why: "because", messageId: status === "violated" ? "lostUpdate" : null, severity, justification: null, quotes: [{ line: 5, column: 1, text: ["the code"] }], steps: [], ...more };
}

const file = (evidenceList: readonly Evidence[], filePath = `${ROOT}/src/room.ts`): FileEvidence => ({ filePath, evidence: evidenceList, inventories: [], present: [] });

function result(messages: readonly { line: number; severity: 1 | 2; rule: string; message: string }[], filePath = `${ROOT}/src/room.ts`): ESLint.LintResult {
	return {
		filePath,
		messages: messages.map(({ line, severity, rule, message }) => ({ ruleId: rule, severity, message, line, column: 1 })),
		suppressedMessages: [],
		errorCount: 0,
		warningCount: 0,
		fatalErrorCount: 0,
		fixableErrorCount: 0,
		fixableWarningCount: 0,
		usedDeprecatedRules: [],
	};
}

function report(files: readonly FileEvidence[], results: readonly ESLint.LintResult[] = [], maxWarnings = -1) {
	return makeReport({ evidence: files, rules, results, root: ROOT, configRoot: ROOT, preset: "recommended", maxWarnings, runDate: new Date(0) });
}

const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

describe("validation_report.json", () => {
	const full = () =>
		report(
			[
				file([
					evidence("timers-as-schedule", "accepted", { justification: "a demo" }),
					evidence("non-atomic-read-modify-write", "violated", { steps: [{ line: 5, column: 1, text: ["a"], what: "reads" }] }),
				]),
				{ ...file([evidence("migration-tags", "guarded", { subject: { kind: "wrangler", name: "wrangler.jsonc", line: 1 } })], `${ROOT}/wrangler.jsonc`) },
			],
			[result([{ line: 5, severity: 2, rule: "durable-objects/races", message: "lost" }])],
		);

	it("validates against the schema", () => {
		const { data } = full();
		expect(validate(data), JSON.stringify(validate.errors)).toBe(true);
		expect(schema.properties.version.const).toBe(FORMAT_VERSION);
	});

	it("is refused by the schema when something is missing or foreign", () => {
		const { data } = full();
		expect(validate({ ...data, extra: 1 })).toBe(false);
		expect(validate({ ...data, stages: data.stages.toReversed() })).toBe(false);
		expect(validate({ ...data, results: { ...data.results, gotchas_guarded: undefined } })).toBe(false);
	});

	it("has exactly the promised names at its top, in order", () => {
		expect(Object.keys(full().data)).toEqual(["version", "run_date", "stages", "results", "overall_passed"]);
		expect(full().data.stages.map(({ name }) => name)).toEqual(["implement", "configure", "self_review"]);
	});

	it("counts answers by subject and gotcha", () => {
		expect(full().data.results).toMatchObject({ gotchas_violated: 1, gotchas_accepted: 1, gotchas_guarded: 1, errors: 1, warnings: 0 });
	});

	it("passes every stage when nothing is violated, although something is unknown", () => {
		const { data } = report([file([evidence("timers-as-schedule", "unknown"), evidence("non-atomic-read-modify-write", "not-applicable", { quotes: [] })])]);
		expect(data.stages.map(({ passed }) => passed)).toEqual([true, true, true]);
		expect(data.stages[2]?.message).toContain("must be read by a person (Room: Timers are not a schedule)");
		expect(data.overall_passed).toBe(true);
	});

	it("fails the self review, not the code, when a watched gotcha has no answer", () => {
		const { data } = report([file([evidence("timers-as-schedule", "guarded")])]);
		expect(data.stages.map(({ passed }) => passed)).toEqual([true, true, false]);
		expect(data.stages[2]?.message).toContain("1 gotcha without an answer (Room: A read and its write with I/O between them)");
		expect(data.overall_passed).toBe(false);
	});

	it("tells findings in code from findings in the configuration", () => {
		const inConfig = result([{ line: 1, severity: 2, rule: "durable-objects/wrangler/tags", message: "twice" }], `${ROOT}/wrangler.toml`);
		expect(report([], [inConfig]).data.stages.slice(0, 2).map(({ passed }) => passed)).toEqual([true, false]);
	});

	it("lets warnings pass up to the given number", () => {
		const warned = [result([1, 2].map((line) => ({ line, severity: 1 as const, rule: "durable-objects/timers", message: "hm" })))];
		expect(report([], warned).data.stages[0]?.passed).toBe(true);
		expect(report([], warned, 2).data.stages[0]?.passed).toBe(true);
		expect(report([], warned, 1).data.stages[0]?.passed).toBe(false);
	});

	it("is the same, byte for byte, in whatever order files and evidence come", () => {
		const files = [
			file([evidence("timers-as-schedule", "guarded"), evidence("non-atomic-read-modify-write", "guarded"), evidence("timers-as-schedule", "guarded", { why: "another", quotes: [] })]),
			file([evidence("timers-as-schedule", "violated", { subject: { ...room, name: "Other" } })], `${ROOT}/src/other.ts`),
		];
		const results = [result([{ line: 9, severity: 2, rule: "durable-objects/a", message: "x" }, { line: 2, severity: 2, rule: "durable-objects/b", message: "y" }])];
		const turned = files.toReversed().map((each) => ({ ...each, evidence: each.evidence.toReversed() }));
		const [one, two] = [report(files, results), report(turned, [result([...results[0]!.messages.toReversed().map((each) => ({ line: each.line, severity: 2 as const, rule: each.ruleId ?? "", message: each.message }))])])];
		expect(validationReportText(one.data)).toBe(validationReportText(two.data));
		expect(one.page(ROOT)).toBe(two.page(ROOT));
	});

	it("takes its date from SOURCE_DATE_EPOCH", () => {
		expect(runDate({ SOURCE_DATE_EPOCH: "86400" }).toISOString()).toBe("1970-01-02T00:00:00.000Z");
		for (const wrong of [undefined, "", "soon", "99999999999999999"]) expect(Math.abs(runDate({ SOURCE_DATE_EPOCH: wrong }).getTime() - Date.now())).toBeLessThan(10_000);
	});
});

describe("self_review.md", () => {
	it("puts what is violated first, and links each quote to its line", () => {
		const page = report([file([evidence("timers-as-schedule", "guarded", { quotes: [{ line: 7, column: 1, text: ["await setAlarm()"] }] }), evidence("non-atomic-read-modify-write", "violated")])]).page(ROOT);
		expect(page.indexOf("❌ Violated: A read")).toBeGreaterThan(0);
		expect(page.indexOf("❌ Violated: A read")).toBeLessThan(page.indexOf("✅ Guarded: Timers"));
		expect(page).toContain("[`src/room.ts:7`](src/room.ts#L7)\n\n```ts\nawait setAlarm()\n```");
	});

	it("lists what is to be mended at the top, and leads from the table to each answer that somebody must read", () => {
		const found = result([{ line: 5, severity: 2, rule: "durable-objects/races", message: "`a.b` is lost. Do this." }, { line: 7, severity: 1, rule: "durable-objects/timers", message: "Hm" }]);
		const page = report([file([evidence("non-atomic-read-modify-write", "violated"), evidence("timers-as-schedule", "guarded")])], [found]).page(ROOT);
		expect(page).toContain("## To mend\n\n- ❌ [`src/room.ts:5`](src/room.ts#L5) `a.b` is lost.\n- ⚠️ [`src/room.ts:7`](src/room.ts#L7) Hm\n");
		expect(page).toContain("| A read and its write with I/O between them | [❌](#s1-non-atomic-read-modify-write) |");
		expect(page).toContain('#### <a id="s1-non-atomic-read-modify-write"></a>❌ Violated');
		expect(page).toContain("| Timers are not a schedule | ✅ |");
	});

	it("shows each line once, and says once what a rule says of many", () => {
		const at = (line: number) => ({ line, column: 1, text: [`code ${line}`] });
		const [first, second] = [evidence("timers-as-schedule", "guarded", { quotes: [at(5), { ...at(5), column: 9 }] }), evidence("timers-as-schedule", "guarded", { quotes: [at(6)] })];
		const page = report([file([first, second, evidence("timers-as-schedule", "guarded", { rule: "z-other", quotes: [at(5)] }), evidence("timers-as-schedule", "guarded", { rule: "z-third", quotes: [at(5), at(9)] })])]).page(ROOT);
		for (const line of [5, 6, 9]) expect(page.split(`code ${line}`), page).toHaveLength(2);
		expect(page.split("durable-objects/timers]")).toHaveLength(2);
		expect(page).toMatch(/durable-objects\/z-other\]\([^)]*\)\) See \[line 5\]\(src\/room\.ts#L5\)\./u);
		expect(page).toMatch(/code 9\n```\n\nAlso \[line 5\]/u);
	});

	it("tells apart what a rule that is off would say, wherever it says it", () => {
		const off = evidence("timers-as-schedule", "unknown", { enabled: false, messageId: "lost", why: "it is lost", rule: "z-off" });
		const none = report([file([evidence("timers-as-schedule", "not-applicable", { quotes: [], why: "no timer" }), off])]).page(ROOT);
		expect(none).toMatch(/\*\*: No timer\. Not reported, since this rule is not switched on: It is lost\. \(\[durable-objects\/z-off\]/u);
		const guarded = report([file([evidence("timers-as-schedule", "guarded"), off])]).page(ROOT);
		expect(guarded.indexOf("✅ Guarded: Timers")).toBeLessThan(guarded.indexOf("Not reported, since this rule is not switched on: It is lost."));
	});

	it("quotes no line that says nothing", () => {
		const page = report([file([evidence("timers-as-schedule", "guarded", { quotes: [{ line: 1, column: 1, text: ["{"] }] })])]).page(ROOT);
		expect(page).toContain("[`src/room.ts:1`](src/room.ts#L1)");
		expect(page).not.toContain("```");
	});

	it("keeps what is right about a gotcha out of the way of what is wrong", () => {
		const page = report([file([evidence("timers-as-schedule", "violated"), evidence("timers-as-schedule", "guarded", { why: "fine" })])]).page(ROOT);
		expect(page.indexOf("Because.")).toBeLessThan(page.indexOf("<details><summary>What is right about it"));
		expect(page.indexOf("<details>")).toBeLessThan(page.indexOf("Fine."));
	});

	it("draws what the class does, where it stands", () => {
		const picture = { title: "", stations: [{ shape: "code", text: "fetch()" }, { shape: "storage", text: "key a" }], arrows: [{ from: 0, to: 1, texts: ["reads", "writes"] }] } as const;
		const page = report([{ ...file([evidence("timers-as-schedule", "guarded")]), inventories: [{ fact: "inventory", subject: room, inventory: [], pictures: [picture] }] }]).page(ROOT);
		expect(page).toContain('(src/room.ts#L3)\n\n```mermaid\nflowchart LR\n    s0["fetch()"]\n    s1[("key a")]\n    s0 -->|"reads, writes"| s1\n```\n');
	});

	it("links from the folder that it lies in", () => {
		expect(report([file([evidence("timers-as-schedule", "guarded")])]).page(`${ROOT}/reports/today`)).toContain("](../../src/room.ts#L5)");
	});

	it("gives the reason of what is accepted", () => {
		const page = report([file([evidence("timers-as-schedule", "accepted", { justification: "only in *tests*" }), evidence("non-atomic-read-modify-write", "accepted", { justification: "" })])]).page(ROOT);
		expect(page).toContain("Accepted in the code: Only in \\*tests\\*.");
		expect(page).toContain("Accepted in the code: no reason is given.");
	});

	it("draws a race as two runs and marks the write that loses the other's", () => {
		const step = (line: number, what: string) => ({ line, column: 1, text: [`line ${line}`], what });
		const page = report([file([evidence("non-atomic-read-modify-write", "violated", { steps: [step(5, "reads count"), step(6, "waits for fetch"), step(7, "writes count")] })])]).page(ROOT);
		const [, diagram = ""] = /```mermaid\n([\s\S]*?)\n```/u.exec(page) ?? [];
		const lines = diagram.split("\n").map((line) => line.trim());
		expect(lines[0]).toBe("sequenceDiagram");
		expect(lines.filter((line) => /^(?:[AB]->>S|Note over [AB]:)/u.test(line))).toEqual([
			"A->>S: line 5#58; reads count",
			"Note over A: line 6#58; waits for fetch",
			"B->>S: line 5#58; reads count",
			"Note over B: line 6#58; waits for fetch",
			"B->>S: line 7#58; writes count",
			"A->>S: line 7#58; writes count",
		]);
		expect(lines.slice(-4)[0]).toMatch(/^rect rgb/u);
	});

	it("draws no race where the finding tells another story, but lists its steps", () => {
		const steps = [5, 6].map((line) => ({ line, column: 1, text: [`line ${line}`], what: "`this.x` is *read*" }));
		const page = report([file([evidence("non-atomic-read-modify-write", "violated", { messageId: "staleCopy", steps })])]).page(ROOT);
		expect(page).not.toContain("```mermaid");
		expect(page).toContain("2. [`src/room.ts:6`](src/room.ts#L6) `this.x` is \\*read\\*: `line 6`");
	});

	it("leaves nothing from source unescaped", () => {
		const evil = "a`b|c<img src=x onerror=alert(1)>\n# head [x](javascript:y) *z* _w_ ~~s~~ @user $m$ \u202Ertl ```";
		const code = ["```", "````js", "</details><script>", "| a | b |\u2028c"];
		const subject = { ...room, name: evil };
		const items = [
			evidence("timers-as-schedule", "violated", { subject, why: evil, quotes: [{ line: 1, column: 1, text: code }] }),
			evidence("non-atomic-read-modify-write", "violated", { subject, steps: [1, 2].map((line) => ({ line, column: 1, text: [evil], what: `${evil};#quot;:end\nend` })) }),
		];
		const page = report([file(items, `${ROOT}/src/we\nird [a](b) \`|name.ts`)]).page(ROOT);
		const html = micromark(page, { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
		const blocks = [...html.matchAll(/<pre><code class="language-(\w+)">([^<]*)<\/code><\/pre>/gu)].map(([, language, text]) => ({ language, text: text! }));
		const rest = html.replace(/<pre>[\s\S]*?<\/pre>|<code>[^<]*<\/code>/gu, "");
		expect(blocks.find(({ language }) => language === "ts")?.text).toBe("```\n````js\n&lt;/details&gt;&lt;script&gt;\n| a | b | c\n");
		// Only tags that the page itself makes, and links that lead to files, to documentation or to rules.
		const tags = new Set([...rest.matchAll(/<(\w+)/gu)].map(([, tag]) => tag));
		expect([...tags].filter((tag) => !["h1", "h2", "h3", "h4", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "sub", "a", "blockquote", "ul", "ol", "li"].includes(tag!))).toEqual([]);
		for (const [, href] of html.matchAll(/href="([^"]*)"/gu)) expect(href).toMatch(/^(?:#s\d+-[a-z-]+$|src\/we%0Aird%20%5Ba%5D%28b%29%20%60%7Cname\.ts#L\d+$|https:\/\/developers\.cloudflare\.com\/|https:\/\/unpkg\.com\/)/u);
		expect(rest).toContain("c&lt;img src=x onerror=alert(1)&gt; # head [x](javascript:y) *z* _w_ ~~s~~ @user $m$ rtl ```");
		expect(rest).not.toMatch(/<(?:em|del)>/u);
		expect(page).not.toContain("\u202E");
		// The table keeps its columns: a name's pipe is no cell.
		const [, head = ""] = /<tr>\s*(<th>Gotcha<\/th>[\s\S]*?)<\/tr>/u.exec(html) ?? [];
		expect(head.match(/<th>/gu)).toHaveLength(2);
		const diagram = blocks.find(({ language }) => language === "mermaid")!.text.trimEnd().split("\n");
		expect(diagram.filter((line) => line.includes("onerror"))).not.toHaveLength(0);
		for (const line of diagram) expect(line.replace(/#\d+;/gu, "").replace(/^\s*(?:[AB]-&gt;&gt;S:|Note over [AB](?:,B)?:|participant \w as|rect rgb\(.*\))/u, "")).not.toMatch(/[<>;#"`|:&]/u);
	});
});

describe("writing", () => {
	const folder = () => mkdtemp(join(tmpdir(), "write-"));

	it("makes the folder and leaves nothing else behind", async () => {
		const at = join(await folder(), "deep", "down");
		await writeTogether(at, { "a.json": "1", "b.md": "2" });
		await writeTogether(at, { "a.json": "3", "b.md": "4" });
		expect((await readdir(at)).sort()).toEqual(["a.json", "b.md"]);
		expect(await readFile(join(at, "a.json"), "utf8")).toBe("3");
	});

	it("changes neither file when one cannot be replaced", async () => {
		const at = await folder();
		await writeFile(join(at, "a.json"), "old");
		await mkdir(join(at, "b.md"));
		await expect(writeTogether(at, { "a.json": "new", "b.md": "new" })).rejects.toThrow();
		expect(await readFile(join(at, "a.json"), "utf8")).toBe("old");
		expect((await readdir(at)).sort()).toEqual(["a.json", "b.md"]);
	});

	it("makes neither file when the folder is none", async () => {
		const at = await folder();
		await writeFile(join(at, "file"), "");
		await expect(writeTogether(join(at, "file"), { "a.json": "1", "b.md": "2" })).rejects.toThrow();
		expect(await readdir(at)).toEqual(["file"]);
	});

	it.skipIf(process.getuid?.() === 0)("makes neither file in a folder that is read-only", async () => {
		const at = await folder();
		await chmod(at, 0o500);
		await expect(writeTogether(at, { "a.json": "1", "b.md": "2" })).rejects.toThrow();
		expect(await readdir(at)).toEqual([]);
	});
});
