import type { TSESTree } from "@typescript-eslint/utils";
import { reaches } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { objectUseOf } from "../../model/index.ts";
import { calledMember, contains, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-self-call-in-block-concurrency",
	gotcha: "atomic-regions",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow calling the object itself while it is blocked",
		messages: {
			deadlock:
				"This calls the object itself while {{region}}() lets no event in, not even this one: both wait for each other until the runtime resets the object after 30 seconds. Call the method directly, `this.{{method}}()`.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict, ...file }) {
		const regions = object.members.functions.filter((fn) => object.callbackRun(fn) === "region");
		if (regions.length === 0) {
			verdict.notApplicable("the class never blocks itself");
			return;
		}
		let isViolated = false;
		for (const { node, method, stub } of objectUseOf(file)?.calls ?? []) {
			if (!contains(object.node, node) || !isOwnStub(stub, object)) continue;
			const region = regions.find((fn) => reaches(fn, node, object));
			if (!region) continue;
			isViolated = true;
			const call = region.parent.type === "CallExpression" ? calledMember(region.parent) : null;
			verdict.violated({ at: node, messageId: "deadlock", data: { region: call?.name ?? "blockConcurrencyWhile", method } });
		}
		if (!isViolated) verdict.guarded({ at: regions.map((fn) => fn.parent).slice(0, 3), because: "nothing inside calls the object itself" });
	},
});

/** A stub made from the object's own id or name: `env.X.get(this.ctx.id)`, `env.X.getByName(this.ctx.id.name)`. */
function isOwnStub(stub: TSESTree.Node, object: DurableObjectClass): boolean {
	return object.origins(stub).some(({ root, path }) => {
		if (root.kind !== "expression" || path.length > 0) return false;
		const call = unwrap(root.node);
		return call.type === "CallExpression" && call.arguments.some((argument) => argument.type !== "SpreadElement" && isOwnId(argument, object));
	});
}

function isOwnId(node: TSESTree.Node, object: DurableObjectClass, depth = 3): boolean {
	if (depth === 0) return false;
	return object.origins(node).some(({ root, path }) => {
		if (root.kind === "expression" && path.length === 0) {
			const call = unwrap(root.node);
			if (call.type !== "CallExpression") return false;
			const called = calledMember(call);
			if (called?.name === "toString") return isOwnId(called.object, object, depth - 1);
			return call.arguments.some((argument) => argument.type !== "SpreadElement" && isOwnId(argument, object, depth - 1));
		}
		if (root.kind === "this") return path.length >= 2 && path[1] === "id" && isContextField(path[0] as string, object);
		if (root.kind === "parameter") return path[0] === "id" && root.index === 0 && root.fn === object.members.constructor?.fn;
		return false;
	});
}

/** Whether `this.<field>` is the DurableObjectState; fields that hold it under other names are followed by their origin. */
function isContextField(name: string, object: DurableObjectClass): boolean {
	return object.inheritedHandle(name) === "ctx";
}
