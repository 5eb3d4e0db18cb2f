import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import schema from "../../schema/validation-report.schema.json" with { type: "json" };
import type { ValidationReport } from "../../src/report/validation-report.ts";
import { brokenClass, buildInto, cleanClass, config, type Files, filesOf, project, type Ran, run } from "./built.ts";

const REPORT = ["self_review.md", "validation_report.json"];

let bin: string;
beforeAll(async () => {
	bin = join(await buildInto("do-lint-test"), "bin.js");
});

const doLint = (cwd: string, ...args: readonly string[]): Promise<Ran> => run(process.execPath, [bin, ...args], cwd, { NO_COLOR: "1" });

async function reportIn(folder: string): Promise<ValidationReport> {
	return JSON.parse(await readFile(join(folder, "validation_report.json"), "utf8")) as ValidationReport;
}

const clean: Files = { "wrangler.jsonc": config("clean", "Room"), "src/index.ts": cleanClass("Room") };
const broken: Files = { "wrangler.jsonc": config("broken", "Room"), "src/index.ts": brokenClass("Room") };

/** Could not run: one line on stderr, nothing on stdout, no file more than before. */
async function expectRefusal(folder: string, args: readonly string[], message: RegExp): Promise<void> {
	const before = await filesOf(folder);
	const { code, stdout, stderr } = await doLint(folder, ...args);
	expect(stderr).toMatch(/^do-lint: [^\n]+\n$/u);
	expect(stderr).toMatch(message);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(await filesOf(folder)).toEqual(before);
}

