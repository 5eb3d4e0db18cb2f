/**
 * Reads names, expressions and queries out of a statement's tokens. It is a reader, not a validator: it follows SQLite's
 * grammar far enough to say which tables, columns, functions and holes stand where, and steps over what it does not know.
 * Each token is looked at a bounded number of times, whatever the nesting.
 */
import type { LexedSql, SqlToken } from "./lexer.ts";
import type { SqlHoleRole, SqlInputs, SqlName, SqlWhere } from "./statement.ts";
import type { SqlRange } from "./text.ts";
import { compareConditions } from "./where.ts";

/** Deeper brackets are stepped over: SQLite's own parser gives up at a depth of 100. */
const MAX_DEPTH = 150;

/** What a part of the text is expected to hold, which decides what a hole in it means. */
export type ExpressionContext =
	/** A WHERE, ON, HAVING or WHEN: a lone hole is a condition. */
	| "condition"
	/** A select list, ORDER BY, GROUP BY: a lone hole is a column. */
	| "columns"
	/** A place for one value. */
	| "value"
	/** The brackets of `IN (…)` or one tuple of VALUES: a lone hole is a list. */
	| "list"
	/** A place for names only. */
	| "names"
	/** A column's or constraint's definition. */
	| "definition";

export interface ColumnReference {
	readonly name: SqlName;
	/** Lower-cased table, alias or `excluded`; null where none is written. */
	readonly qualifier: string | null;
	/** In double quotes, which SQLite takes for a string when there is no such column. */
	readonly doubtful: boolean;
}

export interface Clause {
	/** The keyword that begins it (`ON CONFLICT` in one), or "" for what stands before the first. */
	readonly word: string;
	/** From after the keyword. */
	readonly from: number;
	readonly to: number;
}

/** One SELECT of a compound. */
interface Arm {
	aggregate: boolean;
	hasFrom: boolean;
	hasWhere: boolean;
	grouped: boolean;
	star: boolean;
	/** Rows of a VALUES list; null for SELECT. */
	tuples: number | null;
}

export interface QueryFacts {
	readonly exactlyOneRow: boolean;
	readonly selectsStar: boolean;
	readonly where: SqlWhere | null;
	readonly limit: { readonly from: number; readonly to: number } | null;
}

const QUERY_STARTS = new Set(["SELECT", "WITH", "VALUES"]);
const CLAUSE_STARTS = new Set(["SELECT", "FROM", "WHERE", "HAVING", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "VALUES", "RETURNING", "SET"]);
const AGGREGATES = new Set(["count", "sum", "total", "avg", "min", "max", "group_concat", "string_agg", "json_group_array", "json_group_object", "jsonb_group_array", "jsonb_group_object"]);
/** Before an operand: they leave the reader waiting for one. */
const PREFIXES = new Set(["NOT", "CASE", "WHEN", "THEN", "ELSE", "EXISTS", "DISTINCT", "ALL", "AND", "OR", "IN", "BETWEEN", "LIKE", "GLOB", "REGEXP", "IS", "BY", "FROM", "DEFAULT"]);
const CONSTANTS = new Set(["NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"]);
/** Between two operands. */
const INFIXES = new Set(["OR", "IN", "IS", "LIKE", "GLOB", "MATCH", "REGEXP", "ESCAPE", "WHEN", "THEN", "ELSE", "DISTINCT", "FROM", "BY", "OFFSET"]);
const COMPARISONS = new Set(["=", "==", "<>", "!=", "<", "<=", ">", ">=", "LIKE", "GLOB", "MATCH", "REGEXP", "IN", "IS", "NOT", "BETWEEN", "ISNULL", "NOTNULL", "COLLATE", "->", "->>"]);
const TABLE_FUNCTIONS = /^(?:json_each|json_tree|jsonb_each|jsonb_tree|generate_series|pragma_\w+|fts5vocab)$/;

