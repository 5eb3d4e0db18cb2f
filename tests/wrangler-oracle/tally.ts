/** Adds comparisons up. */
import type { Answer } from "./compare.ts";
import type { Generated } from "./generate.ts";
import { describe, outcomeOf } from "./judge.ts";

export interface Tally {
	readonly configs: number;
	/** Without a fault put in. */
	readonly sound: number;
	/** Refused by Wrangler, for whatever reason. */
	readonly rejected: number;
	/** Refused by both at parsing. */
	readonly unparsed: number;
	/** Different messages of Wrangler about Durable Objects, by configuration. */
	readonly demands: number;
	/** Our findings, by what Wrangler says of them and by kind. */
	readonly confirmed: ReadonlyMap<string, number>;
	readonly masked: ReadonlyMap<string, number>;
	readonly alone: ReadonlyMap<string, number>;
	/** In full; empty if all is well. */
	readonly disagreements: readonly string[];
}

export function tally(configs: readonly Generated[], answers: readonly Answer[]): Tally {
	const byKind = { confirmed: new Map<string, number>(), masked: new Map<string, number>(), alone: new Map<string, number>() };
	const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
	const disagreements: string[] = [];
	const sum = { sound: 0, rejected: 0, unparsed: 0, demands: 0 };
	for (const [index, config] of configs.entries()) {
		const answer = answers[index];
		if (!answer) throw new Error(`no answer for configuration ${config.id}`);
		const disagree = (what: string) => disagreements.push(describe(config, answer, what));
		const isSound = config.faults.length === 0;
		if (isSound) sum.sound++;
		if (answer.rejections.length > 0) sum.rejected++;
		if (isSound && answer.rejections.length > 0) disagree("the generator calls sound what Wrangler refuses");
		const outcome = outcomeOf(config, answer);
		if (outcome.parse === "refused") sum.unparsed++;
		else if (outcome.parse === "differs") disagree(`read differently: ${outcome.ours} ours, ${outcome.theirs} theirs. ${outcome.said}`);
		if (outcome.parse !== "same") continue;
		sum.demands += outcome.demands;
		for (const { text } of outcome.missed) disagree(`missed: ${text}`);
		for (const { text } of outcome.unread) disagree(`a message that the comparison does not know: ${text}`);
		for (const { kind, path } of outcome.unjustified) disagree(`said by us alone: ${kind} at ${path}`);
		for (const { kind } of outcome.confirmed) count(byKind.confirmed, kind);
		for (const { kind } of outcome.masked) count(byKind.masked, kind);
		for (const { finding, silence } of outcome.alone) {
			count(byKind.alone, `${finding.kind} (${silence})`);
			if (isSound && finding.severity === "error") disagree(`an error in a sound configuration: ${finding.kind} at ${finding.path}`);
		}
	}
	return { configs: configs.length, ...sum, ...byKind, disagreements };
}

/** As the README shows it. */
export function table({ configs, sound, rejected, unparsed, demands, confirmed, masked, alone, disagreements }: Tally): string {
	const kinds = (map: ReadonlyMap<string, number>) =>
		[...map]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([kind, number]) => `${kind} ${number}`)
			.join(", ");
	const sum = (map: ReadonlyMap<string, number>) => [...map.values()].reduce((total, number) => total + number, 0);
	return [
		`configurations: ${configs} (${sound} sound)`,
		`refused by Wrangler: ${rejected}, of these ${unparsed} do not parse`,
		`messages of Wrangler about Durable Objects: ${demands}`,
		`confirmed: ${sum(confirmed)}: ${kinds(confirmed)}`,
		`masked: ${sum(masked)}: ${kinds(masked)}`,
		`ours alone: ${sum(alone)}: ${kinds(alone)}`,
		`disagreements: ${disagreements.length}`,
	].join("\n");
}