describe("a run", () => {
	it("without findings ends with 0 and writes a report that fits the schema", async () => {
		const folder = await project(clean);
		const { code, stdout, stderr } = await doLint(folder);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout).toMatch(/^1 Durable Object class; gotchas: 0 violated.*Report: validation_report\.json, self_review\.md\.\n$/u);
		expect(await filesOf(folder)).toEqual([...REPORT, "src/index.ts", "wrangler.jsonc"].sort());
		const validate = new Ajv({ strict: false }).compile(schema);
		expect(validate(await reportIn(folder)), JSON.stringify(validate.errors)).toBe(true);
	});

	it("with an error ends with 1, prints it as ESLint does, and says so in the report", async () => {
		const folder = await project(broken);
		const { code, stdout } = await doLint(folder);
		expect(code).toBe(1);
		expect(stdout).toContain(join(folder, "src/index.ts"));
		expect(stdout).toMatch(/5:3 +error .*durable-objects\/no-timer-scheduling/u);
		const report = await reportIn(folder);
		expect(report.stages.map(({ passed }) => passed)).toEqual([false, true, false]);
		const [room] = report.results.classes;
		expect(room).toMatchObject({ name: "Room", file: "src/index.ts", line: 3, worker: "wrangler.jsonc" });
		expect(room?.inventory).toContainEqual({ topic: "persisted", name: "key `beat`", detail: "written in start()", line: 5 });
		expect(room?.gotchas.find(({ gotcha }) => gotcha === "timers-as-schedule")).toMatchObject({
			status: "violated",
			evidence: [{ rule: "no-timer-scheduling", severity: "error", lines: [{ file: "src/index.ts", line: 5, quote: 'setInterval(() => this.ctx.storage.put("beat", Date.now()), 60_000);' }] }],
		});
	});

	it("judges Wrangler files of all three formats", async () => {
		const folder = await project({
			...broken,
			"toml/wrangler.toml": '[[durable_objects.bindings]]\nname = "A"\nclass_name = "A"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n[[migrations]]\ntag = "v1"\n',
			"json/wrangler.json": '{ "durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] }, "migrations": [{ "tag": "", "new_sqlite_classes": ["A"] }] }',
			"variant/wrangler.staging.jsonc": '{ "durable_objects": { "bindings": [{ "name": "A", "class_name": "A" }] }, "migrations": [{ "tag": "", "new_sqlite_classes": ["A"] }] }',
		});
		await doLint(folder);
		const rules = (await reportIn(folder)).results.findings.map(({ file, rule }) => `${file} ${rule}`);
		for (const file of ["toml/wrangler.toml", "json/wrangler.json", "variant/wrangler.staging.jsonc"]) expect(rules).toContain(`${file} durable-objects/wrangler/valid-migration-tags`);
	});

	it("writes the report where --out says, with links that lead back, and none with --no-report", async () => {
		const folder = await project(broken);
		expect((await doLint(folder, "--no-report")).code).toBe(1);
		expect(await filesOf(folder)).toEqual(["src/index.ts", "wrangler.jsonc"]);
		await doLint(folder, "--out", "reports/today");
		expect(await filesOf(folder)).toEqual(["reports/today/self_review.md", "reports/today/validation_report.json", "src/index.ts", "wrangler.jsonc"]);
		expect(await readFile(join(folder, "reports/today/self_review.md"), "utf8")).toContain("](../../src/index.ts#L5)");
	});

	it("gives the same bytes again", async () => {
		const folder = await project(broken);
		const once = async () => {
			await run(process.execPath, [bin], folder, { SOURCE_DATE_EPOCH: "1700000000" });
			return Promise.all(REPORT.map((name) => readFile(join(folder, name), "utf8")));
		};
		const first = await once();
		expect(await once()).toEqual(first);
		expect(first[1]).toContain('"run_date": "2023-11-14T22:13:20.000Z"');
	});

	it("groups a monorepo by Worker", async () => {
		const folder = await project({
			"apps/chat/wrangler.jsonc": config("chat", "Room"),
			"apps/chat/src/index.ts": cleanClass("Room"),
			"apps/jobs/wrangler.toml": 'name = "jobs"\nmain = "src/index.ts"\ncompatibility_date = "2026-10-01"\n[[durable_objects.bindings]]\nname = "JOBS"\nclass_name = "Jobs"\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Jobs"]\n',
			"apps/jobs/src/index.ts": brokenClass("Jobs"),
			"apps/site/wrangler.jsonc": '{ "name": "site" }',
			"apps/site/src/index.ts": "export default { fetch: () => new Response('no objects here') };\n",
		});
		expect((await doLint(folder)).code).toBe(1);
		const { results } = await reportIn(folder);
		expect(results.workers).toEqual([
			{ name: "chat", config: "apps/chat/wrangler.jsonc", classes: ["Room"] },
			{ name: "jobs", config: "apps/jobs/wrangler.toml", classes: ["Jobs"] },
		]);
		const page = await readFile(join(folder, "self_review.md"), "utf8");
		expect(page.indexOf("## Worker chat")).toBeLessThan(page.indexOf("## Worker jobs"));
	});

	it("reads the Worker's configuration above the given path", async () => {
		const folder = await project(clean);
		expect((await doLint(folder, "src")).code).toBe(0);
		expect((await reportIn(folder)).results.workers).toEqual([{ name: "clean", config: "wrangler.jsonc", classes: ["Room"] }]);
	});

	it("lints files outside of the folder that it runs in", async () => {
		const folder = await project({ "here/readme.md": "", "there/wrangler.jsonc": config("x", "Room"), "there/src/index.ts": brokenClass("Room") });
		expect((await doLint(join(folder, "here"), "../there")).code).toBe(1);
		expect((await reportIn(join(folder, "here"))).results.findings[0]?.file).toBe("../there/src/index.ts");
	});

	it("accepts what a comment disables, with its reason", async () => {
		const text = brokenClass("Room").replace("\t\tsetInterval", "\t\t// eslint-disable-next-line durable-objects/no-timer-scheduling -- only for the demo\n\t\tsetInterval");
		const folder = await project({ ...broken, "src/index.ts": text });
		expect((await doLint(folder)).code).toBe(0);
		const answer = (await reportIn(folder)).results.classes[0]?.gotchas.find(({ gotcha }) => gotcha === "timers-as-schedule");
		expect(answer).toMatchObject({ status: "accepted", evidence: [{ justification: "only for the demo" }] });
	});

	it("is not disturbed by comments for rules that it does not know", async () => {
		const folder = await project({ ...clean, "src/index.ts": `/* eslint no-such-plugin/rule: "error" */\n// eslint-disable-next-line no-console\n${cleanClass("Room")}` });
		const { code, stdout } = await doLint(folder);
		expect(code).toBe(0);
		expect(stdout).not.toContain("no-such-plugin");
	});
});

