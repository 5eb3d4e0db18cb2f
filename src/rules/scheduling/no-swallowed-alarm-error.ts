import type { TSESTree } from "@typescript-eslint/utils";
import { alarmHandler } from "../../model/rearming.ts";
import { reaches, storageUsesWithin } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { contains, isFunction } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-swallowed-alarm-error",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "disallow alarm handlers that swallow every error",
		messages: {
			swallowed: "This catch takes every error of alarm() and lets it end as if it had worked, so the runtime does not retry, and what was due is lost. Throw the error on, set the alarm again, or store what failed.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		const handler = alarmHandler(object);
		if (!handler) {
			verdict.notApplicable("the class has no alarm handler");
			return;
		}
		const { body } = handler.fn;
		const attempts = body.type === "BlockStatement" ? body.body.filter((statement): statement is TSESTree.TryStatement => statement.type === "TryStatement" && statement.handler !== null) : [];
		let isAnswered = false;
		for (const attempt of attempts) {
			const { handler: clause } = attempt;
			if (!clause) continue;
			isAnswered = true;
			const remedy = remedyIn(clause, object) ?? rearmedAfter(attempt, object);
			if (remedy) verdict.guarded({ at: remedy.at, because: remedy.because });
			else verdict.violated({ at: clause, messageId: "swallowed" });
		}
		if (!isAnswered) verdict.guarded({ at: handler.node.key, because: "alarm() itself catches nothing: what it throws reaches the runtime, which retries it" });
	},
});

/** An alarm that is set behind the try statement or in its `finally`: whether it failed or not, there is another run. */
function rearmedAfter(attempt: TSESTree.TryStatement, object: DurableObjectClass): { readonly at: TSESTree.Node; readonly because: string } | null {
	const body = attempt.parent;
	const start = attempt.finalizer?.range[0] ?? attempt.range[1];
	const isBehind = (node: TSESTree.Node) => contains(body, node) && node.range[0] >= start;
	const alarm = object.callsOf("storage", "setAlarm").find(({ node }) => isBehind(node) || object.members.ownCalls.some((call) => isBehind(call.node) && reaches(object.method(call.name)?.fn ?? call.node, node, object)));
	return alarm ? { at: alarm.node, because: "the alarm is set again whether the work failed or not" } : null;
}

/** What a catch clause does so that the work is not lost. */
function remedyIn(clause: TSESTree.CatchClause, object: DurableObjectClass): { readonly at: TSESTree.Node; readonly because: string } | null {
	let thrown: TSESTree.Node | null = null;
	object.file.walk(clause.body, (node) => {
		if (thrown || isFunction(node)) return false;
		if (node.type === "ThrowStatement") thrown = node;
		return true;
	});
	if (thrown) return { at: thrown, because: "the error is thrown on, and the runtime retries" };
	const alarm = object.callsOf("storage", "setAlarm").find((call) => contains(clause, call.node));
	if (alarm) return { at: alarm.node, because: "the alarm is set again after an error" };
	const own = object.members.ownCalls.find((call) => contains(clause, call.node));
	const record = storageUsesWithin(clause.body, object).find((use) => use.writes);
	if (record) return { at: record.call.node, because: "what failed is stored" };
	return own ? { at: own.node, because: "another method of the class deals with the error" } : null;
}
