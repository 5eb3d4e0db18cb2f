/** What a condition, or a choice, comes to when one variable has a certain value. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { calledMember, unwrap } from "./nodes.ts";
import { constantNumber } from "./number.ts";
import type { SourceFile } from "./source-file.ts";
import { constantInitialiser } from "./text.ts";

/** A supposition: the variable holds the number. */
export interface Supposition {
	readonly variable: Scope.Variable;
	readonly value: number;
	readonly file: SourceFile;
}

/** True or false where the condition depends on nothing but the variable and constants; null where it cannot be told. */
export function holds(start: TSESTree.Node, supposition: Supposition): boolean | null {
	const node = unwrap(start);
	switch (node.type) {
		case "UnaryExpression": {
			const inner = node.operator === "!" ? holds(node.argument, supposition) : null;
			return inner === null ? null : !inner;
		}
		case "LogicalExpression": {
			if (node.operator === "??") return null;
			const decisive = node.operator === "||";
			const sides = [holds(node.left, supposition), holds(node.right, supposition)];
			if (sides.includes(decisive)) return decisive;
			return sides.includes(null) ? null : !decisive;
		}
		case "BinaryExpression":
			return node.left.type === "PrivateIdentifier" ? null : compare(node.operator, numberOf(node.left, supposition), numberOf(node.right, supposition));
		case "CallExpression":
			return isListed(node, supposition);
		default: {
			const number = numberOf(node, supposition);
			return number === null ? null : Boolean(number);
		}
	}
}

/** The number that an expression comes to, through choices; null where it cannot be told. */
export function numberOf(start: TSESTree.Node, supposition: Supposition): number | null {
	const node = unwrap(start);
	if (node.type === "Identifier" && supposition.file.bindings.variableOf(node) === supposition.variable) return supposition.value;
	if (node.type === "ConditionalExpression") {
		const test = holds(node.test, supposition);
		return test === null ? null : numberOf(test ? node.consequent : node.alternate, supposition);
	}
	if (node.type === "LogicalExpression") {
		const left = numberOf(node.left, supposition);
		if (left === null) return null;
		const takesLeft = node.operator === "??" || (node.operator === "||" ? left !== 0 : left === 0);
		return takesLeft ? left : numberOf(node.right, supposition);
	}
	if (node.type === "Identifier") {
		const initialiser = constantInitialiser(supposition.file.bindings.variableOf(node));
		if (initialiser) return numberOf(initialiser, supposition);
	}
	return constantNumber(node, supposition.file);
}

function compare(operator: string, left: number | null, right: number | null): boolean | null {
	if (left === null || right === null) return null;
	switch (operator) {
		case "===":
		case "==":
			return left === right;
		case "!==":
		case "!=":
			return left !== right;
		case "<":
			return left < right;
		case "<=":
			return left <= right;
		case ">":
			return left > right;
		case ">=":
			return left >= right;
		default:
			return null;
	}
}

/** `[1005, 1006].includes(code)`, also of a constant list or Set. */
function isListed(call: TSESTree.CallExpression, supposition: Supposition): boolean | null {
	const called = calledMember(call);
	const [argument] = call.arguments;
	if (!called || (called.name !== "includes" && called.name !== "has") || !argument || argument.type === "SpreadElement") return null;
	let list = unwrap(called.object);
	if (list.type === "Identifier") list = unwrap(constantInitialiser(supposition.file.bindings.variableOf(list)) ?? list);
	if (list.type === "NewExpression" && supposition.file.bindings.isGlobal(list.callee, "Set") && list.arguments[0]) list = unwrap(list.arguments[0]);
	const value = numberOf(argument, supposition);
	if (list.type !== "ArrayExpression" || value === null) return null;
	const elements = list.elements.map((element) => (element && element.type !== "SpreadElement" ? numberOf(element, supposition) : null));
	return elements.includes(value) || (elements.includes(null) ? null : false);
}
