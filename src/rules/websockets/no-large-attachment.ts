import type { TSESTree } from "@typescript-eslint/utils";
import { MAX_ATTACHMENT_BYTES } from "../../facts/websockets.ts";
import { attachmentReads, type AttachmentWrite, attachmentWrites } from "../../model/attachments.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { calledMember, contains, enclosingFunction, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { constantInitialiser, constantText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Bytes that an attachment may have when it is serialised. */
	readonly maxBytes: number;
}

export default defineRule({
	name: "no-large-attachment",
	gotcha: "websocket-attachment",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow attachments that are, or grow, larger than a socket can carry",
		messages: {
			tooLarge: "This attachment has at least {{bytes}} bytes; serializeAttachment() throws beyond {{limit}}. Keep the value in storage, and its key in the attachment.",
			grows: "{{list}} grows with each event and is attached as a whole: serializeAttachment() throws once it has more than {{limit}} bytes. Keep the list in storage, or bound it with slice().",
		},
		schema: [
			{
				type: "object",
				properties: { maxBytes: { type: "integer", minimum: 1, description: "Bytes that an attachment may have when it is serialised; 2048 in older runtimes." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ maxBytes: MAX_ATTACHMENT_BYTES }] as readonly [Options],
	},
	check(object, { options: [{ maxBytes }], verdict }) {
		const writes = attachmentWrites(object);
		if (writes.length === 0) {
			verdict.notApplicable("the class attaches nothing to its sockets");
			return;
		}
		let isAnswered = false;
		for (const write of writes) {
			if (!write.value) continue;
			const limit = String(maxBytes);
			const bytes = knownBytes(write.value, object, 4);
			const growth = bytes > maxBytes ? null : growthOf(write, object);
			if (bytes > maxBytes) verdict.violated({ at: write.value, messageId: "tooLarge", data: { bytes: String(bytes), limit } });
			else if (growth?.bound) verdict.guarded({ at: growth.bound, because: "the list in the attachment is kept short" });
			else if (growth) verdict.violated({ at: growth.at, messageId: "grows", data: { list: growth.list, limit } });
			else continue;
			isAnswered = true;
		}
		if (!isAnswered) verdict.guarded({ at: writes.slice(0, 3).map(({ node }) => node), because: "nothing that grows is seen in the attachments" });
	},
});

/** The bytes of the texts that a value is known to contain: no less than these are serialised. */
function knownBytes(start: TSESTree.Node, object: DurableObjectClass, depth: number): number {
	const node = unwrap(start);
	if (depth === 0) return 0;
	const text = constantText(node, object.file);
	if (text !== null) return new TextEncoder().encode(text).length;
	switch (node.type) {
		case "ObjectExpression":
			return sum(node.properties.map((property) => (property.type === "Property" ? knownBytes(property.value, object, depth - 1) : knownBytes(property.argument, object, depth - 1))));
		case "ArrayExpression":
			return sum(node.elements.map((element) => (element ? knownBytes(element.type === "SpreadElement" ? element.argument : element, object, depth - 1) : 0)));
		case "Identifier": {
			const initialiser = constantInitialiser(object.file.bindings.variableOf(node));
			return initialiser ? knownBytes(initialiser, object, depth - 1) : 0;
		}
		case "CallExpression": {
			const called = calledMember(node);
			const [count] = node.arguments;
			const repeated = called?.name === "repeat" ? constantText(called.object, object.file) : null;
			return repeated !== null && count?.type === "Literal" && typeof count.value === "number" ? new TextEncoder().encode(repeated).length * count.value : 0;
		}
		default:
			return 0;
	}
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

interface Growth {
	readonly at: TSESTree.Node;
	/** How the source calls what grows. */
	readonly list: string;
	/** The code that keeps it short. */
	readonly bound: TSESTree.Node | null;
}

/** A list out of the attachment that gets longer and is attached again. */
function growthOf({ node, value }: AttachmentWrite, object: DurableObjectClass): Growth | null {
	const fn = enclosingFunction(node);
	if (!value || !fn) return null;
	const read = readVariables(fn, object);
	if (read.size === 0) return null;
	const rootIn = (start: TSESTree.Node): boolean => {
		let current = unwrap(start);
		while (current.type === "MemberExpression") current = unwrap(current.object);
		if (current.type === "CallExpression") return calledMember(current)?.name === "deserializeAttachment";
		const variable = current.type === "Identifier" ? object.file.bindings.variableOf(current) : null;
		return variable !== null && read.has(variable);
	};
	let found: { at: TSESTree.Node; list: TSESTree.Node } | null = null;
	object.file.walk(fn.body, (child) => {
		if (found) return false;
		if (child.type === "CallExpression" && child.range[0] < node.range[0]) {
			const called = calledMember(child);
			if (called && (called.name === "push" || called.name === "unshift" || called.name === "concat") && rootIn(called.object)) found = { at: child, list: called.object };
		}
		if (child.type === "ArrayExpression" && contains(value, child)) {
			const spread = child.elements.find((element) => element?.type === "SpreadElement" && rootIn(element.argument));
			if (spread?.type === "SpreadElement" && child.elements.length > 1) found = { at: child, list: spread.argument };
		}
		return true;
	});
	if (!found) return null;
	const { at, list } = found as { at: TSESTree.Node; list: TSESTree.Node };
	return { at, list: object.file.textOf(unwrap(list)), bound: boundOf(fn.body, object) };
}

/** Variables of a function that hold an attachment, or a part of one. */
function readVariables(fn: TSESTree.Node, object: DurableObjectClass): ReadonlySet<unknown> {
	const variables = new Set<unknown>();
	for (const { node } of attachmentReads(object)) {
		if (!contains(fn, node)) continue;
		let outer = wrapped(node);
		while (outer.parent?.type === "LogicalExpression" && outer.parent.left === outer) outer = wrapped(outer.parent);
		const declarator = outer.parent;
		if (declarator?.type !== "VariableDeclarator") continue;
		object.file.walk(declarator.id, (child) => {
			if (child.type === "Identifier") {
				const variable = object.file.bindings.variableOf(child);
				if (variable) variables.add(variable);
			}
			return true;
		});
	}
	return variables;
}

/** `slice`, `splice`, `shift`, a look at `length` or `size`, a Set: something keeps the list from growing for ever. */
function boundOf(body: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	let bound: TSESTree.Node | null = null;
	object.file.walk(body, (node) => {
		if (bound) return false;
		if (node.type === "CallExpression" && ["slice", "splice", "shift", "pop", "filter"].includes(calledMember(node)?.name ?? "")) bound = node;
		else if (node.type === "MemberExpression" && ["length", "size"].includes(propertyName(node) ?? "") && (node.parent.type === "BinaryExpression" || node.parent.type === "AssignmentExpression")) bound = node.parent;
		else if (node.type === "CallExpression" && ["includes", "has", "indexOf"].includes(calledMember(node)?.name ?? "")) bound = node;
		return bound === null;
	});
	return bound;
}
