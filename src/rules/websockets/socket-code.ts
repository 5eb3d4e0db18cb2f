/** Small edits and questions about code that handles sockets, shared by the rules of this family. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { handedOn } from "../../model/handed-on.ts";
import type { Method } from "../../model/members.ts";
import { implementedBy, wrapped } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import type { Located } from "../verdict.ts";

/** The statement that consists of an expression alone and stands in a block; null where its removal would leave a hole. */
export function wholeStatement(expression: TSESTree.Node): TSESTree.ExpressionStatement | null {
	const { parent } = wrapped(expression);
	if (parent?.type !== "ExpressionStatement") return null;
	return ["BlockStatement", "Program", "SwitchCase", "StaticBlock"].includes(parent.parent.type) ? parent : null;
}

/** Removes a statement, and its line where it has one for itself. */
export function removal(statement: TSESTree.ExpressionStatement, { text }: SourceFile): Rule.ReportFixer {
	let [start, end] = statement.range;
	while (start > 0 && /[ \t]/u.test(text[start - 1] as string)) start--;
	while (end < text.length && /[ \t]/u.test(text[end] as string)) end++;
	const isAlone = (start === 0 || text[start - 1] === "\n") && (end === text.length || /[\r\n]/u.test(text[end] as string));
	if (!isAlone) [start, end] = statement.range;
	else if (text.startsWith("\r\n", end)) end += 2;
	else if (end < text.length) end++;
	return (fixer) => fixer.removeRange([start, end]);
}

/** The white space at the beginning of the line in which a position lies. */
export function indentAt(offset: number, { text }: SourceFile): string {
	return /^[ \t]*/u.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))?.[0] ?? "";
}

/** How a method of the class writes its DurableObjectState: `this.ctx`; null when no field leads there. */
export function ctxExpression(object: DurableObjectClass): string | null {
	return /^(?<ctx>this\.[\w$#]+)\.storage$/u.exec(object.storageExpression ?? "")?.groups?.["ctx"] ?? null;
}

/** The name of a method, as the place to report or quote instead of its whole body. */
export function nameOf(method: Method): Located {
	return method.node.key;
}

/** True when a handler is the framework's: the sockets are its own, too. */
export function servesThroughFramework(object: DurableObjectClass): boolean {
	return object.framework?.ownedHandlers.includes("webSocketMessage") ?? false;
}

/** The call, made while the object is built, that is handed the object itself: it may give it its handlers. Null where there is none. */
export function installerOf(object: DurableObjectClass): Located | null {
	const installer = handedOn(object).find(({ what, at }) => what === "object" && at.type === "CallExpression" && object.isInitialisation(at));
	return installer?.at ?? null;
}

/** True when a class is made to be extended: what it lacks, a subclass can have. */
export function isMadeToExtend(object: DurableObjectClass): boolean {
	if (object.node.type === "ClassDeclaration" && object.node.abstract) return true;
	const { id } = object.node;
	const variable = id && object.file.bindings.variableOf(id);
	return variable?.references.some(({ identifier }) => "superClass" in identifier.parent && identifier.parent.superClass === identifier) ?? false;
}

/**
 * True for a class that is taken for a Durable Object only because it receives the DurableObjectState and has a handler's
 * name: it may be a part that a Durable Object delegates to.
 */
export function mayBeHelper(object: DurableObjectClass): boolean {
	const { ancestry, node, project, members } = object;
	if (ancestry.hasRpc || implementedBy(node).length > 0 || [object.name, ...object.exportedAs].some((name) => project.classNames.has(name))) return false;
	// What the runtime constructs gets the environment as its second argument.
	const second = members.constructor?.fn.params[1];
	const parameter = second?.type === "TSParameterProperty" ? second.parameter : second;
	return parameter !== undefined && parameter.type === "Identifier" && !/env|bindings/iu.test(object.file.textOf(parameter));
}
