import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { isFunction } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-super-call-args",
	gotcha: "constructor-on-every-wake",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require super(ctx, env) in constructors of Durable Objects",
		messages: {
			missingArguments: "super() without ctx and env throws each time the object is built, so no event ever reaches it. Pass both on: super(ctx, env).",
		},
		schema: [],
		defaultOptions: [] as readonly [],
		fixable: "code",
	},
	check(object, { verdict }) {
		const { constructor } = object.members;
		if (!constructor) {
			verdict.notApplicable("the class has no constructor of its own");
			return;
		}
		const call = superCallIn(constructor.fn, object);
		if (!call) {
			verdict.notApplicable("the constructor calls no base class");
			return;
		}
		if (object.ancestry.framework !== "workers" || object.ancestry.base?.members.constructor) {
			verdict.notApplicable("what the base class's constructor takes is not the runtime's affair");
			return;
		}
		if (call.arguments.length >= 2 || call.arguments.some((argument) => argument.type === "SpreadElement")) {
			verdict.guarded({ at: call, because: "the base class receives ctx and env" });
			return;
		}
		const names = constructor.fn.params.slice(0, 2).map(parameterName);
		const text = names.length === 2 && names.every((name) => name !== null) ? `super(${names.join(", ")})` : null;
		verdict.violated({ at: call, messageId: "missingArguments", ...(text !== null && { fix: (fixer) => fixer.replaceTextRange([...call.range], text) }) });
	},
});

function superCallIn(fn: TSESTree.Node, { file }: DurableObjectClass): TSESTree.CallExpression | null {
	let found: TSESTree.CallExpression | null = null;
	file.walk(fn, (node) => {
		if (found || (node !== fn && isFunction(node) && node.type !== "ArrowFunctionExpression")) return false;
		if (node.type === "CallExpression" && node.callee.type === "Super") found = node;
		return true;
	});
	return found;
}

function parameterName(parameter: TSESTree.Parameter): string | null {
	const pattern = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
	return pattern.type === "Identifier" ? pattern.name : null;
}
