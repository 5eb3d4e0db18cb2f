import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { automaticCloseReply } from "../../facts/websockets.ts";
import { inForce } from "../../model/compatibility.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import type { Method } from "../../model/members.ts";
import { type Sockets, socketsOf } from "../../model/sockets.ts";
import { calledMember, contains, type FunctionNode, isFunction, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { indentAt, installerOf, isMadeToExtend, mayBeHelper, nameOf, servesThroughFramework } from "./socket-code.ts";

interface Options {
	/** Whether to believe that the runtime answers by itself where the compatibility date says so. */
	readonly trustCompatibilityDate: boolean;
}

export default defineRule({
	name: "require-websocket-close-reply",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "require webSocketClose() to answer with socket.close()",
		messages: {
			closeNotAnswered: "webSocketClose() never calls close() on its socket: the client's close is not answered, and the client waits until it gives up with code 1006. Call close() in the handler.{{date}}",
			closeHandlerMissing: "{{name}} has no webSocketClose(): a client's close is not answered, and the client waits until it gives up with code 1006. Add the handler and call close() on its socket.{{date}}",
			answer: "Answer with {{socket}}.close(1000).",
		},
		schema: [
			{
				type: "object",
				properties: {
					trustCompatibilityDate: {
						type: "boolean",
						description: "Whether nothing is reported where the compatibility date (2026-04-07 or later) promises that the runtime answers by itself.",
					},
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ trustCompatibilityDate: false }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ trustCompatibilityDate }], verdict }) {
		if (servesThroughFramework(object)) {
			verdict.notApplicable("the framework answers when clients close");
			return;
		}
		const sockets = socketsOf(object);
		const accepted = sockets.acceptances.find(({ api }) => api === "hibernation");
		const handler = object.members.methods.get("webSocketClose") ?? null;
		const inherited = handler ? null : object.method("webSocketClose");
		if (!handler && !accepted) {
			verdict.notApplicable("the class hands no WebSocket to the runtime");
			return;
		}
		if (inherited) {
			verdict.guarded({ at: nameOf(inherited), because: "the handler of the base class answers, or is reported there" });
			return;
		}
		const automatic = inForce(automaticCloseReply, object.project);
		const isPromised = automatic?.value ?? false;
		const date = isPromised && automatic ? ` (Cloudflare documents an automatic answer for ${automatic.from}, but workerd gives it only on sockets accepted with accept().)` : "";
		const trusted = trustCompatibilityDate && isPromised ? `by its documentation, the runtime answers by itself: ${automatic?.from ?? ""}` : null;

		if (!handler) {
			if (!accepted) return;
			if (object.field("webSocketClose")) {
				verdict.unknown({ at: accepted.node, because: "webSocketClose is assigned at run time" });
				return;
			}
			if (!object.ancestry.isBaseKnown) {
				verdict.unknown({ at: accepted.node, because: "the base class, which is not in this file, may have the handler" });
				return;
			}
			if (isMadeToExtend(object)) {
				verdict.unknown({ at: accepted.node, because: "subclasses may have the handler" });
				return;
			}
			const installer = installerOf(object);
			if (installer) {
				verdict.unknown({ at: [installer, accepted.node], because: "the object is handed to other code while it is built, which may give it the handler" });
				return;
			}
			if (mayBeHelper(object)) {
				verdict.unknown({ at: accepted.node, because: "the class may be a part of a Durable Object that has the handler" });
				return;
			}
			if (trusted) {
				verdict.guarded({ at: accepted.node, because: trusted });
				return;
			}
			verdict.violated({ at: accepted.node, messageId: "closeHandlerMissing", data: { name: object.name, date } }); return;
		}
		const answer = answerOf(handler, sockets);
		if (answer.kind === "close") {
			verdict.guarded({ at: answer.node, because: "the handler answers the client's close" });
			return;
		}
		if (answer.kind === "elsewhere") {
			verdict.unknown({ at: answer.node, because: "other code, which cannot be followed, may close the socket" });
			return;
		}
		if (trusted) {
			verdict.guarded({ at: nameOf(handler), because: trusted });
			return;
		}
		const socket = parameterName(handler);
		const fix = socket && appended(handler.fn, `${socket}.close(1000);`, object);
		verdict.violated({
			at: nameOf(handler),
			messageId: "closeNotAnswered",
			data: { date },
			suggest: fix && socket ? [{ messageId: "answer", data: { socket }, fix }] : [],
		});
	},
});

