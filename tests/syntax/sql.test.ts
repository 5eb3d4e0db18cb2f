import { describe, expect, it } from "vitest";
import { joinSql, parseSql, type SqlName, type SqlStatement } from "../../src/syntax/sql.ts";

/** A text whose holes are written `${…}`. */
function statements(source: string): SqlStatement[] {
	return parseSql({ parts: source.split(/\$\{\w*\}/) });
}

function only(source: string): SqlStatement {
	const all = statements(source);
	expect(all).toHaveLength(1);
	return all[0] as SqlStatement;
}

function show(name: SqlName | null): string | null {
	if (!name) return null;
	return name.name ?? name.pieces.map((piece) => (typeof piece === "number" ? `<${piece}>` : piece)).join("");
}

const names = (list: readonly SqlName[] | null): (string | null)[] | null => list && list.map(show);
const roles = (source: string): string[] => statements(source).flatMap((statement) => statement.holes.map((hole) => hole.role));

describe("the kind of a statement", () => {
	it.each([
		["select 1", "select"],
		["VALUES (1), (2)", "select"],
		["WITH a AS (SELECT 1) SELECT * FROM a", "select"],
		["WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "insert"],
		["with a as (select 1) delete from t where id in a", "delete"],
		["insert or replace into t values (1)", "insert"],
		["Replace Into t VALUES (1)", "replace"],
		["UPDATE t SET a = 1", "update"],
		["DELETE FROM t", "delete"],
		["CREATE TABLE t (a)", "create-table"],
		["CREATE UNIQUE INDEX i ON t (a)", "create-index"],
		["CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END", "create-trigger"],
		["CREATE VIEW v AS SELECT 1", "create-view"],
		["CREATE VIRTUAL TABLE d USING fts5(body)", "create-virtual-table"],
		["ALTER TABLE t ADD COLUMN b", "alter-table"],
		["DROP INDEX IF EXISTS i", "drop"],
		["PRAGMA table_info(t)", "pragma"],
		["EXPLAIN QUERY PLAN SELECT 1", "explain"],
		["BEGIN IMMEDIATE TRANSACTION", "begin"],
		["commit", "commit"],
		["END TRANSACTION", "commit"],
		["ROLLBACK TO SAVEPOINT a", "rollback"],
		["SAVEPOINT a", "savepoint"],
		["RELEASE a", "release"],
		["ATTACH 'file' AS other", "attach"],
		["DETACH other", "detach"],
		["VACUUM", "vacuum"],
		["ANALYZE", "other"],
		["${sql}", "other"],
		["HELLO world", "other"],
		["", "empty"],
		[" -- nothing\n/* at all */ ;", "empty"],
	])("%s: %s", (source, kind) => {
		expect(only(source).kind).toBe(kind);
	});

	it("is decided by the first word alone", () => {
		expect(only("/* BEGIN */ -- COMMIT\n SELECT 'BEGIN; COMMIT' AS \"rollback\", [savepoint] FROM t").kind).toBe("select");
	});

	it("says that it cannot follow what it does not know", () => {
		expect(only("${sql}")).toMatchObject({ opaque: true, paramsExact: false });
		expect(only("HELLO world").opaque).toBe(true);
		expect(only("ANALYZE").opaque).toBe(false);
		expect(only("SELECT a FROM t WHERE id = ${id}").opaque).toBe(false);
	});

	it("looks past a hole before the verb", () => {
		const statement = only("${ctes} SELECT a FROM t");
		expect(statement).toMatchObject({ kind: "select", opaque: true });
		expect(names(statement.reads)).toEqual(["t"]);
	});
});

describe("several statements", () => {
	const kinds = (source: string): string[] => statements(source).map((statement) => statement.kind);

	it("are split at semicolons, empty ones left out", () => {
		expect(kinds("SELECT 1;; DELETE FROM t; -- done\n")).toEqual(["select", "delete"]);
	});

	it("are not split inside of literals and comments", () => {
		expect(kinds("SELECT ';', \";\", [;], `;` /* ; */ -- ;\n FROM t")).toEqual(["select"]);
		expect(kinds("SELECT 'it''s; fine'; SELECT 2")).toEqual(["select", "select"]);
	});

	it("keep a trigger's body together", () => {
		const source = `CREATE TEMP TRIGGER IF NOT EXISTS x AFTER UPDATE OF a ON t FOR EACH ROW WHEN new.a > 1 BEGIN
			UPDATE u SET n = CASE WHEN n > 1 THEN 0 ELSE n END;
			INSERT INTO log VALUES (new.a);
		END; BEGIN; SELECT 1`;
		expect(kinds(source)).toEqual(["create-trigger", "begin", "select"]);
		const [trigger] = statements(source);
		expect(trigger).toMatchObject({ temporary: true, ifNotExists: true, subjectType: "trigger", reads: [], writes: [] });
		expect(show(trigger?.onTable ?? null)).toBe("t");
		expect(trigger?.body.map((statement) => [statement.kind, ...statement.writes.map(show)])).toEqual([["update", "u"], ["insert", "log"]]);
	});

	it("have their ranges in the joined text", () => {
		const parts = [" SELECT ", " ; -- x\n DELETE FROM t ;"];
		const text = joinSql({ parts });
		expect(parseSql({ parts }).map(({ range: [start, end] }) => text.slice(start, end))).toEqual(["SELECT \uFFFC", "DELETE FROM t"]);
	});

	it("count their parameters each for itself", () => {
		expect(statements("INSERT INTO t VALUES (?, ?); SELECT * FROM t WHERE a = ?").map((statement) => statement.params)).toEqual([2, 1]);
	});

	it("own the holes up to their semicolon", () => {
		expect(statements("SELECT ${a}; SELECT ${b} /* ${c} */; -- ${d}").map((statement) => statement.holes.map((hole) => [hole.index, hole.role]))).toEqual([
			[[0, "identifier"]],
			[[1, "identifier"], [2, "in-comment"], [3, "in-comment"]],
		]);
	});
});

describe("tables", () => {
	it.each<[string, string[], string[]]>([
		["SELECT * FROM Users", ["users"], []],
		["SELECT * FROM main.\"Users\" AS u, [b c] JOIN `d` ON d.id = u.id LEFT OUTER JOIN e USING (id)", ["users", "b c", "d", "e"], []],
		["SELECT * FROM 'users'", ["users"], []],
		["SELECT * FROM \"a\"\"b\"", ["a\"b"], []],
		["SELECT (SELECT max(x) FROM a) FROM (SELECT * FROM b) WHERE id IN (SELECT id FROM c) OR EXISTS (SELECT 1 FROM d)", ["a", "b", "c", "d"], []],
		["SELECT * FROM (a JOIN b ON a.x = b.x) JOIN c", ["a", "b", "c"], []],
		["SELECT * FROM t WHERE id IN other", ["t", "other"], []],
		["SELECT 1 FROM a UNION ALL SELECT 2 FROM b EXCEPT SELECT 3 FROM c", ["a", "b", "c"], []],
		["WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n), m AS MATERIALIZED (SELECT * FROM a JOIN n) SELECT * FROM n, m, b", ["a", "b"], []],
		["SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x), x", ["x"], []],
		["SELECT value FROM t, json_each(t.data) WHERE a IS NOT DISTINCT FROM b", ["t"], []],
		["SELECT * FROM docs('word')", ["docs"], []],
		["SELECT name FROM pragma_table_info('t')", [], []],
		["SELECT sum(x) OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), rank() OVER w FROM t WINDOW w AS (ORDER BY c)", ["t"], []],
		["SELECT key, value, replace(a, 'x', 'y') FROM kv WHERE key MATCH 'FROM z' AND match GLOB ? ORDER BY rank", ["kv"], []],
		["SELECT d ->> '$.from', d -> 'x' FROM t", ["t"], []],
		["INSERT INTO t (a) VALUES ((SELECT count(*) FROM u))", ["u"], ["t"]],
		["INSERT OR IGNORE INTO t SELECT * FROM u WHERE true ON CONFLICT DO NOTHING", ["u"], ["t"]],
		["INSERT INTO t DEFAULT VALUES", [], ["t"]],
		["UPDATE OR REPLACE t AS x SET a = (SELECT b FROM u) FROM v JOIN w WHERE x.id = v.id", ["u", "v", "w"], ["t"]],
		["DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY at LIMIT 10)", ["t"], ["t"]],
		["DROP TABLE IF EXISTS main.t", [], ["t"]],
		["DROP INDEX t", [], []],
		["ALTER TABLE t RENAME TO u", [], ["t"]],
		["CREATE TABLE t AS SELECT * FROM u", ["u"], ["t"]],
		["CREATE TABLE t (a REFERENCES u (id))", [], []],
		["CREATE VIEW v AS SELECT * FROM t", [], []],
		["EXPLAIN DELETE FROM t", [], []],
		["SELECT * FROM ${t} JOIN ${u} ON 1", ["<0>", "<1>"], []],
		["SELECT * FROM users_${id}, \"x ${y}\", main.${z}", ["users_<0>", "x <1>", "<2>"], []],
		["SELECT * FROM ${t}, ${t}", ["<0>", "<1>"], []],
		["INSERT INTO ${t} VALUES (1)", [], ["<0>"]],
		["DELETE FROM ${t}", [], ["<0>"]],
	])("%s", (source, reads, writes) => {
		const statement = only(source);
		expect(names(statement.reads)).toEqual(reads);
		expect(names(statement.writes)).toEqual(writes);
	});

	it("keep their schema", () => {
		expect(only("SELECT * FROM Main.t").reads[0]).toMatchObject({ name: "t", schema: "main", range: [14, 20] });
		expect(only("CREATE TABLE temp.t (a)").temporary).toBe(true);
	});
});

describe("definitions", () => {
	it("count columns, not constraints", () => {
		const statement = only(`CREATE TABLE IF NOT EXISTS "Order" (
			id INTEGER PRIMARY KEY AUTOINCREMENT, -- the id, a number
			"primary" TEXT DEFAULT 'a,b', price DECIMAL(10, 2) CHECK (price > 0),
			at INTEGER DEFAULT (unixepoch()), twice GENERATED ALWAYS AS (price * 2) STORED,
			CONSTRAINT c UNIQUE (id, price), PRIMARY KEY (id), FOREIGN KEY (id) REFERENCES u(id), CHECK (1)
		) STRICT, WITHOUT ROWID`);
		expect(statement).toMatchObject({ columnCount: 5, ifNotExists: true, strict: true, withoutRowid: true, temporary: false, subjectType: "table" });
		expect(show(statement.subject)).toBe("order");
		expect(names(statement.columns)).toEqual(["id", "primary", "price", "at", "twice"]);
		expect(names(statement.functions)).toEqual(["unixepoch"]);
	});

	it("do not count what a hole hides", () => {
		expect(only("CREATE TABLE t (id, ${columns})").columnCount).toBeNull();
		expect(only("CREATE TABLE t (${columns})").columnCount).toBeNull();
		expect(only("CREATE TABLE t (id TEXT ${rest}, b)").columnCount).toBeNull();
		expect(only("CREATE TABLE t (${name} TEXT, b)")).toMatchObject({ columnCount: 2, columns: null });
		expect(only("CREATE TABLE t (a DEFAULT ${value}, b)").columnCount).toBe(2);
	});

	it.each<[string, Partial<SqlStatement>]>([
		["CREATE TABLE t (a)", { strict: false, withoutRowid: false, ifNotExists: false }],
		["CREATE TEMPORARY TABLE t (a)", { temporary: true }],
		["CREATE VIRTUAL TABLE IF NOT EXISTS d USING FTS5(a, content='')", { module: "fts5", ifNotExists: true }],
		["DROP TABLE IF EXISTS t", { ifExists: true, subjectType: "table" }],
		["DROP TABLE t", { ifExists: false }],
		["DROP TRIGGER t", { subjectType: "trigger" }],
		["ALTER TABLE t RENAME TO u", { alter: "rename-table" }],
		["ALTER TABLE t RENAME a TO b", { alter: "rename-column" }],
		["ALTER TABLE t ADD b TEXT DEFAULT 'x'", { alter: "add-column" }],
		["ALTER TABLE t DROP COLUMN b", { alter: "drop-column" }],
		["PRAGMA User_Version", { pragmaName: "user_version", pragmaHasArgument: false }],
		["PRAGMA main.user_version = 3", { pragmaName: "user_version", pragmaHasArgument: true }],
		["PRAGMA table_info('t')", { pragmaName: "table_info", pragmaHasArgument: true }],
		["PRAGMA ${name}", { pragmaName: null, pragmaHasArgument: false }],
	])("%s", (source, expected) => {
		expect(only(source)).toMatchObject(expected);
	});

	it("of an index and an added column", () => {
		const index = only("CREATE INDEX IF NOT EXISTS i ON t (lower(a) DESC) WHERE b = 1");
		expect([show(index.subject), show(index.onTable), index.where]).toEqual(["i", "t", null]);
		expect(names(only("ALTER TABLE t ADD COLUMN b TEXT").columns)).toEqual(["b"]);
	});

	it("of a view hold the view's query", () => {
		expect(names(only("CREATE VIEW v (a) AS SELECT x FROM t").body[0]?.reads ?? null)).toEqual(["t"]);
	});
});

describe("writes", () => {
	it.each<[string, SqlStatement["conflict"]]>([
		["INSERT INTO t VALUES (1)", null],
		["INSERT OR IGNORE INTO t VALUES (1)", "ignore"],
		["insert or replace into t values (1)", "replace"],
		["INSERT OR ABORT INTO t VALUES (1)", null],
		["REPLACE INTO t VALUES (1)", "replace"],
		["INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "ignore"],
		["INSERT INTO t VALUES (1) ON CONFLICT (id) WHERE a > 1 DO UPDATE SET a = 1", "update"],
		["INSERT INTO t VALUES ('ON CONFLICT DO NOTHING')", null],
		["UPDATE OR IGNORE t SET a = 1", "ignore"],
	])("%s: conflict %s", (source, conflict) => {
		expect(only(source).conflict).toBe(conflict);
	});

	it.each<[string, boolean]>([
		["UPDATE t SET n = n + 1", true],
		["UPDATE t SET n = t.n + ?", true],
		["UPDATE t AS x SET n = x.n + ?", true],
		["UPDATE t SET data = json_set(data, '$.a', ?)", true],
		["UPDATE t SET a = ?, b = b || ?", true],
		["UPDATE t SET n = (SELECT max(n) FROM t) + 1", true],
		["UPDATE t SET \"n\" = \"n\" + 1", true],
		["UPDATE t SET n = ?", false],
		["UPDATE t SET n = 'n + 1'", false],
		["UPDATE t SET status = \"done\"", false],
		["UPDATE t SET n = unixepoch(), m = CURRENT_TIMESTAMP, o = NULL", false],
		["UPDATE t SET n = (SELECT max(n) FROM u)", false],
		["UPDATE t SET n = u.n FROM u WHERE u.id = t.id", false],
		["UPDATE t SET n = t.n + u.n FROM u WHERE u.id = t.id", true],
		["INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = n + 1", true],
		["INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n", true],
		["INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = excluded.n", false],
		["INSERT INTO t SELECT max(id) + 1 FROM t", true],
		["INSERT INTO t VALUES (?)", false],
		["DELETE FROM t WHERE n = n", false],
	])("%s: made of present values %s", (source, self) => {
		expect(only(source).selfUpdate).toBe(self);
	});

	it("tell the inputs of each assignment", () => {
		const { assignments, where } = only("UPDATE t SET a = ?, (b, c) = (?, ${x}), d = d + ?5 WHERE id = ?");
		expect(assignments.map(({ value }) => value)).toEqual(["parameter", "expression", "expression"]);
		expect(assignments.map((each) => [names(each.columns), each.self, each.params, each.holes])).toEqual([
			[["a"], false, [1], []],
			[["b", "c"], false, [2], [0]],
			[["d"], true, [5], []],
		]);
		expect(where?.params).toEqual([6]);
	});

	it("know RETURNING from a word that looks like it", () => {
		expect(only("INSERT INTO t VALUES (?) RETURNING id").returning).toBe(true);
		expect(only("update t set a = 1 where id = 1 returning *").returning).toBe(true);
		expect(only("DELETE FROM t RETURNING id").returning).toBe(true);
		expect(only("INSERT INTO t VALUES ('RETURNING id') -- RETURNING id").returning).toBe(false);
		expect(only("INSERT INTO t (\"returning\") VALUES (1) /* RETURNING */").returning).toBe(false);
	});

	it("name the columns of an INSERT", () => {
		expect(names(only("INSERT INTO t (a, \"B\") VALUES (1, 2)").columns)).toEqual(["a", "b"]);
		expect(only("INSERT INTO t VALUES (1, 2)").columns).toBeNull();
		expect(only("INSERT INTO t (a, ${b}) VALUES (1, 2)").columns).toBeNull();
	});
});

describe("WHERE and LIMIT", () => {
	const comparisons = (source: string): string[] => (only(source).where?.comparisons ?? []).map((each) => [show(each.column.name === null ? null : each.column), each.operator, each.value].join(" "));

	it.each<[string, string[], string[]]>([
		["UPDATE t SET a = ? WHERE id = ? AND version = ?", ["id", "version"], ["id = parameter", "version = parameter"]],
		["UPDATE t SET a = ? WHERE (id = 1 AND (t.version == ${v}))", ["id", "version"], ["id = literal", "version = hole"]],
		["DELETE FROM t WHERE id = ? OR version = ?", ["id", "version"], []],
		["SELECT 1 FROM t WHERE a BETWEEN ? AND ? AND b NOT IN (?, ?) AND c IS NOT NULL AND d LIKE 'x%' AND e NOT LIKE ?", ["a", "b", "c", "d", "e"], ["a between expression", "b not in expression", "c is not literal", "d like literal", "e not like parameter"]],
		["SELECT 1 FROM t WHERE ? = a AND 5 < b", ["a", "b"], ["a = parameter", "b > literal"]],
		["SELECT 1 FROM t WHERE a = b AND c = d + ?", ["a", "b", "c", "d"], ["a = expression", "c = expression"]],
		["SELECT 1 FROM t WHERE CASE WHEN a = 1 OR b = 2 THEN 1 END AND c != 3", ["a", "b", "c"], ["c <> literal"]],
		["SELECT 1 FROM t WHERE a IN (SELECT x FROM u WHERE y = 1) AND lower(b) = ?", ["a", "b"], ["a in expression"]],
		["SELECT 1 FROM t WHERE a IS NOT DISTINCT FROM ?", ["a"], ["a is parameter"]],
		["SELECT 1 FROM t WHERE NOT a = 1", ["a"], []],
		["SELECT 1 FROM t WHERE a = CAST(? AS INTEGER) AND b = ? COLLATE NOCASE", ["a", "b"], ["a = expression", "b = expression"]],
		["SELECT 1 FROM t WHERE ${condition}", [], []],
	])("%s", (source, columns, expected) => {
		expect(only(source).where?.columns).toEqual(columns);
		expect(comparisons(source)).toEqual(expected);
	});

	it("belongs to the statement itself", () => {
		expect(only("SELECT * FROM (SELECT * FROM t WHERE a = 1 LIMIT 1)")).toMatchObject({ where: null, limit: null });
		expect(only("SELECT 'WHERE a = 1 LIMIT 1' FROM t")).toMatchObject({ where: null, limit: null });
		const upsert = only("INSERT INTO t VALUES (?) ON CONFLICT (id) DO UPDATE SET a = ? WHERE version = ?");
		expect(upsert.where).toBeNull();
		expect(upsert.conflictWhere).toMatchObject({ columns: ["version"], params: [3] });
		expect(only("INSERT INTO t VALUES (1) ON CONFLICT (id) WHERE a > 1 DO UPDATE SET a = 2").conflictWhere).toBeNull();
	});

	it.each<[string, number | null]>([
		["SELECT * FROM t LIMIT 1", 1],
		["SELECT * FROM t ORDER BY a LIMIT 10 OFFSET 20", 10],
		["SELECT * FROM t LIMIT 20, 10", 10],
		["SELECT * FROM t LIMIT ?", null],
		["SELECT * FROM t LIMIT 1 + 1", null],
		["SELECT 1 FROM a UNION SELECT 2 FROM b LIMIT 3", 3],
		["DELETE FROM t ORDER BY a LIMIT 5", 5],
	])("%s: %s", (source, value) => {
		expect(only(source).limit?.value).toBe(value);
	});
});

describe("the shape of a result", () => {
	it.each<[string, boolean]>([
		["SELECT COUNT(*) FROM t", true],
		["SELECT coalesce(sum(n), 0) AS total FROM t WHERE a = ?", true],
		["SELECT max(id) FROM t", true],
		["SELECT max(id, 1) FROM t", false],
		["SELECT count(*) FROM t GROUP BY a", false],
		["SELECT count(*) FROM t HAVING count(*) > 1", false],
		["SELECT count(*) OVER () FROM t", false],
		["SELECT count(*) FILTER (WHERE a) FROM t", true],
		["SELECT count(*) FROM t UNION SELECT 1", false],
		["SELECT count(*) FROM t LIMIT ?", false],
		["SELECT (SELECT count(*) FROM u) FROM t", false],
		["SELECT EXISTS (SELECT 1 FROM t WHERE a = ?) AS found", true],
		["SELECT changes()", true],
		["SELECT 1 WHERE 0", false],
		["SELECT * FROM t WHERE id = ?", false],
		["SELECT \"count\" FROM t", false],
		["SELECT ${columns}", false],
		["SELECT count(*) FROM ${t}", true],
		["VALUES (1)", true],
		["VALUES (1), (2)", false],
		["INSERT INTO t VALUES (?) RETURNING id", true],
		["INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET n = n + 1 RETURNING n", true],
		["INSERT INTO t VALUES (?), (?) RETURNING id", false],
		["INSERT INTO t VALUES ${rows} RETURNING id", false],
		["INSERT INTO t VALUES (?)", false],
		["INSERT OR IGNORE INTO t VALUES (?) RETURNING id", false],
		["INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING RETURNING id", false],
		["INSERT INTO t VALUES (?) ON CONFLICT (a) DO NOTHING ON CONFLICT (b) DO UPDATE SET a = 1 RETURNING id", false],
		["INSERT INTO t VALUES (?) ON CONFLICT (a) DO UPDATE SET a = 1 WHERE v < 2 RETURNING id", false],
		["INSERT INTO t DEFAULT VALUES RETURNING id", true],
		["INSERT INTO t SELECT * FROM u RETURNING id", false],
		["UPDATE t SET a = 1 RETURNING id", false],
	])("%s: exactly one row %s", (source, oneRow) => {
		expect(only(source).exactlyOneRow).toBe(oneRow);
	});

	it.each<[string, boolean]>([
		["SELECT * FROM t", true],
		["SELECT a, t.* FROM t", true],
		["SELECT DISTINCT * FROM t", true],
		["SELECT 1 UNION SELECT * FROM t", true],
		["SELECT count(*) FROM t", false],
		["SELECT a * b FROM t", false],
		["SELECT (SELECT * FROM u) FROM t", false],
		["SELECT a FROM (SELECT * FROM t)", false],
		["INSERT INTO t VALUES (1) RETURNING *", false],
	])("%s: star %s", (source, star) => {
		expect(only(source).selectsStar).toBe(star);
	});

	it("lists functions once, wherever they are called", () => {
		expect(names(only("SELECT Lower(a), lower(b), CAST(c AS TEXT), x IN (1) FROM t, json_each(d) WHERE load_extension('x') AND 'sqlite_version()'").functions)).toEqual(["lower", "json_each", "load_extension"]);
		expect(names(only("CREATE VIEW v AS SELECT sqlite_version()").functions)).toEqual(["sqlite_version"]);
	});
});

describe("parameters", () => {
	it.each<[string, number]>([
		["SELECT 1", 0],
		["SELECT ?, ?", 2],
		["SELECT ?2", 2],
		["SELECT ?3, ?", 4],
		["SELECT ?1, ?1, ?", 2],
		["SELECT :a, :b, :a, @a, $a", 4],
		["SELECT '?', \"?\", [?] -- ?\n, ?", 1],
		["SELECT d ->> '$.x?', ?", 1],
		["SELECT ?1+?2", 2],
	])("%s: %i", (source, params) => {
		expect(only(source)).toMatchObject({ params, paramsExact: true });
	});

	it.each(["SELECT * FROM t WHERE id IN (${list})", "INSERT INTO t VALUES (${list})", "SELECT * FROM t ${where}", "SELECT ?${n}", "UPDATE t SET a = ${value}"])("%s: not exact", (source) => {
		expect(only(source).paramsExact).toBe(false);
	});

	it("are exact beside names and strings that are put in", () => {
		expect(only("SELECT ${column} FROM ${t} WHERE a = 'x${y}' AND b = ?")).toMatchObject({ params: 1, paramsExact: true });
	});
});

describe("the role of a hole", () => {
	it.each<[string, string[]]>([
		["SELECT * FROM t WHERE id = ${id} AND ${a} > ${b}", ["value", "identifier", "value"]],
		["SELECT * FROM t WHERE id BETWEEN ${a} AND ${b} AND ${c}", ["value", "value", "clause"]],
		["SELECT * FROM t WHERE a LIKE ${a} AND (b = ${b} OR ${c})", ["value", "value", "clause"]],
		["SELECT * FROM t WHERE ${a} IN (${b}) AND c IN (1, ${c}) AND d IN ${d} AND e NOT IN (${e})", ["identifier", "list", "value", "list", "list"]],
		["SELECT * FROM t WHERE name = '${name}' AND x LIKE '%${q}%' AND \"${c}\" = 1", ["in-string", "in-string", "identifier"]],
		["SELECT * FROM t WHERE t.${a} = ${t}.b AND f(${c}) = max(${d})", ["identifier", "identifier", "value", "identifier"]],
		["SELECT * FROM t WHERE a = ${a} ${more}", ["value", "clause"]],
		["SELECT * FROM t ${where} ${order}", ["clause", "clause"]],
		["SELECT ${a}, ${b} AS c, x + ${d}, DISTINCT_${e} FROM t", ["identifier", "value", "value", "identifier"]],
		["SELECT a FROM t GROUP BY ${a} HAVING ${b} ORDER BY ${c} ${d}, e ${f} LIMIT ${g} OFFSET ${h}", ["identifier", "clause", "identifier", "clause", "clause", "value", "value"]],
		["SELECT a FROM ${a} JOIN b${b} ON ${c} = b.x AS ${d}", ["identifier", "identifier", "identifier", "identifier"]],
		["SELECT CASE WHEN a = ${a} THEN ${b} ELSE ${c} END, CAST(${d} AS TEXT) FROM t", ["value", "value", "value", "value"]],
		["INSERT INTO ${a} (${b}) VALUES (${c})", ["identifier", "identifier", "list"]],
		["INSERT INTO t (a, ${b}) VALUES (?, ${c}), (${d}, ${e})", ["identifier", "value", "value", "value"]],
		["INSERT INTO t ${a} VALUES ${b}", ["identifier", "list"]],
		["INSERT INTO t VALUES (?) ${rest}", ["clause"]],
		["INSERT ${or} INTO t VALUES (?)", ["clause"]],
		["INSERT INTO t VALUES (?) ON CONFLICT (${a}) DO UPDATE SET ${b} WHERE c < ${c} RETURNING ${d}", ["identifier", "clause", "value", "identifier"]],
		["UPDATE ${a} SET ${b} = ${c}, d = d + ${d} WHERE id = ${e}", ["identifier", "identifier", "value", "value", "value"]],
		["UPDATE t SET ${sets} WHERE ${conditions}", ["clause", "clause"]],
		["CREATE TABLE IF NOT EXISTS ${a} (${b}, c TEXT DEFAULT ${c}, ${d} TEXT, e ${e})", ["identifier", "clause", "value", "identifier", "clause"]],
		["CREATE INDEX ${a} ON ${b} (${c})", ["identifier", "identifier", "identifier"]],
		["CREATE TRIGGER ${a} AFTER INSERT ON ${b} BEGIN DELETE FROM ${c} WHERE id = ${d}; END", ["identifier", "identifier", "identifier", "value"]],
		["ALTER TABLE ${a} RENAME ${b} TO ${c}", ["identifier", "identifier", "identifier"]],
		["DROP TABLE ${a}", ["identifier"]],
		["PRAGMA ${a} = ${b}", ["identifier", "value"]],
		["PRAGMA table_info(${a})", ["identifier"]],
		["SELECT ?${a}, :p${b}", ["in-parameter", "in-parameter"]],
		["SELECT 1 -- ${a}\n, 2 /* ${b} */", ["in-comment", "in-comment"]],
		["${a}", ["unknown"]],
		["SELECT datetime('now', '-${days} days')", ["in-string"]],
	])("%s", (source, expected) => {
		expect(roles(source)).toEqual(expected);
	});
});
