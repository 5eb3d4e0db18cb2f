import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, isFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-catch-around-block-concurrency",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow catching errors outside of blockConcurrencyWhile's callback",
		messages: {
			tooLate: "When the callback of blockConcurrencyWhile() throws, the object is reset and this event fails, whether the error is caught here or not. Put the try…catch inside the callback.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		const calls = object.callsOf("ctx", "blockConcurrencyWhile");
		for (const { node } of calls) {
			const handler = handlerAround(node);
			if (handler) {
				verdict.violated({ at: handler, messageId: "tooLate" });
				continue;
			}
			const inner = innerHandler(node);
			if (inner) verdict.guarded({ at: inner, because: "errors are caught inside the callback, where it helps" });
			else verdict.guarded({ at: node, because: "nothing pretends to catch what resets the object" });
		}
		if (calls.length === 0) verdict.notApplicable("the class does not use blockConcurrencyWhile");
	},
});

/** The catch clause or `.catch()` that would handle the call's rejection; none when it only logs or throws on. */
function handlerAround(node: TSESTree.CallExpression): TSESTree.Node | null {
	let current: TSESTree.Node = wrapped(node);
	for (;;) {
		const member: TSESTree.Node | undefined = current.parent;
		if (member?.type !== "MemberExpression" || member.object !== current || member.parent.type !== "CallExpression") break;
		const called = calledMember(member.parent);
		const [first, second] = member.parent.arguments;
		const callback = called?.name === "catch" ? first : called?.name === "then" ? second : undefined;
		if (callback && !passesOn(isFunction(callback) && callback.body.type === "BlockStatement" ? callback.body : null)) return member.property;
		current = wrapped(member.parent);
	}
	// Only a rejection that is awaited reaches a catch clause.
	if (current.parent?.type !== "AwaitExpression") return null;
	for (let inner: TSESTree.Node = current, { parent } = inner; parent && !isFunction(inner); inner = parent, { parent } = inner) {
		if (parent.type === "TryStatement" && parent.block === inner && parent.handler) return passesOn(parent.handler.body) ? null : parent.handler;
	}
	return null;
}

/** A handler that ends by throwing, or does nothing but write to the console. */
function passesOn(body: TSESTree.BlockStatement | null): boolean {
	if (!body) return false;
	if (body.body.at(-1)?.type === "ThrowStatement") return true;
	return body.body.length > 0 && body.body.every((statement) => {
		if (statement.type !== "ExpressionStatement" || statement.expression.type !== "CallExpression") return false;
		const called = calledMember(statement.expression);
		const holder = called && unwrap(called.object);
		return holder?.type === "Identifier" && holder.name === "console";
	});
}

function innerHandler(node: TSESTree.CallExpression): TSESTree.Node | null {
	const callback = node.arguments[0] && unwrap(node.arguments[0]);
	if (!isFunction(callback) || callback.body.type !== "BlockStatement") return null;
	const guarded = callback.body.body.find((statement) => statement.type === "TryStatement");
	return guarded?.type === "TryStatement" ? guarded.handler : null;
}
