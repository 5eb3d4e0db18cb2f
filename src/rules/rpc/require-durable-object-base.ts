import type { DurableObjectClass } from "../../model/durable-object.ts";
import { objectUseOf } from "../../model/index.ts";
import { runtimeHandlers } from "../../facts/frameworks.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

const RPC_DATE = "2024-04-03";

export default defineRule({
	name: "require-durable-object-base",
	gotcha: "rpc",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require classes with methods for stubs to extend DurableObject",
		messages: {
			rpcWithoutBase:
				'A stub cannot call `{{method}}()`: {{name}} does not extend DurableObject, so the runtime refuses RPC ("does not support RPC, because its class was not declared with extends DurableObject"). Import DurableObject from "cloudflare:workers" and extend it{{date}}.',
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict, ...file }) {
		const { ancestry, project, name } = object;
		if (ancestry.hasRpc) {
			verdict.guarded({ at: object.node.superClass ?? object.node, because: ancestry.reason });
			return;
		}
		if (!ancestry.isBaseKnown) {
			verdict.unknown({ at: object.node.superClass ?? object.node, because: "its base class is in another file" });
			return;
		}
		const methods = publicMethods(object);
		if (methods.length === 0) {
			verdict.notApplicable("it has only handlers that the runtime calls, which need no base class");
			return;
		}
		const called = methods.find((method) => objectUseOf(file)?.calls.some((call) => call.method === method.name));
		if (!called) {
			verdict.unknown({ at: methods[0]?.node.key ?? object.node, because: "whether its public methods are meant for stubs could not be told; stubs cannot call them" });
			return;
		}
		const date = project.compatibilityDate;
		const hint = date && date.value < RPC_DATE ? `, and raise the compatibility date (${date.value} in ${date.from}) to ${RPC_DATE} or later` : "";
		verdict.violated({ at: called.node.key, messageId: "rpcWithoutBase", data: { method: called.name, name, date: hint } });
	},
});

function publicMethods({ members }: DurableObjectClass) {
	return [...members.methods.values()].filter(
		(method) => method.kind === "method" && method.accessibility === "public" && !/^[#_]/u.test(method.name) && !runtimeHandlers.includes(method.name),
	);
}