export class QueryReader {
	protected readonly lexed: LexedSql;
	protected readonly from: number;
	protected readonly to: number;
	protected readonly reads: SqlName[] = [];
	protected readonly functions: SqlName[] = [];
	protected readonly holeRoles = new Map<number, SqlHoleRole>();
	/** Highest number of a parameter. */
	protected params = 0;
	/** True when something was stepped over that may read or write. */
	protected skipped = false;
	private readonly paramNumbers = new Map<number, number>();
	private readonly closings = new Map<number, number>();
	private readonly seenReads = new Set<string>();
	private readonly seenFunctions = new Set<string>();
	private readonly scopes: ReadonlySet<string>[] = [];
	private arm: Arm | null = null;

	constructor(lexed: LexedSql, from: number, to: number) {
		this.lexed = lexed;
		this.from = from;
		this.to = to;
		this.matchBrackets();
		this.numberParameters();
		this.placePlainHoles();
	}

	protected token(index: number): SqlToken | undefined {
		return index >= this.from && index < this.to ? this.lexed.tokens[index] : undefined;
	}

	/** True for an unquoted keyword or punctuation. */
	protected is(index: number, ...texts: readonly string[]): boolean {
		const text = this.token(index)?.text;
		return text !== undefined && text !== "" && texts.includes(text);
	}

	protected isHole(index: number): boolean {
		return this.token(index)?.kind === "hole";
	}

	/** The index of the bracket that closes the one at `open`, or `limit` where none does before. */
	protected closing(open: number, limit: number): number {
		return Math.min(this.closings.get(open) ?? limit, limit);
	}

	private matchBrackets(): void {
		const open: number[] = [];
		for (let index = this.from; index < this.to; index++) {
			if (this.is(index, "(")) open.push(index);
			else if (this.is(index, ")")) {
				const start = open.pop();
				if (start !== undefined) this.closings.set(start, index);
			}
		}
	}

	/** As sqlite3_bind_parameter_index: `?` is one more than the highest so far, `?5` is 5, a name keeps its number. */
	private numberParameters(): void {
		const named = new Map<string, number>();
		for (let index = this.from; index < this.to; index++) {
			const token = this.token(index);
			if (token?.kind !== "parameter" || token.holes.length > 0) continue;
			const text = this.lexed.text.slice(token.start, token.end);
			const known = named.get(text);
			const number = known ?? (text[0] === "?" && text.length > 1 ? Number(text.slice(1)) : this.params + 1);
			named.set(text === "?" ? `?#${index}` : text, number);
			this.paramNumbers.set(index, number);
			this.params = Math.max(this.params, number);
		}
	}

	/** Holes whose meaning their own token tells. */
	private placePlainHoles(): void {
		const roles: Partial<Record<SqlToken["kind"], SqlHoleRole>> = { word: "identifier", quoted: "identifier", string: "in-string", blob: "in-string", number: "value", parameter: "in-parameter" };
		for (let index = this.from; index < this.to; index++) {
			const token = this.token(index);
			const role = token && roles[token.kind];
			if (role) this.placeHole(index, role);
		}
	}

	protected placeHole(index: number, role: SqlHoleRole): void {
		for (const hole of this.token(index)?.holes ?? []) this.holeRoles.set(hole, role);
	}

	/** Parameters and holes between two tokens, subqueries included. */
	protected inputs(from: number, to: number): SqlInputs {
		const params: number[] = [];
		const holes: number[] = [];
		for (let index = from; index < to; index++) {
			const number = this.paramNumbers.get(index);
			if (number !== undefined) params.push(number);
			holes.push(...(this.token(index)?.holes ?? []));
		}
		return { params, holes };
	}

	// Names

	private isNameLike(index: number): boolean {
		const kind = this.token(index)?.kind;
		return kind === "word" || kind === "quoted" || kind === "hole" || kind === "string";
	}

