import type { TSESTree } from "@typescript-eslint/utils";
import { cursorFates } from "../../model/cursors.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SqlCall, sqlCalls } from "../../model/sql.ts";
import { isCaught } from "../../syntax/branches.ts";
import { calledMember } from "../../syntax/nodes.ts";
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
