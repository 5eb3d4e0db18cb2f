/** The life of Durable Object classes, as a fold over `migrations`. Pure: what happens to which class, and what cannot happen. */
import type { ConfigNode, StringNode } from "./document.ts";
import type { Report } from "./finding.ts";
import type { Mention, MigrationList, MigrationStep } from "./migrations.ts";

/** `unknown`: came from another Worker or from a class that the file does not know. */
export type ClassStorage = "sqlite" | "kv" | "unknown";

export interface LiveClass {
	readonly name: string;
	readonly storage: ClassStorage;
	/** The name of the class in the directive or export that made it live. */
	readonly at: ConfigNode;
	readonly by: Mention["directive"] | "exports";
}

export interface GoneClass {
	readonly name: string;
	readonly how: "deleted" | "renamed" | "transferred";
	/** The new name of a renamed class, or the Worker that a class went to. */
	readonly to: string | null;
	readonly at: ConfigNode;
}

/** Which classes exist after everything that the configuration says. */
export interface ClassState {
	readonly live: ReadonlyMap<string, LiveClass>;
	readonly gone: ReadonlyMap<string, GoneClass>;
	/** Classes of which nothing can be said, because the lines about them are faulty. */
	readonly doubtful: ReadonlySet<string>;
	/** True if nothing can be said of any class. */
	readonly open: boolean;
}

interface Folding {
	readonly live: Map<string, LiveClass>;
	readonly gone: Map<string, GoneClass>;
	readonly doubtful: Set<string>;
	readonly workerNames: ReadonlySet<string>;
	readonly report: Report;
}

/** The names that a directive acts upon: what the API calls the target of a migration. */
function targetsOf(mention: Mention): readonly StringNode[] {
	switch (mention.directive) {
		case "renamed_classes":
			return mention.from.value === mention.to.value ? [mention.from] : [mention.from, mention.to];
		case "transferred_classes":
			return [mention.to];
		default:
			return [mention.class];
	}
}

/**
 * Plays the list from an empty account. A directive that fails still takes its effect, so that one mistake gives one finding.
 *
 * @param workerNames - the names of the Worker in all environments where the list is in force
 */
export function foldMigrations(list: MigrationList, workerNames: ReadonlySet<string>, report: Report): ClassState {
	const folding: Folding = { live: new Map(), gone: new Map(), doubtful: new Set(), workerNames, report };
	for (const step of list.steps) foldStep(step, folding);
	reportPending(list, folding);
	const { live, gone, doubtful } = folding;
	return { live, gone, doubtful, open: list.array === null };
}

function foldStep(step: MigrationStep, folding: Folding): void {
	for (const name of step.doubtful) folding.doubtful.add(name);
	const targets = new Set<string>();
	for (const mention of step.mentions) {
		const names = targetsOf(mention);
		const again = names.find(({ value }) => targets.has(value));
		for (const { value } of names) targets.add(value);
		if (!again) {
			apply(mention, folding);
			continue;
		}
		folding.report("migration-step-conflict", again, { class: again.value, tag: step.tag?.value ?? "" });
		for (const { value } of names) folding.doubtful.add(value);
	}
}

function apply(mention: Mention, folding: Folding): void {
	switch (mention.directive) {
		case "deleted_classes":
			return remove(mention.class, folding);
		case "renamed_classes":
			return rename(mention.from, mention.to, folding);
		case "transferred_classes":
			return receive(mention.to, mention.fromScript, folding);
		default:
			return create(mention.class, mention.directive, folding);
	}
}

/** What became of a class that is not live, for a message. */
function fateOf(name: string, { gone }: Folding): string {
	const fate = gone.get(name);
	if (!fate) return "no earlier entry creates it";
	return fate.how === "renamed" ? `an earlier entry has renamed it to ${fate.to ?? "another class"}` : "an earlier entry has deleted it";
}

/** Wrangler's own replay does not know classes that came by a transfer, and stops at them. */
function reportTransferred(at: StringNode, doing: "delete" | "rename", { live, doubtful, report }: Folding): void {
	if (live.get(at.value)?.by === "transferred_classes" && !doubtful.has(at.value)) report("migration-transfer-then-fold", at, { class: at.value, doing });
}

function remove(at: StringNode, folding: Folding): void {
	const { live, gone, doubtful, report } = folding;
	const name = at.value;
	if (!live.has(name) && !doubtful.has(name)) report("migration-delete-unknown", at, { class: name, why: fateOf(name, folding) });
	reportTransferred(at, "delete", folding);
	live.delete(name);
	gone.set(name, { name, how: "deleted", to: null, at });
}

function rename(from: StringNode, to: StringNode, folding: Folding): void {
	const { live, gone, doubtful, report } = folding;
	if (from.value === to.value) {
		report("migration-rename-self", to, { class: to.value });
		return;
	}
	const before = live.get(from.value);
	if (!before && !doubtful.has(from.value)) report("migration-rename-unknown", from, { class: from.value, to: to.value, why: fateOf(from.value, folding) });
	if (live.has(to.value) && !doubtful.has(to.value)) report("migration-rename-to-existing", to, { class: to.value, from: from.value });
	reportTransferred(from, "rename", folding);
	live.delete(from.value);
	gone.set(from.value, { name: from.value, how: "renamed", to: to.value, at: from });
	gone.delete(to.value);
	live.set(to.value, { name: to.value, storage: before?.storage ?? "unknown", at: to, by: "renamed_classes" });
}

function receive(to: StringNode, fromScript: StringNode, { live, gone, doubtful, workerNames, report }: Folding): void {
	if (live.has(to.value) && !doubtful.has(to.value)) report("migration-transfer-to-existing", to, { class: to.value, script: fromScript.value });
	if (workerNames.has(fromScript.value)) report("migration-transfer-self", fromScript, { class: to.value, script: fromScript.value });
	gone.delete(to.value);
	live.set(to.value, { name: to.value, storage: "unknown", at: to, by: "transferred_classes" });
}

function create(at: StringNode, directive: "new_classes" | "new_sqlite_classes", { live, gone, doubtful, report }: Folding): void {
	const name = at.value;
	const before = live.get(name);
	if (before) {
		if (doubtful.has(name)) return;
		if (directive === "new_sqlite_classes" && before.storage === "kv") report("migration-storage-change", at, { class: name });
		else report("migration-create-existing", at, { class: name, line: String(before.at.loc.start.line) });
		return;
	}
	gone.delete(name);
	live.set(name, { name, storage: directive === "new_classes" ? "kv" : "sqlite", at, by: directive });
}

/** What only the last entry can still be asked: the others have been applied long ago, or will be applied as they are. */
function reportPending({ steps }: MigrationList, { live, doubtful, report }: Folding): void {
	const last = steps.at(-1);
	if (!last) return;
	const tag = last.tag?.value ?? "";
	for (const mention of last.mentions) {
		if (mention.directive === "deleted_classes" && !doubtful.has(mention.class.value)) {
			report("migration-deletes-data", mention.class, { class: mention.class.value, tag });
		} else if (mention.directive === "new_classes" && !doubtful.has(mention.class.value) && live.get(mention.class.value)?.at === mention.class) {
			report("migration-legacy-kv", mention.class, { class: mention.class.value, tag });
		}
	}
}
