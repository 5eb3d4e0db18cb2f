/**
 * What may run while a Durable Object waits. Measured in workerd 1.20261117.1 and 1.20261023.1: many concurrent calls of
 * "read; await X; write", counting lost updates. The documentation says the same in general terms.
 */

/** `closed`: the input gate holds other events back; `open`: any other event is delivered; `micro`: only this event goes on. */
export type Gate = "micro" | "closed" | "open" | "unknown";

export interface SuspensionFact {
	/** What is awaited. */
	readonly awaited: string;
	readonly gate: Gate;
	readonly source: string;
	readonly checked: string;
}

const RULES = "https://developers.cloudflare.com/durable-objects/best-practices/rules-of-durable-objects/";
const STORAGE = "https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/";
const measured = { source: `measured in workerd; ${RULES}`, checked: "2026-11-23" };
const documented = { source: `measured in workerd; ${STORAGE}`, checked: "2026-11-23" };

/** Methods of `storage`, a transaction and `ctx` that return promises. Everything of `sql` and `kv` is synchronous. */
export const platformSuspensions: Readonly<Record<string, SuspensionFact>> = {
	get: { awaited: "storage.get()", gate: "closed", ...documented },
	put: { awaited: "storage.put()", gate: "closed", ...documented },
	delete: { awaited: "storage.delete()", gate: "closed", ...documented },
	list: { awaited: "storage.list()", gate: "closed", ...documented },
	deleteAll: { awaited: "storage.deleteAll()", gate: "closed", ...documented },
	getAlarm: { awaited: "storage.getAlarm()", gate: "closed", ...documented },
	setAlarm: { awaited: "storage.setAlarm()", gate: "closed", ...documented },
	deleteAlarm: { awaited: "storage.deleteAlarm()", gate: "closed", ...documented },
	transaction: { awaited: "storage.transaction()", gate: "closed", ...documented },
	blockConcurrencyWhile: { awaited: "ctx.blockConcurrencyWhile()", gate: "closed", ...measured },
	/** On the KV backend the gate stays closed; see `gateOnKv`. */
	sync: { awaited: "storage.sync()", gate: "open", source: "measured in workerd", checked: "2026-11-23" },
	getCurrentBookmark: { awaited: "storage.getCurrentBookmark()", gate: "open", source: "measured in workerd", checked: "2026-11-23" },
	getBookmarkForTime: { awaited: "storage.getBookmarkForTime()", gate: "unknown", source: "not measured", checked: "2026-11-23" },
	onNextSessionRestoreBookmark: { awaited: "storage.onNextSessionRestoreBookmark()", gate: "unknown", source: "not measured", checked: "2026-11-23" },
};

/** Where the KV backend differs: `storage.sync()` keeps the gate closed there, `allowConcurrency: true` opens it. */
export const gateOnKv: Readonly<Record<"sync" | "allowConcurrency", SuspensionFact>> = {
	sync: { awaited: "storage.sync()", gate: "closed", source: "measured in workerd", checked: "2026-11-23" },
	allowConcurrency: { awaited: "storage.get(key, { allowConcurrency: true })", gate: "open", ...documented },
};

/** Reading a body, even one in memory. Source: the Body mixin of the Fetch standard, https://fetch.spec.whatwg.org/#body-mixin (checked 2026-11-25). */
export const bodyReads: ReadonlySet<string> = new Set(["json", "text", "arrayBuffer", "blob", "formData", "bytes"]);
/** Reading and writing streams. Source: https://streams.spec.whatwg.org/#rs-pipe-to (checked 2026-11-25). */
export const streamOperations: ReadonlySet<string> = new Set(["pipeTo"]);

/** Modules whose functions wait for a timer. Source: https://nodejs.org/api/timers.html#timers-promises-api (checked 2026-11-25). */
export const timerModules: ReadonlySet<string> = new Set(["node:timers/promises", "timers/promises"]);

export const waiting: Readonly<Record<"fetch" | "binding" | "body" | "stream" | "timer" | "import" | "crypto" | "cache", SuspensionFact>> = {
	fetch: { awaited: "fetch()", gate: "open", ...measured },
	binding: { awaited: "a binding or a stub", gate: "open", ...measured },
	body: { awaited: "a request's or response's body", gate: "open", source: "measured in workerd", checked: "2026-11-23" },
	stream: { awaited: "a stream", gate: "open", source: "measured in workerd", checked: "2026-11-23" },
	timer: { awaited: "a timer", gate: "open", ...measured },
	import: { awaited: "import()", gate: "open", source: "measured in workerd", checked: "2026-11-23" },
	crypto: { awaited: "crypto.subtle", gate: "micro", source: "measured in workerd", checked: "2026-11-23" },
	/** Kept closed in workerd, which is an implementation detail. */
	cache: { awaited: "the Cache API", gate: "unknown", source: "measured in workerd", checked: "2026-11-23" },
};

/** Methods of text: where nobody awaits it, `env.BASE_URL.replace(...)` is about a variable of the environment, and no request. */
export const textMethods: ReadonlySet<string> = new Set([
	"charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "includes", "indexOf", "lastIndexOf", "localeCompare", "normalize", "padEnd", "padStart", "repeat",
	"replace", "replaceAll", "slice", "split", "startsWith", "substring", "toLowerCase", "toString", "toUpperCase", "trim", "trimEnd", "trimStart",
]);

/** Methods of lists, maps, cursors and text that give no promise, whatever they are called on. */
export const synchronousMethods: ReadonlySet<string> = new Set([
	"map", "filter", "slice", "join", "split", "toString", "toArray", "one", "keys", "values", "entries", "includes", "indexOf", "concat", "trim", "reverse", "sort",
]);
