/** Finds what there is to lint below the given paths. */
import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { globby } from "globby";
import { isConfigFile } from "../wrangler/parse.ts";
import { CannotRun } from "./problem.ts";

export interface FoundFiles {
	/** Absolute paths, sorted, each once. */
	readonly configs: readonly string[];
	readonly code: readonly string[];
}

const CODE = "{ts,tsx,mts,cts,js,mjs,cjs,jsx}";
const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/iu.test(path);

const patterns = [`**/*.${CODE}`, "**/wrangler.{json,jsonc,toml}", "**/wrangler.*.{json,jsonc,toml}"];

/** What no one writes by hand, and what is no part of the Worker. */
const ignored = [
	"**/{node_modules,bower_components,vendor}/**",
	"**/{dist,build,out,coverage}/**",
	"**/{.git,.wrangler,.next,.open-next,.nuxt,.output,.svelte-kit,.astro,.turbo,.vercel,.cache,.yarn,.pnpm-store}/**",
	"**/*.d.{ts,mts,cts}",
	"**/*.min.{js,mjs,cjs}",
	`**/*.{test,spec}.${CODE}`,
	"**/{__tests__,__mocks__}/**",
];

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

async function isFolder(path: string, given: string): Promise<boolean> {
	try {
		return (await stat(path)).isDirectory();
	} catch (error) {
		if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) throw new CannotRun(`There is no file or folder '${given}'. Name an existing one, or none to lint this folder.`, { cause: error });
		throw new CannotRun(`'${given}' cannot be read (${codeOf(error)}).`, { cause: error });
	}
}

async function filesBelow(folder: string): Promise<string[]> {
	try {
		return await globby(patterns, { cwd: folder, absolute: true, gitignore: true, ignore: ignored, followSymbolicLinks: false, dot: true });
	} catch (error) {
		const where = error instanceof Error && "path" in error ? String(error.path) : folder;
		throw new CannotRun(`'${where}' cannot be read (${codeOf(error) || String(error)}). Make it readable, or exclude it in .gitignore.`, { cause: error });
	}
}

/**
 * @param paths - files and folders, relative to `cwd`; a file that is named is taken whatever it is called
 * @throws CannotRun when a path does not exist or cannot be read
 */
export async function findFiles(paths: readonly string[], cwd: string): Promise<FoundFiles> {
	const found = new Set<string>();
	for (const given of paths) {
		const path = resolve(cwd, given);
		if (await isFolder(path, given)) for (const file of await filesBelow(path)) found.add(resolve(file));
		else if (isCode(path) || isConfigFile(path)) found.add(path);
		else throw new CannotRun(`'${given}' is neither JavaScript or TypeScript nor a Wrangler configuration (${basename(path)}).`);
	}
	const all = [...found].sort();
	return { configs: all.filter(isConfigFile), code: all.filter((path) => !isConfigFile(path)) };
}

/** @throws CannotRun when the file cannot be read */
export async function readSource(file: string): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		throw new CannotRun(`'${file}' cannot be read (${codeOf(error)}). Make it readable, or exclude it in .gitignore.`, { cause: error });
	}
}
