/**
 * What SQL text says: which statements it holds, which tables and columns they read and write, how many parameters they
 * bind, and what each hole of a template literal stands for. It knows SQLite's dialect and nothing of where the text comes
 * from.
 *
 * Our own reader instead of a parser from npm, because the text is a template with holes, which no parser takes, and
 * because most of what is asked (which tables, which holes) must be answered for text that is not complete.
 */
import { lexSql } from "./sql/lexer.ts";
import { splitStatements } from "./sql/split.ts";
import { readStatement } from "./sql/statement-reader.ts";
import type { SqlStatement } from "./sql/statement.ts";
import type { SqlText } from "./sql/text.ts";

export { holeOffsets, joinSql, locateInParts } from "./sql/text.ts";
export type { SqlRange, SqlText } from "./sql/text.ts";
export type {
	SqlAssignment,
	SqlComparison,
	SqlHoleRole,
	SqlHoleUse,
	SqlInputs,
	SqlLimit,
	SqlName,
	SqlStatement,
	SqlStatementKind,
	SqlWhere,
} from "./sql/statement.ts";

/**
 * The statements of a text, in order; never throws and never returns none: text without a statement is one of kind
 * `empty`. Empty statements beside others (`SELECT 1;;`) are left out. Time grows linearly with the text.
 */
export function parseSql(text: SqlText): SqlStatement[] {
	const lexed = lexSql(text);
	const spans = splitStatements(lexed);
	const filled = spans.filter((span) => span.to > span.from);
	if (filled.length === 0) return [readStatement(lexed, { from: 0, to: 0, start: 0, end: lexed.text.length })];
	let start = 0;
	return filled.map((span, index) => {
		// The last one owns what is left, so that every hole has a statement.
		const end = index === filled.length - 1 ? lexed.text.length : span.boundary;
		const statement = readStatement(lexed, { from: span.from, to: span.to, start, end });
		start = end;
		return statement;
	});
}
