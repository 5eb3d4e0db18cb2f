import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { ArrayNode, DocumentNode, KeyNode, MemberNode, ObjectNode, ValueNode } from "./document.ts";
import { LineIndex } from "./line-index.ts";
import type { ParseResult } from "./parse.ts";

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Parent = ValueNode["parent"];
type Key = AST.TOMLBare | AST.TOMLQuoted;

/** An object under construction, with its keys in an index: a list of ten thousand tables must not be searched each time. */
interface Table {
	readonly node: Writable<ObjectNode> & { members: MemberNode[] };
	readonly entries: Map<string, Entry>;
}
type Entry = { readonly table: Table } | { readonly tables: { readonly node: Writable<ArrayNode> & { elements: ValueNode[] }; last: Table } } | "closed";

const nameOf = (key: Key): string => (key.type === "TOMLBare" ? key.name : key.value);

/** Folds TOML's tables, dotted keys and arrays of tables into one tree of nested objects. */
class Folding {
	readonly #lines: LineIndex;
	readonly root: Table;

	constructor(lines: LineIndex, end: number) {
		this.#lines = lines;
		// The document is the root's parent; it is set when it exists.
		this.root = this.#table(null as unknown as DocumentNode, "implied", null, [0, end]);
	}

	#table(parent: Parent, form: ObjectNode["form"], header: KeyNode | null, [start, end]: readonly [number, number]): Table {
		const node = { type: "Object" as const, members: [], form, header, parent, ...this.#lines.span(start, end) };
		return { node, entries: new Map() };
	}

	#key(key: Key, parent: KeyNode["parent"]): KeyNode {
		return { type: "Key", name: nameOf(key), parent, ...this.#lines.span(...key.range) };
	}

	#member(into: Table, key: Key, value: Writable<ValueNode>, [start, end]: readonly [number, number]): MemberNode {
		const member: Writable<MemberNode> = {
			type: "Member",
			key: null as unknown as KeyNode, // a key and its member know each other; one has to come first
			value: value,
			parent: into.node,
			...this.#lines.span(start, end),
		};
		member.key = this.#key(key, member);
		value.parent = member;
		into.node.members.push(member);
		return member;
	}

	/** The table that `key` names inside `into`, made if it is not there yet. Null if `key` holds something else. */
	step(into: Table, key: Key, range: readonly [number, number]): Table | null {
		const entry = into.entries.get(nameOf(key));
		if (entry === "closed") return null; // toml-eslint-parser has refused this already
		if (entry) return "table" in entry ? entry.table : entry.tables.last;
		const table = this.#table(into.node as unknown as Parent, "implied", null, range);
		this.#member(into, key, table.node, range);
		into.entries.set(nameOf(key), { table });
		return table;
	}

	#walk(from: Table, keys: readonly Key[], range: readonly [number, number]): Table | null {
		let at: Table | null = from;
		for (const key of keys) {
			if (!at) return null;
			at = this.step(at, key, range);
			if (at) this.#extend(at.node, range[1]);
		}
		return at;
	}

	/** A table ends where the last line ends that belongs to it or to a table below it. */
	#extend(node: Writable<ObjectNode> | Writable<ArrayNode>, end: number): void {
		if (node.range[1] >= end) return;
		const start = node.range[0];
		Object.assign(node, this.#lines.span(start, end));
		const member = node.parent;
		if (member?.type === "Member" && member.range[1] < end) Object.assign(member, this.#lines.span(member.range[0], end));
		else if (member?.type === "Array" && member.form === "tables") this.#extend(member, end);
	}

	pair(into: Table, pair: AST.TOMLKeyValue): void {
		const last = pair.key.keys.at(-1);
		if (!last) return;
		const table = this.#walk(into, pair.key.keys.slice(0, -1), pair.range);
		if (!table) return;
		this.#member(table, last, this.#value(pair.value, table.node as unknown as Parent), pair.range);
		table.entries.set(nameOf(last), "closed");
	}

	#value(value: AST.TOMLContentNode, parent: Parent): Writable<ValueNode> {
		const at = { parent, ...this.#lines.span(...value.range) };
		if (value.type === "TOMLArray") {
			const array: Writable<ArrayNode> & { elements: ValueNode[] } = { type: "Array", elements: [], form: "brackets", ...at };
			for (const element of value.elements) array.elements.push(this.#value(element, array));
			return array;
		}
		if (value.type === "TOMLInlineTable") {
			const table = this.#table(parent, "braces", null, value.range);
			for (const pair of value.body) this.pair(table, pair);
			return table.node;
		}
		switch (value.kind) {
			case "string":
				return { type: "String", value: value.value, ...at };
			case "integer":
			case "float":
				return { type: "Number", value: value.value, ...at };
			case "boolean":
				return { type: "Boolean", value: value.value, ...at };
			default:
				return { type: "Date", value: value.datetime, ...at };
		}
	}

	header(table: AST.TOMLTable): void {
		const last = table.key.keys.at(-1);
		if (!last) return;
		const into = this.#walk(this.root, table.key.keys.slice(0, -1), table.range);
		if (!into) return;
		const target = table.kind === "array" ? this.#append(into, last, table.range) : this.#open(into, last, table.range);
		if (!target) return;
		for (const pair of table.body) this.pair(target, pair);
	}

	#open(into: Table, key: Key, range: readonly [number, number]): Table | null {
		const known = into.entries.has(nameOf(key));
		const table = this.step(into, key, range);
		if (!table) return null;
		if (table.node.form === "implied") {
			table.node.form = "table";
			table.node.header = this.#key(key, table.node);
		}
		if (known) this.#extend(table.node, range[1]);
		return table;
	}

	#append(into: Table, key: Key, range: readonly [number, number]): Table | null {
		const entry = into.entries.get(nameOf(key));
		if (entry === "closed" || (entry && "table" in entry)) return null;
		if (entry) {
			const { tables } = entry;
			tables.last = this.#entry(tables.node, key, range);
			this.#extend(tables.node, range[1]);
			return tables.last;
		}
		const node = { type: "Array" as const, elements: [], form: "tables" as const, parent: into.node as unknown as Parent, ...this.#lines.span(...range) };
		this.#member(into, key, node, range);
		const last = this.#entry(node, key, range);
		into.entries.set(nameOf(key), { tables: { node, last } });
		return last;
	}

	#entry(array: Writable<ArrayNode> & { elements: ValueNode[] }, key: Key, range: readonly [number, number]): Table {
		const table = this.#table(array, "table", null, range);
		table.node.header = this.#key(key, table.node);
		array.elements.push(table.node);
		return table;
	}
}

