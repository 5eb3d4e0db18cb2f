/** What becomes of the cursor that `sql.exec` returns: read to its end, read in part, never read, or handed on. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, enclosingFunction, isFunction, keyName, propertyName, wrapped } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export type CursorUse =
	/** Nothing asks for its rows: a statement of its own, or only its counters are read. */
	| "ignored"
	/** `.one()`: exactly one row, or an error. */
	| "one"
	/** Read to its end: `.toArray()`, a spread, a loop that does not leave. */
	| "all"
	/** Read from the front: `.next()`, `const [row] = cursor`, a loop that leaves. */
	| "part"
	/** Handed to code that is not looked into: passed, stored, or in some other shape. */
	| "escaped"
	/** The result of the function around it. */
	| "returned";

export interface CursorFate {
	readonly use: CursorUse;
	/** Where that happens: the call, loop, pattern or statement. */
	readonly at: TSESTree.Node;
	/** The expression that is the cursor there: the `exec` call, or the variable that holds it. */
	readonly cursor: TSESTree.Node;
}

/** Members of a cursor that tell about it and read no row. */
const counters: ReadonlySet<string> = new Set(["rowsRead", "rowsWritten", "columnNames"]);

/** Everything that is done with the value of an expression that is a cursor; one `ignored` when nothing is. */
export function cursorFates(exec: TSESTree.CallExpression, object: DurableObjectClass): readonly CursorFate[] {
	const fates = fatesOf(exec, object);
	return fates.length > 0 ? fates : [{ use: "ignored", at: exec, cursor: exec }];
}

/** The one answer that matters to an open cursor: whether anything reads it to its end, may do so, or nothing does. */
export function strongest(fates: readonly CursorFate[]): CursorFate {
	const order: readonly CursorUse[] = ["all", "one", "escaped", "returned", "part", "ignored"];
	return [...fates].sort((a, b) => order.indexOf(a.use) - order.indexOf(b.use))[0] as CursorFate;
}

function fatesOf(start: TSESTree.Node, object: DurableObjectClass): readonly CursorFate[] {
	const node = wrapped(start);
	const { parent } = node;
	const fate = (use: CursorUse, at: TSESTree.Node): readonly CursorFate[] => [{ use, at, cursor: start }];
	if (!parent) return [];
	switch (parent.type) {
		case "ExpressionStatement":
			return [];
		case "UnaryExpression":
			return parent.operator === "void" ? [] : fate("escaped", parent);
		case "AwaitExpression":
			// A cursor is no promise: awaiting it gives it back.
			return fatesOf(parent, object);
		case "SequenceExpression":
			return parent.expressions.at(-1) === node ? fatesOf(parent, object) : [];
		case "ConditionalExpression":
			return parent.test === node ? fate("escaped", parent) : fatesOf(parent, object);
		case "LogicalExpression":
			return fatesOf(parent, object);
		case "MemberExpression":
			return parent.object === node ? memberFate(parent, start, object) : fate("escaped", parent);
		case "SpreadElement":
			return fate("all", parent);
		case "CallExpression": {
			const called = calledMember(parent);
			const takesAll = called?.name === "from" && ["Array", "Map", "Set"].includes(object.file.textOf(called.object));
			return fate(takesAll ? "all" : "escaped", parent);
		}
		case "NewExpression":
			return fate(parent.callee.type === "Identifier" && ["Map", "Set"].includes(parent.callee.name) ? "all" : "escaped", parent);
		case "ForOfStatement":
			if (parent.right !== node) return fate("escaped", parent);
			return fate(leavesEarly(parent) ? "part" : "all", parent);
		case "YieldExpression":
			return fate(parent.delegate ? "all" : "escaped", parent);
		case "ReturnStatement":
			return returnedFate(enclosingFunction(parent), start, parent, object);
		case "ArrowFunctionExpression":
			return parent.body === node ? returnedFate(parent, start, parent, object) : fate("escaped", parent);
		case "VariableDeclarator":
			return parent.init === node ? patternFate(parent.id, start, parent, object) : [];
		case "AssignmentExpression":
			if (parent.right !== node) return [];
			return parent.left.type === "ArrayPattern" || parent.left.type === "Identifier" ? patternFate(parent.left, start, parent, object) : fate("escaped", parent);
		default:
			return fate("escaped", parent);
	}
}

