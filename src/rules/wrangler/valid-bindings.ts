import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-bindings",
	gotcha: "wrangler-config",
	preset: { in: "recommended", level: "error" },
	description: "require well-formed Durable Object bindings with unique names",
	kinds: {
		bindingShape: '{{problem}}. Wrangler refuses this configuration; write bindings as { "name": "COUNTER", "class_name": "Counter" }.',
		bindingUnknownField: 'Wrangler ignores "{{field}}" here. The known keys are {{known}}.',
		bindingEmpty: '"{{field}}" {{problem}}, which no name in code can match. Write the exact name.',
		bindingNameDuplicate: 'The name "{{name}}" is taken on line {{line}} already ({{kind}}): Wrangler refuses two bindings of one name. Rename one of them.',
		codeUpdateStrategy: '{{problem}}. Wrangler refuses it; write { "mode": "deferred", "max_delay": 300 } or { "mode": "immediate" }.',
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		const bindings = config.environments.flatMap((environment) => environment.bindings);
		if (bindings.length === 0) return verdict.notApplicable("The configuration binds no Durable Objects.");
		verdict.guarded({ at: bindings.map(({ name }) => locate(name)), because: "Each binding has a name of its own and the fields that Wrangler knows." });
	},
});
