/** Reads one statement: what it is, and what it touches. */
import type { LexedSql } from "./lexer.ts";
import { QueryReader, type Clause, type ColumnReference, type QueryFacts } from "./query-reader.ts";
import { kindOfValue } from "./where.ts";
import type { SqlAssignment, SqlHoleUse, SqlLimit, SqlName, SqlStatement, SqlStatementKind, SqlWhere } from "./statement.ts";

type Draft = { -readonly [Key in keyof SqlStatement]: SqlStatement[Key] };

/** Which part of the text a statement owns. */
export interface StatementBounds {
	/** Token indices, the end exclusive. */
	readonly from: number;
	readonly to: number;
	/** Offsets between which every hole is the statement's. */
	readonly start: number;
	readonly end: number;
}

/** EXPLAIN of CREATE TRIGGER with its body: nothing that SQLite takes nests deeper. */
const MAX_NESTING = 3;

const DML = new Set(["SELECT", "VALUES", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE"]);
const CONSTRAINTS = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
const SIMPLE_KINDS: ReadonlyMap<string, SqlStatementKind> = new Map<string, SqlStatementKind>([
	["BEGIN", "begin"],
	["COMMIT", "commit"],
	["END", "commit"],
	["ROLLBACK", "rollback"],
	["SAVEPOINT", "savepoint"],
	["RELEASE", "release"],
	["ATTACH", "attach"],
	["DETACH", "detach"],
	["VACUUM", "vacuum"],
]);
/** Holes of these roles may hold a placeholder. */
const MAY_BIND = new Set(["value", "list", "clause", "in-parameter", "unknown"]);

function emptyDraft(range: readonly [number, number]): Draft {
	return {
		kind: "empty",
		range,
		reads: [],
		writes: [],
		opaque: false,
		subject: null,
		subjectType: null,
		onTable: null,
		temporary: false,
		ifNotExists: false,
		ifExists: false,
		columns: null,
		columnCount: null,
		strict: false,
		withoutRowid: false,
		module: null,
		alter: null,
		body: [],
		returning: false,
		conflict: null,
		assignments: [],
		selfUpdate: false,
		where: null,
		conflictWhere: null,
		limit: null,
		exactlyOneRow: false,
		selectsStar: false,
		functions: [],
		pragmaName: null,
		pragmaHasArgument: false,
		params: 0,
		paramsExact: true,
		holes: [],
	};
}

/** The statement between two tokens; an empty one when there are none. */
export function readStatement(lexed: LexedSql, bounds: StatementBounds, nesting = 0): SqlStatement {
	return new StatementReader(lexed, bounds, nesting).read();
}

class StatementReader extends QueryReader {
	private readonly bounds: StatementBounds;
	private readonly nesting: number;
	private readonly draft: Draft;
	private readonly writes: SqlName[] = [];
	private readonly assignments: SqlAssignment[] = [];
	/** True when an INSERT may leave its row out without an error. */
	private maySkip = false;
	/** Names by which the written table's columns may be qualified. */
	private readonly ownNames = new Set<string>();

	constructor(lexed: LexedSql, bounds: StatementBounds, nesting: number) {
		super(lexed, bounds.from, bounds.to);
		this.bounds = bounds;
		this.nesting = nesting;
		const first = lexed.tokens[bounds.from];
		const last = lexed.tokens[bounds.to - 1];
		this.draft = emptyDraft(first && last && bounds.to > bounds.from ? [first.start, last.end] : [bounds.start, bounds.end]);
	}

	read(): SqlStatement {
		if (this.to > this.from) this.readVerb(this.from);
		return this.finish();
	}

	private finish(): SqlStatement {
		const { draft } = this;
		draft.reads = this.reads;
		draft.writes = this.writes;
		draft.functions = this.functions;
		draft.assignments = this.assignments;
		draft.params = this.params;
		draft.holes = this.holeUses();
		draft.opaque = this.skipped || draft.holes.some(({ role }) => role === "clause" || role === "unknown");
		draft.paramsExact = !draft.holes.some(({ role }) => MAY_BIND.has(role));
		draft.selfUpdate = this.assignments.some((assignment) => assignment.self) || this.writes.some((written) => written.name !== null && this.reads.some((read) => read.name === written.name));
		// `SELECT ${columns}` may bring a FROM of its own; an aggregate stays one.
		const hidden = draft.holes.some(({ role }) => role === "clause" || role === "identifier" || role === "unknown");
		if (hidden && draft.kind === "select" && this.reads.length === 0) draft.exactlyOneRow = false;
		return draft;
	}

	private holeUses(): SqlHoleUse[] {
		const { holeOffsets, holesInComments } = this.lexed;
		const uses: SqlHoleUse[] = [];
		for (let index = firstAtOrAfter(holeOffsets, this.bounds.start); index < holeOffsets.length; index++) {
			const offset = holeOffsets[index] ?? 0;
			if (offset >= this.bounds.end) break;
			uses.push({ index, offset, role: holesInComments.has(index) ? "in-comment" : (this.holeRoles.get(index) ?? "unknown") });
		}
		return uses;
	}

	private readVerb(at: number): void {
		const { draft } = this;
		const text = this.token(at)?.text ?? "";
		draft.kind = SIMPLE_KINDS.get(text) ?? "other";
		if (draft.kind !== "other") return;
		if (text === "CREATE") this.readCreate(at + 1);
		else if (text === "ALTER") this.readAlter(at + 1);
		else if (text === "DROP") this.readDrop(at + 1);
		else if (text === "PRAGMA") this.readPragma(at + 1);
		else if (text === "EXPLAIN") this.readExplain(at + 1);
		else if (DML.has(text)) this.readManipulation(at);
		else if (this.isHole(at) && this.token(at + 1)?.kind === "word" && DML.has(this.token(at + 1)?.text ?? "")) {
			// `${withClause} SELECT …`
			this.placeHole(at, "clause");
			this.readVerb(at + 1);
		} else if (text !== "ANALYZE" && text !== "REINDEX") {
			this.skipped = true;
		}
	}

	private skip(index: number, ...words: readonly string[]): number {
		return words.every((word, offset) => this.is(index + offset, word)) ? index + words.length : index;
	}

	// SELECT, INSERT, UPDATE, DELETE

	private readManipulation(at: number): void {
		const scope = new Set<string>();
		this.withScope(scope, () => {
			const verb = this.readWith(at, this.to, scope, 0);
			const text = this.token(verb)?.text ?? "";
			if (text === "INSERT" || text === "REPLACE") this.readInsert(verb);
			else if (text === "UPDATE") this.readUpdate(verb);
			else if (text === "DELETE") this.readDelete(verb);
			else if (text === "SELECT" || text === "VALUES") this.readSelect(verb);
			else this.skipped = true;
		});
	}

	private readSelect(at: number): void {
		this.draft.kind = "select";
		this.takeQuery(this.readQuery(at, this.to, 0));
	}

	private takeQuery(facts: QueryFacts): void {
		this.draft.exactlyOneRow = facts.exactlyOneRow;
		this.draft.selectsStar = facts.selectsStar;
		this.draft.where = facts.where;
		if (facts.limit) this.draft.limit = this.limitOf(facts.limit.from, facts.limit.to);
	}

	private limitOf(from: number, to: number): SqlLimit {
		const comma = this.splitAtCommas(from, to);
		// `LIMIT offset, count`
		const [start, end] = (comma.length === 2 ? comma[1] : comma[0]) ?? [from, to];
		const first = this.token(start);
		const isPlain = first?.kind === "number" && first.holes.length === 0 && (end === start + 1 || this.is(start + 1, "OFFSET"));
		return { value: isPlain ? Number(this.lexed.text.slice(first.start, first.end).replaceAll("_", "")) : null, ...this.inputs(from, to) };
	}

	/** `OR IGNORE`, `OR REPLACE`, … after the verb. */
	private readOr(at: number): number {
		if (!this.is(at, "OR")) return at;
		if (this.is(at + 1, "IGNORE")) this.draft.conflict = "ignore";
		this.maySkip = !this.is(at + 1, "REPLACE", "ABORT", "FAIL", "ROLLBACK");
		if (this.is(at + 1, "REPLACE")) this.draft.conflict = "replace";
		if (this.isHole(at + 1)) this.placeHole(at + 1, "clause");
		return at + 2;
	}

	/** The table that is written, with its alias; returns the token after them. */
	private readTarget(at: number): number {
		const target = this.readName(at, this.to);
		if (!target) return at;
		this.writes.push(target.name);
		if (target.name.name !== null) this.ownNames.add(target.name.name);
		if (!this.is(target.next, "AS")) return target.next;
		const alias = this.readName(target.next + 1, this.to);
		if (alias?.name.name != null) this.ownNames.add(alias.name.name);
		return alias?.next ?? target.next + 1;
	}

	private readInsert(at: number): void {
		const { draft } = this;
		draft.kind = this.is(at, "REPLACE") ? "replace" : "insert";
		if (draft.kind === "replace") draft.conflict = "replace";
		let index = this.skip(this.readOr(at + 1), "INTO");
		// `INSERT ${orIgnore} INTO t`
		if (this.isHole(index) && this.is(index + 1, "INTO")) {
			this.placeHole(index, "clause");
			index += 2;
		}
		index = this.readTarget(index);
		if (this.is(index, "(")) {
			const close = this.closing(index, this.to);
			draft.columns = this.readColumnList(index + 1, close);
			index = close + 1;
		} else if (this.isHole(index) && this.is(index + 1, "VALUES", "SELECT", "DEFAULT")) {
			this.placeHole(index, "identifier");
			index++;
		}
		const rows = this.readSource(index);
		draft.exactlyOneRow = draft.returning && rows === 1 && !this.maySkip;
	}

	/** Names of columns in brackets; null when holes hide how many. */
	private readColumnList(from: number, to: number): readonly SqlName[] | null {
		const names = this.readNames(from, to);
		this.placeRest(from, to);
		return names.some((name) => name.name === null) ? null : names;
	}

	/** What INSERT puts in, and what it does on conflict; returns the number of rows, null when unknown. */
	private readSource(from: number): number | null {
		const clauses = this.clauses(from, this.to);
		const tail = clauses.findIndex((clause) => clause.word === "ON CONFLICT" || clause.word === "RETURNING");
		const source = tail < 0 ? clauses : clauses.slice(0, tail);
		const rows = this.readRows(from, source);
		if (tail >= 0) this.readUpserts(clauses.slice(tail));
		return rows;
	}

	private readRows(from: number, source: readonly Clause[]): number | null {
		const last = source.at(-1);
		if (!last) return null;
		const values = source.length === 1 && last.word === "VALUES" ? last : undefined;
		if (values) return this.readTuples(values.from, values.to, 0);
		// `DEFAULT` is what stands before the VALUES clause here.
		if (this.is(from, "DEFAULT") && this.is(from + 1, "VALUES")) {
			this.placeLooseHoles(from + 2, last.to);
			return 1;
		}
		this.readQuery(from, last.to, 0);
		return null;
	}

	/** `ON CONFLICT … DO …`, as often as it is written, and RETURNING. */
	private readUpserts(clauses: readonly Clause[]): void {
		const { draft } = this;
		let updating = false;
		for (const clause of clauses) {
			switch (clause.word) {
				case "ON CONFLICT":
					updating = false;
					if (this.is(clause.from, "(")) this.readGroup(clause.from, clause.to, "columns", null, 0);
					this.placeRest(clause.from, clause.to);
					break;
				case "DO":
					updating = this.is(clause.from, "UPDATE");
					draft.conflict = updating ? "update" : "ignore";
					this.maySkip ||= !updating;
					this.placeRest(clause.from, clause.to);
					break;
				case "SET":
					this.readAssignments(clause.from, clause.to, false);
					break;
				case "WHERE":
					this.maySkip ||= updating;
					draft.conflictWhere = this.upsertWhere(clause, updating);
					break;
				case "RETURNING":
					this.readReturning(clause);
					break;
				default:
					this.placeRest(clause.from, clause.to);
			}
		}
	}

	/** A WHERE after the conflict's columns names a partial index; only the one after DO UPDATE is the update's own. */
	private upsertWhere(clause: Clause, updating: boolean): SqlWhere | null {
		const where = this.readWhere(clause.from, clause.to, 0);
		return updating ? where : this.draft.conflictWhere;
	}

	/** Holes that were given no meaning so far are pieces of grammar. */
	private placeRest(from: number, to: number): void {
		for (let index = from; index < to; index++) {
			if (this.isHole(index) && !this.holeRoles.has(this.token(index)?.holes[0] ?? -1)) this.placeHole(index, "clause");
		}
	}

	private readReturning(clause: Clause): void {
		this.draft.returning = true;
		this.readExpression(clause.from, clause.to, "columns", null, 0);
	}

	private readUpdate(at: number): void {
		const { draft } = this;
		draft.kind = "update";
		const clauses = this.clauses(this.readTarget(this.readOr(at + 1)), this.to);
		const hasFrom = clauses.some((clause) => clause.word === "FROM");
		for (const clause of clauses) {
			if (clause.word === "SET") this.readAssignments(clause.from, clause.to, hasFrom);
			else if (clause.word === "FROM") this.readFrom(clause.from, clause.to, 0);
			else this.readTail(clause);
		}
	}

	private readDelete(at: number): void {
		this.draft.kind = "delete";
		for (const clause of this.clauses(this.readTarget(this.skip(at + 1, "FROM")), this.to)) this.readTail(clause);
	}

	/** What UPDATE and DELETE have in common after their own clauses. */
	private readTail(clause: Clause): void {
		switch (clause.word) {
			case "WHERE":
				this.draft.where = this.readWhere(clause.from, clause.to, 0);
				break;
			case "RETURNING":
				this.readReturning(clause);
				break;
			case "LIMIT":
				this.readExpression(clause.from, clause.to, "value", null, 0);
				this.draft.limit = this.limitOf(clause.from, clause.to);
				break;
			case "ORDER":
				this.readExpression(clause.from, clause.to, "columns", null, 0);
				break;
			default:
				this.placeRest(clause.from, clause.to);
		}
	}

	private readAssignments(from: number, to: number, hasOtherTables: boolean): void {
		for (const [start, end] of this.splitAtCommas(from, to)) {
			const isList = this.is(start, "(");
			const close = isList ? this.closing(start, end) : start;
			const equals = close + 1;
			if (!this.is(equals, "=", "==")) {
				this.placeLooseHoles(start, end);
				continue;
			}
			const columns = isList ? this.readNames(start + 1, close) : this.readNames(start, equals);
			const references: ColumnReference[] = [];
			this.readExpression(equals + 1, end, "value", references, 0);
			const self = references.some((reference) => this.isOwn(reference, columns, hasOtherTables));
			const value = end - equals === 2 ? kindOfValue(this.token(equals + 1)) : "expression";
			this.assignments.push({ columns, self, value, range: this.rangeOf(equals + 1, end), ...this.inputs(equals + 1, end) });
		}
	}

	/** True when the reference is to a present column of the row that is written, as far as the text can tell. */
	private isOwn({ name, qualifier, doubtful }: ColumnReference, assigned: readonly SqlName[], hasOtherTables: boolean): boolean {
		if (qualifier !== null) return this.ownNames.has(qualifier);
		if (!doubtful && !hasOtherTables) return true;
		return name.name !== null && assigned.some((column) => column.name === name.name);
	}

	// Definitions

	private readCreate(at: number): void {
		const { draft } = this;
		let index = at;
		if (this.is(index, "TEMP", "TEMPORARY")) {
			draft.temporary = true;
			index++;
		}
		const unique = this.skip(index, "UNIQUE");
		if (this.is(unique, "INDEX")) this.readCreateIndex(unique + 1);
		else if (this.is(index, "TABLE")) this.readCreateTable(index + 1);
		else if (this.is(index, "TRIGGER")) this.readCreateTrigger(index + 1);
		else if (this.is(index, "VIEW")) this.readCreateView(index + 1);
		else if (this.is(index, "VIRTUAL") && this.is(index + 1, "TABLE")) this.readCreateVirtualTable(index + 2);
		else this.skipped = true;
	}

	/** `[IF NOT EXISTS] name`; returns the token after it. */
	private readSubject(at: number, type: Draft["subjectType"]): number {
		const { draft } = this;
		const index = this.skip(at, "IF", "NOT", "EXISTS");
		draft.ifNotExists = index > at;
		return this.takeSubject(index, type);
	}

	private takeSubject(index: number, type: Draft["subjectType"]): number {
		const { draft } = this;
		const named = this.readName(index, this.to);
		draft.subject = named?.name ?? null;
		draft.subjectType = type;
		if (named?.name.schema === "temp") draft.temporary = true;
		return named?.next ?? index;
	}

	private readCreateTable(at: number): void {
		const { draft } = this;
		draft.kind = "create-table";
		const index = this.readSubject(at, "table");
		if (this.is(index, "AS")) {
			if (draft.subject) this.writes.push(draft.subject);
			this.readQuery(index + 1, this.to, 0);
			return;
		}
		if (!this.is(index, "(")) {
			this.placeLooseHoles(index, this.to);
			return;
		}
		const close = this.closing(index, this.to);
		this.readDefinitions(index + 1, close);
		for (let option = close + 1; option < this.to; option++) {
			if (this.is(option, "STRICT")) draft.strict = true;
			if (this.is(option, "WITHOUT") && this.is(option + 1, "ROWID")) draft.withoutRowid = true;
			if (this.isHole(option)) this.placeHole(option, "clause");
		}
	}

	private readDefinitions(from: number, to: number): void {
		const columns: SqlName[] = [];
		let complete = true;
		for (const [start, end] of this.splitAtCommas(from, to)) {
			// A hole with nothing after it is a list of definitions; with more, it names a column.
			const isLoose = this.isHole(start) && (end === start + 1 || this.isHole(start + 1) || this.is(start + 1, ...CONSTRAINTS));
			if (isLoose) {
				this.placeHole(start, "clause");
				this.readDefinition(start + 1, end);
				complete = false;
			} else if (this.is(start, ...CONSTRAINTS)) {
				this.readDefinition(start, end);
			} else {
				const named = this.readName(start, end);
				if (named) columns.push(named.name);
				if (named && this.readDefinition(named.next, end)) complete = false;
			}
		}
		this.draft.columnCount = complete ? columns.length : null;
		this.draft.columns = complete && columns.every((column) => column.name !== null) ? columns : null;
	}

	/** What follows a column's name, or a constraint; returns whether a loose hole may hold further columns. */
	private readDefinition(from: number, to: number): boolean {
		let hasHole = false;
		for (let index = from; index < to; index++) {
			if (this.is(index, "(")) {
				const isExpression = this.is(index - 1, "CHECK", "DEFAULT", "AS");
				if (isExpression) this.readGroup(index, to, this.is(index - 1, "CHECK") ? "condition" : "value", null, 0);
				else this.readNames(index + 1, this.closing(index, to));
				index = this.closing(index, to);
			} else if (this.isHole(index)) {
				const isDefault = this.is(index - 1, "DEFAULT");
				const isReferenced = this.is(index - 1, "REFERENCES", "COLLATE", "CONSTRAINT");
				this.placeHole(index, isDefault ? "value" : isReferenced ? "identifier" : "clause");
				hasHole ||= !isDefault && !isReferenced;
			}
		}
		return hasHole;
	}

	private readCreateIndex(at: number): void {
		const { draft } = this;
		draft.kind = "create-index";
		let index = this.readSubject(at, "index");
		if (!this.is(index, "ON")) {
			this.placeLooseHoles(index, this.to);
			return;
		}
		const table = this.readName(index + 1, this.to);
		draft.onTable = table?.name ?? null;
		index = table?.next ?? index + 1;
		if (this.is(index, "(")) {
			this.readGroup(index, this.to, "columns", null, 0);
			index = this.closing(index, this.to) + 1;
		}
		for (const clause of this.clauses(index, this.to)) {
			if (clause.word === "WHERE") this.readExpression(clause.from, clause.to, "condition", null, 0);
			else this.placeRest(clause.from, clause.to);
		}
	}

	private readCreateView(at: number): void {
		const { draft } = this;
		draft.kind = "create-view";
		let index = this.readSubject(at, "view");
		if (this.is(index, "(")) {
			draft.columns = this.readColumnList(index + 1, this.closing(index, this.to));
			index = this.closing(index, this.to) + 1;
		}
		if (this.is(index, "AS")) this.readBody([[index + 1, this.to]]);
		else this.placeLooseHoles(index, this.to);
	}

	private readCreateVirtualTable(at: number): void {
		const { draft } = this;
		draft.kind = "create-virtual-table";
		const index = this.readSubject(at, "table");
		if (!this.is(index, "USING")) {
			this.placeLooseHoles(index, this.to);
			return;
		}
		const module = this.readName(index + 1, this.to);
		draft.module = module?.name.name ?? null;
		// A module's arguments are the module's own language.
		this.placeLooseHoles(index + 2, this.to);
	}

	private readCreateTrigger(at: number): void {
		const { draft } = this;
		draft.kind = "create-trigger";
		let index = this.readSubject(at, "trigger");
		const begin = this.find(index, "BEGIN");
		const on = this.find(index, "ON");
		if (on < begin) {
			this.placeLooseHoles(index, on);
			const table = this.readName(on + 1, begin);
			draft.onTable = table?.name ?? null;
			index = table?.next ?? on + 1;
			const when = Math.min(this.find(index, "WHEN"), begin);
			this.placeLooseHoles(index, when);
			this.readExpression(when + 1, begin, "condition", null, 0);
		} else {
			this.placeLooseHoles(index, begin);
		}
		if (begin >= this.to) return;
		const end = this.is(this.to - 1, "END") ? this.to - 1 : this.to;
		this.readBody(this.splitAtSemicolons(begin + 1, end));
	}

	private splitAtSemicolons(from: number, to: number): [from: number, to: number][] {
		const ranges: [number, number][] = [];
		let start = from;
		for (let index = from; index <= to; index++) {
			if (index < to && !this.is(index, ";")) continue;
			if (index > start) ranges.push([start, index]);
			start = index + 1;
		}
		return ranges;
	}

	/** The first such keyword at or after `from`, outside of brackets; the statement's end where there is none. */
	private find(from: number, word: string): number {
		for (let index = from; index < this.to; index++) {
			if (this.is(index, "(")) index = this.closing(index, this.to);
			else if (this.token(index)?.kind === "word" && this.is(index, word)) return index;
		}
		return this.to;
	}

	/** Statements inside this one: read for themselves, their holes shared. */
	private readBody(ranges: readonly (readonly [from: number, to: number])[]): void {
		if (this.nesting >= MAX_NESTING) {
			this.skipped = true;
			return;
		}
		this.draft.body = ranges.map(([from, to]) => {
			const start = this.lexed.tokens[from]?.start ?? this.bounds.start;
			const end = this.lexed.tokens[to - 1]?.end ?? start;
			return readStatement(this.lexed, { from, to, start, end }, this.nesting + 1);
		});
		for (const statement of this.draft.body) {
			for (const hole of statement.holes) if (hole.role !== "in-comment") this.holeRoles.set(hole.index, hole.role);
			for (const name of statement.functions) this.addFunction(name);
			this.skipped ||= statement.opaque;
		}
	}

	private readExplain(at: number): void {
		this.draft.kind = "explain";
		const index = this.skip(at, "QUERY", "PLAN");
		if (index < this.to && !this.is(index, "EXPLAIN")) this.readBody([[index, this.to]]);
	}

	private readAlter(at: number): void {
		const { draft } = this;
		draft.kind = "alter-table";
		let index = this.takeSubject(this.skip(at, "TABLE"), "table");
		if (draft.subject) this.writes.push(draft.subject);
		const action = this.token(index)?.text ?? "";
		index++;
		if (action === "RENAME" && this.is(index, "TO")) draft.alter = "rename-table";
		else if (action === "RENAME") draft.alter = "rename-column";
		else if (action === "ADD") this.readAddColumn(this.skip(index, "COLUMN"));
		else if (action === "DROP") draft.alter = "drop-column";
		else this.placeHole(index - 1, "clause");
		if (action === "RENAME" || action === "DROP") this.placeNames(index);
	}

	private readAddColumn(at: number): void {
		const { draft } = this;
		draft.alter = "add-column";
		const named = this.readName(at, this.to);
		// `ADD COLUMN ${definition}`: a name at least.
		draft.columns = named && named.name.name !== null ? [named.name] : null;
		this.readDefinition(named?.next ?? at, this.to);
	}

	/** All holes from here on stand for names. */
	private placeNames(from: number): void {
		for (let index = from; index < this.to; index++) if (this.isHole(index)) this.placeHole(index, "identifier");
	}

	private readDrop(at: number): void {
		const { draft } = this;
		draft.kind = "drop";
		const type = this.token(at)?.text ?? "";
		const index = this.skip(at + 1, "IF", "EXISTS");
		draft.ifExists = index > at + 1;
		const types = { TABLE: "table", INDEX: "index", TRIGGER: "trigger", VIEW: "view" } as const;
		const known = Object.entries(types).find(([word]) => word === type)?.[1] ?? null;
		this.takeSubject(index, known);
		draft.temporary = false;
		if (known === "table" && draft.subject) this.writes.push(draft.subject);
		if (known === null) this.skipped = true;
	}

	private readPragma(at: number): void {
		const { draft } = this;
		draft.kind = "pragma";
		const named = this.readName(at, this.to);
		draft.pragmaName = named?.name.name ?? null;
		const index = named?.next ?? at;
		draft.pragmaHasArgument = this.is(index, "=", "(") && !this.is(index + 1, ")");
		const role = this.is(index, "=") ? "value" : "identifier";
		for (let each = index; each < this.to; each++) if (this.isHole(each)) this.placeHole(each, role);
	}
}

/** The first index whose value is at or after `offset`. */
function firstAtOrAfter(ascending: readonly number[], offset: number): number {
	let low = 0;
	let high = ascending.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((ascending[middle] ?? 0) < offset) low = middle + 1;
		else high = middle;
	}
	return low;
}
