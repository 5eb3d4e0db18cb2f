/** Small questions about single AST nodes. */
import type { TSESTree } from "@typescript-eslint/utils";

export type FunctionNode = TSESTree.FunctionDeclaration | TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression;
export type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression;

export function isFunction(node: TSESTree.Node | null | undefined): node is FunctionNode {
	return (
		node?.type === "FunctionDeclaration" || node?.type === "FunctionExpression" || node?.type === "ArrowFunctionExpression"
	);
}

export function isClass(node: TSESTree.Node | null | undefined): node is ClassNode {
	return node?.type === "ClassDeclaration" || node?.type === "ClassExpression";
}

/** The types that a class says it implements. ESLint's own parser, for JavaScript, does not know the word and leaves the list out. */
export function implementedBy(node: ClassNode): readonly TSESTree.TSClassImplements[] {
	return (node as { readonly implements?: TSESTree.TSClassImplements[] }).implements ?? [];
}

/** The expression under type assertions, non-null assertions and optional chains: what it evaluates to is the same. */
export function unwrap(node: TSESTree.Node): TSESTree.Node {
	let current = node;
	for (;;) {
		switch (current.type) {
			case "TSAsExpression":
			case "TSTypeAssertion":
			case "TSNonNullExpression":
			case "TSSatisfiesExpression":
			case "TSInstantiationExpression":
			case "ChainExpression":
				current = current.expression;
				break;
			default:
				return current;
		}
	}
}

/** The outermost node that still evaluates to `node`: the inverse of `unwrap`. */
export function wrapped(node: TSESTree.Node): TSESTree.Node {
	let current = node;
	while (current.parent && unwrap(current.parent) === unwrap(current) && current.parent !== current) {
		current = current.parent;
	}
	return current;
}

/** The name in `object.name`, `object["name"]` or `object.#name` (with its `#`); null when computed at run time. */
export function propertyName(node: TSESTree.MemberExpression): string | null {
	if (node.property.type === "PrivateIdentifier") return `#${node.property.name}`;
	if (!node.computed) return node.property.type === "Identifier" ? node.property.name : null;
	return literalKey(node.property);
}

/** The name of a property, method or class member: `name`, `"name"`, `#name`, `0`; null when computed at run time. */
export function keyName(node: {
	readonly key: TSESTree.Node;
	readonly computed?: boolean;
}): string | null {
	if (node.key.type === "PrivateIdentifier") return `#${node.key.name}`;
	if (!node.computed && node.key.type === "Identifier") return node.key.name;
	return literalKey(node.key);
}

function literalKey(node: TSESTree.Node): string | null {
	const bare = unwrap(node);
	if (bare.type === "Literal" && (typeof bare.value === "string" || typeof bare.value === "number")) return String(bare.value);
	if (bare.type === "TemplateLiteral" && bare.expressions.length === 0) return bare.quasis[0]?.value.cooked ?? null;
	return null;
}

/** The method called by `object.method()`, or null when the call is of another shape. */
export function calledMember(
	node: TSESTree.CallExpression,
): { readonly object: TSESTree.Expression; readonly name: string; readonly member: TSESTree.MemberExpression } | null {
	const callee = unwrap(node.callee);
	if (callee.type !== "MemberExpression") return null;
	const name = propertyName(callee);
	return name === null ? null : { object: callee.object, name, member: callee };
}

/** The innermost function around a node, or null at module level (or in a field initialiser or static block). */
export function enclosingFunction(node: TSESTree.Node): FunctionNode | null {
	for (let current = node.parent; current; current = current.parent) {
		if (isFunction(current)) return current;
		if (current.type === "PropertyDefinition" || current.type === "StaticBlock") return null;
	}
	return null;
}

export function enclosingClass(node: TSESTree.Node): ClassNode | null {
	for (let current = node.parent; current; current = current.parent) if (isClass(current)) return current;
	return null;
}

export function contains(outer: TSESTree.Node, inner: TSESTree.Node): boolean {
	return outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1];
}

/** The items whose nodes stand inside `outer`, of a list in source order; found by halving. */
export function within<T>(items: readonly T[], nodeOf: (item: T) => TSESTree.Node, outer: TSESTree.Node): readonly T[] {
	const [start, end] = outer.range;
	const from = firstAt(items, nodeOf, start);
	const to = firstAt(items, nodeOf, end);
	return items.slice(from, to);
}

/** The index of the first item that begins at `offset` or after it. */
export function firstAt<T>(items: readonly T[], nodeOf: (item: T) => TSESTree.Node, offset: number): number {
	let low = 0;
	let high = items.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (nodeOf(items[middle] as T).range[0] < offset) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** The names that a type annotation can stand for: `A | undefined` gives A, `Readonly<A>` gives Readonly and A. */
export function typeNames(annotation: TSESTree.TypeNode | null | undefined): readonly TSESTree.Identifier[] {
	if (!annotation) return [];
	switch (annotation.type) {
		case "TSTypeReference": {
			const name = annotation.typeName.type === "Identifier" ? [annotation.typeName] : [];
			return [...name, ...(annotation.typeArguments?.params ?? []).flatMap(typeNames)];
		}
		case "TSUnionType":
		case "TSIntersectionType":
			return annotation.types.flatMap(typeNames);
		default:
			return [];
	}
}

/** True for an identifier in a place where it stands for a value: not a property name, key or type. */
export function isValueReference(node: TSESTree.Identifier): boolean {
	const { parent } = node;
	if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
	if (parent.type === "Property") return parent.value === node || parent.computed;
	return true;
}
