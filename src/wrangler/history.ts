/** Compares `migrations` with an earlier version of the file: entries may only be added at the end. */
import type { WranglerConfig } from "./config.ts";
import { type Finding, Findings, type Report } from "./finding.ts";
import type { Mention, MigrationList, MigrationStep } from "./migrations.ts";

/** What an entry does, whatever the order of its lists. */
function signature({ mentions }: MigrationStep): string {
	const text = (mention: Mention): string => {
		switch (mention.directive) {
			case "renamed_classes":
				return JSON.stringify([mention.directive, mention.from.value, mention.to.value]);
			case "transferred_classes":
				return JSON.stringify([mention.directive, mention.from.value, mention.fromScript.value, mention.to.value]);
			default:
				return JSON.stringify([mention.directive, mention.class.value]);
		}
	};
	return mentions.map(text).sort().join();
}

/** Entries by tag; of a repeated tag the first, as Wrangler takes it. */
function byTag(steps: readonly MigrationStep[]): Map<string, { readonly step: MigrationStep; readonly index: number }> {
	const index = new Map<string, { step: MigrationStep; index: number }>();
	for (const [at, step] of steps.entries()) if (step.tag && !index.has(step.tag.value)) index.set(step.tag.value, { step, index: at });
	return index;
}

function compare(before: MigrationList, now: MigrationList, report: Report): void {
	const old = byTag(before.steps);
	const present = byTag(now.steps);
	let lastIndex = -1;
	for (const [tag, { step }] of old) {
		const here = present.get(tag);
		if (!here) {
			report("migration-history-rewritten", now.member.key, { tag, problem: `the entry "${tag}" is gone` });
			continue;
		}
		const at = here.step.tag ?? here.step.at;
		if (here.index < lastIndex) report("migration-history-rewritten", at, { tag, problem: `the entry "${tag}" has moved` });
		else if (signature(here.step) !== signature(step)) report("migration-history-rewritten", at, { tag, problem: `the entry "${tag}" has changed` });
		lastIndex = Math.max(lastIndex, here.index);
	}
	for (const [tag, { step, index }] of present) {
		if (!old.has(tag) && index < lastIndex) report("migration-history-rewritten", step.tag ?? step.at, { tag, problem: `the entry "${tag}" is new, but stands before older ones` });
	}
}

/** The entries of all environments that the earlier version does not have yet. */
export function newSteps(before: WranglerConfig | null, now: WranglerConfig): ReadonlySet<MigrationStep> {
	const known = new Set((before?.environments ?? []).flatMap(({ name, migrations }) => (migrations?.steps ?? []).flatMap(({ tag }) => (tag ? [JSON.stringify([name, tag.value])] : []))));
	const fresh = new Set<MigrationStep>();
	const old = new Set<MigrationStep>();
	for (const { name, migrations } of now.environments) {
		for (const step of migrations?.steps ?? []) (step.tag && known.has(JSON.stringify([name, step.tag.value])) ? old : fresh).add(step);
	}
	return new Set([...fresh].filter((step) => !old.has(step)));
}

/** What has been done to entries that may be applied already; each environment is compared with itself. */
export function checkHistory(before: WranglerConfig, now: WranglerConfig): Finding[] {
	const findings = new Findings();
	const compared = new Map<MigrationList, Set<MigrationList>>();
	for (const { name, migrations, exports, key, at } of now.environments) {
		const earlier = before.environments.find((environment) => environment.name === name)?.migrations;
		if (!earlier?.array || earlier.steps.length === 0) continue;
		const report = findings.reporter(name);
		if (!migrations) {
			// `exports` takes the place of `migrations`, and there is no way back: nothing is lost.
			const [first] = earlier.steps;
			if (!exports?.declaresClasses) report("migration-history-rewritten", key ?? at, { tag: first?.tag?.value ?? "", problem: "the whole list is gone" });
			continue;
		}
		const known = compared.get(migrations) ?? new Set();
		if (known.has(earlier) || !migrations.array) continue;
		compared.set(migrations, known.add(earlier));
		compare(earlier, migrations, report);
	}
	return findings.inOrder();
}
