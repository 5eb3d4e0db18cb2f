/** Which Worker a file belongs to: the one whose Wrangler configuration is nearest. */
import { dirname, resolve } from "node:path";
import { nearestConfig, projectRoot, readText } from "../project/config-files.ts";
import { valueOf } from "../wrangler/document.ts";
import { parseConfig } from "../wrangler/parse.ts";

export interface WorkerConfig {
	/** Absolute path of the configuration file. */
	readonly path: string;
	readonly name: string | null;
	/** Absolute path of the folder that holds the entry module; null when the configuration names none. */
	readonly mainFolder: string | null;
}

/** Reads what the grouping needs. A file that cannot be parsed is still a Worker; ESLint says what is wrong with it. */
function readWorkerConfig(path: string, cwd: string): WorkerConfig {
	const parsed = parseConfig(readText(path, projectRoot(path, cwd)) ?? "", path);
	const root = parsed.ok && parsed.document.root.type === "Object" ? parsed.document.root : null;
	const textAt = (key: string): string | null => {
		const value = root && valueOf(root, key);
		return value?.type === "String" ? value.value : null;
	};
	const main = textAt("main");
	return { path, name: textAt("name"), mainFolder: main === null ? null : dirname(resolve(dirname(path), main)) };
}

export class Workers {
	readonly #cwd: string;
	readonly #byPath = new Map<string, WorkerConfig>();

	/**
	 * @param configPaths - absolute paths of the configurations that are part of the run
	 * @param cwd - configurations above it are not looked for
	 */
	constructor(configPaths: readonly string[], cwd: string) {
		this.#cwd = cwd;
		for (const path of configPaths.toSorted()) this.#config(path);
	}

	#config(path: string): WorkerConfig {
		let config = this.#byPath.get(path);
		if (!config) this.#byPath.set(path, (config = readWorkerConfig(path, this.#cwd)));
		return config;
	}

	/** @param filePath - absolute */
	of(filePath: string): WorkerConfig | null {
		const own = this.#byPath.get(filePath);
		if (own) return own;
		const nearest = nearestConfig(filePath, this.#cwd);
		return nearest === null ? this.#byMain(filePath) : this.#config(nearest);
	}

	/** Where the configuration lies beside the code, not above it, its entry module shows the way. */
	#byMain(filePath: string): WorkerConfig | null {
		for (let folder = dirname(filePath); ; folder = dirname(folder)) {
			const config = [...this.#byPath.values()].find(({ mainFolder }) => mainFolder === folder);
			if (config || folder === dirname(folder)) return config ?? null;
		}
	}
}
