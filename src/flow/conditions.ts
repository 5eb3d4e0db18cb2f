/** What is known of a value where a test has come out one way. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Access } from "./host.ts";
import { keyName, propertyName, unwrap } from "../syntax/nodes.ts";

export type Constant = string | number | boolean | bigint;

export type Test =
	| { readonly is: "present" | "absent" }
	| { readonly is: "equal" | "different"; readonly to: Constant }
	/** `n > 0` or `n < limit` came out as `holds`. `to`: the value of `than` where it is a constant. `isOfSize`: how many there are was compared. */
	| { readonly is: "ordered"; readonly operator: Order; readonly than: TSESTree.Node; readonly to: Constant | null; readonly holds: boolean; readonly isOfSize: boolean }
	/** Compared in some other way: `a === b`, or only one of several tests. `unlike`: the sides of a comparison that has found them different. */
	| { readonly is: "other"; readonly unlike?: readonly TSESTree.Node[] };

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
			facts.push(...(orderOf(node, entry.outcome) ?? [factOf(node, entry.outcome)]));
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
		return { operand: node, test: isEqual === false ? { is: "other", unlike: [node.left, node.right] } : { is: "other" } };
	}
	if (node.type === "BinaryExpression" || outcome === null) return { operand: node, test: { is: "other" } };
	return { operand: node, test: { is: outcome ? "present" : "absent" } };
}

/** What `a < b` says of both. */
function orderOf(node: TSESTree.Node, holds: boolean | null): readonly Fact[] | null {
	if (node.type !== "BinaryExpression" || !isOrder(node.operator) || holds === null) return null;
	const sides = [
		{ operand: node.left, than: node.right, operator: node.operator },
		{ operand: node.right, than: node.left, operator: mirrored[node.operator] },
	];
	return sides
		.filter(({ operand }) => constantOf(operand) === undefined)
		.map(({ operand, than, operator }) => ({ operand, test: { is: "ordered", operator, than, to: constantOf(than) ?? null, holds, isOfSize: isSize(operand) } }));
}

function isSize(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	const name = node.type === "MemberExpression" ? propertyName(node) : null;
	return name === "length" || name === "size";
}

const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

type Order = keyof typeof mirrored;

function isOrder(operator: string): operator is Order {
	return Object.hasOwn(mirrored, operator);
}

function isOrdered(left: Constant, operator: Order, right: Constant): boolean {
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

/** A test of what a place holds, or of one of its properties. */
export interface Tested {
	readonly test: Test;
	readonly path: readonly string[] | null;
}

interface Left {
	/** True for what a truthiness test would not find. */
	readonly isEmpty: boolean;
	/** What is left, where it is a constant. */
	readonly constant: Constant | null;
}

/** What a write leaves in a place, or in one of the properties of what it puts there; null where that property may be what it was. */
function leaving(access: Access, path: readonly string[]): Left | null {
	if (access.clears || access.wipes) return { isEmpty: true, constant: null };
	const [only, ...others] = access.inputs;
	if (path.length === 0) {
		const constant = only && others.length === 0 ? constantOf(only) : undefined;
		if (constant !== undefined) return leavingConstant(constant);
		return { isEmpty: only !== undefined && others.length === 0 && isEmptyCollection(only), constant: null };
	}
	const [column] = path;
	const constant = access.columns ? (path.length === 1 ? access.columns.get((column as string).toLowerCase()) : undefined) : only && others.length === 0 ? constantAt(only, path) : undefined;
	return constant === undefined ? null : leavingConstant(constant);
}

/** Whether a write leaves nothing that a test would find: `this.dirty = false`, `this.count = 0`, a delete. */
export function leavesNothing(access: Access): boolean {
	return leaving(access, [])?.isEmpty === true;
}

/** Whether a write takes a flag down or a count to its start: what others have marked or counted is gone. */
export function isReset({ inputs: [only, ...others], clears, wipes }: Access): boolean {
	const constant = only && others.length === 0 && !clears && !wipes ? constantOf(only) : undefined;
	return constant === false || constant === 0;
}

/** Whether a test lets only those through who find nothing. */
export function isOfNothing({ test, path }: Tested): boolean {
	return path?.length === 0 && (test.is === "absent" || (test.is === "equal" && leavingConstant(test.to).isEmpty));
}

function leavingConstant(constant: Constant | null): Left {
	return { isEmpty: constant === null || constant === false || constant === 0 || constant === "", constant };
}

/** The constant at the end of a path into an object literal; null where there is nothing; undefined where it cannot be told. */
function constantAt(start: TSESTree.Node, path: readonly string[]): Constant | null | undefined {
	const [name, ...rest] = path;
	if (name === undefined) return constantOf(start);
	const node = unwrap(start);
	if (node.type !== "ObjectExpression") return undefined;
	for (const property of node.properties.toReversed()) {
		if (property.type === "SpreadElement" || property.computed) return undefined;
		if (keyName(property) === name) return constantAt(property.value, rest);
	}
	return null;
}

/** `[]`, `{}`, `new Map()`: what a collection is emptied with. */
export function isEmptyCollection(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "ArrayExpression") return node.elements.length === 0;
	if (node.type === "NewExpression") return node.arguments.length === 0 && node.callee.type === "Identifier" && (node.callee.name === "Map" || node.callee.name === "Set");
	return false;
}

