import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { conditionsOn, outermostCall, platformSteps, type Step, stepsOf } from "../../model/runs.ts";
import { type SqlCall, sqlCall, sqlCalls } from "../../model/sql.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { conditionsOf } from "../../syntax/conditions.ts";
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
			if (calls.length === 0) verdict.notApplicable("the class does not call sql.exec()");
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
			const remakers = isOnlyAtStart ? null : remadeByEvents(call, makers, object);
			if (remakers) {
				verdict.guarded({ at: remakers, because: "an event that comes after it makes the tables before they are queried" });
			} else if (!isOnlyAtStart) {
				verdict.unknown({ at: makers.map(({ node }) => node), because: "the tables are also made outside of the constructor, perhaps before each query" });
			} else if (query) verdict.violated({ at: call.node, messageId: "tablesGone", data: { table: query.table }, steps: [{ at: query.call.node, what: "this query fails" }] });
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

/**
 * Where the events make the tables that a `deleteAll()` has dropped, each before its queries; null where some event may not.
 * An alarm, and what comes through a socket, may rely on the event that set the alarm or accepted the socket.
 */
function remadeByEvents(deletion: PlatformCall, makers: readonly SqlCall[], object: DurableObjectClass): readonly TSESTree.Node[] | null {
	const tables = tablesOf(makers);
	const home = object.outermostFunction(deletion.node);
	const events = object.entryPoints.map(({ name, fn }) => ({ name, steps: stepsOf([fn], object) }));
	/** What makes the tables in each event that sets the alarm, or accepts a socket. */
	const madeWith = (on: "storage" | "ctx", method: string): readonly (readonly TSESTree.Node[] | null)[] =>
		events.filter(({ name }) => !isFollowUp(name)).flatMap(({ steps }) => platformSteps(steps, object, on, method).map((step) => makingsFor(step, tables, steps, makers, object)));
	const found: TSESTree.Node[] = [];
	for (const { name, steps } of events) {
		for (const query of steps.filter((step) => tablesIn(step, tables, object).length > 0)) {
			const before = steps.slice(0, steps.indexOf(query));
			const makings = makingsFor(query, new Set(tablesIn(query, tables, object)), before, makers, object);
			let earlier: readonly (readonly TSESTree.Node[] | null)[] = [];
			if (makings) earlier = [makings];
			else if (name === "alarm") {
				// No alarm is left over where alarm() itself deletes, or the alarm is deleted too.
				const isGone = platformSteps(steps, object, "storage", "deleteAll").some(({ node }) => node === deletion.node) || object.callsOf("storage", "deleteAlarm").some(({ node }) => contains(home, node));
				if (!isGone) return null;
				earlier = madeWith("storage", "setAlarm");
			} else if (socketHandlers.has(name)) {
				const isLookedFor = conditionsOf(deletion.node, home, object.file).some(({ test }) => mentionsSockets(test, object));
				if (!isLookedFor) return null;
				earlier = madeWith("ctx", "acceptWebSocket");
			}
			const sure = earlier.filter((each) => each !== null);
			if (sure.length === 0 || sure.length < earlier.length) return null;
			found.push(...sure.flat());
		}
	}
	return found.length > 0 ? [...new Set(found)].sort((a, b) => a.range[0] - b.range[0]).slice(0, 3) : null;
}

const socketHandlers: ReadonlySet<string> = new Set(["webSocketMessage", "webSocketClose", "webSocketError"]);

/** An event that only comes because of an earlier one. */
const isFollowUp = (name: string): boolean => name === "alarm" || socketHandlers.has(name);

/** The made tables that a statement reads or writes; all of them where that cannot be read. */
function tablesIn({ node }: Step, tables: ReadonlySet<string>, object: DurableObjectClass): readonly string[] {
	const call = node.type === "CallExpression" ? object.platformCall(node) : null;
	const statements = (call?.on === "sql" && sqlCall(call, object)?.statements) || [];
	return statements.flatMap(({ reads, writes, kind, opaque }) => {
		if (kind.startsWith("create-")) return [];
		const names = [...reads, ...writes].map(({ name }) => name);
		return (opaque && kind === "other") || names.includes(null) ? [...tables] : names.flatMap((name) => (name !== null && tables.has(name) ? [name] : []));
	});
}

/** The calls among `steps` that make each of the tables, under no condition that `step` is not under as well; null where one is missing. */
function makingsFor(step: Step, tables: ReadonlySet<string>, steps: readonly Step[], makers: readonly SqlCall[], object: DurableObjectClass): readonly TSESTree.Node[] | null {
	const held = new Set(conditionsOn(step, object).map(({ test }) => test));
	const sure = steps.filter((each) => makers.some(({ node }) => node === each.node) && conditionsOn(each, object).every(({ test }) => held.has(test)));
	const makings = [...tables].map((table) => sure.find(({ node }) => makers.some((maker) => maker.node === node && tablesOf([maker]).has(table))));
	return makings.includes(undefined) ? null : makings.flatMap((each) => (each ? [outermostCall(each)] : []));
}

function mentionsSockets(test: TSESTree.Node, object: DurableObjectClass): boolean {
	return object.callsOf("ctx", "getWebSockets").some(({ node }) => contains(test, node));
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

function tablesOf(makers: readonly SqlCall[]): ReadonlySet<string> {
	return new Set(makers.flatMap(({ statements }) => statements.flatMap(({ subject, subjectType }) => (subjectType === "table" && subject?.name ? [subject.name] : []))));
}

/** A query of a table that the class makes, in an event: one that can follow, be it the same method called again. */
function laterQuery(makers: readonly SqlCall[], object: DurableObjectClass): { readonly call: SqlCall; readonly table: string } | null {
	const tables = tablesOf(makers);
	for (const candidate of sqlCalls(object)) {
		const { node, statements } = candidate;
		if (object.isInitialisation(node)) continue;
		for (const { reads, writes } of statements) {
			for (const { name } of [...reads, ...writes]) if (name !== null && tables.has(name)) return { call: candidate, table: name };
		}
	}
	return null;
}
