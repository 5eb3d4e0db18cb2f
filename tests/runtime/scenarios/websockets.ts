import { expect } from "vitest";
import type { Proof } from "./scenario.ts";

export const websockets: readonly Proof[] = [
	{
		rule: "prefer-websocket-hibernation",
		async run(object) {
			const client = await object.connect();
			await client.ask("hi");
			const hibernates = await object.canBeEvicted();
			const answer = await client.ask("still there?");
			client.drop();
			return { hibernates, answer };
		},
		misbehaves: { hibernates: false, answer: "echo: still there?" },
		behaves: { hibernates: true, answer: "echo: still there?" },
	},
	{
		// The answer to the second message shows that the first has been dealt with.
		rule: "no-mixed-websocket-api",
		async run(object) {
			const client = await object.connect();
			await client.ask("one");
			await client.ask("two");
			client.drop();
			return object.call("messages");
		},
		misbehaves: 0,
		behaves: 2,
	},
	{
		// The end of the closing handshake shows that the message before it has been dealt with.
		rule: "require-websocket-message-handler",
		async run(object) {
			const client = await object.connect();
			client.send("hi");
			return { closed: await client.close(1000), received: client.received };
		},
		misbehaves: { closed: 1000, received: [] },
		behaves: { closed: 1000, received: ["hi"] },
	},
	{
		rule: "require-websocket-close-reply",
		async run(object) {
			const client = await object.connect();
			return client.close(1000);
		},
		misbehaves: null,
		behaves: 1000,
	},
	{
		rule: "require-websocket-close-reply",
		example: "missing",
		async run(object) {
			const client = await object.connect();
			return client.close(1000);
		},
		misbehaves: null,
		behaves: 1000,
	},
	{
		rule: "valid-websocket-close",
		async run(object) {
			const withStatus = await object.connect();
			const withoutStatus = await object.connect();
			return { withStatus: await withStatus.close(1000), withoutStatus: await withoutStatus.close() };
		},
		misbehaves: { withStatus: 1000, withoutStatus: null },
		behaves: { withStatus: 1000, withoutStatus: 1000 },
	},
	{
		rule: "valid-websocket-close",
		example: "literal",
		async run(object) {
			const client = await object.connect();
			client.send("let me in");
			return client.closedWithin();
		},
		misbehaves: null,
		behaves: 1008,
	},
	{
		rule: "valid-websocket-tags",
		async run(object) {
			try {
				const client = await object.connect("/room");
				const tags = await client.ask("which tags?");
				client.drop();
				return tags;
			} catch (error) {
				return error instanceof Error ? error.message : error;
			}
		},
		misbehaves: expect.stringContaining("500"),
		behaves: "path:/room",
	},
	{
		rule: "prefer-websocket-auto-response",
		async run(object) {
			const client = await object.connect();
			await object.evict();
			const answer = await client.ask("ping");
			const wasWoken = await object.evict();
			client.drop();
			return { answer, wasWoken };
		},
		misbehaves: { answer: "pong", wasWoken: true },
		behaves: { answer: "pong", wasWoken: false },
	},
	{
		// The one who goes stands between two who stay: whatever the order of the sockets, one of these comes later.
		rule: "no-unguarded-broadcast",
		async run(object) {
			const clients = [await object.connect("/alice"), await object.connect("/mallory"), await object.connect("/bob")];
			const { error } = await object.outcome("kick", "/mallory");
			const received = await Promise.all(clients.map((client) => client.messages(1)));
			for (const client of clients) client.drop();
			return { failed: error !== undefined, received: received.flat().length };
		},
		misbehaves: { failed: true, received: 1 },
		behaves: { failed: false, received: 2 },
	},
	{
		rule: "require-serialize-attachment",
		async run(object) {
			const client = await object.connect("/alice");
			const before = await client.ask("who am I?");
			await object.evict();
			const after = await client.ask("who am I?");
			client.drop();
			return { before, after };
		},
		misbehaves: { before: "you are alice", after: "you are undefined" },
		behaves: { before: "you are alice", after: "you are alice" },
	},
	{
		rule: "no-lost-attachment-update",
		async run(object) {
			const client = await object.connect();
			await client.ask("one");
			const second = await client.ask("two");
			client.drop();
			return second;
		},
		misbehaves: "1",
		behaves: "2",
	},
	{
		rule: "no-large-attachment",
		async run(object) {
			const client = await object.connect();
			for (let sent = 0; sent < 20; sent++) client.send("x".repeat(1_000));
			const received = await client.messages(20);
			client.drop();
			return received.at(-1);
		},
		misbehaves: "16",
		behaves: "20",
	},
];
