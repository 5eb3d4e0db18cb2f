import type { AST, Rule } from "eslint";

/** Anything with a place in the source: a node or comment of either language. */
export interface Located {
	readonly loc: AST.SourceLocation;
	readonly range: readonly [number, number];
}

/** How a gotcha is answered for one subject. */
export type Status = "violated" | "guarded" | "not-applicable" | "unknown";

/** One answer, as data: ESLint shows the violated ones, the report shows all. */
export type Verdict =
	| {
			readonly status: "violated";
			readonly at: Located;
			readonly messageId: string;
			readonly data: Readonly<Record<string, string>>;
			readonly fix: Rule.ReportFixer | null;
			readonly suggest: readonly Rule.SuggestionReportDescriptor[];
			/** Further places that the finding speaks of, in the order in which they happen. */
			readonly steps: readonly Step[];
	  }
	| { readonly status: "guarded"; readonly at: readonly Located[]; readonly because: string }
	| { readonly status: "not-applicable"; readonly because: string }
	| { readonly status: "unknown"; readonly at: readonly Located[]; readonly because: string };

/** One step of a finding's story: what happens at a place. */
export interface Step {
	readonly at: Located;
	readonly what: string;
}

export interface Violation<MessageId extends string> {
	readonly at: Located;
	readonly messageId: MessageId;
	readonly data?: Readonly<Record<string, string>>;
	readonly fix?: Rule.ReportFixer;
	readonly suggest?: readonly Rule.SuggestionReportDescriptor[];
	readonly steps?: readonly Step[];
}

/** What a rule's `check` answers through. Each subject needs at least one answer. */
export interface Answers<MessageId extends string> {
	/** The gotcha bites here. ESLint reports it. */
	violated(violation: Violation<MessageId>): void;
	/** The gotcha is handled: `at` is the code that handles it, `because` says how. A promise as much as a finding. */
	guarded(guard: { readonly at: Located | readonly Located[]; readonly because: string }): void;
	/** The subject has nothing that the gotcha could bite. `because` names what is absent. */
	notApplicable(because: string): void;
	/** The model could not follow the code far enough. Never reported as a violation. */
	unknown(doubt: { readonly at?: Located | readonly Located[]; readonly because: string }): void;
}

const listOf = (at: Located | readonly Located[] | undefined): readonly Located[] =>
	at === undefined ? [] : "loc" in at ? [at] : at;

/** Collects what a rule answers, in order. */
export class Verdicts<MessageId extends string> implements Answers<MessageId> {
	readonly all: Verdict[] = [];

	violated({ at, messageId, data = {}, fix, suggest = [], steps = [] }: Violation<MessageId>): void {
		this.all.push({ status: "violated", at, messageId, data, fix: fix ?? null, suggest, steps });
	}

	guarded({ at, because }: { at: Located | readonly Located[]; because: string }): void {
		this.all.push({ status: "guarded", at: listOf(at), because });
	}

	notApplicable(because: string): void {
		this.all.push({ status: "not-applicable", because });
	}

	unknown({ at, because }: { at?: Located | readonly Located[]; because: string }): void {
		this.all.push({ status: "unknown", at: listOf(at), because });
	}
}
