import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { type Provenance, provenanceOf } from "../../model/provenance.ts";
import { agentSqlTemplates, isUnreadable, type SqlCall } from "../../model/sql.ts";
import { sqlTexts } from "../../model/sql-wrappers.ts";
import { contains, unwrap } from "../../syntax/nodes.ts";
import type { SqlHoleRole } from "../../syntax/sql.ts";
import { typeQuestions } from "../../syntax/types.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether numbers may be put into the text: they cannot break out of it, but each one is another statement to prepare. */
	readonly allowNumbers: boolean;
}

/** Roles in which a bound parameter could stand. */
const bindable: ReadonlySet<SqlHoleRole> = new Set(["value", "list", "in-string"]);

export default defineRule({
	name: "no-sql-interpolation",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow values within the text of SQL statements; bind them",
		messages: {
			value:
				"{{expression}} becomes part of the SQL text: a quote in it breaks the statement, and whoever chooses it can make the statement do something else. Write ? there, and give the value to exec() as a further argument.",
			name:
				"{{expression}} comes from outside and becomes part of the SQL itself: whoever chooses it decides what the statement does. Look it up in a list of the names that are allowed.",
			bind: "Bind the values.",
		},
		schema: [
			{
				type: "object",
				properties: { allowNumbers: { type: "boolean", description: "Whether an expression that is known to be a number may become part of the text." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowNumbers: true }] as readonly [Options],
		strictOptions: [{ allowNumbers: false }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ allowNumbers }], verdict, sourceCode }) {
		const calls = sqlTexts(object);
		if (calls.length === 0) {
			const templates = agentSqlTemplates(object);
			const bound = templates.filter(({ quasi }) => quasi.expressions.length > 0);
			if (templates.length > 0) {
				verdict.guarded({ at: (bound.length > 0 ? bound : templates).slice(0, 3), because: bound.length > 0 ? "this.sql binds the values in its template" : "the SQL text is made of constants" });
				return;
			}
			verdict.notApplicable("the class does not call sql.exec()");
			return;
		}
		const types = typeQuestions(sourceCode);
		let isSettled = true;
		let isViolated = false;
		for (const call of calls) {
			if (isUnreadable(call)) {
				isSettled = false;
				verdict.unknown({ at: call.node, because: "the text of the statement cannot be read" });
				continue;
			}
			const holes = call.statements.flatMap((statement) => statement.holes);
			for (const { index, role } of holes) {
				const node = call.source.holes[index];
				if (!node || role === "in-comment") continue;
				const provenance = provenanceOf(node, object, types?.isNumber);
				const fault = faultOf(role, provenance, allowNumbers);
				if (fault === "unknown") {
					isSettled = false;
					verdict.unknown({ at: node, because: `where ${shown(node, object.file.text)} comes from cannot be told` });
				} else if (fault) {
					isViolated = true;
					const fix = fault === "value" ? bindSuggestion(call, object.file.text) : null;
					verdict.violated({
						at: node,
						messageId: fault,
						data: { expression: shown(node, object.file.text) },
						suggest: fix ? [{ messageId: "bind", fix }] : [],
					});
				}
			}
		}
		if (!isSettled || isViolated) return;
		const bound = calls.filter(({ bindings }) => bindings.length > 0);
		const at = (bound.length > 0 ? bound : calls).slice(0, 3).map(({ node }) => node);
		verdict.guarded({ at, because: bound.length > 0 ? "values are bound, and nothing else but constants becomes part of the SQL text" : "the SQL text is made of constants" });
	},
});

function faultOf(role: SqlHoleRole, provenance: Provenance, allowNumbers: boolean): "value" | "name" | "unknown" | null {
	switch (provenance) {
		case "constant":
		case "checked":
			return null;
		case "number":
			return role === "value" && !allowNumbers ? "value" : null;
		case "unknown":
			return "unknown";
		case "dynamic":
			return bindable.has(role) ? "value" : "unknown";
		case "outside":
			return bindable.has(role) ? "value" : "name";
	}
}

const MAX_SHOWN = 40;

function shown(node: TSESTree.Node, text: string): string {
	const source = text.slice(node.range[0], node.range[1]).replaceAll(/\s+/gu, " ");
	return source.length > MAX_SHOWN ? `${source.slice(0, MAX_SHOWN - 1)}…` : source;
}

/**
 * Replaces every value of a template by `?` and binds them in order. Only where that is the whole of it: one statement,
 * no parameters yet, all values in the template that `exec` is given, strings in quotes of their own.
 */
function bindSuggestion(call: SqlCall, text: string): Rule.ReportFixer | null {
	const [statement, ...others] = call.statements;
	const template = call.node.arguments[0] && unwrap(call.node.arguments[0]);
	if (!statement || others.length > 0 || template?.type !== "TemplateLiteral" || call.isThroughMethod || call.bindings.length > 0 || statement.params > 0) return null;
	const edits: { readonly range: [number, number]; readonly value: TSESTree.Node }[] = [];
	for (const { index, role } of statement.holes) {
		const value = call.source.holes[index];
		if (!value || !contains(template, value)) return null;
		const position = template.expressions.findIndex((expression) => unwrap(expression) === value);
		if (role === "list" || role === "unknown" || role === "in-parameter") return null;
		if (!bindable.has(role)) continue;
		const before = template.quasis[position];
		const after = template.quasis[position + 1];
		const expression = template.expressions[position];
		if (!before || !after || !expression) return null;
		// From `${` to `}`, or from quote to quote.
		let start = text.lastIndexOf("${", expression.range[0]);
		let end = text.indexOf("}", expression.range[1]) + 1;
		if (role === "in-string") {
			if (!before.value.raw.endsWith("'") || !after.value.raw.startsWith("'") || /^''/u.test(after.value.raw) || /''$/u.test(before.value.raw)) return null;
			start--;
			end++;
		}
		edits.push({ range: [start, end], value: expression });
	}
	const values = edits.map(({ value }) => text.slice(value.range[0], value.range[1])).join(", ");
	return (fixer) => [...edits.map(({ range }) => fixer.replaceTextRange(range, "?")), fixer.insertTextAfterRange([...template.range], `, ${values}`)];
}
