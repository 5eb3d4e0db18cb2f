import type { Addressing } from "../../model/stubs.ts";
import { isTestCode } from "../../model/test-code.ts";
import { enclosingFunction, keyName } from "../../syntax/nodes.ts";
import { constantText, displayText, textOf } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

interface Options {
	/** Names of objects that are meant to be the only one. */
	readonly allowNames: readonly string[];
	/** Whether a constant name is allowed in `scheduled()` and `alarm()`, which run seldom. */
	readonly allowInScheduled: boolean;
}

export default defineRule({
	name: "no-global-singleton",
	gotcha: "single-object-throughput",
	subject: caller,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow one constant object name for all requests",
		messages: {
			constantName:
				'Every request that comes here goes to the one object named "{{name}}" of `{{namespace}}`: a single thread in a single place, good for some 1,000 simple requests a second, and it answers "overloaded" beyond. Derive the name from what the request is about (room, user, tenant), or add "{{name}}" to the option allowNames if one object is meant.',
		},
		schema: [
			{
				type: "object",
				properties: {
					allowNames: { type: "array", items: { type: "string" }, description: "Names of objects of which one is meant to serve all." },
					allowInScheduled: { type: "boolean", description: "Whether constant names are allowed in scheduled() and alarm()." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allowNames: [], allowInScheduled: true }] as readonly [Options],
	},
	check({ addressings, file, filename }, { options: [{ allowNames, allowInScheduled }], verdict }) {
		if (isTestCode(file, filename)) {
			verdict.notApplicable("a test addresses objects of its own");
			return;
		}
		const named = addressings.filter((addressing) => addressing.name);
		const spread: Addressing[] = [];
		const reported = new Set<string>();
		for (const addressing of named) {
			const { name, node, namespace } = addressing;
			if (!name) continue;
			const text = constantText(name, file);
			if (text === null) spread.push(addressing);
			else if (allowNames.includes(text)) verdict.guarded({ at: node, because: `"${text}" is meant to be one object for all` });
			else if (allowInScheduled && isScheduled(addressing)) verdict.guarded({ at: node, because: "only scheduled work goes to this object" });
			else if (!reported.has(`${file.textOf(namespace)} ${text}`)) {
				// Once for each object: what is to be decided is the object, not the line.
				reported.add(`${file.textOf(namespace)} ${text}`);
				verdict.violated({ at: name, messageId: "constantName", data: { name: text, namespace: file.textOf(namespace) } });
			}
		}
		const [first] = spread;
		if (first?.name) verdict.guarded({ at: first.node, because: `the name \`${displayText(textOf(first.name, file))}\` is made at run time, so the load is spread over objects` });
		if (named.length === 0) verdict.notApplicable("no object is addressed by name");
	},
});

function isScheduled({ node }: Addressing): boolean {
	for (let fn = enclosingFunction(node); fn; fn = enclosingFunction(fn)) {
		const { parent } = fn;
		const name = parent.type === "Property" || parent.type === "MethodDefinition" ? keyName(parent) : fn.type === "FunctionDeclaration" ? fn.id?.name : null;
		if (name === "scheduled" || name === "alarm" || name === "onAlarm") return true;
	}
	return false;
}
