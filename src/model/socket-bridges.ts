/** Sockets that a class serves only to pass their messages on to a connection that it opened itself, or the other way round. */
import type { TSESTree } from "@typescript-eslint/utils";
import { contains, type FunctionNode, propertyName, unwrap } from "../syntax/nodes.ts";
import type { Socket, Sockets } from "./sockets.ts";
import { functionOf } from "./timers.ts";

interface MessageListener {
	readonly receiver: TSESTree.Node;
	readonly fn: FunctionNode;
}

/** Where a message of one of these sockets goes to an outgoing connection, or one from there to the socket; null where none does. */
export function bridgeOf(served: readonly Socket[], sockets: Sockets): TSESTree.Node | null {
	const pairs = new Set(served.map(({ pair }) => pair).filter((pair) => pair !== null));
	const isServed = (node: TSESTree.Node) => sockets.of(node).some(({ side, pair }) => side === "server" && pair !== null && pairs.has(pair));
	const isOutbound = (node: TSESTree.Node) => sockets.is(node, "outbound");
	for (const { receiver, fn } of messageListeners(sockets)) {
		const other = isServed(receiver) ? isOutbound : isOutbound(receiver) ? isServed : null;
		if (!other) continue;
		const run = [fn, ...sockets.object.methodsRunBy(fn)];
		const sent = sockets.calls("send").find((call) => run.some((code) => contains(code, call.node)) && other(call.receiver));
		if (sent) return sent.node;
	}
	return null;
}

/** `socket.addEventListener("message", fn)`, `socket.onmessage = fn`, whichever socket it is. */
function messageListeners(sockets: Sockets): readonly MessageListener[] {
	const { object } = sockets;
	const added = sockets.calls("addEventListener", "on").flatMap(({ node, receiver }): MessageListener[] => {
		const [event, listener] = node.arguments;
		const fn = listener && listener.type !== "SpreadElement" ? functionOf(listener, object) : null;
		return fn && event?.type === "Literal" && event.value === "message" ? [{ receiver, fn }] : [];
	});
	const assigned = sockets.assignments.flatMap(({ left, right }): MessageListener[] => {
		const target = unwrap(left);
		const fn = functionOf(right, object);
		return fn && target.type === "MemberExpression" && propertyName(target) === "onmessage" ? [{ receiver: target.object, fn }] : [];
	});
	return [...added, ...assigned];
}
