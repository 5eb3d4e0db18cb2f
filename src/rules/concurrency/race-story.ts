/** How the two rules about races tell what they have found. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Guard, GuardReason, Pair, Race } from "../../flow/index.ts";
import type { FlowEntry } from "../../model/flow-host.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { lineOf, quoted } from "../quote.ts";
import type { Step } from "../verdict.ts";

/** `add()`, `the callback of setTimeout()`. */
export function nameOf({ name, kind }: FlowEntry): string {
	return kind === "callback" ? name : `${name}()`;
}

/** Who comes in between: `another add()`, `an alarm`. */
export function intruder({ entry, other }: Race<FlowEntry>): string {
	if (!other || other === entry) return entry.kind === "callback" ? `${entry.name}, run again` : `another ${entry.name}()`;
	return nameOf(other);
}

/** What is waited for, with the line of it where that stands in a helper. */
export function suspensionText({ crossing }: Pair, file: SourceFile): string {
	if (!crossing) return "";
	const { node, cause } = crossing;
	const isInside = node.range[0] <= cause.range[0] && cause.range[1] <= node.range[1];
	return isInside ? `\`${quoted(node, file)}\` (line ${lineOf(node)})` : `\`${quoted(node, file)}\` (line ${lineOf(node)}; it waits for \`${quoted(cause, file)}\` in line ${lineOf(cause)})`;
}

/** The witness: what is read, what lets others in, what is written. */
export function stepsOf(race: Race<FlowEntry>, file: SourceFile): readonly Step[] {
	const { read, crossing, write, place, overlap, judgement, dependence } = race;
	const by = judgement.is === "race" ? judgement.by : null;
	const between: readonly Step[] = overlap
		? [{ at: overlap.second, what: "meanwhile the other call of this event does the same" }]
		: by
			? [{ at: by, what: `this call writes ${place.label}` }]
			: crossing
				? [{ at: crossing.node, what: `waits; ${intruder(race)} can run now and write ${place.label}` }]
				: [];
	const made = dependence === "data" ? " from what was read" : "";
	return [{ at: read, what: `reads ${place.label}: ${quoted(read, file)}` }, ...between, { at: write, what: `writes ${place.label}${made}: ${quoted(write, file)}` }];
}

const reasons: Readonly<Record<GuardReason, string>> = {
	"input-gate": "only storage operations and microtasks lie between read and write, and the input gate holds other events back meanwhile",
	"io-first": "the I/O comes first and the read after it; between read and write only storage operations lie, during which the input gate holds other events back",
	synchronous: "nothing is awaited between read and write",
	"re-read": "it is read again after the await, and the write is made of that",
	"compare-and-set": "after the await it is compared with what is stored by then",
	atomic: "the write takes the present value into account by itself",
	claim: "it is claimed before the await: whoever comes meanwhile finds the mark",
	region: "nothing else runs while the object is blocked, and read and write are both inside",
	mutex: "calls wait for their turn here, and read and write are both within one turn",
	"single-flight": "it is started once, and all that come meanwhile wait for the same promise",
	"no-dependence": "what is written is not made of what was read",
	"single-entry": "nothing else writes it, and the runtime never runs this handler twice at a time",
};

export function because({ reason, place }: Guard): string {
	return `${place.label}: ${reasons[reason]}`;
}

/** What a guard is shown by: the read, what guards, the write; a text that contains another one only once. */
export function quotesOf({ read, by, write }: Guard): readonly TSESTree.Node[] {
	const nodes = [...new Set([read, ...(by ? [by] : []), write])];
	return nodes.filter((node) => !nodes.some((other) => other !== node && other.range[0] <= node.range[0] && node.range[1] <= other.range[1]));
}
