import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { bridgeOf } from "../../model/socket-bridges.ts";
import { type Acceptance, type Sockets, socketsOf } from "../../model/sockets.ts";
import { contains, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import type { Answers } from "../verdict.ts";
import { ctxExpression, nameOf, servesThroughFramework, wholeStatement } from "./socket-code.ts";

export default defineRule({
	name: "prefer-websocket-hibernation",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require WebSockets to be accepted through ctx.acceptWebSocket(), so that the object can hibernate",
		messages: {
			pinsObject:
				"{{socket}}.accept() keeps the object in memory, and billed, for as long as the client stays connected, and an eviction or deploy loses its listeners. Hand it to {{ctx}}.acceptWebSocket({{socket}}) and handle its messages in webSocketMessage().",
			servedByListener:
				"{{socket}} is served by listeners in memory: the object cannot hibernate while the client stays connected. Hand it to {{ctx}}.acceptWebSocket({{socket}}) and handle its messages in webSocketMessage().",
			acceptThroughState: "Replace with {{ctx}}.acceptWebSocket({{socket}}).",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const sockets = socketsOf(object);
		const hasOwnSockets = sockets.pairs.length > 0 || sockets.acceptances.length > 0;
		if (servesThroughFramework(object)) {
			if (hasOwnSockets) verdict.unknown({ at: sockets.pairs, because: "the class serves sockets of its own beside those of its framework" });
			else verdict.notApplicable("the framework accepts the sockets");
			return;
		}
		let isAnswered = false;
		for (const acceptance of sockets.acceptances) {
			isAnswered = true;
			if (acceptance.api === "hibernation") {
				const handler = object.method("webSocketMessage");
				verdict.guarded({ at: handler ? [acceptance.node, nameOf(handler)] : acceptance.node, because: "the runtime keeps the socket: the object can hibernate while the client stays connected" });
				continue;
			}
			const socket = object.file.textOf(unwrap(acceptance.socket));
			if (sockets.of(acceptance.socket).some((each) => each.side === "connection" || sockets.acceptanceOf(each, "hibernation"))) {
				verdict.unknown({ at: acceptance.node, because: "the same socket is handed to the runtime elsewhere" });
			} else if (isClosedAtOnce(acceptance, sockets)) {
				verdict.guarded({ at: acceptance.node, because: "the socket is closed right after it was accepted" });
			} else if (answerBridge(acceptance.node, acceptance.socket, sockets, verdict)) {
				continue;
			} else {
				const data = { socket, ctx: ctxExpression(object) ?? "ctx" };
				const fix = replacement(acceptance, sockets);
				verdict.violated({ at: acceptance.node, messageId: "pinsObject", data, suggest: fix ? [{ messageId: "acceptThroughState", data, fix }] : [] });
			}
		}
		for (const { node, receiver } of unacceptedListeners(sockets)) {
			isAnswered = true;
			if (answerBridge(node, receiver, sockets, verdict)) continue;
			verdict.violated({ at: node, messageId: "servedByListener", data: { socket: object.file.textOf(unwrap(receiver)), ctx: ctxExpression(object) ?? "ctx" } });
		}
		if (isAnswered) return;
		if (sockets.pairs.length > 0) verdict.unknown({ at: sockets.pairs, because: "it cannot be told who accepts the object's end of the pair" });
		else verdict.notApplicable("the class makes no WebSocketPair");
	},
});

/** What an outgoing connection is at the other end of keeps the object in memory anyway, as long as that one is open. */
function answerBridge(node: TSESTree.Node, socket: TSESTree.Node, sockets: Sockets, verdict: Answers<string>): boolean {
	const bridge = bridgeOf(sockets.of(socket), sockets);
	if (bridge) verdict.guarded({ at: [node, bridge], because: "the socket is one end of a bridge to an outgoing connection, which cannot hibernate, and keeps the object in memory by itself" });
	return bridge !== null;
}

/** One listener for each pair that nobody accepts in the code at hand. */
function unacceptedListeners(sockets: Sockets): Sockets["listeners"] {
	const seen = new Set<TSESTree.Node>();
	return sockets.listeners.filter(({ receiver }) => {
		const [socket] = sockets.of(receiver);
		if (!socket?.pair || seen.has(socket.pair) || sockets.isHandedOn(socket) || sockets.acceptanceOf(socket, "standard") || sockets.acceptanceOf(socket, "hibernation")) return false;
		seen.add(socket.pair);
		return true;
	});
}

/** `pair[1].accept(); pair[1].send(error); pair[1].close(1011)`: a refusal that must be said over the socket. */
function isClosedAtOnce({ node, socket }: Acceptance, sockets: Sockets): boolean {
	const statement = wholeStatement(node);
	if (!statement || statement.parent.type !== "BlockStatement") return false;
	const pairs = new Set(sockets.of(socket).map(({ pair }) => pair));
	const later = statement.parent.body.slice(statement.parent.body.indexOf(statement) + 1);
	return sockets.calls("close").some((call) => {
		const closing = wholeStatement(call.node);
		return closing !== null && later.includes(closing) && sockets.of(call.receiver).some(({ pair }) => pair !== null && pairs.has(pair));
	});
}

/** Exchanging the call is the whole change where the handler is there and no listener would fall silent. */
function replacement({ node, socket }: Acceptance, sockets: Sockets): Rule.ReportFixer | null {
	const { object } = sockets;
	const ctx = ctxExpression(object);
	const pairs = new Set(sockets.of(socket).map(({ pair }) => pair));
	const isListenedTo = sockets.listeners.some(({ receiver }) => sockets.of(receiver).some(({ pair }) => pairs.has(pair)));
	if (!ctx || isListenedTo || !object.method("webSocketMessage") || !isInMethod(node, object) || node.arguments.length > 0) return null;
	return (fixer) => fixer.replaceTextRange([...node.range], `${ctx}.acceptWebSocket(${object.file.textOf(unwrap(socket))})`);
}

/** Where `this` is the object, as far as the class body goes: not in a function beside the class. */
function isInMethod(node: TSESTree.Node, object: DurableObjectClass): boolean {
	if (!contains(object.node.body, node)) return false;
	for (let current: TSESTree.Node | undefined = node.parent; current && current !== object.node.body; current = current.parent) {
		if (current.type === "FunctionDeclaration" || (current.type === "FunctionExpression" && current.parent.type !== "MethodDefinition")) return false;
	}
	return true;
}
