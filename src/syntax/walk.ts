import type { TSESTree } from "@typescript-eslint/utils";
import type { SourceCode } from "eslint";
import { firstAt } from "./nodes.ts";

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

/**
 * A tree that ESLint has walked: its nodes in that order. What costs when a tree is walked is to read each node's
 * properties; here that is done once for all walks, by ESLint itself.
 */
export class WalkedTree {
	readonly #nodes: TSESTree.Node[] = [];
	/** For each node, the index of the first one after its subtree. */
	readonly #ends: number[] = [];

	/** Null where the host does not tell its steps: not every linter that runs ESLint's plugins does. */
	static of(sourceCode: SourceCode): WalkedTree | null {
		let steps: ReturnType<SourceCode["traverse"]>;
		try {
			steps = sourceCode.traverse();
		} catch {
			return null;
		}
		const tree = new WalkedTree(steps);
		return tree.#nodes[0] === (sourceCode.ast as unknown) ? tree : null;
	}

	private constructor(steps: ReturnType<SourceCode["traverse"]>) {
		const open: number[] = [];
		for (const step of steps) {
			if (step.kind !== 1) continue;
			if (step.phase === 1) {
				open.push(this.#nodes.push(step.target as TSESTree.Node) - 1);
				this.#ends.push(0);
			} else {
				this.#ends[open.pop() as number] = this.#nodes.length;
			}
		}
	}

	/** As `walk`, of a part of the tree; false when `root` is not found in it. */
	walk(root: TSESTree.Node, enter: (node: TSESTree.Node) => boolean | void): boolean {
		const start = this.#indexOf(root);
		if (start === -1) return false;
		const end = this.#ends[start] as number;
		for (let index = start; index < end; ) {
			index = enter(this.#nodes[index] as TSESTree.Node) === false ? (this.#ends[index] as number) : index + 1;
		}
		return true;
	}

	/** The nodes stand in source order but for some in template literals, which may not be found. */
	#indexOf(node: TSESTree.Node): number {
		const [start] = node.range;
		for (let index = firstAt(this.#nodes, (each) => each, start); this.#nodes[index]?.range[0] === start; index++) {
			if (this.#nodes[index] === node) return index;
		}
		return -1;
	}
}
