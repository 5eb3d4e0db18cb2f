/** What a request to the outside does there: only ask, or something that must not happen twice. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { External, SuspensionKind } from "../flow/index.ts";
import { wrapped } from "../syntax/nodes.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import { propertyValue } from "./handles.ts";

/** What a call that goes out of the object lets in while it is awaited, and what it does outside. */
export interface Wait {
	/** Null where the call returns no promise. */
	readonly suspension: SuspensionKind | null;
	readonly external: External | null;
}

/** Names of remote methods that, as names go, only ask. */
const asking = /^(?:get|list|find|fetch|load|read|has|is|check|count|query|select|search|describe|resolve|lookup|head|match|info|status|stat|run|all|first|raw|values|prepare|bind|batch|exec|idFrom|newUnique|jurisdiction|withSession)/iu;
/** Names of remote methods that, done twice, have done no more than once. */
const idempotent = /^(?:put|delete|remove|clear|purge|stop|close|cancel|abort|destroy|ensure)/iu;
/** Methods that HTTP calls safe or idempotent. Source: RFC 9110, section 9.2. */
const repeatable = /^(?:get|head|options|trace|put|delete)$/iu;

/** By the name of a binding's method. */
export function methodKind(name: string): External {
	return asking.test(name) || idempotent.test(name) ? "answer" : "effect";
}

/** A fetch with a method that changes something must not happen twice; nor one whose answer nobody looks at. */
export function fetchKind(node: TSESTree.CallExpression, file: SourceFile): External {
	const init = node.arguments[1];
	const method = init && propertyValue(init, "method");
	if (method?.type === "Literal" && typeof method.value === "string") return repeatable.test(method.value) ? "answer" : "effect";
	return isUnused(node, file) ? "effect" : "answer";
}

/** `await fetch(url);`, or kept in a variable that is never read. */
function isUnused(node: TSESTree.CallExpression, file: SourceFile): boolean {
	const awaited = wrapped(node).parent;
	const { parent } = awaited?.type === "AwaitExpression" ? wrapped(awaited) : wrapped(node);
	if (parent?.type === "ExpressionStatement") return true;
	if (parent?.type !== "VariableDeclarator" || parent.id.type !== "Identifier") return false;
	return file.bindings.variableOf(parent.id)?.references.every(({ init: isInit }) => isInit === true) ?? false;
}
