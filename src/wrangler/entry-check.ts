/** Compares what a configuration promises with what the entry module exports. */
import type { EffectiveEnvironment, WranglerConfig } from "./config.ts";
import type { ConfigNode } from "./document.ts";
import type { EntryModule, ReadEntry } from "./entry-module.ts";
import { type Finding, type FindingKind, Findings } from "./finding.ts";

/**
 * What is wrong between configuration and code, in the order of the text.
 *
 * @param entryOf - the entry module of an environment; `skipped` where nothing can be known
 */
export function checkEntries(config: WranglerConfig, entryOf: (environment: EffectiveEnvironment) => EntryModule): Finding[] {
	const findings = new Findings();
	if (config.isPages) return [];
	const told = new Map<ConfigNode, FindingKind>();
	for (const environment of config.environments) {
		const report = findings.reporter(environment.name);
		// A list that several environments inherit is told of once.
		const once: Tell = (kind, at, data) => {
			if (told.get(at) === kind) return;
			told.set(at, kind);
			report(kind, at, data);
		};
		const durableObjects = environment.own("durable_objects");
		const local = environment.bindings.some((binding) => binding.local);
		if (local && durableObjects && !environment.effective("main") && environment.effective("assets")) {
			once("main-missing", durableObjects.key, { class: environment.bindings.find((binding) => binding.local)?.className.value ?? "" });
		}
		const entry = entryOf(environment);
		if (entry.status === "read" && entry.open === null) checkEntry(environment, entry, local, once);
	}
	return findings.inOrder();
}

type Tell = (kind: FindingKind, at: ConfigNode, data: Readonly<Record<string, string>>) => void;

function checkEntry(environment: EffectiveEnvironment, entry: ReadEntry, local: boolean, tell: Tell): void {
	const { bindings, classes, migrations, exports } = environment;
	const main = environment.effective("main");
	if (!main) return;
	const file = environment.main ?? "main";
	if (entry.format === "service-worker") {
		if (local || migrations?.steps.length) tell("main-not-module", main.value, { main: file });
		return;
	}

	const wanted = new Map<string, ConfigNode>();
	for (const binding of bindings) {
		const name = binding.className.value;
		// A class that is gone has a finding of its own: the binding must change, not the code.
		if (binding.local && name.trim() !== "" && !classes.gone.has(name) && !wanted.has(name)) wanted.set(name, binding.className);
	}
	for (const { name, at } of classes.live.values()) {
		if (!wanted.has(name) && !classes.doubtful.has(name)) wanted.set(name, at);
	}
	for (const [name, at] of wanted) {
		const exported = entry.exports.get(name);
		if (exported?.kind === "value" || exported?.kind === "unknown") continue;
		const how = exported ? "exports it as a type only, which does not exist at run time" : "does not export it";
		tell("class-not-exported", at, { class: name, main: file, how });
	}
	for (const { key, state } of exports?.entries ?? []) {
		if (state === "deleted" && entry.exports.get(key.name)?.kind === "value") tell("export-deleted-in-code", key, { class: key.name, main: file });
	}
}
