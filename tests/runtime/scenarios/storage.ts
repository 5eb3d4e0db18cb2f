import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Proof, valueOrMessage } from "./scenario.ts";

export const storage: readonly Proof[] = [
	{
		rule: "no-unconsumed-returning-cursor",
		async run(object) {
			const { error } = await object.outcome("add", "milk");
			return { isLost: error !== undefined, count: await object.call("count") };
		},
		misbehaves: { isLost: true, count: 0 },
		behaves: { isLost: false, count: 1 },
	},
	{
		rule: "no-unsupported-sql-binding",
		async run(object) {
			await object.call("add", "milk", true);
			return object.call("finished");
		},
		misbehaves: 0,
		behaves: 1,
	},
	{
		rule: "no-sql-transaction-control",
		run: async (object) => (await object.outcome("transfer", "a", "b", 1)).error?.message ?? "done",
		misbehaves: expect.stringContaining("transactionSync"),
		behaves: "done",
	},
	{
		rule: "no-forbidden-sql",
		run: (object) => valueOrMessage(object, "version"),
		misbehaves: expect.stringContaining("not authorized"),
		behaves: 0,
	},
	{
		rule: "no-forbidden-sql",
		example: "count",
		run: async (object) => (await object.outcome("add", "list", "milk")).error?.message ?? "done",
		misbehaves: expect.stringContaining("Wrong number of parameter bindings"),
		behaves: "done",
	},
	{
		rule: "no-sql-interpolation",
		run: (object) => valueOrMessage(object, "find", "O'Brien"),
		misbehaves: expect.stringContaining("syntax error"),
		behaves: [],
	},
	{
		rule: "no-nullish-one",
		run: (object) => valueOrMessage(object, "find", "nobody"),
		misbehaves: expect.stringContaining("exactly one result"),
		behaves: null,
	},
	{
		rule: "no-unguarded-one",
		run: (object) => valueOrMessage(object, "nameOf", 1),
		misbehaves: expect.stringContaining("exactly one result"),
		behaves: null,
	},
	{
		rule: "valid-storage-options",
		async run(object) {
			await object.call("issue", "1234", "Ann");
			// A thing that must not happen cannot be awaited: the entry is good for a second.
			await sleep(1_200);
			return object.call("redeem", "1234");
		},
		misbehaves: "Ann",
		behaves: null,
	},
	{
		rule: "valid-storage-value",
		run: async (object) => (await object.outcome("clear")).error?.message ?? "done",
		misbehaves: expect.stringContaining("undefined"),
		behaves: "done",
	},
	{
		rule: "valid-storage-value",
		example: "class",
		async run(object) {
			await object.call("open");
			return valueOrMessage(object, "total");
		},
		misbehaves: expect.stringContaining("not a function"),
		behaves: 11,
	},
	{
		rule: "valid-storage-value",
		example: "socket",
		async run(object) {
			const client = await object.connect();
			client.send("Ann");
			// The correct example has stored it long before; the incorrect one never does.
			return object.until(() => object.call("guest"), (name) => name !== null, 1_500);
		},
		misbehaves: null,
		behaves: "Ann",
	},
	{
		rule: "no-query-after-delete-all",
		async run(object) {
			await object.call("add", "one");
			await object.call("clear");
			return valueOrMessage(object, "add", "two");
		},
		misbehaves: expect.stringContaining("no such table"),
		behaves: 1,
	},
	{
		rule: "require-delete-alarm-with-delete-all",
		async run(object) {
			await object.call("open");
			await object.call("close");
			return object.call("nextAlarm");
		},
		misbehaves: expect.any(Number),
		behaves: null,
	},
	{
		rule: "no-sqlite-api-on-kv-class",
		run: (object) => valueOrMessage(object, "count"),
		misbehaves: expect.stringContaining("new_sqlite_classes"),
		behaves: expect.any(Number),
	},
	{
		rule: "no-cursor-across-await",
		async run(object) {
			await object.call("add", "one");
			await object.call("add", "two");
			const sent = object.call("sendAll");
			await object.externalCall("/send");
			await object.call("add", "three");
			return sent;
		},
		misbehaves: 3,
		behaves: 2,
	},
	{ rule: "no-unbounded-list", notProvable: "how much memory an object may use before it is reset is not enforced by a local runtime" },
	{ rule: "require-storage-cleanup", notProvable: "what is kept and billed for months, and the limit of 10 GB, cannot be seen in an experiment" },
	{ rule: "valid-bulk-keys", notProvable: "the limit is documented; a local runtime enforces it in part, and not on SQLite storage" },
];
