/** The accesses that a call of the storage API makes: keys, tables, the alarm. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type Access, type Constant, constantOf, type Direction, type Place } from "../flow/index.ts";
import { joinSql, parseSql, type SqlInputs, type SqlName, type SqlStatement, type SqlText, type SqlWhere } from "../syntax/sql.ts";
import { displayText, type Text, textOf } from "../syntax/text.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import { isFreshId } from "./fresh-ids.ts";
import { type SqlCall, sqlCall, templateText } from "./sql.ts";
import { sqlTexts } from "./sql-wrappers.ts";
import { type KeyUse, storageUse } from "./storage.ts";

const plain = { inputs: [], chosenBy: [], atomic: null, clears: false, wipes: false } as const;
const alarm: Place = { space: "alarm", key: null, isPrefix: false, label: "the alarm" };

export function storageAccesses(call: PlatformCall, object: DurableObjectClass): readonly Access[] {
	const { node, method } = call;
	if (call.on === "sql") return sqlAccesses(call, object);
	switch (method) {
		case "getAlarm":
			return [{ ...plain, mode: "read", place: alarm, node }];
		case "setAlarm":
			return [{ ...plain, mode: "write", place: alarm, node, inputs: node.arguments.slice(0, 1) }];
		case "deleteAlarm":
			return [{ ...plain, mode: "write", place: alarm, node, clears: true }];
		case "deleteAll":
			return ["storage", "sql:*"].map((space) => ({ ...plain, mode: "write", place: { space, key: null, isPrefix: false, label: "all that is stored" }, node, clears: true, wipes: true }));
		default:
	}
	const use = storageUse(call, object);
	if (!use) return [];
	return use.keys.map((key): Access => {
		const place = placeOf(key, object);
		if (use.reads) return { ...plain, mode: "read", place, node };
		const chosen = chosenBy(key, node);
		return { ...plain, mode: "write", place, node, inputs: valueOf(key, use.values), clears: method === "delete", chosenBy: chosen, isCreation: method === "put" && chosen.some((name) => isFreshId(name, object)) };
	});
}

function placeOf({ text, isPrefix, node }: KeyUse, object: DurableObjectClass): Place {
	if (isPrefix && text?.length === 0) return { space: "storage", key: null, isPrefix: false, label: "all storage keys" };
	const key: Text = text ?? [{ variable: null, text: object.file.textOf(node) }];
	const label = isPrefix ? `storage keys that begin with "${displayText(key)}"` : `storage key "${displayText(key)}"`;
	return { space: "storage", key, isPrefix, label };
}

/** The expression that says which key is meant, where it is evaluated. */
function chosenBy({ node }: KeyUse, call: TSESTree.CallExpression): readonly TSESTree.Node[] {
	if (node.type === "Property") return node.computed ? [node.key] : [];
	return call.arguments.slice(0, 1);
}

/** What is put under a key: of `put({ a, b })` each property has its own. */
function valueOf({ node }: KeyUse, values: readonly TSESTree.Node[]): readonly TSESTree.Node[] {
	return node.type === "Property" ? [node.value] : values;
}

/** The bound values of a statement, by the number of the parameter; and the expressions in the holes of its text. */
interface Bindings {
	readonly text: SqlText;
	readonly params: readonly TSESTree.Node[];
	readonly holes: readonly TSESTree.Node[];
}

function sqlAccesses(call: PlatformCall, object: DurableObjectClass): readonly Access[] {
	const sql = call.method === "exec" ? sqlCall(call, object) : null;
	return sql ? accessesOfSql(sql, object) : [];
}

/** What a call that runs SQL reads and writes: `exec`, or one of a method that does nothing else. */
export function accessesOfSql({ source, statements, bindings, node }: SqlCall, object: DurableObjectClass): readonly Access[] {
	return accessesOf(statements, { text: source.text, params: bindings, holes: source.holes }, node, object);
}

/** Agents' `` this.sql`SELECT ... WHERE id = ${id}` ``: every hole is a bound value. */
export function taggedSqlAccesses(node: TSESTree.TaggedTemplateExpression, object: DurableObjectClass): readonly Access[] {
	const text = templateText(node.quasi);
	return accessesOf(parseSql(text), { text, params: [], holes: node.quasi.expressions }, node, object);
}

