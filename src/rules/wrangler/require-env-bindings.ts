import { copyBindings } from "../../wrangler/edits.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "require-env-bindings",
	gotcha: "wrangler-config",
	preset: { in: "recommended", level: "warn" },
	description: "require every environment to have Durable Object bindings of its own if the top level has some",
	kinds: {
		envBindingMissing:
			'Bindings are not inherited: in the environment "{{env}}" {{bindings}} will be undefined at run time. Repeat "durable_objects" in env.{{env}}, or write an empty "bindings" there if that is meant.',
	},
	messages: { copyBindings: "Copy the bindings of the top level into env.{{env}}." },
	defaultOptions: [],
	propose({ at, data }, { config, source }) {
		return at.type === "Key" ? [{ messageId: "copyBindings", data, edits: copyBindings(source, config.top, at) }] : [];
	},
	answer({ config }, verdict) {
		const [top, ...named] = config.environments;
		if (named.length === 0) return verdict.notApplicable("The configuration has no named environments.");
		if (top.bindings.length === 0) return verdict.notApplicable("The top level binds no Durable Objects.");
		verdict.guarded({ at: named.flatMap(({ own }) => own("durable_objects") ?? []).map(locate), because: `Each environment has durable_objects of its own: ${named.map(({ name }) => name).join(", ")}.` });
	},
});
