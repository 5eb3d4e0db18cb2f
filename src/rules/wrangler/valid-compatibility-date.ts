import { RPC_DATE } from "../../wrangler/fields.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-compatibility-date",
	gotcha: "rpc-compatibility-date",
	preset: { in: "recommended", level: "error" },
	description: "require a compatibility date with which Durable Objects can be called by RPC",
	kinds: {
		compatDateMissing: 'There is no "compatibility_date" for {{where}}: `wrangler deploy` refuses it unless the date is given on the command line. Add one, such as the day on which you last tested.',
		compatDateInvalid: 'The compatibility date {{problem}}. Wrangler refuses anything else.',
		compatDateRpc: 'With the compatibility date {{date}} a stub has no methods but fetch: each RPC call is a TypeError at run time. Set it to {{since}} or later, or add the compatibility flag "rpc".',
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		if (!config.declaresObjects) return verdict.notApplicable("The configuration has no Durable Objects.");
		const dates = [...new Set(config.environments.flatMap((environment) => environment.effective("compatibility_date") ?? []))];
		const late = dates.every(({ value }) => value.type === "String" && value.value >= RPC_DATE);
		if (late) return verdict.guarded({ at: dates.map(locate), because: `The compatibility date is ${RPC_DATE} or later, so stubs have the methods of their objects.` });
		const flags = config.environments.flatMap((environment) => environment.effective("compatibility_flags") ?? []);
		if (flags.length > 0 && config.environments.every(({ compatibilityFlags }) => compatibilityFlags.includes("rpc"))) {
			return verdict.guarded({ at: [...new Set(flags)].map(locate), because: 'The compatibility flag "rpc" gives stubs the methods of their objects.' });
		}
		verdict.unknown({ at: dates.map(locate), because: "The compatibility date is a placeholder, or no class of this Worker depends on it." });
	},
});
