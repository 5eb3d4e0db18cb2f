import { environmentNamed } from "../../wrangler/config.ts";
import { projectRoot, shown } from "../../project/config-files.ts";
import { type Sibling, workersNamed } from "../../project/siblings.ts";
import { type Finding, Findings } from "../../wrangler/finding.ts";
import { addExport, addMigration, replaceString } from "../../wrangler/edits.ts";
import { locate, type Proposal, type WranglerFile, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "require-class-lifecycle",
	gotcha: "class-lifecycle",
	preset: { in: "recommended", level: "error" },
	description: "require a migration or export for every bound Durable Object class",
	kinds: {
		bindingClassNotMigrated:
			'No migration and no export creates {{class}}: the API refuses the deploy (10061). Add it to "new_sqlite_classes" of a new last migration, or to "exports".',
		bindingClassDeleted: "Line {{line}} deletes {{class}}, but {{binding}} still binds it: the API refuses the deploy (10061). Remove this binding, and deploy that before the deletion.",
		bindingClassRenamed: "Line {{line}} renames {{class}} to {{to}}: the API refuses a binding to the old name (10061). Bind {{to}}.",
		bindingClassTransferred: 'Line {{line}} hands {{class}} over to the Worker "{{to}}": the API refuses a local binding (10061). Add "script_name": "{{to}}".',
		bindingExternalClassMissing: '{{config}} configures the Worker "{{script}}", and no class {{class}} is live there: the binding has nothing to lead to. Create the class there first, or correct the name.',
	},
	messages: {
		addExport: "Add an `exports` entry that creates {{class}} with SQLite storage.",
		addMigration: "Add a migration that creates {{class}} with SQLite storage.",
		bindNewName: "Bind {{to}}.",
	},
	defaultOptions: [],
	find: (file) => [...file.config.findings, ...external(file)],
	propose(finding, file) {
		if (finding.kind === "binding-class-renamed") return bindNewName(finding, file);
		return finding.kind === "binding-class-not-migrated" ? create(finding, file) : [];
	},
	answer({ config }, verdict) {
		const bound = config.environments.flatMap(({ bindings, classes }) => bindings.map((binding) => ({ binding, classes })));
		if (bound.length === 0) return verdict.notApplicable("The configuration binds no Durable Objects.");
		const local = bound.filter(({ binding }) => binding.local);
		if (local.length === 0) return verdict.notApplicable("All bindings lead to classes of other Workers.");
		if (config.isPages) return verdict.notApplicable("A Pages project creates no classes.");
		const made = local.flatMap(({ binding, classes }) => classes.live.get(binding.className.value) ?? []);
		const doubtful = local.filter(({ binding, classes }) => classes.open || !classes.live.has(binding.className.value) || classes.doubtful.has(binding.className.value));
		if (doubtful.length > 0) return verdict.unknown({ at: doubtful.map(({ binding }) => locate(binding.className)), because: "The migrations or exports of this class are malformed." });
		verdict.guarded({
			at: [...new Set(made.map(({ at }) => at))].map(locate),
			because: `Every bound class exists after all migrations and exports: ${[...new Set(made.map(({ name }) => name))].join(", ")}.`,
		});
	},
});

/** The way that the file itself goes comes first; a file that goes neither is offered both. */
function create({ at, data, env }: Finding, { config, source }: WranglerFile): Proposal[] {
	const className = data["class"];
	const environment = environmentNamed(config, env ?? null);
	if (className === undefined || !environment || at.type !== "String") return [];
	const { migrations, exports } = environment;
	const asExport: Proposal = { messageId: "addExport", data, edits: addExport(source, exports, className) };
	const asMigration: Proposal = { messageId: "addMigration", data, edits: addMigration(source, migrations, className) };
	if (exports?.declaresClasses) return [asExport];
	return migrations?.steps.length ? [asMigration] : [asExport, asMigration];
}

/** Renames that are followed: more than anybody has, and an end to names that lead in a circle. */
const MAX_RENAMES = 100;

/** The name at the end of a chain of renames, if that class is there. */
function bindNewName({ at, env }: Finding, { config, source }: WranglerFile): Proposal[] {
	const environment = environmentNamed(config, env ?? null);
	if (at.type !== "String" || !environment) return [];
	const { gone, live } = environment.classes;
	let name: string | null = at.value;
	for (let steps = 0; name !== null && !live.has(name) && steps < MAX_RENAMES; steps += 1) name = gone.get(name)?.to ?? null;
	return name !== null && live.has(name) ? [{ messageId: "bindNewName", data: { to: name }, edits: replaceString(source, at, name) }] : [];
}

/** Bindings to Workers whose configuration lies in the same repository. */
function external({ config, path, cwd }: WranglerFile): Finding[] {
	const findings = new Findings();
	const root = projectRoot(path, cwd);
	const known = new Map<string, readonly Sibling[]>();
	const workers = (script: string): readonly Sibling[] => {
		const found = known.get(script) ?? workersNamed(script, root).filter((worker) => worker.path !== path);
		known.set(script, found);
		return found;
	};
	for (const { name, bindings } of config.environments) {
		for (const { local, className, scriptName, environment } of bindings) {
			if (local || !scriptName || environment) continue;
			const [sibling, ...others] = workers(scriptName.value);
			// Two configurations of one name: which of them is deployed cannot be told.
			if (!sibling || others.length > 0) continue;
			const { live, doubtful, open, gone } = sibling.environment.classes;
			const wanted = className.value;
			if (open || live.has(wanted) || doubtful.has(wanted) || gone.get(wanted)?.how === "transferred") continue;
			findings.reporter(name)("binding-external-class-missing", className, { class: wanted, script: scriptName.value, config: shown(sibling.path, cwd) });
		}
	}
	return findings.inOrder();
}