/**
 * Parses TOML into the same tree that `parseJsonc` gives.
 *
 * @param text - without byte order mark
 */
export function parseToml(text: string): ParseResult {
	const lines = new LineIndex(text);
	// Our parser takes it for white space; TOML has no place for it, and Wrangler's parser refuses it.
	const stray = text.search(/\r(?!\n)/u);
	if (stray >= 0) return { ok: false, problem: { message: "TOML lines end with a line feed: a carriage return alone is not allowed.", ...lines.positionOf(stray) } };
	let program: AST.TOMLProgram;
	try {
		program = parseTOML(text, { tomlVersion: "1.1" });
	} catch (error) {
		if (error instanceof ParseError) return { ok: false, problem: { message: explain(error, text), line: error.lineNumber, column: error.column } };
		if (error instanceof RangeError) return { ok: false, problem: { message: "The file is nested too deeply.", line: 1, column: 0 } };
		throw error;
	}
	const folding = new Folding(lines, text.length);
	for (const part of program.body[0].body) {
		if (part.type === "TOMLKeyValue") folding.pair(folding.root, part);
		else folding.header(part);
	}
	const root = folding.root.node;
	const document: DocumentNode = {
		type: "Document",
		format: "toml",
		root: root,
		comments: program.comments.map((comment) => ({ type: "Line", value: comment.value, ...lines.span(...comment.range) })),
		repeatedKeys: [],
		body: [],
		tokens: [],
		parent: null,
		...lines.span(0, text.length),
	};
	root.parent = document;
	return { ok: true, document };
}

/** Editors offer to disable a rule with a `//` comment in any file; in TOML that line is a syntax error, so say why. */
function explain(error: ParseError, text: string): string {
	const line = text.split("\n")[error.lineNumber - 1] ?? "";
	return /^\s*\/[/*]/u.test(line) ? "TOML comments start with '#', not with '//' or '/*'." : error.message;
}
