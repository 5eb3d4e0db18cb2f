import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { externalAwait } from "../../model/external.ts";
import { mayTouchSame, type StorageUse, storageUses } from "../../model/storage.ts";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, wrapped } from "../../syntax/nodes.ts";
import { displayText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "prefer-coalesced-writes",
	gotcha: "non-atomic-read-modify-write",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "prefer writes that reach the disk together over writes with I/O between them",
		messages: {
			split: "{{second}} is written after {{io}}, {{first}} before it: a crash or deploy in between leaves one without the other. Do the I/O first, then all the writes with nothing awaited between them but storage.",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		const writes = storageUses(object).filter((use) => use.writes);
		if (writes.length < 2) {
			verdict.notApplicable("no code of the class makes more than one write");
			return;
		}
		const together: TSESTree.Node[] = [];
		let isViolated = false;
		for (const [statements, inside] of blocksOf(writes, object)) {
			const split = splitIn(statements, inside, object);
			if (split) {
				isViolated = true;
				const { first, io, second } = split;
				verdict.violated({
					at: second.call.node,
					messageId: "split",
					data: { first: labelOf(first), second: labelOf(second), io: object.file.textOf(io).replaceAll(/\s+/gu, " ").slice(0, 60) },
					steps: [
						{ at: first.call.node, what: "the first write" },
						{ at: io, what: "the object waits for something outside" },
						{ at: second.call.node, what: "the second write" },
					],
				});
			} else together.push(...[...inside.values()].flat().map(({ call }) => call.node));
		}
		if (isViolated) return;
		if (together.length > 0) verdict.guarded({ at: [...new Set(together)].slice(0, 3), because: "nothing outside is awaited between the writes, so that they reach the disk together" });
		else verdict.notApplicable("no code of the class makes more than one write in a row");
	},
});

/** Which writes stand in each statement of a list. */
type WritesByStatement = ReadonlyMap<TSESTree.Statement, readonly StorageUse[]>;

/** The statement lists, outside of transactions, in which at least two writes stand. */
function blocksOf(writes: readonly StorageUse[], object: DurableObjectClass): readonly (readonly [readonly TSESTree.Statement[], WritesByStatement])[] {
	const blocks = new Map<readonly TSESTree.Statement[], Map<TSESTree.Statement, StorageUse[]>>();
	for (const write of writes) {
		const { path, fn } = blocksAround(write.call.node);
		if (fn && isInTransaction(fn, object)) continue;
		for (const { list, statement } of path) {
			const inside = blocks.get(list) ?? new Map<TSESTree.Statement, StorageUse[]>();
			blocks.set(list, inside);
			inside.set(statement, [...(inside.get(statement) ?? []), write]);
		}
	}
	return [...blocks].filter(([, inside]) => [...inside.values()].flat().length > 1);
}

function blocksAround(start: TSESTree.Node): { readonly path: readonly { readonly list: readonly TSESTree.Statement[]; readonly statement: TSESTree.Statement }[]; readonly fn: FunctionNode | null } {
	const path: { list: readonly TSESTree.Statement[]; statement: TSESTree.Statement }[] = [];
	for (let node: TSESTree.Node = start; node.parent; node = node.parent) {
		if (isFunction(node)) return { path, fn: node };
		// What stands in a block's body is a statement.
		if (node.parent.type === "BlockStatement") path.push({ list: node.parent.body, statement: node as TSESTree.Statement });
	}
	return { path, fn: null };
}

/** Within the callback of a transaction, however deep. */
function isInTransaction(start: FunctionNode, object: DurableObjectClass): boolean {
	for (let fn: FunctionNode | null = start; fn; fn = enclosingFunction(fn)) {
		const call = wrapped(fn).parent;
		const called = call?.type === "CallExpression" ? calledMember(call) : null;
		if (called && (called.name === "transaction" || called.name === "transactionSync") && object.handle(called.object) === "storage") return true;
	}
	return false;
}

interface Split {
	readonly first: StorageUse;
	readonly io: TSESTree.AwaitExpression;
	readonly second: StorageUse;
}

/** Two writes of different things in one list of statements, with a statement between them that waits for something outside. */
function splitIn(statements: readonly TSESTree.Statement[], writes: WritesByStatement, object: DurableObjectClass): Split | null {
	const before: StorageUse[] = [];
	let io: TSESTree.AwaitExpression | null = null;
	for (const statement of statements) {
		const here = writes.get(statement) ?? [];
		const first = before.at(-1);
		if (io && first) {
			// The same key written twice is a mark that work has begun, and then its end.
			const second = here.find((write) => !before.some((other) => mayTouchSame(other, write)));
			if (second) return { first, io, second };
		}
		// A write or an await in a branch need not happen.
		if (statement.type !== "ExpressionStatement" && statement.type !== "VariableDeclaration") continue;
		before.push(...here);
		if (before.length > 0) io ??= externalAwait(statement, object);
	}
	return null;
}

function labelOf({ keys, statements, call }: StorageUse): string {
	const [key] = keys;
	if (key?.text) return call.method === "deleteAll" ? "all of storage" : `"${displayText(key.text)}"`;
	const table = statements.flatMap(({ writes }) => writes)[0]?.name;
	return table ? `table ${table}` : "something";
}
