import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { heartbeatEnd } from "../../model/outbound-heartbeat.ts";
import { type Timer, timersOf } from "../../model/timers.ts";
import { doesWork } from "../../model/work.ts";
import { calledMember, enclosingFunction, type FunctionNode, isFunction, unwrap } from "../../syntax/nodes.ts";
import { originOf } from "../../syntax/origin.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Milliseconds; a single timer that is known to be no longer is not taken for a schedule. */
	readonly maxDelayMs: number;
	readonly allowInterval: boolean;
}

export default defineRule({
	name: "no-timer-scheduling",
	gotcha: "timers-as-schedule",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow timers as a schedule for later work; alarms survive what timers do not",
		messages: {
			timeoutAsSchedule:
				"The work given to {{name}} is lost when the object is deployed, crashes or restarts, and until it runs the object cannot hibernate. Store what is due and call setAlarm(): alarm() runs even if the object has left memory.",
			intervalAsSchedule:
				"{{name}} keeps the object in memory, and billed, for as long as it ticks, and stops for good at a deploy, a crash or a restart. Let alarm() do the work and set the next alarm.",
			intervalOnEveryWake:
				"The constructor starts {{name}} whenever the object wakes, and while it ticks the object stays in memory, billed: it never hibernates again. Let alarm() do the work and set the next alarm.",
			delayedFunction:
				"{{name}} holds its call back in memory for up to {{delay}} ms: what it should have done is lost when the object is deployed or crashes meanwhile. Do it at once, or store what is due and call setAlarm().",
			useAlarm: "Set an alarm instead, and move the work to alarm().",
		},
		schema: [
			{
				type: "object",
				properties: {
					maxDelayMs: { type: "number", minimum: 0, description: "A timeout that is known to be no longer than this is ignored, in milliseconds." },
					allowInterval: { type: "boolean", description: "Whether setInterval is allowed." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ maxDelayMs: 10_000, allowInterval: false }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [options], verdict }) {
		const timers = timersOf(object);
		for (const timer of timers) {
			const harmless = harmlessBecause(timer, object, options);
			if (harmless) {
				verdict.guarded({ at: timer.node, because: harmless });
				continue;
			}
			const alarm = alarmBeside(timer, object);
			if (alarm) {
				verdict.guarded({ at: [alarm, timer.node], because: "an alarm that is set beside the timer does the work even if the timer is lost" });
				continue;
			}
			const end = object.isInitialisation(timer.node) ? null : heartbeatEnd(timer, object);
			if (end) {
				verdict.guarded({ at: [timer.node, end], because: "it only keeps a connection open that the object has opened: that lives in memory like the timer, keeps the object there by itself, and ends the timer when it closes" });
				continue;
			}
			const suggestion = alarmSuggestion(timer, object);
			const messageId = timer.repeats ? (object.isInitialisation(timer.node) ? "intervalOnEveryWake" : "intervalAsSchedule") : timer.name.startsWith("set") ? "timeoutAsSchedule" : "delayedFunction";
			verdict.violated({
				at: timer.node,
				messageId,
				data: { name: `${timer.name}()`, delay: String(timer.delay) },
				suggest: suggestion ? [{ messageId: "useAlarm", fix: suggestion }] : [],
			});
		}
		if (timers.length > 0) return;
		const alarms = [...object.callsOf("storage", "setAlarm").map((call) => call.node), ...frameworkSchedules(object)];
		if (alarms.length > 0) verdict.guarded({ at: alarms.slice(0, 3), because: "later work is scheduled with an alarm, which outlives the object's memory" });
		else verdict.notApplicable("the class starts no timer and schedules no later work");
	},
});

/** Why a timer is no schedule: it pauses or bounds an await of the event that starts it, or does nothing that must happen. */
function harmlessBecause(timer: Timer, object: DurableObjectClass, { maxDelayMs, allowInterval }: Options): string | null {
	const isDelayingFunction = !timer.name.startsWith("set");
	if (timer.repeats && allowInterval) return "intervals are allowed by the rule's option";
	if (timer.callbackArgument && settlesPromise(timer.callbackArgument, timer.callback, object)) return "the timer only settles a promise of the running event";
	// Whatever it does, an interval that each wake starts keeps the object awake.
	if (timer.repeats && object.isInitialisation(timer.node)) return null;
	if (timer.callback && !doesWork(timer.callback, object)) return "nothing that must happen depends on the timer";
	if (!timer.callback && timer.callbackArgument && !mentionsInstance(timer.callbackArgument, object)) return "nothing of the object depends on the timer";
	if (isDelayingFunction && timer.delay === null) return "the delay is not known to be long";
	if (!timer.repeats && timer.delay !== null && timer.delay <= maxDelayMs && timer.name !== "setImmediate") return `the delay is short (${timer.delay} ms)`;
	if (timer.name === "setImmediate" && !runsAlarm(timer, object)) return "it runs right after the present turn";
	return null;
}

/** The callback is, or calls, a function that an enclosing `new Promise((resolve, reject) => ...)` received; or aborts a controller. */
function settlesPromise(argument: TSESTree.Node, callback: FunctionNode | null, object: DurableObjectClass): boolean {
	const isSettler = (node: TSESTree.Node): boolean => {
		const root = originOf(node, object.file)?.root;
		return root?.kind === "parameter" && object.callbackRun(root.fn) === "now" && root.fn.parent.type === "NewExpression";
	};
	if (isSettler(argument)) return true;
	if (!callback || !isFunction(unwrap(argument))) return false;
	let settles = false;
	object.file.walk(callback.body, (node) => {
		if (settles) return false;
		if (node.type !== "CallExpression") return true;
		if (unwrap(node.callee).type === "Identifier") settles = isSettler(node.callee);
		const called = calledMember(node);
		if (called?.name === "abort") {
			const root = originOf(called.object, object.file)?.root;
			settles ||= root?.kind === "expression" && root.node.type === "NewExpression" && object.file.textOf(root.node.callee) === "AbortController";
		}
		return true;
	});
	return settles;
}

function mentionsInstance(node: TSESTree.Node, object: DurableObjectClass): boolean {
	let mentions = false;
	object.file.walk(node, (child) => {
		mentions ||= child.type === "ThisExpression";
		return !mentions;
	});
	return mentions;
}

/** `setImmediate(() => this.alarm())`: an alarm by another name. */
function runsAlarm(timer: Timer, object: DurableObjectClass): boolean {
	const alarm = object.method("alarm");
	if (!timer.callback || !alarm) return false;
	if (timer.callback === alarm.fn) return true;
	return object.members.ownCalls.some((call) => call.name === "alarm" && enclosingFunction(call.node) === timer.callback);
}

/** An alarm set by the same function that starts the timer. */
function alarmBeside(timer: Timer, object: DurableObjectClass): TSESTree.Node | null {
	const fn = enclosingFunction(timer.node);
	return object.callsOf("storage", "setAlarm").find((call) => enclosingFunction(call.node) === fn)?.node ?? null;
}

function frameworkSchedules(object: DurableObjectClass): TSESTree.Node[] {
	if (object.ancestry.framework !== "agents" && object.ancestry.framework !== "containers") return [];
	return object.members.ownCalls.filter((call) => ["schedule", "scheduleEvery", "queue"].includes(call.name)).map((call) => call.node);
}

/** Where the callback needs nothing but the object and there is no alarm() yet, the whole change is certain. */
function alarmSuggestion(timer: Timer, object: DurableObjectClass): Rule.ReportFixer | null {
	const { node, callback, callbackArgument } = timer;
	const storage = object.storageExpression;
	const [, delay] = node.arguments;
	const inline = callbackArgument && unwrap(callbackArgument);
	if (timer.name !== "setTimeout" || !storage || !delay || !callback || inline !== callback || callback.type !== "ArrowFunctionExpression") return null;
	if (object.method("alarm") || !object.ancestry.isBaseKnown || object.framework?.ownedHandlers.includes("alarm")) return null;
	if (node.parent.type !== "ExpressionStatement" || closesOver(callback, object)) return null;
	const { file } = object;
	const indent = /^[ \t]*/mu.exec(file.text.slice(file.text.lastIndexOf("\n", object.elementOf(node)?.range[0] ?? 0) + 1))?.[0] ?? "";
	const body = callback.body.type === "BlockStatement" ? file.textOf(callback.body) : `{\n${indent}${indent || "\t"}await ${file.textOf(callback.body)};\n${indent}}`;
	return (fixer) => [
		fixer.replaceTextRange([...node.range], `${storage}.setAlarm(Date.now() + ${delayText(delay, object)})`),
		fixer.insertTextAfterRange([0, object.node.body.range[1] - 1], `\n${indent}async alarm() ${body}\n`),
	];
}

function delayText(delay: TSESTree.Node, object: DurableObjectClass): string {
	const text = object.file.textOf(delay);
	return ["Literal", "Identifier", "MemberExpression", "CallExpression"].includes(delay.type) ? text : `(${text})`;
}

/** Whether a function uses a variable of the functions around it, or an argument. */
function closesOver(fn: FunctionNode, object: DurableObjectClass): boolean {
	const scope = object.file.bindings.scopeManager.acquire(fn);
	if (fn.params.length > 0 || !scope) return true;
	return scope.through.some(({ resolved }) => resolved !== null && resolved.scope.type !== "module" && resolved.scope.type !== "global");
}
