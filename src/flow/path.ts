/** The way from what a place holds to what is tested of it: `status` in `job.status === "done"`. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, keyName, propertyName, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { FlowHost } from "./host.ts";

/** Constants that are followed to what they were made from. */
const MAX_NAMES = 4;

/** The properties that lead from what a place holds to an expression; null where it is made of that in some other way. */
export function pathTo(start: TSESTree.Node, host: FlowHost, names = MAX_NAMES): readonly string[] | null {
	const path: string[] = [];
	for (let node = heldBy(start); ; node = heldBy(node.object)) {
		// What a function has made of it, and gives under a name, passes for the whole.
		if (node.type === "Identifier") return [...(partNamed(node, host, names) ?? []), ...path];
		if (isHeld(node, host)) return path;
		const name = node.type === "MemberExpression" ? propertyName(node) : null;
		if (node.type !== "MemberExpression" || name === null) return null;
		path.unshift(name);
	}
}

/** For `const n = row.n` and `const { n } = row`: the path to it. */
function partNamed(node: TSESTree.Identifier, host: FlowHost, names: number): readonly string[] | null {
	const variable = names > 0 ? host.variableOf(node) : null;
	const init = constantInitialiser(variable);
	if (init) return heldBy(init).type === "MemberExpression" ? pathTo(init, host, names - 1) : null;
	const definition = variable?.defs.length === 1 ? variable.defs[0] : undefined;
	if (definition?.type !== "Variable" || !definition.node.init || definition.node.id.type !== "ObjectPattern") return null;
	const part = pathInPattern(definition.name, definition.node.id);
	if (!part) return null;
	// In memory a property is a place of its own.
	const [first, ...rest] = part;
	if (first !== undefined && host.placeOfProperty(definition.node.init, first)) return rest;
	const whole = pathTo(definition.node.init, host, names - 1);
	return whole && [...whole, ...part];
}

/** Where a pattern takes a name from; null for the rest, and for elements of a list. */
function pathInPattern(name: TSESTree.Node, pattern: TSESTree.ObjectPattern): readonly string[] | null {
	const path: string[] = [];
	for (let node = name; node !== pattern; node = node.parent as TSESTree.Node) {
		const { parent } = node;
		if (parent?.type === "Property") {
			const key = keyName(parent);
			if (key === null) return null;
			path.unshift(key);
		} else if (parent?.type !== "ObjectPattern" && parent?.type !== "AssignmentPattern") return null;
	}
	return path;
}

/** What an expression gives, where there is anything: `await a`, `a ?? 0`, the only row of `a`. */
function heldBy(start: TSESTree.Node): TSESTree.Node {
	const node = unwrap(start);
	switch (node.type) {
		case "AwaitExpression":
			return heldBy(node.argument);
		case "LogicalExpression":
			return node.operator === "??" ? heldBy(node.left) : node;
		case "AssignmentExpression":
			return node.operator === "=" ? heldBy(node.right) : node;
		case "CallExpression": {
			const called = calledMember(node);
			return called?.name === "one" && node.arguments.length === 0 ? heldBy(called.object) : node;
		}
		default:
			return node;
	}
}

/** Whether an expression is what a place holds (or whether it holds anything), not something made of it. */
function isHeld(node: TSESTree.Node, host: FlowHost): boolean {
	if (node.type === "MemberExpression") return host.place(node) !== null || isLength(node, host);
	if (node.type !== "CallExpression") return false;
	const { accesses, callee } = host.call(node);
	return callee !== null || accesses.some(({ mode }) => mode === "read");
}

function isLength(node: TSESTree.MemberExpression, host: FlowHost): boolean {
	const name = propertyName(node);
	if (name !== "length" && name !== "size") return false;
	const holder = heldBy(node.object);
	return holder.type === "Identifier" || isHeld(holder, host);
}
