/** Whether a value holds a WebSocket, itself or somewhere in what it is made of. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, propertyName, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import type { Field } from "./members.ts";
import { socketsOf } from "./sockets.ts";

const DEPTH = 6;

/** Calls that put their arguments into a collection. */
const fills: ReadonlySet<string> = new Set(["push", "unshift", "add", "set"]);

/** Where a socket gets into a value: the expression that is one, or the change of a field that puts one in. Null where none is seen. */
export function socketWithin(value: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	return within(value, object, DEPTH);
}

function within(start: TSESTree.Node, object: DurableObjectClass, depth: number): TSESTree.Node | null {
	const node = unwrap(start);
	if (depth === 0) return null;
	const inner = (next: TSESTree.Node): TSESTree.Node | null => within(next, object, depth - 1);
	switch (node.type) {
		case "ObjectExpression":
			// What is spread may be replaced by what stands behind it: `{ ...this.seat, socket: null }`.
			return first(node.properties, (property) => (property.type === "Property" ? inner(property.value) : property === node.properties.at(-1) ? inner(property.argument) : null));
		case "ArrayExpression":
			return first(node.elements, (element) => element && inner(element.type === "SpreadElement" ? element.argument : element));
		case "ConditionalExpression":
			return inner(node.consequent) ?? inner(node.alternate);
		case "LogicalExpression":
			return node.operator === "&&" ? inner(node.right) : (inner(node.left) ?? inner(node.right));
		case "Identifier": {
			if (isSocket(node, object)) return node;
			const init = constantInitialiser(object.file.bindings.variableOf(node));
			return init && isMadeHere(init) ? inner(init) : null;
		}
		case "MemberExpression":
			return isSocket(node, object) ? node : inField(node, object, depth);
		default:
			return null;
	}
}

/** What the changes of a field put into the part of it that an expression names: `this.seats`, `this.state.seats`. */
function inField(node: TSESTree.MemberExpression, object: DurableObjectClass, depth: number): TSESTree.Node | null {
	const field = object.members.fields.get(fieldOf(node) ?? "");
	if (!field || isMappedAnew(field)) return null;
	const part = object.file.textOf(node);
	return first(field.uses, ({ access, statement, value }) => {
		if (access !== "mutate" && access !== "assign") return null;
		const [target, written] = statement.type === "CallExpression" ? [calledMember(statement)?.object, filledWith(statement)] : statement.type === "AssignmentExpression" ? [statement.left, value ? [value] : []] : [];
		if (!target || !written || !isPart(object.file.textOf(target), part)) return null;
		return first(written, (each) => within(each, object, depth - 1)) && statement;
	});
}

/** Whether what is written at one place is seen at another: the same, or a part of it. */
function isPart(place: string, of: string): boolean {
	return place === of || (place.startsWith(of) && /^[.[?!]/u.test(place.slice(of.length)));
}

function filledWith(call: TSESTree.CallExpression): readonly TSESTree.Node[] {
	return fills.has(calledMember(call)?.name ?? "") ? call.arguments.filter(({ type }) => type !== "SpreadElement") : [];
}

/** `this.seats = this.seats.map(withoutSocket)`: what was put in need not be in it any more. */
function isMappedAnew({ uses }: Field): boolean {
	return uses.some(({ access, value }) => access === "assign" && value !== null && unwrap(value).type === "CallExpression" && calledMember(unwrap(value) as TSESTree.CallExpression)?.name === "map");
}

/** The field that a member expression starts from. */
function fieldOf(node: TSESTree.MemberExpression): string | null {
	const holder = unwrap(node.object);
	return holder.type === "MemberExpression" ? fieldOf(holder) : holder.type === "ThisExpression" ? propertyName(node) : null;
}

/** An object or array that is made where a variable is declared. */
function isMadeHere(init: TSESTree.Node): boolean {
	return ["ObjectExpression", "ArrayExpression"].includes(unwrap(init).type);
}

/** One that is known by where it comes from; what only a type calls a socket may be a stand-in. */
function isSocket(node: TSESTree.Node, object: DurableObjectClass): boolean {
	return socketsOf(object).is(node, "server", "client", "outbound", "connection");
}

function first<Item>(items: readonly Item[], find: (item: Item) => TSESTree.Node | null): TSESTree.Node | null {
	for (const item of items) {
		const found = find(item);
		if (found) return found;
	}
	return null;
}
