/** What somebody may have meant who mistyped a name. */

function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}

/** The known name that is most like the given one; null when none is much like it. */
export function closest(name: string, known: readonly string[]): string | null {
	const short = name.slice(0, 60);
	const containing = short.length > 2 ? known.filter((candidate) => candidate.includes(short)) : [];
	if (containing[0] !== undefined && containing.length <= 3) return containing[0];
	const ranked = known.map((candidate) => ({ candidate, far: distance(short, candidate) })).sort((a, b) => a.far - b.far);
	const [best] = ranked;
	return best && best.far <= Math.max(2, Math.floor(short.length / 3)) ? best.candidate : null;
}
