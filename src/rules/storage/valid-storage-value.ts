import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { unstorableClasses } from "../../facts/storage.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { socketWithin } from "../../model/stored-sockets.ts";
import { calledMember, isClass, isFunction, unwrap } from "../../syntax/nodes.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { lineOf, quoted } from "../quote.ts";
import { durableObject } from "../subjects.ts";

type Fault = "undefinedValue" | "noValue" | "function" | "promise" | "unstorable" | "lostPrototype" | "itself" | "kvEntries" | "kvKeys";

const DEPTH = 6;

export default defineRule({
	name: "valid-storage-value",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow storing values that storage refuses or stores as something else",
		messages: {
			undefinedValue: "put() throws on undefined: nothing can be stored under the key. Call delete() to remove it, or store null.",
			noValue: "put() throws without a value. Give it a value, or an object of keys and values.",
			function: "put() throws: {{what}} is a function, and functions cannot be stored. Store the data that it works on.",
			promise: "put() throws: {{what}} is a promise, which cannot be stored. Await it first.",
			unstorable: "put() throws: {{what}} cannot be stored. Store plain data taken from it.",
			itself: "put() throws: the object itself cannot be stored. Store the fields that matter.",
			lostPrototype: "{{what}} comes back from storage as a plain object, without the methods of its class: calling one then fails. Store plain data, and make the instance when you read it.",
			kvEntries: "kv.put() takes one key and one value, and throws on an object of several. Call it once for each key.",
			kvKeys: "kv.{{method}}() takes one key: an array becomes the text of its items, and no such key is there. Call it once for each key.",
			useDelete: "Delete the key.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const puts = object.platformCalls.filter(({ on, method }) => method === "put" && (on === "storage" || on === "transaction" || on === "kv"));
		let isViolated = false;
		for (const call of object.platformCalls) {
			const { on, method, node } = call;
			const [key] = node.arguments;
			if (on !== "kv" || (method !== "get" && method !== "delete") || !key || unwrap(key).type !== "ArrayExpression") continue;
			isViolated = true;
			verdict.violated({ at: key, messageId: "kvKeys", data: { method } });
		}
		for (const call of puts) {
			const fault = faultOfPut(call, object) ?? socketInPut(call, object);
			if (!fault) continue;
			isViolated = true;
			verdict.violated({ at: fault.at, messageId: fault.messageId, data: { what: fault.what }, suggest: fault.messageId === "undefinedValue" ? deletion(call, object) : [] });
		}
		if (isViolated) return;
		if (puts.length > 0) verdict.guarded({ at: puts.slice(0, 3).map(({ node }) => node), because: "what is stored is, as far as the source says, data that storage keeps as it is" });
		else verdict.notApplicable("the class puts nothing under keys of its storage");
	},
});

interface Found {
	readonly at: TSESTree.Node;
	readonly messageId: Fault;
	readonly what: string;
}

function faultOfPut(call: PlatformCall, object: DurableObjectClass): Found | null {
	const [first, second] = call.node.arguments;
	if (!first || first.type === "SpreadElement" || second?.type === "SpreadElement") return null;
	const entries = unwrap(first);
	if (entries.type === "ObjectExpression") return call.on === "kv" ? { at: first, messageId: "kvEntries", what: "" } : valueFault(entries, object, DEPTH);
	if (!second) return ["Literal", "TemplateLiteral"].includes(entries.type) ? { at: call.node, messageId: "noValue", what: "" } : null;
	// The synchronous put() takes undefined; measured.
	if (call.on !== "kv" && isUndefined(second)) return { at: second, messageId: "undefinedValue", what: "" };
	return valueFault(second, object, DEPTH);
}

/** A socket in what is stored, which may have got there in another method. */
function socketInPut(call: PlatformCall, object: DurableObjectClass): Found | null {
	const [first, second] = call.node.arguments;
	const value = first && unwrap(first).type === "ObjectExpression" ? first : second;
	if (!value || value.type === "SpreadElement") return null;
	const socket = socketWithin(value, object);
	if (!socket) return null;
	const isItself = socket === unwrap(value);
	return { at: value, messageId: "unstorable", what: `${quoted(value, object.file)} ${isItself ? "is a WebSocket, which" : `holds a WebSocket (line ${lineOf(socket)}), which`}` };
}

const isUndefined = (node: TSESTree.Node): boolean => {
	const value = unwrap(node);
	return (value.type === "Identifier" && value.name === "undefined") || (value.type === "UnaryExpression" && value.operator === "void");
};

