/** The entry module of a Worker, read from disk when it can be. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { EffectiveEnvironment } from "../wrangler/config.ts";
import { memberOf, valueOf } from "../wrangler/document.ts";
import { type EntryModule, entryModule } from "../wrangler/entry-module.ts";
import { diskReader } from "../wrangler/source-files.ts";
import { projectRoot } from "./config-files.ts";

interface Cached {
	readonly entry: EntryModule;
	/** Every file that the answer depends on, with its time of change. */
	readonly stamps: ReadonlyMap<string, number>;
}
const cache = new Map<string, Cached>();
const MAX_CACHED = 200;

const stampOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;

/**
 * What `main` of an environment exports; `skipped` where the exports cannot be known: no `main`, a build step that makes
 * it, another language.
 *
 * @param configPath - absolute path of the configuration
 */
export function entryOf(environment: EffectiveEnvironment, configPath: string, cwd: string): EntryModule {
	const { main } = environment;
	if (main === null) return { status: "skipped", because: "the configuration has no main" };
	const noBundle = environment.effective("no_bundle")?.value;
	if (noBundle?.type === "Boolean" && noBundle.value) return { status: "skipped", because: "no_bundle is set" };
	const build = environment.effective("build")?.value;
	if (build?.type === "Object" && memberOf(build, "command") && valueOf(build, "command")?.type !== "Null") {
		return { status: "skipped", because: "a build command makes the entry module" };
	}
	const path = resolve(dirname(configPath), main);
	const root = projectRoot(configPath, cwd);
	const key = `${root}\0${path}`;
	const cached = cache.get(key);
	if (cached && [...cached.stamps].every(([file, stamp]) => stampOf(file) === stamp)) return cached.entry;
	const entry = entryModule(path, diskReader(root));
	const files = entry.status === "read" ? entry.files : [];
	// An entry that is missing may appear at any time: nothing to hold on to.
	if (entry.status === "read") {
		if (cache.size >= MAX_CACHED) cache.clear();
		cache.set(key, { entry, stamps: new Map(files.map((file) => [file, stampOf(file)])) });
	}
	return entry;
}
