/** Takes the evidence out of ESLint's results, and holds it against the messages that are left. */
import type { ESLint, Linter } from "eslint";
import type { Status } from "../rules/verdict.ts";
import { decodeFact, evidenceRuleId, type Fact, type InventoryFact, type SubjectFact, type VerdictFact } from "./evidence.ts";

/** A gotcha's answer in the review. `accepted`: it bites, and a comment in the code says that this is meant. */
export type ReviewStatus = Status | "accepted";

export interface Evidence extends Omit<VerdictFact, "fact" | "status"> {
	readonly status: ReviewStatus;
	/** How the message is reported; null for anything but a violation that is reported. */
	readonly severity: "error" | "warning" | null;
	/** Of an accepted violation: the reason that its comment gives, empty when it gives none. */
	readonly justification: string | null;
}

/** What was found out about one file. */
export interface FileEvidence {
	/** Absolute path. */
	readonly filePath: string;
	readonly evidence: readonly Evidence[];
	readonly inventories: readonly InventoryFact[];
	/** The subjects that some rule met without a word. */
	readonly present: readonly SubjectFact[];
}

type Suppressed = ESLint.LintResult["suppressedMessages"][number];

const isEvidence = ({ ruleId }: Linter.LintMessage): boolean => ruleId === evidenceRuleId;

export function hasEvidence(results: readonly ESLint.LintResult[]): boolean {
	return results.some(({ messages, suppressedMessages }) => messages.some(isEvidence) || suppressedMessages.some(isEvidence));
}

/** The results as they would be without the private rule, counts included. */
export function withoutEvidence(results: readonly ESLint.LintResult[]): ESLint.LintResult[] {
	return results.map((result) => {
		const messages = result.messages.filter((message) => !isEvidence(message));
		const count = (severity: number, fixable = false) => messages.filter((message) => message.severity === severity && (!fixable || message.fix)).length;
		return {
			...result,
			messages,
			suppressedMessages: result.suppressedMessages.filter((message) => !isEvidence(message)),
			errorCount: count(2),
			warningCount: count(1),
			fatalErrorCount: messages.filter(({ fatal }) => fatal).length,
			fixableErrorCount: count(2, true),
			fixableWarningCount: count(1, true),
		};
	});
}

const placeKey = (rule: string, messageId: string | null | undefined, line: number, column: number): string => `${rule} ${messageId ?? ""} ${line} ${column}`;

/** Finds the reported messages of our rules by rule, message and place. */
class Reported {
	readonly #prefix: string;
	readonly #shown = new Map<string, Linter.LintMessage>();
	readonly #suppressed = new Map<string, Suppressed>();

	constructor({ messages, suppressedMessages }: ESLint.LintResult, prefix: string) {
		this.#prefix = `${prefix}/`;
		for (const message of messages) this.#put(this.#shown, message);
		for (const message of suppressedMessages) this.#put(this.#suppressed, message);
	}

	#put<M extends Linter.LintMessage>(into: Map<string, M>, message: M): void {
		const { ruleId, messageId, line, column } = message;
		if (ruleId?.startsWith(this.#prefix)) into.set(placeKey(ruleId.slice(this.#prefix.length), messageId, line, column), message);
	}

	judge({ subject, gotcha, rule, enabled, status, why, messageId, quotes, steps }: VerdictFact): Evidence {
		const evidence = { subject, gotcha, rule, enabled, status, why, messageId, quotes, steps, severity: null, justification: null };
		if (status !== "violated") return evidence;
		const place = quotes[0];
		const key = placeKey(rule, messageId, place?.line ?? 0, place?.column ?? 0);
		const shown = this.#shown.get(key);
		if (shown) return { ...evidence, severity: shown.severity === 2 ? "error" : "warning" };
		// A rule that is not switched on says what it would report; whether that bites, nobody has decided.
		if (!enabled) return { ...evidence, status: "unknown" };
		const reasons = this.#suppressed.get(key)?.suppressions.map(({ justification }) => justification) ?? [];
		return { ...evidence, status: "accepted", justification: reasons.filter(Boolean).join("; ") };
	}
}

/**
 * @param results - of a run with `evidenceConfig`
 * @param prefix - under which our plugin is known in that run
 */
export function collectEvidence(results: readonly ESLint.LintResult[], prefix: string): FileEvidence[] {
	return results.map((result) => {
		const facts: Fact[] = [...result.messages, ...result.suppressedMessages].filter(isEvidence).map(({ message }) => decodeFact(message));
		const reported = new Reported(result, prefix);
		return {
			filePath: result.filePath,
			evidence: facts.filter((fact) => fact.fact === "verdict").map((fact) => reported.judge(fact)),
			inventories: facts.filter((fact) => fact.fact === "inventory"),
			present: facts.filter((fact) => fact.fact === "presence").map(({ subject }) => subject),
		};
	});
}
