import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { isClass, isFunction, unwrap } from "../../syntax/nodes.ts";
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
		const [first] = calls;
		if (!first) {
			verdict.unknown({ at: constructor.node.key, because: "no super() was found in the constructor" });
			return;
		}
		for (const call of calls) {
			const [ctx, env] = call.arguments;
			const names = parameterNames(constructor.fn.params);
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
