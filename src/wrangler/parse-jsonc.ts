import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import type { CommentNode, DocumentNode, KeyNode, MemberNode, ObjectNode, ValueNode } from "./document.ts";
import { LineIndex } from "./line-index.ts";
import type { ParseResult, SyntaxProblem } from "./parse.ts";

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Open =
	| { readonly node: Writable<ObjectNode> & { members: MemberNode[] }; readonly seen: Map<string, KeyNode>; key: KeyNode | null }
	| { readonly node: Writable<Extract<ValueNode, { type: "Array" }>> & { elements: ValueNode[] } };

const WORDS: Record<string, string> = {
	InvalidSymbol: "Unexpected word",
	InvalidNumberFormat: "Invalid number",
	PropertyNameExpected: "A key in double quotes is expected here",
	ValueExpected: "A value is expected here",
	ColonExpected: "A colon is expected here",
	CommaExpected: "A comma is expected here",
	CloseBraceExpected: "A closing brace is expected here",
	CloseBracketExpected: "A closing bracket is expected here",
	EndOfFileExpected: "Nothing is expected after the configuration's closing brace",
	UnexpectedEndOfComment: "This comment is never closed",
	UnexpectedEndOfString: "This string is never closed",
	UnexpectedEndOfNumber: "This number ends too early",
	InvalidUnicode: "Invalid \\u escape",
	InvalidEscapeCharacter: "Invalid escape in a string",
	InvalidCharacter: "This character must be escaped in a string",
};

/**
 * Parses JSON with comments and trailing commas, which is how Wrangler reads both `wrangler.json` and `wrangler.jsonc`.
 *
 * @param text - without byte order mark
 */
export function parseJsonc(text: string): ParseResult {
	const lines = new LineIndex(text);
	const comments: CommentNode[] = [];
	const repeatedKeys: { first: KeyNode; again: KeyNode }[] = [];
	const open: Open[] = [];
	let root: ValueNode | null = null;
	let problem: SyntaxProblem | null = null;

	const fail = (code: ParseErrorCode, offset: number) => {
		if (problem) return;
		const name = printParseErrorCode(code);
		problem = { message: `${WORDS[name] ?? name}.`, ...lines.positionOf(offset) };
	};

	// Parents are set when a node is closed or placed: until then the tree is under construction.
	const place = (node: Writable<ValueNode>) => {
		const into = open.at(-1);
		if (!into) root ??= node as ValueNode;
		else if ("key" in into) {
			if (!into.key) return; // after a syntax error
			const span = lines.span(into.key.range[0], node.range[1]);
			const member: Writable<MemberNode> = { type: "Member", key: into.key, value: node, parent: into.node, ...span };
			(into.key as Writable<KeyNode>).parent = member;
			node.parent = member;
			into.node.members.push(member);
			into.key = null;
		} else {
			node.parent = into.node;
			into.node.elements.push(node);
		}
	};
	const close = (offset: number, length: number) => {
		const closed = open.pop();
		if (!closed) return;
		Object.assign(closed.node, lines.span(closed.node.range[0], offset + length));
		place(closed.node);
	};

	// A parent is always assigned before the tree is handed out; `orphan` only satisfies the types until then.
	const orphan = null as unknown as DocumentNode;
	try {
		visit(
			text,
			{
				onObjectBegin(offset, length) {
					const node = { type: "Object" as const, members: [], form: "braces" as const, header: null, parent: orphan, ...lines.span(offset, offset + length) };
					open.push({ node, seen: new Map(), key: null });
				},
				onObjectProperty(name, offset, length) {
					const into = open.at(-1);
					if (!into || !("key" in into)) return;
					const key: KeyNode = { type: "Key", name, parent: into.node, ...lines.span(offset, offset + length) };
					const first = into.seen.get(name);
					if (first) repeatedKeys.push({ first, again: key });
					else into.seen.set(name, key);
					into.key = key;
				},
				onObjectEnd: close,
				onArrayBegin(offset, length) {
					open.push({ node: { type: "Array", elements: [], form: "brackets", parent: orphan, ...lines.span(offset, offset + length) } });
				},
				onArrayEnd: close,
				onLiteralValue(value: unknown, offset, length) {
					const at = { parent: orphan, ...lines.span(offset, offset + length) };
					if (typeof value === "string") place({ type: "String", value, ...at });
					else if (typeof value === "number") place({ type: "Number", value, ...at });
					else if (typeof value === "boolean") place({ type: "Boolean", value, ...at });
					else place({ type: "Null", value: null, ...at });
				},
				onComment(offset, length) {
					const raw = text.slice(offset, offset + length);
					const block = raw.startsWith("/*");
					const value = block ? raw.slice(2, raw.endsWith("*/") ? -2 : undefined) : raw.slice(2);
					comments.push({ type: block ? "Block" : "Line", value, ...lines.span(offset, offset + length) });
				},
				onError: fail,
			},
			{ allowTrailingComma: true },
		);
	} catch (error) {
		// jsonc-parser recurses: some thousand nested brackets overflow the stack. Nobody means them.
		if (!(error instanceof RangeError)) throw error;
		problem = { message: "The file is nested too deeply.", line: 1, column: 0 };
	}
	if (problem) return { ok: false, problem };
	if (!root) return { ok: false, problem: { message: "The file is empty: Wrangler expects a JSON object.", line: 1, column: 0 } };

	const document: DocumentNode = {
		type: "Document",
		format: "jsonc",
		root,
		comments,
		repeatedKeys,
		body: [],
		tokens: [],
		parent: null,
		...lines.span(0, text.length),
	};
	(root as Writable<ValueNode>).parent = document;
	return { ok: true, document };
}
