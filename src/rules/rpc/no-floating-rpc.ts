import type { TSESTree } from "@typescript-eslint/utils";
import type { StubCall } from "../../model/stubs.ts";
import { calledMember, enclosingFunction, isFunction, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

export default defineRule({
	name: "no-floating-rpc",
	gotcha: "rpc",
	subject: caller,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow calls of other objects whose promise is dropped",
		messages: {
			floating:
				"Nobody waits for `{{call}}()`: its error is lost, and a Worker that has answered may be stopped before the call has arrived. Await it, return it, or hand it to ctx.waitUntil() of the Worker.",
			droppedByIteration:
				"{{iteration}}() drops the promise of `{{call}}()`: errors are lost, and the code goes on before any call has arrived. Use a `for` loop with `await`, or await Promise.all() of a map().",
			addAwait: "Await the call.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
		hasSuggestions: true,
	},
	check({ calls, file }, { verdict }) {
		const waited: StubCall[] = [];
		for (const call of calls) {
			const dropped = howDropped(call.node);
			if (!dropped) {
				waited.push(call);
				continue;
			}
			const data = { call: file.textOf(call.node.callee), iteration: dropped.iteration ?? "" };
			const canAwait = !dropped.iteration && enclosingFunction(call.node)?.async === true;
			verdict.violated({
				at: call.node,
				messageId: dropped.iteration ? "droppedByIteration" : "floating",
				data,
				suggest: canAwait ? [{ messageId: "addAwait", fix: (fixer) => fixer.insertTextBeforeRange([...call.node.range], "await ") }] : [],
			});
		}
		if (calls.length === 0) verdict.notApplicable("no object is called");
		else if (waited.length === calls.length) verdict.guarded({ at: waited.slice(0, 3).map((call) => call.node), because: "every call of another object is awaited, returned or handed on" });
	},
});

/** Whether nothing takes the promise of a call; `iteration` names the array method that drops it. */
function howDropped(node: TSESTree.CallExpression): { readonly iteration: string | null } | null {
	let current: TSESTree.Node = wrapped(node);
	for (;;) {
		const parent: TSESTree.Node | undefined = current.parent;
		if (!parent) return null;
		if (parent.type === "ExpressionStatement") return { iteration: null };
		// `condition && stub.call()` and `(a, stub.call())`: the value of the whole is the call's.
		const isPassedUp =
			(parent.type === "LogicalExpression" && parent.right === current) ||
			(parent.type === "ConditionalExpression" && parent.test !== current) ||
			(parent.type === "SequenceExpression" && parent.expressions.at(-1) === current);
		if (isPassedUp) {
			current = wrapped(parent);
			continue;
		}
		if (isFunction(parent) && parent.body === current) {
			const outer = parent.parent;
			const called = outer.type === "CallExpression" && outer.arguments.includes(parent as TSESTree.Expression) ? calledMember(outer) : null;
			return called?.name === "forEach" ? { iteration: "forEach" } : null;
		}
		return null;
	}
}
