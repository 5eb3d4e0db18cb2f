import { offersRpc } from "../../project/rpc-surface.ts";
import { declaresObjects } from "../../wrangler/config.ts";
import { isDate, RPC_DATE } from "../../wrangler/fields.ts";
import { locate, type WranglerFile, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-compatibility-date",
	gotcha: "rpc-compatibility-date",
	preset: { in: "recommended", level: "warn" },
	description: "require a compatibility date with which Durable Objects can be called by RPC",
	kinds: {
		compatDateMissing: 'There is no "compatibility_date": `wrangler deploy` refuses it unless the date is given on the command line. Add one, such as the day on which you last tested.',
		compatDateInvalid: 'The compatibility date {{problem}}. Wrangler refuses anything else.',
		compatDateRpc: 'With the compatibility date {{date}} a stub has no methods but fetch: each RPC call is a TypeError at run time. Set it to {{since}} or later, or add the compatibility flag "rpc".',
	},
	defaultOptions: [],
	find(file) {
		const { findings } = file.config;
		const old = findings.some(({ kind }) => kind === "compat-date-rpc");
		return old && !mayBeCalledByRpc(file) ? findings.filter(({ kind }) => kind !== "compat-date-rpc") : findings;
	},
	answer(file, verdict) {
		const { config } = file;
		if (!config.declaresObjects) return verdict.notApplicable("The configuration has no Durable Objects.");
		const environments = config.environments.filter(declaresObjects);
		const dates = environments.flatMap((environment) => environment.effective("compatibility_date") ?? []);
		const flags = environments.flatMap((environment) => (environment.compatibilityFlags.includes("rpc") ? (environment.effective("compatibility_flags") ?? []) : []));
		const at = [...new Set([...dates, ...flags])].map(locate);
		const hasRpc = environments.every(({ compatibilityDate: date, compatibilityFlags }) => compatibilityFlags.includes("rpc") || (date !== null && isDate(date) && date >= RPC_DATE));
		if (hasRpc && !environments.some(({ compatibilityFlags }) => compatibilityFlags.includes("no_rpc"))) {
			return verdict.guarded({ at, because: `The compatibility date is ${RPC_DATE} or later, or the flag "rpc" is set, so stubs have the methods of their objects.` });
		}
		const surfaces = rpcSurfaces(file);
		if (surfaces.every((offers) => offers === false)) return verdict.notApplicable("No class of this Worker has methods that a stub could call: they extend nothing, or have handlers only.");
		if (surfaces.includes("built")) return verdict.unknown({ at, because: "The entry module is made by a build, so whether any class has methods that a stub could call could not be told." });
		verdict.unknown({ at, because: "The compatibility date is a placeholder, RPC is switched off by a flag, or no class of this Worker depends on it." });
	},
});

/** False if the code shows that RPC is not used, so that an old date does no harm, or if a build makes the code, so that it shows nothing. */
function mayBeCalledByRpc(file: WranglerFile): boolean {
	return rpcSurfaces(file).some((offers) => offers === true || offers === null);
}

const rpcSurfaces = ({ config, path, cwd }: WranglerFile): readonly (boolean | "built" | null)[] =>
	config.environments.filter(declaresObjects).map((environment) => offersRpc(environment, path, cwd));
