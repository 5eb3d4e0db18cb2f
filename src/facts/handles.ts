/** The platform objects that a Durable Object holds, and the properties that lead from one to another. */

export type Handle = "ctx" | "env" | "storage" | "sql" | "kv" | "transaction";

/** From handle and property to handle. Source: @cloudflare/workers-types 5.20261117.1 (checked 2026-11-23). */
export const handleProperties: Readonly<Record<Handle, Readonly<Record<string, Handle>>>> = {
	ctx: { storage: "storage" },
	env: {},
	storage: { sql: "sql", kv: "kv" },
	sql: {},
	kv: {},
	transaction: {},
};

/** Types of @cloudflare/workers-types (global, or imported under the same name) that denote a handle. */
export const handleTypes: Readonly<Record<string, Handle>> = {
	DurableObjectState: "ctx",
	DurableObjectStorage: "storage",
	DurableObjectTransaction: "transaction",
	SqlStorage: "sql",
	SyncKvStorage: "kv",
};

/** Types of bindings whose methods are requests. Source: @cloudflare/workers-types 5.20261117.1 (checked 2026-11-25). */
export const bindingTypes: ReadonlySet<string> = new Set([
	"Ai", "AnalyticsEngineDataset", "D1Database", "DurableObjectNamespace", "DurableObjectStub", "Fetcher", "Hyperdrive", "KVNamespace", "Queue", "R2Bucket", "Service", "VectorizeIndex", "Workflow",
]);

/** Modules whose exported types are the platform's. */
export const platformTypeModules: readonly string[] = ["cloudflare:workers", "@cloudflare/workers-types", "@cloudflare/workers-types/experimental"];
