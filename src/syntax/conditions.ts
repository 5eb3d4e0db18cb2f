/** What decides whether a piece of code runs, once the function around it has been called. */
import type { TSESTree } from "@typescript-eslint/utils";
import { isFunction } from "./nodes.ts";
import type { SourceFile } from "./source-file.ts";

export interface Condition {
	readonly kind:
		/** A branch of `if`, `?:`, `switch`, `&&`, `||`, `??`. */
		| "choice"
		/** The body of a loop, or of a callback that is run for each element. */
		| "loop"
		/** Code after which a branch may have returned already. */
		| "return"
		/** Code after which a branch may have thrown already. */
		| "throw"
		/** A `catch`: runs only after an error. */
		| "catch";
	/** What is tested: the test of a branch or loop, the collection of a `for...of`; the clause itself for a `catch`. */
	readonly test: TSESTree.Node;
}

/**
 * All conditions that hold a node back, innermost first, up to `boundary` (a function or any node around it).
 * An early return counts for everything after it in the same block.
 */
export function conditionsOf(node: TSESTree.Node, boundary: TSESTree.Node, file: SourceFile): readonly Condition[] {
	const found: Condition[] = [];
	for (let current = node; current !== boundary && current.parent; current = current.parent) {
		const { parent } = current;
		switch (parent.type) {
			case "IfStatement":
			case "ConditionalExpression":
				if (current !== parent.test) found.push({ kind: "choice", test: parent.test });
				break;
			case "LogicalExpression":
				if (current === parent.right) found.push({ kind: "choice", test: parent.left });
				break;
			case "AssignmentExpression":
				if (current === parent.right && /^(?:\?\?|\|\||&&)=$/u.test(parent.operator)) found.push({ kind: "choice", test: parent.left });
				break;
			case "SwitchCase":
				if (current !== parent.test) found.push({ kind: "choice", test: parent.parent.discriminant }, ...exitsBefore(current, parent.consequent, file));
				break;
			case "WhileStatement":
				if (current === parent.body) found.push({ kind: "loop", test: parent.test });
				break;
			case "ForStatement":
				if (current === parent.body) found.push({ kind: "loop", test: parent.test ?? parent });
				break;
			case "ForOfStatement":
			case "ForInStatement":
				if (current === parent.body) found.push({ kind: "loop", test: parent.right });
				break;
			case "CatchClause":
				found.push({ kind: "catch", test: parent });
				break;
			case "BlockStatement":
			case "StaticBlock":
			case "Program":
				found.push(...exitsBefore(current, parent.body, file));
				break;
			default:
		}
	}
	return found;
}

/** The tests of the statements before one, in a list, that may have left the function or the loop around them. */
function exitsBefore(statement: TSESTree.Node, list: readonly TSESTree.Node[], file: SourceFile): readonly Condition[] {
	const found: Condition[] = [];
	for (const earlier of list) {
		if (earlier === statement) break;
		file.walk(earlier, (child) => {
			if (isFunction(child)) return false;
			if (child.type !== "IfStatement") return true;
			const kind = exitOf(child, file);
			if (kind) found.push({ kind, test: child.test });
			return true;
		});
	}
	return found;
}

/** How a branch leaves what is around it: by returning (or ending the loop), by throwing, or not. */
function exitOf(branch: TSESTree.IfStatement, file: SourceFile): "return" | "throw" | null {
	let exit: "return" | "throw" | null = null;
	for (const part of [branch.consequent, branch.alternate]) {
		if (!part) continue;
		file.walk(part, (child) => {
			if (isFunction(child)) return false;
			if (["ReturnStatement", "BreakStatement", "ContinueStatement"].includes(child.type)) exit = "return";
			else if (child.type === "ThrowStatement") exit ??= "throw";
			return true;
		});
	}
	return exit;
}
