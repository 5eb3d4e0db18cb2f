/**
 * How verdicts get out of ESLint. A rule can only hand over messages, and messages are what ESLint's cache and worker
 * threads carry. So a private rule reports every verdict as one message of JSON, and `collect` takes these out again
 * before anybody sees them.
 */
import type { ESLint, Rule } from "eslint";
import type { GotchaId } from "../gotchas.ts";
import { version } from "../meta.ts";
import type { DurableObjectsRule, FileContext, Review } from "../rules/define-rule.ts";
import type { Located, Status, Verdict } from "../rules/verdict.ts";
import type { Inventory } from "./inventory.ts";
import type { Picture } from "./picture.ts";

const PLUGIN = "durable-objects-internal";
export const evidenceRuleId = `${PLUGIN}/evidence`;

/** A place in a file and the source lines that stand there. */
export interface Quote {
	/** Counts from 1. */
	readonly line: number;
	/** Counts from 1, as messages of ESLint do. */
	readonly column: number;
	readonly text: readonly string[];
}

export interface SubjectFact {
	readonly kind: Review["subject"]["kind"];
	readonly name: string;
	readonly line: number;
}

/** One verdict of one rule, as plain data. */
export interface VerdictFact {
	readonly fact: "verdict";
	readonly subject: SubjectFact;
	readonly gotcha: GotchaId;
	/** The rule's id without prefix. */
	readonly rule: string;
	/** False when the run does not switch the rule on: what it has to say is no finding. */
	readonly enabled: boolean;
	readonly status: Status;
	readonly why: string;
	/** Only of a violated verdict: with rule and place it tells which message of ESLint is its counterpart. */
	readonly messageId: string | null;
	readonly quotes: readonly Quote[];
	readonly steps: readonly (Quote & { readonly what: string })[];
}

/** What a subject has and does, beside all verdicts. */
export interface InventoryFact {
	readonly fact: "inventory";
	readonly subject: SubjectFact;
	readonly inventory: Inventory;
	readonly pictures: readonly Picture[];
}

/** That there is a subject: known even if no rule says anything of it. */
export interface PresenceFact {
	readonly fact: "presence";
	readonly subject: SubjectFact;
}

export type Fact = VerdictFact | InventoryFact | PresenceFact;

/** The options of the rules that are switched on, by rule id without prefix. */
export type EnabledRules = Readonly<Record<string, readonly unknown[]>>;

/** Lists what a file's classes have and do; one entry a class, or for the configuration. */
export type TakeInventory = (file: FileContext) => readonly (Omit<InventoryFact, "fact" | "subject"> & { readonly subject: Review["subject"] })[];

/** A quote longer than this says no more than its first line: a class, a handler. A statement of SQL is shorter. */
const MAX_LINES = 12;
const MAX_WIDTH = 240;

function quote(lines: readonly string[], { loc }: Located): Quote {
	const { start, end } = loc;
	// A node that ends at the very start of a line has nothing on that line.
	const last = end.column === 0 && end.line > start.line ? end.line - 1 : end.line;
	const until = last - start.line < MAX_LINES ? last : start.line;
	const text = lines.slice(start.line - 1, until).map((line) => (line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH)} …` : line));
	return { line: start.line, column: start.column + 1, text: dedent(text) };
}

function dedent(lines: readonly string[]): string[] {
	const indents = lines.filter((line) => line.trim() !== "").map((line) => /^\s*/u.exec(line)?.[0].length ?? 0);
	const common = Math.min(...indents);
	return lines.map((line) => line.slice(Number.isFinite(common) ? common : 0).trimEnd());
}

/** Fills a message's placeholders the way ESLint does. */
function interpolate(message: string, data: Readonly<Record<string, string>>): string {
	return message.replace(/\{\{\s*([^{}]+?)\s*\}\}/gu, (whole, name: string) => data[name] ?? whole);
}

function whyOf(verdict: Verdict, rule: DurableObjectsRule): string {
	return verdict.status === "violated" ? interpolate(rule.meta.messages[verdict.messageId] ?? verdict.messageId, verdict.data) : verdict.because;
}

function placesOf(verdict: Verdict): readonly Located[] {
	if (verdict.status === "violated") return [verdict.at];
	return verdict.status === "not-applicable" ? [] : verdict.at;
}

const subjectFact = ({ kind, name, at }: Review["subject"]): SubjectFact => ({ kind, name, line: at.loc.start.line });

function* factsOf(file: FileContext, rules: readonly DurableObjectsRule[], enabled: EnabledRules, takeInventory: TakeInventory | null): Iterable<Fact> {
	const { lines } = file.sourceCode;
	for (const rule of rules) {
		const options = enabled[rule.name];
		for (const { subject, verdicts } of rule.review(file, options ?? rule.meta.defaultOptions)) {
			if (verdicts.length === 0) yield { fact: "presence", subject: subjectFact(subject) };
			for (const verdict of verdicts) {
				yield {
					fact: "verdict",
					subject: subjectFact(subject),
					gotcha: rule.gotcha,
					rule: rule.name,
					enabled: options !== undefined,
					status: verdict.status,
					why: whyOf(verdict, rule),
					messageId: verdict.status === "violated" ? verdict.messageId : null,
					quotes: placesOf(verdict).map((place) => quote(lines, place)),
					steps: verdict.status === "violated" ? verdict.steps.map(({ at, what }) => ({ ...quote(lines, at), what })) : [],
				};
			}
		}
	}
	for (const { subject, inventory, pictures } of takeInventory?.(file) ?? []) yield { fact: "inventory", subject: subjectFact(subject), inventory, pictures };
}

/** ESLint fills `{{ }}` in messages; no JSON needs two braces in a row but inside a string, where one can be escaped. */
export const encodeFact = (fact: Fact): string => JSON.stringify(fact).replaceAll("{{", "{\\u007b");

/** @param message - what `encodeFact` made; ours, so its shape is not doubted */
export const decodeFact = (message: string): Fact => JSON.parse(message) as Fact;

function evidenceRule(rules: readonly DurableObjectsRule[], takeInventory: TakeInventory | null): Rule.RuleModule {
	return {
		meta: {
			type: "problem",
			docs: { description: "hand every verdict of every rule over to the report" },
			// Nobody else writes its options, and compiling a validator takes time at each start.
			schema: false,
			defaultOptions: [{ enabled: {} }],
			languages: ["*"],
		},
		create(context) {
			const [{ enabled }] = context.options as [{ enabled: EnabledRules }];
			let done = false;
			const report = () => {
				if (done) return;
				done = true;
				// All at the start of the file: there, no comment that disables a line can reach them.
				for (const fact of factsOf(context, rules, enabled, takeInventory)) context.report({ loc: { line: 1, column: 0 }, message: encodeFact(fact) });
			};
			return { "Program:exit": report, "Document:exit": report };
		},
	};
}

/**
 * A configuration that makes ESLint report the verdicts of `rules`, as warnings of `evidenceRuleId`.
 *
 * @param rules - every rule whose verdicts are wanted, switched on or not
 * @param enabled - the rules that are switched on, with their options (complete)
 */
export function evidenceConfig(rules: readonly DurableObjectsRule[], enabled: EnabledRules, takeInventory: TakeInventory | null = null) {
	const plugin: ESLint.Plugin = { meta: { name: PLUGIN, version }, rules: { evidence: evidenceRule(rules, takeInventory) } };
	return {
		name: `${PLUGIN}/evidence`,
		plugins: { [PLUGIN]: plugin },
		rules: { [evidenceRuleId]: ["warn", { enabled }] as ["warn", { enabled: EnabledRules }] },
	};
}
