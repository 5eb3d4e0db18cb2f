/** Code that runs the first time only, because it stands behind a mark that it sets itself. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type Condition, conditionsOf } from "../syntax/conditions.ts";
import { calledMember, contains, enclosingFunction, isFunction, unwrap, wrapped } from "../syntax/nodes.ts";
import { constantInitialiser, constantText } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { functionOf } from "./timers.ts";

/** Whether a call is made the first time only, as far as its class shows. */
export type FirstTime =
	| {
			readonly is: "first";
			/** The test that asks whether it was done before. */
			readonly test: TSESTree.Node;
			/** Where the class notes that it was done; the same node for `this.x ??= ...`. */
			readonly mark: TSESTree.Node;
			/** What holds the note, as the source writes it: `this.#status`. */
			readonly flag: string;
	  }
	/** It stands behind a question about the object, but what changes the answer is not in sight. */
	| { readonly is: "unknown"; readonly test: TSESTree.Node; readonly flag: string }
	| { readonly is: "no" };

/** What a test says of a flag where the code behind it runs. */
interface Asked {
	readonly flag: TSESTree.MemberExpression;
	readonly test: TSESTree.Node;
	/** `falsy`: the flag is empty; `truthy`; or it equals, or differs from, a constant. */
	readonly when: "falsy" | "truthy" | { readonly equals: string } | { readonly differs: string };
}

const NO: FirstTime = { is: "no" };
const DEPTH = 4;

/** @param node - a call in the class; what it is given to run (inline or by name) counts as run by it */
export function firstTime(node: TSESTree.CallExpression, object: DurableObjectClass, depth = DEPTH): FirstTime {
	const outer = object.outermostFunction(node);
	const boundary = isFunction(outer) ? outer : (enclosingFunction(node) ?? object.node);
	const run = runWith(node, object);
	let doubt: FirstTime = NO;
	for (const condition of conditionsOf(node, boundary, object.file)) {
		const asked = askedBy(condition, node, object);
		if (!asked) continue;
		const flag = object.file.textOf(asked.flag);
		const mark = markIn(asked, run, object);
		if (mark) return { is: "first", test: asked.test, mark, flag };
		if (doubt.is === "no" && asked.when === "falsy" && !isSetInSight(asked, object)) doubt = { is: "unknown", test: asked.test, flag };
	}
	if (doubt.is === "no" && depth > 0 && isFunction(boundary)) return ofCallers(boundary, object, depth - 1);
	return doubt;
}

/** A helper that no event enters runs when its callers let it. */
function ofCallers(fn: TSESTree.Node, object: DurableObjectClass, depth: number): FirstTime {
	const method = [...object.members.methods.values()].find((each) => each.fn === fn);
	const isEntered = !method || object.entryPoints.some((entry) => entry.fn === method.fn) || object.referencesTo(method.name).length > 0;
	if (isEntered) return NO;
	const answers = object.ownCallsOf(method.name).map((call) => firstTime(call.node, object, depth));
	const [first] = answers;
	if (!first || answers.some(({ is }) => is === "no")) return NO;
	return answers.find(({ is }) => is === "unknown") ?? first;
}

/** The code that runs whenever the call does: its own function, what it is handed, and the methods that these call. */
function runWith(node: TSESTree.CallExpression, object: DurableObjectClass): readonly TSESTree.Node[] {
	const direct: TSESTree.Node[] = [object.outermostFunction(node), ...object.methodsRunBy(node)];
	for (const argument of node.arguments) {
		const fn = argument.type === "SpreadElement" ? null : functionOf(argument, object);
		if (fn && !contains(node, fn)) direct.push(fn, ...object.methodsRunBy(fn));
	}
	return direct;
}

function askedBy({ kind, test }: Condition, node: TSESTree.Node, object: DurableObjectClass): Asked | null {
	if (kind === "loop" || kind === "catch") return null;
	const isTrue = runsWhenTrue(test, node);
	return isTrue === null ? null : question(test, isTrue, object);
}

/** Whether the node runs when the test is true, or when it is false; null where neither can be said. */
function runsWhenTrue(test: TSESTree.Node, node: TSESTree.Node): boolean | null {
	const parent = test.parent;
	switch (parent?.type) {
		case "IfStatement":
		case "ConditionalExpression":
			if (contains(parent.consequent, node)) return true;
			if (parent.alternate && contains(parent.alternate, node)) return false;
			// A branch that has left already: of two, which one leaves is not looked at.
			return parent.alternate ? null : false;
		case "LogicalExpression":
			return parent.operator === "&&";
		case "AssignmentExpression":
			return parent.operator === "&&=";
		default:
			return null;
	}
}

