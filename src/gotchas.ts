/**
 * The gotchas of Durable Objects, the one table that rules, presets, docs and the report are derived from.
 * A rule names the gotcha that it watches by `id`; the report answers each gotcha for each class or configuration.
 */

/** What a gotcha is asked of: a Durable Object class, the code that calls objects, or a Wrangler configuration. */
export type GotchaScope = "durable-object" | "caller" | "wrangler";

export interface Gotcha {
	readonly title: string;
	/** What happens at run time (or at deploy time), in one sentence. */
	readonly bites: string;
	readonly scope: GotchaScope;
	/** The page of Cloudflare's documentation that explains it. */
	readonly docs: string;
}

const DOCS = "https://developers.cloudflare.com/durable-objects";

export const gotchas = {
	"timers-as-schedule": {
		title: "Timers are not a schedule",
		bites: "setTimeout and setInterval live in memory: a deploy, a crash or an eviction drops them, and while they are pending they keep the object from hibernating.",
		scope: "durable-object",
		docs: `${DOCS}/api/alarms/`,
	},
	"non-atomic-read-modify-write": {
		title: "A read and its write with I/O between them",
		bites: "An await on anything but storage lets another event run between the read and the write, and one of the two updates is lost.",
		scope: "durable-object",
		docs: `${DOCS}/best-practices/rules-of-durable-objects/`,
	},
	"missing-block-concurrency-while": {
		title: "Initialisation without blockConcurrencyWhile",
		bites: "Events are delivered while the constructor's asynchronous work is still under way, and they find the fields empty.",
		scope: "durable-object",
		docs: `${DOCS}/api/state/`,
	},
	"atomic-regions": {
		title: "blockConcurrencyWhile and transactions, rightly used",
		bites: "A blocked object serves nobody: I/O inside holds every event, a call to itself deadlocks, a throw resets the object, and an async callback of transactionSync commits too early.",
		scope: "durable-object",
		docs: `${DOCS}/api/state/`,
	},
	"unpersisted-state": {
		title: "State that lives only in memory",
		bites: "Fields are gone when the object leaves memory: after some ten idle seconds, at a deploy, at a crash.",
		scope: "durable-object",
		docs: `${DOCS}/reference/in-memory-state/`,
	},
	"constructor-on-every-wake": {
		title: "The constructor runs on every wake",
		bites: "What the constructor does is paid and repeated at each wake: network, unbounded reads and statements that work only once make the object slow or unusable.",
		scope: "durable-object",
		docs: `${DOCS}/concepts/durable-object-lifecycle/`,
	},
	"single-alarm": {
		title: "One alarm per object",
		bites: "setAlarm replaces the alarm that was set before; the earlier piece of work never runs.",
		scope: "durable-object",
		docs: `${DOCS}/api/alarms/`,
	},
	"websocket-hibernation": {
		title: "WebSockets must hibernate",
		bites: "A socket that is not accepted through ctx.acceptWebSocket keeps the object in memory, and billed, for as long as the client stays.",
		scope: "durable-object",
		docs: `${DOCS}/best-practices/websockets/`,
	},
	"websocket-attachment": {
		title: "Per-connection state and hibernation",
		bites: "What a field knows about a connection is gone after hibernation, while the connection itself is still open.",
		scope: "durable-object",
		docs: `${DOCS}/best-practices/websockets/`,
	},
	"single-object-throughput": {
		title: "One object serves about 1,000 requests a second",
		bites: "An object is one thread in one place: when everything is routed to one name, it answers 'overloaded' under load.",
		scope: "caller",
		docs: `${DOCS}/best-practices/rules-of-durable-objects/`,
	},
	"storage-cleanup": {
		title: "Storage is kept until it is deleted",
		bites: "What an object has written is kept and billed for ever, up to a hard limit per object, unless the object deletes it.",
		scope: "durable-object",
		docs: `${DOCS}/best-practices/access-durable-objects-storage/`,
	},
	"sql-and-storage-api": {
		title: "The storage API's sharp edges",
		bites: "Statements that the runtime refuses, cursors left open, values that are stored as something else: they fail in production, not in review.",
		scope: "durable-object",
		docs: `${DOCS}/api/sqlite-storage-api/`,
	},
	rpc: {
		title: "Calls between objects",
		bites: "A lost promise loses its error and perhaps its work; every public method can be called by anybody who holds a stub.",
		scope: "caller",
		docs: `${DOCS}/best-practices/create-durable-object-stubs-and-send-requests/`,
	},
	"wait-until": {
		title: "waitUntil makes nothing durable",
		bites: "ctx.waitUntil in a Durable Object does nothing before compatibility date 2026-10-01, and at most holds the object for 15 minutes since; a deploy or crash ends the work all the same.",
		scope: "durable-object",
		docs: `${DOCS}/api/state/`,
	},
	frameworks: {
		title: "A framework owns the handlers",
		bites: "Agents, partyserver, Actors and containers run their own alarm and socket handlers: overriding them silently switches the framework off.",
		scope: "durable-object",
		docs: `${DOCS}/best-practices/rules-of-durable-objects/`,
	},
	"class-lifecycle": {
		title: "A class exists only through a migration or an export",
		bites: "A binding to a class that no migration and no export creates is refused at deploy.",
		scope: "wrangler",
		docs: `${DOCS}/reference/durable-objects-migrations/`,
	},
	"migration-tags": {
		title: "Migration tags are unique, and history is append-only",
		bites: "Wrangler looks for the deployed tag and applies everything after it: a repeated or rewritten tag applies steps twice or never.",
		scope: "wrangler",
		docs: `${DOCS}/reference/durable-objects-migrations/`,
	},
	"sqlite-storage": {
		title: "New classes belong on SQLite storage",
		bites: "A class created with new_classes has no SQL, is refused on the Free plan, and can never be converted.",
		scope: "wrangler",
		docs: `${DOCS}/best-practices/access-durable-objects-storage/`,
	},
	"destructive-migration": {
		title: "Deleting a class deletes its data",
		bites: "deleted_classes destroys every object of the class and all that they stored, at once and for good.",
		scope: "wrangler",
		docs: `${DOCS}/reference/durable-objects-migrations/`,
	},
	"rpc-compatibility-date": {
		title: "RPC needs a compatibility date",
		bites: "Before 2024-04-03 a stub has no methods: every RPC call is a TypeError.",
		scope: "wrangler",
		docs: "https://developers.cloudflare.com/workers/configuration/compatibility-flags/",
	},
	"cpu-limit": {
		title: "CPU time per event",
		bites: "An event may use 30 seconds of CPU unless limits.cpu_ms says otherwise, and 300,000 ms at the most; past it the object is reset.",
		scope: "wrangler",
		docs: `${DOCS}/platform/limits/`,
	},
	"wrangler-config": {
		title: "A configuration that means what it says",
		bites: "Bindings are not inherited by environments, unknown keys are ignored, and a wrong line fails at deploy or does nothing.",
		scope: "wrangler",
		docs: "https://developers.cloudflare.com/workers/wrangler/configuration/",
	},
} as const satisfies Record<string, Gotcha>;

export type GotchaId = keyof typeof gotchas;
