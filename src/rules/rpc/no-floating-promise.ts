import type { TSESTree } from "@typescript-eslint/utils";
import type { DroppedPromise } from "../../flow/index.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { flowOf } from "../../model/flow-host.ts";
import { objectUseOf } from "../../model/index.ts";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { lineOf, quoted } from "../concurrency/race-story.ts";
import { defineRule } from "../define-rule.ts";
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
				"Nobody waits for `{{call}}`{{cause}}: an error of it is lost without a line in any log, and what comes next does not wait for it. Await it, or give it a catch().",
			floatingStorage:
				"Nobody waits for `{{call}}`: what is put will be stored, but an error in it is lost without a line in any log. Await it, or give it a catch().",
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
	check(object, { options: [{ checkStorage }], verdict, ...linted }) {
		const { file } = object;
		const flow = flowOf(object);
		// What is called on other objects has a rule of its own.
		const ofOthers = new Set<TSESTree.Node>(objectUseOf(linted)?.calls.map(({ node }) => node));
		const isWork = ({ node, kind }: DroppedPromise) =>
			!ofOthers.has(node) && !object.isInitialisation(node) && (kind === "open" || kind === "unknown" || (checkStorage && kind === "closed" && ownMethod(node, object) !== null));
		const dropped = once(object.members.functions.flatMap((fn) => flow.droppedPromises(fn))).filter(isWork);
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
		if (dropped.length > 0) return;
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
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	if (node.type === "CallExpression" && (called?.name === "catch" || (called?.name === "then" && node.arguments.length > 1))) return "nobody waits for it, but its errors are taken care of";
	if (isStream(node)) return "a stream flows on while it is read, and whoever reads it learns of an error";
	const method = ownMethod(node, object);
	return method && catchesAll(method, object.file) ? "nobody waits for it, but it takes care of its errors itself" : null;
}

/** `body.pipeTo(writable)`, with or without `.finally()`. */
function isStream(start: TSESTree.Node): boolean {
	for (let node = unwrap(start); node.type === "CallExpression"; ) {
		const called = calledMember(node);
		if (called?.name === "pipeTo") return true;
		if (!called) return false;
		node = unwrap(called.object);
	}
	return false;
}

/** Whether all awaits of a function stand in a `try` whose `catch` does not throw. */
function catchesAll(fn: FunctionNode, file: SourceFile): boolean {
	if (fn.body.type !== "BlockStatement") return false;
	return fn.body.body.every((statement) => (statement.type === "TryStatement" && statement.handler !== null && !mentions(statement.handler, "ThrowStatement", file)) || !mentions(statement, "AwaitExpression", file));
}

function mentions(start: TSESTree.Node, type: "ThrowStatement" | "AwaitExpression", file: SourceFile): boolean {
	let found = false;
	file.walk(start, (node) => {
		if (isFunction(node)) return false;
		found ||= node.type === type;
		return !found;
	});
	return found;
}
