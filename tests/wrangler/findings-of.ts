import { readConfig, type WranglerConfig } from "../../src/wrangler/config.ts";
import { parseConfig } from "../../src/wrangler/parse.ts";

/** The configuration in a text; throws where the text is none, which no caller here means. */
export function configOf(source: string | object, path = "wrangler.jsonc"): WranglerConfig {
	const text = typeof source === "string" ? source : JSON.stringify(source, null, "\t");
	const parsed = parseConfig(text, path);
	if (!parsed.ok) throw new Error(`${path} does not parse: ${parsed.problem.message}`);
	const config = readConfig(parsed.document);
	if (!config) throw new Error("not an object");
	return config;
}

/** Findings as `kind path`, with the environment in front where there is one. */
export function findingsOf(source: string | object, path?: string): string[] {
	return configOf(source, path).findings.map(({ kind, path: at, env }) => `${env === undefined ? "" : `[${env}] `}${kind} ${at}`.trim());
}
