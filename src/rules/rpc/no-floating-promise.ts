import type { TSESTree } from "@typescript-eslint/utils";
import type { DroppedPromise, SuspensionKind } from "../../flow/index.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { flowOf } from "../../model/flow-host.ts";
import { objectUseOf } from "../../model/index.ts";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { lineOf, quoted } from "../quote.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether to report methods of the class that wait for nothing but storage, too. */
	readonly checkStorage: boolean;
}

export default defineRule({
	name: "no-floating-promise",
	gotcha: "rpc",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow work outside of the object that nobody waits for",
		messages: {
			floating:
				"Nobody waits for `{{call}}`{{cause}}: nobody learns of an error in it, and what comes next does not wait for it. Await it, or give it a catch().",
			floatingStorage:
				"Nobody waits for `{{call}}`: what is put will be stored, but nobody learns of an error in it. Await it, or give it a catch().",
			addAwait: "Await it.",
		},
		schema: [
			{
				type: "object",
				properties: { checkStorage: { type: "boolean", description: "Whether to report methods of the class that wait for nothing but storage, too." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ checkStorage: false }] as readonly [Options],
		strictOptions: [{ checkStorage: true }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ checkStorage }], verdict, isOnlyViolations, ...linted }) {
		const { file } = object;
		const flow = flowOf(object);
		const kinds: readonly SuspensionKind[] = ["open", ...(checkStorage ? (["closed"] as const) : []), ...(isOnlyViolations ? [] : (["unknown"] as const))];
		// What the storage is told to do, it does, whoever waits for it.
		const isWork = ({ node, kind }: DroppedPromise) => !object.isInitialisation(node) && (kind !== "closed" || ownMethod(node, object) !== null);
		const all = once(object.members.functions.flatMap((fn) => flow.droppedPromises(fn, kinds))).filter(isWork);
		// What is called on other objects has a rule of its own.
		const ofOthers = new Set<TSESTree.Node>(all.length === 0 ? [] : objectUseOf(linted)?.calls.map(({ node }) => node));
		const dropped = all.filter(({ node }) => !ofOthers.has(node));
		for (const { node, cause, kind } of dropped) {
			const because = excuse(node, object);
			if (because) verdict.guarded({ at: node, because });
			else if (kind === "unknown") verdict.unknown({ at: node, because: "nobody waits for it; what it waits for itself could not be told" });
			else {
				verdict.violated({
					at: node,
					messageId: kind === "open" ? "floating" : "floatingStorage",
					data: { call: quoted(node, file), cause: cause === node ? "" : `, which waits for \`${quoted(cause, file)}\` (line ${lineOf(cause)})` },
					suggest: enclosingFunction(node)?.async === true && wrapped(node).parent?.type === "ExpressionStatement" ? [{ messageId: "addAwait", fix: (fixer) => fixer.insertTextBeforeRange([...node.range], "await ") }] : [],
				});
			}
		}
		if (dropped.length > 0 || isOnlyViolations) return;
		const awaited = object.members.functions.flatMap((fn) => flow.suspensionsIn(fn)).find(({ kind }) => kind === "open");
		if (awaited) verdict.guarded({ at: awaited.node, because: "what goes outside is waited for" });
		else verdict.notApplicable("nothing outside is waited for or started");
	},
});

function once(dropped: readonly DroppedPromise[]): readonly DroppedPromise[] {
	return [...new Map(dropped.map((each) => [each.node, each])).values()];
}

function ownMethod(node: TSESTree.Node, object: DurableObjectClass): FunctionNode | null {
	return node.type === "CallExpression" ? (object.calledMethod(node)?.fn ?? null) : null;
}

/** Why the promise may be dropped: by a word of its author, or because somebody takes care of its errors. */
function excuse(node: TSESTree.Node, object: DurableObjectClass): string | null {
	const { parent } = wrapped(node);
	if (parent?.type === "UnaryExpression" && parent.operator === "void") return "it is marked as dropped on purpose";
	if (isCaught(node)) return "nobody waits for it, but its errors are taken care of";
	if (chainOf(node).some(({ name }) => name === "pipeTo")) return "a stream flows on while it is read, and whoever reads it learns of an error";
	const method = ownMethod(node, object);
	return method && (catchesAll(method, object.file) || returnsCaught(method, object.file)) ? "nobody waits for it, but it takes care of its errors itself" : null;
}

/** `work().then(a).catch(b).finally(c)`, from its end. */
function chainOf(start: TSESTree.Node): readonly { readonly name: string; readonly node: TSESTree.CallExpression }[] {
	const chain: { name: string; node: TSESTree.CallExpression }[] = [];
	for (let node = unwrap(start); node.type === "CallExpression"; ) {
		const called = calledMember(node);
		if (!called) break;
		chain.push({ name: called.name, node });
		node = unwrap(called.object);
	}
	return chain;
}

/** `work().catch(report)`, `work().then(use, report)` */
function isCaught(node: TSESTree.Node): boolean {
	return chainOf(node).some(({ name, node: call }) => name === "catch" || (name === "then" && call.arguments.length > 1));
}

/** Whether a function that is not async returns nothing but promises whose errors are taken care of, one of them made here. */
function returnsCaught(fn: FunctionNode, file: SourceFile): boolean {
	if (fn.async) return false;
	const returned: TSESTree.Node[] = [];
	file.walk(fn.body, (node) => {
		if (node.type === "ReturnStatement" && node.argument) returned.push(unwrap(node.argument));
		return !isFunction(node);
	});
	const made = returned.map((node) => (node.type === "Identifier" ? (constantInitialiser(file.bindings.variableOf(node)) ?? node) : node)).filter((node) => !isSettledOrKept(node, file));
	return made.length > 0 && made.every(isCaught);
}

/** `Promise.resolve()`; `this.recovery`, which was taken care of when it was made. */
function isSettledOrKept(node: TSESTree.Node, file: SourceFile): boolean {
	if (node.type === "MemberExpression") return node.object.type === "ThisExpression";
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	return called?.name === "resolve" && file.bindings.isGlobal(unwrap(called.object), "Promise");
}

/** Whether all that a function waits for stands in a `try` whose `catch` neither throws nor waits. */
function catchesAll(fn: FunctionNode, file: SourceFile): boolean {
	if (fn.body.type !== "BlockStatement") return false;
	return fn.body.body.every((statement) => {
		if (statement.type !== "TryStatement" || !statement.handler) return !mayFail(statement, file);
		// `return work()` in a try without `await` leaves it before the work fails.
		return !mentions(statement.block, handsOn, file) && !mayFail(statement.handler, file) && !(statement.finalizer && mayFail(statement.finalizer, file));
	});
}

const handsOn = (node: TSESTree.Node): boolean => node.type === "ReturnStatement" && node.argument !== null && unwrap(node.argument).type === "CallExpression";

function mayFail(start: TSESTree.Node, file: SourceFile): boolean {
	return mentions(start, (node) => node.type === "ThrowStatement" || node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await) || handsOn(node), file);
}

function mentions(start: TSESTree.Node, isIt: (node: TSESTree.Node) => boolean, file: SourceFile): boolean {
	let found = false;
	file.walk(start, (node) => {
		if (isFunction(node)) return false;
		found ||= isIt(node);
		return !found;
	});
	return found;
}
