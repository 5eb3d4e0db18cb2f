/** Which of the values that an event brings with it an expression is made of. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { isFunction, isValueReference } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export interface EventInput {
	/** The variables, in the code of the event itself, in which the input is first held: a parameter, or what a body was read into. */
	readonly variables: ReadonlySet<Scope.Variable>;
	/** The function that the event enters, or the callback in which the input arrives. */
	readonly fn: TSESTree.Node;
}

const DEPTH = 12;

/** The input of events that an expression is made of; empty where it is made of none, or where that cannot be told. */
export function eventInputsOf(node: TSESTree.Node, object: DurableObjectClass): readonly EventInput[] {
	const byFunction = new Map<TSESTree.Node, Set<Scope.Variable>>();
	gather(node, object, DEPTH, new Set(), null, byFunction);
	return [...byFunction].map(([fn, variables]) => ({ fn, variables }));
}

/** @param held - the variable through which the expression came into view: where it is made of a parameter directly, it is what holds the input */
function gather(start: TSESTree.Node, object: DurableObjectClass, depth: number, seen: Set<TSESTree.Node>, held: Scope.Variable | null, found: Map<TSESTree.Node, Set<Scope.Variable>>): void {
	if (seen.has(start) || depth === 0) return;
	seen.add(start);
	object.file.walk(start, (node) => {
		if (isFunction(node)) return false;
		if (node.type !== "Identifier" || !isValueReference(node)) return true;
		const variable = object.file.bindings.variableOf(node);
		for (const { writeExpr, init } of variable?.references ?? []) {
			if (writeExpr && !init) gather(writeExpr, object, depth - 1, seen, holdsAwait(writeExpr as TSESTree.Expression) ? variable : held, found);
		}
		for (const definition of variable?.defs ?? []) {
			if (!variable) continue;
			if (definition.type === "Variable" && definition.node.init) {
				const isTaken = definition.node.id.type !== "Identifier" || holdsAwait(definition.node.init);
				gather(definition.node.init, object, depth - 1, seen, isTaken ? variable : held, found);
			} else if (definition.type === "Parameter" && isFunction(definition.node)) {
				const fn = definition.node;
				const method = [...object.members.methods.values()].find((each) => each.fn === fn);
				const calls = method ? object.members.ownCalls.filter(({ name }) => name === method.name) : [];
				const index = fn.params.findIndex((parameter) => parameter === definition.name);
				if (calls.length > 0) {
					// What the class itself passes: a method that it calls is a helper, whoever else might call it.
					for (const call of calls) {
						const argument = call.node.arguments[index];
						if (argument && argument.type !== "SpreadElement") gather(argument, object, depth - 1, seen, null, found);
					}
				} else if (object.entryPoints.some((entry) => entry.fn === fn)) {
					const variables = found.get(fn) ?? new Set();
					variables.add(held ?? variable);
					found.set(fn, variables);
				}
			}
		}
		return true;
	});
}

function holdsAwait(node: TSESTree.Expression): boolean {
	if (node.type === "AwaitExpression") return true;
	return (node.type === "TSAsExpression" || node.type === "TSNonNullExpression") && holdsAwait(node.expression);
}
