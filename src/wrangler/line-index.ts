import type { Position } from "./document.ts";

/** Turns offsets into positions, in logarithmic time. Lines end at `\n` or `\r\n`, as TOML and ESLint's base class say. */
export class LineIndex {
	readonly #starts: number[] = [0];

	constructor(text: string) {
		for (const { index, 0: ending } of text.matchAll(/\r?\n/gu)) this.#starts.push(index + ending.length);
	}

	positionOf(offset: number): Position {
		let low = 0;
		let high = this.#starts.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#starts[middle] ?? Infinity) <= offset) low = middle;
			else high = middle - 1;
		}
		return { line: low + 1, column: offset - (this.#starts[low] ?? 0) };
	}

	span(start: number, end: number): { loc: { start: Position; end: Position }; range: [number, number] } {
		return { loc: { start: this.positionOf(start), end: this.positionOf(end) }, range: [start, end] };
	}
}
