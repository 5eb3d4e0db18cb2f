import type { TSESTree } from "@typescript-eslint/utils";
import { contains, isFunction, unwrap } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

export default defineRule({
	name: "no-stub-reuse-after-error",
	gotcha: "rpc",
	subject: caller,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow retrying a call on the stub that failed",
		messages: {
			sameStub:
				"When the object is reset, the stub `{{stub}}` stays broken, and every further attempt on it fails with the same error. Get a new stub inside the loop, one for each attempt.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check({ calls, file }, { verdict }) {
		let isAnswered = false;
		for (const { node, stub } of calls) {
			const retry = retryLoop(node, file);
			if (!retry) continue;
			isAnswered = true;
			const made = unwrap(stub);
			if (made.type !== "Identifier") {
				verdict.guarded({ at: node, because: "each attempt gets a stub of its own" });
				continue;
			}
			if (isRenewed(made, retry, file)) verdict.guarded({ at: node, because: "each attempt gets a stub of its own" });
			else verdict.violated({ at: node, messageId: "sameStub", data: { stub: made.name } });
		}
		if (!isAnswered) verdict.notApplicable("no call of another object is retried");
	},
});

/** The loop that runs a call again when it has failed: a `while` or counting `for` around a try whose catch lets it go on. */
function retryLoop(node: TSESTree.Node, file: SourceFile): TSESTree.Node | null {
	let handler: TSESTree.CatchClause | null = null;
	let attempt: TSESTree.BlockStatement | null = null;
	for (let current: TSESTree.Node = node, { parent } = current; parent && !isFunction(current); current = parent, { parent } = current) {
		if (parent.type === "TryStatement" && parent.block === current && parent.handler && !handler) {
			handler = parent.handler;
			attempt = parent.block;
		}
		if (!["WhileStatement", "DoWhileStatement", "ForStatement"].includes(parent.type) || !handler || !contains(parent, handler)) continue;
		const last = handler.body.body.at(-1);
		const givesUp = last !== undefined && ["ThrowStatement", "ReturnStatement", "BreakStatement"].includes(last.type);
		return !givesUp && attempt && endsOnSuccess(attempt, node, file) ? parent : null;
	}
	return null;
}

/** Whether the loop is left once the call has worked; one that goes on is doing something else, such as reading a stream. */
function endsOnSuccess(attempt: TSESTree.BlockStatement, call: TSESTree.Node, file: SourceFile): boolean {
	let ends = false;
	file.walk(attempt, (node) => {
		if (ends || isFunction(node)) return false;
		ends = (node.type === "BreakStatement" || node.type === "ReturnStatement") && node.range[1] >= call.range[1];
		return true;
	});
	return ends;
}

/** Whether the variable is declared or assigned inside the loop. */
function isRenewed(stub: TSESTree.Identifier, loop: TSESTree.Node, file: SourceFile): boolean {
	const variable = file.bindings.variableOf(stub);
	return variable === null || variable.defs.some((definition) => contains(loop, definition.node)) || variable.references.some((reference) => reference.isWrite() && contains(loop, reference.identifier));
}
