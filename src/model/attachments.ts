/** What a class attaches to its sockets, and what it reads back. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { type SocketCall, socketsOf } from "./sockets.ts";

/** `socket.serializeAttachment(value)` */
export interface AttachmentWrite extends SocketCall {
	readonly value: TSESTree.Expression | null;
}

export function attachmentWrites(object: DurableObjectClass): readonly AttachmentWrite[] {
	return socketsOf(object).calls("serializeAttachment").map((call) => {
		const [value] = call.node.arguments;
		return { ...call, value: value && value.type !== "SpreadElement" ? value : null };
	});
}

export function attachmentReads(object: DurableObjectClass): readonly SocketCall[] {
	return socketsOf(object).calls("deserializeAttachment");
}

/** A change to an object: `v.x = 1`, `v.list.push(1)`, `v.n++`, `delete v.x`; `at` is the whole expression. */
export interface Change {
	readonly at: TSESTree.Node;
	/** The name of the property, or of the method that changes it. */
	readonly what: string;
}

const mutators: ReadonlySet<string> = new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "set", "add", "delete", "clear"]);

/** The change that is made through `node`, if it is the object of one. */
export function changeThrough(node: TSESTree.Node): Change | null {
	let current = wrapped(node);
	let what: string | null = null;
	for (let { parent } = current; parent; parent = current.parent) {
		if (parent.type === "MemberExpression" && parent.object === current) {
			const name = propertyName(parent);
			const outer = wrapped(parent);
			if (outer.parent?.type === "CallExpression" && outer.parent.callee === outer) {
				return name !== null && mutators.has(name) ? { at: outer.parent, what: what ?? `${name}()` } : null;
			}
			what ??= name;
			current = outer;
			continue;
		}
		if (what === null && unwrap(current).type !== "MemberExpression") return null;
		if (parent.type === "AssignmentExpression" && parent.left === current) return { at: parent, what: what ?? "it" };
		if (parent.type === "UpdateExpression" || (parent.type === "UnaryExpression" && parent.operator === "delete")) return { at: parent, what: what ?? "it" };
		return null;
	}
	return null;
}

/** A variable read, as far as only its properties matter: `v.x`, `v?.x`; not `v` itself, which something else may keep. */
export function isPropertyRead(identifier: TSESTree.Node): boolean {
	const outer = wrapped(identifier);
	const { parent } = outer;
	if (parent?.type === "MemberExpression") return parent.object === outer;
	if (parent?.type === "UnaryExpression" || parent?.type === "BinaryExpression") return true;
	if (parent?.type === "IfStatement") return true;
	return parent?.type === "LogicalExpression" && parent.left === outer && parent.operator === "&&";
}

/** True when an expression, or a constant that it mentions, reads an attachment or lists the sockets: it survives hibernation. */
export function comesFromRuntime(node: TSESTree.Node, object: DurableObjectClass, depth = 3): boolean {
	let found = false;
	object.file.walk(node, (child) => {
		if (found) return false;
		if (child.type === "CallExpression") {
			const called = calledMember(child);
			if (called && (called.name === "deserializeAttachment" || ((called.name === "getWebSockets" || called.name === "getTags") && object.handle(called.object) === "ctx"))) found = true;
			else if (depth > 0) {
				const method = object.calledMethod(child);
				found = method !== null && comesFromRuntime(method.fn.body, object, depth - 1);
			}
		} else if (child.type === "Identifier" && depth > 0) {
			const variable = object.file.bindings.variableOf(child);
			const definition = variable?.defs[0];
			if (definition?.type === "Variable" && definition.node !== node && variable?.references.some(({ identifier }) => identifier === child)) {
				const { init, parent } = definition.node;
				const source = init ?? (parent.parent.type === "ForOfStatement" ? parent.parent.right : null);
				found = source !== null && comesFromRuntime(source, object, depth - 1);
			}
		}
		return !found;
	});
	return found;
}
