/** A value together with where it was found, so that a message can say so. */
export interface Sourced<T> {
	readonly value: T;
	/** In words for a message: `wrangler.jsonc`, `settings["durable-objects"]`, `the rule's option`. */
	readonly from: string;
}

export type StorageBackend = "sqlite" | "kv" | "unknown";

/** What spans files: what the nearest Wrangler configuration says about the code beside it. Nothing is ever guessed. */
export interface Project {
	/** Absolute path of the nearest Wrangler configuration, or null. */
	readonly configPath: string | null;
	/** `compatibility_date` (YYYY-MM-DD) in force, or null when nothing says. With several environments: the earliest one. */
	readonly compatibilityDate: Sourced<string> | null;
	readonly compatibilityFlags: readonly string[];
	/** Names of classes that the configuration binds, creates or exports as Durable Objects of this Worker. */
	readonly classNames: ReadonlySet<string>;
	storageOf(className: string): Sourced<StorageBackend>;
}

/** What is known of the project around a linted file. */
export function projectFor(_file: { readonly filename: string; readonly settings: Readonly<Record<string, unknown>>; readonly cwd: string }): Project {
	return {
		configPath: null,
		compatibilityDate: null,
		compatibilityFlags: [],
		classNames: new Set(),
		storageOf: () => ({ value: "unknown", from: "no configuration" }),
	};
}
