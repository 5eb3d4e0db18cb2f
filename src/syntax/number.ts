import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { getStaticValue } from "@typescript-eslint/utils/ast-utils";
import type { SourceFile } from "./source-file.ts";

/** The number that an expression is known to be (`5 * 60_000`, a constant), or null. */
export function constantNumber(node: TSESTree.Node, file: SourceFile): number | null {
	const evaluated = getStaticValue(node, scopeAt(node, file) ?? undefined);
	return typeof evaluated?.value === "number" ? evaluated.value : null;
}

/** The innermost scope in which a node stands. */
function scopeAt(node: TSESTree.Node, file: SourceFile): Scope.Scope | null {
	const { scopeManager } = file.bindings;
	for (let current: TSESTree.Node | undefined = node; current; current = current.parent) {
		const scope = scopeManager.acquire(current, true);
		if (scope) return scope.type === "function-expression-name" ? (scope.childScopes[0] ?? scope) : scope;
	}
	return scopeManager.globalScope;
}