function question(start: TSESTree.Node, isTrue: boolean, object: DurableObjectClass): Asked | null {
	const node = unwrap(start);
	if (node.type === "UnaryExpression" && node.operator === "!") return question(node.argument, !isTrue, object);
	if (node.type === "LogicalExpression" && node.operator !== "??") {
		// `a && b` is true when both are, `a || b` false when neither is.
		if ((node.operator === "&&") !== isTrue) return null;
		return question(node.left, isTrue, object) ?? question(node.right, isTrue, object);
	}
	const flag = flagOf(node, object);
	if (flag) return { flag, test: start, when: isTrue ? "truthy" : "falsy" };
	if (node.type !== "BinaryExpression" || !/^[!=]==?$/u.test(node.operator)) return null;
	const isEqual = node.operator.startsWith("=") === isTrue;
	const compared = flagOf(node.left, object);
	const [asked, value] = compared ? [compared, node.right] : [flagOf(node.right, object), node.left];
	if (!asked || value.type === "PrivateIdentifier") return null;
	if (isNothing(value)) return { flag: asked, test: start, when: isEqual ? "falsy" : "truthy" };
	const constant = constantOf(value, object);
	if (constant === null) return null;
	return { flag: asked, test: start, when: isEqual ? { equals: constant } : { differs: constant } };
}

/** `this.x`, `this.state.x`, `typeof this.x`, or a constant that holds one of these. */
function flagOf(start: TSESTree.Node, object: DurableObjectClass): TSESTree.MemberExpression | null {
	const node = unwrap(start);
	if (node.type === "UnaryExpression" && node.operator === "typeof") return flagOf(node.argument, object);
	if (node.type === "Identifier") {
		const init = constantInitialiser(object.file.bindings.variableOf(node));
		const held = init && unwrap(init);
		return held?.type === "MemberExpression" && isOwn(held) ? held : null;
	}
	return node.type === "MemberExpression" && isOwn(node) ? node : null;
}

function isOwn(member: TSESTree.MemberExpression): boolean {
	const holder = unwrap(member.object);
	return holder.type === "ThisExpression" || (holder.type === "MemberExpression" && isOwn(holder));
}

/** `null`, `undefined`, `false`, and the `"undefined"` of a `typeof`. */
function isNothing(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "Identifier") return node.name === "undefined";
	return node.type === "Literal" && (node.value === null || node.value === false || node.value === "undefined");
}

/** What a value is, where that is the same at every event: a literal, a constant, the member of an enum. */
function constantOf(start: TSESTree.Node, object: DurableObjectClass): string | null {
	const node = unwrap(start);
	if (node.type === "Literal") return String(node.value);
	const text = constantText(node, object.file);
	if (text !== null) return text;
	if (node.type !== "MemberExpression" || unwrap(node.object).type !== "Identifier") return null;
	const kind = object.file.bindings.variableOf(unwrap(node.object))?.defs[0]?.type;
	return kind === "TSEnumName" || kind === "ImportBinding" ? object.file.textOf(node) : null;
}

/** The assignment, among code that runs with the call, after which the test comes out otherwise. */
function markIn(asked: Asked, run: readonly TSESTree.Node[], object: DurableObjectClass): TSESTree.Node | null {
	const assignments = assignmentsTo(asked.flag, object);
	// What other events set back on purpose is no mark: `if (this.dirty) ...; this.dirty = false`.
	const isRaisedElsewhere = asked.when === "truthy" && assignments.some((each) => !run.some((code) => contains(code, each)) && !object.isInitialisation(each));
	if (isRaisedElsewhere) return null;
	const here = assignments.filter((each) => run.some((code) => contains(code, each)));
	const mark = here.find((each) => settles(each, asked, object));
	// A lock is taken back each time; after an error, it may be tried again.
	const isTakenBack = mark && here.some((each) => each.range[0] > mark.range[0] && !settles(each, asked, object) && !isAfterError(each));
	return mark && !isTakenBack ? mark : null;
}

/** In a `catch` clause, or in the callback of `.catch()`. */
function isAfterError(node: TSESTree.Node): boolean {
	for (let current: TSESTree.Node | undefined = node.parent; current && current.type !== "MethodDefinition"; current = current.parent) {
		if (current.type === "CatchClause") return true;
		const parent: TSESTree.Node | undefined = current.parent;
		if (isFunction(current) && parent?.type === "CallExpression" && calledMember(parent)?.name === "catch") return true;
	}
	return false;
}

/** Whether an assignment gives the flag a value with which the code does not run again. */
function settles({ operator, right }: TSESTree.AssignmentExpression, { when }: Asked, object: DurableObjectClass): boolean {
	if (when === "falsy") return /^(?:=|\?\?=|\|\|=)$/u.test(operator) && !isNothing(right);
	if (operator !== "=") return false;
	if (when === "truthy") return isNothing(right);
	const value = constantOf(right, object);
	return "differs" in when ? value === when.differs : value !== when.equals;
}

function assignmentsTo(flag: TSESTree.MemberExpression, object: DurableObjectClass): readonly TSESTree.AssignmentExpression[] {
	const name = nameOf(flag, object);
	const found: TSESTree.AssignmentExpression[] = [];
	object.file.walk(object.node.body, (node) => {
		if (node.type === "AssignmentExpression" && nameOf(node.left, object) === name) found.push(node);
		return true;
	});
	return found;
}

function isSetInSight({ flag }: Asked, object: DurableObjectClass): boolean {
	return assignmentsTo(flag, object).length > 0;
}

/** The chain without `?.`, `!` and type assertions. */
function nameOf(start: TSESTree.Node, object: DurableObjectClass): string {
	const node = unwrap(start);
	return node.type === "MemberExpression" ? `${nameOf(node.object, object)}.${object.file.textOf(node.property)}` : object.file.textOf(wrapped(node));
}
