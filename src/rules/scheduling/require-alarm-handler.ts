import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { alarmHandlerOf } from "../../model/alarms.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { type HandedOn, handedOn } from "../../model/handed-on.ts";
import { durableObjectsOf } from "../../model/index.ts";
import { leftToSubclasses as subclassMethods } from "../../model/left-to-subclasses.ts";
import type { Method } from "../../model/members.ts";
import { propertyName, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-alarm-handler",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require an alarm() method where a class calls setAlarm(), and something that sets its first alarm",
		messages: {
			missingHandler:
				"setAlarm() rejects, because {{class}} has no alarm() method: the alarm is never set, and where the call is not awaited nobody hears of it. Add `async alarm()` with the work that is due.",
			neverStarted:
				"alarm() never runs: nothing but alarm() itself sets the alarm. Set the first one where work for it begins, or in the constructor where `await getAlarm()` is null.",
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
				if (isNeverStarted(handler.method, settings, object, durableObjectsOf(context))) {
					verdict.violated({ at: handler.method.node.key, messageId: "neverStarted", steps: settings.map(({ node }) => ({ at: node, what: "the alarm is set, by what only alarm() runs" })) });
					return;
				}
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

/** Whether alarm() waits for itself: every alarm is set in it, or in private methods that only it runs, and nobody else can set one. */
function isNeverStarted(alarm: Method, settings: readonly PlatformCall[], object: DurableObjectClass, all: readonly DurableObjectClass[]): boolean {
	const { ancestry, file } = object;
	if (!ancestry.isCertain || !ancestry.isBaseKnown || ancestry.base || object.node.abstract || alarm.node.parent !== object.node.body) return false;
	if (all.some((each) => each.ancestry.base === object) || subclassMethods(object).length > 0 || handedOn(object).some((each) => !isQueryBuilder(each, object))) return false;
	if (!settings.every(({ node }) => runsOnlyIn(alarm, node, object))) return false;
	// Somebody else in the file who sets an alarm, or runs alarm() by hand.
	let mentions = 0;
	file.walk(file.ast, (node) => {
		const isMentioned = (node.type === "Identifier" && node.name === "setAlarm") || (node.type === "MemberExpression" && propertyName(node) === "alarm");
		const isNamed = node.type === "Literal" && (node.value === "setAlarm" || node.value === "alarm");
		if (isMentioned || isNamed) mentions++;
		return true;
	});
	return mentions === settings.length;
}

/** `drizzle(ctx.storage)`: it asks for data, and knows no alarms. */
function isQueryBuilder({ at }: HandedOn, { file }: DurableObjectClass): boolean {
	return /^drizzle-orm(?:\/|$)/u.test(file.bindings.importedMember(unwrap(at.callee))?.module ?? "");
}

function runsOnlyIn(alarm: Method, node: TSESTree.Node, object: DurableObjectClass, depth = 4): boolean {
	const home = object.outermostFunction(node);
	if (home === alarm.fn) return true;
	const helper = [...object.members.methods.values()].find(({ fn }) => fn === home);
	if (!helper || depth === 0 || (helper.accessibility !== "private" && !helper.name.startsWith("#")) || object.referencesTo(helper.name).length > 0) return false;
	const calls = object.ownCallsOf(helper.name);
	return calls.length > 0 && calls.every((call) => runsOnlyIn(alarm, call.node, object, depth - 1));
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
