import type { TSESTree } from "@typescript-eslint/utils";
import type { SuspensionKind } from "../../flow/index.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { alarmHandler, rearmings, recoveryAround } from "../../model/rearming.ts";
import { flowOf } from "../../model/flow-host.ts";
import { contains, type FunctionNode } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-alarm-reschedule-on-failure",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "require repeating alarms to be set again on the failure path too",
		messages: {
			onlyOnSuccess:
				"The next alarm is set only after `{{risk}}` has worked. When that keeps failing, the runtime gives up after six retries, and this job never runs again. Set the alarm first, in `finally`, or when alarmInfo.retryCount says that the last retry is near.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		const handler = alarmHandler(object);
		const calls = handler ? rearmings(handler, object) : [];
		const [first] = calls;
		if (!handler || !first) {
			verdict.notApplicable("alarm() does not repeat");
			return;
		}
		const mentionsRetries = /\bretryCount\b|\bisRetry\b/u.test(object.file.textOf(handler.fn));
		if (mentionsRetries) {
			verdict.guarded({ at: handler.node.key, because: "the handler looks at how often it was retried" });
			return;
		}
		const ways = calls.map((call) => wayTo(call.node, handler.fn, object));
		const safe = ways.flat().find(({ node, fn }) => recoveryAround(node, fn) !== null);
		if (safe) {
			const isFinally = recoveryAround(safe.node, safe.fn) === "finally";
			verdict.guarded({ at: safe.node, because: isFinally ? "the next alarm is set in finally, whatever fails before" : "the next alarm is set on the failure path too" });
			return;
		}
		const flow = flowOf(object);
		const waitsBefore = (way: readonly Stop[], ...kinds: readonly SuspensionKind[]) => way.flatMap(({ node, fn }) => flow.suspensionsIn(fn).filter((wait) => kinds.includes(wait.kind) && wait.node.range[1] <= node.range[0]).map((wait) => ({ ...wait, caughtBy: catchOf(wait.node, fn) })));
		const risks = ways.map((way) => waitsBefore(way, "open").find(({ caughtBy }) => caughtBy === null));
		const risk = risks.every((each) => each !== undefined) ? risks[0] : undefined;
		if (!risk) {
			const doubts = ways.map((way) => waitsBefore(way, "open", "unknown").find(({ caughtBy }) => caughtBy === null));
			const index = doubts.indexOf(undefined);
			const next = calls[index]?.node ?? first.node;
			const [doubt] = doubts;
			const caught = waitsBefore(ways[index] ?? [], "open", "unknown")[0]?.caughtBy;
			if (index === -1) verdict.unknown({ at: doubt ? [next, doubt.node] : next, because: "whether what is awaited before the next alarm is set can keep failing could not be told" });
			else if (caught) verdict.guarded({ at: [next, caught], because: "what fails before is caught, and the next alarm is set all the same" });
			else verdict.guarded({ at: next, because: "nothing outside is awaited before the next alarm is set" });
			return;
		}
		const text = object.file.textOf(risk.node).replace(/^await\s+/u, "").replace(/\s+/gu, " ");
		verdict.violated({ at: first.node, messageId: "onlyOnSuccess", data: { risk: text.length > 60 ? `${text.slice(0, 57)}...` : text } });
	},
});

/** A place in a function on the way from the handler to where the alarm is set. */
interface Stop {
	readonly node: TSESTree.Node;
	readonly fn: FunctionNode;
}

const MAX_STOPS = 6;

/** The calls through which it comes from a function to a node, which may stand in a helper of a helper; the node itself is the last. */
function wayTo(node: TSESTree.Node, start: FunctionNode, object: DurableObjectClass): readonly Stop[] {
	const way: Stop[] = [];
	for (let fn = start; way.length < MAX_STOPS; ) {
		const call = contains(fn, node) ? null : callTowards(node, fn, object);
		way.push({ node: call ?? node, fn });
		const callee = call && object.calledMethod(call)?.fn;
		if (!callee) break;
		fn = callee;
	}
	return way;
}

/** The call in a method through which it comes to a node in another one. */
function callTowards(node: TSESTree.Node, fn: TSESTree.Node, object: DurableObjectClass): TSESTree.CallExpression | null {
	const leadsThere = (name: string): boolean => {
		const callee = object.method(name)?.fn;
		return callee !== undefined && [callee, ...object.methodsRunBy(callee)].some((each) => contains(each, node));
	};
	return object.members.ownCalls.find((own) => contains(fn, own.node) && leadsThere(own.name))?.node ?? null;
}

/** The `catch` that takes an error at a node and goes on. */
function catchOf(node: TSESTree.Node, fn: TSESTree.Node): TSESTree.CatchClause | null {
	for (let current = node, { parent } = current; parent && current !== fn; current = parent, { parent } = current) {
		if (parent.type === "TryStatement" && parent.block === current && parent.handler) {
			const last = parent.handler.body.body.at(-1);
			return last?.type === "ThrowStatement" || last?.type === "ReturnStatement" ? null : parent.handler;
		}
	}
	return null;
}
