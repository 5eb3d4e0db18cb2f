/** What is known of a value where a test has come out one way. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Access } from "./host.ts";
import { keyName, propertyName, unwrap } from "../syntax/nodes.ts";

export type Constant = string | number | boolean | bigint;

export type Test =
	| { readonly is: "present" | "absent" }
	/** `isSure`: false for one of several tests that may have come out so. */
	| { readonly is: "equal" | "different"; readonly to: Constant; readonly isSure: boolean }
	| Ordered
	/** Compared in some other way: `a === b`, or only one of several tests. `unlike`: the sides of a comparison that has found them different. */
	| { readonly is: "other"; readonly unlike?: readonly TSESTree.Node[] };

/** `n > 0`, `n < limit` or `n + amount > limit` came out as `holds`, or was one of several tests that may have. */
interface Ordered {
	readonly is: "ordered";
	readonly operator: Order;
	readonly than: TSESTree.Node;
	/** The value of `than` where it is a constant; null where more than the operand was compared with it. */
	readonly to: Constant | null;
	readonly holds: boolean;
	/** Whether how many there are was compared. */
	readonly isOfSize: boolean;
	/** Whether the operand is only a part of what was compared. */
	readonly isOfSum: boolean;
}

/** Which way a number goes. */
export type Direction = "up" | "down";

export interface Fact {
	/** The expression that is tested. */
	readonly operand: TSESTree.Node;
	readonly test: Test;
}

/** Deeper tests than people write are cut off. */
const MAX_FACTS = 32;

/** What is known of the tests of a file, where they have held and where not: a test is passed in every walk of its function. */
const knownFacts = { true: new WeakMap<TSESTree.Node, readonly Fact[]>(), false: new WeakMap<TSESTree.Node, readonly Fact[]>() };

/** What a test that came out one way says of its operands. */
export function factsOf(test: TSESTree.Node, outcome: boolean): readonly Fact[] {
	const known = knownFacts[`${outcome}`];
	let facts = known.get(test);
	if (!facts) known.set(test, (facts = findFacts(test, outcome)));
	return facts;
}

function findFacts(test: TSESTree.Node, outcome: boolean): readonly Fact[] {
	const facts: Fact[] = [];
	const queue: Asked[] = [{ node: test, outcome, isSure: true }];
	for (let asked = queue.pop(); asked && facts.length < MAX_FACTS; asked = queue.pop()) {
		const { outcome } = asked;
		const node = unwrap(asked.node);
		if (node.type === "UnaryExpression" && node.operator === "!") {
			queue.push({ ...asked, node: node.argument, outcome: outcome === null ? null : !outcome });
		} else if (node.type === "CallExpression" && isBooleanCall(node)) {
			queue.push({ ...asked, node: node.arguments[0] as TSESTree.Node });
		} else if (node.type === "LogicalExpression") {
			const inner = { outcome: node.operator === "??" ? null : outcome, isSure: asked.isSure && outcome === (node.operator === "&&") };
			queue.push({ ...inner, node: node.right }, { ...inner, node: node.left });
		} else {
			facts.push(...(orderOf(node, outcome) ?? [factOf(node, asked)]));
		}
	}
	return facts;
}

interface Asked {
	readonly node: TSESTree.Node;
	readonly outcome: boolean | null;
	/** `a && b` says of both what they are only when it holds, `a || b` only when it does not; otherwise the other one may have decided. */
	readonly isSure: boolean;
}

function isBooleanCall(node: TSESTree.CallExpression): boolean {
	return node.callee.type === "Identifier" && node.callee.name === "Boolean" && node.arguments.length === 1;
}

function factOf(node: TSESTree.Node, { outcome, isSure }: Asked): Fact {
	const known = isSure ? outcome : null;
	if (node.type === "BinaryExpression" && /^[!=]==?$/u.test(node.operator)) {
		const isEqual = outcome === null ? null : node.operator.startsWith("=") === outcome;
		for (const [operand, other] of [[node.left, node.right], [node.right, node.left]] as const) {
			const constant = constantOf(other);
			if (constant === undefined) continue;
			if (isEqual === null || (constant === null && !isSure)) return { operand, test: { is: "other" } };
			if (constant === null) return { operand, test: { is: isEqual ? "absent" : "present" } };
			// A mark is one, too, where another test may let pass whom it would stop: `if (job && job.status === "done") return;`
			return { operand, test: { is: isEqual ? "equal" : "different", to: constant, isSure } };
		}
		return { operand: node, test: isSure && isEqual === false ? { is: "other", unlike: [node.left, node.right] } : { is: "other" } };
	}
	if (node.type === "BinaryExpression" || known === null) return { operand: node, test: { is: "other" } };
	return { operand: node, test: { is: known ? "present" : "absent" } };
}

/** What `a < b` says of both, and of what they are the sums of. A bound is one, too, where another test may let pass what is beyond it. */
function orderOf(node: TSESTree.Node, holds: boolean | null): readonly Fact[] | null {
	if (node.type !== "BinaryExpression" || !isOrder(node.operator) || holds === null) return null;
	const terms = [...termsOf(node.left, node.right, node.operator), ...termsOf(node.right, node.left, mirrored[node.operator])];
	return terms
		.filter(({ operand }) => constantOf(operand) === undefined)
		.map(({ operand, operator, than, isOfSum }) => ({ operand, test: { is: "ordered", operator, than, to: isOfSum ? null : (constantOf(than) ?? null), holds, isOfSize: isSize(operand), isOfSum } }));
}

type Term = Pick<Fact, "operand"> & Pick<Ordered, "operator" | "than" | "isOfSum">;

