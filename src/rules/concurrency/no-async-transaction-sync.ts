import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { functionOf } from "../../model/timers.ts";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-async-transaction-sync",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow asynchronous callbacks of transactionSync()",
		messages: {
			asyncCallback:
				"transactionSync() commits when its callback first awaits: what comes after is outside of the transaction, and a later throw rolls nothing back. Make the callback synchronous, or use await ctx.storage.transaction().",
			neverRollsBack: "transactionSync() does not wait for the promise of an async callback: when the callback throws, what it has written is committed all the same. Leave async out.",
			returnsPromise: "The callback of transactionSync() returns the promise of {{what}}: the transaction commits before that is done, and a later throw rolls nothing back. Use await ctx.storage.transaction().",
			makeSync: "Leave async out.",
			useTransaction: "Use an asynchronous transaction.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const calls = object.callsOf("storage", "transactionSync");
		if (calls.length === 0) {
			verdict.notApplicable("the class does not use transactionSync()");
			return;
		}
		for (const call of calls) {
			const [argument] = call.node.arguments;
			const fn = argument && functionOf(argument, object);
			if (!fn) {
				verdict.unknown({ at: call.node, because: "the callback is not a function that can be looked into" });
				continue;
			}
			const isInline = unwrap(argument) === fn;
			if (fn.async) {
				const awaits = hasAwait(fn, object);
				const fix = isInline ? (awaits ? asTransaction(call, object) : withoutAsync(fn, object)) : null;
				verdict.violated({
					at: argument,
					messageId: awaits ? "asyncCallback" : "neverRollsBack",
					suggest: fix ? [{ messageId: awaits ? "useTransaction" : "makeSync", fix }] : [],
				});
				continue;
			}
			const promise = returnedPromise(fn, object);
			if (promise) verdict.violated({ at: argument, messageId: "returnsPromise", data: { what: promise } });
			else verdict.guarded({ at: call.node, because: "the callback is synchronous: it commits as a whole, or rolls back when it throws" });
		}
	},
});

function hasAwait(fn: FunctionNode, object: DurableObjectClass): boolean {
	let found = false;
	object.file.walk(fn.body, (node) => {
		if (isFunction(node)) return false;
		found ||= node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await);
		return !found;
	});
	return found;
}

/** What asynchronous work a callback hands back: a call of an async function of this file, or `.then()`. */
function returnedPromise(fn: FunctionNode, object: DurableObjectClass): string | null {
	const returned: TSESTree.Node[] = [];
	if (fn.body.type === "BlockStatement") {
		object.file.walk(fn.body, (node) => {
			if (isFunction(node)) return false;
			if (node.type === "ReturnStatement" && node.argument) returned.push(node.argument);
			return true;
		});
	} else returned.push(fn.body);
	for (const result of returned) {
		const node = unwrap(result);
		if (node.type !== "CallExpression") continue;
		const called = calledMember(node);
		const callee = object.calledMethod(node)?.fn ?? functionOf(node.callee, object);
		if (callee?.async) return `${object.file.textOf(node.callee)}()`;
		const holder = called && unwrap(called.object);
		if (called?.name === "then" || (called?.name === "all" && holder?.type === "Identifier" && object.file.bindings.isGlobal(holder, "Promise"))) return `${called.name}()`;
	}
	return null;
}

function withoutAsync(fn: FunctionNode, { file }: DurableObjectClass): Rule.ReportFixer | null {
	const keyword = /^async\s*/u.exec(file.textOf(fn))?.[0];
	if (!keyword || fn.returnType) return null;
	return (fixer) => fixer.removeRange([fn.range[0], fn.range[0] + keyword.length]);
}

/** `transaction` and an await: only where the function around can await. */
function asTransaction(call: PlatformCall, object: DurableObjectClass): Rule.ReportFixer | null {
	const called = calledMember(call.node);
	const outer = wrapped(call.node);
	const around = enclosingFunction(call.node);
	if (!called || called.member.computed || called.member.optional) return null;
	const { range } = called.member.property;
	const rename = (fixer: Rule.RuleFixer): Rule.Fix => fixer.replaceTextRange([...range], "transaction");
	const { parent } = outer;
	if (parent?.type === "AwaitExpression" || parent?.type === "ReturnStatement") return rename;
	if (!around?.async || object.callbackRun(around) === "now" || parent?.type !== "ExpressionStatement") return null;
	return (fixer) => [fixer.insertTextBeforeRange([...outer.range], "await "), rename(fixer)];
}
