import type { Rule } from "eslint";
import { alarmHandlerOf } from "../../model/alarms.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { durableObjectsOf } from "../../model/index.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-alarm-handler",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require an alarm() method where a class calls setAlarm()",
		messages: {
			missingHandler:
				"setAlarm() rejects, because {{class}} has no alarm() method: the alarm is never set, and where the call is not awaited nobody hears of it. Add `async alarm()` with the work that is due.",
			addHandler: "Add an empty alarm() method.",
		},
		schema: [],
		defaultOptions: [],
		hasSuggestions: true,
	},
	check(object, context) {
		const { verdict } = context;
		const settings = settingsWithBases(object);
		const [first] = settings;
		if (!first) {
			verdict.notApplicable("the class sets no alarm");
			return;
		}
		const handler = alarmHandlerOf(object);
		switch (handler.by) {
			case "method":
				verdict.guarded({ at: [handler.method.node.key, first.node], because: "alarm() is there for the alarm that the class sets" });
				return;
			case "framework":
				verdict.guarded({ at: handler.hook ? [handler.hook.node.key, first.node] : first.node, because: `${object.framework?.title ?? "the framework"} brings alarm()` });
				return;
			case "installer":
				verdict.guarded({ at: [handler.node, first.node], because: "the handler is put in place at run time" });
				return;
			case "unknown":
				verdict.unknown({ at: first.node, because: handler.because });
				return;
			case "nobody":
		}
		const doubt = object.ancestry.isCertain ? leftToSubclasses(object, durableObjectsOf(context)) : "whether the class is a Durable Object itself, or only used by one, could not be told";
		if (doubt) {
			verdict.unknown({ at: first.node, because: doubt });
			return;
		}
		settings.forEach(({ node }, index) => {
			// One method mends all of them.
			const suggest = index === 0 ? [{ messageId: "addHandler", fix: addHandler(object) }] : [];
			verdict.violated({ at: node, messageId: "missingHandler", data: { class: object.name }, suggest });
		});
	},
});

/** Where the class, or a base class in the same file, sets an alarm. A base class answers for itself if it is an object of its own. */
function settingsWithBases(object: DurableObjectClass): readonly PlatformCall[] {
	const { base } = object.ancestry;
	const inherited = base && base.exportedAs.length === 0 ? settingsWithBases(base) : [];
	return [...object.callsOf("storage", "setAlarm"), ...inherited];
}

/** A class that exists to be extended may leave alarm() to those that extend it. */
function leftToSubclasses(object: DurableObjectClass, all: readonly DurableObjectClass[]): string | null {
	if (object.node.abstract) return "the class is abstract: those that extend it may have alarm()";
	if (all.some(({ ancestry }) => ancestry.base === object) && object.exportedAs.length === 0) return "the class is only extended here: the classes that extend it are looked at instead";
	return null;
}

function addHandler(object: DurableObjectClass): Rule.ReportFixer {
	const { file, node } = object;
	const [element] = node.body.body;
	const lineStart = element ? file.text.lastIndexOf("\n", element.range[0]) + 1 : 0;
	const before = element ? file.text.slice(lineStart, element.range[0]) : "\t";
	const indent = /^[ \t]*$/u.test(before) ? before : "\t";
	return (fixer) => fixer.insertTextAfterRange([0, node.body.range[1] - 1], `\n${indent}async alarm() {}\n`);
}
