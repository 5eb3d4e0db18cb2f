/** Which pieces of code can run after one another, as far as the shape of the statements around them says. */
import type { TSESTree } from "@typescript-eslint/utils";
import { contains, isFunction } from "./nodes.ts";

/** True when a node's errors are caught before they leave `boundary` (or the function around the node). */
export function isCaught(node: TSESTree.Node, boundary: TSESTree.Node | null): TSESTree.TryStatement | null {
	for (let current: TSESTree.Node = node; current.parent && current !== boundary; current = current.parent) {
		const { parent } = current;
		if (parent.type === "TryStatement" && parent.block === current && parent.handler) return parent;
		if (isFunction(parent)) return null;
	}
	return null;
}

/**
 * True when only one of two nodes of a function can run in one go: they stand in different branches of one choice, or one
 * stands in a branch that leaves the function before the other.
 */
export function areExclusive(a: TSESTree.Node, b: TSESTree.Node): boolean {
	const [first, second] = a.range[0] <= b.range[0] ? [a, b] : [b, a];
	for (let current: TSESTree.Node = first; current.parent && !isFunction(current); current = current.parent) {
		const { parent } = current;
		if (parent.type === "IfStatement" || parent.type === "ConditionalExpression") {
			if (current === parent.test) continue;
			if (contains(parent, second)) return !contains(current, second) && !contains(parent.test, second);
			if (parent.type === "IfStatement" && leaves(current)) return true;
		} else if (parent.type === "SwitchCase" && contains(parent.parent, second)) {
			return !contains(parent, second);
		}
		if (contains(parent, second) && parent.type !== "BlockStatement") break;
	}
	return false;
}

/** True when control never reaches the end of a statement: its last statement returns, throws, breaks or continues. */
export function leaves(statement: TSESTree.Node): boolean {
	switch (statement.type) {
		case "ReturnStatement":
		case "ThrowStatement":
		case "BreakStatement":
		case "ContinueStatement":
			return true;
		case "BlockStatement": {
			const last = statement.body.at(-1);
			return last !== undefined && leaves(last);
		}
		case "IfStatement":
			return statement.alternate !== null && leaves(statement.consequent) && leaves(statement.alternate);
		default:
			return false;
	}
}
