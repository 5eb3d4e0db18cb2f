/** A configuration's classes over its migrations and exports, as a picture: made, renamed, handed over, deleted. */
import type { EffectiveEnvironment, WranglerConfig } from "../wrangler/config.ts";
import type { ExportMap } from "../wrangler/exports.ts";
import type { Mention, MigrationList } from "../wrangler/migrations.ts";
import { type Picture, Sketch } from "./picture.ts";

/** More arrows than this are a knot. */
const MAX_ARROWS = 40;

/** Draws what happens to classes; each name has one station for each of its lives. */
class Lives {
	readonly sketch = new Sketch();
	readonly #lives = new Map<string, { readonly station: number; readonly storage: string }>();
	#begun = 0;
	/** What is more than classes coming into being at once. */
	turns = 0;

	/** @param storage - in words; empty when it is not known */
	#begin(name: string, storage: string): number {
		const station = this.sketch.station("class", storage === "" ? name : `${name} (${storage})`, this.#begun++);
		this.#lives.set(name, { station, storage });
		return station;
	}

	/** Where a class is now; one that nothing is known of begins here. */
	#of(name: string): { readonly station: number; readonly storage: string } {
		const known = this.#lives.get(name);
		return known ?? { station: this.#begin(name, ""), storage: "" };
	}

	create(name: string, storage: string, when: string): void {
		if (this.#lives.has(name)) return;
		this.sketch.arrow(this.sketch.station("code", "new"), this.#begin(name, storage), when);
	}

	remove(name: string, when: string): void {
		const { station } = this.#of(name);
		this.#lives.delete(name);
		this.sketch.arrow(station, this.sketch.station("gone", "deleted with all data"), when);
		this.turns++;
	}

	rename(from: string, to: string, when: string): void {
		if (from === to) return;
		const { station, storage } = this.#of(from);
		this.#lives.delete(from);
		this.sketch.arrow(station, this.#begin(to, storage), when);
		this.turns++;
	}

	receive(name: string, script: string, when: string): void {
		this.sketch.arrow(this.sketch.station("elsewhere", `Worker ${script}`), this.#begin(name, ""), when);
		this.turns++;
	}

	handOver(name: string, script: string, when: string): void {
		const { station } = this.#of(name);
		this.#lives.delete(name);
		this.sketch.arrow(station, this.sketch.station("elsewhere", `Worker ${script}`), when);
		this.turns++;
	}
}

const storageNames = { sqlite: "SQLite", kv: "key-value", unknown: "" } as const;

function drawMention(mention: Mention, when: string, lives: Lives): void {
	switch (mention.directive) {
		case "deleted_classes":
			return lives.remove(mention.class.value, `${when}: deleted`);
		case "renamed_classes":
			return lives.rename(mention.from.value, mention.to.value, `${when}: renamed`);
		case "transferred_classes":
			return lives.receive(mention.to.value, mention.fromScript.value, `${when}: ${mention.from.value} transferred`);
		case "new_classes":
			return lives.create(mention.class.value, storageNames.kv, when);
		case "new_sqlite_classes":
			return lives.create(mention.class.value, storageNames.sqlite, when);
	}
}

function drawExports({ entries }: ExportMap, lives: Lives): void {
	for (const { key, state, storage, other } of entries) {
		const { name } = key;
		if (state === "created") lives.create(name, storageNames[storage], "exports");
		else if (state === "expecting-transfer" && other) lives.receive(name, other.value, "exports: transferred");
		else if (state === "deleted") lives.remove(name, "exports: deleted");
		else if (state === "renamed" && other) lives.rename(name, other.value, "exports: renamed");
		else if (state === "transferred" && other) lives.handOver(name, other.value, "exports: transferred");
	}
}

/** What was renamed, handed over or deleted is no class of its own any more, so it comes before the classes that take its place. */
const inOrder = (map: ExportMap): ExportMap => ({ ...map, entries: map.entries.toSorted((a, b) => Number(a.state === "created") - Number(b.state === "created")) });

function draw(migrations: MigrationList | null, exports: ExportMap | null, title: string): readonly Picture[] {
	const lives = new Lives();
	const steps = migrations?.steps ?? [];
	steps.forEach(({ tag, mentions }, index) => {
		for (const mention of mentions) drawMention(mention, tag?.value ?? `entry ${index + 1}`, lives);
	});
	if (exports) drawExports(inOrder(exports), lives);
	// Classes that are made, and stay: the configuration itself says that best.
	const isStory = lives.turns > 0 || steps.length >= 2;
	return isStory && lives.sketch.size > 0 && lives.sketch.size <= MAX_ARROWS ? [lives.sketch.picture(title)] : [];
}

const nameOf = ({ name }: EffectiveEnvironment): string => (name === null ? "the top level" : `environment ${name}`);

/** One picture for each set of migrations and exports, and so several where environments have their own. */
export function drawLifecycle({ environments }: WranglerConfig): readonly Picture[] {
	const groups: EffectiveEnvironment[][] = [];
	for (const environment of environments) {
		const group = groups.find(([first]) => first?.migrations === environment.migrations && first.exports === environment.exports);
		if (group) group.push(environment);
		else groups.push([environment]);
	}
	return groups.flatMap((group) => {
		const [first] = group;
		const title = `The life of the classes${groups.length > 1 ? ` (${group.map(nameOf).join(", ")})` : ""}`;
		return first ? draw(first.migrations, first.exports, title) : [];
	});
}
