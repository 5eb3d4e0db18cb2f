import type { TSESTree } from "@typescript-eslint/utils";
import { alarmHandler, isUnconditional, rearmings } from "../../model/rearming.ts";
import { timesOf } from "../../model/alarms.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Milliseconds; an alarm that always sets the next one sooner than this is reported. */
	readonly minIntervalMs: number;
}

export default defineRule({
	name: "no-immediate-alarm-loop",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow alarms that set the next alarm for now, without an end",
		messages: {
			hotLoop:
				"alarm() always sets the next alarm {{when}}: it runs again at once, for ever, and each run is a billed request. Set it only while there is something left to do, or some time ahead.",
		},
		schema: [
			{
				type: "object",
				properties: { minIntervalMs: { type: "number", minimum: 1, description: "An alarm that always sets the next one sooner than this is reported, in milliseconds." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ minIntervalMs: 1 }] as readonly [Options],
		strictOptions: [{ minIntervalMs: 1000 }] as readonly [Options],
	},
	check(object, { options: [{ minIntervalMs }], verdict }) {
		const handler = alarmHandler(object);
		const calls = handler ? rearmings(handler, object) : [];
		if (!handler || calls.length === 0) {
			verdict.notApplicable("alarm() sets no further alarm");
			return;
		}
		for (const { node } of calls) {
			const [time] = node.arguments;
			const ahead = time && time.type !== "SpreadElement" ? millisecondsAhead(time, object) : null;
			if (ahead === null || ahead >= minIntervalMs) verdict.guarded({ at: node, because: ahead === null ? "the next alarm is set for a time that is worked out" : "the next alarm is some time ahead" });
			else if (!isUnconditional(node, handler, object)) verdict.guarded({ at: node, because: "the next alarm is set only on a condition" });
			else verdict.violated({ at: node, messageId: "hotLoop", data: { when: ahead <= 0 ? "for now" : `only ${ahead} ms ahead` } });
		}
	},
});

/** How far ahead of the present a time is at most, in milliseconds; null where that is not known. */
function millisecondsAhead(time: TSESTree.Node, object: DurableObjectClass): number | null {
	const offsets = timesOf(time, object).map((reading) => (reading.kind === "from-now" ? reading.offset : null));
	return offsets.reduce<number | null>((most, offset) => (most === null || offset === null ? null : Math.max(most, offset)), offsets[0] ?? null);
}
