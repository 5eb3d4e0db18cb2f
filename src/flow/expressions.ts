/** What an expression does, in the order in which JavaScript evaluates it, and what its value is made of. */
import type { TSESTree } from "@typescript-eslint/utils";
import { isClass, isFunction, unwrap } from "../syntax/nodes.ts";
import { childrenOf } from "../syntax/walk.ts";
import { evaluateCall, isReadOfAssigned } from "./calls.ts";
import { factsOf, isEmptyCollection } from "./conditions.ts";
import { isFirst, isKeptFirst, isStartedCall } from "./first.ts";
import type { Access, Place } from "./host.ts";
import { pathTo } from "./path.ts";
import { covers } from "./places.ts";
import { bindAll, bindArguments, isOwn, splice } from "./splice.ts";
import type { Condition, State } from "./state.ts";
import { NOTHING, type Region, union, type Value } from "./value.ts";
import { causeOf, kindOf, type Walk } from "./walk.ts";

export function evaluate(start: TSESTree.Node, walk: Walk, state: State): Value {
	const node = unwrap(start);
	if (!walk.enter()) return NOTHING;
	const value = evaluateNode(node, walk, state);
	walk.leave();
	walk.values.set(node, value);
	if (node !== start) walk.values.set(start, value);
	return value;
}

function evaluateNode(node: TSESTree.Node, walk: Walk, state: State): Value {
	switch (node.type) {
		case "Identifier":
			return readVariable(node, walk, state);
		case "MemberExpression":
			return readMember(node, walk, state);
		case "CallExpression":
		case "NewExpression":
		case "TaggedTemplateExpression":
		case "ImportExpression":
			return evaluateCall(node, walk, state);
		case "AwaitExpression":
			return evaluateAwait(node, walk, state);
		case "AssignmentExpression":
			return evaluateAssignment(node, walk, state);
		case "UpdateExpression":
			return evaluateUpdate(node, walk, state);
		case "BinaryExpression":
			return union(operandsOf(node).map((operand) => evaluate(operand, walk, state)));
		case "LogicalExpression": {
			const left = evaluate(node.left, walk, state);
			const right = state.fork();
			if (node.operator !== "??") right.addCondition(conditionsOf(node.left, node.operator === "&&", walk));
			else right.addCondition(absence(left, node.left, walk));
			const value = evaluate(node.right, walk, right);
			state.join([state.fork(), right]);
			return union([left, value]);
		}
		case "ConditionalExpression": {
			const test = evaluate(node.test, walk, state);
			const branches = [true, false].map((outcome) => {
				const branch = state.fork();
				branch.addCondition(conditionsOf(node.test, outcome, walk));
				return { branch, value: evaluate(outcome ? node.consequent : node.alternate, walk, branch) };
			});
			state.join(branches.map(({ branch }) => branch));
			return union([test, ...branches.map(({ value }) => value)]);
		}
		case "UnaryExpression":
			if (node.operator === "delete" && unwrap(node.argument).type === "MemberExpression") return deleteMember(node, unwrap(node.argument) as TSESTree.MemberExpression, walk, state);
			return evaluate(node.argument, walk, state);
		case "YieldExpression": {
			const value = node.argument ? evaluate(node.argument, walk, state) : NOTHING;
			walk.suspend("unknown", node, node, state);
			return value;
		}
		case "SequenceExpression":
			return node.expressions.map((expression) => evaluate(expression, walk, state)).at(-1) ?? NOTHING;
		case "ObjectExpression":
			return union(node.properties.flatMap((property) => evaluateProperty(property, walk, state)));
		case "Literal":
		case "ThisExpression":
		case "Super":
		case "MetaProperty":
			return NOTHING;
		default:
			if (isFunction(node) || isClass(node) || node.type.startsWith("TS")) return NOTHING;
			return union(childrenOf(node, walk.host.visitorKeys).map((child) => evaluate(child, walk, state)));
	}
}

/** The operands of `a + b + c` from left to right, however many there are. */
function operandsOf(node: TSESTree.BinaryExpression): readonly TSESTree.Node[] {
	const operands: TSESTree.Node[] = [];
	let current: TSESTree.Node = node;
	while (current.type === "BinaryExpression") {
		operands.push(current.right);
		current = unwrap(current.left);
	}
	operands.push(current);
	return operands.reverse();
}

function evaluateProperty(property: TSESTree.Property | TSESTree.SpreadElement, walk: Walk, state: State): readonly Value[] {
	if (property.type === "SpreadElement") return [evaluate(property.argument, walk, state)];
	const key = property.computed ? [evaluate(property.key, walk, state)] : [];
	return [...key, evaluate(property.value, walk, state)];
}

