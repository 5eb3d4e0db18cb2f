/** The packed package under the package managers that are no npm. They are themselves installed from the registry. */
import { execFile } from "node:child_process";
import { mkdirSync, realpathSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npm, packed, write } from "../package/packed.ts";
import { worker } from "../package/worker.ts";

const run = promisify(execFile);

interface Manager {
	readonly files?: Readonly<Record<string, string>>;
	/** Relative to the folder in which the managers are installed. */
	readonly program: string;
	readonly install: readonly string[];
	readonly execute: readonly string[];
}

const versions = { bun: "1.4.4", pnpm: "12.4.2", yarn: "1.22.22", "@yarnpkg/cli-dist": "4.18.1" };
const berry = (linker: string): Manager => ({
	// An empty lock file makes the folder a project of its own.
	files: { ".yarnrc.yml": `nodeLinker: ${linker}\nenableGlobalCache: false\n`, "yarn.lock": "" },
	program: "node_modules/@yarnpkg/cli-dist/bin/yarn.js",
	install: ["install"],
	execute: [],
});
const managers: Readonly<Record<string, Manager>> = {
	bun: { program: "node_modules/.bin/bun", install: ["install"], execute: ["run"] },
	pnpm: { program: "node_modules/.bin/pnpm", install: ["install"], execute: ["exec"] },
	"yarn 1": { program: "node_modules/yarn/bin/yarn.js", install: ["install"], execute: ["--silent", "run"] },
	"yarn 4 with node_modules": berry("node-modules"),
	"yarn 4 with Plug'n'Play": berry("pnp"),
};

describe.skipIf(!process.env["DOORS"])("do-lint, installed by", () => {
	const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "package-managers-")));
	beforeAll(async () => {
		write(folder, { "package.json": JSON.stringify({ private: true, dependencies: versions, allowScripts: { bun: true } }) });
		await npm(["install"], folder);
	}, 300_000);
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it.each(Object.entries(managers))("%s", async (name, { files = {}, program, install, execute }) => {
		const { tarball } = await packed();
		const project = path.join(folder, name.replace(/\W+/gu, "-"));
		mkdirSync(project);
		const devDependencies = { eslint: "10.15.0", "eslint-plugin-durable-objects": `file:${tarball}` };
		write(project, { ...worker, ...files, "package.json": JSON.stringify({ name: "user", version: "1.0.0", private: true, devDependencies }) });
		const command = async (...args: readonly string[]): Promise<string> => {
			const file = path.join(folder, program);
			const [executable, ...all] = file.endsWith(".js") ? [process.execPath, file, ...args] : [file, ...args];
			// Findings end with 1, and are what is looked for.
			const { stdout } = await run(executable, all, { cwd: project, env: { ...process.env, NO_COLOR: "1" }, maxBuffer: 1e8 }).catch((error: unknown) => error as { stdout: string });
			return stdout;
		};
		await command(...install);
		const found = JSON.parse(await command(...execute, "do-lint", "--no-report", "--format", "json")) as { readonly messages: { readonly ruleId: string }[] }[];
		expect(found.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))).toContain("durable-objects/no-timer-scheduling");
	}, 300_000);
});
