import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-migrations",
	gotcha: "class-lifecycle",
	preset: { in: "recommended", level: "error" },
	description: "disallow migrations that Wrangler or the API refuses",
	kinds: {
		migrationShape: 'The migration is malformed: {{what}} {{problem}}. Wrangler refuses it or crashes on it; write entries such as { "tag": "v2", "new_sqlite_classes": ["Counter"] }.',
		migrationUnknownField: 'Wrangler warns of "{{field}}" and then ignores it, so the class is never created and the API refuses its binding (10061). Write "{{known}}" if that is what it should be.',
		migrationNoOp: "This migration does nothing. Remove it if it has never been deployed, else leave it: its tag is what Wrangler knows it by.",
		migrationCreateExisting: "{{class}} exists already (line {{line}}): Wrangler and the API refuse to create it again (10074). Remove it from this entry.",
		migrationDeleteUnknown: "There is no class {{class}} to delete at this point: {{why}}. Wrangler (since 4.131) plays all entries from the start and refuses these even where the class is live; where it is not, the API refuses too (10074). Keep the entries that have been applied, and check the name.",
		migrationRenameUnknown: "There is no class {{class}} to rename at this point: {{why}}. Wrangler (since 4.131) plays all entries from the start and refuses these even where the class is live; where it is not, the API refuses too (10074). Keep the entries that have been applied, and check the name.",
		migrationRenameSelf: "{{class}} is renamed to itself, which the API refuses. Write the new name, or remove the entry.",
		migrationRenameToExisting: "{{class}} exists already, so {{from}} cannot take its name: the API refuses the deploy (10074). The rename creates its target; do not create {{class}} before.",
		migrationTransferSelf: '{{class}} cannot come from "{{script}}", which is this Worker. Use "renamed_classes".',
		migrationTransferToExisting: '{{class}} exists already, so nothing can be transferred into it: the API refuses the deploy. The transfer creates its target; do not create {{class}} before.',
		migrationStorageChange: "{{class}} was created with new_classes and can never become a SQLite class: the API refuses the deploy (10074). Create a class of a new name, and move the data in code.",
		migrationStepConflict: "{{class}} is in two directives of one migration, which the API refuses (a class cannot be the target of more than one). Put the second into an entry of its own, with its own tag.",
		migrationTransferThenFold: "{{class}} came by a transfer, and Wrangler from 4.131 on refuses to {{doing}} such a class ('non-existent class'), though the API would. Until that is mended, leave this step to an older Wrangler or keep the class.",
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		const steps = config.migrationLists.flatMap((list) => list.steps);
		if (steps.length === 0) return verdict.notApplicable("The configuration has no migrations.");
		const live = [...new Set(config.environments.flatMap(({ classes }) => [...classes.live.keys()]))];
		verdict.guarded({
			at: steps.map(({ tag, at }) => locate(tag ?? at)),
			because: `Played from the start, every step finds the classes that it speaks of. At the end there are: ${live.join(", ") || "none"}.`,
		});
	},
});
