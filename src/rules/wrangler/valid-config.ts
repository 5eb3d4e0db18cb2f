import { dirname, relative, sep } from "node:path";
import { redirectProblem, scriptsThatName, shadowedBy, shown } from "../../project/config-files.ts";
import { type Finding, Findings } from "../../wrangler/finding.ts";
import { locate, type WranglerFile, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-config",
	gotcha: "wrangler-config",
	preset: { in: "recommended", level: "warn" },
	description: "disallow configurations that Wrangler does not read, or reads in part",
	kinds: {
		configDuplicateKey: 'The key "{{key}}" is on line {{line}} already: Wrangler silently takes this one and drops the other. Merge the two.',
		configShadowed: "Wrangler does not read this file when it is started here: it takes {{winner}} first. Keep one of the two, or name this one with --config.",
		configRedirect: "`wrangler deploy` fails: {{problem}}. Build again, or delete the folder .wrangler/deploy.",
	},
	defaultOptions: [],
	find(file) {
		return [...file.config.findings, ...onDisk(file)];
	},
	answer({ config, path, cwd }, verdict) {
		const winner = shadowedBy(path, cwd);
		const scripts = winner === null ? null : scriptsThatName(path, cwd);
		if (winner !== null && scripts !== null) {
			verdict.guarded({ at: locate(config.document), because: `Wrangler would take ${shown(winner, cwd)} first, but the scripts in ${shown(scripts, cwd)} name this file with --config.` });
			return;
		}
		verdict.guarded({
			at: locate(config.document),
			because: `No key is repeated, and no other configuration takes the place of ${shown(path, cwd)} (${config.environments.length === 1 ? "one environment" : `${config.environments.length} environments`}).`,
		});
	},
});

function onDisk({ path, cwd, config }: WranglerFile): Finding[] {
	const findings = new Findings();
	const report = findings.reporter(null);
	const winner = shadowedBy(path, cwd);
	// From this file's folder: the name alone would be taken for that of a file beside it.
	if (winner !== null && scriptsThatName(path, cwd) !== null) return [];
	if (winner !== null) report("config-shadowed", config.document, { winner: relative(dirname(path), winner).split(sep).join("/") });
	else {
		const problem = redirectProblem(path, cwd);
		if (problem !== null) report("config-redirect", config.document, { problem });
	}
	return findings.inOrder();
}
