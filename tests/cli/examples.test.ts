import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type GotchaId, gotchas } from "../../src/gotchas.ts";
import { prefix } from "../../src/meta.ts";
import type { ReportedGotcha, ValidationReport } from "../../src/report/validation-report.ts";
import { rules } from "../../src/rules/index.ts";
import rewritten from "../../src/rules/wrangler/no-rewritten-migrations.ts";
import { GitFolder } from "../rules/wrangler/git-folder.ts";
import { Harness } from "../runtime/harness.ts";
import { describeWithWorkerd } from "../runtime/requirement.ts";
import { Workerd } from "../runtime/workerd.ts";
import { buildInto, project, run } from "./built.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const source = (path: string): Promise<string> => readFile(join(EXAMPLES, path), "utf8");

let bin: string;
beforeAll(async () => {
	bin = join(await buildInto("do-lint-examples"), "bin.js");
});

type Run = { readonly code: number | null; readonly output: string; readonly report: ValidationReport };

/** Each example is linted once. */
const runs = new Map<string, Promise<Run>>();
function lintExample(name: string): Promise<Run> {
	const known = runs.get(name) ?? lint(join(EXAMPLES, name));
	runs.set(name, known);
	return known;
}

async function lint(folder: string, ...options: readonly string[]): Promise<Run> {
	const out = await project({});
	const { code, stdout, stderr } = await run(process.execPath, [bin, "--strict", "--out", out, ...options], folder);
	return { code, output: stdout + stderr, report: JSON.parse(await readFile(join(out, "validation_report.json"), "utf8")) as ValidationReport };
}

/** The rules that report nothing. */
function unreported({ results }: ValidationReport): string[] {
	const reported = new Set(results.findings.map(({ rule }) => rule));
	return rules.map(({ name }) => name).filter((name) => !reported.has(`${prefix}/${name}`));
}

const answersOf = ({ results }: ValidationReport): ReportedGotcha[] => [...results.classes, ...results.callers, ...results.configurations].flatMap((subject) => subject.gotchas);

describe("the examples", () => {
	it("are type-correct, as their users would check them", () => {
		const { config } = ts.readConfigFile(join(EXAMPLES, "tsconfig.json"), (path) => ts.sys.readFile(path)) as { config: object };
		const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, EXAMPLES);
		const program = ts.createProgram(fileNames, options);
		expect(fileNames.length).toBeGreaterThanOrEqual(7);
		expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
	});

	it.each(["chat-room", "scheduler"])("%s is clean under strict", async (name) => {
		const { code, output, report } = await lintExample(name);
		expect(output).not.toMatch(/error|warning/u);
		expect(code).toBe(0);
		expect(report.results).toMatchObject({ errors: 0, warnings: 0, gotchas_violated: 0, gotchas_accepted: 0 });
		const doubtful = answersOf(report).filter(({ status, evidence }) => status === "unknown" && evidence.length > 0);
		expect(doubtful.map(({ gotcha }) => gotcha)).toEqual([]);
		expect(report.overall_passed).toBe(true);
	});

	it("broken-worker gives no answer away", async () => {
		const files = (await readdir(join(EXAMPLES, "broken-worker"), { recursive: true })).filter((path) => /\.(?:ts|js|jsonc|toml)$/u.test(path));
		expect(files.length).toBeGreaterThan(15);
		for (const path of files) expect(await source(join("broken-worker", path)), path).not.toMatch(/gotcha|durable-objects\/|\b(?:fault|wrong|mistake|broken|should|never)\b(?!-worker)/iu);
	});

	it("broken-worker falls into each gotcha, and is reported by each rule that needs no earlier version of it", async () => {
		const { code, report } = await lintExample("broken-worker");
		expect(code).toBe(1);
		expect(unreported(report)).toEqual([rewritten.name]);
		const watched = new Set<GotchaId>(rules.map(({ gotcha }) => gotcha));
		expect([...watched].toSorted()).toEqual(Object.keys(gotchas).toSorted());
		const violated = new Set(answersOf(report).filter(({ status }) => status === "violated").map(({ gotcha }) => gotcha));
		expect([...violated].toSorted()).toEqual([...watched].toSorted());
	});

	it("broken-worker is quoted in the README as its report has it", async () => {
		const readme = await readFile(join(EXAMPLES, "../README.md"), "utf8");
		const [, path = "", line = "", quoted = ""] = /\(examples\/broken-worker\/(src\/\w+\.ts)#L(\d+)\)\n>\n> ```ts\n> (.+)\n/u.exec(readme) ?? [];
		const { report } = await lintExample("broken-worker");
		const evidence = answersOf(report).flatMap((gotcha) => gotcha.evidence.map(({ lines, why, status }) => ({ title: gotcha.title, status, why, lines })));
		const found = evidence.find(({ status, lines }) => status === "violated" && lines.some((each) => each.file === path && String(each.line) === line && each.quote === quoted));
		expect(readme).toContain(`> #### ❌ Violated: ${found?.title}\n>\n> `);
		expect(found?.why).toContain(/Violated: .+\n>\n> (.+)\n/u.exec(readme)?.[1]);
	});

	it("broken-worker, against a version with other migrations, is reported by the one rule that is left", async () => {
		const deployed = new GitFolder();
		try {
			const config = await source("broken-worker/wrangler.jsonc");
			const earlier = config.replace('"Auction", "Archive"', '"Archive"');
			expect(earlier).not.toBe(config);
			await cp(join(EXAMPLES, "broken-worker/src"), join(deployed.path, "src"), { recursive: true });
			deployed.commit("wrangler.jsonc", earlier, "deployed");
			await writeFile(join(deployed.path, "wrangler.jsonc"), config);
			const { report } = await lint(deployed.path, "--base", "deployed");
			expect(unreported(report)).not.toContain(rewritten.name);
		} finally {
			deployed.remove();
		}
	});
});

