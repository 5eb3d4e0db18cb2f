/** The review for a reader: `self_review.md`, made for GitHub. */
import { extname, posix } from "node:path";
import { gotchas, type GotchaId } from "../gotchas.ts";
import { docsUrl, prefix } from "../meta.ts";
import type { Evidence, ReviewStatus } from "./collect.ts";
import { isConfigFile } from "../wrangler/parse.ts";
import { cell, codeBlock, codeSpan, linkTarget, markdownText, prose } from "./escape.ts";
import type { Quote } from "./evidence.ts";
import { flowchart } from "./flowchart.ts";
import { inventoryTopics, type InventoryTopic } from "./inventory.ts";
import { raceOf } from "./race.ts";
import { raceDiagram } from "./race-diagram.ts";
import { type GotchaReview, gotchaReviews, precedence, type Review, type SubjectKind, type SubjectReview, type WorkerReview, worstOf } from "./review.ts";
import { type Finding, plural, type StageName, type ValidationReport } from "./validation-report.ts";

const marks: Readonly<Record<ReviewStatus, string>> = { violated: "❌", accepted: "🟡", unknown: "❔", guarded: "✅", "not-applicable": "➖" };
const words: Readonly<Record<ReviewStatus, string>> = {
	violated: "Violated",
	accepted: "Accepted",
	unknown: "To be read by a person",
	guarded: "Guarded",
	"not-applicable": "Not applicable",
};

const kindNames: Readonly<Record<SubjectKind, string>> = { "durable-object": "Durable Object", caller: "Calls to objects", wrangler: "Configuration" };

const LANGUAGES: Readonly<Record<string, string>> = {
	".ts": "ts",
	".mts": "ts",
	".cts": "ts",
	".tsx": "tsx",
	".js": "js",
	".mjs": "js",
	".cjs": "js",
	".jsx": "jsx",
	".json": "jsonc",
	".jsonc": "jsonc",
	".toml": "toml",
};

/** More than so many quotes are only linked. */
const MAX_QUOTES = 3;
/** More than so many findings are not listed at the top; each stands with its class all the same. */
const MAX_FINDINGS = 100;

/** Where a page lies, so that its links lead to the code. */
export interface Whereabouts {
	/** The way from the page's folder, or from the site, to the folder of the run, with slashes; `""` if it is the same. */
	readonly toRoot: string;
	/** The address where the files can be read, with a slash at its end, for a page that lies elsewhere. */
	readonly site?: string;
}

class Page {
	readonly #toRoot: string;
	readonly #site: string;
	readonly #blocks: string[] = [];
	readonly #subjects = new Map<SubjectReview, number>();

	constructor({ toRoot, site = "" }: Whereabouts) {
		this.#toRoot = toRoot;
		this.#site = site;
	}

	#target(file: string, line: number | null): string {
		return this.#site + linkTarget(posix.join(this.#toRoot, file), line);
	}

	/** The name of the place where a subject's gotcha is answered; of our own making, so that nobody's code is in it. */
	anchor(subject: SubjectReview, gotcha: GotchaId): string {
		let index = this.#subjects.get(subject);
		if (index === undefined) this.#subjects.set(subject, (index = this.#subjects.size + 1));
		return `s${index}-${gotcha}`;
	}

	/** Adds a block; blocks are set apart by an empty line. */
	add(...lines: readonly string[]): void {
		this.#blocks.push(lines.join("\n"));
	}

	link(file: string, line: number | null): string {
		const text = line === null ? file : `${file}:${line}`;
		return `[${codeSpan(text)}](${this.#target(file, line)})`;
	}

	/** The line alone, for where the file is clear. */
	lineLink(file: string, line: number): string {
		return `[line ${line}](${this.#target(file, line)})`;
	}

	quote(file: string, { line, text }: Quote): void {
		this.add(this.link(file, line));
		// A bracket says nothing.
		if (text.some((each) => /\w/u.test(each))) this.add(codeBlock(text, LANGUAGES[extname(file).toLowerCase()] ?? ""));
	}

	toString(): string {
		return `${this.#blocks.join("\n\n")}\n`;
	}
}

