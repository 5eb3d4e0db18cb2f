import type { TSESTree } from "@typescript-eslint/utils";
import { cursorFates } from "../../model/cursors.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SqlCall, sqlCalls } from "../../model/sql.ts";
import { isCaught } from "../../syntax/branches.ts";
import { calledMember, contains, enclosingFunction, isFunction, wrapped } from "../../syntax/nodes.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-unguarded-one",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow .one() on a statement that may give no row",
		messages: {
			mayThrow: ".one() throws unless there is exactly one row, and this {{kind}} may give none. Take the first row of .toArray() and say what is to happen without one, or catch the error.",
			useFirst: "Take the first row of .toArray(), which is undefined when there is none.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const calls = sqlCalls(object);
		const ones = calls.flatMap((call) => cursorFates(call.node, object).flatMap(({ use, at }) => (use === "one" && at.type === "CallExpression" ? [{ call, one: at }] : [])));
		if (ones.length === 0) {
			verdict.notApplicable("the class does not use .one()");
			return;
		}
		const seeds = seedsOf(calls, object);
		for (const { call, one } of ones) {
			const statement = call.statements.at(-1) as SqlStatement;
			const caught = isCaught(one, null);
			if (statement.exactlyOneRow) verdict.guarded({ at: one, because: "the statement gives one row whatever the tables hold" });
			else if (caught) verdict.guarded({ at: caught, because: "the error of .one() is caught" });
			else if (statement.opaque || statement.kind === "other" || statement.kind === "pragma") verdict.unknown({ at: one, because: "how many rows the statement gives cannot be told" });
			else {
				const seed = seedOf(statement, seeds);
				if (seed) {
					verdict.guarded({ at: [seed, one], because: "the row is put there when the object starts" });
					continue;
				}
				const put = statement.kind === "select" ? insertBefore(call, calls, object) : null;
				if (put) {
					if (isOfSameRow(call, put, object)) verdict.guarded({ at: [put.node, one], because: "the row is put there just before" });
					else verdict.unknown({ at: [put.node, one], because: "whether the row that is put there just before is the one that is read cannot be told" });
					continue;
				}
				const called = calledMember(one);
				verdict.violated({
					at: one,
					messageId: "mayThrow",
					data: { kind: statement.kind.toUpperCase() },
					suggest: called ? [{ messageId: "useFirst", fix: (fixer) => fixer.replaceTextRange([called.object.range[1], one.range[1]], ".toArray()[0]") }] : [],
				});
			}
		}
	},
});

/** A call that inserts into the table of a SELECT, on every way to it and with nothing awaited in between. */
function insertBefore(select: SqlCall, calls: readonly SqlCall[], object: DurableObjectClass): SqlCall | null {
	const [table, ...others] = (select.statements.at(-1) as SqlStatement).reads;
	if (!table || table.name === null || others.length > 0) return null;
	const before = calls.filter(({ node }) => node.range[1] <= select.node.range[0] && enclosingFunction(node) === enclosingFunction(select.node));
	const isOf = ({ statements }: SqlCall, ...kinds: readonly SqlStatement["kind"][]) => statements.some(({ kind, writes }) => kinds.includes(kind) && writes.some(({ name }) => name === table.name));
	const insert = before.findLast((call) => isOf(call, "insert", "replace"));
	const block = insert && blockOf(insert.node);
	if (!insert || !block || !contains(block, select.node) || before.some((call) => call.node.range[0] > insert.node.range[0] && isOf(call, "delete"))) return null;
	return isAwaited(insert.node, select.node, block, object) ? null : insert;
}

/** The statement list in which an expression is a statement of its own, so that it is run whenever the list is. */
function blockOf(node: TSESTree.Node): TSESTree.BlockStatement | null {
	const { parent } = wrapped(node);
	const statement = parent?.type === "AwaitExpression" ? wrapped(parent).parent : parent;
	return statement?.type === "ExpressionStatement" && statement.parent.type === "BlockStatement" ? statement.parent : null;
}

function isAwaited(from: TSESTree.Node, to: TSESTree.Node, within: TSESTree.Node, { file }: DurableObjectClass): boolean {
	let found = false;
	file.walk(within, (node) => {
		found ||= node.type === "AwaitExpression" && node.range[0] > from.range[1] && node.range[1] < to.range[0];
		return !found && !isFunction(node);
	});
	return found;
}

/** Whether all that a SELECT looks for has been given to the insert. */
function isOfSameRow(select: SqlCall, insert: SqlCall, { file }: DurableObjectClass): boolean {
	const given = insert.bindings.map((each) => file.textOf(each));
	return select.bindings.length > 0 && !select.isThroughMethod && !insert.isThroughMethod && select.bindings.every((each) => given.includes(file.textOf(each)));
}

/** The inserts that put rows into tables when the object starts, by table. */
function seedsOf(calls: readonly SqlCall[], object: DurableObjectClass): ReadonlyMap<string, TSESTree.Node> {
	const seeds = new Map<string, TSESTree.Node>();
	for (const { node, statements } of calls) {
		const inserts = statements.filter(({ kind }) => kind === "insert" || kind === "replace");
		if (inserts.length === 0 || !object.isInitialisation(node)) continue;
		for (const { writes } of inserts) for (const { name } of writes) if (name !== null) seeds.set(name, node);
	}
	return seeds;
}

/** The insert for the tables of a statement, where every one of them has one. */
function seedOf({ reads, writes }: SqlStatement, seeds: ReadonlyMap<string, TSESTree.Node>): TSESTree.Node | null {
	const tables = [...reads, ...writes].flatMap(({ name }) => name ?? []);
	return tables.every((table) => seeds.has(table)) ? (seeds.get(tables[0] ?? "") ?? null) : null;
}
