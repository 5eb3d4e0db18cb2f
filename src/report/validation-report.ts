/** The review as data: `validation_report.json`. Its shape is published in `schema/validation-report.schema.json`. */
import type { ESLint, Linter } from "eslint";
import { gotchas, type GotchaId } from "../gotchas.ts";
import { name as linterName, version as linterVersion } from "../meta.ts";
import { isConfigFile } from "../wrangler/parse.ts";
import type { Evidence, ReviewStatus } from "./collect.ts";
import type { Quote } from "./evidence.ts";
import type { InventoryItem } from "./inventory.ts";
import { type GotchaReview, gotchaReviews, reportPath, type Review, type SubjectReview, type WorkerReview } from "./review.ts";

/** Of the report's shape; the schema has the same. */
export const FORMAT_VERSION = "1.0";

export type StageName = "implement" | "configure" | "self_review";

export interface Stage {
	readonly name: StageName;
	readonly passed: boolean;
	readonly message: string;
}

export interface Finding {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	readonly rule: string | null;
	readonly severity: "error" | "warning";
	readonly message: string;
}

export interface ReportedQuote {
	readonly file: string;
	readonly line: number;
	readonly quote: string;
}

export interface ReportedEvidence {
	readonly status: ReviewStatus;
	readonly rule: string;
	/** False when the run does not switch the rule on. */
	readonly enabled: boolean;
	readonly severity?: "error" | "warning";
	readonly why: string;
	readonly justification?: string;
	readonly lines: readonly ReportedQuote[];
	readonly steps?: readonly (ReportedQuote & { readonly what: string })[];
}

export interface ReportedGotcha {
	readonly gotcha: GotchaId;
	readonly title: string;
	readonly status: ReviewStatus;
	readonly evidence: readonly ReportedEvidence[];
}

export interface ReportedSubject {
	readonly name: string;
	readonly file: string;
	readonly line: number;
	/** The Wrangler configuration that it belongs to. */
	readonly worker: string | null;
	readonly gotchas: readonly ReportedGotcha[];
	readonly inventory: readonly InventoryItem[];
}

export interface ValidationReport {
	readonly version: typeof FORMAT_VERSION;
	/** ISO 8601, UTC. */
	readonly run_date: string;
	readonly stages: readonly Stage[];
	readonly results: {
		readonly gotchas_violated: number;
		readonly gotchas_accepted: number;
		readonly gotchas_unknown: number;
		readonly gotchas_guarded: number;
		readonly gotchas_not_applicable: number;
		readonly errors: number;
		readonly warnings: number;
		readonly linter: { readonly name: string; readonly version: string; readonly preset: string };
		readonly workers: readonly { readonly name: string | null; readonly config: string | null; readonly classes: readonly string[] }[];
		readonly classes: readonly ReportedSubject[];
		readonly callers: readonly ReportedSubject[];
		readonly configurations: readonly ReportedSubject[];
		readonly findings: readonly Finding[];
	};
	readonly overall_passed: boolean;
}

export interface ReportInput {
	readonly review: Review;
	/** ESLint's results without evidence. */
	readonly results: readonly ESLint.LintResult[];
	/** The folder that paths are relative to. */
	readonly root: string;
	/** Which rules were switched on, in words: `recommended`, `strict`, `eslint.config.js`. */
	readonly preset: string;
	/** More warnings than this fail a stage; negative: any number is fine. */
	readonly maxWarnings: number;
	readonly runDate: Date;
}

