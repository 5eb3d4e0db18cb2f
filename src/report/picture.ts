/** What is drawn of a class or a configuration: stations, and arrows between them. Plain data, apart from how it is drawn. */

export type Shape =
	/** Where code runs: a handler, a method. */
	| "code"
	/** Keys and tables. */
	| "storage"
	| "alarm"
	| "sockets"
	/** A Durable Object class as it exists for a while. */
	| "class"
	/** Another Worker. */
	| "elsewhere"
	/** Nothing any more. */
	| "gone";

export interface Station {
	readonly shape: Shape;
	readonly text: string;
}

export interface Arrow {
	/** Indices of stations. */
	readonly from: number;
	readonly to: number;
	/** What goes along it, in order. */
	readonly texts: readonly string[];
}

export interface Picture {
	/** Said above it; empty when what it hangs on says enough. */
	readonly title: string;
	readonly stations: readonly Station[];
	readonly arrows: readonly Arrow[];
}

/** Puts a picture together. Stations and arrows keep the order in which they are first mentioned. */
export class Sketch {
	readonly #stations = new Map<string, { readonly index: number; readonly station: Station }>();
	readonly #arrows = new Map<string, { readonly from: number; readonly to: number; readonly texts: Set<string> }>();

	/** @param key - tells this station from others of its shape */
	station(shape: Shape, text: string, key: string | number = text): number {
		const id = `${shape} ${key}`;
		let known = this.#stations.get(id);
		if (!known) this.#stations.set(id, (known = { index: this.#stations.size, station: { shape, text } }));
		return known.index;
	}

	/** Arrows between the same stations become one. */
	arrow(from: number, to: number, text: string): void {
		const id = `${from} ${to}`;
		const known = this.#arrows.get(id);
		if (known) known.texts.add(text);
		else this.#arrows.set(id, { from, to, texts: new Set([text]) });
	}

	get size(): number {
		return this.#arrows.size;
	}

	picture(title: string): Picture {
		return {
			title,
			stations: [...this.#stations.values()].map(({ station }) => station),
			arrows: [...this.#arrows.values()].map(({ from, to, texts }) => ({ from, to, texts: [...texts] })),
		};
	}
}