	/** The text of a name token without its quotes, with the indices of its holes. */
	private pieces(token: SqlToken): (string | number)[] {
		const isQuoted = token.kind === "quoted" || token.kind === "string";
		const open = this.lexed.text[token.start] ?? "";
		const close = open === "[" ? "]" : open;
		const start = isQuoted ? token.start + 1 : token.start;
		const isClosed = isQuoted && token.end > start && this.lexed.text[token.end - 1] === close;
		const end = isClosed ? token.end - 1 : token.end;
		const plain = (from: number, to: number): string => {
			const raw = this.lexed.text.slice(from, to);
			return isQuoted && open !== "[" ? raw.replaceAll(close + close, close) : raw;
		};
		const found: (string | number)[] = [];
		let at = start;
		for (const hole of token.holes) {
			const offset = this.lexed.holeOffsets[hole] ?? at;
			if (offset > at) found.push(plain(at, offset));
			found.push(hole);
			at = offset + 1;
		}
		if (at < end || found.length === 0) found.push(plain(at, end));
		return found;
	}

	private nameOfToken(token: SqlToken, schema: string | null, start: number): SqlName {
		const pieces = this.pieces(token);
		const name = pieces.every((piece) => typeof piece === "string") ? pieces.join("").toLowerCase() : null;
		return { name, pieces, schema, range: [start, token.end] };
	}

	/** `name` or `schema.name` at `index`, and the token after it; null where there is no name. */
	protected readName(index: number, to: number): { name: SqlName; next: number } | null {
		const first = this.token(index);
		if (!first || index >= to || !this.isNameLike(index)) return null;
		if (first.kind === "hole") this.placeHole(index, "identifier");
		const second = index + 2 < to && this.is(index + 1, ".") && this.isNameLike(index + 2) ? this.token(index + 2) : undefined;
		if (!second) return { name: this.nameOfToken(first, null, first.start), next: index + 1 };
		if (second.kind === "hole") this.placeHole(index + 2, "identifier");
		const schema = this.nameOfToken(first, null, first.start).name;
		return { name: this.nameOfToken(second, schema, first.start), next: index + 3 };
	}

	/** Names between commas, each with whatever follows it. */
	protected readNames(from: number, to: number): SqlName[] {
		return this.splitAtCommas(from, to).flatMap(([start, end]) => this.readName(start, end)?.name ?? []);
	}

	protected splitAtCommas(from: number, to: number): [from: number, to: number][] {
		const items: [number, number][] = [];
		let start = from;
		for (let index = from; index < to; index++) {
			if (this.is(index, "(")) index = this.closing(index, to);
			else if (this.is(index, ",")) {
				items.push([start, index]);
				start = index + 1;
			}
		}
		if (start < to) items.push([start, to]);
		return items;
	}

	/** What tells two names apart: holes are the same only where they are the same hole. */
	private identity(name: SqlName): string {
		return JSON.stringify([name.schema, name.name ?? name.pieces]);
	}

	protected addRead(name: SqlName): void {
		const local = name.schema === null && name.name !== null ? name.name : null;
		if (local !== null && this.scopes.some((scope) => scope.has(local))) return;
		const identity = this.identity(name);
		if (this.seenReads.has(identity)) return;
		this.seenReads.add(identity);
		this.reads.push(name);
	}

	protected addFunction(name: SqlName): void {
		const identity = this.identity(name);
		if (this.seenFunctions.has(identity)) return;
		this.seenFunctions.add(identity);
		this.functions.push(name);
	}

	// Clauses

	/** The keyword that begins a clause at `index`, if one does. */
	private clauseStart(index: number): { word: string; length: number } | null {
		const token = this.token(index);
		if (token?.kind !== "word" || this.is(index - 1, ".")) return null;
		switch (token.text) {
			case "FROM":
				// `IS [NOT] DISTINCT FROM` is an operator.
				return this.is(index - 1, "DISTINCT") && this.is(index - 2, "IS", "NOT") ? null : { word: "FROM", length: 1 };
			case "GROUP":
			case "ORDER":
				return this.is(index + 1, "BY") ? { word: token.text, length: 2 } : null;
			case "WINDOW":
				return this.is(index + 2, "AS") && this.is(index + 3, "(") ? { word: "WINDOW", length: 1 } : null;
			case "ON":
				return this.is(index + 1, "CONFLICT") ? { word: "ON CONFLICT", length: 2 } : null;
			case "DO":
				return this.is(index + 1, "NOTHING", "UPDATE") ? { word: "DO", length: 1 } : null;
			default:
				return CLAUSE_STARTS.has(token.text) ? { word: token.text, length: 1 } : null;
		}
	}

