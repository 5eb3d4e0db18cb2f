import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { attachmentReads, attachmentWrites, type AttachmentWrite, type Change, changeThrough, isPropertyRead } from "../../model/attachments.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { contains, enclosingFunction, unwrap, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { indentAt, wholeStatement } from "./socket-code.ts";

export default defineRule({
	name: "no-lost-attachment-update",
	gotcha: "websocket-attachment",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow changing an attachment without serializing it again",
		messages: {
			lostChange: "deserializeAttachment() gives a copy: this change of {{what}} is not saved, and the next read returns the old value. Call {{socket}}.serializeAttachment({{value}}) after it.",
			lateChange: "serializeAttachment() stored a copy before this change of {{what}}: the change is not saved. Make it before, or call {{socket}}.serializeAttachment({{value}}) again.",
			serializeAgain: "Call {{socket}}.serializeAttachment({{value}}) after the change.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const reads = attachmentReads(object);
		const writes = attachmentWrites(object);
		if (reads.length === 0 && writes.length === 0) {
			verdict.notApplicable("the class attaches nothing to its sockets");
			return;
		}
		let isAnswered = false;
		const reported = new Set<TSESTree.Node>();
		for (const copy of copiesOf(object)) {
			const { variable, socket, source } = copy;
			const { changes, saves, escapes } = usesOf(copy, writes);
			if (changes.length === 0) continue;
			const isSaved = (change: Change) => saves.find((save) => isAfter(save.node, change.at) && !areExclusive(change.at, save.node));
			const lost = changes.filter((change) => change.at.range[0] > source.range[0] && !isSaved(change));
			const [save] = saves;
			if (lost.length === 0) {
				if (save && save.node !== source) {
					isAnswered = true;
					verdict.guarded({ at: save.node, because: "the changed copy is serialized again" });
				}
				continue;
			}
			isAnswered = true;
			if (escapes) {
				verdict.unknown({ at: lost[0]?.at ?? source, because: `${variable.name} is also handed to other code, which may serialize it, or only need it now` });
				continue;
			}
			// One finding for each copy: its last change is where it should be saved.
			const last = lost.at(-1) as Change;
			if (reported.has(last.at)) continue;
			reported.add(last.at);
			const receiver = object.file.textOf(unwrap(socket));
			const isVariable = copy.isWhole;
			const data = { what: last.what, socket: receiver, value: isVariable ? variable.name : "value" };
			const fix = isVariable ? serializing(last, receiver, variable.name, object) : null;
			verdict.violated({
				at: last.at,
				messageId: copy.kind === "read" ? "lostChange" : "lateChange",
				data,
				suggest: fix ? [{ messageId: "serializeAgain", data, fix }] : [],
				steps: [{ at: source, what: copy.kind === "read" ? "makes the copy" : "stores a copy" }],
			});
		}
		for (const { node, receiver } of reads) {
			const change = changeThrough(node);
			if (!change) continue;
			isAnswered = true;
			verdict.violated({ at: change.at, messageId: "lostChange", data: { what: change.what, socket: object.file.textOf(unwrap(receiver)), value: "value" } });
		}
		if (!isAnswered) verdict.guarded({ at: [...reads, ...writes].slice(0, 2).map(({ node }) => node), because: "no attachment is changed after it was read or stored" });
	},
});

type Variable = NonNullable<ReturnType<DurableObjectClass["file"]["bindings"]["variableOf"]>>;

/** A variable that holds what is, or was, attached. */
interface Copy {
	readonly kind: "read" | "written";
	readonly variable: Variable;
	/** The variable is the attachment itself, not a part of it. */
	readonly isWhole: boolean;
	readonly socket: TSESTree.Node;
	/** The call that makes or stores the copy. */
	readonly source: TSESTree.Node;
}

function copiesOf(object: DurableObjectClass): readonly Copy[] {
	const { bindings } = object.file;
	const copies: Copy[] = [];
	for (const { node, receiver } of attachmentReads(object)) {
		let outer = wrapped(node);
		// `socket.deserializeAttachment() ?? {}`
		while (outer.parent?.type === "LogicalExpression" && outer.parent.left === outer) outer = wrapped(outer.parent);
		const { parent } = outer;
		if (parent?.type !== "VariableDeclarator" || parent.init !== outer) continue;
		for (const identifier of identifiersIn(parent.id)) {
			const variable = bindings.variableOf(identifier);
			if (variable) copies.push({ kind: "read", variable, isWhole: parent.id === identifier, socket: receiver, source: node });
		}
	}
	for (const { node, receiver, value } of attachmentWrites(object)) {
		const bare = value && unwrap(value);
		const variable = bare?.type === "Identifier" ? bindings.variableOf(bare) : null;
		if (!variable || copies.some((copy) => copy.variable === variable)) continue;
		if (variable.defs[0]?.type === "Variable") copies.push({ kind: "written", variable, isWhole: true, socket: receiver, source: node });
	}
	return copies;
}

function identifiersIn(pattern: TSESTree.Node): readonly TSESTree.Identifier[] {
	if (pattern.type === "Identifier") return [pattern];
	if (pattern.type !== "ObjectPattern") return [];
	return pattern.properties.flatMap((property) => {
		if (property.type !== "Property") return [];
		return identifiersIn(property.value.type === "AssignmentPattern" ? property.value.left : property.value);
	});
}

/** What happens to a copy after it was made. */
function usesOf({ variable, source }: Copy, writes: readonly AttachmentWrite[]): { readonly changes: readonly Change[]; readonly saves: readonly AttachmentWrite[]; readonly escapes: boolean } {
	const changes: Change[] = [];
	const saves: AttachmentWrite[] = [];
	let escapes = false;
	const home = enclosingFunction(source);
	for (const { identifier, init } of variable.references) {
		if (init) continue;
		const change = changeThrough(identifier);
		const save = writes.find(({ value }) => value !== null && contains(value, identifier));
		if (change && enclosingFunction(change.at) === home) changes.push(change);
		else if (change) escapes = true;
		if (save) {
			if (!saves.includes(save)) saves.push(save);
		} else if (!change && !isPropertyRead(identifier)) escapes = true;
	}
	return { changes, saves, escapes };
}

function isAfter(save: TSESTree.Node, change: TSESTree.Node): boolean {
	return save.range[0] > change.range[0];
}

function serializing({ at }: Change, socket: string, value: string, object: DurableObjectClass): Rule.ReportFixer | null {
	const statement = wholeStatement(at);
	if (!statement || !/^[\w$.]+$/u.test(socket)) return null;
	const { file } = object;
	const lineStart = file.text.lastIndexOf("\n", statement.range[0] - 1) + 1;
	const isFirstOnLine = /^[ \t]*$/u.test(file.text.slice(lineStart, statement.range[0]));
	const separator = isFirstOnLine ? `\n${indentAt(statement.range[0], file)}` : " ";
	return (fixer) => fixer.insertTextAfterRange([...statement.range], `${separator}${socket}.serializeAttachment(${value});`);
}
