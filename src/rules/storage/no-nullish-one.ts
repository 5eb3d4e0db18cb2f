import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { cursorFates } from "../../model/cursors.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SqlCall, sqlCalls } from "../../model/sql.ts";
import { isCaught } from "../../syntax/branches.ts";
import { calledMember, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-nullish-one",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow treating the result of .one() as if it could be null or undefined",
		messages: {
			neverNullish: ".one() throws when there is no row: it never gives null or undefined, so what {{test}} provides for is never reached. Take the first row of .toArray(), which is undefined when there is none.",
			useFirst: "Take the first row of .toArray().",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const ones = sqlCalls(object).flatMap((call) => cursorFates(call.node, object).flatMap(({ use, at }) => (use === "one" && at.type === "CallExpression" ? [{ call, one: at }] : [])));
		const fine: TSESTree.Node[] = [];
		let isViolated = false;
		for (const { call, one } of ones) {
			const test = nullishTest(one, object);
			if (!test || isAlwaysOne(call) || isCaught(one, null)) {
				fine.push(one);
				continue;
			}
			isViolated = true;
			verdict.violated({ at: test.at, messageId: "neverNullish", data: { test: test.what }, suggest: [{ messageId: "useFirst", fix: useFirst(one) }] });
		}
		if (isViolated) return;
		if (fine.length > 0) verdict.guarded({ at: fine.slice(0, 3), because: "no code relies on .one() giving nothing: it gives a row or throws" });
		else verdict.notApplicable("the class does not use .one()");
	},
});

const isAlwaysOne = ({ statements }: SqlCall): boolean => (statements.at(-1) as SqlStatement).exactlyOneRow;

const useFirst = (one: TSESTree.CallExpression): Rule.ReportFixer => {
	const end = one.range[1];
	const called = calledMember(one);
	const start = called ? called.member.object.range[1] : end;
	return (fixer) => fixer.replaceTextRange([start, end], ".toArray()[0]");
};

interface NullishTest {
	readonly at: TSESTree.Node;
	/** In words, for the message. */
	readonly what: string;
}

/** The first place that asks whether a row is there: on the call itself, or on the variable that holds it. */
function nullishTest(one: TSESTree.Node, object: DurableObjectClass): NullishTest | null {
	const direct = testOf(one);
	if (direct) return direct;
	const row = awaited(one);
	const holder = row.parent;
	if (holder?.type !== "VariableDeclarator" || holder.init !== row || holder.id.type !== "Identifier") return null;
	const variable = object.file.bindings.variableOf(holder.id);
	// Where the variable is written again, it may hold null for another reason.
	if (!variable || variable.references.some((reference) => reference.isWrite() && !reference.init)) return null;
	for (const { identifier } of variable.references) {
		const found = testOf(identifier);
		if (found) return found;
	}
	return null;
}

/** The row under type assertions and needless awaits: it is no promise, and awaiting it gives the row. */
function awaited(start: TSESTree.Node): TSESTree.Node {
	const node = wrapped(start);
	return node.parent?.type === "AwaitExpression" ? awaited(node.parent) : node;
}

function testOf(value: TSESTree.Node): NullishTest | null {
	let node = value;
	// Through type assertions and needless awaits, but not through the optional chain that starts here.
	while (node.parent && ["AwaitExpression", "TSAsExpression", "TSNonNullExpression", "TSTypeAssertion", "TSSatisfiesExpression"].includes(node.parent.type)) node = node.parent;
	if (node.parent?.type === "ChainExpression") node = node.parent;
	const { parent } = node;
	switch (parent?.type) {
		case "LogicalExpression":
			if (parent.left !== node) return null;
			return { at: parent, what: parent.operator === "&&" ? "the test of the row" : parent.operator };
		case "MemberExpression":
			return parent.object === node && parent.optional ? { at: parent, what: "?." } : null;
		case "UnaryExpression":
			return parent.operator === "!" ? { at: parent, what: "the test for no row" } : null;
		case "IfStatement":
		case "ConditionalExpression":
			return parent.test === node ? { at: node, what: "the test of the row" } : null;
		case "BinaryExpression": {
			if (!["===", "!==", "==", "!="].includes(parent.operator)) return null;
			const other = unwrap(parent.left === node ? parent.right : parent.left);
			const isNullish = (other.type === "Literal" && other.value === null && other.raw === "null") || (other.type === "Identifier" && other.name === "undefined");
			return isNullish ? { at: parent, what: `the comparison with ${other.type === "Literal" ? "null" : "undefined"}` } : null;
		}
		default:
			return null;
	}
}