	protected clauses(from: number, to: number): Clause[] {
		const found: Clause[] = [];
		let word = "";
		let start = from;
		let index = from;
		while (index < to) {
			const begun = this.clauseStart(index);
			if (begun) {
				if (word !== "" || index > start) found.push({ word, from: start, to: index });
				word = begun.word;
				start = Math.min(index + begun.length, to);
				index = start;
			} else {
				index = (this.is(index, "(") ? this.closing(index, to) : index) + 1;
			}
		}
		if (word !== "" || start < to) found.push({ word, from: start, to });
		return found;
	}

	// Queries

	/** Reads `WITH …` at `from`; the names it defines go into `scope`. Returns the token after it. */
	protected readWith(from: number, to: number, scope: Set<string>, depth: number): number {
		if (!this.is(from, "WITH")) return from;
		let index = from + (this.is(from + 1, "RECURSIVE") ? 2 : 1);
		const bodies: number[] = [];
		for (;;) {
			const named = this.readName(index, to);
			if (!named) break;
			if (named.name.name !== null) scope.add(named.name.name);
			index = named.next;
			if (this.is(index, "(")) {
				this.readNames(index + 1, this.closing(index, to));
				index = this.closing(index, to) + 1;
			}
			if (!this.is(index, "AS")) break;
			index++;
			if (this.is(index, "NOT")) index++;
			if (this.is(index, "MATERIALIZED")) index++;
			if (!this.is(index, "(")) break;
			bodies.push(index);
			index = this.closing(index, to) + 1;
			if (!this.is(index, ",")) break;
			index++;
		}
		// All the names are known in all the bodies.
		for (const open of bodies) this.readGroup(open, to, "value", null, depth);
		return Math.min(index, to);
	}

	protected withScope<T>(scope: ReadonlySet<string>, read: () => T): T {
		this.scopes.push(scope);
		const result = read();
		this.scopes.pop();
		return result;
	}

	/** Reads SELECT, VALUES and their compounds, with a WITH before them. */
	protected readQuery(from: number, to: number, depth: number): QueryFacts {
		const scope = new Set<string>();
		const outer = this.arm;
		const facts = this.withScope(scope, () => {
			const start = this.readWith(from, to, scope, depth);
			return this.readClauses(this.clauses(start, to), depth);
		});
		this.arm = outer;
		return facts;
	}

	private readClauses(clauses: readonly Clause[], depth: number): QueryFacts {
		const arms: Arm[] = [];
		let where: SqlWhere | null = null;
		let limit: Clause | null = null;
		for (const clause of clauses) {
			const arm = this.arm;
			switch (clause.word) {
				case "SELECT":
				case "VALUES":
					this.arm = { aggregate: false, hasFrom: false, hasWhere: false, grouped: false, star: false, tuples: null };
					arms.push(this.arm);
					if (clause.word === "SELECT") this.readExpression(clause.from, clause.to, "columns", null, depth);
					else this.arm.tuples = this.readTuples(clause.from, clause.to, depth);
					break;
				case "FROM":
					if (arm) arm.hasFrom = true;
					this.readFrom(clause.from, clause.to, depth);
					break;
				case "WHERE":
					if (arm) arm.hasWhere = true;
					where = this.readWhere(clause.from, clause.to, depth);
					break;
				case "GROUP":
				case "HAVING":
					if (arm) arm.grouped = true;
					this.readExpression(clause.from, clause.to, clause.word === "GROUP" ? "columns" : "condition", null, depth);
					break;
				case "LIMIT":
					limit = clause;
					this.readExpression(clause.from, clause.to, "value", null, depth);
					break;
				case "ORDER":
				case "WINDOW":
					this.readExpression(clause.from, clause.to, "columns", null, depth);
					break;
				default:
					this.placeLooseHoles(clause.from, clause.to);
			}
		}
		const [only] = arms;
		const oneRow = arms.length === 1 && only !== undefined && !only.grouped && !limit && (only.aggregate || only.tuples === 1 || (only.tuples === null && !only.hasFrom && !only.hasWhere));
		return { exactlyOneRow: oneRow, selectsStar: arms.some((each) => each.star), where: arms.length === 1 ? where : null, limit };
	}

