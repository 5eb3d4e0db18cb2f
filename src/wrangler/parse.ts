import type { ConfigFormat, DocumentNode } from "./document.ts";
import { parseJsonc } from "./parse-jsonc.ts";
import { parseToml } from "./parse-toml.ts";

/** Why a text is no configuration. `line` counts from 1, `column` from 0. */
export interface SyntaxProblem {
	readonly message: string;
	readonly line: number;
	readonly column: number;
}

export type ParseResult = { readonly ok: true; readonly document: DocumentNode } | { readonly ok: false; readonly problem: SyntaxProblem };

const FILE_NAME = /(?:^|[\\/])wrangler(?:[.-][\w-]+)*\.(jsonc?|toml)$/iu;

/** True for the names that Wrangler looks for, and for the variants handed over with `--config`, such as `wrangler.dev.toml`. */
export function isConfigFile(path: string): boolean {
	return FILE_NAME.test(path);
}

export function formatOf(path: string): ConfigFormat {
	return path.toLowerCase().endsWith(".toml") ? "toml" : "jsonc";
}

const first = (message: string): ParseResult => ({ ok: false, problem: { message, line: 1, column: 0 } });

/**
 * Reads the text of a Wrangler configuration. Never throws: what is wrong comes back as data.
 *
 * @param text - the file's text; a UTF-8 byte order mark is ignored, and offsets count from behind it
 * @param path - decides the format by its extension
 */
export function parseConfig(text: string, path: string): ParseResult {
	const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
	// What the byte order mark of UTF-16 or UTF-32, and the text behind it, become when they are read as UTF-8.
	if (/^(?:\uFFFE|\uFFFD\uFFFD)|^.?\0/u.test(body)) return first("The file is not UTF-8: Wrangler refuses a UTF-16 or UTF-32 byte order mark. Save it as UTF-8.");
	const parsed = formatOf(path) === "toml" ? parseToml(body) : parseJsonc(body);
	if (parsed.ok && parsed.document.root.type !== "Object") return first("The configuration must be an object at its top level.");
	return parsed;
}