describe("the files that are linted", () => {
	const linted = async (files: Files, ...args: readonly string[]) => {
		const folder = await project({ "wrangler.jsonc": config("x", "Room"), ...files });
		const { code } = await doLint(folder, ...args);
		return code === 2 ? [] : (await reportIn(folder)).results.classes.map(({ file }) => file);
	};

	it("are not those that .gitignore excludes, at any level", async () => {
		const files = { "src/a.ts": cleanClass("A"), "generated/b.ts": cleanClass("B"), "src/deep/c.ts": cleanClass("C"), "src/deep/keep/d.ts": cleanClass("D"), ".gitignore": "generated/\n", "src/deep/.gitignore": "*.ts\n!keep/d.ts\n" };
		expect(await linted(files)).toEqual(["src/a.ts", "src/deep/keep/d.ts"]);
	});

	it("are not those that a .gitignore above the folder of the run excludes", async () => {
		const folder = await project({ ".git/HEAD": "", ".gitignore": "gen/\n", "app/wrangler.jsonc": config("x", "A"), "app/a.ts": cleanClass("A"), "app/gen/b.ts": cleanClass("B") });
		await doLint(join(folder, "app"));
		expect((await reportIn(join(folder, "app"))).results.classes.map(({ file }) => file)).toEqual(["a.ts"]);
	});

	it("are neither dependencies, build output, declarations nor tests", async () => {
		const left = ["node_modules/x/a.ts", "dist/a.js", ".wrangler/tmp/a.js", "src/a.d.ts", "src/a.test.ts", "src/__tests__/a.ts", "build/a.js"];
		const files = Object.fromEntries(left.map((path, index) => [path, cleanClass(`C${index}`).replaceAll(/: Promise<void>|: number|override /gu, "")]));
		expect(await linted({ ...files, "src/a.ts": cleanClass("A") })).toEqual(["src/a.ts"]);
		expect(await linted(files, "src/a.test.ts", "dist")).toEqual(["dist/a.js", "src/a.test.ts"]);
	});

	it("have every extension of JavaScript and TypeScript, and odd names", async () => {
		const plain = (name: string) => cleanClass(name).replaceAll(/: Promise<void>|: number|override /gu, "");
		const files = { "a.js": plain("A"), "b.mjs": plain("B"), "c.cjs": plain("C").replace("export default", "const x ="), "d.jsx": `${plain("D")}\nconst e = <a />;\n`, "e.tsx": cleanClass("E"), "f.mts": cleanClass("F"), "g.cts": cleanClass("G"), "[id]/h (1).ts": cleanClass("H"), "{x,y}!.ts": cleanClass("I") };
		expect(await linted(files)).toEqual(Object.keys(files).sort());
	});

	it("are found without following links, loops least of all", async () => {
		const folder = await project(clean);
		await symlink(folder, join(folder, "src/loop"));
		await symlink(join(folder, "src"), join(folder, "again"));
		await symlink(join(folder, "nowhere.ts"), join(folder, "src/dangling.ts"));
		expect((await doLint(folder)).code).toBe(0);
		expect((await reportIn(folder)).results.classes.map(({ file }) => file)).toEqual(["src/index.ts"]);
	});
});