	/** Holes that stand where only a piece of grammar can. */
	protected placeLooseHoles(from: number, to: number): void {
		for (let index = from; index < to; index++) if (this.isHole(index)) this.placeHole(index, "clause");
	}

	/** The tuples of VALUES; returns how many there are, or null where holes hide it. */
	protected readTuples(from: number, to: number, depth: number): number | null {
		let count = 0;
		let counted = true;
		for (let index = from; index < to; index++) {
			if (this.is(index, "(")) {
				this.readGroup(index, to, "list", null, depth);
				index = this.closing(index, to);
				count++;
			} else if (this.isHole(index)) {
				// After a tuple without a comma only another clause can follow.
				this.placeHole(index, this.is(index - 1, ")") ? "clause" : "list");
				counted = false;
			}
		}
		return counted ? count : null;
	}

	protected readWhere(from: number, to: number, depth: number): SqlWhere {
		const references: ColumnReference[] = [];
		this.readExpression(from, to, "condition", references, depth);
		const columns = [...new Set(references.flatMap((reference) => reference.name.name ?? []))];
		const range = this.rangeOf(from, to);
		const source = {
			is: (index: number, ...texts: readonly string[]): boolean => this.is(index, ...texts),
			token: (index: number): SqlToken | undefined => this.token(index),
			closing: (open: number, limit: number): number => this.closing(open, limit),
			column: (index: number, end: number): { name: SqlName; next: number } | null => this.columnAt(index, end),
			inputs: (start: number, end: number): SqlInputs => this.inputs(start, end),
		};
		return { columns, comparisons: compareConditions(source, from, to), range, ...this.inputs(from, to) };
	}

	/** From the first to the last of some tokens; an empty range at the end where there are none. */
	protected rangeOf(from: number, to: number): SqlRange {
		const end = this.token(to - 1)?.end ?? 0;
		return [from < to ? (this.token(from)?.start ?? end) : end, end];
	}

	/** A column (`a`, `t.a`, `main.t.a`) that is followed by no bracket. */
	private columnAt(index: number, to: number): { name: SqlName; next: number } | null {
		const token = this.token(index);
		if (!token || (token.kind !== "word" && token.kind !== "quoted") || PREFIXES.has(token.text) || CONSTANTS.has(token.text)) return null;
		const last = this.endOfChain(index, to);
		const lastToken = this.token(last);
		if (!lastToken || lastToken.kind === "hole" || this.is(last + 1, "(")) return null;
		return { name: this.nameOfToken(lastToken, null, lastToken.start), next: last + 1 };
	}

	/** The last name of `a.b.c` that begins at `index`. */
	private endOfChain(index: number, to: number): number {
		let last = index;
		while (last + 2 < to && this.is(last + 1, ".") && this.isNameLike(last + 2)) last += 2;
		return last;
	}

	protected readFrom(from: number, to: number, depth: number): void {
		let wantsTable = true;
		let index = from;
		while (index < to) {
			if (wantsTable) {
				const next = this.readTable(index, to, depth);
				wantsTable = next === null;
				index = next ?? index + 1;
			} else if (this.is(index, ",", "JOIN")) {
				wantsTable = true;
				index++;
			} else if (this.is(index, "ON")) {
				const end = this.endOfJoinCondition(index + 1, to);
				this.readExpression(index + 1, end, "condition", null, depth);
				index = end;
			} else if (this.is(index, "(")) {
				this.readNames(index + 1, this.closing(index, to));
				index = this.closing(index, to) + 1;
			} else {
				if (this.isHole(index)) this.placeHole(index, this.is(index - 1, "AS") ? "identifier" : "clause");
				index++;
			}
		}
	}

