/** The command as users run it: built, and in a process of its own. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "tsdown";

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Builds the command and the formatter.
 *
 * @param name - a folder of its own, inside node_modules: the dependencies are found from there
 */
export async function buildInto(name: string): Promise<string> {
	const outDir = join(ROOT, "node_modules", ".cache", name);
	await build({
		config: false,
		cwd: ROOT,
		entry: { bin: "src/cli/bin.ts", formatter: "src/report/formatter.ts", index: "src/index.ts" },
		format: "esm",
		platform: "node",
		target: "node20.19",
		fixedExtension: false,
		dts: false,
		clean: true,
		logLevel: "silent",
		outDir,
	});
	return outDir;
}

export type Files = Readonly<Record<string, string>>;

/** A new folder with these files in it. */
export async function project(files: Files): Promise<string> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), "do-lint-")));
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), text);
	}
	return folder;
}

/** The names of all files of a folder, without those in node_modules and .git. */
export async function filesOf(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
	return paths.filter((path) => !/^(?:node_modules|\.git)\//u.test(path)).sort();
}

export interface Ran {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
	return new Promise((done, fail) => {
		const child = spawn(command, [...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
		child.on("error", fail);
		child.on("close", (code) => done({ code, stdout, stderr }));
	});
}

export const config = (name: string, className: string, more = ""): string => `{
	"name": "${name}",
	"main": "src/index.ts",
	"compatibility_date": "2026-10-01",
	"durable_objects": { "bindings": [{ "name": "OBJECT", "class_name": "${className}" }] },
	"migrations": [{ "tag": "v1", "new_sqlite_classes": ["${className}"] }],${more}
}
`;

export const cleanClass = (name: string): string => `import { DurableObject } from "cloudflare:workers";

export class ${name} extends DurableObject {
	async remind(at: number): Promise<void> {
		await this.ctx.storage.setAlarm(at);
	}

	override async alarm(): Promise<void> {
		await this.ctx.storage.deleteAlarm();
		await this.ctx.storage.deleteAll();
	}
}

export default { fetch: () => new Response("ok") };
`;

/** Violates no-timer-scheduling, an error, on line 5. */
export const brokenClass = (name: string): string => `import { DurableObject } from "cloudflare:workers";

export class ${name} extends DurableObject {
	start(): void {
		setInterval(() => this.ctx.storage.put("beat", Date.now()), 60_000);
	}
}

export default { fetch: () => new Response("ok") };
`;
