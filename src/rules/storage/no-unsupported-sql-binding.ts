import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { agentSqlTemplates, sqlCalls } from "../../model/sql.ts";
import { declaredType, presentTypes } from "../../syntax/declared-type.ts";
import { calledMember, isFunction, unwrap } from "../../syntax/nodes.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { type TypeQuestions, typeQuestions, type ValueKind } from "../../syntax/types.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

/** A kind of value that SQL does not store as what it is. */
type Unsupported = "boolean" | "bigint" | "date" | "array" | "object" | "function";

const DEPTH = 6;

export default defineRule({
	name: "no-unsupported-sql-binding",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow binding booleans, dates, objects and bigints to SQL statements",
		messages: {
			boolean: "{{expression}} is bound as the text 'true' or 'false', which no comparison with 1 or 0 finds. Bind a number.",
			date: "{{expression}} is bound as the text of Date.toString(), which SQL can neither compare nor sort. Bind .getTime() or .toISOString().",
			array: "{{expression}} is bound as its items joined by commas. Bind JSON.stringify(…), or one value to each parameter.",
			object: "{{expression}} is bound as the text '[object Object]', and what it holds is lost. Bind JSON.stringify(…).",
			bigint: "exec() throws on {{expression}}: a bigint cannot be bound. Bind it as a string, or as a number where it is small enough.",
			function: "{{expression}} is bound as the text of the function. Bind a value.",
			asNumber: "Bind 1 or 0.",
			asTime: "Bind milliseconds.",
			asIso: "Bind an ISO date.",
			asJson: "Bind JSON.",
			asString: "Bind a string.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict, sourceCode }) {
		const types = typeQuestions(sourceCode);
		const values = boundValues(object);
		let isViolated = false;
		for (const value of values) {
			const kind = kindOf(value, object, types, DEPTH);
			if (!kind) continue;
			isViolated = true;
			verdict.violated({ at: value, messageId: kind, data: { expression: shown(value, object) }, suggest: suggestions(value, kind, object) });
		}
		if (isViolated) return;
		if (values.length > 0) verdict.guarded({ at: values.slice(0, 3), because: "no bound value is known to be of a kind that SQL cannot store" });
		else verdict.notApplicable("the class binds no values to SQL statements");
	},
});

/** The values of all `exec` calls, and of the tagged `this.sql` of the Agents SDK, which hands them to `exec`. */
function boundValues(object: DurableObjectClass): TSESTree.Node[] {
	return [...sqlCalls(object).flatMap(({ bindings }) => bindings.flatMap((binding) => listed(binding, object))), ...agentSqlTemplates(object).flatMap(({ quasi }) => quasi.expressions)];
}

/** `...[a, b]` binds a and b. */
function listed(binding: TSESTree.CallExpressionArgument, object: DurableObjectClass): readonly TSESTree.Node[] {
	if (binding.type !== "SpreadElement") return [binding];
	let list = unwrap(binding.argument);
	if (list.type === "Identifier") list = unwrap(constantInitialiser(object.file.bindings.variableOf(list)) ?? list);
	if (list.type !== "ArrayExpression") return [];
	return list.elements.flatMap((element) => (element && element.type !== "SpreadElement" ? [element] : []));
}

