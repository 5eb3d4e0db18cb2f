import type { Proof } from "./scenario.ts";

export const state: readonly Proof[] = [
	{
		rule: "no-unpersisted-state",
		async run(object) {
			await object.call("increment");
			await object.call("increment");
			await object.evict();
			return object.call("value");
		},
		misbehaves: 0,
		behaves: 2,
	},
	{
		rule: "no-unpersisted-state",
		example: "wake",
		async run(object) {
			const client = await object.connect();
			await client.messages(1);
			await client.ask("a line");
			await object.evict();
			const strokes = await client.ask("a circle");
			client.drop();
			return strokes;
		},
		misbehaves: "1",
		behaves: "2",
	},
	{
		rule: "no-module-mutable-state",
		async run(object) {
			await object.object("one").call("login", "alice");
			return object.object("another").call("user");
		},
		misbehaves: "alice",
		behaves: null,
	},
];
