/** Methods of a class that stand in for a base class's, and whether they pass the call on. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import type { Method } from "./members.ts";

/** The `super.method(...)` call in a method of that name, or null when the base class's is never run. */
export function superCall(method: Method, object: DurableObjectClass): TSESTree.Node | null {
	let found: TSESTree.Node | null = null;
	object.file.walk(method.fn, (node) => {
		if (found) return false;
		if (node.type === "CallExpression") {
			const called = calledMember(node);
			if (called?.object.type === "Super" && called.name === method.name) found = node;
		}
		return true;
	});
	return found;
}