function kindOf(start: TSESTree.Node, object: DurableObjectClass, types: TypeQuestions | null, depth: number): Unsupported | null {
	const node = unwrap(start);
	if (depth === 0) return null;
	const { file } = object;
	const again = (next: TSESTree.Node): Unsupported | null => kindOf(next, object, types, depth - 1);
	switch (node.type) {
		case "Literal":
			return typeof node.value === "boolean" ? "boolean" : "bigint" in node && node.bigint ? "bigint" : null;
		case "TemplateLiteral":
			return null;
		case "UnaryExpression":
			return node.operator === "!" || node.operator === "delete" ? "boolean" : null;
		case "BinaryExpression":
			return ["===", "!==", "==", "!=", "<", "<=", ">", ">=", "in", "instanceof"].includes(node.operator) ? "boolean" : null;
		case "ObjectExpression":
			return "object";
		case "ArrayExpression":
			return "array";
		case "ArrowFunctionExpression":
		case "FunctionExpression":
			return "function";
		case "ConditionalExpression":
			return again(node.consequent) ?? again(node.alternate);
		case "LogicalExpression":
			return again(node.right) ?? (node.operator === "&&" ? null : again(node.left));
		case "AwaitExpression":
			return typeKind(types?.kindOf(node));
		case "NewExpression": {
			const { callee } = node;
			if (callee.type !== "Identifier" || !file.bindings.isGlobal(callee, callee.name)) return null;
			if (callee.name === "Date") return "date";
			return ["Map", "Set", "URL", "Error"].includes(callee.name) ? "object" : callee.name === "Array" ? "array" : null;
		}
		case "CallExpression": {
			const callee = unwrap(node.callee);
			if (callee.type === "Identifier" && file.bindings.isGlobal(callee, callee.name)) {
				if (callee.name === "Boolean") return "boolean";
				if (callee.name === "BigInt") return "bigint";
			}
			const called = calledMember(node);
			const holder = called && unwrap(called.object);
			if (holder?.type === "Identifier" && file.bindings.isGlobal(holder, "Array") && called?.name === "isArray") return "boolean";
			return typeKind(types?.kindOf(node));
		}
		case "Identifier": {
			const init = constantInitialiser(file.bindings.variableOf(node));
			const made = init && !isFunction(unwrap(init)) ? again(init) : null;
			return made ?? typeKind(types?.kindOf(node)) ?? annotated(node, object);
		}
		case "MemberExpression":
			return typeKind(types?.kindOf(node)) ?? annotated(node, object);
		default:
			return null;
	}
}

function typeKind(kind: ValueKind | undefined): Unsupported | null {
	return kind === undefined || kind === "number" || kind === "other" ? null : kind;
}

/** What the source declares an expression to be, `undefined` and `null` aside: these are bound as NULL. */
function annotated(node: TSESTree.Node, object: DurableObjectClass): Unsupported | null {
	const type = declaredType(node, object.file);
	const [first, ...others] = type ? presentTypes(type, object.file) : [];
	if (!first) return null;
	const kind = kindOfType(first, object);
	return others.every((other) => kindOfType(other, object) === kind) ? kind : null;
}

function kindOfType(type: TSESTree.TypeNode, object: DurableObjectClass): Unsupported | null {
	switch (type.type) {
		case "TSBooleanKeyword":
			return "boolean";
		case "TSBigIntKeyword":
			return "bigint";
		case "TSArrayType":
		case "TSTupleType":
			return "array";
		case "TSTypeLiteral":
			return "object";
		case "TSLiteralType":
			return type.literal.type === "Literal" && typeof type.literal.value === "boolean" ? "boolean" : null;
		case "TSTypeReference": {
			const name = type.typeName.type === "Identifier" ? type.typeName : null;
			const isGlobal = name !== null && (object.file.bindings.variableOf(name)?.defs.length ?? 0) === 0;
			if (name?.name === "Date" && isGlobal) return "date";
			return name?.name === "Record" && isGlobal ? "object" : null;
		}
		default:
			return null;
	}
}

const MAX_SHOWN = 40;

function shown(node: TSESTree.Node, { file }: DurableObjectClass): string {
	const source = file.textOf(node).replaceAll(/\s+/gu, " ");
	return source.length > MAX_SHOWN ? `${source.slice(0, MAX_SHOWN - 1)}…` : source;
}

function suggestions(value: TSESTree.Node, kind: Unsupported, { file }: DurableObjectClass): Rule.SuggestionReportDescriptor[] {
	const text = file.textOf(value);
	const node = unwrap(value);
	const replace = (messageId: string, replacement: string): Rule.SuggestionReportDescriptor => ({ messageId, fix: (fixer) => fixer.replaceTextRange([...value.range], replacement) });
	const isPlain = node === value && ["Identifier", "MemberExpression", "NewExpression", "CallExpression"].includes(node.type);
	const isOptional = /\?\./u.test(text);
	switch (kind) {
		case "boolean":
			if (node.type === "Literal") return [replace("asNumber", node.value === true ? "1" : "0")];
			return [replace("asNumber", `Number(${text})`)];
		case "date":
			if (!isPlain || isOptional) return [];
			return [replace("asTime", `${text}.getTime()`), replace("asIso", `${text}.toISOString()`)];
		case "array":
		case "object":
			return [replace("asJson", `JSON.stringify(${text})`)];
		case "bigint":
			return [replace("asString", node.type === "Literal" ? `"${text.replace(/n$/u, "").replaceAll("_", "")}"` : `String(${text})`)];
		case "function":
			return [];
	}
}