/** What a side of a comparison is made of, each with the way in which it is compared: `limit - n < 1` is `n > limit - 1`. */
function termsOf(side: TSESTree.Node, than: TSESTree.Node, operator: Order): readonly Term[] {
	const whole = unwrap(side);
	if (whole.type !== "BinaryExpression") return [{ operand: whole, operator, than, isOfSum: false }];
	const terms: Term[] = [];
	const queue: { readonly operand: TSESTree.Node; readonly operator: Order }[] = [{ operand: whole, operator }];
	for (let part = queue.pop(); part && terms.length < MAX_FACTS; part = queue.pop()) {
		const { operand, operator } = part;
		if (operand.type === "BinaryExpression" && (operand.operator === "+" || operand.operator === "-")) {
			queue.push({ operand: unwrap(operand.right), operator: operand.operator === "+" ? operator : mirrored[operator] }, { operand: unwrap(operand.left), operator });
		} else terms.push({ ...part, than, isOfSum: operand !== whole });
	}
	return terms;
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
	const value = valueAt(access, path);
	if (path.length === 0) {
		const constant = value ? constantOf(value) : undefined;
		if (constant !== undefined) return leavingConstant(constant);
		return { isEmpty: value ? isEmptyCollection(value) : false, constant: null };
	}
	const constant = access.columns ? columnAt(access.columns, path) : value ? constantOf(value) : value;
	return constant === undefined ? null : leavingConstant(constant);
}

/** Of a row, or of one in a list of rows. */
function columnAt<T>(columns: ReadonlyMap<string, T>, path: readonly string[]): T | undefined {
	const [column, ...more] = /^\d+$/u.test(path[0] ?? "") ? path.slice(1) : path;
	return column === undefined || more.length > 0 ? undefined : columns.get(column.toLowerCase());
}

/** What a write puts at the end of a path into its only input; null where there is nothing; undefined where it cannot be told. */
function valueAt({ inputs: [only, ...others] }: Access, path: readonly string[]): TSESTree.Node | null | undefined {
	return only && others.length === 0 ? propertyAt(only, path) : undefined;
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
	return path?.length === 0 && (test.is === "absent" || (test.is === "equal" && test.isSure && leavingConstant(test.to).isEmpty));
}

function leavingConstant(constant: Constant | null): Left {
	return { isEmpty: constant === null || constant === false || constant === 0 || constant === "", constant };
}

function propertyAt(start: TSESTree.Node, path: readonly string[]): TSESTree.Node | null | undefined {
	const [name, ...rest] = path;
	if (name === undefined) return start;
	const node = unwrap(start);
	if (node.type !== "ObjectExpression") return undefined;
	for (const property of node.properties.toReversed()) {
		if (property.type === "SpreadElement" || property.computed) return undefined;
		if (keyName(property) === name) return propertyAt(property.value, rest);
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
	if (!path) return null;
	if (test.is === "ordered") return flipOfBound(test, path, access, isMadeOfIt);
	if (test.is === "different" && isMadeOfIt && isTowards(test.to, directionOf(access, path))) return "moves";
	const left = leaving(access, path);
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
		default:
			return null;
	}
}

/** The same for a bound. */
function flipOfBound(bound: Ordered, path: readonly string[], access: Access, isMadeOfIt: boolean): "sets" | "moves" | null {
	const constant = leaving(access, path)?.constant ?? null;
	if (constant !== null && !bound.isOfSize) return bound.to !== null && isOrdered(constant, bound.operator, bound.to) !== bound.holds ? "sets" : null;
	return isMoved(bound, path, access, isMadeOfIt) ? "moves" : null;
}

/** Whether a write uses up what an ordered test has found to be left, or sets the bound to what was compared with it. */
function isMoved({ operator, than, holds, isOfSize }: Ordered, path: readonly string[], access: Access, isMadeOfIt: boolean): boolean {
	const value = valueAt(access, path);
	if (value && isSameExpression(value, than)) return true;
	const isUpperBound = operator.startsWith("<") === holds;
	if (isOfSize) return isUpperBound && path.length === 0 && isAddition(access);
	return isMadeOfIt && directionOf(access, path) === (isUpperBound ? "up" : "down");
}

/** One more in a list, or under a key. */
function isAddition({ atomic, place, clears, wipes }: Access): boolean {
	return atomic === "append" || (place.key !== null && !place.isPrefix && !clears && !wipes);
}

/** Whether what is written, or what stands at the end of a path into it, is a number made of another: `n - price`. */
export function isWorkedOut(access: Access, path: readonly string[] = []): boolean {
	return directionOf(access, path) !== null;
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

/** Where a write moves a number, or one in what is there: `n += 1`, `n--`, `n - price`, `{ ...stock, n: stock.n - 1 }`. */
function directionOf(access: Access, path: readonly string[] = []): Direction | null {
	const { node, columns, moves } = access;
	if (columns && path.length > 0) return (moves && columnAt(moves, path)) ?? null;
	if (path.length === 0 && node.type === "UpdateExpression") return node.operator === "++" ? "up" : "down";
	if (path.length === 0 && node.type === "AssignmentExpression" && (node.operator === "+=" || node.operator === "-=")) return node.operator === "+=" ? "up" : "down";
	const value = valueAt(access, path);
	const sum = value ? unwrap(value) : null;
	if (sum?.type !== "BinaryExpression" || (sum.operator !== "+" && sum.operator !== "-")) return null;
	return sum.operator === "+" ? "up" : "down";
}

/** Whether a number comes to one that it must not reach: `if (left === 0) return; … left -= 1`. What is counted is not negative. */
function isTowards(end: Constant, direction: Direction | null): boolean {
	if (typeof end !== "number" && typeof end !== "bigint") return false;
	return end > 0 ? direction === "up" : end >= 0 && direction === "down";
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
