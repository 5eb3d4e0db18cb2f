import type { TSESTree } from "@typescript-eslint/utils";
import { type Acceptance, type Sockets, socketsOf } from "../../model/sockets.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { removal, servesThroughFramework, wholeStatement } from "./socket-code.ts";

export default defineRule({
	name: "no-mixed-websocket-api",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow accept() and listeners on sockets that were handed to the runtime with ctx.acceptWebSocket()",
		messages: {
			acceptedTwice: "{{socket}} is accepted both with accept() and with acceptWebSocket(): the second of the two calls throws. Keep acceptWebSocket().",
			acceptOfKept: "{{socket}} is already kept by the runtime: accept() throws. Remove the call.",
			deadListener: "{{listener}} is never called, because the runtime serves {{socket}}: the event goes to {{handler}}(). Move the code there.",
			remove: "Remove the call.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const sockets = socketsOf(object);
		const handlersAreCalled = object.members.ownCalls.some(({ name }) => name.startsWith("webSocket"));
		let found = 0;
		const report = (node: TSESTree.CallExpression | TSESTree.AssignmentExpression, receiver: TSESTree.Node, messages: { readonly own: MessageId; readonly kept: MessageId }, more: Record<string, string>) => {
			const keeper = keeperOf(receiver, node, sockets);
			// The class's own calls may pass a socket to its handlers that the runtime does not keep.
			if (!keeper || (keeper === "connection" && (handlersAreCalled || servesThroughFramework(object)))) return;
			found++;
			const statement = wholeStatement(node);
			verdict.violated({
				at: node,
				messageId: keeper === "connection" ? messages.kept : messages.own,
				data: { socket: object.file.textOf(unwrap(receiver)), ...more },
				suggest: statement ? [{ messageId: "remove", fix: removal(statement, object.file) }] : [],
				steps: keeper === "connection" ? [] : [{ at: keeper.node, what: "hands the socket to the runtime" }],
			});
		};
		for (const { api, node, socket } of sockets.acceptances) {
			if (api === "standard") report(node, socket, { own: "acceptedTwice", kept: "acceptOfKept" }, {});
		}
		for (const { name, node, receiver } of sockets.listeners) {
			const event = /message|close|error/u.exec(name)?.[0] ?? "message";
			report(node, receiver, { own: "deadListener", kept: "deadListener" }, { listener: name, handler: `webSocket${event.charAt(0).toUpperCase()}${event.slice(1)}` });
		}
		if (found > 0) return;
		const [first] = sockets.acceptances;
		if (first) verdict.guarded({ at: first.node, because: "each socket is served in one way only" });
		else if (sockets.pairs.length > 0) verdict.unknown({ at: sockets.pairs, because: "it cannot be told who accepts the object's end of the pair" });
		else verdict.notApplicable("the class accepts no WebSocket");
	},
});

type MessageId = "acceptedTwice" | "acceptOfKept" | "deadListener";

/** What hands this very socket to the runtime, unless it stands in another branch. */
function keeperOf(receiver: TSESTree.Node, node: TSESTree.Node, sockets: Sockets): Acceptance | "connection" | null {
	const keeper = sockets.hibernationOf(receiver);
	if (keeper === null || keeper === "connection") return keeper;
	return areExclusive(keeper.node, node) ? null : keeper;
}
