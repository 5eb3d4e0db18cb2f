import { locate, wranglerRule } from "../wrangler-rule.ts";

interface Option {
	readonly acknowledged?: readonly string[];
}

export default wranglerRule({
	id: "no-destructive-migration",
	gotcha: "destructive-migration",
	preset: { in: "recommended", level: "warn" },
	description: "disallow deleting a class, which destroys all its data, without saying that it is meant",
	kinds: {
		migrationDeletesData:
			'Deploying "deleted_classes" destroys every {{class}} object and all that it stored, at once and for good. To keep the data use "renamed_classes" (same Worker) or "transferred_classes" (another Worker); if it is meant, list {{class}} in the option `acknowledged`.',
		exportDeletesData:
			'Deploying "state": "deleted" destroys every {{class}} object and all that it stored, at once and for good. To keep the data use the state "renamed" (same Worker) or "transferred" (another Worker); if it is meant, list {{class}} in the option `acknowledged`.',
	},
	schema: [
		{
			type: "object",
			properties: {
				acknowledged: { type: "array", items: { type: "string" }, uniqueItems: true, description: "Classes whose data may be destroyed." },
			},
			additionalProperties: false,
		},
	],
	defaultOptions: [{}] as readonly [Option],
	find: ({ config }, [{ acknowledged = [] }]) => config.findings.filter(({ data }) => !acknowledged.includes(data["class"] ?? "")),
	answer({ config }, verdict, [{ acknowledged = [] }]) {
		const pending = config.findings.filter(({ kind }) => kind === "migration-deletes-data" || kind === "export-deletes-data");
		if (pending.length > 0) {
			return verdict.guarded({ at: pending.map(({ at }) => locate(at)), because: `The option acknowledges the loss of data: ${acknowledged.join(", ")}.` });
		}
		const earlier = config.migrationLists.flatMap(({ steps }) => steps.flatMap(({ mentions }) => mentions.filter(({ directive }) => directive === "deleted_classes")));
		if (earlier.length > 0) return verdict.notApplicable("Only entries before the last one delete classes: that has happened already.");
		const kept = [
			...config.migrationLists.flatMap(({ steps }) => (steps.at(-1)?.mentions ?? []).flatMap((mention) => (mention.directive === "renamed_classes" || mention.directive === "transferred_classes" ? [mention.at] : []))),
			...config.exportMaps.flatMap(({ entries }) => entries.flatMap(({ state, key }) => (state === "renamed" || state === "transferred" ? [key] : []))),
		];
		if (kept.length > 0) return verdict.guarded({ at: kept.map(locate), because: "Classes are renamed or transferred, which keeps their data." });
		verdict.notApplicable("No class is deleted.");
	},
});
