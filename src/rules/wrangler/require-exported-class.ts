import { entryOf } from "../../project/entry.ts";
import { checkEntries } from "../../wrangler/entry-check.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "require-exported-class",
	gotcha: "class-lifecycle",
	preset: { in: "recommended", level: "error" },
	description: "require the entry module to export every Durable Object class of the configuration",
	kinds: {
		classNotExported: "{{main}} {{how}}, so the deploy of {{class}} is refused (10070, or already by Wrangler). Write `export { {{class}} } from …` or `export class {{class}}` there.",
		mainNotModule: "Wrangler takes {{main}} for a service worker, which cannot have Durable Objects: the deploy is refused. Write an ES module: `export default { async fetch(request, env) { … } }`.",
		mainMissing: 'An assets-only Worker has no code, so {{class}} does not exist: Wrangler refuses the deploy. Set "main" to the module that exports {{class}}.',
	},
	defaultOptions: [],
	find: ({ config, path, cwd }) => checkEntries(config, (environment) => entryOf(environment, path, cwd)),
	answer({ config, path, cwd }, verdict) {
		const environments = config.environments.filter(({ bindings, classes }) => classes.live.size > 0 || bindings.some(({ local }) => local));
		if (environments.length === 0 || config.isPages) return verdict.notApplicable("The configuration has no Durable Object class of its own.");
		for (const environment of environments) {
			const entry = entryOf(environment, path, cwd);
			if (entry.status === "skipped") return verdict.unknown({ because: `What the Worker exports is not known: ${entry.because}.` });
			if (entry.status === "missing") return verdict.unknown({ because: "What the Worker exports is not known: main does not exist." });
			if (entry.open !== null) return verdict.unknown({ because: `What the Worker exports is not fully known: ${entry.open}.` });
		}
		const names = [...new Set(environments.flatMap(({ classes, bindings }) => [...classes.live.keys(), ...bindings.flatMap(({ local, className }) => (local ? [className.value] : []))]))];
		const mains = [...new Set(environments.flatMap((environment) => environment.effective("main")?.value ?? []))];
		verdict.guarded({ at: mains.map(locate), because: `The entry module exports every class: ${names.join(", ")}.` });
	},
});
