import { memberOf } from "../../wrangler/document.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "no-pages-definition",
	gotcha: "wrangler-config",
	preset: { in: "recommended", level: "error" },
	description: "disallow defining Durable Object classes in a Pages project",
	kinds: {
		pagesLocalBinding: 'A Pages project cannot define {{class}}: Wrangler refuses the binding {{binding}} without "script_name". Put the class into a Worker, and name that Worker here.',
		pagesUnsupportedField: '"{{field}}" does not go with "pages_build_output_dir": Wrangler refuses the configuration. Move it to the configuration of the Worker that defines the classes, or use a Worker with "assets" in place of Pages.',
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		const output = memberOf(config.top, "pages_build_output_dir");
		if (!output) return verdict.notApplicable("This is not a Pages project.");
		const scripts = config.environments.flatMap(({ bindings }) => bindings.flatMap(({ scriptName }) => scriptName ?? []));
		if (scripts.length === 0) return verdict.notApplicable("The Pages project binds no Durable Objects.");
		verdict.guarded({ at: scripts.map(locate), because: "Each binding names the Worker that defines the class." });
	},
});
