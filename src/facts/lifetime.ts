import type { CompatibilityChange } from "./websockets.ts";

/**
 * From this date pending I/O, timers and waitUntil promises keep an object without clients in memory, for at most 15 minutes.
 * Source: https://developers.cloudflare.com/workers/configuration/compatibility-flags/ (checked 2026-11-23).
 */
export const pendingWorkPreventsEviction: CompatibilityChange = {
	since: "2026-10-01",
	flag: "durable_object_io_tasks_prevent_eviction",
	optOut: "durable_object_io_tasks_do_not_prevent_eviction",
};

/**
 * Seconds without an event that an object stays in memory at the least: after these one that can hibernate does so.
 * Source: https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/ (checked 2026-11-23).
 */
export const secondsInMemory = 10;
