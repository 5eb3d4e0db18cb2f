import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { functionOf } from "../../model/timers.ts";
import { storageBackendOf } from "../../model/backend.ts";
import { contains, type FunctionNode, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

/** Methods that a transaction has too. */
const shared: readonly string[] = ["get", "put", "delete", "list", "setAlarm", "deleteAlarm", "getAlarm"];
const writes: readonly string[] = ["put", "delete", "deleteAll", "setAlarm", "deleteAlarm"];

export default defineRule({
	name: "require-txn-object",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require writes within transaction() to go through the transaction, on key-value storage",
		messages: {
			outsideTransaction:
				"This {{method}}() is not part of the transaction: {{name}} is on key-value storage ({{from}}), where only what goes through {{txn}} is rolled back when the callback throws.",
			useTransaction: "Write through the transaction.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const transactions = object.callsOf("storage", "transaction");
		if (transactions.length === 0) {
			verdict.notApplicable("the class does not use transaction()");
			return;
		}
		const { name, backend } = storageBackendOf(object);
		if (backend.value === "sqlite") {
			verdict.notApplicable(`the class is on SQLite storage (${backend.from}), where every storage operation within the callback is part of the transaction`);
			return;
		}
		for (const { node } of transactions) {
			const [argument] = node.arguments;
			const fn = argument && functionOf(argument, object);
			if (!fn) {
				verdict.unknown({ at: node, because: "the callback is not a function that can be looked into" });
				continue;
			}
			const outside = object.platformCalls.filter(({ on, method, node: call }) => on === "storage" && writes.includes(method) && contains(fn, call));
			if (outside.length === 0) {
				const hidden = hiddenWrite(fn, object);
				if (hidden) verdict.unknown({ at: hidden, because: "a method that the callback calls writes to storage, and with what cannot be told" });
				else verdict.guarded({ at: node, because: "the callback writes through the transaction only" });
			} else if (backend.value === "unknown") {
				verdict.unknown({ at: outside.map((call) => call.node), because: "no configuration says which storage the class is on; on SQLite storage these writes are part of the transaction" });
			} else {
				for (const call of outside) {
					const fix = shared.includes(call.method) ? throughTransaction(call, fn, object) : null;
					verdict.violated({
						at: call.node,
						messageId: "outsideTransaction",
						data: { method: call.method, name, from: backend.from, txn: parameterName(fn) ?? "the callback's parameter" },
						suggest: fix ? [{ messageId: "useTransaction", fix }] : [],
					});
				}
			}
		}
	},
});

/** A call, within the callback, of a method that writes to storage itself. */
function hiddenWrite(fn: FunctionNode, object: DurableObjectClass): TSESTree.Node | null {
	for (const { node } of object.members.ownCalls) {
		const method = contains(fn, node) ? object.calledMethod(node) : null;
		if (method && object.platformCalls.some((call) => call.on === "storage" && writes.includes(call.method) && contains(method.fn, call.node))) return node;
	}
	return null;
}

function parameterName(fn: FunctionNode): string | null {
	const [parameter] = fn.params;
	return parameter?.type === "Identifier" ? parameter.name : null;
}

function throughTransaction(call: PlatformCall, fn: FunctionNode, { file }: DurableObjectClass): Rule.ReportFixer | null {
	const receiver = [...unwrap(call.receiver).range] as [number, number];
	const name = parameterName(fn);
	if (name !== null) return (fixer) => fixer.replaceTextRange(receiver, name);
	if (fn.params.length > 0 || /\btxn\b/u.test(file.textOf(fn))) return null;
	const open = file.text.indexOf("(", fn.range[0]);
	if (open === -1 || open > fn.body.range[0] || file.text[open + 1] !== ")") return null;
	return (fixer) => [fixer.insertTextAfterRange([open, open + 1], "txn"), fixer.replaceTextRange(receiver, "txn")];
}