function accessesOf(statements: readonly SqlStatement[], bindings: Bindings, node: TSESTree.Node, object: DurableObjectClass): readonly Access[] {
	return statements.flatMap((statement): Access[] => {
		const reads = statement.reads.map((table): Access => ({ ...plain, mode: "read", place: tableOf(table, keyOf(statement, bindings, object)), node }));
		const writes = statement.writes.map((table): Access => {
			const isDelete = statement.kind === "delete" || statement.kind === "drop";
			return {
				mode: "write",
				place: tableOf(table, statement.kind === "insert" || statement.kind === "replace" ? insertedKey(statement, table, bindings, object) : keyOf(statement, bindings, object)),
				node,
				inputs: isDelete ? [] : writtenValues(statement, bindings),
				columns: constantColumns(statement, bindings),
				moves: movedColumns(statement, bindings),
				chosenBy: isDelete && statement.where ? inputsOf(statement.where, bindings) : [],
				atomic: atomicity(statement),
				clears: isDelete,
				wipes: isDelete && statement.where === null && statement.limit === null,
				isCreation: statement.kind === "insert" && (statement.conflict === null || statement.conflict === "ignore") && isNewRow(statement, table, bindings, object),
			};
		});
		return [...reads, ...writes];
	});
}

function tableOf({ name }: SqlName, key: Text | null): Place {
	return name === null ? { space: "sql:*", key: null, isPrefix: false, label: "a table" } : { space: `sql:${name}`, key, isPrefix: false, label: `table ${name}` };
}

/** Which rows a statement is about: the columns that it compares for equality, or its whole condition as it stands. */
function keyOf({ where }: SqlStatement, bindings: Bindings, object: DurableObjectClass): Text | null {
	if (!where) return null;
	const equal = where.comparisons.filter(({ operator, value, params, holes }) => (operator === "=" || operator === "is") && (value === "parameter" || value === "hole") && params.length + holes.length === 1);
	const parts = equal
		.map((comparison) => ({ column: comparison.column.name, value: inputsOf(comparison, bindings)[0] }))
		.filter(({ column, value }) => column !== null && value !== undefined)
		.sort((a, b) => (`${a.column}` < `${b.column}` ? -1 : 1));
	const [first] = parts;
	// Further conditions only narrow it down.
	if (first) return [`${first.column as string}=`, ...textOf(first.value as TSESTree.Node, object.file)];
	const literal = /^\s*(?<column>\w+)\s*==?\s*(?:'(?<text>[^']*)'|(?<number>\d+))\s*$/u.exec(joinSql(bindings.text).slice(...where.range))?.groups;
	if (literal) return [`${(literal["column"] ?? "").toLowerCase()}=${literal["text"] ?? literal["number"] ?? ""}`];
	return [{ variable: null, text: conditionText(where, bindings, object) }];
}

function conditionText({ range, params, holes }: SqlWhere, bindings: Bindings, object: DurableObjectClass): string {
	const values = inputsOf({ params, holes }, bindings).map((value) => object.file.textOf(value));
	return [joinSql(bindings.text).slice(...range), ...values].join(" ");
}

function inputsOf({ params, holes }: SqlInputs, bindings: Bindings): readonly TSESTree.Node[] {
	const values = [...params.map((number) => bindings.params[number - 1]), ...holes.map((index) => bindings.holes[index])];
	return values.filter((value) => value !== undefined && value.type !== "SpreadElement");
}

/** The row that an INSERT is about, where the class elsewhere picks rows of that table by one of its columns. */
function insertedKey(statement: SqlStatement, table: SqlName, bindings: Bindings, object: DurableObjectClass): Text | null {
	const key = insertedValue(statement, table, bindings, object);
	return key?.value ? [`${key.column}=`, ...textOf(key.value, object.file)] : [{ variable: null, text: "a new row" }];
}

/** Whether the row that an INSERT adds gets a number of its own, or a name that is made for it. */
function isNewRow(statement: SqlStatement, table: SqlName, bindings: Bindings, object: DurableObjectClass): boolean {
	const key = insertedValue(statement, table, bindings, object);
	return key !== null && (key.value === null || isFreshId(key.value, object));
}

/** What an INSERT puts into the column by which the class picks rows: null where it gives that column none. Null where it cannot be told. */
function insertedValue(statement: SqlStatement, table: SqlName, bindings: Bindings, object: DurableObjectClass): { readonly column: string; readonly value: TSESTree.Node | null } | null {
	const column = keyColumn(table, object);
	const { columns, params } = statement;
	if (column === null || !columns || columns.some(({ name }) => name === null)) return null;
	const index = columns.findIndex(({ name }) => name === column);
	if (index === -1) return { column, value: null };
	const value = params === columns.length || bindings.params.length === 0 ? valueOfAll(columns.length, bindings)[index] : parameterAt(index, columns.length, bindings);
	return value && value.type !== "SpreadElement" ? { column, value } : null;
}

