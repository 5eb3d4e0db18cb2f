import { isUnreadable } from "../../model/sql.ts";
import { sqlTexts } from "../../model/sql-wrappers.ts";
import type { SqlStatementKind } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject, located } from "../subjects.ts";

const controls: readonly SqlStatementKind[] = ["begin", "commit", "rollback", "savepoint", "release"];

export default defineRule({
	name: "no-sql-transaction-control",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow BEGIN, COMMIT, ROLLBACK and SAVEPOINT, which the runtime refuses",
		messages: {
			refused: "exec() throws on {{keyword}}: transactions are not controlled by SQL here. Make the statements in the callback of ctx.storage.transactionSync(); it commits when the callback returns, and rolls back when it throws.",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		const calls = sqlTexts(object);
		let isViolated = false;
		for (const { statements, source } of calls) {
			const control = statements.find(({ kind }) => controls.includes(kind));
			if (!control) continue;
			isViolated = true;
			verdict.violated({ at: source.node, messageId: "refused", data: { keyword: control.kind.toUpperCase() } });
		}
		if (isViolated) return;
		const transactions = object.callsOf("storage", "transactionSync", "transaction");
		if (transactions.length > 0) {
			verdict.guarded({ at: transactions.slice(0, 3).map(({ node }) => located(node)), because: "the transaction is made by the storage API, which commits and rolls back by itself" });
			return;
		}
		const unread = calls.filter(isUnreadable);
		if (unread.length > 0) verdict.unknown({ at: unread.map(({ node }) => node), because: "the text of a statement cannot be read" });
		else verdict.notApplicable(calls.length > 0 ? "the class makes no transactions" : "the class does not call sql.exec()");
	},
});