/** The time of the run; fixed by SOURCE_DATE_EPOCH (seconds) where a build must be reproducible. */
export function runDate(env: Readonly<Record<string, string | undefined>>): Date {
	const epoch = env["SOURCE_DATE_EPOCH"];
	const date = epoch !== undefined && /^\d+$/u.test(epoch) ? new Date(Number(epoch) * 1000) : new Date();
	return Number.isNaN(date.getTime()) ? new Date() : date;
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function finding(file: string, { ruleId, severity, line, column, message }: Linter.LintMessage): Finding {
	return { file, line: line ?? 1, column: column ?? 1, rule: ruleId, severity: severity === 2 ? "error" : "warning", message };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function findingsOf(results: readonly ESLint.LintResult[], root: string): Finding[] {
	return results
		.flatMap(({ filePath, messages }) => messages.map((message) => finding(reportPath(root, filePath), message)))
		.toSorted((a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column || byText(a.rule ?? "", b.rule ?? "") || byText(a.message, b.message));
}

const MENTIONED = 5;

function lintStage(name: StageName, what: string, findings: readonly Finding[], tooManyWarnings: boolean): Stage {
	const errors = findings.filter(({ severity }) => severity === "error").length;
	const warnings = findings.length - errors;
	const passed = errors === 0 && !(tooManyWarnings && warnings > 0);
	if (findings.length === 0) return { name, passed, message: `Nothing found in ${what}.` };
	const places = findings.slice(0, MENTIONED).map(({ file, line, rule }) => `${file}:${line}${rule === null ? "" : ` ${rule}`}`);
	const more = findings.length > MENTIONED ? ` and ${findings.length - MENTIONED} more` : "";
	return { name, passed, message: `${plural(errors, "error")} and ${plural(warnings, "warning")} in ${what}: ${places.join(", ")}${more}.` };
}

function reviewStage(review: Review): Stage {
	const answers = [...gotchaReviews(review)];
	const name = "self_review";
	const mention = (chosen: typeof answers) => chosen.map(({ subject, answer }) => `${subject.name}: ${gotchas[answer.gotcha].title}`).join("; ");
	const violated = answers.filter(({ answer }) => answer.status === "violated");
	const unanswered = answers.filter(({ answer }) => answer.isWatched && !answer.isAnswered);
	const unknown = answers.filter(({ answer }) => answer.status === "unknown" && answer.isAnswered);
	const parts = [
		violated.length > 0 && `${plural(violated.length, "gotcha")} violated (${mention(violated)}).`,
		unanswered.length > 0 && `${plural(unanswered.length, "gotcha")} without an answer (${mention(unanswered)}).`,
		unknown.length > 0 && `${plural(unknown.length, "gotcha")} could not be followed and must be read by a person (${mention(unknown)}).`,
	].filter((part) => part !== false);
	const passed = violated.length === 0 && unanswered.length === 0;
	if (passed) parts.unshift("Every gotcha has an answer and none is violated.");
	return { name, passed, message: parts.join(" ") };
}

function reportQuote(file: string, { line, text }: Quote): ReportedQuote {
	return { file, line, quote: text.join("\n") };
}

function reportEvidence(file: string, { status, rule, enabled, severity, why, justification, quotes, steps }: Evidence): ReportedEvidence {
	return {
		status,
		rule,
		enabled,
		...(severity !== null && { severity }),
		why,
		...(justification !== null && { justification }),
		lines: quotes.map((quote) => reportQuote(file, quote)),
		...(steps.length > 0 && { steps: steps.map((step) => ({ ...reportQuote(file, step), what: step.what })) }),
	};
}

function reportGotcha(file: string, { gotcha, status, evidence }: GotchaReview): ReportedGotcha {
	return { gotcha, title: gotchas[gotcha].title, status, evidence: evidence.map((item) => reportEvidence(file, item)) };
}

function reportSubject({ config }: WorkerReview, { name, file, line, gotchas: answers, inventory }: SubjectReview): ReportedSubject {
	return { name, file, line, worker: config, gotchas: answers.map((answer) => reportGotcha(file, answer)), inventory };
}

export function validationReport({ review, results, root, preset, maxWarnings, runDate: date }: ReportInput): ValidationReport {
	const findings = findingsOf(results, root);
	const errors = findings.filter(({ severity }) => severity === "error").length;
	const warnings = findings.length - errors;
	const tooManyWarnings = maxWarnings >= 0 && warnings > maxWarnings;
	const stages = [
		lintStage("implement", "the code", findings.filter(({ file }) => !isConfigFile(file)), tooManyWarnings),
		lintStage("configure", "the Wrangler configuration", findings.filter(({ file }) => isConfigFile(file)), tooManyWarnings),
		reviewStage(review),
	];
	const statuses = [...gotchaReviews(review)].map(({ answer }) => answer.status);
	const count = (status: ReviewStatus) => statuses.filter((each) => each === status).length;
	const subjects = (kind: SubjectReview["kind"]) =>
		review.workers.flatMap((worker) => worker.subjects.filter((subject) => subject.kind === kind).map((subject) => reportSubject(worker, subject)));
	return {
		version: FORMAT_VERSION,
		run_date: date.toISOString(),
		stages,
		results: {
			gotchas_violated: count("violated"),
			gotchas_accepted: count("accepted"),
			gotchas_unknown: count("unknown"),
			gotchas_guarded: count("guarded"),
			gotchas_not_applicable: count("not-applicable"),
			errors,
			warnings,
			linter: { name: linterName, version: linterVersion, preset },
			workers: review.workers.map((worker) => ({
				name: worker.name,
				config: worker.config,
				classes: worker.subjects.filter(({ kind }) => kind === "durable-object").map(({ name }) => name),
			})),
			classes: subjects("durable-object"),
			callers: subjects("caller"),
			configurations: subjects("wrangler"),
			findings,
		},
		overall_passed: stages.every(({ passed }) => passed),
	};
}

export const validationReportText = (report: ValidationReport): string => `${JSON.stringify(report, null, "\t")}\n`;
