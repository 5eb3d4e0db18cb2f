/** Fields that need not outlive the object's stay in memory: every event that reads them would find the same after a loss. */
import type { TSESTree } from "@typescript-eslint/utils";
import { secondsInMemory } from "../facts/lifetime.ts";
import { calledMember, type FunctionNode, isFunction, propertyName, unwrap, wrapped } from "../syntax/nodes.ts";
import { constantNumber } from "../syntax/number.ts";
import { ingredientsOf } from "./data-flow.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { isMarkOfTime } from "./field-content.ts";
import { fieldLife, isKnownData } from "./field-life.ts";
import type { Field, FieldUse } from "./members.ts";

/** A statement after which the field holds nothing that an earlier event left. */
type Renews = (statement: TSESTree.Node) => boolean;

const DEPTH = 5;

/** The assignments that every event which reads the field makes before it reads; null where some event may read what another has left. */
export function assignedBeforeReads(field: Field, reads: readonly FieldUse[], object: DurableObjectClass): readonly TSESTree.Node[] | null {
	const assignments = field.uses.filter(({ access, node, value }) => access === "assign" && value !== null && !object.isInitialisation(node) && !ingredientsOf(value, object).fields.has(field.name));
	const met = new Set<TSESTree.Node>();
	const renews: Renews = (statement) => {
		const found = statement.type === "ExpressionStatement" ? assignments.find((use) => use.statement === statement.expression) : undefined;
		if (found) met.add(found.statement);
		return found !== undefined;
	};
	return isAlwaysRenewed(reads, renews, object) ? [...met] : null;
}

/**
 * `if (now - this.since >= 5_000) { this.since = now; this.count = 0; }` before every read: what counts for less time than an
 * idle object stays in memory has run out before it could be lost.
 */
export function countsForAMoment(field: Field, reads: readonly FieldUse[], object: DurableObjectClass): boolean {
	const { initialiser } = field;
	if (!initialiser) return false;
	const initial = object.file.textOf(initialiser);
	return isAlwaysRenewed(reads, (statement) => {
		if (statement.type !== "IfStatement" || statement.consequent.type !== "BlockStatement") return false;
		const assigned = statement.consequent.body.flatMap((each) => (each.type === "ExpressionStatement" && each.expression.type === "AssignmentExpression" && each.expression.operator === "=" ? [each.expression] : []));
		const startsAnew = assigned.some(({ left, right }) => fieldNameOf(left) === field.name && object.file.textOf(right) === initial);
		return startsAnew && assigned.some(({ left, right }) => {
			const since = fieldNameOf(left);
			return since !== null && isNow(right, object) && hasPassed(statement.test, since, object);
		});
	}, object);
}

/** Whether a test holds whenever a moment, at most as long as an idle object stays in memory, has passed since the time in a field. */
function hasPassed(start: TSESTree.Node, since: string, object: DurableObjectClass): boolean {
	const test = unwrap(start);
	if (test.type === "LogicalExpression") return test.operator === "||" && (hasPassed(test.left, since, object) || hasPassed(test.right, since, object));
	if (test.type !== "BinaryExpression" || (test.operator !== ">=" && test.operator !== ">")) return false;
	const elapsed = unwrap(test.left);
	const length = constantNumber(test.right, object.file);
	return (
		length !== null && length < secondsInMemory * 1000 &&
		elapsed.type === "BinaryExpression" && elapsed.operator === "-" && isNow(elapsed.left, object) && fieldNameOf(elapsed.right) === since
	);
}

/** The time of the event itself, not one that is worked out from it. */
function isNow(start: TSESTree.Node, object: DurableObjectClass): boolean {
	const node = unwrap(start);
	return (node.type === "Identifier" || node.type === "CallExpression") && isMarkOfTime(node, object);
}

/**
 * A counter that only decides when a collection in memory is tidied: it is lost together with what it counts.
 * `if (++this.calls >= 1000) { this.calls = 0; for (const key of this.seen.keys()) this.seen.delete(key); }`
 */
export function onlyTidiesMemory(field: Field, reads: readonly FieldUse[], object: DurableObjectClass): boolean {
	return reads.length > 0 && reads.every(({ node }) => {
		const statement = testedBy(node);
		return statement !== null && !statement.alternate && tidies(statement.consequent, field, object);
	});
}

/** The `if` in whose test a node stands, compared with something. */
function testedBy(node: TSESTree.Node): TSESTree.IfStatement | null {
	let current = wrapped(node);
	if (current.parent?.type === "UpdateExpression") current = current.parent;
	const comparison = current.parent;
	if (comparison?.type !== "BinaryExpression") return null;
	for (current = comparison; current.parent?.type === "LogicalExpression"; current = current.parent);
	return current.parent?.type === "IfStatement" && current.parent.test === current ? current.parent : null;
}

const removers: ReadonlySet<string> = new Set(["delete", "clear", "shift", "splice"]);
const readers: ReadonlySet<string> = new Set(["entries", "keys", "values", "get", "has", "slice", "now"]);

