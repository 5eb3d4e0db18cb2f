/** SQLite's tokens (https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/c3ref/bind_blob.html), with holes. */
import { holeOffsets, joinSql, type SqlText } from "./text.ts";

export type SqlTokenKind =
	/** An unquoted name or keyword. */
	| "word"
	/** A name in "…", […] or `…`. */
	| "quoted"
	| "string"
	| "blob"
	| "number"
	/** `?`, `?1`, `:name`, `@name`, `$name`. */
	| "parameter"
	/** One or more holes with nothing else touching them. */
	| "hole"
	/** Operators, brackets, commas, and any character that SQLite does not know. */
	| "punctuation";

export interface SqlToken {
	readonly kind: SqlTokenKind;
	readonly start: number;
	readonly end: number;
	/** Upper-cased text of a word without holes and of punctuation; empty for all else. */
	readonly text: string;
	/** Indices of the holes inside it. */
	readonly holes: readonly number[];
}

export interface LexedSql {
	readonly text: string;
	readonly tokens: readonly SqlToken[];
	readonly holeOffsets: readonly number[];
	readonly holesInComments: ReadonlySet<number>;
}

const OPERATORS = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="];
const NO_HOLES: readonly number[] = [];
const NEWLINE = 10;

function isSpace(code: number): boolean {
	return code === 32 || (code >= 9 && code <= 13 && code !== 11) || code === 0xfeff;
}

function isDigit(code: number): boolean {
	return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
	return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || (code >= 0x80 && code !== 0xfeff);
}

function isWordPart(code: number): boolean {
	return isWordStart(code) || isDigit(code) || code === 36;
}

/** Where a bracketed token ends: after the closing character, or at the end of the text. A doubled close is no close. */
function endOfQuoted(text: string, start: number, close: string, doubles: boolean): number {
	let from = start + 1;
	for (;;) {
		const at = text.indexOf(close, from);
		if (at < 0) return text.length;
		if (!doubles || text[at + 1] !== close) return at + 1;
		from = at + 2;
	}
}

function endOfNumber(text: string, start: number): number {
	let at = start;
	const hex = text[at] === "0" && /[xX]/.test(text[at + 1] ?? "");
	if (hex) at += 2;
	while (at < text.length) {
		const code = text.charCodeAt(at);
		// The sign of an exponent belongs to the number; everything that may stand in a word is taken along, as SQLite does.
		const sign = !hex && (text[at] === "+" || text[at] === "-") && /[eE]/.test(text[at - 1] ?? "") && isDigit(text.charCodeAt(at + 1));
		if (!isDigit(code) && code !== 46 && !sign && !isWordPart(code)) break;
		at++;
	}
	return at;
}

function endOfComment(text: string, start: number): number {
	if (text.startsWith("--", start)) {
		let at = start + 2;
		while (at < text.length && text.charCodeAt(at) !== NEWLINE) at++;
		return at;
	}
	const close = text.indexOf("*/", start + 2);
	return close < 0 ? text.length : close + 2;
}

/** The tokens of a text. Never fails: what is not closed ends with the text. */
export function lexSql(source: SqlText): LexedSql {
	const text = joinSql(source);
	const offsets = holeOffsets(source);
	const tokens: SqlToken[] = [];
	const holesInComments = new Set<number>();
	let nextHole = 0;
	let at = 0;

	const isHole = (offset: number, ahead: number): boolean => offsets[nextHole + ahead] === offset;

	/** The holes up to `end`, which are then behind us. */
	function takeHoles(end: number): readonly number[] {
		if ((offsets[nextHole] ?? Infinity) >= end) return NO_HOLES;
		const taken: number[] = [];
		while ((offsets[nextHole] ?? Infinity) < end) taken.push(nextHole++);
		return taken;
	}

	function push(kind: SqlTokenKind, end: number): void {
		const holes = takeHoles(end);
		const named = holes.length === 0 && (kind === "word" || kind === "punctuation");
		tokens.push({ kind, start: at, end, text: named ? text.slice(at, end).toUpperCase() : "", holes });
		at = end;
	}

	/** The end of a run of word characters and holes, and whether it is made of holes only. */
	function wordRun(start: number, belongs = isWordPart): { end: number; onlyHoles: boolean } {
		let end = start;
		let ahead = 0;
		let onlyHoles = true;
		while (end < text.length) {
			if (isHole(end, ahead)) ahead++;
			else if (belongs(text.charCodeAt(end))) onlyHoles = false;
			else break;
			end++;
		}
		return { end, onlyHoles };
	}

	while (at < text.length) {
		const code = text.charCodeAt(at);
		const char = text[at] ?? "";
		if (isHole(at, 0)) {
			const run = wordRun(at);
			push(run.onlyHoles ? "hole" : "word", run.end);
		} else if (isSpace(code)) {
			at++;
		} else if (text.startsWith("--", at) || text.startsWith("/*", at)) {
			at = endOfComment(text, at);
			for (const hole of takeHoles(at)) holesInComments.add(hole);
		} else if (char === "'") {
			push("string", endOfQuoted(text, at, "'", true));
		} else if (char === '"' || char === "`") {
			push("quoted", endOfQuoted(text, at, char, true));
		} else if (char === "[") {
			push("quoted", endOfQuoted(text, at, "]", false));
		} else if ((char === "x" || char === "X") && text[at + 1] === "'") {
			push("blob", endOfQuoted(text, at + 1, "'", false));
		} else if (isDigit(code) || (char === "." && isDigit(text.charCodeAt(at + 1)))) {
			const end = endOfNumber(text, at);
			push("number", Math.max(end, wordRun(end).end));
		} else if (isWordStart(code)) {
			push("word", wordRun(at).end);
		} else if (char === "?") {
			push("parameter", wordRun(at + 1, isDigit).end);
		} else if ((char === ":" || char === "@" || char === "$") && wordRun(at + 1).end > at + 1) {
			push("parameter", wordRun(at + 1).end);
		} else {
			const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at)) ?? char;
			push("punctuation", at + operator.length);
		}
	}
	return { text, tokens, holeOffsets: offsets, holesInComments };
}
