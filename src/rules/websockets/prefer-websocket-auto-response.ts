import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { MAX_AUTO_RESPONSE } from "../../facts/websockets.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { socketsOf } from "../../model/sockets.ts";
import { type FunctionNode, isFunction, unwrap } from "../../syntax/nodes.ts";
import { constantText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { ctxExpression, indentAt, nameOf, servesThroughFramework } from "./socket-code.ts";

export default defineRule({
	name: "prefer-websocket-auto-response",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "prefer setWebSocketAutoResponse() to answering pings by hand",
		messages: {
			answeredByHand:
				"Each {{request}} wakes the object, and is billed, only to be answered with {{response}}. Let the runtime answer with ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair({{request}}, {{response}})): the object stays in hibernation.",
			setAutoResponse: "Set the automatic answer in the constructor.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		if (servesThroughFramework(object)) {
			verdict.notApplicable("the framework handles the messages");
			return;
		}
		const handler = object.members.methods.get("webSocketMessage");
		if (!handler) {
			verdict.notApplicable("the class has no webSocketMessage()");
			return;
		}
		const [set] = object.callsOf("ctx", "setWebSocketAutoResponse");
		if (set) {
			verdict.guarded({ at: set.node, because: "the runtime answers the ping while the object sleeps" });
			return;
		}
		const ping = pingIn(handler.fn, object);
		if (!ping) {
			verdict.notApplicable("no message is answered with a fixed text");
			return;
		}
		if (!object.ancestry.isBaseKnown) {
			verdict.unknown({ at: nameOf(handler), because: "the base class, which is not in this file, may set the automatic answer" });
			return;
		}
		const data = { request: JSON.stringify(ping.request), response: JSON.stringify(ping.response) };
		const fix = inConstructor(object, `setWebSocketAutoResponse(new WebSocketRequestResponsePair(${data.request}, ${data.response}));`);
		verdict.violated({ at: ping.at, messageId: "answeredByHand", data, suggest: fix ? [{ messageId: "setAutoResponse", fix }] : [] });
	},
});

interface Ping {
	readonly at: TSESTree.Node;
	readonly request: string;
	readonly response: string;
}

/** `if (message === "ping") { socket.send("pong"); return; }`, and nothing else in the branch. */
function pingIn(fn: FunctionNode, object: DurableObjectClass): Ping | null {
	const parameter = fn.params[1];
	const message = parameter?.type === "Identifier" ? object.file.bindings.variableOf(parameter) : null;
	if (!message) return null;
	let found: Ping | null = null;
	object.file.walk(fn.body, (node) => {
		if (found || isFunction(node)) return false;
		if (node.type !== "IfStatement") return true;
		const test = unwrap(node.test);
		if (test.type !== "BinaryExpression" || (test.operator !== "===" && test.operator !== "==")) return true;
		const isMessage = (side: TSESTree.Node) => object.file.bindings.variableOf(unwrap(side)) === message;
		const other = isMessage(test.left) ? test.right : isMessage(test.right) ? test.left : null;
		if (!other) return true;
		const request = constantText(other, object.file);
		const response = request === null ? null : onlyAnswer(node.consequent, object);
		if (request !== null && response !== null && request.length <= MAX_AUTO_RESPONSE && response.length <= MAX_AUTO_RESPONSE) found = { at: node.test, request, response };
		return true;
	});
	return found;
}

/** The fixed text that a branch sends, if it does nothing else. */
function onlyAnswer(branch: TSESTree.Statement, object: DurableObjectClass): string | null {
	const statements = branch.type === "BlockStatement" ? branch.body : [branch];
	const [first, second, ...others] = statements;
	if (others.length > 0 || (second && !(second.type === "ReturnStatement" && !second.argument))) return null;
	const expression = first?.type === "ExpressionStatement" ? first.expression : first?.type === "ReturnStatement" ? first.argument : null;
	const call = expression && unwrap(expression);
	if (call?.type !== "CallExpression") return null;
	const sent = socketsOf(object).calls("send").find(({ node }) => node === call);
	const [argument] = call.arguments;
	if (!sent || !argument || argument.type === "SpreadElement" || !socketsOf(object).is(sent.receiver, "connection")) return null;
	return constantText(argument, object.file);
}

function inConstructor(object: DurableObjectClass, statement: string): Rule.ReportFixer | null {
	const { constructor } = object.members;
	const body = constructor?.fn.body;
	if (!constructor || body?.type !== "BlockStatement") return null;
	const ctx = ctxExpression(object);
	const last = body.body.at(-1);
	if (!ctx || !last || last.type === "ReturnStatement") return null;
	const isOnOneLine = last.loc.end.line === body.loc.start.line;
	return (fixer) => fixer.insertTextAfterRange([...last.range], `${isOnOneLine ? " " : `\n${indentAt(last.range[0], object.file)}`}${ctx}.${statement}`);
}
