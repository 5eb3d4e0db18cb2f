import { basename, dirname, resolve } from "node:path";
import type { TSESTree } from "@typescript-eslint/utils";
import type { WranglerConfig } from "../wrangler/config.ts";
import { isDate } from "../wrangler/fields.ts";
import { functionOf, importedFunction, type Module, type ModuleFunction } from "./modules.ts";
import { diskReader, type SourceReader } from "../wrangler/source-files.ts";
import { configAt, listFolder, nearestConfig, projectRoot, shown } from "./config-files.ts";

/** A value together with where it was found, so that a message can say so. */
export interface Sourced<T> {
	readonly value: T;
	/** In words for a message: `wrangler.jsonc`, `settings["durable-objects"]`, `the rule's option`. */
	readonly from: string;
}

export type StorageBackend = "sqlite" | "kv" | "unknown";

/** What spans files: what the nearest Wrangler configuration says about the code beside it. Nothing is ever guessed. */
export interface Project {
	/** Absolute path of the nearest Wrangler configuration, or null. */
	readonly configPath: string | null;
	/** The configuration itself; null if there is none, or none that can be parsed. */
	readonly config: WranglerConfig | null;
	/** `compatibility_date` (YYYY-MM-DD) in force, or null when nothing says. With several environments: the earliest one. */
	readonly compatibilityDate: Sourced<string> | null;
	/** The flags that are in force in every environment. */
	readonly compatibilityFlags: readonly string[];
	/** Names of classes that the configuration binds, creates or exports as Durable Objects of this Worker. */
	readonly classNames: ReadonlySet<string>;
	/** The function that the linted file calls through an import, where it stands in the project; see `functionOf` of modules.ts. */
	importedFunction(source: string, name: string): ModuleFunction | null;
	/** The function that an expression in one of the project's modules stands for. */
	functionIn(module: Module, node: TSESTree.Node): ModuleFunction | null;
	/** Where a class keeps its data, after all migrations; `unknown` when environments differ or nothing says. */
	storageOf(className: string): Sourced<StorageBackend>;
}

const SETTINGS = 'settings["durable-objects"]';

interface Settings {
	readonly compatibilityDate: string | null;
	readonly wrangler: string | null;
	readonly durableObjectClasses: readonly string[];
}

/** The plugin's shared settings; what has the wrong type is as if it were not there. */
function readSettings(settings: Record<string, unknown>): Settings {
	const own = settings["durable-objects"];
	const { compatibilityDate, wrangler, durableObjectClasses } = (typeof own === "object" && own !== null ? own : {}) as Record<string, unknown>;
	return {
		compatibilityDate: typeof compatibilityDate === "string" && isDate(compatibilityDate) ? compatibilityDate : null,
		wrangler: typeof wrangler === "string" && wrangler !== "" ? wrangler : null,
		durableObjectClasses: Array.isArray(durableObjectClasses) ? durableObjectClasses.filter((name): name is string => typeof name === "string") : [],
	};
}

/**
 * What is known about the project of a linted file. The shared settings come first, then the nearest Wrangler
 * configuration; it is looked for upwards from the file, but not above `cwd` and not past a folder with `.git`.
 */
export function projectFor(file: { readonly filename: string; readonly settings: Record<string, unknown>; readonly cwd: string }): Project {
	const { filename, cwd } = file;
	const settings = readSettings(file.settings);
	const configPath = settings.wrangler === null ? nearestConfig(filename, cwd) : existing(resolve(cwd, settings.wrangler));
	const config = configPath === null ? null : configAt(configPath, projectRoot(configPath, cwd));
	return new ConfiguredProject(configPath, config, configPath === null ? "" : shown(configPath, cwd), settings, { filename, cwd });
}

/** A path that leads nowhere says nothing; the nearest configuration is not what its author meant either. */
const existing = (path: string): string | null => (listFolder(dirname(path))?.names.has(basename(path)) ? path : null);

class ConfiguredProject implements Project {
	readonly configPath: string | null;
	readonly config: WranglerConfig | null;
	readonly #name: string;
	readonly #settings: Settings;
	readonly #linted: { readonly filename: string; readonly cwd: string };
	#reader: SourceReader | undefined;
	readonly #imported = new Map<string, ModuleFunction | null>();

	constructor(configPath: string | null, config: WranglerConfig | null, name: string, settings: Settings, linted: { readonly filename: string; readonly cwd: string }) {
		this.configPath = configPath;
		this.config = config;
		this.#name = name;
		this.#settings = settings;
		this.#linted = linted;
	}

	importedFunction(source: string, name: string): ModuleFunction | null {
		const { filename, cwd } = this.#linted;
		// Looking for a file asks the disk several times, and a class calls the same function in many places.
		const key = `${source}\0${name}`;
		let found = this.#imported.get(key);
		if (found === undefined) this.#imported.set(key, (found = importedFunction(resolve(cwd, filename), source, name, this.#sources)));
		return found;
	}

	functionIn(module: Module, node: TSESTree.Node): ModuleFunction | null {
		return functionOf(node, module, this.#sources);
	}

	get #sources(): SourceReader {
		const { filename, cwd } = this.#linted;
		return (this.#reader ??= diskReader(projectRoot(filename, cwd)));
	}

	get compatibilityDate(): Sourced<string> | null {
		const set = this.#settings.compatibilityDate;
		if (set !== null) return { value: set, from: SETTINGS };
		const dates = (this.config?.environments ?? []).flatMap(({ compatibilityDate }) => (compatibilityDate !== null && isDate(compatibilityDate) ? [compatibilityDate] : []));
		const [earliest] = dates.sort();
		return earliest === undefined ? null : { value: earliest, from: this.#name };
	}

	get compatibilityFlags(): readonly string[] {
		const [first, ...others] = this.config?.environments ?? [];
		return (first?.compatibilityFlags ?? []).filter((flag) => others.every(({ compatibilityFlags }) => compatibilityFlags.includes(flag)));
	}

	get classNames(): ReadonlySet<string> {
		const names = new Set(this.#settings.durableObjectClasses);
		for (const { bindings, classes } of this.config?.environments ?? []) {
			for (const { local, className } of bindings) if (local) names.add(className.value);
			for (const name of classes.live.keys()) names.add(name);
		}
		return names;
	}

	storageOf(className: string): Sourced<StorageBackend> {
		const backends = new Set((this.config?.environments ?? []).flatMap(({ classes }) => {
			if (classes.doubtful.has(className)) return ["unknown" as const];
			return classes.live.get(className)?.storage ?? [];
		}));
		const [only] = backends;
		if (backends.size !== 1 || only === undefined || only === "unknown") return { value: "unknown", from: this.#name || "nothing says" };
		return { value: only, from: this.#name };
	}
}
