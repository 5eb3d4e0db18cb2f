import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, propertyName, unwrap } from "../../syntax/nodes.ts";
import { originOf } from "../../syntax/origin.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

export default defineRule({
	name: "no-nullable-object-name",
	gotcha: "rpc",
	subject: caller,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow names of objects that may be null or undefined",
		messages: {
			nullableName:
				'`{{source}}` may be missing, and {{method}}() turns a missing name into the text "{{text}}": all such requests then share one object, and one another\'s data. Check it first and refuse the request.',
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check({ addressings, file }, { verdict }) {
		let isAnswered = false;
		for (const { node, method, name } of addressings) {
			if (!name) continue;
			const source = nullableSource(name, file);
			if (!source) continue;
			isAnswered = true;
			const check = firstOf(source.holders, (holder) => checkOf(holder, node, file));
			if (check) verdict.guarded({ at: check, because: "a missing name is refused before an object is addressed" });
			else verdict.violated({ at: name, messageId: "nullableName", data: { source: file.textOf(source.node), method, text: source.becomes } });
		}
		if (!isAnswered) verdict.notApplicable("no name of an object comes from a part of the request that may be missing");
	},
});

interface Source {
	readonly node: TSESTree.CallExpression;
	readonly becomes: "null" | "undefined";
	/** The variables through which it comes to the name, the last one first. */
	readonly holders: readonly TSESTree.Identifier[];
}

/** The read of a query parameter, header or form field that a name is, with `!` and `as string` ignored. */
function nullableSource(name: TSESTree.Node, file: SourceFile): Source | null {
	const value = unwrap(name);
	const origin = originOf(value, file);
	if (origin?.root.kind !== "expression" || origin.path.length > 0) return null;
	const call = unwrap(origin.root.node);
	if (call.type !== "CallExpression") return null;
	const called = calledMember(call);
	if (!called) return null;
	const holder = unwrap(called.object);
	const holders = holdersOf(value, file);
	if (called.name === "get" && isRequestMap(holder, file)) return { node: call, becomes: "null", holders };
	// Hono: `c.req.query("id")`, `c.req.header("x-id")`; a route's `param` is always there.
	const isHono = (called.name === "query" || called.name === "header") && call.arguments.length === 1 && holder.type === "MemberExpression" && propertyName(holder) === "req";
	return isHono ? { node: call, becomes: "undefined", holders } : null;
}

/** `const room = token` with `const token = url.searchParams.get("token")`: a test of either is a test of the name. */
function holdersOf(value: TSESTree.Node, file: SourceFile): readonly TSESTree.Identifier[] {
	const found: TSESTree.Identifier[] = [];
	const seen = new Set<unknown>();
	let node: TSESTree.Node | null = value;
	while (node?.type === "Identifier") {
		const variable = file.bindings.variableOf(node);
		if (seen.has(variable)) break;
		seen.add(variable);
		found.push(node);
		const definition = variable?.defs[0];
		node = definition?.type === "Variable" && definition.node.id.type === "Identifier" && definition.node.init ? unwrap(definition.node.init) : null;
	}
	return found;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
	for (const item of items) {
		const found = find(item);
		if (found !== null) return found;
	}
	return null;
}

/** `url.searchParams`, `request.headers`, `new URLSearchParams(...)`, `await request.formData()`. */
function isRequestMap(start: TSESTree.Node, file: SourceFile): boolean {
	const origin = originOf(start, file);
	const last = origin?.path.at(-1);
	if (last === "searchParams" || last === "headers") return true;
	if (origin?.root.kind !== "expression" || origin.path.length > 0) return false;
	const node = unwrap(origin.root.node);
	if (node.type === "NewExpression") return file.bindings.isGlobal(node.callee, "URLSearchParams") || file.bindings.isGlobal(node.callee, "Headers");
	return node.type === "CallExpression" && calledMember(node)?.name === "formData";
}

/** A test of the variable before the object is addressed: `if (!id) return`, `id === null ? … : …`, `id ??= …`. */
function checkOf(use: TSESTree.Identifier, before: TSESTree.Node, file: SourceFile): TSESTree.Node | null {
	for (const { identifier } of file.bindings.variableOf(use)?.references ?? []) {
		if (identifier.range[0] >= before.range[0] && identifier.range[1] <= before.range[1]) continue;
		let node: TSESTree.Node = identifier;
		for (let parent: TSESTree.Node | undefined = node.parent; parent; node = parent, parent = node.parent) {
			const isTest = (parent.type === "IfStatement" || parent.type === "ConditionalExpression") && parent.test === node;
			const isDefault = (parent.type === "LogicalExpression" && parent.left === node) || (parent.type === "AssignmentExpression" && parent.left === node);
			if (isTest || isDefault) return parent.type === "IfStatement" ? parent.test : parent;
			// `assertId(id)`, `schema.parse(id)`: somebody else looks at it.
			if (parent.type === "CallExpression" && parent.arguments.includes(node as TSESTree.CallExpressionArgument)) return parent;
			if (parent.type.endsWith("Statement") || parent.type === "VariableDeclarator") break;
		}
	}
	return null;
}
