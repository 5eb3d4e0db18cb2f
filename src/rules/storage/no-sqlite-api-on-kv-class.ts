import type { TSESTree } from "@typescript-eslint/utils";
import { storageBackendOf } from "../../model/backend.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { propertyName } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

/** Storage methods that only SQLite storage has. */
const sqliteMethods = ["transactionSync", "getCurrentBookmark", "getBookmarkForTime", "onNextSessionRestoreBookmark"];

export default defineRule({
	name: "no-sqlite-api-on-kv-class",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow SQL and other parts of SQLite storage in classes on the older key-value storage",
		messages: {
			throws: "{{what}} throws: {{name}} is on key-value storage ({{from}}), which has no such thing and cannot be converted. Create the class with new_sqlite_classes, or, if it is deployed, make a new class and move the data.",
			frameworkThrows: "{{framework}} keeps its own data in SQL, and {{name}} is on key-value storage ({{from}}): every object of the class fails as soon as it is made. Create the class with new_sqlite_classes.",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		const first = firstUse(object);
		const framework = frameworkOnSql(object);
		if (!first && !framework) {
			verdict.notApplicable("the class uses nothing that key-value storage lacks");
			return;
		}
		const { name, backend } = storageBackendOf(object);
		const at = first ?? object.node.superClass ?? object.node;
		if (backend.value === "unknown") verdict.unknown({ at, because: "no configuration says which storage the class is on" });
		else if (backend.value === "sqlite") verdict.guarded({ at, because: `the class is on SQLite storage (${backend.from})` });
		else if (framework) verdict.violated({ at: object.node.superClass ?? at, messageId: "frameworkThrows", data: { framework, name, from: backend.from } });
		else if (first) verdict.violated({ at: first, messageId: "throws", data: { what: object.file.textOf(first.type === "CallExpression" ? first.callee : first), name, from: backend.from } });
	},
});

function firstUse(object: DurableObjectClass): TSESTree.CallExpression | TSESTree.MemberExpression | null {
	const call = object.platformCalls.find(({ on, method }) => on === "sql" || on === "kv" || (on === "storage" && sqliteMethods.includes(method)))?.node;
	return call ?? sizeRead(object);
}

/** `sql.databaseSize`: a property, but it asks the database. */
function sizeRead(object: DurableObjectClass): TSESTree.MemberExpression | null {
	let found: TSESTree.MemberExpression | null = null;
	if (!object.file.text.includes("databaseSize")) return found;
	object.file.walk(object.node.body, (node) => {
		if (node.type === "MemberExpression" && propertyName(node) === "databaseSize" && object.handle(node.object) === "sql") found ??= node;
		return found === null;
	});
	return found;
}

function frameworkOnSql({ ancestry, framework }: DurableObjectClass): string | null {
	return ancestry.framework === "agents" || ancestry.framework === "containers" ? (framework?.title ?? null) : null;
}
