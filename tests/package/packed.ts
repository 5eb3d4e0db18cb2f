/** The package as it would be published, and folders in which it is installed. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const root = path.resolve(import.meta.dirname, "../..");
const cache = path.join(root, "node_modules/.cache/package");
const node = promisify(execFile);

/** What the package is made of: a change of any of it makes a new package. */
const ingredients = ["src", "docs", "schema", "package.json", "package-lock.json", "tsdown.config.ts", "scripts/third-party-licences.ts", "LICENSE", "README.md"];

function filesOf(ingredient: string): string[] {
	const full = path.join(root, ingredient);
	const below = () => readdirSync(full, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
	return path.extname(ingredient) === "" && ingredient !== "LICENSE" ? below() : [full];
}

function fingerprint(): string {
	const hash = createHash("sha256");
	for (const file of ingredients.flatMap(filesOf).toSorted()) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
	return hash.digest("hex").slice(0, 16);
}

/** Runs one of npm's commands. @throws with npm's own words when it fails */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
	const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false", npm_config_prefer_offline: "true", npm_config_loglevel: "error" };
	// What npm tells its scripts (`npm test`) must not reach the npm that is tried here.
	const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
	const { stdout } = await node("npm", [...args], { cwd, env: { ...Object.fromEntries(inherited), ...quiet }, maxBuffer: 1e8 });
	return stdout;
}

export interface Packed {
	/** Absolute path of the tarball. */
	readonly tarball: string;
	/** The folder that was packed: `package.json`, `dist` and all that the tarball holds. */
	readonly folder: string;
}

/** Builds and packs the package in a folder of its own; done once for the same sources. */
export async function packed(): Promise<Packed> {
	const folder = path.join(cache, fingerprint());
	const tarball = path.join(folder, "package.tgz");
	if (existsSync(tarball)) return { tarball, folder };
	mkdirSync(cache, { recursive: true });
	const fresh = mkdtempSync(path.join(cache, "new-"));
	for (const ingredient of ["docs", "schema", "package.json", "LICENSE", "README.md"]) cpSync(path.join(root, ingredient), path.join(fresh, ingredient), { recursive: true });
	await node(process.execPath, [path.join(root, "node_modules/tsdown/dist/run.mjs"), "--out-dir", path.join(fresh, "dist"), "--logLevel", "error"], { cwd: root });
	const [answer] = JSON.parse(await npm(["pack", "--json", "--ignore-scripts"], fresh)) as [{ readonly filename: string }];
	renameSync(path.join(fresh, answer.filename), path.join(fresh, "package.tgz"));
	try {
		renameSync(fresh, folder);
	} catch (error) {
		// Another test file was faster; its package is the same.
		if (!existsSync(tarball)) throw error;
		rmSync(fresh, { recursive: true });
	}
	return { tarball, folder };
}

export type Files = Readonly<Record<string, string>>;

export function write(folder: string, files: Files): void {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
		writeFileSync(path.join(folder, name), text);
	}
}

export interface Ran {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** A user's project, outside of this one. */
export class Project {
	readonly folder: string;

	private constructor(folder: string) {
		this.folder = folder;
	}

	/** @param dependencies - by name; the plugin itself is added */
	static async install(dependencies: Readonly<Record<string, string>>, files: Files = {}): Promise<Project> {
		const { tarball } = await packed();
		const project = new Project(realpathSync(mkdtempSync(path.join(tmpdir(), "user-of-plugin-"))));
		const devDependencies = { ...dependencies, "eslint-plugin-durable-objects": `file:${tarball}` };
		write(project.folder, { ...files, "package.json": JSON.stringify({ name: "user", version: "1.0.0", private: true, type: "module", devDependencies }, null, "\t") });
		await npm(["install"], project.folder);
		return project;
	}

	/** Runs a program out of `node_modules/.bin`, the way `npx` finds it. */
	async run(program: string, ...args: readonly string[]): Promise<Ran> {
		const bin = path.join(this.folder, "node_modules/.bin", program);
		try {
			const { stdout, stderr } = await node(bin, [...args], { cwd: this.folder, env: { ...process.env, NO_COLOR: "1" }, maxBuffer: 1e8 });
			return { code: 0, stdout, stderr };
		} catch (error) {
			const failed = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string };
			if (typeof failed.code !== "number") throw error;
			return { code: failed.code, stdout: failed.stdout ?? "", stderr: failed.stderr ?? "" };
		}
	}

	read(name: string): string {
		return readFileSync(path.join(this.folder, name), "utf8");
	}

	/** The version of a package that Node would load from the project. */
	version(name: string): string {
		return (JSON.parse(this.read(`node_modules/${name}/package.json`)) as { readonly version: string }).version;
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
