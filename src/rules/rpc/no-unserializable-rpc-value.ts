import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { calledMember, isClass, isFunction, keyName, propertyName, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-unserializable-rpc-value",
	gotcha: "rpc",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow returning values over RPC that cannot be serialised",
		messages: {
			cursor: "`{{method}}` returns an open SQL cursor, which cannot cross RPC: the call fails with a DataCloneError. Return its rows: append `.toArray()`.",
			instance: "`{{method}}` returns an instance of {{name}}, which cannot cross RPC: the call fails with a DataCloneError. Return a plain object, or let {{name}} extend RpcTarget.",
			appendToArray: "Return the rows as an array.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const methods = object.entryPoints.filter((entry) => entry.kind === "rpc");
		if (methods.length === 0 || !object.ancestry.hasRpc) {
			verdict.notApplicable("the class has no methods that stubs call");
			return;
		}
		let isViolated = false;
		for (const { name, fn } of methods) {
			// A method that the class itself calls need not be meant for stubs.
			if (object.ownCallsOf(name).length > 0) continue;
			for (const value of returnedBy(fn, object)) {
				const found = unserialisable(value, object);
				if (!found) continue;
				isViolated = true;
				const isDirect = unwrap(value).type === "CallExpression";
				verdict.violated({
					at: value,
					messageId: found.kind,
					data: { method: `${name}()`, name: found.name },
					suggest: found.kind === "cursor" && isDirect ? [{ messageId: "appendToArray", fix: (fixer) => fixer.insertTextAfterRange([...value.range], ".toArray()") }] : [],
				});
			}
		}
		if (!isViolated) verdict.guarded({ at: methods.slice(0, 3).map(({ fn }) => (fn.parent.type === "MethodDefinition" ? fn.parent.key : fn)), because: "no method is seen to return a cursor or an instance of a class" });
	},
});

/** The values that a function returns itself, not those of functions inside it. */
function returnedBy(fn: TSESTree.Node, { file }: DurableObjectClass): readonly TSESTree.Node[] {
	const values: TSESTree.Node[] = [];
	file.walk(fn, (node) => {
		if (node !== fn && isFunction(node)) return false;
		if (node.type === "ReturnStatement" && node.argument) values.push(node.argument);
		return true;
	});
	return values;
}

function unserialisable(value: TSESTree.Node, object: DurableObjectClass): { readonly kind: "cursor" | "instance"; readonly name: string } | null {
	const origins = object.origins(value);
	const [origin] = origins;
	if (origins.length !== 1 || origin?.root.kind !== "expression" || origin.path.length > 0) return null;
	const node = unwrap(origin.root.node);
	if (node.type === "CallExpression") {
		const platform = object.platformCall(node);
		if (platform?.on === "sql" && platform.method === "exec") return { kind: "cursor", name: "" };
		const called = calledMember(node);
		const inner = called?.name === "raw" ? unwrap(called.object) : null;
		return inner?.type === "CallExpression" && object.platformCall(inner)?.on === "sql" ? { kind: "cursor", name: "" } : null;
	}
	if (node.type !== "NewExpression" || node.callee.type !== "Identifier") return null;
	const definition = object.file.bindings.variableOf(node.callee)?.defs[0]?.node;
	if (!isClass(definition) || definition.superClass !== null) return null;
	// A class with data only and no methods is still refused; one that turns itself into a plain value is not.
	const hasOwnConversion = definition.body.body.some((element) => element.type === "MethodDefinition" && (keyName(element) === "toJSON" || (element.computed && element.key.type === "MemberExpression" && propertyName(element.key) === "toPrimitive")));
	return hasOwnConversion ? null : { kind: "instance", name: node.callee.name };
}