	private endOfJoinCondition(from: number, to: number): number {
		for (let index = from; index < to; index++) {
			if (this.is(index, "(")) index = this.closing(index, to);
			else if (this.is(index, ",", "JOIN")) return index;
		}
		return to;
	}

	/** One member of a FROM; returns the token after it, or null where there is none. */
	private readTable(index: number, to: number, depth: number): number | null {
		if (this.is(index, "(")) {
			const close = this.closing(index, to);
			if (this.isQuery(index + 1) || depth >= MAX_DEPTH) this.readGroup(index, to, "value", null, depth);
			else if (close === index + 2 && this.isHole(index + 1)) this.placeHole(index + 1, "clause");
			else this.readFrom(index + 1, close, depth + 1);
			return close + 1;
		}
		const named = this.readName(index, to);
		if (!named) return null;
		if (!this.is(named.next, "(")) {
			this.addRead(named.name);
			return named.next;
		}
		// A table with hidden columns may be called too: `FROM docs('word')` for an FTS5 table.
		if (named.name.name !== null && TABLE_FUNCTIONS.test(named.name.name)) this.addFunction(named.name);
		else this.addRead(named.name);
		this.readGroup(named.next, to, "value", null, depth);
		return this.closing(named.next, to) + 1;
	}

	private isQuery(index: number): boolean {
		const token = this.token(index);
		return token?.kind === "word" && QUERY_STARTS.has(token.text);
	}

	// Expressions

	/** What stands in brackets: a subquery or an expression. */
	protected readGroup(open: number, limit: number, context: ExpressionContext, columns: ColumnReference[] | null, depth: number): void {
		const to = this.closing(open, limit);
		if (depth >= MAX_DEPTH) this.skipped = true;
		else if (this.isQuery(open + 1)) this.readQuery(open + 1, to, depth + 1);
		else this.readExpression(open + 1, to, context, columns, depth + 1);
	}

	/**
	 * Reads an expression or a comma list of them. Columns go to `columns`, except those of subqueries.
	 * What a word is depends on whether an operand or an operator is due, which is all the grammar this needs.
	 */
	protected readExpression(from: number, to: number, context: ExpressionContext, columns: ColumnReference[] | null, depth: number): void {
		let operandDue = true;
		let betweens = 0;
		let afterBetween = false;
		let index = from;
		while (index < to) {
			const token = this.token(index);
			if (!token) return;
			const { kind, text } = token;
			let next = index + 1;
			if (kind === "hole") {
				this.placeHole(index, this.roleOfHole(index, from, to, context, operandDue, afterBetween));
				operandDue = false;
			} else if (kind === "punctuation") {
				if (text === "(") {
					const inside = this.is(index - 1, "IN") ? "list" : context === "list" ? "value" : context;
					this.readGroup(index, to, inside, columns, depth);
					next = this.closing(index, to) + 1;
					operandDue = false;
				} else if (text === "*" && operandDue) {
					if (context === "columns" && this.arm && (index === from || this.is(index - 1, ",", ".", "DISTINCT", "ALL"))) this.arm.star = true;
					operandDue = false;
				} else {
					operandDue = text !== ")";
				}
			} else if (kind !== "word" && kind !== "quoted") {
				operandDue = false;
			} else if (this.is(index - 1, "IN") && !PREFIXES.has(text)) {
				const table = this.readName(index, to);
				if (table && !this.is(table.next, "(")) this.addRead(table.name);
				next = table?.next ?? next;
				operandDue = false;
			} else if (operandDue) {
				if (kind === "word" && PREFIXES.has(text)) {
					if (text === "BETWEEN") betweens++;
				} else if (kind === "word" && (text === "PARTITION" || text === "ORDER" || text === "GROUP") && this.is(next, "BY")) {
					next++;
				} else if (kind === "word" && CONSTANTS.has(text)) {
					operandDue = false;
				} else if (this.is(next, "(")) {
					next = this.readCall(index, to, columns, depth);
					operandDue = false;
				} else {
					next = this.readColumn(index, to, columns);
					operandDue = this.is(next, ".") && this.is(next + 1, "*");
				}
			} else if (text === "AND") {
				afterBetween = betweens > 0;
				betweens = Math.max(0, betweens - 1);
				operandDue = true;
			} else if (text === "BETWEEN") {
				betweens++;
				operandDue = true;
			} else if (text === "COLLATE" || text === "AS") {
				if (this.isHole(next)) this.placeHole(next, "identifier");
				next++;
			} else if (text === "PARTITION" || text === "ORDER" || text === "GROUP") {
				operandDue = false;
			} else {
				operandDue = kind === "word" && INFIXES.has(text);
			}
			if (text !== "AND") afterBetween = false;
			index = next;
		}
	}