function readVariable(node: TSESTree.Identifier, walk: Walk, state: State): Value {
	const variable = walk.host.variableOf(node);
	if (!variable || variable.defs.length === 0) return NOTHING;
	const known = state.variable(variable);
	if (known) return known;
	const place = walk.host.place(node);
	if (place) return walk.read(reading(node, place), state);
	const isOfModule = variable.scope.variableScope.type === "module" || variable.scope.variableScope.type === "global";
	return isOfModule || (isOwn(variable, walk.fn) && !variable.defs.some(({ type }) => type === "Parameter")) ? NOTHING : walk.input(variable);
}

function readMember(node: TSESTree.MemberExpression, walk: Walk, state: State): Value {
	const place = walk.host.place(node);
	if (place) {
		if (node.computed) evaluate(node.property, walk, state);
		return walk.read(reading(node, place), state);
	}
	const getter = walk.host.getter(node);
	if (getter) {
		walk.addCall(node, getter, state.region?.reason === "region" ? state.region.node : null);
		const { value } = splice({ summary: walk.summaryOf(getter), call: node, bindings: bindAll(getter, NOTHING, walk) }, walk, state);
		return { parts: value.parts.map((part) => ({ ...part, settling: null })), pending: [] };
	}
	const object = evaluate(node.object, walk, state);
	return node.computed ? union([object, evaluate(node.property, walk, state)]) : object;
}

const reading = (node: TSESTree.Node, place: Place): Access => ({ mode: "read", place, node, inputs: [], chosenBy: [], atomic: null, clears: false, wipes: false });

function evaluateAwait(node: TSESTree.AwaitExpression, walk: Walk, state: State): Value {
	const value = evaluate(node.argument, walk, state);
	const argument = unwrap(node.argument);
	const isKnown = value.pending.length > 0;
	const kind = isKnown ? kindOf(value.pending) : walk.host.suspensionOf(node.argument);
	const result = walk.await(value, kind, node, causeOf(value.pending, argument), state);
	if (state.region === null && (argument.type === "Identifier" || argument.type === "MemberExpression") && isTurnTaken(value, walk, state)) {
		state.region = { node, reason: "mutex" };
	}
	return result;
}

/** `const before = this.tail; this.tail = mine; await before;`: from here on it is our turn. */
function isTurnTaken(value: Value, walk: Walk, state: State): boolean {
	return value.parts.some((part) => {
		const { source } = part;
		return source.kind === "read" && isReadOfAssigned(part, walk) && state.writes.some((mark) => mark.time > part.born && mark.call === null && covers(source.place, mark.place));
	});
}

function evaluateAssignment(node: TSESTree.AssignmentExpression, walk: Walk, state: State): Value {
	const { operator } = node;
	const target = unwrap(node.left);
	if (target.type === "ArrayPattern" || target.type === "ObjectPattern") {
		const value = evaluate(node.right, walk, state);
		bindPattern(target, value, node.right, walk, state);
		return value;
	}
	if (target.type === "MemberExpression" && !walk.host.place(target)) prepareTarget(target, walk, state);
	else if (target.type === "MemberExpression" && target.computed) evaluate(target.property, walk, state);
	if (operator === "=") {
		const value = evaluateAssigned(node, target, walk, state);
		assign(target, value, node, [node.right], walk, state);
		return value;
	}
	const before = evaluate(target, walk, state);
	if (operator === "??=" || operator === "||=" || operator === "&&=") {
		const branch = state.fork();
		branch.addCondition(operator === "&&=" ? presence(before, target, walk) : absence(before, target, walk));
		const value = evaluateAssigned(node, target, walk, branch);
		assign(target, value, node, [node.right], walk, branch);
		state.join([state.fork(), branch]);
		return union([before, value]);
	}
	const value = union([before, evaluate(node.right, walk, state)]);
	assign(target, value, node, [target, node.right], walk, state);
	return value;
}

function evaluateAssigned(node: TSESTree.AssignmentExpression, target: TSESTree.Node, walk: Walk, state: State): Value {
	return isFirst(target, walk, state) ? evaluateOnce(node.right, node, walk, state) : evaluate(node.right, walk, state);
}

/** Evaluates what a variable is made of. */
export function evaluateInitialiser(init: TSESTree.Expression, { id, parent }: TSESTree.VariableDeclarator, walk: Walk, state: State): Value {
	return id.type === "Identifier" && isStartedCall(init) && isKeptFirst(id, parent, walk, state) ? evaluateOnce(init, parent, walk, state) : evaluate(init, walk, state);
}

/** A promise that is made because there is none yet: it is made once for all who come meanwhile. */
function evaluateOnce(made: TSESTree.Expression, node: TSESTree.Node, walk: Walk, state: State): Value {
	if (state.region !== null || !isStartedCall(made)) return evaluate(made, walk, state);
	const region: Region = { node, reason: "single-flight" };
	state.region = region;
	const value = evaluate(made, walk, state);
	if (state.region === region) state.region = null;
	return { ...value, parts: value.parts.map((part) => ({ ...part, region: null })) };
}

