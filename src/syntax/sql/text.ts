/** SQL as JavaScript writes it: text with holes. */

/**
 * The text of one or more statements, split where a value that is only known at run time is put in, like the cooked
 * quasis of a template literal: hole `i` stands between `parts[i]` and `parts[i + 1]`. What is constant should be
 * folded into the parts by the caller.
 */
export interface SqlText {
	readonly parts: readonly string[];
}

/** Offsets in UTF-16 code units of the joined text (see {@link joinSql}), the end exclusive. */
export type SqlRange = readonly [start: number, end: number];

/** Stands for one hole in the joined text. Holes are told by their offset, so the same character in the text is no hole. */
const HOLE = "\uFFFC";

/** The parts with one character (U+FFFC) for each hole; all ranges are offsets in this text. */
export function joinSql(text: SqlText): string {
	return text.parts.join(HOLE);
}

/** The offset of each hole in the joined text, ascending. */
export function holeOffsets(text: SqlText): number[] {
	const offsets: number[] = [];
	let offset = 0;
	for (let index = 0; index < text.parts.length - 1; index++) {
		offset += (text.parts[index] ?? "").length;
		offsets.push(offset);
		offset += HOLE.length;
	}
	return offsets;
}

/**
 * Where an offset of the joined text lies: in which part, and how far into it. The offset of hole `i` is the end of
 * part `i`; an offset beyond the text is the end of the last part.
 */
export function locateInParts(text: SqlText, offset: number): { part: number; offset: number } {
	let rest = Math.max(0, offset);
	const last = Math.max(0, text.parts.length - 1);
	for (let part = 0; part < last; part++) {
		const length = (text.parts[part] ?? "").length;
		if (rest <= length) return { part, offset: rest };
		rest -= length + HOLE.length;
	}
	return { part: last, offset: Math.min(rest, (text.parts[last] ?? "").length) };
}
