import { reservedMethods } from "../../facts/namespaces.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

export default defineRule({
	name: "no-reserved-rpc-method",
	gotcha: "rpc",
	subject: caller,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow calling methods of an object that the runtime keeps for itself",
		messages: {
			reserved: "`{{method}}` is called by the runtime only: over a stub this call throws. Give the object a method of another name that does the same, and call that.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check({ calls }, { verdict }) {
		const reserved = calls.filter((call) => reservedMethods.includes(call.method));
		for (const { node, method } of reserved) verdict.violated({ at: node.callee, messageId: "reserved", data: { method } });
		if (calls.length === 0) verdict.notApplicable("no object is called");
		else if (reserved.length === 0) verdict.guarded({ at: calls.slice(0, 3).map((call) => call.node), because: "only methods that a stub can call are called" });
	},
});