function valueOfAll(count: number, { params, holes }: Bindings): readonly TSESTree.Node[] {
	const values = params.length > 0 ? params : holes;
	return values.length === count ? values : [];
}

/** What is bound to one of the values of `VALUES (?, 'new', ?)`. */
function parameterAt(index: number, count: number, { text, params }: Bindings): TSESTree.Node | undefined {
	const values = /\bVALUES\s*\((?<values>[^()]*)\)\s*;?\s*$/iu.exec(joinSql(text))?.groups?.["values"]?.split(",").map((value) => value.trim()) ?? [];
	if (values.length !== count || values[index] !== "?") return undefined;
	return params[values.slice(0, index).filter((value) => value === "?").length];
}

const keyColumns = new WeakMap<DurableObjectClass, Map<string, string>>();

/** The column by which the class picks the rows of a table: the first one that it compares with a value. */
function keyColumn({ name }: SqlName, object: DurableObjectClass): string | null {
	let columns = keyColumns.get(object);
	if (!columns) {
		columns = new Map();
		keyColumns.set(object, columns);
		for (const { where, reads, writes } of sqlTexts(object).flatMap(({ statements }) => statements)) {
			const column = where?.comparisons.find(({ operator, value }) => operator === "=" && value !== "expression")?.column.name;
			if (column) for (const table of [...reads, ...writes]) if (table.name !== null && !columns.has(table.name)) columns.set(table.name, column);
		}
	}
	return name === null ? null : (columns.get(name) ?? null);
}

/** What a write puts into the table: not what its WHERE compares. */
function writtenValues(statement: SqlStatement, bindings: Bindings): readonly TSESTree.Node[] {
	const all = [...bindings.params, ...(bindings.params.length > 0 ? [] : bindings.holes)].filter(({ type }) => type !== "SpreadElement");
	if (statement.kind !== "update" || !statement.paramsExact) return all;
	return statement.assignments.flatMap((assignment) => inputsOf(assignment, bindings));
}

const noMoves: ReadonlyMap<string, Direction> = new Map();

/** Columns to whose number an UPDATE adds something, or takes it away: `SET n = n - ?`. */
function movedColumns({ assignments, selfUpdate }: SqlStatement, bindings: Bindings): ReadonlyMap<string, Direction> {
	if (!selfUpdate) return noMoves;
	const text = joinSql(bindings.text);
	const moves = assignments.flatMap(({ self, columns: [column, ...others], range }): (readonly [string, Direction])[] => {
		if (!self || !column || column.name === null || others.length > 0) return [];
		const sum = /^"?(?<name>\w+)"?\s*(?<sign>[+-])/u.exec(text.slice(...range))?.groups;
		return sum?.["name"]?.toLowerCase() === column.name ? [[column.name, sum["sign"] === "+" ? "up" : "down"]] : [];
	});
	return new Map(moves);
}

/** Columns that an UPDATE sets to a constant, in the statement's text or bound to it, by lower-cased name. */
function constantColumns({ assignments }: SqlStatement, bindings: Bindings): ReadonlyMap<string, Constant | null> {
	const constants = assignments.flatMap((assignment): (readonly [string, Constant | null])[] => {
		const [column, ...others] = assignment.columns;
		if (!column || column.name === null || others.length > 0) return [];
		const [input] = inputsOf(assignment, bindings);
		const constant = assignment.value === "literal" ? constantIn(joinSql(bindings.text).slice(...assignment.range)) : assignment.value !== "expression" && input ? constantOf(input) : undefined;
		return constant === undefined ? [] : [[column.name, constant]];
	});
	return new Map(constants);
}

function constantIn(text: string): Constant | null | undefined {
	const literal = /^(?:'(?<text>[^']*)'|(?<number>\d+(?:\.\d+)?)|(?<null>NULL))$/iu.exec(text)?.groups;
	if (!literal) return undefined;
	return literal["null"] ? null : (literal["text"] ?? Number(literal["number"]));
}

/** Whether the statement looks at what is there by itself: `n = n + 1`, a new row, a column in WHERE that it changes. */
function atomicity(statement: SqlStatement): Access["atomic"] {
	if (statement.kind === "insert") {
		if (statement.conflict === null || statement.conflict === "ignore") return "append";
		return statement.conflict === "update" && statement.assignments.some(({ self }) => self) ? "update" : null;
	}
	if (statement.kind !== "update") return null;
	const assigned = new Set(statement.assignments.flatMap(({ columns }) => columns.map(({ name }) => name)));
	return statement.selfUpdate || (statement.where?.comparisons ?? []).some(({ column }) => assigned.has(column.name)) ? "update" : null;
}
