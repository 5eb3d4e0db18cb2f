/** A seeded source of choices, so that a configuration can be made again from its seed (mulberry32). */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** In [0, 1). */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	}

	/** A whole number from `low` to `high`, both included. */
	int(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(choices: readonly T[]): T {
		const choice = choices[this.int(0, choices.length - 1)];
		if (choice === undefined) throw new Error("nothing to choose from");
		return choice;
	}

	/** `count` different choices, or all if there are fewer. */
	some<T>(choices: readonly T[], count: number): T[] {
		const left = [...choices];
		const taken: T[] = [];
		while (taken.length < count && left.length > 0) taken.push(...left.splice(this.int(0, left.length - 1), 1));
		return taken;
	}
}
