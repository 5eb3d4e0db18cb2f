import type { TSESTree } from "@typescript-eslint/utils";
import { MAX_TAG_BYTES, MAX_TAGS } from "../../facts/websockets.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { unwrap } from "../../syntax/nodes.ts";
import { constantInitialiser, constantText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "valid-websocket-tags",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow tags on which ctx.acceptWebSocket() throws",
		messages: {
			notAnArray: "acceptWebSocket() throws a TypeError, because its tags are {{what}} instead of an array. Pass an array of strings.",
			tooManyTags: "acceptWebSocket() throws, because there are {{count}} tags; a socket may have {{limit}}. Combine some, or keep the data in the socket's attachment.",
			tagTooLong: "acceptWebSocket() throws, because this tag has {{bytes}} bytes; a tag may have {{limit}}. Use a shorter name, or keep the data in the socket's attachment.",
		},
		schema: [],
		defaultOptions: [] as const,
		fixable: "code",
	},
	check(object, { verdict }) {
		const calls = object.callsOf("ctx", "acceptWebSocket");
		if (calls.length === 0) {
			verdict.notApplicable("the class hands no WebSocket to the runtime");
			return;
		}
		let hasTags = false;
		for (const { node: call } of calls) {
			const [, argument] = call.arguments;
			if (!argument || argument.type === "SpreadElement") continue;
			hasTags = true;
			const value = valueOf(argument, object);
			const other = notAnArray(value, object);
			if (other) {
				verdict.violated({
					at: argument,
					messageId: "notAnArray",
					data: { what: other },
					...(other === "a string" && { fix: (fixer) => [fixer.insertTextBeforeRange([...argument.range], "["), fixer.insertTextAfterRange([...argument.range], "]")] }),
				});
				continue;
			}
			if (value.type !== "ArrayExpression") {
				verdict.unknown({ at: argument, because: "the tags are only known at run time" });
				continue;
			}
			const faults = faultsOf(value, argument, object);
			for (const fault of faults) verdict.violated(fault);
			if (faults.length === 0) verdict.guarded({ at: call, because: "the tags are an array within the limits, as far as they are written out" });
		}
		if (!hasTags) verdict.notApplicable("the sockets have no tags");
	},
});

interface Fault {
	readonly at: TSESTree.Node;
	readonly messageId: "tooManyTags" | "tagTooLong";
	readonly data: Readonly<Record<string, string>>;
}

function faultsOf({ elements }: TSESTree.ArrayExpression, argument: TSESTree.Node, { file }: DurableObjectClass): readonly Fault[] {
	const faults: Fault[] = [];
	// Equal tags count once, so only those that are known now can be counted.
	const distinct = new Set<string>();
	for (const element of elements) {
		const text = element && element.type !== "SpreadElement" ? constantText(element, file) : null;
		if (!element || text === null) continue;
		distinct.add(text);
		const bytes = new TextEncoder().encode(text).length;
		if (bytes > MAX_TAG_BYTES) faults.push({ at: element, messageId: "tagTooLong", data: { bytes: String(bytes), limit: String(MAX_TAG_BYTES) } });
	}
	if (distinct.size > MAX_TAGS) faults.push({ at: argument, messageId: "tooManyTags", data: { count: String(distinct.size), limit: String(MAX_TAGS) } });
	return faults;
}

function valueOf(argument: TSESTree.Node, { file }: DurableObjectClass): TSESTree.Node {
	const bare = unwrap(argument);
	const initialiser = bare.type === "Identifier" ? constantInitialiser(file.bindings.variableOf(bare)) : null;
	return initialiser ? unwrap(initialiser) : bare;
}

/** What a value is instead of an array, where that is certain. */
function notAnArray(node: TSESTree.Node, { file }: DurableObjectClass): string | null {
	switch (node.type) {
		case "Literal":
			return node.value === null ? "null" : `a ${typeof node.value}`;
		case "TemplateLiteral":
			return "a string";
		case "ObjectExpression":
			return "an object";
		case "NewExpression":
			return file.bindings.isGlobal(node.callee, "Set") ? "a Set" : file.bindings.isGlobal(node.callee, "Map") ? "a Map" : null;
		case "CallExpression":
			return file.bindings.isGlobal(node.callee, "String") || file.textOf(node.callee) === "crypto.randomUUID" || file.textOf(node.callee) === "JSON.stringify" ? "a string" : null;
		case "Identifier": {
			const definition = file.bindings.variableOf(node)?.defs[0];
			if (definition?.type !== "Parameter" || definition.name.type !== "Identifier") return null;
			return definition.name.typeAnnotation?.typeAnnotation.type === "TSStringKeyword" ? "a string" : null;
		}
		default:
			return null;
	}
}
