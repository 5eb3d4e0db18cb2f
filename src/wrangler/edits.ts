/**
 * Changes of a configuration's text, in the style that the file already has: commas, comments, indentation and line ends
 * stay as they are. Each function gives the edits, or null where the right text is not certain.
 */
import { type ArrayNode, childrenOf, type ConfigNode, type DocumentNode, type KeyNode, type MemberNode, memberOf, type ObjectNode, type StringNode, valueOf } from "./document.ts";
import type { ExportMap } from "./exports.ts";
import { type MigrationList, numberedTag } from "./migrations.ts";
import { parseConfig } from "./parse.ts";

/** Replaces the text between two offsets. */
export interface TextEdit {
	readonly range: readonly [number, number];
	readonly text: string;
}

/** The text of a configuration, with what its author's hand looks like. */
export class ConfigText {
	readonly text: string;
	readonly document: DocumentNode;
	readonly newline: string;
	/** One level of indentation. */
	readonly indent: string;
	/** Characters that may still be parsed again to check edits: a huge file full of faults must not be parsed for each. */
	#budget: number;
	#longStrings: readonly StringNode[] | undefined;

	constructor(text: string, document: DocumentNode) {
		this.text = text;
		this.document = document;
		this.newline = text.includes("\r\n") ? "\r\n" : "\n";
		this.indent = /^[ \t]+(?=\S)/mu.exec(text)?.[0] ?? "\t";
		this.#budget = 1_000_000 + 4 * text.length;
	}

	/** False when too much has been checked already: then nothing more is proposed. */
	get canCheck(): boolean {
		return this.#budget > this.text.length;
	}

	/** True inside a string of several lines, where a comment would become text. */
	isInString(offset: number): boolean {
		this.#longStrings ??= longStringsIn(this.document);
		return this.#longStrings.some(({ range: [start, end] }) => start < offset && offset < end);
	}

	get isToml(): boolean {
		return this.document.format === "toml";
	}

	/** The white space that the line of an offset begins with. */
	indentAt(offset: number): string {
		const start = this.text.lastIndexOf("\n", offset - 1) + 1;
		return /^[ \t]*/u.exec(this.text.slice(start, offset))?.[0] ?? "";
	}

	/** True if only white space stands before the offset in its line. */
	isFirstInLine(offset: number): boolean {
		const start = this.text.lastIndexOf("\n", offset - 1) + 1;
		return this.text.slice(start, offset).trim() === "";
	}

	/** Where the line of an offset ends, before its line break. */
	endOfLine(offset: number): number {
		const end = this.text.indexOf("\n", offset);
		if (end === -1) return this.text.length;
		return this.text[end - 1] === "\r" ? end - 1 : end;
	}

