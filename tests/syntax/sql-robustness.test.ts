import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holeOffsets, joinSql, locateInParts, parseSql, type SqlStatement } from "../../src/syntax/sql.ts";

const WORDS = [
	..."SELECT INSERT REPLACE UPDATE DELETE CREATE TABLE INDEX TRIGGER VIEW VIRTUAL USING FROM INTO VALUES WHERE AND OR NOT IN IS LIKE BETWEEN CASE WHEN THEN ELSE END GROUP ORDER BY HAVING LIMIT OFFSET JOIN LEFT ON CONFLICT DO NOTHING SET RETURNING AS WITH RECURSIVE UNION ALL BEGIN COMMIT EXPLAIN PRAGMA ALTER ADD COLUMN RENAME TO DROP IF EXISTS DEFAULT CHECK OVER PARTITION FILTER COLLATE CAST".split(" "),
	..."a b t users excluded count json_each".split(" "),
	..."( ) , ; . * = == <> < + || ->> ? ?2 :n @x $y 1 0x1F 1e9 'it''s' ' \" \"q\" [x] [ `y` ` x'00' -- /* */ \n # \uFFFC".split(" "),
	" ",
	"\n",
];

/** SQL-like rubble, with holes anywhere. */
const rubble = fc.array(fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(" ")), { minLength: 0, maxLength: 6 });
const anything = fc.array(fc.string({ unit: "binary", maxLength: 60 }), { maxLength: 5 });

/** Every range of a statement, its bodies included. */
function* ranges(statement: SqlStatement): Generator<readonly [number, number]> {
	yield statement.range;
	for (const name of [...statement.reads, ...statement.writes, ...statement.functions, ...(statement.columns ?? [])]) yield name.range;
	for (const name of [statement.subject, statement.onTable]) if (name) yield name.range;
	for (const where of [statement.where, statement.conflictWhere]) if (where) yield where.range;
	for (const inner of statement.body) yield* ranges(inner);
}

function check(parts: readonly string[]): void {
	const text = joinSql({ parts });
	const statements = parseSql({ parts });
	expect(statements.length).toBeGreaterThan(0);
	let end = 0;
	for (const statement of statements) {
		expect(statement.range[0]).toBeGreaterThanOrEqual(end);
		end = statement.range[1];
		for (const [from, to] of ranges(statement)) {
			expect(from).toBeGreaterThanOrEqual(0);
			expect(to).toBeGreaterThanOrEqual(from);
			expect(to).toBeLessThanOrEqual(text.length);
		}
	}
	const offsets = holeOffsets({ parts });
	const holes = statements.flatMap((statement) => statement.holes);
	expect(holes.map((hole) => hole.index)).toEqual(offsets.map((_, index) => index));
	expect(holes.map((hole) => hole.offset)).toEqual(offsets);
	for (const [index, offset] of offsets.entries()) expect(locateInParts({ parts }, offset)).toEqual({ part: index, offset: (parts[index] ?? "").length });
}

describe("any text", () => {
	it("of SQL's words in any order is read, with ranges inside it and each hole once", () => {
		fc.assert(fc.property(rubble, check), { numRuns: 1500 });
	});

	it("of any characters is read, with ranges inside it and each hole once", () => {
		fc.assert(fc.property(anything, check), { numRuns: 500 });
	});

	it("is read alike in either case", () => {
		const shape = (statement: SqlStatement): unknown => ({ ...statement, reads: statement.reads.map((name) => name.name), writes: statement.writes.map((name) => name.name), functions: statement.functions.map((name) => name.name), subject: null, onTable: null, columns: null, where: statement.where?.columns, conflictWhere: statement.conflictWhere?.columns, assignments: statement.assignments.length, body: statement.body.length });
		fc.assert(
			fc.property(rubble, (parts) => {
				// Parameters are the one thing whose case counts.
				const plain = parts.map((part) => part.replace(/[:@$]\w/g, "?"));
				const lower = parseSql({ parts: plain.map((part) => part.toLowerCase()) });
				const upper = parseSql({ parts: plain.map((part) => part.toUpperCase()) });
				expect(upper.map(shape)).toEqual(lower.map(shape));
			}),
			{ numRuns: 300 },
		);
	});

	it("means the same with comments and line ends for its blanks", () => {
		const sources = ["INSERT INTO t ( a ) VALUES ( ? ) ON CONFLICT ( a ) DO UPDATE SET n = n + 1 RETURNING n", "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM u ; END ; BEGIN", "WITH c AS ( SELECT 1 ) SELECT * FROM c JOIN d ON c . a = d . a WHERE d . b IN ( ? , ? ) LIMIT 1"];
		for (const source of sources) {
			const kinds = (text: string): unknown => parseSql({ parts: [text] }).map(({ kind, reads, writes, params, returning, selfUpdate, body, where }) => [kind, reads.map((name) => name.name), writes.map((name) => name.name), params, returning, selfUpdate, body.length, where?.columns]);
			expect(kinds(source.replaceAll(" ", " /* ; BEGIN ' ? */ "))).toEqual(kinds(source));
			expect(kinds(source.replaceAll(" ", " -- ; END \" ?\n"))).toEqual(kinds(source));
		}
	});
});

describe("large text", () => {
	const many = (piece: string, size = 200_000): string => piece.repeat(Math.ceil(size / piece.length));

	it.each<[string, string]>([
		["brackets", many("(")],
		["closing brackets", many(")")],
		["nested subqueries", `SELECT ${many("(SELECT ")}`],
		["nested conditions", `SELECT 1 FROM t WHERE ${many("(a = 1 AND ")}`],
		["nested calls", `SELECT ${many("max(1, ")}`],
		["nested FROM", `SELECT * FROM ${many("(a JOIN ")}`],
		["nested WITH", many("WITH a AS (")],
		["common table expressions", `WITH ${many("a AS (SELECT 1), ")}`],
		["quotes", many("'")],
		["open comments", many("/* ")],
		["parameters", `SELECT ${many("?, ")}`],
		["names", `SELECT ${many("a.b.c.d, ")}`],
		["one chain", `SELECT ${many("a.")}`],
		["rows", `INSERT INTO t VALUES ${many("(1, 'a'), ")}`],
		["columns", `CREATE TABLE t (${many("a TEXT, ")}`],
		["statements", many("SELECT 1;")],
		["triggers in triggers", many("CREATE TRIGGER a ON b BEGIN ")],
		["explanations", many("EXPLAIN ")],
		["views", many("CREATE VIEW a AS ")],
		["conjunctions", `SELECT 1 FROM t WHERE ${many("a = 1 AND ")}`],
		["tables", `SELECT 1 FROM ${many("t JOIN ")}`],
	])("%s: read to the end", (_, source) => {
		// Some tens of milliseconds each; a quadratic reader would need minutes, which is the time-out's business.
		const statements = parseSql({ parts: [source] });
		expect(statements.length).toBeGreaterThan(0);
		expect(statements.at(-1)?.range[1]).toBeGreaterThan(source.trimEnd().length - 20);
	}, 20_000);

	it("many holes", () => {
		const parts = Array.from({ length: 20_000 }, () => ", a = ");
		expect(parseSql({ parts: ["UPDATE t SET z = ", ...parts] })[0]?.holes).toHaveLength(20_000);
	});
});
