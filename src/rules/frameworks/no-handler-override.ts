import { handlerInstaller } from "../../model/alarms.ts";
import { superCall } from "../../model/overrides.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

const installed = ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"];
const instead: Readonly<Record<string, string>> = {
	fetch: "onRequest()", alarm: "onAlarm()", webSocketMessage: "onMessage()", webSocketClose: "onClose()", webSocketError: "onError()",
};

export default defineRule({
	name: "no-handler-override",
	gotcha: "frameworks",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow handlers that take the place of a framework's",
		messages: {
			switchesOff: "{{framework}} serves this class through its own {{handler}}(); this one takes its place, and connections, state and hooks stop working. Use {{instead}}, or call super.{{handler}}() as well.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
	},
	check(object, { verdict }) {
		const install = handlerInstaller(object);
		// The alarm of a framework has a rule of its own.
		const owned = install ? installed : (object.framework?.ownedHandlers ?? []).filter((name) => name !== "alarm");
		if (owned.length === 0) {
			verdict.notApplicable("no framework serves the handlers of this class");
			return;
		}
		const title = install ? "Lifecycle.install()" : (object.framework?.title ?? "");
		let isAnswered = false;
		for (const name of owned) {
			const method = object.members.methods.get(name);
			if (!method) continue;
			isAnswered = true;
			const passedOn = install ? null : superCall(method, object);
			if (passedOn) verdict.guarded({ at: passedOn, because: `${name}() passes on to the framework's` });
			else verdict.violated({ at: method.node.key, messageId: "switchesOff", data: { framework: title, handler: name, instead: instead[name] ?? "a hook" } });
		}
		if (isAnswered) return;
		const hooks = (object.framework?.hooks ?? Object.values(instead).map((hook) => hook.slice(0, -2))).flatMap((name) => object.members.methods.get(name) ?? []);
		if (hooks.length > 0) verdict.guarded({ at: hooks.slice(0, 3).map((method) => method.node.key), because: `events come through the hooks of ${title}` });
		else verdict.notApplicable("the class defines no handler that the framework serves");
	},
});
