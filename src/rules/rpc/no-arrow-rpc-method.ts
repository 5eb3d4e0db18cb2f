import type { Rule } from "eslint";
import { runtimeHandlers } from "../../facts/frameworks.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import type { Method } from "../../model/members.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-arrow-rpc-method",
	gotcha: "rpc",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow public methods that are fields, which a stub cannot call",
		messages: {
			arrowMethod: 'A stub cannot call `{{name}}`: it is a field that holds a function, and only methods of the class are visible over RPC ("does not implement the method"). Write it as a method, or make it private if no one outside is meant to call it.',
			makeMethod: "Write `{{name}}` as a method.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		if (!object.ancestry.hasRpc) {
			verdict.notApplicable("stubs cannot call methods of this class at all");
			return;
		}
		let isViolated = false;
		for (const method of object.members.methods.values()) {
			if (!isMeantForStubs(method, object)) continue;
			isViolated = true;
			const fix = methodFix(method, object);
			verdict.violated({ at: method.node.key, messageId: "arrowMethod", data: { name: method.name }, suggest: fix ? [{ messageId: "makeMethod", data: { name: method.name }, fix }] : [] });
		}
		if (isViolated) return;
		const methods = object.entryPoints.filter((entry) => entry.kind === "rpc");
		if (methods.length > 0) verdict.guarded({ at: methods.slice(0, 3).map(({ fn }) => (fn.parent.type === "MethodDefinition" ? fn.parent.key : fn)), because: "what stubs call are methods of the class" });
		else verdict.notApplicable("the class has no public methods");
	},
});

/** A public function field that nothing in the class uses: who else could be meant to call it? */
function isMeantForStubs(method: Method, object: DurableObjectClass): boolean {
	if (method.kind !== "function-field" || method.accessibility !== "public" || method.name.startsWith("#") || method.name.startsWith("_")) return false;
	if (runtimeHandlers.includes(method.name) || method.decorators.length > 0) return false;
	if (object.framework?.hooks.includes(method.name) || object.framework?.initialisers.includes(method.name) || /^on[A-Z]/u.test(method.name)) return false;
	return object.ownCallsOf(method.name).length + object.referencesTo(method.name).length === 0;
}

/** `name = async (a) => { … }` becomes `async name(a) { … }`; `this` and `arguments` mean the same in both. */
function methodFix({ node, fn }: Method, { file }: DurableObjectClass): Rule.ReportFixer | null {
	if (node.type !== "PropertyDefinition" || fn.type !== "ArrowFunctionExpression" || node.computed || node.readonly || node.typeAnnotation || node.override) return null;
	const body = fn.body.type === "BlockStatement" ? file.textOf(fn.body) : `{ return ${file.textOf(fn.body)}; }`;
	const beforeBody = file.text.slice(fn.range[0], fn.body.range[0]);
	const head = beforeBody.slice(fn.async ? "async".length : 0, beforeBody.lastIndexOf("=>")).trim();
	if (/\/[*/]/u.test(beforeBody) || file.text.slice(fn.body.range[1], fn.range[1]).trim() !== "") return null;
	const parameters = head.startsWith("(") || head.startsWith("<") ? head : `(${head})`;
	return (fixer) => fixer.replaceTextRange([...node.range], `${fn.async ? "async " : ""}${file.textOf(node.key)}${parameters} ${body}`);
}
