/** Which awaits leave the object: while they last, other events run, and a crash finds what was written before them alone. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, type FunctionNode, isFunction, unwrap } from "../syntax/nodes.ts";
import { originOf } from "../syntax/origin.ts";
import type { DurableObjectClass } from "./durable-object.ts";

const bodyReaders: ReadonlySet<string> = new Set(["json", "text", "arrayBuffer", "formData", "blob"]);

/** The first await within a node, functions inside it left out, that is certain to wait for something outside; or null. */
export function externalAwait(within: TSESTree.Node, object: DurableObjectClass, depth = 2): TSESTree.AwaitExpression | null {
	let found: TSESTree.AwaitExpression | null = null;
	object.file.walk(within, (node) => {
		if (found || (node !== within && isFunction(node))) return false;
		if (node.type === "AwaitExpression" && isExternal(node.argument, object, depth)) found = node;
		return true;
	});
	return found;
}

function isExternal(start: TSESTree.Node, object: DurableObjectClass, depth: number): boolean {
	const node = unwrap(start);
	if (node.type !== "CallExpression") return false;
	const callee = unwrap(node.callee);
	if (callee.type === "Identifier") return object.file.bindings.isGlobal(callee, "fetch");
	const method = object.calledMethod(node);
	if (method) return depth > 0 && method.fn.async && externalAwait(bodyOf(method.fn), object, depth - 1) !== null;
	const called = calledMember(node);
	if (!called) return false;
	if (bodyReaders.has(called.name) && node.arguments.length === 0) return true;
	const holder = unwrap(called.object);
	if (holder.type === "Identifier" && holder.name === "scheduler" && called.name === "wait") return object.file.bindings.isGlobal(holder, "scheduler");
	return comesFromEnv(called.object, object, 8);
}

const bodyOf = (fn: FunctionNode): TSESTree.Node => fn.body;

/** A binding, or what calls on one gave: `this.env.DB.prepare(...).bind(...)`, a stub of another object. */
function comesFromEnv(start: TSESTree.Node, object: DurableObjectClass, depth: number): boolean {
	const node = unwrap(start);
	if (depth === 0) return false;
	switch (node.type) {
		case "MemberExpression":
			return object.handle(node.object) === "env" || comesFromEnv(node.object, object, depth - 1);
		case "CallExpression":
			return comesFromEnv(node.callee, object, depth - 1);
		case "AwaitExpression":
			return comesFromEnv(node.argument, object, depth - 1);
		case "Identifier": {
			const origin = originOf(node, object.file);
			return origin?.root.kind === "expression" && origin.root.node !== node && comesFromEnv(origin.root.node, object, depth - 1);
		}
		default:
			return false;
	}
}
