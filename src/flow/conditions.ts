/** What is known of a value where a test has come out one way. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Access } from "./host.ts";
import { unwrap } from "../syntax/nodes.ts";

export type Constant = string | number | boolean | bigint;

export type Test =
	| { readonly is: "present" | "absent" }
	| { readonly is: "equal" | "different"; readonly to: Constant }
	/** `n > 0` came out as `holds`. */
	| { readonly is: "ordered"; readonly operator: "<" | "<=" | ">" | ">="; readonly to: Constant; readonly holds: boolean }
	/** Compared in some other way: `n < limit`, `a === b`, or only one of several tests. */
	| { readonly is: "other" };

export interface Fact {
	/** The expression that is tested. */
	readonly operand: TSESTree.Node;
	readonly test: Test;
}

/** Deeper tests than people write are cut off. */
const MAX_FACTS = 32;

export function factsOf(test: TSESTree.Node, outcome: boolean): readonly Fact[] {
	const facts: Fact[] = [];
	const queue: { node: TSESTree.Node; outcome: boolean | null }[] = [{ node: test, outcome }];
	for (let entry = queue.pop(); entry && facts.length < MAX_FACTS; entry = queue.pop()) {
		const node = unwrap(entry.node);
		if (node.type === "UnaryExpression" && node.operator === "!") {
			queue.push({ node: node.argument, outcome: entry.outcome === null ? null : !entry.outcome });
		} else if (node.type === "CallExpression" && isBooleanCall(node)) {
			queue.push({ node: node.arguments[0] as TSESTree.Node, outcome: entry.outcome });
		} else if (node.type === "LogicalExpression") {
			// `a && b` says of both what they are only when it holds, `a || b` only when it does not.
			const isSaid = node.operator === "&&" ? entry.outcome === true : node.operator === "||" ? entry.outcome === false : false;
			const inner = isSaid ? entry.outcome : null;
			queue.push({ node: node.right, outcome: inner }, { node: node.left, outcome: inner });
		} else {
			facts.push(factOf(node, entry.outcome));
		}
	}
	return facts;
}

function isBooleanCall(node: TSESTree.CallExpression): boolean {
	return node.callee.type === "Identifier" && node.callee.name === "Boolean" && node.arguments.length === 1;
}

function factOf(node: TSESTree.Node, outcome: boolean | null): Fact {
	if (node.type === "BinaryExpression" && /^[!=]==?$/u.test(node.operator)) {
		const isEqual = outcome === null ? null : node.operator.startsWith("=") === outcome;
		for (const [operand, other] of [[node.left, node.right], [node.right, node.left]] as const) {
			const constant = constantOf(other);
			if (constant === undefined) continue;
			if (isEqual === null) return { operand, test: { is: "other" } };
			if (constant === null) return { operand, test: { is: isEqual ? "absent" : "present" } };
			return { operand, test: { is: isEqual ? "equal" : "different", to: constant } };
		}
		return { operand: node, test: { is: "other" } };
	}
	if (node.type === "BinaryExpression" && isOrder(node.operator) && outcome !== null) {
		const right = constantOf(node.right);
		if (right !== undefined && right !== null) return { operand: node.left, test: { is: "ordered", operator: node.operator, to: right, holds: outcome } };
		const left = constantOf(node.left);
		if (left !== undefined && left !== null) return { operand: node.right, test: { is: "ordered", operator: mirrored[node.operator], to: left, holds: outcome } };
	}
	if (node.type === "BinaryExpression" || outcome === null) return { operand: node, test: { is: "other" } };
	return { operand: node, test: { is: outcome ? "present" : "absent" } };
}

const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

function isOrder(operator: string): operator is keyof typeof mirrored {
	return operator in mirrored;
}

function isOrdered(left: Constant, operator: keyof typeof mirrored, right: Constant): boolean {
	switch (operator) {
		case "<":
			return left < right;
		case "<=":
			return left <= right;
		case ">":
			return left > right;
		case ">=":
			return left >= right;
	}
}

/** A literal's value, null for `null` and `undefined`, undefined for anything else. */
export function constantOf(start: TSESTree.Node): Constant | null | undefined {
	const node = unwrap(start);
	if (node.type === "Literal") {
		const { value } = node;
		return value instanceof RegExp ? undefined : value;
	}
	if (node.type === "Identifier" && node.name === "undefined") return null;
	if (node.type === "UnaryExpression" && node.operator === "void") return null;
	if (node.type === "UnaryExpression" && node.operator === "-" && node.argument.type === "Literal" && typeof node.argument.value === "number") return -node.argument.value;
	if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
	return undefined;
}

/** What a write leaves: nothing that a truthiness test would find, a known constant, or some other value. */
function leaving(access: Access): { readonly isEmpty: boolean; readonly constant: Constant | null } {
	if (access.clears || access.wipes) return { isEmpty: true, constant: null };
	const [only, ...others] = access.inputs;
	const constant = only && others.length === 0 ? constantOf(only) : undefined;
	if (constant === undefined) return { isEmpty: only !== undefined && others.length === 0 && isEmptyCollection(only), constant: null };
	return { isEmpty: constant === null || constant === false || constant === 0 || constant === "", constant };
}

/** `[]`, `{}`, `new Map()`: what a collection is emptied with. */
export function isEmptyCollection(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "ArrayExpression") return node.elements.length === 0;
	if (node.type === "NewExpression") return node.arguments.length === 0 && node.callee.type === "Identifier" && (node.callee.name === "Map" || node.callee.name === "Set");
	return false;
}

/** How a write makes a test that let it pass fail from now on: by setting what was absent, or by taking away what was there. */
export function flipOf(test: Test, access: Access): "sets" | "clears" | null {
	const left = leaving(access);
	switch (test.is) {
		case "absent":
			return left.isEmpty ? null : "sets";
		case "present":
			return left.isEmpty ? "clears" : null;
		case "equal":
			if (left.constant !== null) return left.constant === test.to ? null : "sets";
			return left.isEmpty && Boolean(test.to) ? "clears" : null;
		case "different":
			return left.constant !== null && left.constant === test.to ? "sets" : null;
		case "ordered":
			return left.constant !== null && isOrdered(left.constant, test.operator, test.to) !== test.holds ? "sets" : null;
		default:
			return null;
	}
}
