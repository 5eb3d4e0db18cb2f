/**
 * The fingerprints by which GitHub tells whether an alert is one that it knows, although its line has moved. They must be
 * the ones that its upload action computes, which warns of any others:
 * https://github.com/github/codeql-action/blob/main/src/fingerprints.ts
 */

/** So many characters from a line's start on, white space not counted, make its fingerprint. */
const WINDOW = 100;
const BASE = 37n;
const END_OF_FILE = 0xffff;
const NEWLINE = 10;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
/** The weight of the character that leaves the window. */
const leaving = wrap(BASE ** BigInt(WINDOW));

/** The characters that count, and at which of them each line begins. */
function significant(text: string): { readonly codes: readonly number[]; readonly starts: readonly number[] } {
	const codes: number[] = [];
	const starts: number[] = [];
	let isLineStart = true;
	for (const part of text.replace(/\r\n?/gu, "\n").match(/[^ \t]/gu) ?? []) {
		// Two code units where a character has two.
		for (let at = 0; at < part.length; at++) {
			if (isLineStart) starts.push(codes.length);
			const code = part.charCodeAt(at);
			isLineStart = code === NEWLINE;
			codes.push(code);
		}
	}
	if (isLineStart) starts.push(codes.length);
	codes.push(END_OF_FILE);
	return { codes, starts };
}

/**
 * One fingerprint a line, the first line's first: a hash of what stands there and behind, and the how manieth line with
 * that hash it is.
 */
export function lineFingerprints(text: string): string[] {
	const { codes, starts } = significant(text);
	const hashes = new Map<number, string>();
	const wanted = new Set(starts);
	let hash = 0n;
	for (let end = 0; end < codes.length + WINDOW; end++) {
		const start = end - WINDOW;
		if (wanted.has(start)) hashes.set(start, hash.toString(16));
		hash = wrap(hash * BASE + BigInt(codes[end] ?? 0) - leaving * BigInt(codes[start] ?? 0));
	}
	const met = new Map<string, number>();
	return starts.map((start) => {
		const own = hashes.get(start) ?? "";
		const nth = (met.get(own) ?? 0) + 1;
		met.set(own, nth);
		return `${own}:${nth}`;
	});
}
