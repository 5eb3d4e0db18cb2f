import { allowedPragmas, forbiddenFunctions, MAX_COLUMNS, MAX_PARAMETERS, RESERVED_PREFIX } from "../../facts/storage.ts";
import { isUnreadable, type SqlCall } from "../../model/sql.ts";
import { sqlTexts } from "../../model/sql-wrappers.ts";
import type { SqlName, SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Further PRAGMAs to accept, by name. */
	readonly allowPragmas: readonly string[];
}

interface Fault {
	readonly messageId: "pragma" | "pragmaArgument" | "version" | "statement" | "reservedName" | "function" | "earlierParameters" | "tooManyParameters" | "bindingCount" | "tooManyColumns" | "noStatement";
	readonly data?: Readonly<Record<string, string>>;
}

export default defineRule({
	name: "no-forbidden-sql",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow SQL that the runtime refuses to run",
		messages: {
			pragma: "exec() throws \"not authorized\" on PRAGMA {{name}}: it is not among those that a Durable Object may use. Leave it out.",
			version: "exec() throws \"not authorized\" on PRAGMA user_version. Keep the version of the schema in a table of your own, or under a key of ctx.storage.kv.",
			pragmaArgument: "exec() throws \"not authorized\" on PRAGMA {{name}} {{how}} an argument.",
			statement: "exec() throws on {{keyword}}: a Durable Object has one database, without temporary or attached ones, and works in a transaction at all times. Leave it out.",
			reservedName: "exec() throws \"not authorized\" on {{name}}: names that begin with _cf_ belong to the runtime. Give it another name.",
			function: "exec() throws \"not authorized\" on {{name}}(). Leave the call out.",
			earlierParameters: "exec() throws: of several statements in one text only the last can have parameters. Run each statement that has some in an exec() of its own.",
			tooManyParameters: "exec() throws: the statement has {{count}} parameters, and 100 are allowed. Bind a JSON array and read it with json_each(?), or run it in batches.",
			bindingCount: "exec() throws: the statement has {{params}} and is given {{values}}. Bind one value to each parameter.",
			tooManyColumns: "exec() throws: the table has {{count}} columns, and 100 are allowed. Keep what is rarely asked for together in one JSON column.",
			noStatement: "exec() throws: the text has no statement.",
		},
		schema: [
			{
				type: "object",
				properties: { allowPragmas: { type: "array", items: { type: "string" }, uniqueItems: true, description: "PRAGMAs to accept although the runtime was not known to allow them." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowPragmas: [] }] as readonly [Options],
	},
	check(object, { options: [options], verdict }) {
		const calls = sqlTexts(object);
		if (calls.length === 0) {
			verdict.notApplicable("the class does not call sql.exec()");
			return;
		}
		let isViolated = false;
		const read = calls.filter((call) => !isUnreadable(call));
		for (const call of read) {
			for (const { messageId, data } of faultsOf(call, options)) {
				isViolated = true;
				verdict.violated({ at: call.source.node, messageId, ...(data && { data }) });
			}
		}
		if (isViolated) return;
		if (read.length > 0) verdict.guarded({ at: read.slice(0, 3).map(({ node }) => node), because: "the statements keep to what the runtime allows, and each parameter has its value" });
		else verdict.unknown({ at: calls.map(({ node }) => node), because: "the text of the statements cannot be read" });
	},
});

function* faultsOf(call: SqlCall, options: Options): Generator<Fault> {
	const { statements } = call;
	for (const [index, statement] of statements.entries()) {
		yield* statementFaults(statement, options);
		if (index < statements.length - 1 && statement.params > 0) {
			yield { messageId: "earlierParameters" };
			return;
		}
	}
	if (!call.isThroughMethod) yield* bindingFaults(call);
}

function* statementFaults(statement: SqlStatement, { allowPragmas }: Options): Generator<Fault> {
	const { kind, pragmaName, pragmaHasArgument, columnCount } = statement;
	if (kind === "empty") {
		if (statement.holes.length === 0) yield { messageId: "noStatement" };
		return;
	}
	if (pragmaName !== null && statement.holes.length === 0 && !allowPragmas.some((name) => name.toLowerCase() === pragmaName.toLowerCase())) {
		const allowed = allowedPragmas[pragmaName.toLowerCase()];
		if (pragmaName.toLowerCase() === "user_version") yield { messageId: "version" };
		else if (!allowed) yield { messageId: "pragma", data: { name: pragmaName } };
		else if (allowed === "never" && pragmaHasArgument) yield { messageId: "pragmaArgument", data: { name: pragmaName, how: "with" } };
		else if (allowed === "required" && !pragmaHasArgument) yield { messageId: "pragmaArgument", data: { name: pragmaName, how: "without" } };
	}
	if (kind === "attach" || kind === "detach" || kind === "vacuum") yield { messageId: "statement", data: { keyword: kind.toUpperCase() } };
	if (statement.temporary) yield { messageId: "statement", data: { keyword: "CREATE TEMP" } };
	const reserved = [...statement.reads, ...statement.writes, statement.subject].find((name) => isReserved(name));
	if (reserved?.name) yield { messageId: "reservedName", data: { name: reserved.name } };
	const called = statement.functions.find(({ name }) => name !== null && forbiddenFunctions.has(name));
	if (called?.name) yield { messageId: "function", data: { name: called.name } };
	if (columnCount !== null && columnCount > MAX_COLUMNS) yield { messageId: "tooManyColumns", data: { count: String(columnCount) } };
	if (statement.params > MAX_PARAMETERS) yield { messageId: "tooManyParameters", data: { count: String(statement.params) } };
}

const isReserved = (name: SqlName | null): boolean => name?.name?.startsWith(RESERVED_PREFIX) ?? false;

function* bindingFaults({ statements, bindings, source }: SqlCall): Generator<Fault> {
	const last = statements.at(-1) as SqlStatement;
	const isCountable = source.isExact && last.paramsExact && !last.opaque && !bindings.some(({ type }) => type === "SpreadElement");
	if (!isCountable || last.kind === "empty" || last.params > MAX_PARAMETERS || last.params === bindings.length) return;
	yield { messageId: "bindingCount", data: { params: counted(last.params, "parameter"), values: counted(bindings.length, "value") } };
}

const counted = (count: number, noun: string): string => `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
