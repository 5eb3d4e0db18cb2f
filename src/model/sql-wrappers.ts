/** Methods of a class that run the SQL text they are given: `query(text, ...values) { return this.ctx.storage.sql.exec(text, ...values).toArray(); }` */
import type { TSESTree } from "@typescript-eslint/utils";
import { enclosingFunction, type FunctionNode, isFunction, unwrap } from "../syntax/nodes.ts";
import { parseSql } from "../syntax/sql.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import type { Method } from "./members.ts";
import { isUnreadable, type SqlCall, sqlCalls, sqlSource } from "./sql.ts";

export interface SqlWrapper {
	readonly method: Method;
	/** The `exec` that runs the text in the end. */
	readonly exec: PlatformCall;
	/** Which of its parameters is the text. */
	readonly text: number;
	/** Which of its parameters are the bound values, in their order; null for a value that is none of them. */
	readonly values: readonly (Parameter | null)[];
	/** True when it does nothing else: a call of it is as good as the `exec` itself. */
	readonly isPlain: boolean;
}

interface Parameter {
	readonly index: number;
	/** `...values` in its own parameters. */
	readonly isRest: boolean;
	/** `...values` where they are handed on. */
	readonly isSpread: boolean;
}

/** A call that runs a text: `exec` itself, or a wrapper's. */
interface Run {
	readonly exec: PlatformCall;
	readonly node: TSESTree.CallExpression;
	readonly text: TSESTree.Node | undefined;
	readonly values: readonly Given[];
}

/** A bound value, or a list of them. */
interface Given {
	readonly node: TSESTree.Expression;
	readonly isSpread: boolean;
}

const known = new WeakMap<DurableObjectClass, ReadonlyMap<FunctionNode, SqlWrapper>>();
const texts = new WeakMap<DurableObjectClass, readonly SqlCall[]>();

/** The wrappers of a class by their functions, those of wrappers among them. */
export function sqlWrappers(object: DurableObjectClass): ReadonlyMap<FunctionNode, SqlWrapper> {
	let wrappers = known.get(object);
	if (!wrappers) known.set(object, (wrappers = findWrappers(object)));
	return wrappers;
}

/** Every `sql.exec(...)` of a class that has a text; instead of one that runs the parameter of a method, the calls of that method. */
export function sqlTexts(object: DurableObjectClass): readonly SqlCall[] {
	let found = texts.get(object);
	if (!found) {
		found = sqlCalls(object).flatMap((direct) => {
			if (!isUnreadable(direct)) return [direct];
			const through = wrappersOf(direct.node, object).flatMap((wrapper) => callsOf(wrapper, object));
			return through.length > 0 ? through : [direct];
		});
		texts.set(object, found);
	}
	return found;
}

/** A call of a wrapper that does nothing else, as if it were the `exec`; null for any other call. */
export function wrappedSql(node: TSESTree.CallExpression, object: DurableObjectClass): SqlCall | null {
	if (object.callsOf("sql", "exec").length === 0) return null;
	const method = object.calledMethod(node);
	const wrapper = method && sqlWrappers(object).get(method.fn);
	return wrapper?.isPlain ? callThrough(wrapper, node, object) : null;
}

/** Whether a text that cannot be read where it is run can be told at each call of the method that runs it. */
export function isFollowed({ node }: SqlCall, object: DurableObjectClass): boolean {
	const wrappers = wrappersOf(node, object);
	const through = wrappers.flatMap((wrapper) => callsOf(wrapper, object));
	return through.length > 0 && wrappers.every(({ isPlain }) => isPlain) && !through.some(isUnreadable);
}

/** The wrappers of one `exec`. */
function wrappersOf(exec: TSESTree.Node, object: DurableObjectClass): readonly SqlWrapper[] {
	return [...sqlWrappers(object).values()].filter((wrapper) => wrapper.exec.node === exec);
}

/** The calls of a wrapper that say what is run, not those that only hand on a parameter of their own. */
function callsOf(wrapper: SqlWrapper, object: DurableObjectClass): readonly SqlCall[] {
	return callNodesOf(wrapper, object).flatMap((node) => callThrough(wrapper, node, object) ?? []).filter((call) => !isUnreadable(call) || parameterOf(call.source.node, enclosingMethod(call.node, object)) === null);
}

function callNodesOf({ method }: SqlWrapper, object: DurableObjectClass): readonly TSESTree.CallExpression[] {
	return object.members.ownCalls.flatMap(({ name, node }) => (name === method.name ? [node] : []));
}

function callThrough(wrapper: SqlWrapper, node: TSESTree.CallExpression, object: DurableObjectClass): SqlCall | null {
	const { text } = runOf(wrapper, node);
	if (!text || text.type === "SpreadElement") return null;
	const source = sqlSource(text, object);
	return { call: wrapper.exec, node, source, statements: parseSql(source.text), bindings: toldApart(valuesGiven(wrapper, node)), isThroughMethod: true };
}

