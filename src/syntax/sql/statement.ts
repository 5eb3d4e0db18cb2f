/** What is known of one SQL statement. */
import type { SqlRange } from "./text.ts";

export type SqlStatementKind =
	| "select"
	| "insert"
	| "replace"
	| "update"
	| "delete"
	| "create-table"
	| "create-index"
	| "create-trigger"
	| "create-view"
	| "create-virtual-table"
	| "alter-table"
	| "drop"
	| "pragma"
	| "explain"
	| "begin"
	| "commit"
	| "rollback"
	| "savepoint"
	| "release"
	| "attach"
	| "detach"
	| "vacuum"
	/** Nothing but white space, comments and semicolons. */
	| "empty"
	/** Another statement (ANALYZE, REINDEX), or one whose first word is a hole or unknown. */
	| "other";

/**
 * What a hole stands for:
 * - `value`: one value; a bound parameter could stand there;
 * - `list`: the members of `IN (…)`, all of a `VALUES` tuple or all tuples: values, or placeholders;
 * - `identifier`: a table, column or other name, or a list of names; also one inside quotes, or glued to more of a name;
 * - `clause`: a piece of grammar: a condition, an ORDER BY, a direction, column definitions;
 * - `in-string`, `in-comment`: inside a string literal or a comment;
 * - `in-parameter`: part of a placeholder's own name or number: `?${n}`;
 * - `unknown`: none of these could be told.
 */
export type SqlHoleRole = "value" | "list" | "identifier" | "clause" | "in-string" | "in-comment" | "in-parameter" | "unknown";

export interface SqlHoleUse {
	/** Which hole of the text. */
	readonly index: number;
	readonly role: SqlHoleRole;
	/** Its offset in the joined text. */
	readonly offset: number;
}

/** The name of a table, column, index, … */
export interface SqlName {
	/** Lower-cased and unquoted, without schema; null where a hole is part of it. */
	readonly name: string | null;
	/** The name in order of its pieces: text as written (unquoted), or the index of a hole. */
	readonly pieces: readonly (string | number)[];
	/** Lower-cased schema (`main`, `temp`); null where none is written. */
	readonly schema: string | null;
	readonly range: SqlRange;
}

/** The run-time values that a part of a statement is made of. */
export interface SqlInputs {
	/** Numbers of bound parameters, from 1, as SQLite counts them. Not to be trusted where `paramsExact` is false. */
	readonly params: readonly number[];
	/** Indices of holes. */
	readonly holes: readonly number[];
}

export type SqlValueKind = "parameter" | "hole" | "literal" | "expression";

/** `column = expression` in `UPDATE … SET` or `ON CONFLICT DO UPDATE SET`. */
export interface SqlAssignment extends SqlInputs {
	/** The columns assigned: one, or several for `(a, b) = …`. */
	readonly columns: readonly SqlName[];
	/** True when the expression is made of present columns of the row: `n = n + 1`, `data = json_set(data, …)`. */
	readonly self: boolean;
	/** What is assigned: one parameter, hole or literal, or something made of more. */
	readonly value: SqlValueKind;
	/** The expression that is assigned. */
	readonly range: SqlRange;
}

/** One condition of a WHERE that must hold for a row to be touched (the members of its outermost AND). */
export interface SqlComparison extends SqlInputs {
	readonly column: SqlName;
	/** `=`, `<>`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `is`, `is not`, `like`, `glob`, `match`, `between`; `==` and `!=` are normalised. */
	readonly operator: string;
	/** What the column is compared with. */
	readonly value: SqlValueKind;
}

export interface SqlWhere extends SqlInputs {
	/** Lower-cased names of the columns that it mentions outside of subqueries, each once. */
	readonly columns: readonly string[];
	/** Empty when the outermost operator is OR, or when nothing plain is compared. */
	readonly comparisons: readonly SqlComparison[];
	readonly range: SqlRange;
}

export interface SqlLimit extends SqlInputs {
	/** The number, where it is written as one. */
	readonly value: number | null;
}

export interface SqlStatement {
	readonly kind: SqlStatementKind;
	/** From the first token to the end of the last one, without the semicolon. The whole text for an empty one. */
	readonly range: SqlRange;
	/**
	 * Tables that it reads from, each once; no common table expressions, no table-valued functions. A write's own table is
	 * listed only where a subquery or FROM reads it. Views are listed as such; what triggers do is not.
	 */
	readonly reads: readonly SqlName[];
	/** Tables whose rows it writes; DROP TABLE and ALTER TABLE too. CREATE has its `subject` instead. */
	readonly writes: readonly SqlName[];
	/** True when a hole or something unreadable may read or write tables that are not listed, or change what is said here. */
	readonly opaque: boolean;

	/** What CREATE, ALTER and DROP are about. */
	readonly subject: SqlName | null;
	readonly subjectType: "table" | "index" | "trigger" | "view" | null;
	/** The table of an index or trigger. */
	readonly onTable: SqlName | null;
	readonly temporary: boolean;
	readonly ifNotExists: boolean;
	readonly ifExists: boolean;
	/** Columns defined by CREATE TABLE or ADD COLUMN, or named by INSERT; null where there is no such list or it has holes. */
	readonly columns: readonly SqlName[] | null;
	/** Number of columns that CREATE TABLE defines; null for others and where it cannot be counted. */
	readonly columnCount: number | null;
	readonly strict: boolean;
	readonly withoutRowid: boolean;
	/** The module of a virtual table, lower-cased (`fts5`). */
	readonly module: string | null;
	readonly alter: "rename-table" | "rename-column" | "add-column" | "drop-column" | null;
	/** The statements of a trigger's body, the SELECT of a view, the statement that EXPLAIN explains: not run by this statement. */
	readonly body: readonly SqlStatement[];

	/** True for INSERT, UPDATE and DELETE with RETURNING. */
	readonly returning: boolean;
	/**
	 * What an INSERT or UPDATE does about a row in its way: `OR IGNORE` and `DO NOTHING`, `OR REPLACE` and `REPLACE INTO`,
	 * `DO UPDATE`. The last one written counts.
	 */
	readonly conflict: "ignore" | "replace" | "update" | null;
	readonly assignments: readonly SqlAssignment[];
	/** True when an assignment is made of present columns of the row, or a write reads its own table in a subquery. */
	readonly selfUpdate: boolean;
	/** WHERE of the statement itself, not of subqueries, upserts or indexes. */
	readonly where: SqlWhere | null;
	/** WHERE of `ON CONFLICT … DO UPDATE`. */
	readonly conflictWhere: SqlWhere | null;
	/** LIMIT of the statement itself. */
	readonly limit: SqlLimit | null;
	/**
	 * True when the result has one row whatever the tables hold: an aggregate without GROUP BY, a SELECT without FROM and
	 * WHERE, a one-row INSERT with RETURNING that cannot be skipped.
	 */
	readonly exactlyOneRow: boolean;
	/** True when the SELECT itself (not a subquery) asks for `*` or `t.*`. */
	readonly selectsStar: boolean;
	/** Functions called anywhere in the statement, each once, lower-cased; table-valued ones too. */
	readonly functions: readonly SqlName[];

	readonly pragmaName: string | null;
	readonly pragmaHasArgument: boolean;

	/** How many values have to be bound, as SQLite counts: the highest number, a repeated `:name` once. */
	readonly params: number;
	/** False when a hole may bring parameters of its own (`IN (${placeholders})`, a clause). */
	readonly paramsExact: boolean;
	/** Every hole of the text from the end of the statement before to the end of this one, each with its role. */
	readonly holes: readonly SqlHoleUse[];
}