/** Whether code does nothing but set a counter back and take things out of collections that are kept nowhere but in memory. */
function tidies(start: TSESTree.Node, counter: Field, object: DurableObjectClass): boolean {
	let isTidy = true;
	const isOurs = (name: string | null) => {
		const field = name === null ? undefined : object.members.fields.get(name);
		if (!field || !isKnownData(field)) return false;
		const { loads, persistedBy, escapes } = fieldLife(field, object);
		return loads.length === 0 && persistedBy.length === 0 && escapes === null;
	};
	object.file.walk(start, (node) => {
		if (isFunction(node) || ["ReturnStatement", "ThrowStatement", "AwaitExpression", "YieldExpression", "NewExpression", "TaggedTemplateExpression"].includes(node.type)) isTidy = false;
		else if (node.type === "CallExpression") {
			const called = calledMember(node);
			const name = called?.name ?? "";
			isTidy &&= called !== null && (readers.has(name) || (removers.has(name) && (name !== "splice" || node.arguments.length < 3) && isOurs(fieldNameOf(called.object))));
		} else if (node.type === "UnaryExpression" && node.operator === "delete") {
			isTidy &&= node.argument.type === "MemberExpression" && isOurs(fieldNameOf(node.argument.object));
		} else if (node.type === "AssignmentExpression") {
			isTidy &&= node.left.type === "Identifier" || (fieldNameOf(node.left) === counter.name && ingredientsOf(node.right, object).isConstant);
		} else if (node.type === "UpdateExpression") isTidy &&= node.argument.type === "Identifier";
		return isTidy;
	});
	return isTidy;
}

/** The name in `this.name`; null for anything else. */
function fieldNameOf(start: TSESTree.Node): string | null {
	const node = unwrap(start);
	return node.type === "MemberExpression" && unwrap(node.object).type === "ThisExpression" ? propertyName(node) : null;
}

function isAlwaysRenewed(reads: readonly FieldUse[], renews: Renews, object: DurableObjectClass): boolean {
	const search = { renews, object, open: new Set<TSESTree.Node>() };
	return reads.length > 0 && reads.every(({ node }) => isPreceded(node, search));
}

interface Search {
	readonly renews: Renews;
	readonly object: DurableObjectClass;
	/** The methods whose callers are being asked for. */
	readonly open: Set<TSESTree.Node>;
}

/** Whether in every event that comes to a node, or that has made the callback in which it stands, the field has been renewed before. */
function isPreceded(node: TSESTree.Node, search: Search): boolean {
	const { object } = search;
	let current = node;
	for (; current.parent && current.parent !== object.node.body; current = current.parent) {
		const { parent } = current;
		// What the object does while it wakes is what a loss sets back to.
		if (object.isInitialisation(current)) return false;
		if (parent.type === "BlockStatement" && parent.body.some((earlier) => earlier.range[1] <= current.range[0] && isRenewal(earlier, search, DEPTH))) return true;
		// What stands above a declared function need not have run when it is called.
		if (parent.type === "FunctionDeclaration") return false;
	}
	const method = [...object.members.methods.values()].find(({ node: element }) => element === current);
	if (!method || object.initialising.has(method.fn) || object.entryPoints.some(({ fn }) => fn === method.fn)) return false;
	// Asked for while its callers are asked: a circle of calls is entered from elsewhere.
	if (search.open.has(method.fn)) return true;
	search.open.add(method.fn);
	const ways = [...object.ownCallsOf(method.name).map((call) => call.node), ...object.referencesTo(method.name).map((reference) => reference.node)];
	const isAlways = ways.length > 0 && ways.every((way) => isPreceded(way, search));
	search.open.delete(method.fn);
	return isAlways;
}

/** Whether a statement renews the field whenever it has run: itself, or through a method that it calls and waits for. */
function isRenewal(statement: TSESTree.Node, search: Search, depth: number): boolean {
	if (search.renews(statement)) return true;
	const run = depth > 0 ? methodRunBy(statement, search.object) : null;
	if (!run || run.body.type !== "BlockStatement") return false;
	for (const inner of run.body.body) {
		if (isRenewal(inner, search, depth - 1)) return true;
		if (mayLeave(inner, search.object)) return false;
	}
	return false;
}

/** `this.prepare();`, `await this.prepare();`, also where the result goes into a variable. */
function methodRunBy(statement: TSESTree.Node, object: DurableObjectClass): FunctionNode | null {
	const expression = statement.type === "ExpressionStatement" ? statement.expression : statement.type === "VariableDeclaration" ? (statement.declarations[0]?.init ?? null) : null;
	const awaited = expression?.type === "AwaitExpression" ? expression.argument : null;
	const call = awaited ?? expression;
	const method = call?.type === "CallExpression" ? object.calledMethod(call) : null;
	return method && (awaited !== null || !method.fn.async) ? method.fn : null;
}

function mayLeave(statement: TSESTree.Node, object: DurableObjectClass): boolean {
	let mayReturn = false;
	object.file.walk(statement, (node) => {
		if (isFunction(node)) return false;
		mayReturn ||= node.type === "ReturnStatement";
		return !mayReturn;
	});
	return mayReturn;
}
