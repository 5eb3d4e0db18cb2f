/** Brings the evidence of all files together: for every Worker, every subject and every gotcha one answer. */
import { posix, relative, sep } from "node:path";
import { type GotchaId, gotchas } from "../gotchas.ts";
import type { DurableObjectsRule, Subject } from "../rules/define-rule.ts";
import type { Evidence, FileEvidence, ReviewStatus } from "./collect.ts";
import type { Inventory } from "./inventory.ts";
import type { Picture } from "./picture.ts";
import type { WorkerConfig, Workers } from "./workers.ts";

export type SubjectKind = Subject<unknown>["kind"];

/** What the review needs to know of a rule. */
export type ReviewedRule = Pick<DurableObjectsRule, "name" | "gotcha" | "subjectKind">;

export interface GotchaReview {
	readonly gotcha: GotchaId;
	readonly status: ReviewStatus;
	/** False when no rule said anything: the status is `unknown` then. */
	readonly isAnswered: boolean;
	/** False when there is no rule that could say anything. */
	readonly isWatched: boolean;
	/** What decides comes first; what rules say that are not switched on comes last. */
	readonly evidence: readonly Evidence[];
}

export interface SubjectReview {
	readonly kind: SubjectKind;
	readonly name: string;
	/** Posix path, relative to the folder of the run. */
	readonly file: string;
	readonly line: number;
	/** In the order of the gotcha table. */
	readonly gotchas: readonly GotchaReview[];
	readonly inventory: Inventory;
	readonly pictures: readonly Picture[];
}

export interface WorkerReview {
	/** Null for code that no Wrangler configuration speaks of. */
	readonly config: string | null;
	/** The Worker's `name` in its configuration. */
	readonly name: string | null;
	readonly subjects: readonly SubjectReview[];
}

export interface Review {
	readonly workers: readonly WorkerReview[];
}

/** What decides when several rules, or several places, speak of one gotcha: the first of these that occurs. */
export const precedence = ["violated", "accepted", "unknown", "guarded", "not-applicable"] as const satisfies readonly ReviewStatus[];

export function worstOf(statuses: Iterable<ReviewStatus>): ReviewStatus | null {
	const present = new Set(statuses);
	return precedence.find((status) => present.has(status)) ?? null;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const rank = ({ enabled, status }: Evidence): number => (enabled ? 0 : precedence.length) + precedence.indexOf(status);

function compareEvidence(a: Evidence, b: Evidence): number {
	const [first, second] = [a.quotes[0], b.quotes[0]];
	// What can be shown comes before what can only be said.
	return rank(a) - rank(b) || Number(!first) - Number(!second) || (first?.line ?? 0) - (second?.line ?? 0) || (first?.column ?? 0) - (second?.column ?? 0) || byText(a.rule, b.rule) || byText(a.why, b.why);
}

/** A rule that is not switched on may answer what no other rule does, but never outvotes one that is. */
function decide(evidence: readonly Evidence[]): ReviewStatus {
	const enabled = evidence.filter((item) => item.enabled);
	return worstOf((enabled.length > 0 ? enabled : evidence).map(({ status }) => status)) ?? "unknown";
}

function reviewGotcha(gotcha: GotchaId, evidence: readonly Evidence[], isWatched: boolean): GotchaReview {
	return { gotcha, status: decide(evidence), isAnswered: evidence.length > 0, isWatched, evidence: evidence.toSorted(compareEvidence) };
}

interface Gathering {
	readonly kind: SubjectKind;
	readonly name: string;
	readonly filePath: string;
	readonly line: number;
	readonly evidence: Evidence[];
	readonly inventory: Inventory[number][];
	readonly pictures: Picture[];
}

function gather(files: readonly FileEvidence[]): Gathering[] {
	const found = new Map<string, Gathering>();
	const of = (filePath: string, { kind, name, line }: Evidence["subject"]): Gathering => {
		const key = JSON.stringify([filePath, kind, name, line]);
		let gathering = found.get(key);
		if (!gathering) found.set(key, (gathering = { kind, name, filePath, line, evidence: [], inventory: [], pictures: [] }));
		return gathering;
	};
	for (const { filePath, evidence, inventories, present } of files) {
		for (const subject of present) of(filePath, subject);
		for (const item of evidence) of(filePath, item.subject).evidence.push(item);
		for (const { subject, inventory, pictures } of inventories) {
			const gathering = of(filePath, subject);
			gathering.inventory.push(...inventory);
			gathering.pictures.push(...pictures);
		}
	}
	return [...found.values()];
}

/** The gotchas that are asked of a kind of subject: those made for it, and those that some rule finds in it all the same. */
function gotchasFor(kind: SubjectKind, rules: readonly ReviewedRule[]): GotchaId[] {
	const watched = new Set(rules.filter((rule) => rule.subjectKind === kind).map(({ gotcha }) => gotcha));
	return (Object.keys(gotchas) as GotchaId[]).filter((id) => gotchas[id].scope === kind || watched.has(id));
}

/** A path as reports write it: relative, with slashes, the same on every machine. */
export function reportPath(root: string, filePath: string): string {
	return relative(root, filePath).split(sep).join(posix.sep) || ".";
}

const kinds: readonly SubjectKind[] = ["durable-object", "caller", "wrangler"];

function compareSubjects(a: SubjectReview, b: SubjectReview): number {
	return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || byText(a.file, b.file) || a.line - b.line || byText(a.name, b.name);
}

/**
 * @param rules - all rules that were asked, switched on or not
 * @param root - the folder that paths are relative to
 */
export function reviewOf(files: readonly FileEvidence[], workers: Workers, rules: readonly ReviewedRule[], root: string): Review {
	const groups = new Map<WorkerConfig | null, SubjectReview[]>();
	for (const { kind, name, filePath, line, evidence, inventory, pictures } of gather(files)) {
		const worker = workers.of(filePath);
		const group = groups.get(worker) ?? [];
		groups.set(worker, group);
		group.push({
			kind,
			name,
			file: reportPath(root, filePath),
			line,
			inventory,
			pictures,
			gotchas: gotchasFor(kind, rules).map((id) => {
				const isWatched = rules.some((rule) => rule.gotcha === id && rule.subjectKind === kind);
				const speaking = evidence.filter(({ gotcha }) => gotcha === id);
				return reviewGotcha(id, speaking, isWatched);
			}),
		});
	}
	const reviews = [...groups].map(([worker, subjects]) => ({
		config: worker && reportPath(root, worker.path),
		name: worker?.name ?? null,
		subjects: subjects.toSorted(compareSubjects),
	}));
	// Code without a configuration comes last.
	return { workers: reviews.toSorted((a, b) => Number(a.config === null) - Number(b.config === null) || byText(a.config ?? "", b.config ?? "")) };
}

export function* gotchaReviews(review: Review): Iterable<{ worker: WorkerReview; subject: SubjectReview; answer: GotchaReview }> {
	for (const worker of review.workers) {
		for (const subject of worker.subjects) {
			for (const answer of subject.gotchas) yield { worker, subject, answer };
		}
	}
}