type Answer = { readonly kind: "close" | "elsewhere"; readonly node: TSESTree.Node } | { readonly kind: "none" };

/** Whether the handler closes its socket, itself or through what it calls. */
function answerOf({ fn }: Method, sockets: Sockets): Answer {
	const { object } = sockets;
	const reached = reachedFrom(fn, object);
	const isReached = (node: TSESTree.Node) => reached.some((each) => contains(each, node));
	const name = parameterIdentifier(fn);
	const variable = name && object.file.bindings.variableOf(name);
	let other: TSESTree.Node | null = null;
	for (const { node, receiver } of sockets.calls("close", "terminate")) {
		if (!isReached(node)) continue;
		const holder = unwrap(receiver);
		if (holder.type === "Identifier" && variable && object.file.bindings.variableOf(holder) === variable) return { kind: "close", node };
		const found = sockets.of(receiver);
		if (found.some(({ side, isListed }) => side === "connection" && !isListed)) return { kind: "close", node };
		// One of many sockets, which may be this one.
		if (found.some(({ side, isListed }) => isListed || side === "unknown" || side === "server")) other ??= node;
	}
	if (other) return { kind: "elsewhere", node: other };
	for (const { identifier } of variable?.references ?? []) {
		const call = identifier.parent.type === "CallExpression" && identifier.parent.arguments.includes(identifier as TSESTree.Identifier) ? identifier.parent : null;
		if (call && isForeign(call, object)) return { kind: "elsewhere", node: call };
	}
	let handedOn: TSESTree.Node | null = null;
	for (const each of reached) {
		object.file.walk(each, (node) => {
			if (node.type === "Super") handedOn ??= node.parent;
			return handedOn === null;
		});
	}
	return handedOn ? { kind: "elsewhere", node: handedOn } : { kind: "none" };
}

/** A function, the methods of the class that it calls, and the functions of the module that these call. */
function reachedFrom(start: FunctionNode, object: DurableObjectClass): readonly TSESTree.Node[] {
	const reached: TSESTree.Node[] = [start];
	const add = (node: TSESTree.Node | null | undefined) => {
		if (node && !reached.includes(node)) reached.push(node);
	};
	for (let index = 0; index < reached.length; index++) {
		object.file.walk(reached[index] as TSESTree.Node, (node) => {
			if (node.type !== "CallExpression") return true;
			add(object.calledMethod(node)?.fn);
			const callee = unwrap(node.callee);
			const [definition] = callee.type === "Identifier" ? (object.file.bindings.variableOf(callee)?.defs ?? []) : [];
			const made = definition?.type === "FunctionName" ? definition.node : definition?.type === "Variable" ? definition.node.init : null;
			if (isFunction(made)) add(made);
			return true;
		});
	}
	return reached;
}

/** Methods that only look a socket up, or put it out of a collection. */
const harmless: ReadonlySet<string> = new Set(["get", "has", "delete", "indexOf", "includes", "getTags", "log", "error", "warn", "info", "debug", "set", "add", "push", "stringify", "isArray", "is"]);

function isForeign(call: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	if (object.calledMethod(call)) return false;
	const called = calledMember(call);
	if (called) return !harmless.has(called.name);
	const callee = unwrap(call.callee);
	return callee.type !== "Identifier" || object.file.bindings.importOf(callee) !== null;
}

function parameterIdentifier(fn: FunctionNode): TSESTree.Identifier | null {
	const [first] = fn.params;
	return first?.type === "Identifier" ? first : null;
}

function parameterName({ fn }: Method): string | null {
	return parameterIdentifier(fn)?.name ?? null;
}

/** Appends a statement to a function whose end is always reached. */
function appended(fn: FunctionNode, statement: string, object: DurableObjectClass): Rule.ReportFixer | null {
	const { body } = fn;
	if (body.type !== "BlockStatement") return null;
	let mayLeave = false;
	object.file.walk(body, (node) => {
		if (isFunction(node)) return false;
		mayLeave ||= node.type === "ReturnStatement" || node.type === "ThrowStatement";
		return true;
	});
	if (mayLeave) return null;
	const last = body.body.at(-1);
	if (!last) return (fixer) => fixer.replaceTextRange([...body.range], `{ ${statement} }`);
	const isOnOneLine = last.loc.end.line === body.loc.start.line;
	const separator = isOnOneLine ? " " : `\n${indentAt(last.range[0], object.file)}`;
	return (fixer) => fixer.insertTextAfterRange([...last.range], separator + statement);
}
