import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { timesOf, type TimeReading } from "../../model/alarms.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { propertyName, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Whether a time that is called `delay`, `ttl`, `timeoutMs` and the like, and of which no more is known, is taken for a duration. */
	readonly checkNames: boolean;
}

type MessageId = "relativeTime" | "secondsTime" | "refusedTime" | "durationName" | "addNow" | "toMilliseconds";

/** 1973-03-03 in milliseconds: what is less was not meant as a point in time in milliseconds. */
const EARLIEST = 1e11;
/** 2001-09-09 in seconds: what is more, up to `EARLIEST`, looks like a point in time in seconds. */
const EARLIEST_SECONDS = 1e9;

const durationName = /^(?:delay|ttl|interval|timeout|duration|seconds|secs|minutes|millis)$|(?:Delay|Ttl|TTL|Interval|Timeout|Duration|Seconds|Secs|Minutes|DelayMs|TtlMs|IntervalMs|TimeoutMs|DurationMs)$|_(?:DELAY|TTL|INTERVAL|TIMEOUT|DURATION|SECONDS)(?:_MS)?$|^(?:delay|ttl|interval|timeout|duration)Ms$/u;

export default defineRule({
	name: "valid-alarm-time",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow alarm times that are durations, seconds or not positive",
		messages: {
			relativeTime: "setAlarm() takes a point in time: {{value}} is {{value}} ms after the start of 1970, so alarm() runs at once. Add it to Date.now().",
			secondsTime: "setAlarm() takes milliseconds: `{{text}}` is in seconds, a time in January 1970, so alarm() runs at once. Multiply it by 1000.",
			refusedTime: "setAlarm({{value}}) throws a TypeError: an alarm time must be more than 0. To cancel the alarm call deleteAlarm().",
			durationName: "setAlarm() takes a point in time, and `{{text}}` reads like a duration: the alarm would run at once. Add it to Date.now().",
			addNow: "Add it to Date.now().",
			toMilliseconds: "Multiply it by 1000.",
		} satisfies Record<MessageId, string>,
		schema: [
			{
				type: "object",
				properties: { checkNames: { type: "boolean", description: "Whether a time whose name is that of a duration (`delay`, `ttl`, `timeoutMs`) is reported where its value is not known." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ checkNames: false }] as readonly [Options],
		strictOptions: [{ checkNames: true }],
		hasSuggestions: true,
	},
	check(object, { options: [{ checkNames }], verdict }) {
		const settings = object.callsOf("storage", "setAlarm");
		if (settings.length === 0) {
			verdict.notApplicable("the class sets no alarm");
			return;
		}
		const reported = new Set<TSESTree.Node>();
		for (const { node } of settings) {
			const [time] = node.arguments;
			if (!time || time.type === "SpreadElement") {
				verdict.unknown({ at: node, because: "the time is not an argument that can be read" });
				continue;
			}
			const readings = timesOf(time, object);
			const faults = readings.flatMap((reading) => faultOf(reading, object) ?? []);
			for (const { at, fault } of faults) {
				// A constant that several calls pass is one mistake.
				if (reported.has(at)) continue;
				reported.add(at);
				verdict.violated({ at, ...fault });
			}
			if (faults.length > 0) continue;
			if (checkNames && readings.every(({ kind }) => kind === "unknown") && isCalledDuration(time)) {
				verdict.violated({ at: time, messageId: "durationName", data: { text: object.file.textOf(time) }, suggest: [{ messageId: "addNow", fix: addNow(time, object) }] });
			} else if (readings.some(({ kind }) => kind === "unknown")) {
				verdict.unknown({ at: time, because: `what \`${object.file.textOf(time)}\` is at run time could not be told` });
			} else {
				verdict.guarded({ at: time, because: "the time is counted from the present, in milliseconds" });
			}
		}
	},
});

interface Fault {
	readonly at: TSESTree.Node;
	readonly fault: { readonly messageId: MessageId; readonly data: Readonly<Record<string, string>>; readonly suggest: readonly Rule.SuggestionReportDescriptor[] };
}

function faultOf(reading: TimeReading, object: DurableObjectClass): Fault | null {
	const { node: at } = reading;
	const text = object.file.textOf(at);
	const seconds = (): Fault => ({ at, fault: { messageId: "secondsTime", data: { text }, suggest: [{ messageId: "toMilliseconds", fix: (fixer) => fixer.replaceTextRange([...at.range], `${grouped(at, text)} * 1000`) }] } });
	if (reading.kind === "seconds") return seconds();
	if (reading.kind !== "constant") return null;
	const { value } = reading;
	if (!(value > 0)) return { at, fault: { messageId: "refusedTime", data: { value: String(value) }, suggest: [] } };
	if (value >= EARLIEST) return null;
	if (value >= EARLIEST_SECONDS && Number.isInteger(value)) return seconds();
	return { at, fault: { messageId: "relativeTime", data: { value: String(value) }, suggest: [{ messageId: "addNow", fix: addNow(at, object) }] } };
}

function addNow(time: TSESTree.Node, object: DurableObjectClass): Rule.ReportFixer {
	const text = object.file.textOf(time);
	const isSum = time.type === "BinaryExpression" && ["+", "-", "*", "/", "%", "**"].includes(time.operator);
	return (fixer) => fixer.replaceTextRange([...time.range], `Date.now() + ${isSum ? text : grouped(time, text)}`);
}

function grouped(node: TSESTree.Node, text: string): string {
	return ["Literal", "Identifier", "MemberExpression", "CallExpression"].includes(node.type) ? text : `(${text})`;
}

function isCalledDuration(time: TSESTree.Node): boolean {
	const node = unwrap(time);
	const name = node.type === "Identifier" ? node.name : node.type === "MemberExpression" ? propertyName(node)?.replace(/^#/u, "") : null;
	return name !== null && name !== undefined && durationName.test(name);
}
