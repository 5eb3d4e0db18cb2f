/** What changes in a text, for somebody who has to agree to it. */

const CONTEXT = 2;

/** The lines that both texts have, in order: longest common subsequence, by pairs of indices. */
function commonLines(before: readonly string[], after: readonly string[]): [number, number][] {
	const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
	const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
	for (let i = before.length - 1; i >= 0; i--) {
		const row = lengths[i];
		if (!row) continue;
		for (let j = after.length - 1; j >= 0; j--) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	}
	const pairs: [number, number][] = [];
	for (let i = 0, j = 0; i < before.length && j < after.length; ) {
		if (before[i] === after[j]) pairs.push([i++, j++]);
		else if (at(i + 1, j) >= at(i, j + 1)) i++;
		else j++;
	}
	return pairs;
}

/**
 * The changed lines, marked with `+` and `-`, with two lines around them; `…` stands for what is left out.
 *
 * @param before - null for a new file
 */
export function lineDiff(before: string | null, after: string): string {
	const linesOf = (text: string): string[] => text.replace(/\r?\n$/u, "").split(/\r?\n/u);
	const newLines = linesOf(after);
	if (before === null) return newLines.map((line) => `+ ${line}`).join("\n");
	const oldLines = linesOf(before);
	const marked: { readonly mark: string; readonly line: string }[] = [];
	let [i, j] = [0, 0];
	for (const [nextI, nextJ] of [...commonLines(oldLines, newLines), [oldLines.length, newLines.length] as const]) {
		for (; i < nextI; i++) marked.push({ mark: "-", line: oldLines[i] ?? "" });
		for (; j < nextJ; j++) marked.push({ mark: "+", line: newLines[j] ?? "" });
		if (i < oldLines.length) marked.push({ mark: " ", line: oldLines[i] ?? "" });
		i = nextI + 1;
		j = nextJ + 1;
	}
	const isNear = (index: number): boolean => marked.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== " ");
	const shown: string[] = [];
	marked.forEach(({ mark, line }, index) => {
		if (isNear(index)) shown.push(`${mark} ${line}`);
		else if (shown.at(-1) !== "  …") shown.push("  …");
	});
	return shown.join("\n");
}
