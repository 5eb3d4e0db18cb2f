import type { TSESTree } from "@typescript-eslint/utils";

export type VisitorKeys = Readonly<Record<string, readonly string[] | undefined>>;

/** Whether a value found in an AST node's property is a node. */
function isNode(value: unknown): value is TSESTree.Node {
	return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The direct children of a node, in source order of its visitor keys. */
export function childrenOf(node: TSESTree.Node, visitorKeys: VisitorKeys): TSESTree.Node[] {
	const children: TSESTree.Node[] = [];
	pushChildren(node, visitorKeys, children);
	return children.reverse();
}

/** Appends a node's children to a stack, last one first, so that they are popped in source order. */
function pushChildren(node: TSESTree.Node, visitorKeys: VisitorKeys, stack: TSESTree.Node[]): void {
	const keys = visitorKeys[node.type];
	if (!keys) return;
	for (let index = keys.length - 1; index >= 0; index--) {
		const value: unknown = (node as unknown as Record<string, unknown>)[keys[index] as string];
		if (Array.isArray(value)) {
			for (let element = value.length - 1; element >= 0; element--) if (isNode(value[element])) stack.push(value[element] as TSESTree.Node);
		} else if (isNode(value)) {
			stack.push(value);
		}
	}
}

/**
 * Visits a tree in source order. Iterative, so that deep nesting cannot exhaust the stack.
 *
 * @param enter - return `false` to leave out the node's children
 */
export function walk(root: TSESTree.Node, visitorKeys: VisitorKeys, enter: (node: TSESTree.Node) => boolean | void): void {
	const stack: TSESTree.Node[] = [root];
	for (let node = stack.pop(); node; node = stack.pop()) {
		if (enter(node) !== false) pushChildren(node, visitorKeys, stack);
	}
}
