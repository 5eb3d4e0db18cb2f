import type { Rule } from "eslint";
import { type CursorFate, cursorFates, strongest } from "../../model/cursors.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { isUnreadable, type SqlCall, sqlCalls } from "../../model/sql.ts";
import { calledMember, enclosingFunction, wrapped } from "../../syntax/nodes.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-unconsumed-returning-cursor",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require that the rows of INSERT, UPDATE and DELETE … RETURNING are read to the end",
		messages: {
			unread:
				"Nobody reads the rows of this {{kind}} … RETURNING: the statement stays open, the commit fails, the write is lost and the object is reset. Read them with .toArray() or .one(), or leave RETURNING out.",
			readInPart:
				"Only the first of the rows of this {{kind}} … RETURNING is read: with more than one row the statement stays open, the commit fails, the writes are lost and the object is reset. Read them all with .toArray().",
			notLast:
				"The rows of this {{kind}} … RETURNING cannot be read, because exec() returns the cursor of the last statement only: the commit fails and the object is reset. Run it in an exec() of its own, and read its rows.",
			openAtCommit:
				"The cursor of this {{kind}} … RETURNING leaves the transaction unread: the statement is still open when the transaction commits, so the commit fails and the object is reset. Return .toArray() instead.",
			readAll: "Read all rows with .toArray().",
			readFirst: "Read all rows, and take the first.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const calls = sqlCalls(object);
		let answers = 0;
		for (const call of calls) {
			const last = call.statements.at(-1) as SqlStatement;
			for (const statement of call.statements.slice(0, -1)) {
				if (!statement.returning) continue;
				answers++;
				verdict.violated({ at: call.node, messageId: "notLast", data: { kind: kindOf(statement) } });
			}
			if (!last.returning) continue;
			answers++;
			const data = { kind: kindOf(last) };
			const fate = strongest(cursorFates(call.node, object));
			if (isReturnedFromTransaction(call, object)) {
				verdict.violated({ at: call.node, messageId: "openAtCommit", data, suggest: [{ messageId: "readAll", fix: append(call, ".toArray()") }] });
			} else if (fate.use === "all" || fate.use === "one") {
				verdict.guarded({ at: fate.at, because: "the rows of RETURNING are read to the end" });
			} else if (fate.use === "ignored") {
				verdict.violated({ at: call.node, messageId: "unread", data, suggest: [{ messageId: "readAll", fix: append(call, ".toArray()") }] });
			} else if (fate.use === "part") {
				const rows = rowsOf(last);
				if (rows === "one") verdict.guarded({ at: fate.at, because: "the statement writes one row, so that reading one reads all" });
				else if (rows === "unknown") verdict.unknown({ at: call.node, because: "one row is read, and how many the statement writes cannot be told" });
				else verdict.violated({ at: call.node, messageId: "readInPart", data, suggest: partSuggestion(fate, call) });
			} else verdict.unknown({ at: call.node, because: "the cursor is handed to code that is not looked into" });
		}
		if (answers > 0) return;
		const unread = calls.filter(isUnreadable);
		if (unread.length > 0) verdict.unknown({ at: unread.map(({ node }) => node), because: "the text of a statement cannot be read" });
		else verdict.notApplicable("no statement of the class has RETURNING");
	},
});

const kindOf = ({ kind }: SqlStatement): string => kind.toUpperCase();

/** How many rows a RETURNING can give: one row counts as read when it has been read, since nothing follows. */
function rowsOf(statement: SqlStatement): "one" | "many" | "unknown" {
	if (statement.exactlyOneRow) return "one";
	if (statement.kind === "insert" || statement.kind === "replace") {
		if (statement.opaque || statement.conflict !== null || statement.holes.some(({ role }) => role !== "value" && role !== "in-string")) return "unknown";
		return "many";
	}
	if (statement.opaque) return "unknown";
	// A key may be compared by `=`, and then it is one row; a range is many.
	const isKeyed = statement.where?.comparisons.some(({ operator }) => operator === "=" || operator === "is" || operator === "in") ?? false;
	const isPlain = statement.where === null || statement.where.comparisons.length > 0;
	return isKeyed || !isPlain ? "unknown" : "many";
}

const append = ({ node }: SqlCall, text: string): Rule.ReportFixer => (fixer) => fixer.insertTextAfterRange([...node.range], text);

function partSuggestion(fate: CursorFate, call: SqlCall): readonly Rule.SuggestionReportDescriptor[] {
	if (fate.cursor !== call.node) return [];
	const called = fate.at.type === "CallExpression" ? calledMember(fate.at) : null;
	if (called?.name !== "next") return [{ messageId: "readAll", fix: append(call, ".toArray()") }];
	// `exec(...).next().value`
	const value = wrapped(fate.at).parent;
	if (value?.type !== "MemberExpression" || value.computed || value.property.type !== "Identifier" || value.property.name !== "value" || value.optional) return [];
	return [{ messageId: "readFirst", fix: (fixer) => fixer.replaceTextRange([call.node.range[1], value.range[1]], ".toArray()[0]") }];
}

/** True when the `exec` is what a `transactionSync` callback returns: the transaction commits before anything reads the cursor. */
function isReturnedFromTransaction({ node }: SqlCall, object: DurableObjectClass): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	const fn = parent?.type === "ReturnStatement" ? enclosingFunction(parent) : parent?.type === "ArrowFunctionExpression" && parent.body === outer ? parent : null;
	const call = fn && wrapped(fn).parent;
	const called = call?.type === "CallExpression" ? calledMember(call) : null;
	return called?.name === "transactionSync" && object.handle(called.object) === "storage";
}