describeWithWorkerd("the healthy examples, in the runtime", () => {
	const HOUR_MS = 700;
	const PROBE = `
	tables(): string[] {
		return this.ctx.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\\\_cf%' ESCAPE '\\\\'").toArray().map(({ name }) => name);
	}`;
	/** The example with shorter times, and a class beside its own that also shows what is stored. */
	async function probed(path: string, replacements: readonly (readonly [string, string])[], className: string, members: string): Promise<string> {
		let text = await source(path);
		for (const [from, to] of replacements) {
			expect(text).toContain(from);
			text = text.replaceAll(from, to);
		}
		return `${text}\nexport class Probe extends ${className} {${PROBE}${members}\n}\n`;
	}

	let workerd: Workerd;
	const subjects = { chat: "chat-room", jobs: "scheduler" } as const;
	let room: Harness;
	let scheduler: Harness;
	beforeAll(async () => {
		const chat = { name: subjects.chat, source: await probed("chat-room/src/index.ts", [["24 * 60 * 60 * 1000", String(HOUR_MS)]], "ChatRoom", "") };
		const jobs = {
			name: subjects.jobs,
			source: await probed(
				"scheduler/src/index.ts",
				[
					["const SECOND = 1_000", "const SECOND = 20"],
					["const HOUR = 60 * 60 * SECOND", `const HOUR = ${HOUR_MS}`],
					["this.env.DIGEST_URL", '"https://digest.example.com/hook?fail=1"'],
				],
				"Scheduler",
				`
	jobs(): unknown[] {
		return this.ctx.storage.sql.exec("SELECT name, failures FROM jobs ORDER BY name").toArray();
	}`,
			),
		};
		workerd = await Workerd.start([chat, jobs]);
		room = Harness.of(workerd, chat, "Probe");
		scheduler = Harness.of(workerd, jobs, "Probe");
	});
	afterAll(async () => workerd?.stop());

	test("chat-room counts across hibernation, knows its members, and answers every close", async () => {
		const hall = room.object("hall");
		const ada = await hall.connect("/?name=Ada");
		const bob = await hall.connect("/?name=Bob");
		expect(JSON.parse((await ada.ask("hello")) ?? "null")).toBeDefined();
		await hall.evict();
		ada.send("again");
		const seen = (await bob.messages(3)).map((text) => JSON.parse(text) as object);
		expect(seen).toEqual([
			{ type: "joined", name: "Bob" },
			{ type: "message", name: "Ada", text: "hello", sentByName: 1 },
			{ type: "message", name: "Ada", text: "again", sentByName: 2 },
		]);
		expect(await ada.close()).toBe(1000);
		expect(await bob.close(4001)).toBe(4001);
	});

	test("chat-room deletes everything when it has been idle, and can be used again", async () => {
		const attic = room.object("attic");
		const eve = await attic.connect("/?name=Eve");
		await eve.ask("anybody?");
		expect(await attic.call("tables")).toEqual(["message_count"]);
		await eve.close(1000);
		expect(await attic.until(() => attic.call<string[]>("tables"), (tables) => tables.length === 0)).toEqual([]);
		const again = await attic.connect("/?name=Eve");
		again.send("here");
		expect(JSON.parse((await again.messages(2))[1] ?? "null")).toEqual({ type: "message", name: "Eve", text: "here", sentByName: 1 });
	});

	test("scheduler runs the job that is due, plans it again, and goes on after a failure and a crash", async () => {
		await scheduler.call("start");
		await scheduler.call("record", "signup");
		await workerd.crash();
		await scheduler.externalCall("/hook", 1);
		// The first call is answered with 503.
		const jobs = () => scheduler.call<{ name: string; failures: number }[]>("jobs");
		const failed = await scheduler.until(jobs, ([digest]) => digest?.failures !== 0);
		expect(failed).toEqual([
			{ name: "digest", failures: 1 },
			{ name: "prune", failures: 0 },
		]);
		await scheduler.externalCall("/hook", 2);
		const mended = await scheduler.until(jobs, ([digest]) => digest?.failures === 0);
		expect(mended.map(({ failures }) => failures)).toEqual([0, 0]);
	});

	test("scheduler deletes everything when it is stopped", async () => {
		const tenant = scheduler.object("tenant");
		await tenant.call("start");
		await tenant.call("record", "signup");
		await tenant.call("stop");
		expect(await tenant.until(() => tenant.call<string[]>("tables"), (tables) => tables.length === 0)).toEqual([]);
		await tenant.call("start");
		expect(await tenant.call("tables")).toEqual(["jobs", "events"]);
	});
});
