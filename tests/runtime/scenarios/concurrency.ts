import { expect } from "vitest";
import type { Proof } from "./scenario.ts";

export const concurrency: readonly Proof[] = [
	{
		rule: "no-interleaved-read-modify-write",
		async run(object) {
			await object.times(20, "deposit", 1);
			return object.call("balance");
		},
		misbehaves: expect.toSatisfy((balance: number) => balance < 20),
		behaves: 20,
	},
	{
		// There is credit for five.
		rule: "no-interleaved-read-modify-write",
		example: "bound",
		async run(object) {
			await object.times(20, "spend", 1);
			return object.call("left");
		},
		misbehaves: expect.toSatisfy((left: number) => left < 0),
		behaves: 0,
	},
	{
		// One event alone: nobody else calls.
		rule: "no-parallel-read-modify-write",
		async run(object) {
			await object.call("addAll", ["red", "green", "blue"]);
			return object.call("all");
		},
		misbehaves: ["blue"],
		behaves: ["red", "green", "blue"],
	},
	{
		rule: "require-block-concurrency-while",
		run: (object) => object.call("greet", "Ada"),
		misbehaves: "undefined, Ada",
		behaves: "hello, Ada",
	},
	{
		// A call that has nothing to do with the one that fails.
		rule: "no-block-concurrency-in-request",
		async run(object) {
			const [report, reserve] = await object.all([{ method: "report" }, { method: "reserve", args: [101] }]);
			return { report: report?.error ? "failed" : "answered", reserve: reserve?.error?.message };
		},
		misbehaves: { report: "failed", reserve: "sold out" },
		behaves: { report: "answered", reserve: "sold out" },
	},
	{
		rule: "no-io-in-block-concurrency",
		async run(object) {
			const order: string[] = [];
			const pay = object.call("pay", 10).then(() => order.push("paid"));
			await object.externalCall("/fee");
			await object.call("balance").then(() => order.push("balance"));
			await pay;
			return order;
		},
		misbehaves: ["paid", "balance"],
		behaves: ["balance", "paid"],
	},
	{
		rule: "no-self-call-in-block-concurrency",
		run: (object) => object.outcomeOrPending("add", 5),
		misbehaves: "pending",
		behaves: { value: 5 },
	},
	{
		rule: "no-catch-around-block-concurrency",
		async run(object) {
			await object.call("import", "no JSON");
			await object.evict();
			const { value, error } = await object.outcome("show");
			return error ? "failed" : value;
		},
		misbehaves: "failed",
		behaves: "untitled",
	},
	{
		rule: "no-async-transaction-sync",
		async run(object) {
			const { error } = await object.outcome("order", ["apples", "unknown"]);
			return { error: error?.message, total: await object.call("total") };
		},
		misbehaves: { error: "no such item: unknown", total: 1 },
		behaves: { error: "no such item: unknown", total: 0 },
	},
	{
		rule: "require-txn-object",
		async run(object) {
			const { error } = await object.outcome("withdraw", 1_000);
			return { error: error?.message, balance: await object.call("balance") };
		},
		misbehaves: { error: "not enough money", balance: -900 },
		behaves: { error: "not enough money", balance: 100 },
	},
	{
		rule: "no-storage-concurrency-bypass",
		async run(object) {
			await object.times(50, "increment");
			return object.call("value");
		},
		misbehaves: expect.toSatisfy((value: number) => value < 50),
		behaves: 50,
	},
	{
		rule: "prefer-coalesced-writes",
		async run(object) {
			object.interrupted("pay");
			await object.externalCall("/receipt");
			await object.crash();
			return object.call("state");
		},
		misbehaves: { status: "paid", receipt: false },
		behaves: { status: "open", receipt: false },
	},
];
