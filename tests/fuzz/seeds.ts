/** What the fuzzer starts from: every example of the documentation and every file of `examples/`. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readPages } from "../docs/fences.ts";

export type Language = "ts" | "js" | "jsonc" | "toml";

export interface Seed {
	readonly language: Language;
	readonly text: string;
}

const examples = path.join(import.meta.dirname, "../../examples");

function shipped(): Seed[] {
	const names = readdirSync(examples, { recursive: true, encoding: "utf8" }).filter((name) => /src\/.*\.ts$|wrangler\.(?:jsonc|toml)$/u.test(name.replaceAll(path.sep, "/")));
	return names.toSorted().map((name) => ({ language: path.extname(name).slice(1) as Language, text: readFileSync(path.join(examples, name), "utf8") }));
}

const all: readonly Seed[] = [...[...readPages().values()].flatMap(({ examples: blocks }) => blocks.map(({ language, code }) => ({ language, text: code }))), ...shipped()];

export const programs: readonly Seed[] = all.filter(({ language }) => language === "ts" || language === "js");
export const configurations: readonly Seed[] = all.filter(({ language }) => language === "jsonc" || language === "toml");
