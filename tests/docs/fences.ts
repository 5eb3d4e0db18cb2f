/** Reads the examples out of the pages in `docs/rules`: they are linted, and run in the real runtime, as they stand. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export type Verdict = "incorrect" | "correct";

/** A fenced code block whose info string says `incorrect` or `correct`: `ts incorrect id=crash also=no-heavy-constructor`. */
export interface Example {
	readonly verdict: Verdict;
	readonly language: "ts" | "js" | "jsonc" | "toml";
	readonly code: string;
	/** 1-based line of the opening fence. */
	readonly line: number;
	/** `id=`: names an incorrect and a correct block that belong together. */
	readonly id: string | null;
	/** `also=a,b`: other rules that rightly report this incorrect block. */
	readonly also: readonly string[];
	/** `date=`: the compatibility date that the example is about. */
	readonly date: string | null;
	/** `storage=kv`: the class keeps its data in the older key-value storage. */
	readonly storage: "sqlite" | "kv" | null;
}

export interface Page {
	/** The rule's id: `no-timer-scheduling`, `wrangler/valid-migrations`. */
	readonly rule: string;
	readonly file: string;
	readonly text: string;
	/** The headings of the second level, in order. */
	readonly sections: readonly string[];
	readonly examples: readonly Example[];
	/** A block that says `base`: the earlier version of the file, which the examples are compared with. */
	readonly base: string | null;
}

const FOLDER = fileURLToPath(new URL("../../docs/rules", import.meta.url));
const OPENING = /^(?<fence>`{3,}|~{3,})(?<info>.*)$/u;
const LANGUAGES = ["ts", "js", "jsonc", "toml"] as const;
const ATTRIBUTES = ["id", "also", "date", "storage"];

/** Every page there is, by rule id. */
export function readPages(folder = FOLDER): ReadonlyMap<string, Page> {
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".md")).sort();
	return new Map(
		files.map((file) => {
			const rule = file.slice(0, -".md".length).replaceAll(path.sep, "/");
			return [rule, readPage(rule, path.join(folder, file), readFileSync(path.join(folder, file), "utf8"))];
		}),
	);
}

/** @throws {SyntaxError} for an info string that is not understood, or a fence that is not closed */
export function readPage(rule: string, file: string, text: string): Page {
	const sections: string[] = [];
	const examples: Example[] = [];
	let base: string | null = null;
	const lines = text.split(/\r?\n/u);
	for (let index = 0; index < lines.length; index++) {
		const line = lines[index] as string;
		const heading = /^## +(?<title>.+?) *$/u.exec(line);
		if (heading?.groups) sections.push(heading.groups["title"] as string);
		const opening = OPENING.exec(line)?.groups;
		if (!opening) continue;
		const start = index;
		const closing = lines.indexOf(opening["fence"] as string, start + 1);
		if (closing === -1) throw new SyntaxError(`${file}:${start + 1}: the fence is not closed`);
		index = closing;
		const info = opening["info"] as string;
		const code = `${lines.slice(start + 1, closing).join("\n")}\n`;
		const example = readInfo(info, `${file}:${start + 1}`);
		if (example) examples.push({ ...example, line: start + 1, code });
		else if (/^\S+ base$/u.test(info.trim())) base = code;
	}
	return { rule, file, text, sections, examples, base };
}

/** `null` for a block that is no example: no verdict in its info string. */
function readInfo(info: string, where: string): Omit<Example, "line" | "code"> | null {
	const [language, verdict, ...attributes] = info.trim().split(/\s+/u);
	if (verdict !== "incorrect" && verdict !== "correct") {
		if (/\b(?:in)?correct\b/u.test(info)) throw new SyntaxError(`${where}: the verdict must follow the language: "ts incorrect", not "${info.trim()}"`);
		return null;
	}
	const known = LANGUAGES.find((name) => name === language);
	if (!known) throw new SyntaxError(`${where}: examples are in ${LANGUAGES.join(", ")}, not in "${language}"`);
	const values = new Map<string, string>();
	for (const attribute of attributes) {
		const [name, value] = attribute.split("=") as [string, string?];
		if (!ATTRIBUTES.includes(name) || !value) throw new SyntaxError(`${where}: "${attribute}" is none of ${ATTRIBUTES.map((known) => `${known}=`).join(", ")}`);
		values.set(name, value);
	}
	const storage = values.get("storage") ?? null;
	if (storage !== null && storage !== "sqlite" && storage !== "kv") throw new SyntaxError(`${where}: storage is sqlite or kv, not "${storage}"`);
	return { verdict, language: known, id: values.get("id") ?? null, also: values.get("also")?.split(",") ?? [], date: values.get("date") ?? null, storage };
}

/** The example with this verdict: the one with the id, or the first. */
export function exampleOf(page: Page, verdict: Verdict, id: string | null = null): Example | null {
	return page.examples.find((example) => example.verdict === verdict && (id === null || example.id === id)) ?? null;
}
