import type { TSESTree } from "@typescript-eslint/utils";
import type { StubCall } from "../../model/stubs.ts";
import { calledMember, enclosingFunction, isFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
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
			usedAsResult: "`{{call}}()` gives a promise, and nothing has waited for its result here: {{what}}. Await the call.",
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
				const mistake = mistakenUse(call.node, file);
				if (mistake) {
					const canAwait = mistake.isOnly && enclosingFunction(call.node)?.async === true;
					verdict.violated({
						at: mistake.at,
						messageId: "usedAsResult",
						data: { call: file.textOf(call.node.callee), what: consequences[mistake.as] },
						suggest: canAwait ? [{ messageId: "addAwait", fix: (fixer) => fixer.insertTextBeforeRange([...call.node.range], "await ") }] : [],
					});
				} else waited.push(call);
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
		else if (waited.length === calls.length) verdict.guarded({ at: waited.slice(0, 3).map((call) => call.node), because: "every call of another object is awaited, returned or handed on, or its failure is handled" });
	},
});

/** What becomes of the promise of a call where a result was meant. Measured in workerd 2026-11-25. */
const consequences = {
	text: 'as text it is "[object JsRpcPromise]"',
	json: "as JSON it is {} or nothing",
	operand: "it is neither equal to, nor more or less than, any value",
	condition: "a promise counts as true, whatever the answer",
} as const;

type Use = keyof typeof consequences;

interface Mistake {
	readonly at: TSESTree.Node;
	readonly as: Use;
	/** Whether nothing else uses the promise, so that the call may as well be awaited where it is made. */
	readonly isOnly: boolean;
}

/** A use of the promise as if it were the result, of the call itself or of the constant that holds it. */
function mistakenUse(call: TSESTree.CallExpression, file: SourceFile): Mistake | null {
	const direct = useOf(call, file);
	if (direct) return { at: call, as: direct, isOnly: true };
	const outer = wrapped(call);
	const declarator = outer.parent;
	if (declarator?.type !== "VariableDeclarator" || declarator.init !== outer || declarator.id.type !== "Identifier") return null;
	if (declarator.parent.type !== "VariableDeclaration" || declarator.parent.kind !== "const") return null;
	const reads = (file.bindings.variableOf(declarator.id)?.references ?? []).filter((reference) => reference.isRead()).map(({ identifier }) => identifier as TSESTree.Node);
	const uses = reads.map((at) => ({ at, as: useOf(at, file) }));
	// `const joining = stub.join(); if (joining) await joining;` is odd, but not wrong.
	const mistaken = uses.find(({ as }) => as !== null && as !== "condition");
	return mistaken?.as ? { at: mistaken.at, as: mistaken.as, isOnly: uses.every(({ as }) => as !== null) } : null;
}

function useOf(start: TSESTree.Node, file: SourceFile): Use | null {
	const node = wrapped(start);
	const { parent } = node;
	switch (parent?.type) {
		case "TemplateLiteral":
			return parent.parent.type === "TaggedTemplateExpression" ? null : "text";
		case "NewExpression":
			return parent.arguments[0] === node && file.bindings.isGlobal(parent.callee, "Response") ? "text" : null;
		case "UnaryExpression":
			return parent.operator === "!" ? "condition" : null;
		case "IfStatement":
		case "WhileStatement":
		case "ConditionalExpression":
			return parent.test === node ? "condition" : null;
		case "BinaryExpression": {
			const other = unwrap(parent.left === node ? parent.right : parent.left);
			const isAbsence = (other.type === "Literal" && other.value === null) || file.bindings.isGlobal(other, "undefined");
			return ["in", "instanceof"].includes(parent.operator) || isAbsence ? null : parent.operator === "+" ? "text" : "operand";
		}
		case "CallExpression":
			return parent.arguments[0] === node && writesJson(parent, file) ? "json" : null;
		case "Property":
			return parent.value === node && parent.parent.type === "ObjectExpression" && isJson(parent.parent, file) ? "json" : null;
		case "ArrayExpression":
			return isJson(parent, file) ? "json" : null;
		default:
			return null;
	}
}

/** Whether an object or array literal, however deep in others, is written as JSON. */
function isJson(literal: TSESTree.Node, file: SourceFile): boolean {
	for (let node = wrapped(literal); ; ) {
		const parent: TSESTree.Node | undefined = node.parent;
		if (parent?.type === "CallExpression") return parent.arguments[0] === node && writesJson(parent, file);
		const outer: TSESTree.Node | undefined = parent?.type === "Property" && parent.value === node ? parent.parent : parent;
		if (outer?.type !== "ObjectExpression" && outer?.type !== "ArrayExpression") return false;
		node = wrapped(outer);
	}
}

function writesJson(call: TSESTree.CallExpression, file: SourceFile): boolean {
	const called = calledMember(call);
	return called !== null && ((called.name === "stringify" && file.bindings.isGlobal(called.object, "JSON")) || (called.name === "json" && file.bindings.isGlobal(called.object, "Response")));
}

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