/**
 * How a write makes a test that let it pass fail from now on: by setting what was absent, by taking away what was there, or
 * by moving towards the bound that was tested (`if (balance < price) return; … balance -= price`).
 *
 * @param details.isMadeOfIt - whether what is written is made of what the place holds: only then does arithmetic move it
 */
export function flipOf({ test, path }: Tested, access: Access, { isMadeOfIt }: { readonly isMadeOfIt: boolean } = { isMadeOfIt: false }): "sets" | "clears" | "moves" | null {
	const left = path && leaving(access, path);
	if (!left) return null;
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
			if (left.constant !== null && !test.isOfSize) return test.to !== null && isOrdered(left.constant, test.operator, test.to) !== test.holds ? "sets" : null;
			return path.length === 0 && isMoved(test, access, isMadeOfIt) ? "moves" : null;
		default:
			return null;
	}
}

/** Whether a write uses up what an ordered test has found to be left, or sets the bound to what was compared with it. */
function isMoved(test: Extract<Test, { is: "ordered" }>, access: Access, isMadeOfIt: boolean): boolean {
	const [only, ...others] = access.inputs;
	if (only && others.length === 0 && isSameExpression(only, test.than)) return true;
	const isUpperBound = test.operator.startsWith("<") === test.holds;
	if (test.isOfSize) return isUpperBound && isAddition(access);
	return isMadeOfIt && directionOf(access) === (isUpperBound ? "up" : "down");
}

/** One more in a list, or under a key. */
function isAddition({ atomic, place, clears, wipes }: Access): boolean {
	return atomic === "append" || (place.key !== null && !place.isPrefix && !clears && !wipes);
}

/** Whether what is written is a number made of another: `n - price`. */
export function isWorkedOut(access: Access): boolean {
	return directionOf(access) !== null;
}

/** Whether it is one, or a record with one: `{ n: n - price }`. */
export function holdsWorkedOut(access: Access): boolean {
	const [only, ...others] = access.inputs;
	const value = only && others.length === 0 ? unwrap(only) : null;
	return isWorkedOut(access) || (value?.type === "ObjectExpression" && value.properties.some((property) => property.type === "Property" && isSumOfNames(unwrap(property.value))));
}

/** `n - price`, not `Date.now() + 1000`. */
function isSumOfNames(node: TSESTree.Node): boolean {
	if (node.type !== "BinaryExpression" || (node.operator !== "+" && node.operator !== "-")) return false;
	return [node.left, node.right].every((side) => ["Identifier", "MemberExpression", "Literal"].includes(unwrap(side).type));
}

/** Where a write moves a number: `n += 1`, `n--`, `n - price`. */
function directionOf({ node, inputs }: Access): "up" | "down" | null {
	if (node.type === "UpdateExpression") return node.operator === "++" ? "up" : "down";
	if (node.type === "AssignmentExpression" && (node.operator === "+=" || node.operator === "-=")) return node.operator === "+=" ? "up" : "down";
	const [only, ...others] = inputs;
	const value = only && others.length === 0 ? unwrap(only) : null;
	if (value?.type !== "BinaryExpression" || (value.operator !== "+" && value.operator !== "-")) return null;
	return value.operator === "+" ? "up" : "down";
}

/** `if (this.status === status) return; this.status = status`: the test spares a write, and protects nothing. */
export function isSpared({ test }: Tested, { inputs: [only, ...others] }: Access): boolean {
	return test.is === "other" && only !== undefined && others.length === 0 && (test.unlike?.some((side) => isSameExpression(side, only)) ?? false);
}

/** The same variable, or the same member of it. */
function isSameExpression(left: TSESTree.Node, right: TSESTree.Node): boolean {
	const [a, b] = [unwrap(left), unwrap(right)];
	if (a.type === "Identifier" && b.type === "Identifier") return a.name === b.name;
	if (a.type === "ThisExpression") return b.type === "ThisExpression";
	if (a.type !== "MemberExpression" || b.type !== "MemberExpression") return false;
	const name = propertyName(a);
	return name !== null && name === propertyName(b) && isSameExpression(a.object, b.object);
}
