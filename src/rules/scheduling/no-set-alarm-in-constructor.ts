import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { alarmHandlerOf, alarmReadsIn } from "../../model/alarms.ts";
import { ingredientsOf } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { conditionsOn, constructionRoots, platformSteps, type Step, stepsOf } from "../../model/runs.ts";
import { calledMember, enclosingFunction, wrapped } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "no-set-alarm-in-constructor",
	gotcha: "constructor-on-every-wake",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow setting an alarm in the constructor without looking whether one is set",
		messages: {
			alarmOnEveryWake:
				"The constructor runs each time the object wakes, before alarm(), and this replaces the alarm that is set, even the one that is due: it is put off at each wake and may never run. Set it only where `await getAlarm()` is null.",
			onlyWhenNone: "Set the alarm only where there is none.",
		},
		schema: [],
		defaultOptions: [],
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		if (object.callsOf("storage", "setAlarm").length === 0 && !object.ancestry.base) {
			verdict.notApplicable("the class sets no alarm");
			return;
		}
		const steps = stepsOf(rootsOf(object), object);
		const settings = platformSteps(steps, object, "storage", "setAlarm");
		const handler = alarmHandlerOf(object);
		if (settings.length === 0) {
			const inInitialiser = object.callsOf("storage", "setAlarm").find(({ node }) => object.isInitialisation(node));
			if (inInitialiser) verdict.unknown({ at: inInitialiser.node, because: "it is set when the framework starts the object; whether that is meant to put it off could not be told" });
			else verdict.notApplicable("the constructor sets no alarm");
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
