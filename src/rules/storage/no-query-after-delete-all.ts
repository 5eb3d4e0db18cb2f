import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { type SqlCall, sqlCalls } from "../../model/sql.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { contains } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-query-after-delete-all",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "require that tables are made again after deleteAll(), where the object goes on living",
		messages: {
			tablesGone:
				"deleteAll() drops table {{table}} as well, and only the constructor makes it: until the object has left memory and wakes again, every query fails with 'no such table'. Make the tables again after it, or call ctx.abort().",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		const deletions = object.callsOf("storage", "deleteAll").filter(({ node }) => !object.isInitialisation(node));
		if (deletions.length === 0) {
			verdict.notApplicable("no event of the class calls deleteAll()");
			return;
		}
		const calls = sqlCalls(object);
		const callers = callersOf(object);
		const makers = calls.filter(makesTable);
		if (makers.length === 0) {
			if (calls.length === 0) verdict.notApplicable("the class runs no SQL");
			else verdict.unknown({ at: deletions.map(({ node }) => node), because: "the tables are made by code that is not looked into" });
			return;
		}
		const isOnlyAtStart = makers.every(({ node }) => object.isInitialisation(node) || deletions.some((call) => isRunAfter(node, call.node, callers, object)) || isCalledAtStart(node, callers, object));
		const query = laterQuery(makers, object);
		for (const call of deletions) {
			const remedy = remedyAfter(call, makers, callers, object);
			if (remedy) {
				verdict.guarded(remedy);
				continue;
			}
			if (!isOnlyAtStart) {
				verdict.unknown({ at: makers.map(({ node }) => node), because: "the tables are also made outside of the constructor, perhaps before each query" });
				continue;
			}
			if (query) verdict.violated({ at: call.node, messageId: "tablesGone", data: { table: query.table }, steps: [{ at: query.call.node, what: "this query fails" }] });
			else verdict.guarded({ at: call.node, because: "no other code of the class queries the tables" });
		}
	},
});

const makesTable = ({ statements }: SqlCall): boolean => statements.some(({ kind }) => kind === "create-table" || kind === "create-virtual-table");

/** The calls of each method of the class. */
type Callers = ReadonlyMap<TSESTree.Node, readonly TSESTree.CallExpression[]>;

function callersOf(object: DurableObjectClass): Callers {
	const callers = new Map<TSESTree.Node, TSESTree.CallExpression[]>();
	for (const { node } of object.members.ownCalls) {
		const fn = object.calledMethod(node)?.fn;
		if (fn) callers.set(fn, [...(callers.get(fn) ?? []), node]);
	}
	return callers;
}

/** What after a `deleteAll()`, in the same function, brings the tables back or ends the object. */
function remedyAfter(call: PlatformCall, makers: readonly SqlCall[], callers: Callers, object: DurableObjectClass): { at: TSESTree.Node; because: string } | null {
	const abort = object.callsOf("ctx", "abort").find(({ node }) => isRunAfter(node, call.node, callers, object));
	if (abort) return { at: abort.node, because: "the object is ended after deleteAll(), and the constructor makes the tables again" };
	const maker = makers.find(({ node }) => isRunAfter(node, call.node, callers, object));
	return maker ? { at: maker.node, because: "the tables are made again after deleteAll()" } : null;
}

/** Whether code stands after a call in the same function, or in a method that is called after it, however deep. */
function isRunAfter(node: TSESTree.Node, call: TSESTree.Node, callers: Callers, object: DurableObjectClass, seen = new Set<TSESTree.Node>()): boolean {
	const around = object.outermostFunction(call);
	if (contains(around, node)) return node.range[0] > call.range[0] && !areExclusive(call, node);
	const home = object.outermostFunction(node);
	if (seen.has(home)) return false;
	seen.add(home);
	return (callers.get(home) ?? []).some((caller) => isRunAfter(caller, call, callers, object, seen));
}

/** In a method that the constructor calls, and no other code. */
function isCalledAtStart(node: TSESTree.Node, callers: Callers, object: DurableObjectClass): boolean {
	const found = callers.get(object.outermostFunction(node)) ?? [];
	return found.length > 0 && found.every((caller) => object.isInitialisation(caller));
}

/** A query of a table that the class makes, in an event: one that can follow, be it the same method called again. */
function laterQuery(makers: readonly SqlCall[], object: DurableObjectClass): { readonly call: SqlCall; readonly table: string } | null {
	const tables = new Set(makers.flatMap(({ statements }) => statements.flatMap(({ subject, subjectType }) => (subjectType === "table" && subject?.name ? [subject.name] : []))));
	for (const candidate of sqlCalls(object)) {
		const { node, statements } = candidate;
		if (object.isInitialisation(node)) continue;
		for (const { reads, writes } of statements) {
			for (const { name } of [...reads, ...writes]) if (name !== null && tables.has(name)) return { call: candidate, table: name };
		}
	}
	return null;
}