describe("a refusal", () => {
	it("when there is no Durable Object says where it looked", async () => {
		const folder = await project({ "wrangler.jsonc": '{ "name": "site" }', "src/index.ts": "export default {};\n" });
		await expectRefusal(folder, [], /no Durable Object in 1 code file and 1 Wrangler configuration at '.*'\. Run do-lint in the folder of a Worker/u);
		await expectRefusal(await project({ "a.txt": "" }), [], /no code and no Wrangler configuration/u);
	});

	it.each([
		[["nowhere"], /There is no file or folder 'nowhere'/u],
		[["readme.txt"], /'readme\.txt' is neither JavaScript or TypeScript nor a Wrangler configuration/u],
		[["--strikt"], /Unknown option '--strikt'\. Did you mean '--strict'\?/u],
		[["-x"], /Unknown option '-x'/u],
		[["--format", "xml"], /Unknown format 'xml'\. Known are stylish, json, sarif, github, markdown\./u],
		[["--format"], /--format/u],
		[["--max-warnings", "few"], /--max-warnings needs a whole number, not 'few'/u],
		[["--out", "x", "--no-report"], /contradict/u],
		[["--out", "readme.txt"], /cannot be written to 'readme\.txt'/u],
		[["--base", "HEAD~1"], /git knows no revision 'HEAD~1'/u],
		[["--base=--help"], /git knows no revision '--help'/u],
		[["--write"], /--write belongs to do-lint init/u],
		[["explain", "no-timer"], /There is no rule 'no-timer'\. Did you mean 'no-timer-scheduling'\?/u],
		[["explain", "zzz"], /There is no rule 'zzz'\. 'do-lint explain' lists all\./u],
	])("for %j", async (args, message) => {
		await expectRefusal(await project({ ...broken, "readme.txt": "" }), args, message);
	});

	it("when code or configuration cannot be parsed names the place, and leaves an old report alone", async () => {
		const folder = await project({ ...clean, "validation_report.json": "old", "self_review.md": "old" });
		await writeFile(join(folder, "src/index.ts"), `${cleanClass("Room")}\nclass {`);
		await expectRefusal(folder, [], /Cannot be parsed: src\/index\.ts:1[56]:\d+ /u);
		await writeFile(join(folder, "src/index.ts"), cleanClass("Room"));
		await writeFile(join(folder, "wrangler.jsonc"), '{\n\t"durable_objects": [,]\n}');
		await expectRefusal(folder, [], /Cannot be parsed: wrangler\.jsonc:2:\d+ /u);
		expect(await readFile(join(folder, "self_review.md"), "utf8")).toBe("old");
	});

	it("does not care for files without Durable Objects that cannot be parsed", async () => {
		const folder = await project({ ...clean, "template.ts": "class {{ name }} {" });
		expect((await doLint(folder)).code).toBe(0);
	});

	it("when a file cannot be read", async () => {
		const folder = await project(clean);
		await symlink(join(folder, "gone.ts"), join(folder, "src/link.ts"));
		await expectRefusal(folder, ["src/link.ts"], /There is no file or folder 'src\/link\.ts'/u);
	});

	it("when the report's place is taken by a folder", async () => {
		const folder = await project(clean);
		await mkdir(join(folder, "self_review.md"));
		await expectRefusal(folder, [], /The report cannot be written to '\.'/u);
	});

	it("when ESLint is not installed says what to install", async () => {
		const folder = await project({
			...clean,
			"no-eslint.mjs": `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent("export async function resolve(name, context, next) { if (name === 'eslint') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); }"));`,
		});
		const ran = await run(process.execPath, ["--import", `file://${join(folder, "no-eslint.mjs")}`, bin], folder);
		expect(ran).toEqual({ code: 2, stdout: "", stderr: "do-lint: ESLint is not installed. Run: npm install --save-dev eslint\n" });
	});
});

describe("--max-warnings", () => {
	const warned = { ...clean, "wrangler.jsonc": config("warned", "Room").replace("new_sqlite_classes", "new_classes") };
	it("decides whether warnings fail the run", async () => {
		const folder = await project(warned);
		const codes: (number | null)[] = [];
		for (const args of [[], ["--max-warnings", "1"], ["--max-warnings=0"]]) codes.push((await doLint(folder, ...args)).code);
		expect((await reportIn(folder)).results).toMatchObject({ errors: 0, warnings: 1 });
		expect(codes).toEqual([0, 0, 1]);
	});
});

