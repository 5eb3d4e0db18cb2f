import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { socketsOf } from "../../model/sockets.ts";
import { keyName } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { installerOf, isMadeToExtend, mayBeHelper, nameOf, servesThroughFramework } from "./socket-code.ts";

interface Options {
	/** Whether a class may accept sockets on which it only sends; `evident`: where it does send, and nothing in it waits for messages. */
	readonly allowSendOnly: boolean | "evident";
}

export default defineRule({
	name: "require-websocket-message-handler",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require webSocketMessage() in classes that accept WebSockets with ctx.acceptWebSocket()",
		messages: {
			messagesDropped: "{{name}} has no webSocketMessage(): what clients send on this socket is dropped without an error. Add the handler, an empty one if clients only listen.",
		},
		schema: [
			{
				type: "object",
				properties: { allowSendOnly: { enum: [true, false, "evident"], description: "Whether a class without webSocketMessage() is taken to only send, and is left alone: always, never, or where it sends and nothing in it waits for messages." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowSendOnly: "evident" }] as readonly [Options],
		strictOptions: [{ allowSendOnly: false }] as readonly [Options],
	},
	check(object, { options: [{ allowSendOnly }], verdict }) {
		if (servesThroughFramework(object)) {
			verdict.notApplicable("the framework handles the messages");
			return;
		}
		const accepted = socketsOf(object).acceptances.filter(({ api }) => api === "hibernation");
		const [first] = accepted;
		const handler = object.method("webSocketMessage");
		if (!first) {
			if (handler) verdict.guarded({ at: nameOf(handler), because: "the class handles the messages of sockets that are accepted elsewhere" });
			else verdict.notApplicable("the class hands no WebSocket to the runtime");
			return;
		}
		if (handler) {
			verdict.guarded({ at: [nameOf(handler), first.node], because: "messages on the accepted sockets reach webSocketMessage()" });
			return;
		}
		const assigned = object.field("webSocketMessage")?.uses.find(({ access }) => access === "assign");
		if (assigned) {
			verdict.guarded({ at: [assigned.statement, first.node], because: "messages on the accepted sockets reach the function assigned to webSocketMessage" });
			return;
		}
		if (!object.ancestry.isBaseKnown) {
			verdict.unknown({ at: first.node, because: "the base class, which is not in this file, may have the handler" });
			return;
		}
		if (isMadeToExtend(object)) {
			verdict.unknown({ at: first.node, because: "subclasses may have the handler" });
			return;
		}
		const installer = installerOf(object);
		if (installer) {
			verdict.unknown({ at: [installer, first.node], because: "the object is handed to other code while it is built, which may give it the handler" });
			return;
		}
		if (mayBeHelper(object)) {
			verdict.unknown({ at: first.node, because: "the class may be a part of a Durable Object that has the handler" });
			return;
		}
		const sending = allowSendOnly === "evident" && !expectsMessages(object) ? sendOf(object) : null;
		if (sending) {
			verdict.unknown({ at: [sending, first.node], because: "clients may only listen: the class sends to them, and nothing in it waits for their messages" });
			return;
		}
		if (allowSendOnly === true) {
			verdict.guarded({ at: first.node, because: "by the rule's option, sockets may be for sending only" });
			return;
		}
		verdict.violated({ at: first.node, messageId: "messagesDropped", data: { name: object.name } });
	},
});

/** Names that say of a method, or a function in a field, that it takes what clients send. */
const takesMessages = /^#?_*(?:on|handle|process|receive|parse)\w*(?:message|msg|command|data)|^#?_*(?:web_?socket|ws|socket)_?(?:message|msg)s?$/iu;

/** Whether something in the class waits for messages, though the runtime will not call it. */
function expectsMessages(object: DurableObjectClass): boolean {
	const isNamed = object.node.body.body.some((element) => "key" in element && takesMessages.test(keyName(element) ?? ""));
	return isNamed || socketsOf(object).listeners.some(({ name }) => name.includes("message"));
}

/** Where the class sends something to a client. */
function sendOf(object: DurableObjectClass): TSESTree.Node | null {
	const sockets = socketsOf(object);
	return sockets.calls("send").find(({ receiver }) => sockets.is(receiver, "server", "connection"))?.node ?? null;
}
