/** What of the code that runs later must happen. */
import { calledMember, type FunctionNode } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";

/** Whether a function touches the object, or the outside world through something that it closes over. */
export function doesWork(fn: FunctionNode, object: DurableObjectClass): boolean {
	let works = false;
	object.file.walk(fn, (node) => {
		if (works) return false;
		if (node.type === "ThisExpression") works = true;
		else if (node.type === "CallExpression") {
			const called = calledMember(node);
			works = called ? called.name === "send" || called.name === "fetch" || object.handle(called.object) !== null : object.file.bindings.isGlobal(node.callee, "fetch");
		}
		return true;
	});
	return works;
}
