/** The types of the public API, as the TypeScript versions see them that users have. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Project } from "./packed.ts";

const compilers = ["5.4.5", "5.9.3", "6.0.3", "7.0.2"];
const eslints = ["10.15.0", "9.39.5"];

const files = {
	"right.ts": `import { defineConfig } from "eslint/config";
import durableObjects from "eslint-plugin-durable-objects";
import format from "eslint-plugin-durable-objects/formatter";
import { ESLint, type Linter, type Rule } from "eslint";

export default defineConfig([
	{ plugins: { "durable-objects": durableObjects }, extends: ["durable-objects/recommended"] },
	{ files: ["src/**"], plugins: { "durable-objects": durableObjects }, extends: ["durable-objects/strict"], rules: { "durable-objects/no-timer-scheduling": "off" } },
	{ extends: [durableObjects.configs.recommended, durableObjects.configs["recommended-rules-only"]] },
	durableObjects.configs.strict,
	...durableObjects.configs.recommended,
	{ files: ["**/wrangler.jsonc"], plugins: { "durable-objects": durableObjects }, language: "durable-objects/wrangler" },
]);

export const older: Linter.Config[] = [...durableObjects.configs.recommended];
export const plugin: ESLint.Plugin = durableObjects;
export const rules: Record<string, Rule.RuleModule> = durableObjects.rules;
export const names: string[] = [durableObjects.meta.name, durableObjects.meta.version, durableObjects.meta.namespace];
export const report: Promise<string> = new ESLint().lintFiles(".").then((results) => format(results, { cwd: process.cwd() }));
`,
	"wrong.ts": `import durableObjects from "eslint-plugin-durable-objects";

export const preset = durableObjects.configs.unheardOf;
export const version: number = durableObjects.meta.version;
export const any: { nothing: "like it" } = durableObjects.rules;
`,
	"tsconfig.json": JSON.stringify({
		compilerOptions: { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, module: "nodenext", target: "es2022", lib: ["es2023"], types: ["node"], noEmit: true, skipLibCheck: false },
		include: ["*.ts"],
	}),
};

describe.skipIf(!process.env["DOORS"]).each(eslints)("the types beside ESLint %s", (eslint) => {
	let project: Project;
	beforeAll(async () => {
		const typescripts = compilers.map((version) => [`typescript-${version}`, `npm:typescript@${version}`]);
		project = await Project.install({ eslint, "@types/node": "20.19.43", ...(Object.fromEntries(typescripts) as Record<string, string>) }, files);
	});
	afterAll(() => project?.remove());

	/** What the compiler complains of in our declarations and in the files of the project, by file. */
	async function check(version: string): Promise<string[]> {
		const compiler = path.join(project.folder, "node_modules", `typescript-${version}`, "bin/tsc");
		const { stdout } = await promisify(execFile)(process.execPath, [compiler, "--pretty", "false"], { cwd: project.folder }).catch((error: unknown) => error as { stdout: string });
		const complaints = stdout.split("\n").filter((line) => /^\S.*\(\d+,\d+\): error TS\d+/u.test(line));
		return complaints.filter((line) => !line.startsWith("node_modules/") || line.includes("/eslint-plugin-durable-objects/"));
	}

	it.each(compilers)("hold under TypeScript %s", async (version) => {
		const complaints = await check(version);
		expect(complaints.filter((line) => !line.startsWith("wrong.ts"))).toEqual([]);
		// The compiler was really there, and the types are no `any`.
		expect(complaints.map((line) => line.replace(/^wrong\.ts\((\d+),.*/u, "$1"))).toEqual(["3", "4", "5"]);
	});
});
