import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { alarmHandlerOf, alarmReadsIn } from "../../model/alarms.ts";
import { ingredientsOf } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { conditionsOn, constructionRoots, platformSteps, type Step, stepsOf } from "../../model/runs.ts";
import { propertyValue } from "../../model/handles.ts";
import { calledMember, enclosingFunction, keyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { constantNumber } from "../../syntax/number.ts";
import { constantText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import type { Answers } from "../verdict.ts";

type MessageId = "alarmOnEveryWake" | "onlyWhenNone" | "scheduleOnEveryWake" | "onlyOnce";

export default defineRule({
	name: "no-set-alarm-in-constructor",
	gotcha: "constructor-on-every-wake",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow alarms set in the constructor, and schedules in onStart(), where there may be one already",
		messages: {
			alarmOnEveryWake:
				"The constructor runs each time the object wakes, before alarm(), and this replaces the alarm that is set, even the one that is due: it is put off at each wake and may never run. Set it only where `await getAlarm()` is null.",
			onlyWhenNone: "Set the alarm only where there is none.",
			scheduleOnEveryWake:
				"{{hook}} runs each time the object wakes, and each time this adds another schedule to those that are there: {{callback}} runs once for every wake. Pass { idempotent: true } as the fourth argument, or use scheduleEvery() for work that repeats.",
			onlyOnce: "Keep the schedule that is there.",
		} satisfies Record<MessageId, string>,
		schema: [],
		defaultOptions: [],
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const isAnswered = answerSchedules(object, verdict);
		if (object.callsOf("storage", "setAlarm").length === 0 && (isAnswered || !object.ancestry.base)) {
			if (!isAnswered) verdict.notApplicable("the class sets no alarm");
			return;
		}
		const steps = stepsOf(rootsOf(object), object);
		const settings = platformSteps(steps, object, "storage", "setAlarm");
		const handler = alarmHandlerOf(object);
		if (settings.length === 0) {
			const inInitialiser = object.callsOf("storage", "setAlarm").find(({ node }) => object.isInitialisation(node));
			if (inInitialiser) verdict.unknown({ at: inInitialiser.node, because: "it is set when the framework starts the object; whether that is meant to put it off could not be told" });
			else if (!isAnswered) verdict.notApplicable("the constructor sets no alarm");
			return;
		}
		for (const step of once(settings)) {
			const { node } = step;
			if (handler.by === "nobody") {
				verdict.unknown({ at: node, because: "without alarm() the call fails, so there is no alarm to put off" });
				continue;
			}
			const conditions = conditionsOn(step, object);
			const look = conditions.flatMap(({ test }) => alarmReadsIn(test, object))[0];
			if (look) {
				verdict.guarded({ at: [look, node], because: "it is set only after a look at the alarm that is there" });
				continue;
			}
			const stored = conditions.find(({ test }) => ingredientsOf(test, object).storageReads.length > 0);
			if (stored) {
				verdict.guarded({ at: [stored.test, node], because: "what is stored decides whether it is set" });
				continue;
			}
			const [time] = node.arguments;
			const source = time && ingredientsOf(time, object).storageReads[0];
			if (source) {
				verdict.guarded({ at: [source, node], because: "its time is worked out from what is stored, so that each wake sets the same alarm again" });
				continue;
			}
			if (conditions.some(({ kind }) => kind !== "throw")) {
				verdict.unknown({ at: node, because: "whether its condition holds on every wake could not be told" });
				continue;
			}
			const fix = onlyWhenNone(step, object);
			verdict.violated({ at: node, messageId: "alarmOnEveryWake", suggest: fix ? [{ messageId: "onlyWhenNone", fix }] : [] });
		}
	},
});

/** The Agents SDK keeps schedules in a table, and looks for an equal one only where it is told to, or for cron expressions. */
function answerSchedules(object: DurableObjectClass, verdict: Answers<MessageId>): boolean {
	if (object.ancestry.framework !== "agents" || object.members.methods.has("schedule")) return false;
	const onStart = object.members.methods.get("onStart");
	const own = (name: RegExp) => new Set<TSESTree.Node>(object.members.ownCalls.filter((call) => name.test(call.name)).map(({ node }) => node));
	const [schedules, looks] = [own(/^schedule$/u), own(/^(?:getSchedules?|getScheduleById|listSchedules|cancelSchedule)$/u)];
	let isAnswered = false;
	for (const [hook, roots] of [["The constructor", constructionRoots(object)], ["onStart()", onStart ? [onStart.fn] : []]] as const) {
		const steps = stepsOf(roots, object).filter((step): step is Step<TSESTree.CallExpression> => step.node.type === "CallExpression");
		const look = steps.find(({ node }) => looks.has(node));
		for (const step of once(steps.filter(({ node }) => schedules.has(node)))) {
			const { node } = step;
			isAnswered = true;
			const repeats = repetitionOf(node, object);
			if (repeats === "once") verdict.guarded({ at: node, because: "a schedule that is there already is not added again" });
			else if (look) verdict.guarded({ at: [look.node, node], because: "it is added only after a look at the schedules that are there" });
			else if (repeats === "unknown") verdict.unknown({ at: node, because: "whether it is added again on each wake could not be told" });
			else if (conditionsOn(step, object).some(({ kind }) => kind !== "throw")) verdict.unknown({ at: node, because: "whether its condition holds on every wake could not be told" });
			else {
				const callback = node.arguments[1] && constantText(node.arguments[1], object.file);
				const end = callback && endOf(callback, object);
				if (end) {
					verdict.guarded({ at: [end, node], because: "the first that runs ends the object, and with it the others" });
					continue;
				}
				const fix = onceOnly(node);
				verdict.violated({
					at: node,
					messageId: "scheduleOnEveryWake",
					data: { hook, callback: callback ? `${callback}()` : "what is scheduled" },
					suggest: fix ? [{ messageId: "onlyOnce", fix }] : [],
				});
			}
		}
	}
	return isAnswered;
}

/** What a second `this.schedule(when, callback, payload, options)` with the same arguments does. */
function repetitionOf({ arguments: [when, , , options] }: TSESTree.CallExpression, object: DurableObjectClass): "once" | "again" | "unknown" {
	if (options) {
		const bare = unwrap(options);
		if (bare.type !== "ObjectExpression" || bare.properties.some((property) => property.type !== "Property" || keyName(property) === null)) return "unknown";
		const idempotent = propertyValue(bare, "idempotent");
		if (idempotent) return idempotent.type !== "Literal" ? "unknown" : idempotent.value === true ? "once" : "again";
	}
	if (!when || when.type === "SpreadElement") return "unknown";
	if (constantNumber(when, object.file) !== null || unwrap(when).type === "NewExpression") return "again";
	return constantText(when, object.file) === null ? "unknown" : "once";
}

/** The call of `this.destroy()` that a scheduled method makes in any case. */
function endOf(callback: string, object: DurableObjectClass): TSESTree.Node | null {
	const method = object.members.methods.get(callback);
	const steps = method ? stepsOf([method.fn], object) : [];
	return steps.find((step) => object.members.ownCalls.some(({ name, node }) => name === "destroy" && node === step.node) && conditionsOn(step, object).length === 0)?.node ?? null;
}

function onceOnly(node: TSESTree.CallExpression): Rule.ReportFixer | null {
	const last = node.arguments.at(-1);
	if (!last || node.arguments.length < 2 || node.arguments.length > 3 || node.arguments.some(({ type }) => type === "SpreadElement")) return null;
	return (fixer) => fixer.insertTextAfterRange([...last.range], `${node.arguments.length === 2 ? ", undefined" : ""}, { idempotent: true }`);
}

/** A base class in the same file answers for its own constructor, unless it leaves alarm() to this class. */
function rootsOf(object: DurableObjectClass): readonly TSESTree.Node[] {
	const { base } = object.ancestry;
	return [...(base && alarmHandlerOf(base).by === "nobody" ? rootsOf(base) : []), ...constructionRoots(object)];
}

/** A call that is reached in several ways counts as the least guarded of them does. */
function once(steps: readonly Step<TSESTree.CallExpression>[]): readonly Step<TSESTree.CallExpression>[] {
	const byNode = new Map<TSESTree.Node, Step<TSESTree.CallExpression>>();
	for (const step of steps) {
		const known = byNode.get(step.node);
		if (!known || step.through.length < known.through.length) byNode.set(step.node, step);
	}
	return [...byNode.values()];
}

/** In asynchronous code an `if`; in the constructor itself also the region that makes it asynchronous. */
function onlyWhenNone({ node }: Step<TSESTree.CallExpression>, object: DurableObjectClass): Rule.ReportFixer | null {
	const { file } = object;
	const called = calledMember(node);
	const outer = wrapped(node);
	const expression = outer.parent?.type === "AwaitExpression" || (outer.parent?.type === "UnaryExpression" && outer.parent.operator === "void") ? outer.parent : outer;
	const statement = expression.parent;
	if (!called || statement?.type !== "ExpressionStatement" || statement.parent.type !== "BlockStatement") return null;
	const storage = file.textOf(called.object);
	const condition = `if ((await ${storage}.getAlarm()) === null) `;
	const fn = enclosingFunction(node);
	if (fn?.async) return (fixer) => fixer.insertTextBeforeRange([...statement.range], condition);
	const constructor = object.members.constructor?.fn;
	if (fn !== constructor || object.handle(called.object) !== "storage" || !/\.storage$/u.test(storage)) return null;
	const ctx = storage.slice(0, -".storage".length);
	const indent = /[ \t]*$/u.exec(file.text.slice(0, statement.range[0]))?.[0] ?? "";
	const set = `await ${file.textOf(node)};`;
	return (fixer) => fixer.replaceTextRange([...statement.range], `${ctx}.blockConcurrencyWhile(async () => {\n${indent}\t${condition}${set}\n${indent}});`);
}
