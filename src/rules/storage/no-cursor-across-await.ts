import type { TSESTree } from "@typescript-eslint/utils";
import { type CursorFate, cursorFates } from "../../model/cursors.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SqlCall, sqlCalls } from "../../model/sql.ts";
import { contains, enclosingFunction, isFunction, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-cursor-across-await",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow reading on from a cursor after an await",
		messages: {
			awaitInLoop: "The cursor is read on after each await of this loop, and shows what other code has written meanwhile: it is no snapshot. Read all rows first, with .toArray().",
			readAfterAwait: "The cursor was opened before an await and is read after it, and shows what other code has written meanwhile: it is no snapshot. Read all rows first, with .toArray().",
			keptInField: "A cursor that is kept in a field is read by later events, and shows what has been written meanwhile; deleteAll() and DROP TABLE break it. Keep the rows, read with .toArray().",
			readAll: "Read all rows at once.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const calls = sqlCalls(object);
		if (calls.length === 0) {
			verdict.notApplicable("the class does not call sql.exec()");
			return;
		}
		const fine: TSESTree.Node[] = [];
		let handedOn: TSESTree.Node | null = null;
		let isViolated = false;
		for (const call of calls) {
			const fates = cursorFates(call.node, object);
			const fault = faultOf(call, fates, object);
			if (fault) {
				isViolated = true;
				const canReadAll = fates.every(({ use, at }) => use === "all" && (at.type === "ForOfStatement" || at.type === "SpreadElement"));
				verdict.violated({
					at: fault.at,
					messageId: fault.messageId,
					suggest: canReadAll ? [{ messageId: "readAll", fix: (fixer) => fixer.insertTextAfterRange([...call.node.range], ".toArray()") }] : [],
				});
			} else {
				const read = fates.find(({ use }) => use === "all" || use === "one" || use === "part");
				if (read) fine.push(readingOf(call, read));
				if (fates.some(({ use }) => use === "escaped" || use === "returned")) handedOn ??= call.node;
			}
		}
		if (isViolated) return;
		if (fine.length > 0) verdict.guarded({ at: fine.slice(0, 3), because: "the rows are read before anything is awaited" });
		if (handedOn) verdict.unknown({ at: handedOn, because: "the cursor is handed on; whether something is awaited before its rows are read could not be followed" });
		else if (fine.length === 0) verdict.notApplicable("no code of the class reads rows");
	},
});

/** The statement together with what reads its rows (`.toArray()`), where these are one expression. */
function readingOf({ node }: SqlCall, { at }: CursorFate): TSESTree.Node {
	return at.type === "CallExpression" && contains(at, node) ? at : node;
}

function faultOf(call: SqlCall, fates: readonly CursorFate[], object: DurableObjectClass): { readonly at: TSESTree.Node; readonly messageId: "awaitInLoop" | "readAfterAwait" | "keptInField" } | null {
	for (const { at, use, cursor } of fates) {
		if (at.type === "ForOfStatement" && hasAwait(at.body, object)) return { at: at.right, messageId: "awaitInLoop" };
		if (isFieldAssignment(at)) return { at: call.node, messageId: "keptInField" };
		if (cursor !== call.node && use !== "ignored" && isAwaitBetween(call.node, at, object)) return { at: cursor, messageId: "readAfterAwait" };
	}
	return null;
}

function isFieldAssignment(at: TSESTree.Node): boolean {
	return at.type === "AssignmentExpression" && at.left.type === "MemberExpression" && at.left.object.type === "ThisExpression";
}

function hasAwait(body: TSESTree.Node, object: DurableObjectClass): boolean {
	let found = false;
	object.file.walk(body, (node) => {
		if (found || isFunction(node)) return false;
		found = node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await);
		return true;
	});
	return found;
}

/** An await that stands between the opening of a cursor and its use, both in one function. */
function isAwaitBetween(exec: TSESTree.CallExpression, use: TSESTree.Node, object: DurableObjectClass): boolean {
	const home = enclosingFunction(exec);
	if (!home || enclosingFunction(use) !== home) return false;
	let found = false;
	object.file.walk(home.body, (node) => {
		if (found || isFunction(node)) return false;
		const isBetween = node.range[0] > exec.range[1] && node.range[1] < use.range[0];
		found = node.type === "AwaitExpression" && isBetween && wrapped(exec).parent !== node;
		return true;
	});
	return found;
}
