import { configFrom } from "../../project/config-files.ts";
import { fileAt } from "../../project/git-base.ts";
import { memberOf } from "../../wrangler/document.ts";
import { replaceKey } from "../../wrangler/edits.ts";
import type { Finding } from "../../wrangler/finding.ts";
import { newSteps } from "../../wrangler/history.ts";
import type { MigrationStep } from "../../wrangler/migrations.ts";
import { locate, type WranglerFile, wranglerRule } from "../wrangler-rule.ts";

interface Option {
	readonly baseRef?: string;
}

const answers = new WeakMap<WranglerFile, { readonly baseRef: string; readonly fresh: ReadonlySet<MigrationStep> | null }>();

/** The entries that the base does not have; null without a base that can be read. Asked for each finding, so kept. */
function freshSteps(file: WranglerFile, { baseRef = "" }: Option): ReadonlySet<MigrationStep> | null {
	const known = answers.get(file);
	if (known?.baseRef === baseRef) return known.fresh;
	const fresh = baseRef === "" ? null : compareSteps(file, baseRef);
	answers.set(file, { baseRef, fresh });
	return fresh;
}

function compareSteps({ path, config }: WranglerFile, baseRef: string): ReadonlySet<MigrationStep> | null {
	const base = fileAt(path, baseRef);
	if (base.status === "failed") return null;
	const before = base.status === "found" ? configFrom(base.text, path) : null;
	return base.status === "found" && !before ? null : newSteps(before, config);
}

const stepOf = ({ at }: Finding, { config }: WranglerFile): MigrationStep | undefined =>
	config.migrationLists.flatMap(({ steps }) => steps.at(-1) ?? []).find(({ mentions }) => mentions.some((mention) => mention.at === at));

export default wranglerRule({
	id: "prefer-sqlite-storage",
	gotcha: "sqlite-storage",
	preset: { in: "recommended", level: "warn" },
	description: "prefer `new_sqlite_classes` to `new_classes` in the newest migration",
	kinds: {
		migrationLegacyKv:
			'"new_classes" gives {{class}} the old key-value storage: no SQL, refused on the Free plan (10097), and it can never be converted. If this entry has not been deployed yet, write "new_sqlite_classes"; if it has, leave it as it is.',
	},
	messages: { useSqlite: "Write `new_sqlite_classes`: the base does not have this entry yet." },
	schema: [
		{
			type: "object",
			properties: {
				baseRef: { type: "string", description: "A git revision, such as `origin/main`: only entries that it does not have are reported." },
			},
			additionalProperties: false,
		},
	],
	defaultOptions: [{}] as readonly [Option],
	find(file, [option]) {
		const fresh = freshSteps(file, option);
		return file.config.findings.filter((finding) => {
			if (finding.kind !== "migration-legacy-kv") return false;
			const step = stepOf(finding, file);
			return !fresh || (step !== undefined && fresh.has(step));
		});
	},
	propose(finding, file, [option]) {
		const step = stepOf(finding, file);
		if (!step || !freshSteps(file, option)?.has(step) || memberOf(step.at, "new_sqlite_classes")) return [];
		const member = memberOf(step.at, "new_classes");
		return member ? [{ messageId: "useSqlite", edits: replaceKey(file.source, member.key, "new_sqlite_classes") }] : [];
	},
	answer({ config }, verdict) {
		const live = config.environments.flatMap(({ classes }) => [...classes.live.values()]);
		if (live.length === 0) return verdict.notApplicable("The configuration creates no classes.");
		const sqlite = live.filter(({ storage }) => storage === "sqlite");
		const old = live.filter(({ storage }) => storage === "kv");
		if (sqlite.length > 0) return verdict.guarded({ at: [...new Set(sqlite.map(({ at }) => at))].map(locate), because: `On SQLite storage: ${[...new Set(sqlite.map(({ name }) => name))].join(", ")}.` });
		verdict.notApplicable(old.length > 0 ? "The classes on key-value storage exist already, and cannot be converted." : "The classes came from other Workers; where they keep their data is not known.");
	},
});
