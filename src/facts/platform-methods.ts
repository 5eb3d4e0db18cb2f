/** Methods of the platform objects. Source: @cloudflare/workers-types 5.20261117.1 (checked 2026-11-23). */
import type { Handle } from "./handles.ts";

const keyValue = ["get", "put", "delete", "list"];

export const platformMethods: Readonly<Record<Handle, readonly string[]>> = {
	ctx: [
		"waitUntil", "blockConcurrencyWhile", "acceptWebSocket", "getWebSockets", "getTags", "setWebSocketAutoResponse", "getWebSocketAutoResponse",
		"getWebSocketAutoResponseTimestamp", "setHibernatableWebSocketEventTimeout", "getHibernatableWebSocketEventTimeout", "abort",
	],
	env: [],
	storage: [
		...keyValue, "deleteAll", "getAlarm", "setAlarm", "deleteAlarm", "sync", "transaction", "transactionSync",
		"getCurrentBookmark", "getBookmarkForTime", "onNextSessionRestoreBookmark",
	],
	sql: ["exec", "prepare", "ingest"],
	kv: keyValue,
	transaction: [...keyValue, "rollback", "getAlarm", "setAlarm", "deleteAlarm"],
};

export const platformMethodNames: ReadonlySet<string> = new Set(Object.values(platformMethods).flat());