/** The first thing in a value that storage refuses, or does not give back as it was. */
function valueFault(start: TSESTree.Node, object: DurableObjectClass, depth: number): Found | null {
	const node = unwrap(start);
	if (depth === 0) return null;
	const { file } = object;
	const found = (messageId: Fault, what = file.textOf(node)): Found => ({ at: start, messageId, what: what.length > 40 ? `${what.slice(0, 39)}…` : what.replaceAll(/\s+/gu, " ") });
	switch (node.type) {
		case "ThisExpression":
			return found("itself");
		case "ArrowFunctionExpression":
		case "FunctionExpression":
			return found("function", "the value");
		case "ObjectExpression":
			for (const property of node.properties) {
				if (property.type !== "Property") continue;
				if (property.kind !== "init") continue;
				const inner = isFunction(property.value) ? { at: property, messageId: "function" as const, what: file.textOf(property.key) } : valueFault(property.value, object, depth - 1);
				if (inner) return inner;
			}
			return null;
		case "ArrayExpression":
			for (const element of node.elements) {
				const inner = element && element.type !== "SpreadElement" ? valueFault(element, object, depth - 1) : null;
				if (inner) return inner;
			}
			return null;
		case "ConditionalExpression":
			return valueFault(node.consequent, object, depth - 1) ?? valueFault(node.alternate, object, depth - 1);
		case "LogicalExpression":
			return valueFault(node.right, object, depth - 1) ?? (node.operator === "&&" ? null : valueFault(node.left, object, depth - 1));
		case "NewExpression": {
			const { callee } = node;
			if (callee.type !== "Identifier") return null;
			if (file.bindings.isGlobal(callee, callee.name)) return unstorableClasses.has(callee.name) ? found(callee.name === "Promise" ? "promise" : "unstorable", callee.name === "Promise" ? "new Promise(…)" : `a ${callee.name}`) : null;
			return classWithMethods(callee, object) ? found("lostPrototype", `The ${callee.name}`) : null;
		}
		case "CallExpression": {
			const callee = unwrap(node.callee);
			const method = object.calledMethod(node);
			if (method?.fn.async && !method.fn.generator) return found("promise");
			if (callee.type !== "Identifier") return null;
			if (file.bindings.isGlobal(callee, "fetch")) return found("promise");
			if (file.bindings.isGlobal(callee, "Symbol")) return found("unstorable");
			const definition = file.bindings.variableOf(callee)?.defs[0];
			return definition?.type === "FunctionName" && isFunction(definition.node) && definition.node.async && !definition.node.generator ? found("promise") : null;
		}
		case "Identifier": {
			const variable = file.bindings.variableOf(node);
			const definition = variable?.defs[0];
			if (definition?.type === "FunctionName") return found("function");
			if (definition?.type === "ClassName") return found("function");
			const init = constantInitialiser(variable);
			const made = init && unwrap(init);
			if (made?.type !== "NewExpression" && !isFunction(made) && !isClass(made)) return null;
			const inner = valueFault(made, object, depth - 1);
			return inner && { ...inner, at: start, what: inner.messageId === "lostPrototype" ? inner.what : node.name };
		}
		case "MemberExpression": {
			// `this.save`: a method.
			const name = node.object.type === "ThisExpression" && node.property.type === "Identifier" && !node.computed ? node.property.name : null;
			return name !== null && object.members.methods.get(name)?.kind === "method" ? found("function") : null;
		}
		default:
			return null;
	}
}

/** A class of this file whose instances have methods or accessors, and are no errors: these keep what matters. */
function classWithMethods(name: TSESTree.Identifier, { file }: DurableObjectClass): boolean {
	const definition = file.bindings.variableOf(name)?.defs[0];
	if (definition?.type !== "ClassName") return false;
	const { body, superClass } = definition.node;
	if (superClass?.type === "Identifier" && /Error$|^(?:Map|Set|Array|Date)$/u.test(superClass.name)) return false;
	const methods = body.body.filter((element) => element.type === "MethodDefinition" && !element.static && element.kind !== "constructor");
	return methods.some((element) => element.type === "MethodDefinition" && !(element.key.type === "Identifier" && element.key.name === "toJSON"));
}

/** `put(key, undefined)` as a statement becomes `delete(key)`; what it returns differs, so not where that is used. */
function deletion({ node }: PlatformCall, { file }: DurableObjectClass): Rule.SuggestionReportDescriptor[] {
	const called = calledMember(node);
	const [key, , ...more] = node.arguments;
	const isStatement = node.parent.type === "ExpressionStatement" || (node.parent.type === "AwaitExpression" && node.parent.parent.type === "ExpressionStatement");
	if (!called || called.member.computed || !key || more.length > 0 || !isStatement) return [];
	const { member } = called;
	return [{ messageId: "useDelete", fix: (fixer) => fixer.replaceTextRange([member.property.range[0], node.range[1]], `delete(${file.textOf(key)})`) }];
}