function memberFate(member: TSESTree.MemberExpression, cursor: TSESTree.Node, object: DurableObjectClass): readonly CursorFate[] {
	const name = propertyName(member);
	const outer = wrapped(member);
	const call = outer.parent?.type === "CallExpression" && outer.parent.callee === outer ? outer.parent : null;
	if (name !== null && counters.has(name)) return [];
	if (!call || name === null) return [{ use: "escaped", at: member, cursor }];
	switch (name) {
		case "toArray":
			return [{ use: "all", at: call, cursor }];
		case "one":
			return [{ use: "one", at: call, cursor }];
		case "next":
			return [{ use: isLoopStep(call) ? "escaped" : "part", at: call, cursor }];
		case "raw":
			return fatesOf(call, object);
		default:
			return [{ use: "escaped", at: call, cursor }];
	}
}

/** `.next()` within a loop: how far it reads cannot be told. */
function isLoopStep(call: TSESTree.Node): boolean {
	for (let node = call.parent; node && !isFunction(node); node = node.parent) {
		if (node.type === "WhileStatement" || node.type === "DoWhileStatement" || node.type === "ForStatement") return true;
	}
	return false;
}

function patternFate(pattern: TSESTree.Node, cursor: TSESTree.Node, at: TSESTree.Node, object: DurableObjectClass): readonly CursorFate[] {
	switch (pattern.type) {
		case "ArrayPattern":
			return [{ use: pattern.elements.at(-1)?.type === "RestElement" ? "all" : "part", at, cursor }];
		case "ObjectPattern":
			return pattern.properties.every((property) => property.type === "Property" && counters.has(keyName(property) ?? "")) ? [] : [{ use: "escaped", at, cursor }];
		case "Identifier": {
			const variable = object.file.bindings.variableOf(pattern);
			if (!variable) return [{ use: "escaped", at, cursor }];
			return variable.references.filter((reference) => reference.isRead()).flatMap(({ identifier }) => {
				const node = identifier as TSESTree.Node;
				return node.range[0] > cursor.range[0] ? fatesOf(node, object) : [];
			});
		}
		default:
			return [{ use: "escaped", at, cursor }];
	}
}

/** What a function returns is thrown away where the function is handed to `forEach`. */
function returnedFate(fn: TSESTree.Node | null, cursor: TSESTree.Node, at: TSESTree.Node, object: DurableObjectClass): readonly CursorFate[] {
	if (!isFunction(fn)) return [{ use: "escaped", at, cursor }];
	const call = wrapped(fn).parent;
	const called = call?.type === "CallExpression" && call.arguments.includes(wrapped(fn) as TSESTree.Expression) ? calledMember(call) : null;
	if (called?.name === "forEach" || called?.name === "waitUntil") return [];
	if (call?.type === "CallExpression" && called?.name === "transactionSync" && object.handle(called.object) === "storage") return fatesOf(call, object);
	return [{ use: "returned", at, cursor }];
}

/** True when a loop over rows can end before the last one. */
function leavesEarly(loop: TSESTree.ForOfStatement): boolean {
	let leaves = false;
	const visit = (node: TSESTree.Node, depth: number): void => {
		if (leaves || isFunction(node)) return;
		switch (node.type) {
			case "ReturnStatement":
				leaves = true;
				return;
			case "BreakStatement":
				if (depth === 0 || node.label) leaves = true;
				return;
			default:
		}
		const isOwn = ["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement", "SwitchStatement"].includes(node.type);
		for (const child of statementsOf(node)) visit(child, depth + (isOwn ? 1 : 0));
	};
	visit(loop.body, 0);
	return leaves;
}

function statementsOf(node: TSESTree.Node): readonly TSESTree.Node[] {
	switch (node.type) {
		case "BlockStatement":
			return node.body;
		case "IfStatement":
			return node.alternate ? [node.consequent, node.alternate] : [node.consequent];
		case "TryStatement":
			return [node.block, ...(node.handler ? [node.handler.body] : []), ...(node.finalizer ? [node.finalizer] : [])];
		case "SwitchStatement":
			return node.cases.flatMap((part) => part.consequent);
		case "LabeledStatement":
		case "ForStatement":
		case "ForInStatement":
		case "ForOfStatement":
		case "WhileStatement":
		case "DoWhileStatement":
			return [node.body];
		default:
			return [];
	}
}
