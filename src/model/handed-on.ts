/** Where a class gives itself or its storage to code that is not looked into: what that code does with it, nobody here can tell. */
import type { TSESTree } from "@typescript-eslint/utils";
import { isFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";

export interface HandedOn {
	readonly what: "object" | "storage";
	/** The call or `new` that it is handed to. */
	readonly at: TSESTree.CallExpression | TSESTree.NewExpression;
	/** As it is written: `drizzle`, `Manager`. */
	readonly to: string;
}

const known = new WeakMap<DurableObjectClass, readonly HandedOn[]>();

/** All such calls within the class body, in source order. */
export function handedOn(object: DurableObjectClass): readonly HandedOn[] {
	let all = known.get(object);
	if (!all) {
		const found: HandedOn[] = [];
		object.file.walk(object.node.body, (node) => {
			if ((node.type !== "CallExpression" && node.type !== "NewExpression") || isFollowed(node, object)) return;
			const what = node.arguments.flatMap((argument) => whatIs(argument, object) ?? [])[0];
			if (what) found.push({ what, at: node, to: object.file.textOf(node.callee) });
		});
		known.set(object, (all = found));
	}
	return all;
}

/** What is handed over, itself or as a property of an object that is made for it. */
function whatIs(argument: TSESTree.Node, object: DurableObjectClass): HandedOn["what"] | null {
	const node = unwrap(argument);
	if (node.type === "ThisExpression") return "object";
	if (node.type === "ObjectExpression") return node.properties.flatMap((property) => (property.type === "Property" ? (whatIs(property.value, object) ?? []) : []))[0] ?? null;
	if (node.type !== "Identifier" && node.type !== "MemberExpression") return null;
	const handle = object.handle(node);
	return handle === "ctx" || handle === "storage" || handle === "sql" || handle === "kv" ? "storage" : null;
}

/** A call of the platform, of the class itself, of a function of this file; or one that only binds `this`. */
function isFollowed(node: TSESTree.CallExpression | TSESTree.NewExpression, object: DurableObjectClass): boolean {
	const callee = unwrap(node.callee);
	if (node.type === "NewExpression") return false;
	if (callee.type === "Super" || isFunction(callee)) return true;
	if (callee.type === "Identifier") {
		const variable = object.file.bindings.variableOf(callee);
		const init = constantInitialiser(variable);
		return variable?.defs.some(({ type }) => type === "FunctionName") === true || (init !== null && isFunction(unwrap(init)));
	}
	const name = callee.type === "MemberExpression" ? propertyName(callee) : null;
	return name === "bind" || name === "call" || name === "apply" || object.platformCall(node) !== null || object.calledMethod(node) !== null;
}
