/**
 * What the runtime allows on WebSockets, measured in workerd 1.20261023.1 and documented at
 * https://developers.cloudflare.com/durable-objects/best-practices/websockets/ and .../api/state/ (checked 2026-11-25).
 */

/** More tags than this, after equal ones are taken as one, make `acceptWebSocket()` throw. */
export const MAX_TAGS = 10;
/** UTF-8 bytes; a longer tag makes `acceptWebSocket()` throw. */
export const MAX_TAG_BYTES = 256;
/** Serialised bytes; a larger attachment makes `serializeAttachment()` throw. */
export const MAX_ATTACHMENT_BYTES = 16_384;
/** UTF-8 bytes; a longer reason makes `close()` throw, from `closeReasonLimit` on. */
export const MAX_CLOSE_REASON_BYTES = 123;
/** Characters of the request and of the response of an automatic answer. */
export const MAX_AUTO_RESPONSE = 2_048;

/** `close()` throws unless its code is in this range, and is none of the reserved ones. */
export const closeCodes = { min: 1000, max: 4999 } as const;

/** Codes within the range that stand for what happened to a connection and cannot be sent. */
export const reservedCloseCodes: readonly number[] = [1004, 1005, 1006, 1015];

/** The methods that the runtime calls for a socket that it keeps; the socket is their first parameter. */
export const socketHandlers: readonly string[] = ["webSocketMessage", "webSocketClose", "webSocketError"];

/** A change of behaviour that a compatibility date brings. Source: https://developers.cloudflare.com/workers/configuration/compatibility-flags/ (checked 2026-11-23). */
export interface CompatibilityChange {
	readonly since: string;
	readonly flag: string;
	readonly optOut: string;
}

export const closeReasonLimit: CompatibilityChange = { since: "2026-03-03", flag: "websocket_close_reason_byte_limit", optOut: "no_websocket_close_reason_byte_limit" };
export const automaticCloseReply: CompatibilityChange = { since: "2026-04-07", flag: "web_socket_auto_reply_to_close", optOut: "web_socket_manual_reply_to_close" };
