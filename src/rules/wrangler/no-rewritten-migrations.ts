import { configFrom } from "../../project/config-files.ts";
import { type BaseFile, fileAt } from "../../project/git-base.ts";
import { checkHistory } from "../../wrangler/history.ts";
import { locate, type WranglerFile, wranglerRule } from "../wrangler-rule.ts";

interface Option {
	readonly baseRef?: string;
}

const baseOf = ({ path }: WranglerFile, { baseRef }: Option): BaseFile | null => (baseRef ? fileAt(path, baseRef) : null);

export default wranglerRule({
	id: "no-rewritten-migrations",
	gotcha: "migration-tags",
	preset: { in: "strict", level: "error" },
	description: "disallow changing migrations that an earlier version of the file has",
	kinds: {
		migrationHistoryRewritten:
			"Compared with the base, {{problem}}. Wrangler never looks again at an entry that it has applied, and without the tag it knows it sends the whole list, which the API refuses (10074). Put it back, and add a new entry at the end.",
	},
	messages: {
		baseUnreadable: 'Nothing was compared: the version of this file at "{{baseRef}}" cannot be read, because {{because}}. Set the option `baseRef` to a revision that git has here.',
	},
	schema: [
		{
			type: "object",
			properties: { baseRef: { type: "string", description: "The git revision to compare with, such as `origin/main`." } },
			additionalProperties: false,
		},
	],
	defaultOptions: [{}] as readonly [Option],
	find(file, [option]) {
		const base = baseOf(file, option);
		const before = base?.status === "found" ? configFrom(base.text, file.path) : null;
		return before ? checkHistory(before, file.config) : [];
	},
	answer(file, verdict, [option]) {
		const base = baseOf(file, option);
		if (!base) return verdict.notApplicable("There is no base to compare with: the option baseRef is not set.");
		const { baseRef = "" } = option;
		if (base.status === "failed") {
			return verdict.violated({ at: locate(file.config.document), messageId: "baseUnreadable", data: { baseRef, because: base.because } });
		}
		if (base.status === "absent") return verdict.notApplicable(`The file is new since ${baseRef}.`);
		const before = configFrom(base.text, file.path);
		if (!before) return verdict.unknown({ because: `The version at ${baseRef} is not a configuration that can be parsed.` });
		const tags = before.migrationLists.flatMap(({ steps }) => steps.flatMap(({ tag }) => (tag ? [tag.value] : [])));
		if (tags.length === 0) return verdict.notApplicable(`There were no migrations at ${baseRef}.`);
		const kept = file.config.migrationLists.flatMap(({ steps }) => steps.flatMap(({ tag }) => (tag && tags.includes(tag.value) ? [locate(tag)] : [])));
		if (kept.length === 0) return verdict.notApplicable(`"exports" has taken the place of the migrations of ${baseRef}.`);
		verdict.guarded({ at: kept, because: `The entries of ${baseRef} are still there, unchanged and in their order.` });
	},
});
