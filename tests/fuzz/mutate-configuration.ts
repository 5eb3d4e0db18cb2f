/** Makes Wrangler configurations out of others: by lines and words, and as data that is then written in each format. */
import { parseTree, type Node } from "jsonc-parser";
import type { Mutation } from "./mutate-program.ts";
import { configurations, type Language } from "./seeds.ts";

const ofLanguage = (language: Language): string[] => configurations.filter((seed) => seed.language === language).map(({ text }) => text);
const linesOf = (language: Language): string[] => [...new Set(ofLanguage(language).flatMap((text) => text.split("\n")))].toSorted();
const lines: Readonly<Partial<Record<Language, readonly string[]>>> = { jsonc: linesOf("jsonc"), toml: linesOf("toml") };
const word = /"[^"\n]*"|[\w.-]+/gu;
const words = [...new Set(configurations.flatMap(({ text }) => text.match(word) ?? [])), "null", "true", "-1", "1e400", "0.5", "{}", "[]", '""', '"__proto__"', '"constructor"', '"\\u0000"'].toSorted();

const choose = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;

/** Works on the text: what comes out need not parse. */
export function mutateText(original: string, language: Language, mutations: readonly Mutation[]): string {
	let text = original;
	for (const { operation, at, other } of mutations) {
		const all = text.split("\n");
		const index = at % all.length;
		const line = all[index] as string;
		const wordAt = [...line.matchAll(word)];
		const edits: readonly (() => void)[] = [
			() => all.splice(index, 1),
			() => all.splice(index, 0, line),
			() => all.splice(index, 0, choose(lines[language] as readonly string[], other)),
			() => all.splice(index, 1, choose(lines[language] as readonly string[], other)),
			() => all.splice(index, 1, ...all.splice(other % all.length, 1, line)),
			() => {
				const found = wordAt[other % (wordAt.length || 1)];
				if (found) all[index] = line.slice(0, found.index) + choose(words, other) + line.slice(found.index + found[0].length);
			},
		];
		choose(edits, operation)();
		text = all.join("\n");
	}
	return text;
}

export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

function dataOf(node: Node | undefined): Data {
	if (!node) return {};
	if (node.type === "object") return Object.fromEntries((node.children ?? []).map(({ children: [key, value] = [] }) => [key?.value as string, dataOf(value)]));
	if (node.type === "array") return (node.children ?? []).map(dataOf);
	return node.value as Data;
}

export const seeds: readonly Data[] = ofLanguage("jsonc").map((text) => dataOf(parseTree(text, undefined, { allowTrailingComma: true })));

const isTable = (data: Data): data is Readonly<Record<string, Data>> => typeof data === "object" && data !== null && !Array.isArray(data);

function partsOf(data: Data): Data[] {
	const below = Array.isArray(data) ? (data as Data[]) : isTable(data) ? Object.values(data) : [];
	return [data, ...below.flatMap(partsOf)];
}

const keys = [...new Set(seeds.flatMap(partsOf).flatMap((part) => (isTable(part) ? Object.keys(part) : [])))].toSorted();
const parts: readonly Data[] = [...new Set(seeds.flatMap(partsOf).map((part) => JSON.stringify(part)))].toSorted().map((text) => JSON.parse(text) as Data);
const odd: readonly Data[] = [null, true, 0, -1, 1.5, "", [], {}, [[]], ["", null], { "": {} }, "v1", "SQLite"];

/** Changes what stands at one place of the data, counted from the top. */
function replaced(data: Data, place: { at: number }, change: (part: Data) => Data): Data {
	if (place.at-- === 0) return change(data);
	if (Array.isArray(data)) return (data as Data[]).map((part) => replaced(part, place, change));
	return isTable(data) ? Object.fromEntries(Object.entries(data).map(([key, part]) => [key, replaced(part, place, change)])) : data;
}

/** Keeps to data: every result can be written in any format. */
export function mutateData(original: Data, mutations: readonly Mutation[]): Data {
	return mutations.reduce<Data>((data, { operation, at, other }) => {
		const changes: readonly ((part: Data) => Data)[] = [
			() => choose(parts, other),
			() => choose(odd, other),
			(part) => (isTable(part) ? { ...part, [choose(keys, other)]: choose(parts, other >> 4) } : [part]),
			(part) => (Array.isArray(part) ? [...(part as Data[]), ...(part as Data[]), choose(parts, other)] : part),
			(part) => (isTable(part) ? Object.fromEntries(Object.entries(part).slice(1)) : part),
			(part) => ({ env: { staging: part }, [choose(keys, other)]: part }),
		];
		return replaced(data, { at: at % partsOf(data).length }, choose(changes, operation));
	}, original);
}

const inlineToml = (data: Data): string => {
	if (Array.isArray(data)) return `[${(data as Data[]).filter((part) => part !== null).map(inlineToml).join(", ")}]`;
	if (isTable(data)) return `{ ${membersOf(data).join(", ")} }`;
	return JSON.stringify(data);
};

const membersOf = (table: Readonly<Record<string, Data>>): string[] => Object.entries(table).filter(([, part]) => part !== null).map(([key, part]) => `${JSON.stringify(key)} = ${inlineToml(part)}`);

/** TOML has no null: such members are left out. */
export const asToml = (data: Data): string => (isTable(data) ? `${membersOf(data).join("\n")}\n` : "");
