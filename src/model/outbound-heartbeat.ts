/** Intervals that only keep a connection open which the object itself has opened. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, isFunction, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import { reaches } from "./data-flow.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { type Sockets, socketsOf } from "./sockets.ts";
import { functionOf, type Timer } from "./timers.ts";

/** Methods of the language that change nothing. */
const silent: Readonly<Record<string, readonly string[] | null>> = { console: null, JSON: ["stringify"], Date: ["now"] };
const DEPTH = 3;

/**
 * Where an interval that does nothing but send on connections that the object has opened is ended when such a connection
 * closes: the call that ends it. Such a connection lives in memory as the timer does, and keeps the object there by
 * itself. Null for any other timer.
 */
export function heartbeatEnd({ node, callback, repeats }: Timer, object: DurableObjectClass): TSESTree.Node | null {
	if (!repeats || !callback) return null;
	const sockets = socketsOf(object);
	const beat = { sends: false };
	if (!onlySends(callback.body, sockets, beat, DEPTH) || !beat.sends) return null;
	const listeners = closeListeners(sockets);
	return endsOf(node, object).find((end) => listeners.some((listener) => reaches(listener, end, object))) ?? null;
}

/** Whether code sends on, or closes, outbound sockets and does nothing else that anybody could notice. */
function onlySends(start: TSESTree.Node, sockets: Sockets, beat: { sends: boolean }, depth: number): boolean {
	const { object } = sockets;
	let isOnly = true;
	object.file.walk(start, (node) => {
		if (isFunction(node) || node.type === "NewExpression" || node.type === "AwaitExpression" || node.type === "TaggedTemplateExpression") isOnly = false;
		else if (node.type === "AssignmentExpression" || node.type === "UpdateExpression") isOnly &&= (node.type === "AssignmentExpression" ? node.left : node.argument).type === "Identifier";
		else if (node.type === "UnaryExpression") isOnly &&= node.operator !== "delete";
		else if (node.type === "CallExpression") isOnly &&= isSending(node, sockets, beat, depth);
		return isOnly;
	});
	return isOnly;
}

function isSending(node: TSESTree.CallExpression, sockets: Sockets, beat: { sends: boolean }, depth: number): boolean {
	const { object } = sockets;
	const { bindings } = object.file;
	const called = calledMember(node);
	if (!called) return bindings.isGlobal(unwrap(node.callee), "clearInterval") || bindings.isGlobal(unwrap(node.callee), "clearTimeout");
	const method = object.calledMethod(node);
	if (method) return depth > 0 && !method.fn.async && onlySends(method.fn.body, sockets, beat, depth - 1);
	if (["send", "ping", "close"].includes(called.name) && sockets.is(called.object, "outbound")) {
		beat.sends ||= called.name !== "close";
		return true;
	}
	const holder = unwrap(called.object);
	const allowed = holder.type === "Identifier" && bindings.isGlobal(holder, holder.name) && Object.hasOwn(silent, holder.name) ? silent[holder.name] : [];
	return allowed === null || allowed?.includes(called.name) === true;
}

/** What runs when a connection that the object has opened closes. */
function closeListeners(sockets: Sockets): readonly TSESTree.Node[] {
	const added = sockets.calls("addEventListener", "on").flatMap(({ node, receiver }) => {
		const [event, listener] = node.arguments;
		return event?.type === "Literal" && event.value === "close" && sockets.is(receiver, "outbound") && listener ? [listener] : [];
	});
	const assigned = sockets.assignments.flatMap(({ left: start, right }) => {
		const left = unwrap(start);
		return left.type === "MemberExpression" && propertyName(left) === "onclose" && sockets.is(left.object, "outbound") ? [right] : [];
	});
	return [...added, ...assigned].map((listener) => functionOf(listener, sockets.object) ?? listener);
}

/** The `clearInterval()` calls for the timer that a call starts, by the field or variable that holds it. */
function endsOf(start: TSESTree.Node, object: DurableObjectClass): readonly TSESTree.Node[] {
	const { parent } = wrapped(start);
	const holder = parent?.type === "AssignmentExpression" ? unwrap(parent.left) : parent?.type === "VariableDeclarator" ? parent.id : null;
	if (!holder) return [];
	const { bindings } = object.file;
	const isHolder = (argument: TSESTree.Node): boolean => {
		const node = unwrap(argument);
		if (holder.type === "Identifier") return bindings.variableOf(holder) !== null && bindings.variableOf(node) === bindings.variableOf(holder);
		if (holder.type !== "MemberExpression" || node.type !== "MemberExpression") return false;
		return [holder, node].every(({ object: owner }) => unwrap(owner).type === "ThisExpression") && propertyName(holder) !== null && propertyName(node) === propertyName(holder);
	};
	return object.members.calls.filter((call) => {
		const [argument] = call.arguments;
		return bindings.isGlobal(unwrap(call.callee), "clearInterval") && argument !== undefined && isHolder(argument);
	});
}
