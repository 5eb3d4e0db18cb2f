import type { TSESTree } from "@typescript-eslint/utils";
import { cursorFates } from "../../model/cursors.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { propertyValue } from "../../model/handles.ts";
import { sqlCalls } from "../../model/sql.ts";
import { contains, enclosingFunction, keyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether a prefix, or both a start and an end, count as a bound. */
	readonly allowPrefix: boolean;
	/** Whether to look at SELECT without WHERE and LIMIT as well. */
	readonly checkSql: boolean;
}

export default defineRule({
	name: "no-unbounded-list",
	gotcha: "storage-cleanup",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "require a limit where storage is listed",
		messages: {
			everything: "list() loads every key and value of the object into memory at once: past some 128 MB the object is reset, and every call pays for all rows. Give it a limit, and go on from the last key.",
			wholePrefix: "list() loads everything under its prefix into memory at once, however much that has become. Give it a limit, and go on from the last key.",
			allRows: "This SELECT loads every row of {{table}} into memory at once, however many these have become. Give it a WHERE or a LIMIT, or loop over the cursor.",
		},
		schema: [
			{
				type: "object",
				properties: {
					allowPrefix: { type: "boolean", description: "Whether `list({ prefix })` and `list({ start, end })` are bounded enough." },
					checkSql: { type: "boolean", description: "Whether a SELECT without WHERE and LIMIT is reported where all its rows are read into an array." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowPrefix: true, checkSql: false }] as readonly [Options],
		strictOptions: [{ allowPrefix: false, checkSql: true }] as readonly [Options],
	},
	check(object, { options: [options], verdict }) {
		let answers = 0;
		for (const call of listCalls(object)) {
			answers++;
			const bound = boundOf(call, object);
			const emptied = bound === "none" || bound === "range" ? emptiedAfter(call, object) : null;
			if (emptied) verdict.guarded({ at: [call.node, emptied], because: "all that is listed is deleted afterwards, so that it does not pile up" });
			else if (bound === "limit") verdict.guarded({ at: call.node, because: "the listing has a limit" });
			else if (bound === "lazy") verdict.guarded({ at: call.node, because: "the entries of kv.list() are read one by one" });
			else if (bound === "unknown") verdict.unknown({ at: call.node, because: "the options of list() cannot be read" });
			else if (bound === "none") verdict.violated({ at: call.node, messageId: "everything" });
			else if (options.allowPrefix) verdict.unknown({ at: call.node, because: "only a range of keys is listed; how many there are could not be told" });
			else verdict.violated({ at: call.node, messageId: "wholePrefix" });
		}
		if (options.checkSql) {
			for (const { node, statements } of sqlCalls(object)) {
				const table = wholeTable(statements.at(-1) as SqlStatement);
				if (table === null || !cursorFates(node, object).some(({ use, at }) => use === "all" && at.type !== "ForOfStatement")) continue;
				answers++;
				verdict.violated({ at: node, messageId: "allRows", data: { table } });
			}
		}
		if (answers === 0) verdict.notApplicable("the class does not list its storage");
	},
});

function listCalls(object: DurableObjectClass): readonly PlatformCall[] {
	return object.platformCalls.filter(({ on, method }) => method === "list" && (on === "storage" || on === "transaction" || on === "kv"));
}

function boundOf(call: PlatformCall, object: DurableObjectClass): "limit" | "range" | "none" | "lazy" | "unknown" {
	if (call.on === "kv" && isReadOneByOne(call.node)) return "lazy";
	const [argument] = call.node.arguments;
	if (!argument) return "none";
	let options: TSESTree.Node = unwrap(argument);
	if (options.type === "Identifier") options = unwrap(constantInitialiser(object.file.bindings.variableOf(options)) ?? options);
	if (options.type !== "ObjectExpression" || options.properties.some((property) => property.type !== "Property" || keyName(property) === null)) return "unknown";
	if (propertyValue(options, "limit")) return "limit";
	if (propertyValue(options, "prefix")) return "range";
	const hasStart = propertyValue(options, "start") ?? propertyValue(options, "startAfter");
	return hasStart && propertyValue(options, "end") ? "range" : "none";
}

/** A `deleteAll()` that follows in the block of the listing, or deeper: what has been handled is thrown away. */
function emptiedAfter({ node }: PlatformCall, object: DurableObjectClass): TSESTree.Node | null {
	let block: TSESTree.Node | undefined = node;
	while (block && block.type !== "BlockStatement") block = block.parent;
	if (!block) return null;
	const fn = enclosingFunction(node);
	const after = object.callsOf("storage", "deleteAll").find((call) => call.node.range[0] > node.range[1] && contains(block, call.node) && enclosingFunction(call.node) === fn);
	return after?.node ?? null;
}

/** The synchronous `list()` gives an iterator over the table: a loop over it holds one entry at a time. */
function isReadOneByOne(call: TSESTree.CallExpression): boolean {
	const outer = wrapped(call);
	return outer.parent?.type === "ForOfStatement" && outer.parent.right === outer;
}

/** The table that a SELECT reads whole; null where anything limits it. */
function wholeTable(statement: SqlStatement): string | null {
	if (statement.kind !== "select" || statement.opaque || statement.where || statement.limit || statement.exactlyOneRow || statement.reads.length !== 1) return null;
	return statement.reads[0]?.name ?? null;
}
