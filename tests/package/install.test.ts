/** The published package in the hands of its users: installed by npm into a project of their own. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ValidationReport } from "../../src/report/validation-report.ts";
import { type Files, Project, root, write } from "./packed.ts";
import { counts, eslintConfig, findings, worker } from "./worker.ts";

const { devDependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
const newest = devDependencies["eslint"] as string;

/** The first is tried always; the others take their time: `npm run test:doors`. */
const setups = [
	{ name: "ESLint 10", dependencies: { eslint: newest }, always: true },
	{ name: "the newest ESLint 9", dependencies: { eslint: "9.39.5" }, always: false },
	{ name: "the oldest ESLint that is supported", dependencies: { eslint: "9.38.0" }, always: false },
	{ name: "TypeScript 7", dependencies: { eslint: newest, typescript: "7.0.2" }, always: false },
	{ name: "TypeScript 5 and typescript-eslint", dependencies: { eslint: newest, typescript: "5.9.3", "typescript-eslint": "8.73.0" }, always: false },
] as const;

const clean: Files = {
	"clean/wrangler.toml": `name = "clean"
main = "index.js"
compatibility_date = "2026-10-01"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Notes"]
`,
	"clean/index.js": `import { DurableObject } from "cloudflare:workers";

export class Notes extends DurableObject {
	async read(key) {
		return this.ctx.storage.get(key);
	}
}

export default { fetch: () => new Response("ok") };
`,
};

describe.each(setups.filter(({ always }) => always || process.env["DOORS"]))("beside $name", ({ dependencies }) => {
	let project: Project;
	beforeAll(async () => {
		project = await Project.install(dependencies, { ...worker, ...clean });
	});
	afterAll(() => project?.remove());

	function brief(results: readonly ESLint.LintResult[]): Record<string, string[]> {
		return Object.fromEntries(
			results.map(({ filePath, messages }) => [
				path.relative(project.folder, filePath),
				messages.map(({ severity, line, column, ruleId }) => `${severity === 2 ? "error" : "warning"} ${line}:${column} ${ruleId ?? "-"}`),
			]),
		);
	}

	it("has the versions that were asked for", () => {
		for (const [name, version] of Object.entries(dependencies)) expect(project.version(name)).toBe(version);
	});

	it.each(["do-lint", "eslint-plugin-durable-objects"])("%s finds everything without any configuration", async (program) => {
		const { code, stdout, stderr } = await project.run(program, "--format", "json");
		expect(stderr).toMatch(/^3 Durable Object classes; .+ Report: validation_report\.json, self_review\.md\.\n$/u);
		expect(brief(JSON.parse(stdout) as ESLint.LintResult[])).toMatchObject(findings);
		expect(code).toBe(1);
		const report = JSON.parse(project.read("validation_report.json")) as ValidationReport;
		expect(report.results).toMatchObject(counts);
		expect(project.read("self_review.md")).toContain("Counter");
		for (const name of ["validation_report.json", "self_review.md"]) rmSync(path.join(project.folder, name));
	});

	it("says with its exit code how it went", async () => {
		expect(await project.run("do-lint", "clean", "--no-report")).toMatchObject({ code: 0, stderr: "" });
		expect(await project.run("do-lint", "counter", "room", "--no-report")).toMatchObject({ code: 1, stderr: "" });
		expect(await project.run("do-lint", "nowhere")).toMatchObject({ code: 2, stdout: "" });
		expect(await project.run("do-lint", "--unheard-of")).toMatchObject({ code: 2, stdout: "" });
	});

	it("is taken by ESLint under the names of its presets", async () => {
		write(project.folder, { "eslint.config.js": eslintConfig });
		const { code, stdout } = await project.run("eslint", ".", "--format", "json");
		expect(brief(JSON.parse(stdout) as ESLint.LintResult[])).toMatchObject(findings);
		expect(code).toBe(1);
	});

	it("writes the report as ESLint's formatter", async () => {
		const { code, stdout } = await project.run("eslint", ".", "--format", "./node_modules/eslint-plugin-durable-objects/dist/formatter.js");
		expect(code).toBe(1);
		expect(stdout).toContain("no-timer-scheduling");
		expect((JSON.parse(project.read("validation_report.json")) as ValidationReport).results).toMatchObject(counts);
	});
});
