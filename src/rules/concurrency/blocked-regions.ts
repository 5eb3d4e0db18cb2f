/** What is waited for while a region keeps all other events out. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { FunctionNode, SuspensionKind } from "../../flow/index.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { flowOf } from "../../model/flow-host.ts";
import { waitForValue } from "../../model/flow-waits.ts";
import { functionOf } from "../../model/timers.ts";
import { quoted } from "../quote.ts";

export interface Wait {
	/** Where it is waited for: an await inside, or the region's call, which waits for what its callback returns. */
	readonly at: TSESTree.Node;
	/** What is waited for in the end. */
	readonly cause: TSESTree.Node;
	readonly kind: SuspensionKind;
}

/** The function that a call of `blockConcurrencyWhile` or `transaction` runs; null where it cannot be found. */
export function regionFunction(call: TSESTree.CallExpression, object: DurableObjectClass): FunctionNode | null {
	const [callback] = call.arguments;
	return callback && callback.type !== "SpreadElement" ? functionOf(callback, object) : null;
}

/** Everything that a region waits for, until the promise that its callback returns is settled. */
export function waitsOf(call: TSESTree.CallExpression, fn: FunctionNode, object: DurableObjectClass): readonly Wait[] {
	const { suspensions, returns } = flowOf(object).summaryOf(fn);
	const awaited = suspensions.map(({ node, cause, kind }): Wait => ({ at: node, cause, kind }));
	const causes = new Set(awaited.map(({ cause }) => cause));
	const handedBack = returns.pending.flatMap(({ cause, kind }) => (causes.has(cause) ? [] : [{ at: fn.body.type === "BlockStatement" ? call : fn.body, cause, kind }]));
	return [...awaited, ...handedBack, ...(handedBack.length === 0 ? unseenResult(fn, object) : [])];
}

/** `() => load()`, where nothing is known of `load`. */
function unseenResult({ body, async: isAsync }: FunctionNode, object: DurableObjectClass): readonly Wait[] {
	if (isAsync || body.type !== "CallExpression" || object.platformCall(body) || object.calledMethod(body)) return [];
	const kind = waitForValue(body, object);
	return kind === "unknown" ? [{ at: body, cause: body, kind }] : [];
}

/** How a message names what is waited for. */
export function waitedFor({ cause }: Wait, { file }: DurableObjectClass): string {
	return quoted(cause.type === "AwaitExpression" ? cause.argument : cause, file);
}
