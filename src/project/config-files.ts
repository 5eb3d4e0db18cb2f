/** Finds Wrangler configurations on disk and reads them, each text once. Reads only; nothing is ever run. */
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { readConfig, type WranglerConfig } from "../wrangler/config.ts";
import { parseConfig } from "../wrangler/parse.ts";
import { diskReader } from "../wrangler/source-files.ts";

/** The names that Wrangler looks for, in its own order. */
export const configNames = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

interface Folder {
	readonly mtimeMs: number;
	readonly names: ReadonlySet<string>;
	readonly folders: readonly string[];
}

const folders = new Map<string, Folder>();
const MAX_CACHED = 5_000;

/** What is in a folder; listed again when the folder has changed. Null if it cannot be listed. */
export function listFolder(path: string): Folder | null {
	try {
		const { mtimeMs } = statSync(path);
		const cached = folders.get(path);
		if (cached?.mtimeMs === mtimeMs) return cached;
		const entries = readdirSync(path, { withFileTypes: true });
		const folder: Folder = {
			mtimeMs,
			names: new Set(entries.map(({ name }) => name)),
			folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
		};
		if (folders.size >= MAX_CACHED) folders.clear();
		folders.set(path, folder);
		return folder;
	} catch {
		return null;
	}
}

/**
 * The folders in which a file's configuration may lie, the nearest first: its own, and those above up to `cwd` or to the
 * first one with `.git`. A file outside of both has only its own folder.
 */
export function foldersAbove(file: string, cwd: string): string[] {
	const start = dirname(resolve(cwd, file));
	const found: string[] = [];
	for (let folder = start; ; folder = dirname(folder)) {
		found.push(folder);
		if (folder === resolve(cwd) || listFolder(folder)?.names.has(".git")) return found;
		if (dirname(folder) === folder) return [start];
	}
}

/** The outermost folder that may be read on behalf of a file. */
export function projectRoot(file: string, cwd: string): string {
	return foldersAbove(file, cwd).at(-1) ?? resolve(cwd);
}

/** The configuration that Wrangler would take among those of one folder, or null. */
export function configIn(folder: string): string | null {
	const names = listFolder(folder)?.names;
	const name = configNames.find((candidate) => names?.has(candidate));
	return name === undefined ? null : join(folder, name);
}

/** The configuration nearest to a file, or null. */
export function nearestConfig(file: string, cwd: string): string | null {
	for (const folder of foldersAbove(file, cwd)) {
		const config = configIn(folder);
		if (config !== null) return config;
	}
	return null;
}

/** The text of a file below `root`, or null. */
export function readText(path: string, root: string): string | null {
	return diskReader(root).read(path);
}

const configs = new Map<string, { readonly text: string; readonly config: WranglerConfig | null }>();

/** A configuration on disk; null if there is none, or none that can be parsed. Parsed again when its text has changed. */
export function configAt(path: string, root: string): WranglerConfig | null {
	const text = readText(path, root);
	if (text === null) return null;
	const cached = configs.get(path);
	if (cached?.text === text) return cached.config;
	const config = configFrom(text, path);
	if (configs.size >= MAX_CACHED) configs.clear();
	configs.set(path, { text, config });
	return config;
}

export function configFrom(text: string, path: string): WranglerConfig | null {
	const parsed = parseConfig(text, path);
	return parsed.ok ? readConfig(parsed.document) : null;
}

/** A path as a message shows it: relative to the working directory, with slashes. */
export function shown(path: string, cwd: string): string {
	const way = relative(cwd, path);
	return (isAbsolute(way) || way.startsWith("..") ? path : way).split(sep).join("/");
}

/**
 * The configuration that Wrangler takes in place of this one, when it is started in this one's folder, or null. Wrangler
 * looks for `wrangler.json` in every folder upwards before it looks for `wrangler.jsonc` in any.
 */
export function shadowedBy(path: string, cwd: string): string | null {
	const name = basename(path);
	const own = configNames.findIndex((candidate) => candidate === name);
	if (own === -1) return null; // a file that is handed over with --config
	const above = foldersAbove(path, cwd);
	for (const candidate of configNames.slice(0, own)) {
		const folder = above.find((at) => listFolder(at)?.names.has(candidate));
		if (folder !== undefined) return join(folder, candidate);
	}
	return null;
}

/** The scripts of a `package.json`, as far as they are texts. */
function scriptsOf(folder: string, root: string): readonly string[] {
	const text = readText(join(folder, "package.json"), root);
	if (text === null) return [];
	try {
		const scripts = (JSON.parse(text) as { scripts?: unknown } | null)?.scripts;
		return typeof scripts === "object" && scripts !== null ? Object.values(scripts).filter((script) => typeof script === "string") : [];
	} catch {
		return [];
	}
}

/** The `package.json`, in the configuration's folder or above, one of whose scripts names it: `wrangler deploy --config wrangler.toml`; or null. */
export function scriptsThatName(path: string, cwd: string): string | null {
	const root = projectRoot(path, cwd);
	const folder = foldersAbove(path, cwd).find((above) =>
		scriptsOf(above, root).some((script) => [...script.matchAll(/\s(?:--config|-c)[= ]\s*["']?([^\s"']+)/gu)].some(([, name]) => name !== undefined && resolve(above, name) === resolve(cwd, path))),
	);
	return folder === undefined ? null : join(folder, "package.json");
}

/** What is wrong with `.wrangler/deploy/config.json`, through which a build sends `wrangler deploy` to another file; null if nothing. */
export function redirectProblem(path: string, cwd: string): string | null {
	const root = projectRoot(path, cwd);
	const folder = foldersAbove(path, cwd).find((at) => listFolder(join(at, ".wrangler", "deploy"))?.names.has("config.json"));
	if (folder === undefined) return null;
	const redirect = join(folder, ".wrangler", "deploy", "config.json");
	const name = shown(redirect, cwd);
	const text = readText(redirect, root);
	if (text === null) return null;
	const parsed = parseConfig(text, redirect);
	const to = parsed.ok && parsed.document.root.type === "Object" ? parsed.document.root.members.find(({ key }) => key.name === "configPath") : undefined;
	if (to?.value.type !== "String") return `${name} has no "configPath"`;
	const target = resolve(dirname(redirect), to.value.value);
	if (!listFolder(dirname(target))?.names.has(basename(target))) return `${name} leads to ${shown(target, cwd)}, which does not exist`;
	if (folder !== dirname(path)) return `${name} lies in another folder than this configuration`;
	const config = configAt(target, root);
	if (config && config.environments.length > 1) return `${name} leads to ${shown(target, cwd)}, which has "env", and a generated configuration must not have it`;
	return null;
}