function runOf(wrapper: SqlWrapper, node: TSESTree.CallExpression): Run {
	return { exec: wrapper.exec, node, text: node.arguments[wrapper.text], values: valuesGiven(wrapper, node) };
}

/** The bound values in a call of a wrapper; none where it is not known which argument is which. */
function valuesGiven({ values }: SqlWrapper, { arguments: given }: TSESTree.CallExpression): readonly Given[] {
	const found: Given[] = [];
	for (const parameter of values) {
		if (!parameter || given.slice(0, parameter.index).some(({ type }) => type === "SpreadElement")) return [];
		const first = given[parameter.index];
		if (parameter.isRest) found.push(...given.slice(parameter.index).map(givenAs));
		else if (first) found.push({ ...givenAs(first), isSpread: parameter.isSpread });
	}
	return found;
}

function givenAs(argument: TSESTree.CallExpressionArgument): Given {
	return argument.type === "SpreadElement" ? { node: argument.argument, isSpread: true } : { node: argument, isSpread: false };
}

/** Each value by itself; none where a list is not written out. */
function toldApart(values: readonly Given[]): readonly TSESTree.CallExpressionArgument[] {
	const all = values.map(({ node, isSpread }): readonly (TSESTree.CallExpressionArgument | null)[] => {
		const list = unwrap(node);
		return !isSpread ? [node] : list.type === "ArrayExpression" ? list.elements : [null];
	});
	const told = all.flat().filter((value) => value !== null);
	return told.length === all.flat().length ? told : [];
}

function findWrappers(object: DurableObjectClass): ReadonlyMap<FunctionNode, SqlWrapper> {
	const found = new Map<FunctionNode, SqlWrapper>();
	const runs: Run[] = sqlCalls(object).flatMap((direct): Run[] => (isUnreadable(direct) ? [{ exec: direct.call, node: direct.node, text: direct.source.node, values: direct.bindings.map(givenAs) }] : []));
	const within = new Map<FunctionNode, TSESTree.Node[]>();
	for (const run of runs) {
		const method = enclosingMethod(run.node, object);
		const text = method && run.text ? parameterOf(run.text, method) : null;
		if (!method || !text || text.isRest) continue;
		const values = run.values.map(({ node, isSpread }) => parameterOf(node, method, isSpread));
		const other = found.get(method.fn);
		within.set(method.fn, [...(within.get(method.fn) ?? []), run.node]);
		// `values ? exec(text, ...values) : exec(text)`: the longer one says more.
		const wrapper: SqlWrapper = { method, exec: run.exec, text: text.index, values: other && other.values.length > values.length ? other.values : values, isPlain: true };
		found.set(method.fn, wrapper);
		if (!other) runs.push(...callNodesOf(wrapper, object).map((node) => runOf(wrapper, node)));
	}
	return new Map([...found].map(([fn, wrapper]) => [fn, { ...wrapper, isPlain: doesNothingElse(fn, within.get(fn) ?? [], object) }]));
}

function enclosingMethod(node: TSESTree.Node, object: DurableObjectClass): Method | null {
	const fn = enclosingFunction(node);
	return [...object.members.methods.values()].find((method) => method.fn === fn) ?? null;
}

/** Which parameter of a method an expression is: itself, or with a default (`values ?? []`). */
function parameterOf(start: TSESTree.Node, method: Method | null, isSpread = false): Parameter | null {
	const node = unwrap(start);
	if (!method) return null;
	if (node.type === "LogicalExpression") return parameterOf(node.left, method, isSpread);
	if (node.type !== "Identifier") return null;
	const index = method.fn.params.findIndex((candidate) => declaredName(candidate) === node.name);
	return index === -1 ? null : { index, isRest: method.fn.params[index]?.type === "RestElement", isSpread };
}

function declaredName(parameter: TSESTree.Parameter): string | null {
	const declared = parameter.type === "RestElement" ? parameter.argument : parameter.type === "AssignmentPattern" ? parameter.left : parameter;
	return declared.type === "Identifier" ? declared.name : null;
}

/** Whether a function touches nothing of the object but what it runs, and waits for nothing. */
function doesNothingElse(fn: FunctionNode, runs: readonly TSESTree.Node[], object: DurableObjectClass): boolean {
	let isPlain = !fn.generator;
	object.file.walk(fn.body, (node) => {
		switch (node.type) {
			case "AwaitExpression":
			case "YieldExpression":
				isPlain = false;
				break;
			case "ForOfStatement":
				isPlain &&= !node.await;
				break;
			case "AssignmentExpression":
				isPlain &&= unwrap(node.left).type === "Identifier";
				break;
			case "CallExpression":
				isPlain &&= runs.includes(node) || (object.platformCall(node) === null && object.calledMethod(node) === null);
				break;
			default:
				// What is handed to somebody else may be run at any time.
				isPlain &&= !isFunction(node) || node.parent.type === "CallExpression";
		}
		return isPlain;
	});
	return isPlain;
}