describe("--format", () => {
	const output = async (format: string) => {
		const folder = await project({ ...broken, "src/a,b:c%.ts": brokenClass("Odd") });
		return { folder, ...(await doLint(folder, "--format", format)) };
	};

	it("json is ESLint's", async () => {
		const { stdout, code } = await output("json");
		const results = JSON.parse(stdout) as { filePath: string; messages: { ruleId: string }[] }[];
		expect(code).toBe(1);
		expect(results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))).toEqual(["durable-objects/no-timer-scheduling", "durable-objects/no-timer-scheduling"]);
	});

	it("github is one command a finding, escaped", async () => {
		const { stdout } = await output("github");
		const [odd, index] = stdout.trim().split("\n");
		expect(odd).toMatch(/^::error file=src\/a%2Cb%3Ac%25\.ts,line=5,col=3,title=durable-objects\/no-timer-scheduling::/u);
		expect(index).toMatch(/^::error file=src\/index\.ts,line=5,col=3,.*docs\/rules\/no-timer-scheduling\.md$/u);
	});

	it("sarif names rule, page and place", async () => {
		const { stdout } = await output("sarif");
		const { version, runs } = JSON.parse(stdout) as { version: string; runs: [{ tool: { driver: { rules: { id: string; helpUri: string }[] } }; results: { ruleId: string; ruleIndex: number; level: string; locations: object[] }[] }] };
		expect(version).toBe("2.1.0");
		expect(runs[0].tool.driver.rules).toMatchObject([{ id: "durable-objects/no-timer-scheduling", helpUri: expect.stringMatching(/^https:/u) as string }]);
		expect(runs[0].results[0]).toMatchObject({
			ruleId: "durable-objects/no-timer-scheduling",
			ruleIndex: 0,
			level: "error",
			locations: [{ physicalLocation: { artifactLocation: { uri: "src/a%2Cb%3Ac%25.ts" }, region: { startLine: 5, startColumn: 3 } } }],
		});
	});

	it("github and sarif name files from the repository's root, wherever the command runs", async () => {
		const folder = await project({ ".git/HEAD": "", "apps/chat/wrangler.jsonc": config("x", "Room"), "apps/chat/src/index.ts": brokenClass("Room") });
		const here = join(folder, "apps/chat");
		expect((await doLint(here, "--format", "github", "--no-report")).stdout).toMatch(/^::error file=apps\/chat\/src\/index\.ts,/u);
		expect((await doLint(here, "--format", "sarif", "--no-report")).stdout).toContain('"uri": "apps/chat/src/index.ts"');
	});

	it("github puts the review on the run's page, with links that lead to the commit", async () => {
		const folder = await project({ ".git/HEAD": "", "summary.md": "before\n", "apps/chat/wrangler.jsonc": config("x", "Room"), "apps/chat/src/index.ts": brokenClass("Room") });
		const env = { GITHUB_STEP_SUMMARY: join(folder, "summary.md"), GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "o/r", GITHUB_SHA: "abc" };
		const { code } = await run(process.execPath, [bin, "--format", "github"], join(folder, "apps/chat"), env);
		expect(code).toBe(1);
		const summary = await readFile(join(folder, "summary.md"), "utf8");
		expect(summary).toMatch(/^before\n# Durable Objects self-review\n/u);
		expect(summary).toContain("](https://github.com/o/r/blob/abc/apps/chat/src/index.ts#L5)");
		expect(await readFile(join(folder, "apps/chat/self_review.md"), "utf8")).toContain("](src/index.ts#L5)");
	});

	it("stylish does not pad messages that are longer than any screen", async () => {
		const folder = await project({ ...broken, "wrangler.jsonc": config("broken", "Room").replace("new_sqlite_classes", "new_classes") });
		expect((await doLint(folder, "--no-report")).stdout).toMatch(/\S {2}durable-objects\/no-timer-scheduling\n/u);
	});

	it("markdown is the review's page", async () => {
		const { stdout, folder } = await output("markdown");
		expect(stdout).toBe(await readFile(join(folder, "self_review.md"), "utf8"));
	});
});

