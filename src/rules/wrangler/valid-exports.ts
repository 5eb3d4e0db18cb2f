import { entryOf } from "../../project/entry.ts";
import { checkEntries } from "../../wrangler/entry-check.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-exports",
	gotcha: "class-lifecycle",
	preset: { in: "recommended", level: "error" },
	description: "disallow `exports` that Wrangler or the API refuses",
	kinds: {
		exportShape: '"exports" is malformed at {{class}}: {{problem}}. Wrangler refuses it; a class is written { "type": "durable-object", "storage": "sqlite" }.',
		exportRenameTarget: "{{class}} is renamed to {{target}}, which has no live entry here: the API refuses the deploy (100402). Add an entry for {{target}} with its storage, in the state \"created\".",
		exportRenameDuplicateTarget: "{{class}} and {{other}} are both renamed to {{target}}: the API refuses the deploy (100402). Give each a target of its own.",
		exportTransferSelf: '"{{script}}" is this Worker itself, so {{class}} would go nowhere and the API refuses the deploy. Name the other Worker, or use the state "renamed".',
		exportDeletedInCode: '{{class}} is "deleted" here, but {{main}} still exports it: the API refuses the deploy (100402). Remove the class from the code in the same deploy.',
		exportsAndMigrations: 'Both "exports" and "migrations" are in force here, and Wrangler refuses that. List every live class in "exports" with its present storage, and remove "migrations"; there is no way back.',
	},
	defaultOptions: [],
	find: ({ config, path, cwd }) => {
		const inCode = config.exportMaps.some(({ entries }) => entries.some(({ state }) => state === "deleted"));
		return inCode ? [...config.findings, ...checkEntries(config, (environment) => entryOf(environment, path, cwd))] : config.findings;
	},
	answer({ config }, verdict) {
		const entries = config.exportMaps.flatMap((map) => map.entries);
		if (entries.length === 0) return verdict.notApplicable("The configuration has no class in exports.");
		verdict.guarded({ at: entries.map(({ key }) => locate(key)), because: "Each entry has the fields of its state, and each rename leads to a live entry." });
	},
});