/** Reasons are written as clauses by some rules and as sentences by others. */
function sentence(text: string): string {
	const capital = /^[a-z]+(?:[ ,]|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
	return prose(/[.!?]$/u.test(capital) ? capital : `${capital}.`);
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function addTable(page: Page, head: readonly string[], rows: readonly (readonly string[])[]): void {
	page.add(row(head), row(head.map(() => "---")), ...rows.map(row));
}

const gotchaLink = (id: GotchaId): string => `[${gotchas[id].title}](${gotchas[id].docs})`;

const ruleLink = (rule: string): string => `[${prefix}/${rule}](${docsUrl(`rules/${rule}.md`)})`;

function foundText(findings: readonly Finding[]): string {
	const errors = findings.filter(({ severity }) => severity === "error").length;
	return findings.length === 0 ? "Nothing found." : `${plural(errors, "error")}, ${plural(findings.length - errors, "warning")}.`;
}

/** What the stages come to; the list below and the report as data have the places. */
function stageText(name: StageName, { results }: ValidationReport, unanswered: number): string {
	if (name === "implement") return `The code. ${foundText(results.findings.filter(({ file }) => !isConfigFile(file)))}`;
	if (name === "configure") return `The Wrangler configuration. ${foundText(results.findings.filter(({ file }) => isConfigFile(file)))}`;
	const parts = [
		results.gotchas_violated > 0 && `${plural(results.gotchas_violated, "gotcha")} violated`,
		unanswered > 0 && `${unanswered} without an answer`,
		results.gotchas_unknown - unanswered > 0 && `${results.gotchas_unknown - unanswered} to be read by a person`,
	].filter((part) => part !== false);
	return `Every gotcha asked of every class. ${parts.length === 0 ? "None is violated." : `${parts.join(", ")}.`}`;
}

function addHead(page: Page, review: Review, report: ValidationReport): void {
	const { results, stages, overall_passed, run_date } = report;
	page.add("# Durable Objects self-review");
	const counts = [
		`${results.gotchas_violated} violated`,
		`${results.gotchas_accepted} accepted`,
		`${results.gotchas_unknown} to be read by a person`,
		`${results.gotchas_guarded} guarded`,
		`${results.gotchas_not_applicable} not applicable`,
	];
	page.add(`**${overall_passed ? "✅ Passed" : "❌ Not passed"}**. Gotchas: ${counts.join(", ")}.`);
	const unanswered = [...gotchaReviews(review)].filter(({ answer }) => !answer.isAnswered).length;
	addTable(
		page,
		["Stage", "", ""],
		stages.map(({ name, passed }) => [`\`${name}\``, passed ? "✅" : "❌", stageText(name, report, unanswered)]),
	);
	const { name, version, preset } = results.linter;
	page.add(`<sub>Written by ${name} ${markdownText(version)} (${markdownText(preset)}), ${run_date}.</sub>`);
}

/** The first sentence says what happens; what to do about it stands with the class. */
function firstSentence(message: string): string {
	const first = /^.+?[.!?](?=\s+[^a-z\s]|\s*$)/su.exec(message)?.[0] ?? message;
	return first.split("`").length % 2 === 1 ? first : message;
}

/** Everything that is to be mended, at one glance. */
function addFindings(page: Page, { results: { findings } }: ValidationReport): void {
	if (findings.length === 0) return;
	page.add("## To mend");
	page.add(...findings.slice(0, MAX_FINDINGS).map(({ file, line, severity, message }) => `- ${severity === "error" ? "❌" : "⚠️"} ${page.link(file, line)} ${prose(firstSentence(message))}`));
	if (findings.length > MAX_FINDINGS) page.add(`And ${findings.length - MAX_FINDINGS} more: see each class below.`);
}

/** What somebody will want to read has a link from the table. */
const isLinked = ({ status, isAnswered }: GotchaReview): boolean => isAnswered && (status === "violated" || status === "accepted" || status === "unknown");

/** A Worker's subjects, side by side; files that call objects share a column, as do the parts of the configuration. */
function columnsOf({ subjects }: WorkerReview): { title: string; subjects: readonly SubjectReview[] }[] {
	const ofKind = (kind: SubjectKind) => subjects.filter((subject) => subject.kind === kind);
	const columns = ofKind("durable-object").map((subject) => ({ title: subject.name, subjects: [subject] }));
	for (const kind of ["caller", "wrangler"] as const) {
		if (ofKind(kind).length > 0) columns.push({ title: kindNames[kind], subjects: ofKind(kind) });
	}
	return columns;
}

function addSummary(page: Page, worker: WorkerReview): void {
	const columns = columnsOf(worker);
	const markOf = (subjects: readonly SubjectReview[], id: GotchaId): string => {
		const answers = subjects.flatMap((subject) => subject.gotchas.filter(({ gotcha }) => gotcha === id).map((answer) => ({ subject, answer })));
		const status = worstOf(answers.map(({ answer }) => answer.status));
		if (status === null) return "";
		const first = answers.find(({ answer }) => answer.status === status && isLinked(answer));
		return first ? `[${marks[status]}](#${page.anchor(first.subject, id)})` : marks[status];
	};
	const rows = (Object.keys(gotchas) as GotchaId[])
		.map((id) => [gotchas[id].title, ...columns.map(({ subjects }) => markOf(subjects, id))])
		.filter(([, ...cells]) => cells.some((mark) => mark !== ""));
	addTable(page, ["Gotcha", ...columns.map(({ title }) => markdownText(title))], rows);
	page.add(`<sub>${precedence.map((status) => `${marks[status]} ${words[status].toLowerCase()}`).join(" · ")}</sub>`);
}

function addSteps(page: Page, file: string, { messageId, steps }: Evidence): void {
	const race = raceOf({ messageId, steps });
	if (race) {
		page.add(codeBlock(raceDiagram(race), "mermaid"));
		page.add(`The lines: ${steps.map(({ line }) => page.lineLink(file, line)).join(", ")}.`);
	} else if (steps.length > 0) {
		page.add(...steps.map(({ line, what, text }, index) => `${index + 1}. ${page.link(file, line)} ${prose(what)}: ${codeSpan(text[0]?.trim() ?? "")}`));
	}
}

function sentenceOf({ status, enabled, messageId, why, justification, rule }: Evidence): string {
	const text = `${sentence(why)} (${ruleLink(rule)})`;
	if (status === "accepted") return `${text}\n\nAccepted in the code: ${justification ? sentence(justification) : "no reason is given."}`;
	return enabled || messageId === null ? text : `Not reported, since this rule is not switched on: ${text}`;
}

const keyOf = ({ line, text }: Quote): string => `${line} ${text.join("\n")}`;

/** @param shown - the quotes that the reader has seen: they are named, not repeated */
function addEvidence(page: Page, file: string, item: Evidence, shown: Set<string>): void {
	const quotes = [...new Map(item.quotes.map((quote) => [keyOf(quote), quote])).values()];
	const fresh = quotes.filter((quote) => !shown.has(keyOf(quote))).slice(0, MAX_QUOTES);
	const others = [...new Set(quotes.filter((quote) => !fresh.includes(quote)).map(({ line }) => line))].sort((a, b) => a - b);
	const links = others.map((line) => page.lineLink(file, line)).join(", ");
	page.add(fresh.length === 0 && links !== "" ? `${sentenceOf(item)} See ${links}.` : sentenceOf(item));
	for (const quote of fresh) {
		page.quote(file, quote);
		shown.add(keyOf(quote));
	}
	if (fresh.length > 0 && links !== "") page.add(`Also ${links}.`);
	addSteps(page, file, item);
}

/** A rule that says the same of several places says it once. */
function together(items: readonly Evidence[]): readonly Evidence[] {
	const found = new Map<string, Evidence>();
	for (const item of items) {
		const { rule, status, why, justification, enabled, steps, quotes } = item;
		const key = JSON.stringify(steps.length > 0 ? [found.size] : [rule, status, why, justification, enabled]);
		const known = found.get(key);
		found.set(key, known ? { ...known, quotes: [...known.quotes, ...quotes] } : item);
	}
	return [...found.values()];
}

function addGotcha(page: Page, subject: SubjectReview, answer: GotchaReview): void {
	const { gotcha, status, evidence } = answer;
	const anchor = isLinked(answer) ? `<a id="${page.anchor(subject, gotcha)}"></a>` : "";
	page.add(`#### ${anchor}${marks[status]} ${words[status]}: ${gotchas[gotcha].title}`);
	if (status !== "guarded") page.add(`> ${gotchas[gotcha].bites} [Cloudflare's documentation](${gotchas[gotcha].docs})`);
	// Where one rule found something to judge, it does not matter that others did not.
	const speaking = together(evidence.filter((each) => each.status !== "not-applicable"));
	const shown = new Set<string>();
	const guarding = speaking.filter((each) => each.status === "guarded");
	for (const item of status === "guarded" ? speaking : speaking.filter((each) => each.status !== "guarded")) addEvidence(page, subject.file, item, shown);
	if (status === "guarded" || guarding.length === 0) return;
	page.add(`<details><summary>What is right about it</summary>`);
	for (const item of guarding) addEvidence(page, subject.file, item, shown);
	page.add("</details>");
}

function addNotApplicable(page: Page, answers: readonly GotchaReview[]): void {
	if (answers.length === 0) return;
	page.add(`#### ${marks["not-applicable"]} ${words["not-applicable"]}`);
	const reasons = (evidence: readonly Evidence[]) => {
		const absent = evidence.filter(({ status }) => status === "not-applicable").map(({ why }) => sentence(why));
		return [...new Set([...absent, ...evidence.filter(({ status }) => status !== "not-applicable").map(sentenceOf)])].join(" ");
	};
	page.add(...answers.map(({ gotcha, evidence }) => `- **${gotchaLink(gotcha)}**: ${reasons(evidence)}`));
}

function addUnanswered(page: Page, answers: readonly GotchaReview[]): void {
	if (answers.length === 0) return;
	page.add(`#### ${marks.unknown} Without an answer`);
	page.add(...answers.map(({ gotcha, isWatched }) => `- **${gotchaLink(gotcha)}**: ${isWatched ? "no rule could judge it" : "no rule of this version watches it"}. ${gotchas[gotcha].bites}`));
}

function addInventory(page: Page, { file, inventory }: SubjectReview): void {
	if (inventory.length === 0) return;
	const topics = Object.keys(inventoryTopics) as InventoryTopic[];
	const rows = topics.flatMap((topic) =>
		inventory
			.filter((item) => item.topic === topic)
			.map(({ name, detail, line }, index) => [
				index === 0 ? `**${inventoryTopics[topic]}**` : "",
				cell(name),
				cell(detail),
				line === null ? "" : page.lineLink(file, line),
			]),
	);
	page.add("<details><summary>What it has and does</summary>");
	addTable(page, ["", "", "", ""], rows);
	page.add("</details>");
}

function addPictures(page: Page, { pictures }: SubjectReview): void {
	for (const picture of pictures) {
		if (picture.title !== "") page.add(`${markdownText(picture.title)}:`);
		page.add(codeBlock(flowchart(picture), "mermaid"));
	}
}

function addSubject(page: Page, subject: SubjectReview): void {
	const { kind, name, file, line, gotchas: answers } = subject;
	page.add(`### ${kindNames[kind]} ${kind === "caller" ? "in " : ""}${markdownText(name)}`);
	page.add(page.link(file, line));
	addPictures(page, subject);
	addInventory(page, subject);
	for (const status of precedence) {
		const chosen = answers.filter((answer) => answer.status === status && answer.isAnswered);
		if (status === "not-applicable") addNotApplicable(page, chosen);
		else for (const answer of chosen) addGotcha(page, subject, answer);
	}
	addUnanswered(page, answers.filter(({ isAnswered }) => !isAnswered));
}

function addWorker(page: Page, worker: WorkerReview): void {
	page.add(worker.config === null ? "## Code without a Wrangler configuration" : `## Worker ${markdownText(worker.name ?? worker.config)}`);
	if (worker.config !== null) page.add(page.link(worker.config, null));
	addSummary(page, worker);
	for (const subject of worker.subjects) addSubject(page, subject);
}

/** @param report - the same review as data */
export function selfReview(review: Review, report: ValidationReport, whereabouts: Whereabouts): string {
	const page = new Page(whereabouts);
	addHead(page, review, report);
	addFindings(page, report);
	for (const worker of review.workers) addWorker(page, worker);
	return page.toString();
}
