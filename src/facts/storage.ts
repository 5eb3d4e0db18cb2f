/**
 * What storage refuses and limits. Measured in workerd 1.20261023.1 on 2026-11-25; documented at
 * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ and .../platform/limits/.
 */
import type { CompatibilityChange } from "./websockets.ts";

/** Since then `deleteAll()` deletes the alarm too. Source: https://developers.cloudflare.com/workers/configuration/compatibility-flags/ (checked 2026-11-23). */
export const deleteAllDeletesAlarm: CompatibilityChange = { since: "2026-02-24", flag: "delete_all_deletes_alarm", optOut: "delete_all_preserves_alarm" };

/** Every PRAGMA that is allowed, and whether it takes an argument there; any other is `not authorized`. */
export const allowedPragmas: Readonly<Record<string, "never" | "optional" | "required">> = {
	data_version: "never",
	page_size: "never",
	case_sensitive_like: "optional",
	foreign_keys: "optional",
	defer_foreign_keys: "optional",
	ignore_check_constraints: "optional",
	legacy_alter_table: "optional",
	recursive_triggers: "optional",
	reverse_unordered_selects: "optional",
	foreign_key_check: "optional",
	quick_check: "optional",
	optimize: "optional",
	table_list: "optional",
	foreign_key_list: "required",
	index_info: "required",
	index_list: "required",
	index_xinfo: "required",
	table_info: "required",
	table_xinfo: "required",
};

/** Functions of SQLite that are there and not authorised. */
export const forbiddenFunctions: ReadonlySet<string> = new Set([
	"sqlite_version", "sqlite_source_id", "sqlite_compileoption_get", "sqlite_compileoption_used", "fts5_source_id", "load_extension",
]);

/** Names that begin so belong to the runtime: tables, indexes, views and triggers; a column may be called so. */
export const RESERVED_PREFIX = "_cf_";

/** Bound parameters of one statement. */
export const MAX_PARAMETERS = 100;
export const MAX_COLUMNS = 100;

/** Keys of one `get([...])`, `put({...})` or `delete([...])`, as documented at .../api/legacy-kv-storage-api/ (checked 2026-11-23). */
export const MAX_BULK_KEYS = 128;

/** Global classes whose instances `storage.put` refuses: they have no serialisation outside of calls. */
export const unstorableClasses: ReadonlySet<string> = new Set(["Promise", "WeakMap", "WeakSet", "WeakRef", "URL", "URLSearchParams", "FormData", "ReadableStream", "WritableStream", "TransformStream", "WebSocket", "WebSocketPair", "AbortController"]);

/**
 * Options of Workers KV that the storage of an object does not have, and what comes of giving them: they are ignored, without
 * an error. Measured in workerd 1.20261023.1 on 2026-11-26; KV's are documented at https://developers.cloudflare.com/kv/api/.
 */
export const workersKvOptions: Readonly<Record<string, "neverExpires" | "metadata" | "notParsed" | "startsAnew" | "ignored">> = {
	expirationTtl: "neverExpires",
	expiration: "neverExpires",
	metadata: "metadata",
	type: "notParsed",
	cursor: "startsAnew",
	cacheTtl: "ignored",
};