describe("--base", () => {
	it("finds migrations that were changed after the given revision", async () => {
		const folder = await project(clean);
		const git = (...args: readonly string[]) => run("git", ["-c", "user.name=x", "-c", "user.email=x@example.org", ...args], folder);
		await git("init", "-q");
		await git("add", ".");
		expect((await git("commit", "-q", "-m", "deployed")).code).toBe(0);
		await writeFile(join(folder, "wrangler.jsonc"), config("clean", "Room").replace('"v1"', '"v2"'));
		expect((await doLint(folder, "--base", "HEAD")).code).toBe(1);
		expect((await reportIn(folder)).results.findings.map(({ rule }) => rule)).toEqual(["durable-objects/wrangler/no-rewritten-migrations"]);
		expect((await doLint(folder)).code).toBe(0);
	});
});

describe("--config", () => {
	const eslintConfig = (rules: string, name = "durable-objects") => `import plugin from ${JSON.stringify(bin.replace(/bin\.js$/u, "index.js"))};
export default [
	...plugin.configs.recommended.map((block) => ({ ...block, plugins: { "${name}": plugin }, language: block.language && "${name}/wrangler", rules: Object.fromEntries(Object.entries(block.rules ?? {}).map(([id, level]) => [id.replace(/^durable-objects/, "${name}"), level])) })),
	{ files: ["**/*.ts"], rules: ${rules} },
	{ ignores: ["ignored/**"] },
];
`.replaceAll(/, language: block\.language && "[\w-]+\/wrangler"/gu, name === "durable-objects" ? "" : "$&");

	it("lets the project's own configuration decide on rules, levels and files", async () => {
		const folder = await project({ ...broken, "ignored/b.ts": brokenClass("Ignored"), "eslint.config.mjs": eslintConfig('{ "durable-objects/no-timer-scheduling": "warn", "no-undef": "error" }') });
		const { code, stdout } = await doLint(folder, "--config");
		expect(stdout).toMatch(/warning .*durable-objects\/no-timer-scheduling/u);
		expect(stdout).not.toContain("no-undef");
		expect(code).toBe(0);
		expect((await reportIn(folder)).results.classes.map(({ name }) => name)).toEqual(["Room"]);
	});

	it("uses the rules' options of that configuration", async () => {
		const folder = await project({ ...broken, "eslint.config.mjs": eslintConfig('{ "durable-objects/no-timer-scheduling": ["error", { maxDelayMs: 1, allowInterval: true }] }') });
		expect((await doLint(folder, "--config")).code).toBe(0);
		expect((await reportIn(folder)).results.classes[0]?.gotchas.find(({ gotcha }) => gotcha === "timers-as-schedule")?.status).toBe("guarded");
	});

	it("refuses a configuration without this plugin, and a broken one", async () => {
		const without = await project({ ...broken, "eslint.config.mjs": 'export default [{ files: ["**/*.ts"] }];' });
		await expectRefusal(without, ["--config"], /does not use eslint-plugin-durable-objects/u);
		await expectRefusal(await project({ ...broken, "eslint.config.mjs": "throw new Error('kaputt');" }), ["--config"], /ESLint could not run: kaputt/u);
		await expectRefusal(await project({ ...broken, "eslint.config.mjs": 'import "@a/missing-plugin";' }), ["--config"], /Cannot find package '@a\/missing-plugin'.* Install it: npm install --save-dev @a\/missing-plugin$/mu);
	});

	it("is not read, and not run, without the option", async () => {
		const folder = await project({ ...clean, "eslint.config.mjs": "throw new Error('kaputt');" });
		expect((await doLint(folder)).code).toBe(0);
	});
});

describe("other commands", () => {
	it("--help, --version", async () => {
		const folder = await project({});
		expect((await doLint(folder, "--help")).stdout).toContain("--max-warnings <n>");
		expect((await doLint(folder, "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
		expect(await filesOf(folder)).toEqual([]);
	});

	it("explain says what a rule is about, and lists all", async () => {
		const folder = await project({});
		const one = await doLint(folder, "explain", "durable-objects/no-timer-scheduling");
		expect(one).toMatchObject({ code: 0, stderr: "" });
		expect(one.stdout).toContain("no-timer-scheduling");
		const list = (await doLint(folder, "explain")).stdout.trim().split("\n");
		expect(list.some((line) => line.startsWith("wrangler/valid-migration-tags "))).toBe(true);
	});
});