/** Evaluates what stands before the last property of an assignment's target. */
function prepareTarget(target: TSESTree.MemberExpression, walk: Walk, state: State): void {
	evaluate(target.object, walk, state);
	if (target.computed) evaluate(target.property, walk, state);
}

function evaluateUpdate(node: TSESTree.UpdateExpression, walk: Walk, state: State): Value {
	const target = unwrap(node.argument);
	const before = evaluate(target, walk, state);
	assign(target, before, node, [target], walk, state);
	return before;
}

function deleteMember(node: TSESTree.UnaryExpression, target: TSESTree.MemberExpression, walk: Walk, state: State): Value {
	const place = walk.host.place(target);
	if (target.computed) evaluate(target.property, walk, state);
	if (place) walk.write({ mode: "write", place, node, inputs: [], chosenBy: [], atomic: null, clears: true, wipes: false }, NOTHING, state);
	return NOTHING;
}

/** Gives a value to a variable, a place, or a part of an object that a variable holds. */
export function assign(target: TSESTree.Node, value: Value, node: TSESTree.Node, inputs: readonly TSESTree.Node[], walk: Walk, state: State): void {
	if (target.type !== "Identifier" && target.type !== "MemberExpression") return;
	const place = walk.host.place(target);
	if (place) {
		const [only] = inputs;
		const wipes = only !== undefined && inputs.length === 1 && node.type === "AssignmentExpression" && isEmptyCollection(only);
		walk.write({ mode: "write", place, node, inputs, chosenBy: [], atomic: null, clears: false, wipes }, value, state);
		return;
	}
	const setter = target.type === "MemberExpression" ? walk.host.setter(target) : null;
	if (setter && target.type === "MemberExpression") {
		walk.addCall(target, setter, state.region?.reason === "region" ? state.region.node : null);
		splice({ summary: walk.summaryOf(setter), call: node, bindings: bindArguments(setter, inputs.length === 1 ? inputs : [], [value], walk) }, walk, state);
		return;
	}
	if (target.type === "Identifier") {
		const variable = walk.host.variableOf(target);
		if (!variable) return;
		if (!isOwn(variable, walk.fn)) walk.assignCaptured(variable, value, state);
		state.assign(variable, value);
		return;
	}
	let root: TSESTree.Node = target;
	while (root.type === "MemberExpression") root = unwrap(root.object);
	const variable = root.type === "Identifier" ? walk.host.variableOf(root) : null;
	if (!variable || variable.defs.length === 0) return;
	const known = state.variable(variable) ?? (isOwn(variable, walk.fn) && !variable.defs.some(({ type }) => type === "Parameter") ? NOTHING : walk.input(variable));
	if (!isOwn(variable, walk.fn)) walk.assignCaptured(variable, value, state);
	state.assign(variable, union([known, value]));
}

/** Takes a value apart; every variable in the pattern is made of the whole, but for properties that are places themselves. */
export function bindPattern(pattern: TSESTree.Node, value: Value, from: TSESTree.Node | null, walk: Walk, state: State): void {
	switch (pattern.type) {
		case "ObjectPattern":
			for (const property of pattern.properties) {
				if (property.type === "RestElement") {
					bindPattern(property.argument, value, null, walk, state);
					continue;
				}
				const name = !property.computed && property.key.type === "Identifier" ? property.key.name : null;
				const place = from && name !== null ? walk.host.placeOfProperty(from, name) : null;
				bindPattern(property.value, place ? walk.read(reading(property, place), state) : value, null, walk, state);
			}
			return;
		case "ArrayPattern":
			for (const element of pattern.elements) if (element) bindPattern(element, value, null, walk, state);
			return;
		case "RestElement":
			bindPattern(pattern.argument, value, null, walk, state);
			return;
		case "AssignmentPattern":
			bindPattern(pattern.left, union([value, evaluate(pattern.right, walk, state)]), null, walk, state);
			return;
		default: {
			const target = unwrap(pattern);
			assign(target, value, pattern, [pattern], walk, state);
		}
	}
}

/** What a test that came out one way says of the places that it has looked at. */
export function conditionsOf(test: TSESTree.Node, outcome: boolean, walk: Walk): readonly Condition[] {
	return factsOf(test, outcome).flatMap(({ operand, test: fact }): Condition[] => {
		const parts = (walk.values.get(unwrap(operand)) ?? NOTHING).parts.filter(({ source }) => source.kind !== "outside");
		return parts.length > 0 ? [{ test: fact, path: pathTo(operand, walk.host), parts }] : [];
	});
}

function absence(value: Value, operand: TSESTree.Node, walk: Walk): readonly Condition[] {
	return value.parts.length > 0 ? [{ test: { is: "absent" }, path: pathTo(operand, walk.host), parts: value.parts }] : [];
}

function presence(value: Value, operand: TSESTree.Node, walk: Walk): readonly Condition[] {
	return value.parts.length > 0 ? [{ test: { is: "present" }, path: pathTo(operand, walk.host), parts: value.parts }] : [];
}
