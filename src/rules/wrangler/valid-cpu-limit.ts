import { valueOf } from "../../wrangler/document.ts";
import { MAX_CPU_MS } from "../../wrangler/fields.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-cpu-limit",
	gotcha: "cpu-limit",
	preset: { in: "recommended", level: "error" },
	description: "require `limits.cpu_ms` to be in the range that is allowed",
	kinds: {
		limitsCpuMs: '"cpu_ms" is {{value}}, but it must be a number of milliseconds above 0 and at most {{max}}: the deploy is refused. Write a number in that range, or leave it out for the default of 30,000.',
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		if (!config.declaresObjects) return verdict.notApplicable("The configuration has no Durable Objects.");
		const limits = config.environments.flatMap((environment) => {
			const value = environment.effective("limits")?.value;
			return (value?.type === "Object" ? valueOf(value, "cpu_ms") : null) ?? [];
		});
		if (limits.length === 0) return verdict.notApplicable("limits.cpu_ms is not set: each event may use 30 seconds of CPU time.");
		const doubtful = limits.filter(({ type }) => type !== "Number");
		if (doubtful.length > 0) return verdict.unknown({ at: doubtful.map(locate), because: "limits.cpu_ms is a placeholder that something else fills in." });
		verdict.guarded({ at: [...new Set(limits)].map(locate), because: `limits.cpu_ms is set, and at most ${MAX_CPU_MS.toLocaleString("en")}.` });
	},
});
