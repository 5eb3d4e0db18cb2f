import { superCall } from "../../model/overrides.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

/** How each framework lets its user do later work, what of the alarm it keeps for itself, and what is lost with its alarm(). */
const schedule = "which runs what is scheduled: nothing of that runs any more";
const owners = {
	agents: { keepsAlarm: true, alarm: schedule, instead: "this.schedule()", handler: "a scheduled method", cleanUp: "this.destroy()" },
	containers: { keepsAlarm: true, alarm: schedule, instead: "this.schedule()", handler: "a scheduled method", cleanUp: "this.destroy()" },
	partyserver: { keepsAlarm: false, alarm: "which runs onStart() first: an object that the alarm wakes is not initialised", instead: "this.ctx.storage.setAlarm()", handler: "onAlarm()", cleanUp: null },
	actors: { keepsAlarm: false, alarm: schedule, instead: "this.alarms", handler: "onAlarm()", cleanUp: null },
} as const;

export default defineRule({
	name: "no-raw-alarm-in-agent",
	gotcha: "frameworks",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow using the alarm directly where a framework runs its own schedule on it",
		messages: {
			rawAlarm: "All schedules of {{framework}} share the object's only alarm: {{call}}() replaces or removes it, and what was scheduled does not run. Use {{instead}}.",
			ownHandler: "This alarm() takes the place of {{framework}}'s, {{lost}}. Move the work to {{handler}}, or call super.alarm() as well.",
			rawDeleteAll: "The tables of {{framework}} are in the object's storage too: deleteAll() destroys them, and the running object fails from then on. Use {{cleanUp}}.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		const { framework } = object.ancestry;
		if (framework === null || framework === "workers") {
			verdict.notApplicable("no framework runs a schedule on the object's alarm");
			return;
		}
		const owner = owners[framework];
		const title = object.framework?.title ?? framework;
		let isViolated = false;
		if (owner.keepsAlarm) {
			for (const { node, method } of object.callsOf("storage", "setAlarm", "deleteAlarm")) {
				isViolated = true;
				verdict.violated({ at: node, messageId: "rawAlarm", data: { framework: title, call: method, instead: owner.instead } });
			}
			for (const { node } of object.callsOf("storage", "deleteAll")) {
				isViolated = true;
				verdict.violated({ at: node, messageId: "rawDeleteAll", data: { framework: title, cleanUp: owner.cleanUp } });
			}
		}
		const alarm = object.members.methods.get("alarm");
		const passedOn = alarm && superCall(alarm, object);
		if (alarm && passedOn) verdict.guarded({ at: passedOn, because: `alarm() also runs what ${title} has scheduled` });
		else if (alarm) {
			isViolated = true;
			verdict.violated({ at: alarm.node.key, messageId: "ownHandler", data: { framework: title, lost: owner.alarm, handler: owner.handler } });
		}
		if (isViolated || passedOn) return;
		const schedules = object.members.ownCalls.filter((call) => ["schedule", "scheduleEvery", "queue"].includes(call.name));
		if (schedules.length > 0) verdict.guarded({ at: schedules.slice(0, 3).map((call) => call.node), because: `later work goes through the schedule of ${title}` });
		else verdict.notApplicable("the class leaves the alarm to the framework");
	},
});
