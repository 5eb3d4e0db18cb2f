import { readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import schema from "../../schema/validation-report.schema.json" with { type: "json" };
import type { ValidationReport } from "../../src/report/validation-report.ts";
import { brokenClass, buildInto, cleanClass, config, type Files, filesOf, project, type Ran, run } from "../cli/built.ts";

const NODE_MODULES = resolve(import.meta.dirname, "../../node_modules");

let dist: string;
beforeAll(async () => {
	dist = await buildInto("do-lint-formatter");
});

const eslint = (cwd: string, ...args: readonly string[]): Promise<Ran> => run(process.execPath, [join(NODE_MODULES, "eslint/bin/eslint.js"), ...args], cwd, { NO_COLOR: "1", SOURCE_DATE_EPOCH: "0" });

async function eslintProject(files: Files, rules = "{}"): Promise<string> {
	const folder = await project({
		"wrangler.jsonc": config("room", "Room"),
		"eslint.config.mjs": `import plugin from ${JSON.stringify(join(dist, "index.js"))};
export default [...plugin.configs.recommended, { files: ["**/*.ts"], rules: ${rules} }];
`,
		...files,
	});
	await symlink(NODE_MODULES, join(folder, "node_modules"));
	return folder;
}

async function reportIn(folder: string): Promise<ValidationReport> {
	return JSON.parse(await readFile(join(folder, "validation_report.json"), "utf8")) as ValidationReport;
}

describe("the formatter", () => {
	it("prints what stylish prints, and writes the report", async () => {
		const folder = await eslintProject({ "src/index.ts": brokenClass("Room") });
		const plain = await eslint(folder, ".");
		const ours = await eslint(folder, "-f", join(dist, "formatter.js"), ".");
		expect(plain.stdout).toContain("durable-objects/no-timer-scheduling");
		expect(ours.code).toBe(1);
		expect(ours.stdout.startsWith(plain.stdout.trimEnd())).toBe(true);
		const report = await reportIn(folder);
		const validate = new Ajv({ strict: false }).compile(schema);
		expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
		expect(report.run_date).toBe("1970-01-01T00:00:00.000Z");
		expect(report.results.classes[0]).toMatchObject({ name: "Room", worker: "wrangler.jsonc" });
		expect(report.results.classes[0]?.gotchas.find(({ gotcha }) => gotcha === "timers-as-schedule")?.status).toBe("violated");
		expect(report.results.configurations[0]?.gotchas.find(({ gotcha }) => gotcha === "migration-tags")?.status).toBe("guarded");
	});

	it("writes what do-lint --config writes", async () => {
		const folder = await eslintProject({ "src/index.ts": brokenClass("Room") }, '{ "durable-objects/no-timer-scheduling": "warn" }');
		await eslint(folder, "-f", join(dist, "formatter.js"), ".");
		const byFormatter = await reportIn(folder);
		await run(process.execPath, [join(dist, "bin.js"), "--config"], folder, { SOURCE_DATE_EPOCH: "0" });
		expect(byFormatter).toEqual(await reportIn(folder));
	});

	it("tells accepted findings and options of the project's configuration", async () => {
		const text = brokenClass("Room").replace("\t\tsetInterval", "\t\t// eslint-disable-next-line durable-objects/no-timer-scheduling -- a demo\n\t\tsetInterval");
		const folder = await eslintProject({ "src/index.ts": text });
		expect((await eslint(folder, "-f", join(dist, "formatter.js"), ".")).code).toBe(0);
		const status = async () => (await reportIn(folder)).results.classes[0]?.gotchas.find(({ gotcha }) => gotcha === "timers-as-schedule")?.status;
		expect(await status()).toBe("accepted");
		await writeFile(join(folder, "eslint.config.mjs"), (await readFile(join(folder, "eslint.config.mjs"), "utf8")).replace("rules: {}", 'rules: { "durable-objects/no-timer-scheduling": ["error", { allowInterval: true }] }'));
		await eslint(folder, "-f", join(dist, "formatter.js"), ".");
		expect(await status()).toBe("guarded");
	});

	it("works with ESLint's cache and worker threads", async () => {
		const folder = await eslintProject({ "src/index.ts": brokenClass("Room"), "src/other.ts": cleanClass("Other") });
		const args = ["--cache", "--concurrency", "2", "-f", join(dist, "formatter.js"), "."];
		await eslint(folder, ...args);
		const cold = await reportIn(folder);
		await eslint(folder, ...args);
		expect(await reportIn(folder)).toEqual(cold);
		expect(cold.results.classes.map(({ name }) => name)).toEqual(["Room", "Other"]);
	});

	it("writes nothing where there is no Durable Object", async () => {
		const folder = await eslintProject({ "wrangler.jsonc": '{ "name": "site" }', "src/index.ts": "export default {};\n" });
		expect(await eslint(folder, "-f", join(dist, "formatter.js"), ".")).toMatchObject({ code: 0, stderr: "" });
		expect(await filesOf(folder)).not.toContain("validation_report.json");
	});

	it("leaves files that cannot be parsed to ESLint", async () => {
		const folder = await eslintProject({ "src/index.ts": brokenClass("Room"), "src/half.ts": "class {" });
		const { code, stdout } = await eslint(folder, "-f", join(dist, "formatter.js"), ".");
		expect(code).toBe(1);
		expect(stdout).toContain("Parsing error");
		expect((await reportIn(folder)).overall_passed).toBe(false);
	});
});
