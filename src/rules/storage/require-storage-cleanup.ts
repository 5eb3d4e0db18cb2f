import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { handedOn } from "../../model/handed-on.ts";
import { agentSqlTemplates, isUnreadable, templateStatements } from "../../model/sql.ts";
import { sqlTexts } from "../../model/sql-wrappers.ts";
import { keysMayMeet, type KeyUse, type StorageUse, storageUses } from "../../model/storage.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Names of classes whose data is meant to stay. */
	readonly permanent: readonly string[];
}

export default defineRule({
	name: "require-storage-cleanup",
	gotcha: "storage-cleanup",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "require that what an object stores without end is deleted at some time",
		messages: {
			neverDeleted:
				"Each time this runs {{what}} may grow, and nothing in the class ever deletes from it: it is kept and billed for ever, up to the limit of 10 GB for an object, at which writes fail. Delete what is no longer needed, for example from alarm(), or call deleteAll() when the object has served its purpose.",
		},
		schema: [
			{
				type: "object",
				properties: { permanent: { type: "array", items: { type: "string" }, uniqueItems: true, description: "Names of classes whose data is meant to stay." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ permanent: [] }] as readonly [Options],
	},
	check(object, { options: [{ permanent }], verdict }) {
		const uses = usesOf(object);
		const keyed = askedTables(uses);
		const singles = singleRowTables(keyed);
		const growing = uses.flatMap((use) => growthOf(use, object)).filter(({ table }) => table === null || !singles.has(table));
		if (growing.length === 0) {
			const unreadable = sqlTexts(object).find(isUnreadable);
			const handed = handedOn(object).find(({ what }) => what === "storage");
			if (unreadable) verdict.unknown({ at: unreadable.node, because: "what the statement stores cannot be read" });
			else if (handed) verdict.unknown({ at: handed.at, because: `the storage is handed to ${handed.to}(), which may store more and more` });
			else if (uses.some(({ writes }) => writes)) verdict.notApplicable("the class writes a fixed set of keys and rows, which does not grow");
			else verdict.notApplicable("the class stores nothing by itself");
			return;
		}
		if (permanent.includes(object.name)) {
			verdict.guarded({ at: (growing[0] as Growth).node, because: "the rule's option says that the data of this class is meant to stay" });
			return;
		}
		const everything = wholeDeletions(object);
		if (everything.length > 0) {
			verdict.guarded({ at: everything.slice(0, 3), because: "all that the object has stored is deleted at the end of its life" });
			return;
		}
		const handled: TSESTree.Node[] = [];
		const reported = new Set<string>();
		const deletions = uses.filter(deletes);
		const doubted = new Set<string>();
		for (const growth of growing) {
			const deletion = deletions.find((use) => deletesFrom(use, growth));
			if (deletion) handled.push(deletion.call.node);
			else if (growth.table !== null && keyed.has(growth.table)) {
				if (!doubted.has(growth.table)) verdict.unknown({ at: growth.node, because: `rows of table ${growth.table} replace those with the same key; how many keys there are could not be told` });
				doubted.add(growth.table);
			} else if (!reported.has(growth.what)) {
				reported.add(growth.what);
				verdict.violated({ at: growth.node, messageId: "neverDeleted", data: { what: growth.what } });
			}
		}
		if (reported.size === 0 && handled.length > 0) verdict.guarded({ at: [...new Set(handled)].slice(0, 3), because: "what the class stores is deleted again" });
	},
});

type Use = Pick<StorageUse, "keys" | "statements" | "writes"> & { readonly call: Pick<StorageUse["call"], "node" | "method"> | { readonly node: TSESTree.Node; readonly method: "sql" } };

/** The uses of storage; SQL that a method of the class is given counts where the method is called, and the Agents SDK's templates count too. */
function usesOf(object: DurableObjectClass): readonly Use[] {
	const through = sqlTexts(object).filter(({ isThroughMethod }) => isThroughMethod);
	const templates = agentSqlTemplates(object).map((node) => ({ node, statements: templateStatements(node) }));
	const written = [...through, ...templates].map(({ node, statements }): Use => ({ call: { node, method: "sql" }, keys: [], statements, writes: statements.some(({ writes }) => writes.length > 0) }));
	return [...storageUses(object), ...written];
}

/** A write that can add a key or row each time it runs. */
interface Growth {
	readonly node: TSESTree.Node;
	/** In words, for the message. */
	readonly what: string;
	readonly table: string | null;
	readonly key: KeyUse | null;
}

function growthOf(use: Use, object: DurableObjectClass): readonly Growth[] {
	const { node } = use.call;
	if (object.isInitialisation(node)) return [];
	const rows = use.statements.flatMap((statement): Growth[] => {
		const [table] = statement.writes;
		const isInsert = statement.kind === "insert" || statement.kind === "replace";
		// A row whose values are all written in the source is one row.
		if (!isInsert || !table?.name || (statement.params === 0 && statement.holes.length === 0 && statement.reads.length === 0 && statement.conflict !== null)) return [];
		return [{ node, what: `table ${table.name}`, table: table.name, key: null }];
	});
	if (use.call.method !== "put") return rows;
	const keys = use.keys.flatMap((key): Growth[] => {
		// A key with an unknown part: one more for each value of that part.
		if (key.text === null || !key.text.some((part) => typeof part !== "string")) return [];
		const [start] = key.text;
		const what = typeof start === "string" ? `the set of keys that begin with "${start}"` : "the set of keys";
		return [{ node, what, table: null, key }];
	});
	return [...rows, ...keys];
}

/**
 * Tables of which a fixed row is asked for (`WHERE id = 1`), or just one (`LIMIT 1`), and into which rows go that replace one
 * another; with the statements that put them there.
 */
function askedTables(uses: readonly Use[]): ReadonlyMap<string, readonly SqlStatement[]> {
	const statements = uses.flatMap((use) => use.statements);
	const asked = statements.flatMap(({ kind, reads, writes, where, limit }) => {
		const isOne = where ? where.comparisons.some(({ operator, value }) => operator === "=" && value === "literal") : kind === "select" && limit !== null;
		return isOne ? [...reads, ...writes].flatMap(({ name }) => name ?? []) : [];
	});
	const tables = [...new Set(asked)].map((name) => [name, statements.filter((statement) => insertsInto(name, statement))] as const);
	return new Map(tables.filter(([, inserts]) => inserts.every(({ conflict }) => conflict !== null)));
}

/** Those of them of which the rows that are written are fixed too: `VALUES (1, ?)`. */
function singleRowTables(asked: ReadonlyMap<string, readonly SqlStatement[]>): ReadonlySet<string> {
	const single = [...asked].filter(([, inserts]) => inserts.every(({ columns, params, holes }) => columns === null || params + holes.length < columns.length));
	return new Set(single.map(([name]) => name));
}

function insertsInto(table: string, { kind, writes }: SqlStatement): boolean {
	return (kind === "insert" || kind === "replace") && writes[0]?.name === table;
}

function deletes({ call, statements }: Use): boolean {
	return call.method === "delete" || statements.some(({ kind }) => kind === "delete" || kind === "drop");
}

function deletesFrom({ call, keys, statements }: Use, growth: Growth): boolean {
	if (growth.table !== null) {
		return statements.some(({ kind, writes, opaque }) => (kind === "delete" || kind === "drop") && (opaque || writes.some(({ name }) => name === null || name === growth.table)));
	}
	return call.method === "delete" && keys.some((key) => growth.key !== null && keysMayMeet(key, growth.key));
}

/** `deleteAll()`, or a framework's own end of the object. */
function wholeDeletions(object: DurableObjectClass): readonly TSESTree.Node[] {
	const own = object.callsOf("storage", "deleteAll").map(({ node }) => node);
	const framework = object.ancestry.framework === "agents" ? object.members.ownCalls.filter(({ name }) => name === "destroy").map(({ node }) => node) : [];
	return [...own, ...framework];
}
