import { environmentNamed } from "../../wrangler/config.ts";
import { nextTag, replaceString } from "../../wrangler/edits.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-migration-tags",
	gotcha: "migration-tags",
	preset: { in: "recommended", level: "error" },
	description: "require unique migration tags in their order",
	kinds: {
		migrationEmptyTag: "A migration without a tag counts as never applied: Wrangler sends the whole list again at each deploy, and the API refuses it (10074). Give it a tag that no other entry has.",
		migrationDuplicateTag:
			'The tag "{{tag}}" is on line {{line}} already. Wrangler looks for the first entry with the deployed tag and applies everything after it again, which the API refuses (10074). Give each entry a tag of its own.',
		migrationTagOrder: 'The tag "{{tag}}" stands after "{{before}}". Migrations are applied in the order of the list, whatever their tags say: put new entries at the end, with the next number.',
	},
	messages: { useNextTag: 'Use the tag "{{tag}}".' },
	defaultOptions: [],
	propose({ kind, at, env }, { config, source }) {
		const list = environmentNamed(config, env ?? null)?.migrations ?? null;
		// An entry further up may be applied already, and its tag is what Wrangler knows it by.
		if (kind !== "migration-duplicate-tag" || at.type !== "String" || list?.steps.at(-1)?.tag !== at) return [];
		const tag = nextTag(list);
		return [{ messageId: "useNextTag", data: { tag }, edits: replaceString(source, at, tag) }];
	},
	answer({ config }, verdict) {
		const tags = config.migrationLists.flatMap(({ steps }) => steps.flatMap(({ tag }) => tag ?? []));
		if (tags.length === 0) return verdict.notApplicable("The configuration has no migrations.");
		verdict.guarded({ at: tags.map(locate), because: `Every tag occurs once: ${tags.slice(0, 20).map(({ value }) => value).join(", ")}${tags.length > 20 ? ", …" : ""}.` });
	},
});
