import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type FunctionNode, isClass, isFunction, unwrap } from "../../syntax/nodes.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-super-call-args",
	gotcha: "constructor-on-every-wake",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require the constructor to hand ctx and env to super()",
		messages: {
			missingArguments:
				"{{base}} cannot be constructed without ctx and env: this super() throws a TypeError each time the object is to wake, so every call to {{class}} fails. Call super(ctx, env) with what the constructor receives.",
			noSuper:
				"This constructor never calls super(): it throws a ReferenceError each time the object is to wake, so every call to {{class}} fails. Call super(ctx, env) first, with what the constructor receives.",
			swappedArguments: "super() takes ctx first, then env: in this order it throws a TypeError each time the object is to wake, and every call to {{class}} fails.",
		},
		schema: [],
		defaultOptions: [],
		fixable: "code",
	},
	check(object, { verdict }) {
		const { constructor } = object.members;
		const { ancestry, node, file } = object;
		if (!node.superClass) {
			verdict.notApplicable("the class extends nothing");
			return;
		}
		if (!constructor) {
			verdict.notApplicable("the class has no constructor of its own");
			return;
		}
		const calls = superCalls(constructor.fn, object);
		if (!ancestry.isBaseKnown || !hasPlatformConstructor(object)) {
			verdict.unknown({ ...(calls[0] && { at: calls[0] }), because: `what the constructor of ${file.textOf(node.superClass)} takes could not be told` });
			return;
		}
		const names = parameterNames(constructor.fn.params);
		if (calls.length === 0) {
			if (mayEndWithoutSuper(constructor.fn, object)) verdict.unknown({ at: constructor.node.key, because: "no super() was found in the constructor, and it may end without" });
			else verdict.violated({ at: constructor.node.key, messageId: "noSuper", data: { class: object.name }, ...(names && { fix: superFirst(constructor.fn, names, object) }) });
			return;
		}
		for (const call of calls) {
			const [ctx, env] = call.arguments;
			const fix: Rule.ReportFixer | undefined = names && ((fixer) => fixer.replaceTextRange([...call.range], `super(${names.join(", ")})`));
			if (call.arguments.some(({ type }) => type === "SpreadElement")) verdict.guarded({ at: call, because: "super() receives all that the constructor receives" });
			else if (!ctx || !env) {
				// `if (ctx) super(ctx, env); else super();`: which of them the runtime takes is not the call's to say.
				const other = calls.find((each) => each !== call && each.arguments.length >= 2 && areExclusive(call, each));
				if (other) {
					verdict.unknown({ at: [call, other], because: "which of the calls of super() is made could not be told" });
					continue;
				}
				// What is passed may matter; only what is missing is certain.
				const isPrefix = !ctx || (names !== undefined && file.textOf(ctx) === names[0]);
				verdict.violated({ at: call, messageId: "missingArguments", data: { base: file.textOf(node.superClass), class: object.name }, ...(fix && isPrefix && { fix }) });
			} else if (isParameter(ctx, 1, object) && isParameter(env, 0, object)) verdict.violated({ at: call, messageId: "swappedArguments", data: { class: object.name }, ...(fix && { fix }) });
			else verdict.guarded({ at: call, because: "super() receives ctx and env" });
		}
	},
});

function superCalls(fn: TSESTree.Node, object: DurableObjectClass): readonly TSESTree.CallExpression[] {
	const found: TSESTree.CallExpression[] = [];
	object.file.walk(fn, (node) => {
		if (isClass(node)) return false;
		if (node.type === "CallExpression" && node.callee.type === "Super") found.push(node);
		// In a function of its own `super()` is the same constructor's only if it is an arrow function.
		return node === fn || !isFunction(node) || node.type === "ArrowFunctionExpression";
	});
	return found;
}

/** A constructor that returns an object of its own choice needs no super(); one without a body is only declared. */
function mayEndWithoutSuper(fn: FunctionNode, object: DurableObjectClass): boolean {
	if (fn.body?.type !== "BlockStatement") return true;
	// A class that refuses to be constructed says so on purpose.
	if (fn.body.body.some(({ type }) => type === "ThrowStatement")) return true;
	let returns = false;
	object.file.walk(fn.body, (node) => {
		if (isFunction(node) || isClass(node)) return false;
		returns ||= node.type === "ReturnStatement" && node.argument !== null;
		return !returns;
	});
	return returns;
}

/** Calls super() before anything else; there is no other place that is right for all constructors. */
function superFirst(fn: FunctionNode, names: readonly [string, string], { file }: DurableObjectClass): Rule.ReportFixer {
	const call = `super(${names.join(", ")});`;
	const [first] = fn.body.type === "BlockStatement" ? fn.body.body : [];
	if (!first) return (fixer) => fixer.replaceTextRange([...fn.body.range], `{ ${call} }`);
	const before = file.text.slice(file.text.lastIndexOf("\n", first.range[0] - 1) + 1, first.range[0]);
	return (fixer) => fixer.insertTextBeforeRange([...first.range], call + (before.trim() === "" ? `\n${before}` : " "));
}

/** Whether what is extended takes `(ctx, env)`: the framework's class itself, or local classes that have no constructor of their own. */
function hasPlatformConstructor({ ancestry, node, framework }: DurableObjectClass): boolean {
	if (ancestry.base) return !ancestry.base.members.constructor && hasPlatformConstructor(ancestry.base);
	// Actors may be constructed without arguments; a factory's class may be made for it.
	return framework !== null && ancestry.framework !== "actors" && node.superClass !== null && unwrap(node.superClass).type !== "CallExpression";
}

/** The names of the constructor's first two parameters, where both have one. */
function parameterNames(parameters: readonly TSESTree.Parameter[]): readonly [string, string] | undefined {
	const [ctx, env] = parameters.slice(0, 2).map((parameter) => {
		const inner = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
		return inner.type === "Identifier" ? inner.name : null;
	});
	return ctx && env ? [ctx, env] : undefined;
}

function isParameter(node: TSESTree.Node, index: number, object: DurableObjectClass): boolean {
	return object.origins(node).some(({ root, path }) => root.kind === "parameter" && root.fn === object.members.constructor?.fn && root.index === index && path.length === 0);
}