	/** A function with its arguments, FILTER and OVER; returns the token after it. */
	private readCall(index: number, to: number, columns: ColumnReference[] | null, depth: number): number {
		const token = this.token(index);
		const open = index + 1;
		const close = this.closing(open, to);
		const name = token ? this.nameOfToken(token, null, token.start) : null;
		const isCast = this.is(index, "CAST");
		if (name && !isCast && !this.is(index, "RAISE")) this.addFunction(name);
		const aggregate = name?.name != null && AGGREGATES.has(name.name) && !(/^(?:min|max)$/.test(name.name) && this.splitAtCommas(open + 1, close).length > 1);
		let next = close + 1;
		const filter = this.is(next, "FILTER") && this.is(next + 1, "(") ? next + 1 : null;
		if (filter !== null) next = this.closing(filter, to) + 1;
		const isWindow = this.is(next, "OVER");
		if (aggregate && !isWindow && this.arm) this.arm.aggregate = true;
		this.readGroup(open, to, aggregate ? "names" : "value", columns, depth);
		if (filter !== null) this.readGroup(filter, to, "condition", columns, depth);
		if (!isWindow) return Math.min(next, to);
		if (!this.is(next + 1, "(")) return Math.min(next + 2, to);
		this.readGroup(next + 1, to, "names", columns, depth);
		return Math.min(this.closing(next + 1, to) + 1, to);
	}

	/** A column, qualified or not; returns the token after it. */
	private readColumn(index: number, to: number, columns: ColumnReference[] | null): number {
		const last = this.endOfChain(index, to);
		for (let at = index; at <= last; at += 2) if (this.isHole(at)) this.placeHole(at, "identifier");
		const token = this.token(last);
		const owner = last > index ? this.token(last - 2) : undefined;
		if (columns && token) {
			const qualifier = owner ? this.nameOfToken(owner, null, owner.start).name : null;
			const doubtful = !owner && token.kind === "quoted" && this.lexed.text[token.start] === '"';
			columns.push({ name: this.nameOfToken(token, null, token.start), qualifier, doubtful });
		}
		return last + 1;
	}

	private roleOfHole(index: number, from: number, to: number, context: ExpressionContext, operandDue: boolean, afterBetween: boolean): SqlHoleRole {
		const isFirst = index === from;
		const isLast = index + 1 >= to;
		if (this.is(index - 1, ".") || (!isLast && this.is(index + 1, "."))) return "identifier";
		if (!isFirst && this.is(index - 1, "IN")) return "list";
		if (!operandDue) return "clause";
		if (context === "definition") return this.is(index - 1, "DEFAULT") ? "value" : "clause";
		if (!isLast && this.is(index + 1, "(")) return "identifier";
		if (context === "names") return isFirst || this.is(index - 1, ",", "BY", "DISTINCT") ? "identifier" : "value";
		if (context === "list") return isFirst && isLast ? "list" : "value";
		const next = isLast ? undefined : this.token(index + 1)?.text;
		if (context === "condition") {
			const startsCondition = isFirst || (this.is(index - 1, "AND", "OR", "NOT") && !afterBetween);
			if (!startsCondition) return "value";
			return next !== undefined && COMPARISONS.has(next) ? "identifier" : "clause";
		}
		if (context === "columns") {
			const startsColumn = isFirst || this.is(index - 1, ",", "DISTINCT", "ALL", "BY");
			return startsColumn && next !== "AS" ? "identifier" : "value";
		}
		return "value";
	}
}