	/** The offset behind the spaces and comments that follow; line breaks too, unless it is to stay in the line. */
	skipBlank(offset: number, { inLine }: { readonly inLine: boolean }): number {
		const blank = this.isToml ? (inLine ? /[ \t]*(?:#[^\r\n]*)?/uy : /(?:\s|#[^\r\n]*)*/uy) : inLine ? /(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/|\/\/[^\r\n]*)*/uy : /(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/uy;
		blank.lastIndex = offset;
		return offset + (blank.exec(this.text)?.[0].length ?? 0);
	}

	/** The edits, unless they would leave something that cannot be read any more. */
	checked(edits: readonly TextEdit[]): readonly TextEdit[] | null {
		this.#budget -= this.text.length;
		return parseConfig(applyEdits(this.text, edits), this.isToml ? "wrangler.toml" : "wrangler.jsonc").ok ? edits : null;
	}
}

function longStringsIn(document: DocumentNode): StringNode[] {
	const found: StringNode[] = [];
	const pending: ConfigNode[] = [document];
	for (let node = pending.pop(); node; node = pending.pop()) {
		if (node.type === "String" && node.loc.start.line !== node.loc.end.line) found.push(node);
		for (const child of childrenOf(node)) pending.push(child);
	}
	return found;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
	let result = "";
	let at = 0;
	for (const { range, text: replacement } of edits.toSorted((a, b) => a.range[0] - b.range[0])) {
		result += text.slice(at, range[0]) + replacement;
		at = range[1];
	}
	return result + text.slice(at);
}

type Plain = string | readonly Plain[] | { readonly [key: string]: Plain };

/** JSON on one line, or TOML's inline form. */
function inline(value: Plain, toml: boolean): string {
	if (typeof value === "string") return JSON.stringify(value);
	if (Array.isArray(value)) return `[${value.map((element: Plain) => inline(element, toml)).join(", ")}]`;
	const pairs = Object.entries(value).map(([key, part]) => (toml ? `${tomlKey(key)} = ${inline(part, toml)}` : `${JSON.stringify(key)}: ${inline(part, toml)}`));
	return `{ ${pairs.join(", ")} }`;
}

/** JSON with one member a line; arrays of strings stay on one line. */
function expanded(value: Plain, indent: string, base: string, newline: string): string {
	if (typeof value === "string" || (Array.isArray(value) && value.every((element) => typeof element === "string"))) return inline(value, false);
	const inner = base + indent;
	const parts = Array.isArray(value)
		? value.map((element: Plain) => expanded(element, indent, inner, newline))
		: Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${expanded(part, indent, inner, newline)}`);
	const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
	return `${open}${newline}${parts.map((part) => inner + part).join(`,${newline}`)}${newline}${base}${close}`;
}

const tomlKey = (key: string): string => (/^[\w-]+$/u.test(key) ? key : JSON.stringify(key));

/** How the new last element of a bracketed list, or member of an object in braces, is to be written. */
type Render = (style: { readonly oneLine: boolean; readonly indent: string }) => string;

/** Adds an element or member at the end of `[…]` or `{…}`. */
function append(source: ConfigText, container: ArrayNode | ObjectNode, render: Render): TextEdit[] {
	const { newline } = source;
	const close = container.range[1] - 1;
	const last = (container.type === "Array" ? container.elements : container.members).at(-1);
	const base = source.indentAt(container.range[0]);
	if (!last) {
		const inside = source.text.slice(container.range[0] + 1, close);
		if (source.isToml && !inside.includes("\n")) return [{ range: [container.range[0] + 1, close], text: render({ oneLine: true, indent: "" }) }];
		const indent = base + source.indent;
		const text = newline + indent + render({ oneLine: false, indent });
		const end = container.range[0] + 1 + inside.trimEnd().length;
		return [{ range: [end, close], text: text + newline + base }];
	}

	const end = last.range[1];
	const comma = source.skipBlank(end, { inLine: false });
	const hasComma = comma < close && source.text[comma] === ",";
	const after = hasComma ? comma + 1 : end;
	if (last.loc.start.line === container.loc.start.line) {
		const text = render({ oneLine: true, indent: base });
		return [{ range: [after, after], text: hasComma ? ` ${text},` : `, ${text}` }];
	}
	const indent = source.isFirstInLine(last.range[0]) ? source.indentAt(last.range[0]) : base + source.indent;
	// A comment at the end of the last line belongs to what is there already.
	const at = source.skipBlank(after, { inLine: true });
	const text = newline + indent + render({ oneLine: last.loc.start.line === last.loc.end.line, indent });
	if (hasComma) return [{ range: [at, at], text: `${text},` }];
	return at === end ? [{ range: [at, at], text: `,${text}` }] : [{ range: [end, end], text: "," }, { range: [at, at], text }];
}

const renderValue =
	(source: ConfigText, value: Plain): Render =>
	({ oneLine, indent }) =>
		oneLine || source.isToml ? inline(value, source.isToml) : expanded(value, source.indent, indent, source.newline);

/** A member always shows its value expanded, unless the object stands on one line or the siblings do and it is short. */
const renderMember =
	(source: ConfigText, key: string, value: Plain, container: ObjectNode): Render =>
	({ indent }) => {
		if (source.isToml) return `${tomlKey(key)} = ${inline(value, true)}`;
		const oneLine = container.loc.start.line === container.loc.end.line && container.members.length > 0;
		return `${JSON.stringify(key)}: ${oneLine ? inline(value, false) : expanded(value, source.indent, indent, source.newline)}`;
	};

/** The header path of what a node holds: `env.staging.migrations`. */
function tomlPath(member: MemberNode): string {
	const keys: string[] = [];
	for (let at: MemberNode | null = member; at; ) {
		keys.push(tomlKey(at.key.name));
		const owner: ObjectNode["parent"] = at.parent.parent;
		at = owner.type === "Member" ? owner : null;
	}
	return keys.reverse().join(".");
}

/** Inserts whole TOML tables behind an offset: at the next place where a table may begin. */
function insertTables(source: ConfigText, behind: number, tables: readonly (readonly string[])[], indent = ""): TextEdit[] {
	const { text, newline } = source;
	const block = tables.map((lines) => lines.map((line) => indent + line).join(newline)).join(newline + newline);
	let at = source.endOfLine(behind);
	const next = text[source.skipBlank(at, { inLine: false })];
	// Keys that follow would become keys of the new table.
	if (next !== undefined && next !== "[") at = text.trimEnd().length;
	const before = text.slice(0, at);
	if (before.trim() === "") return [{ range: [at, at], text: block + newline }];
	return [{ range: [at, at], text: newline + newline + block + (text.slice(at).trim() === "" && !text.slice(at).includes("\n") ? newline : "") }];
}

/** A tag that follows the others: their last number plus one, or `v` and the number of the entry. */
export function nextTag(list: MigrationList | null): string {
	const tags = (list?.steps ?? []).flatMap(({ tag }) => (tag ? [tag.value] : []));
	const taken = new Set(tags);
	const last = numberedTag(tags.at(-1) ?? "v0");
	const same = tags.flatMap((tag) => numberedTag(tag) ?? []).filter(({ prefix }) => prefix === last?.prefix);
	let number = last ? same.reduce((max, tag) => (tag.number > max ? tag.number : max), last.number) : BigInt(tags.length);
	const prefix = last?.prefix ?? "v";
	let tag: string;
	do {
		number += 1n;
		tag = prefix + String(number).padStart(last?.width ?? 1, "0");
	} while (taken.has(tag));
	return tag;
}

/** Adds a migration that creates a class with SQLite storage, as a new last entry. Nothing that is there is touched. */
export function addMigration(source: ConfigText, list: MigrationList | null, className: string): readonly TextEdit[] | null {
	if (!source.canCheck) return null;
	const entry = { tag: nextTag(list), new_sqlite_classes: [className] };
	const { root } = source.document;
	if (root.type !== "Object") return null;
	if (list) {
		const { array, member } = list;
		if (!array) return null;
		if (array.form === "brackets") return source.checked(append(source, array, renderValue(source, entry)));
		const last = list.steps.at(-1)?.at;
		const [first] = last?.members ?? [];
		const lines = [`[[${tomlPath(member)}]]`, ...Object.entries(entry).map(([key, value]) => `${key} = ${inline(value, true)}`)];
		const keyIndent = first ? source.indentAt(first.range[0]) : "";
		const indent = last ? source.indentAt(last.range[0]) : "";
		const [header = "", ...pairs] = lines;
		return source.checked(insertTables(source, array.range[1], [[indent + header, ...pairs.map((pair) => keyIndent + pair)]]));
	}
	if (memberOf(root, "migrations")) return null; // null: there, but not in force
	if (source.isToml) {
		const lines = ["[[migrations]]", ...Object.entries(entry).map(([key, value]) => `${key} = ${inline(value, true)}`)];
		return source.checked(insertTables(source, source.text.length, [lines]));
	}
	return source.checked(append(source, root, renderMember(source, "migrations", [entry], root)));
}

/** Adds an `exports` entry that creates a class with SQLite storage. */
export function addExport(source: ConfigText, map: ExportMap | null, className: string): readonly TextEdit[] | null {
	if (!source.canCheck) return null;
	const entry = { type: "durable-object", storage: "sqlite" };
	const { root } = source.document;
	if (root.type !== "Object") return null;
	const existing = map?.member.value;
	if (existing && existing.type !== "Object") return null;
	if (!existing && memberOf(root, "exports")) return null;
	if (existing?.form === "braces") return source.checked(append(source, existing, renderMember(source, className, entry, existing)));
	if (source.isToml) {
		const path = map ? tomlPath(map.member) : "exports";
		const lines = [`[${path}.${tomlKey(className)}]`, ...Object.entries(entry).map(([key, value]) => `${key} = ${inline(value, true)}`)];
		return source.checked(insertTables(source, existing?.range[1] ?? source.text.length, [lines]));
	}
	return source.checked(append(source, root, renderMember(source, "exports", { [className]: entry }, root)));
}

/** Gives an environment the bindings of the top level. */
export function copyBindings(source: ConfigText, top: ObjectNode, environmentKey: KeyNode): readonly TextEdit[] | null {
	if (!source.canCheck) return null;
	const from = memberOf(top, "durable_objects");
	const member = environmentKey.parent;
	if (!from || member.type !== "Member" || member.value.type !== "Object") return null;
	const environment = member.value;
	if (!source.isToml) {
		const base = source.indentAt(from.range[0]);
		const render: Render = ({ indent }) =>
			source.text
				.slice(...from.range)
				.split(/\r?\n/u)
				.map((line, at) => (at > 0 && line.startsWith(base) ? indent + line.slice(base.length) : line))
				.join(source.newline);
		return source.checked(append(source, environment, render));
	}
	const list = from.value.type === "Object" ? valueOf(from.value, "bindings") : null;
	if (list?.type !== "Array" || environment.form === "braces") return null;
	const path = `${tomlPath(member)}.durable_objects.bindings`;
	const tables = list.elements.flatMap((element) => {
		if (element.type !== "Object") return [];
		const pairs = element.members.map(({ key, value }) => `${tomlKey(key.name)} = ${source.text.slice(...value.range)}`);
		return [[`[[${path}]]`, ...pairs]];
	});
	return source.checked(insertTables(source, environment.range[1], tables));
}

/** Replaces a string, keeping the kind of its quotes. */
export function replaceString(source: ConfigText, node: StringNode, value: string): readonly TextEdit[] | null {
	const quote = source.text[node.range[0]];
	const text = quote === "'" && !value.includes("'") ? `'${value}'` : JSON.stringify(value);
	return source.canCheck ? source.checked([{ range: node.range, text }]) : null;
}

/** Renames a key, keeping its quotes. */
export function replaceKey(source: ConfigText, node: KeyNode, name: string): readonly TextEdit[] | null {
	const raw = source.text.slice(...node.range);
	const text = /^["']/u.test(raw) ? `${raw[0]}${name}${raw[0]}` : name;
	return source.canCheck ? source.checked([{ range: node.range, text }]) : null;
}

/**
 * Puts a comment that disables a rule above the line in which something starts. Only for TOML: for JSON editors can do it
 * by themselves, in TOML they would write `//`.
 *
 * @param column - of the start, from 0
 */
export function disableNextLine(source: ConfigText, start: number, column: number, ruleId: string): readonly TextEdit[] | null {
	const line = start - column;
	if (!source.isToml || source.isInString(line)) return null;
	const indent = /[ \t]*/uy;
	indent.lastIndex = line;
	const comment = `${indent.exec(source.text)?.[0] ?? ""}# eslint-disable-next-line ${ruleId} -- ${source.newline}`;
	return [{ range: [line, line], text: comment }];
}
