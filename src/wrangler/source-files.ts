/** Source files of the project: where an import leads, what stands there, parsed. Reads only; nothing is ever run. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { parseForESLint } from "@typescript-eslint/parser";

/** Access to source files. Paths are absolute. No method throws. */
export interface SourceReader {
	/** The file's text; null when it is absent, unreadable or too large to be source code. */
	read(path: string): string | null;
	/** Whether a file is there that may be looked at. */
	isFile(path: string): boolean;
	/** Whether the path may be looked at at all: it lies in the project's folder. */
	contains(path: string): boolean;
}

export const sourceExtensions: ReadonlySet<string> = new Set([".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"]);
/** esbuild's own order, with the module extensions that it only knows when they are written. */
const impliedExtensions = [".tsx", ".ts", ".jsx", ".js", ".mts", ".mjs"] as const;
/** A source file may be imported under the name of what it compiles to. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
	".js": [".ts", ".tsx"],
	".jsx": [".ts", ".tsx"],
	".mjs": [".mts"],
	".cjs": [".cts"],
};

/** Texts, or what is made of them, that are kept at a time. */
const MAX_KEPT = 512;
/** Bytes. Longer files are build output. */
const MAX_SIZE = 1_000_000;

/**
 * The file that a relative import leads to; null for packages, path aliases and what is not there or not ours to read.
 *
 * @param from - absolute path of the file that imports
 * @param source - the specifier as it is written
 */
export function resolveImport(from: string, source: string, reader: SourceReader): string | null {
	if (!/^\.{1,2}(?:\/|$)/.test(source)) return null;
	const path = resolve(dirname(from), source);
	const isFile = (candidate: string): boolean => reader.isFile(candidate);
	const extension = extname(path);
	const stem = path.slice(0, path.length - extension.length);
	const asFile = [
		path,
		...impliedExtensions.map((implied) => path + implied),
		...(sourcesOf[extension] ?? []).map((written) => stem + written),
	];
	const file = source.endsWith("/") ? undefined : asFile.find(isFile);
	if (file !== undefined) return sourceExtensions.has(extname(file)) ? file : null;
	// A folder's package.json may send the import elsewhere.
	if (isFile(join(path, "package.json"))) return null;
	return impliedExtensions.map((implied) => join(path, `index${implied}`)).find(isFile) ?? null;
}

/** A bounded map that forgets what was longest not asked for. */
export class Recent<V> {
	readonly #entries = new Map<string, V>();
	readonly #limit: number;

	constructor(limit: number = MAX_KEPT) {
		this.#limit = limit;
	}

	get(key: string): V | undefined {
		const entry = this.#entries.get(key);
		if (entry !== undefined) {
			this.#entries.delete(key);
			this.#entries.set(key, entry);
		}
		return entry;
	}

	set(key: string, entry: V): void {
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		const oldest = this.#entries.size > this.#limit ? this.#entries.keys().next().value : undefined;
		if (oldest !== undefined) this.#entries.delete(oldest);
	}
}

export type ParsedSource = ReturnType<typeof parseForESLint>;

/** A file's tree and scopes; null where its text is no JavaScript or TypeScript. */
export function parseSource(path: string, text: string): ParsedSource | null {
	try {
		return parseForESLint(text, {
			filePath: path,
			sourceType: "module",
			ecmaFeatures: { jsx: true },
			range: true,
			loc: true,
			lib: [],
			loggerFn: false,
			warnOnUnsupportedTypeScriptVersion: false,
		});
	} catch {
		// A syntax error, or syntax of another language: the file's own linter tells.
		return null;
	}
}

/** File texts by path, for every reader: an editor asks again at each keystroke. */
const texts = new Recent<FileStat & { readonly text: string }>();

/**
 * Reads from disk, below one folder only: neither `..` nor a symbolic link leads out of it. Texts are kept as long as the
 * file's size and time of change stay the same.
 *
 * @param root - absolute path of the project's folder
 */
export function diskReader(root: string): SourceReader {
	const realRoot = realpath(root) ?? root;
	const seemsBelow = (path: string): boolean => isBelow(root, path) || isBelow(realRoot, path);
	const isReallyBelow = (path: string): boolean => {
		const real = realpath(path);
		return real === null || isBelow(realRoot, real);
	};
	// Most paths that are asked for do not exist: that is told at the least cost, before links are followed.
	const statOf = (path: string): FileStat | null => {
		const stat = seemsBelow(path) ? fileStat(path) : null;
		return stat && isReallyBelow(path) ? stat : null;
	};
	return {
		contains: (path) => seemsBelow(path) && isReallyBelow(path),
		isFile: (path) => statOf(path) !== null,
		read(path) {
			const stat = statOf(path);
			if (!stat || stat.size > MAX_SIZE) return null;
			const { mtimeMs, size } = stat;
			const cached = texts.get(path);
			if (cached?.mtimeMs === mtimeMs && cached.size === size) return cached.text;
			try {
				const text = readFileSync(path, "utf8");
				texts.set(path, { mtimeMs, size, text });
				return text;
			} catch {
				return null;
			}
		},
	};
}

function isBelow(folder: string, path: string): boolean {
	const way = relative(folder, path);
	return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realpath(path: string): string | null {
	try {
		return realpathSync.native(path);
	} catch {
		return null;
	}
}

interface FileStat {
	/** Time of the last change, in milliseconds. */
	readonly mtimeMs: number;
	/** In bytes. */
	readonly size: number;
}

function fileStat(path: string): FileStat | null {
	try {
		const stat = statSync(path, { throwIfNoEntry: false });
		return stat?.isFile() ? stat : null;
	} catch {
		return null;
	}
}
