import { expect } from "vitest";
import { type Proof, valueOrMessage } from "./scenario.ts";

export const scheduling: readonly Proof[] = [
	{
		rule: "no-timer-scheduling",
		async run(object) {
			await object.call("remindIn", 1_000);
			await object.crash();
			await object.alarmAfter(1_100);
			return object.call("isSent");
		},
		misbehaves: false,
		behaves: true,
	},
	{
		rule: "require-alarm-handler",
		run: (object) => valueOrMessage(object, "open"),
		misbehaves: expect.stringContaining("must have an alarm() handler"),
		behaves: "open",
	},
	{
		rule: "require-alarm-handler",
		example: "repeat",
		async run(object) {
			await object.call("keep", "a", "b");
			await object.alarmAfter(700);
			return object.until(() => object.call("count"), (count) => count === 0, 500);
		},
		misbehaves: 1,
		behaves: 0,
	},
	{
		rule: "no-alarm-overwrite",
		async run(object) {
			await object.all([
				{ method: "add", args: ["first", 300] },
				{ method: "add", args: ["second", 600] },
			]);
			await object.alarmAfter(800);
			return object.until(() => object.call("runs"), (runs) => runs === 2, 500);
		},
		misbehaves: 1,
		behaves: 2,
	},
	{
		// The alarm is set for 1,000 ms after the first wake; a second wake comes before it is due.
		rule: "no-set-alarm-in-constructor",
		async run(object) {
			// On a loaded machine the second wake can come too late; then nothing has been tried, and another object is.
			for (let attempt = 1; attempt <= 5; attempt++) {
				const digest = object.object(`digest ${attempt}`);
				const start = performance.now();
				await digest.call("visit");
				await digest.alarmAfter(600);
				await digest.evict();
				await digest.call("visit");
				if (performance.now() - start >= 1_000) continue;
				await digest.alarmAfter(600);
				return digest.call("isSent");
			}
			throw new Error("The second wake never came before the first alarm was due.");
		},
		misbehaves: false,
		behaves: true,
	},
	{
		rule: "valid-alarm-time",
		async run(object) {
			await object.call("start");
			await object.alarmAfter(200);
			return object.call("isExpired");
		},
		misbehaves: true,
		behaves: false,
	},
	{
		rule: "no-immediate-alarm-loop",
		async run(object) {
			await object.call("start");
			await object.alarmAfter(500);
			const runs = await object.call<number>("runs");
			return runs >= 3 ? "many runs" : runs;
		},
		misbehaves: "many runs",
		behaves: 1,
	},
	{
		// Seven runs with pauses of 2, 4, 8, 16, 32 and 64 seconds, and then some.
		rule: "require-alarm-reschedule-on-failure",
		slow: true,
		async run(object) {
			await object.call("start");
			await object.until(() => object.externalCalls("/feed"), (calls) => calls >= 7, 150_000);
			await object.alarmAfter(5_000);
			return (await object.call("nextRun")) === null ? "the chain is dead" : "the next run is set";
		},
		misbehaves: "the chain is dead",
		behaves: "the next run is set",
	},
	{
		rule: "no-swallowed-alarm-error",
		async run(object) {
			await object.call("post");
			await object.externalCall("/mail");
			await object.alarmRetry();
			return object.until(() => object.call("isDelivered"), (isDelivered) => isDelivered === true, 500);
		},
		misbehaves: false,
		behaves: true,
	},
	{
		rule: "no-heavy-constructor",
		example: "ddl",
		async run(object) {
			await object.call("add", "first");
			await object.evict();
			return valueOrMessage(object, "add", "second");
		},
		misbehaves: expect.stringContaining("already exists"),
		behaves: 2,
	},
	{
		rule: "no-heavy-constructor",
		example: "network",
		async run(object) {
			for (let wake = 0; wake < 3; wake++) {
				await object.call("plan");
				await object.evict();
			}
			return object.externalCalls("/plan");
		},
		misbehaves: 3,
		behaves: 1,
	},
	{
		rule: "require-super-call-args",
		run: (object) => valueOrMessage(object, "hello"),
		misbehaves: expect.stringContaining("parameter 1 is not of type 'DurableObjectState'"),
		behaves: "hello",
	},
	{
		rule: "require-super-call-args",
		example: "no-super",
		run: (object) => valueOrMessage(object, "hello"),
		misbehaves: expect.stringContaining("Must call super constructor in derived class"),
		behaves: "hello",
	},
	{
		// The process ends while the mail is on its way; the mail server takes a second.
		rule: "no-wait-until-reliance",
		async run(object) {
			await object.call("place", "order?delay=1000");
			await object.externalCall("/order");
			await object.crash();
			await object.alarmAfter(1_000);
			return object.until(() => object.call("notified"), (order) => order !== null, 3_000);
		},
		misbehaves: null,
		behaves: "order?delay=1000",
	},
];
