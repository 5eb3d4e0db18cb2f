import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { externalAwait } from "../../model/external.ts";
import { mayTouchSame, type StorageUse, storageUses } from "../../model/storage.ts";
import { contains, isFunction } from "../../syntax/nodes.ts";
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
		for (const statements of blocksOf(writes, object)) {
			const split = splitIn(statements, writes, object);
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
			} else {
				const inside = writes.filter(({ call }) => statements.some((statement) => contains(statement, call.node)));
				if (inside.length > 1) together.push(...inside.map(({ call }) => call.node));
			}
		}
		if (isViolated) return;
		if (together.length > 0) verdict.guarded({ at: [...new Set(together)].slice(0, 3), because: "nothing outside is awaited between the writes, so that they reach the disk together" });
		else verdict.notApplicable("no code of the class makes more than one write in a row");
	},
});

/** The statement lists in which writes stand, outside of transactions. */
function blocksOf(writes: readonly StorageUse[], object: DurableObjectClass): ReadonlySet<readonly TSESTree.Statement[]> {
	const blocks = new Set<readonly TSESTree.Statement[]>();
	for (const { call } of writes) {
		for (let node: TSESTree.Node | undefined = call.node.parent; node && node !== object.node; node = node.parent) {
			if (node.type === "BlockStatement" && node.body.length > 1) blocks.add(node.body);
			if (!isFunction(node)) continue;
			break;
		}
	}
	const transactions = object.callsOf("storage", "transaction", "transactionSync").map(({ node }) => node);
	return new Set([...blocks].filter(([first]) => first && !transactions.some((transaction) => contains(transaction, first))));
}

interface Split {
	readonly first: StorageUse;
	readonly io: TSESTree.AwaitExpression;
	readonly second: StorageUse;
}

/** Two writes of different things in one list of statements, with a statement between them that waits for something outside. */
function splitIn(statements: readonly TSESTree.Statement[], writes: readonly StorageUse[], object: DurableObjectClass): Split | null {
	const before: StorageUse[] = [];
	let io: TSESTree.AwaitExpression | null = null;
	for (const statement of statements) {
		const here = writes.filter(({ call }) => isDirectlyIn(call.node, statement));
		for (const second of here) {
			// The same key written twice is a mark that work has begun, and then its end.
			const first = before.some((other) => mayTouchSame(other, second)) ? undefined : before.at(-1);
			if (first && io) return { first, io, second };
		}
		// A write or an await in a branch need not happen.
		if (statement.type !== "ExpressionStatement" && statement.type !== "VariableDeclaration") continue;
		before.push(...here);
		if (before.length > 0) io ??= externalAwait(statement, object);
	}
	return null;
}

function isDirectlyIn(node: TSESTree.Node, statement: TSESTree.Node): boolean {
	for (let current: TSESTree.Node | undefined = node; current; current = current.parent) {
		if (current === statement) return true;
		if (isFunction(current)) return false;
	}
	return false;
}

function labelOf({ keys, statements, call }: StorageUse): string {
	const [key] = keys;
	if (key?.text) return call.method === "deleteAll" ? "all of storage" : `"${displayText(key.text)}"`;
	const table = statements.flatMap(({ writes }) => writes)[0]?.name;
	return table ? `table ${table}` : "something";
}
