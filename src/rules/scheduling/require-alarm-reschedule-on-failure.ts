import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { alarmHandler, rearmings, recoveryAround } from "../../model/rearming.ts";
import { flowOf } from "../../model/flow-host.ts";
import { contains } from "../../syntax/nodes.ts";
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
		// Where the alarm is set in a helper, what counts is the place in the handler from which the helper is called.
		const places = calls.map((call) => (contains(handler.fn, call.node) ? call.node : (callTowards(call.node, handler.fn, object) ?? call.node)));
		const safe = places.find((place) => recoveryAround(place, handler.fn) !== null);
		if (safe) {
			const isFinally = recoveryAround(safe, handler.fn) === "finally";
			verdict.guarded({ at: safe, because: isFinally ? "the next alarm is set in finally, whatever fails before" : "the next alarm is set on the failure path too" });
			return;
		}
		const risks = flowOf(object).suspensionsIn(handler.fn).filter(({ kind }) => kind === "open");
		const before = (position: number) => risks.find(({ node }) => node.range[1] <= position && !isCaught(node, handler.fn));
		const unsafe = places.map((place) => before(place.range[0]));
		const risk = unsafe.every((each) => each !== undefined) ? unsafe[0] : undefined;
		if (!risk) {
			verdict.guarded({ at: first.node, because: "nothing outside is awaited before the next alarm is set" });
			return;
		}
		const text = object.file.textOf(risk.node).replace(/^await\s+/u, "").replace(/\s+/gu, " ");
		verdict.violated({ at: first.node, messageId: "onlyOnSuccess", data: { risk: text.length > 60 ? `${text.slice(0, 57)}...` : text } });
	},
});

/** The call in a method through which it comes to a node in another one. */
function callTowards(node: TSESTree.Node, fn: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	const leadsThere = (name: string): boolean => {
		const callee = object.method(name)?.fn;
		return callee !== undefined && [callee, ...object.methodsRunBy(callee)].some((each) => contains(each, node));
	};
	return object.members.ownCalls.find((own) => contains(fn, own.node) && leadsThere(own.name))?.node ?? null;
}

/** Whether an error at a node is caught inside the handler, so that what follows still runs. */
function isCaught(node: TSESTree.Node, fn: TSESTree.Node): boolean {
	for (let current = node, { parent } = current; parent && current !== fn; current = parent, { parent } = current) {
		if (parent.type === "TryStatement" && parent.block === current && parent.handler) {
			const last = parent.handler.body.body.at(-1);
			return last?.type !== "ThrowStatement" && last?.type !== "ReturnStatement";
		}
	}
	return false;
}
