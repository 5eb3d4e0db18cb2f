import type { TSESTree } from "@typescript-eslint/utils";

export type VisitorKeys = Readonly<Record<string, readonly string[] | undefined>>;

/** Whether a value found in an AST node's property is a node. */
function isNode(value: unknown): value is TSESTree.Node {
	return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The direct children of a node, in source order of its visitor keys. */
export function childrenOf(node: TSESTree.Node, visitorKeys: VisitorKeys): TSESTree.Node[] {
	const children: TSESTree.Node[] = [];
	for (const key of visitorKeys[node.type] ?? []) {
		const value: unknown = (node as unknown as Record<string, unknown>)[key];
		if (Array.isArray(value)) {
			for (const element of value) if (isNode(element)) children.push(element);
		} else if (isNode(value)) {
			children.push(value);
		}
	}
	return children;
}

/**
 * Visits a tree in source order. Iterative, so that deep nesting cannot exhaust the stack.
 *
 * @param enter - return `false` to leave out the node's children
 */
export function walk(root: TSESTree.Node, visitorKeys: VisitorKeys, enter: (node: TSESTree.Node) => boolean | void): void {
	const stack: TSESTree.Node[] = [root];
	for (let node = stack.pop(); node; node = stack.pop()) {
		if (enter(node) === false) continue;
		const children = childrenOf(node, visitorKeys);
		for (let index = children.length - 1; index >= 0; index--) stack.push(children[index] as TSESTree.Node);
	}
}
