import { isDeepStrictEqual } from "node:util";
import type { Rule } from "eslint";
import type { GotchaId } from "../gotchas.ts";
import { docsUrl } from "../meta.ts";
import { type Answers, type Located, type Verdict, Verdicts } from "./verdict.ts";

/** What ESLint tells a rule about the file, as far as a subject or a check may depend on it. */
export type FileContext = Pick<Rule.RuleContext, "sourceCode" | "filename" | "cwd" | "settings">;

/** The kind of thing a rule judges. A subject knows how to find its instances in a file. */
export interface Subject<S> {
	readonly kind: "durable-object" | "caller" | "wrangler";
	/** ESLint languages in whose files the subject can occur. */
	readonly languages: readonly string[];
	/** A test on path and text, made before anything else: most files have nothing for us. */
	mayOccur(file: FileContext): boolean;
	/** The instances in this file; cached, so that every rule sees the same objects. */
	find(file: FileContext): readonly S[];
	/** How a report names the instance, and where it stands. */
	describe(subject: S): { readonly name: string; readonly at: Located };
}

export type Level = "error" | "warn";

interface Definition<S, Options extends readonly unknown[], MessageId extends string> {
	/** The rule's id without the plugin prefix; also the name of its file, docs page and test. */
	readonly name: string;
	readonly gotcha: GotchaId;
	readonly subject: Subject<S>;
	/** The first preset that switches the rule on, and at which level. A strict rule is absent from `recommended`. */
	readonly preset: { readonly in: "recommended" | "strict" | "off"; readonly level: Level };
	readonly meta: {
		readonly type: "problem" | "suggestion";
		readonly description: string;
		readonly messages: Readonly<Record<MessageId, string>>;
		readonly schema: Rule.RuleMetaData["schema"] & object;
		readonly defaultOptions: Options;
		/** Options that the strict preset sets. */
		readonly strictOptions?: Options;
		readonly fixable?: "code";
		readonly hasSuggestions?: true;
	};
	/** Judges one subject. Reads the model, never the visitor; answers through `verdict` at least once. */
	check(subject: S, context: CheckContext<Options, MessageId>): void;
}

export interface CheckContext<Options extends readonly unknown[], MessageId extends string> extends FileContext {
	readonly options: Options;
	readonly verdict: Answers<MessageId>;
	/** True where nobody asks for more than what is violated, as in an editor: what it takes to say more may be left out. */
	readonly isOnlyViolations: boolean;
}

/** The verdicts of one rule on one subject. */
export interface Review {
	readonly subject: { readonly kind: Subject<unknown>["kind"]; readonly name: string; readonly at: Located };
	readonly verdicts: readonly Verdict[];
}

/** What a rule found out of a tree, and all but the tree that it depends on. */
interface Remembered {
	readonly asked: { readonly filename: string; readonly settings: FileContext["settings"]; readonly options: readonly unknown[] };
	readonly isOnlyViolations: boolean;
	readonly reviews: readonly Review[];
}

/** An ESLint rule that can also say everything it found out, not only what is wrong. */
export interface DurableObjectsRule extends Rule.RuleModule {
	readonly name: string;
	readonly gotcha: GotchaId;
	readonly subjectKind: Subject<unknown>["kind"];
	readonly preset: { readonly in: "recommended" | "strict" | "off"; readonly level: Level };
	readonly strictOptions: readonly unknown[];
	readonly meta: Rule.RuleMetaData & { readonly messages: Readonly<Record<string, string>>; readonly defaultOptions: unknown[] };
	/** @param options - the rule's options, complete (defaults already merged) */
	review(file: FileContext, options: readonly unknown[]): readonly Review[];
}

/** Makes an ESLint rule of a definition: finds the subjects, asks `check`, reports what is violated. */
export function defineRule<S, Options extends readonly unknown[], MessageId extends string>(
	definition: Definition<S, Options, MessageId>,
): DurableObjectsRule {
	const { name, gotcha, subject, preset, meta } = definition;

	// ESLint and the report ask for the same: what is found out of a tree is remembered with it.
	const known = new WeakMap<object, Remembered>();

	const review = (file: FileContext, options: readonly unknown[], isOnlyViolations = false): readonly Review[] => {
		if (!subject.mayOccur(file)) return [];
		const { filename, settings } = file;
		const remembered = known.get(file.sourceCode.ast);
		if (remembered && (isOnlyViolations || !remembered.isOnlyViolations) && isDeepStrictEqual(remembered.asked, { filename, settings, options })) return remembered.reviews;
		const reviews = judge(file, options, isOnlyViolations);
		known.set(file.sourceCode.ast, { asked: { filename, settings, options }, isOnlyViolations, reviews });
		return reviews;
	};

	const judge = (file: FileContext, options: readonly unknown[], isOnlyViolations: boolean): readonly Review[] => {
		return subject.find(file).map((instance) => {
			const verdict = new Verdicts<MessageId>();
			const { sourceCode, filename, cwd, settings } = file;
			definition.check(instance, { sourceCode, filename, cwd, settings, options: options as Options, verdict, isOnlyViolations });
			return { subject: { kind: subject.kind, ...subject.describe(instance) }, verdicts: verdict.all };
		});
	};

	return {
		name,
		gotcha,
		subjectKind: subject.kind,
		preset,
		strictOptions: meta.strictOptions ?? [],
		meta: {
			type: meta.type,
			docs: { description: meta.description, recommended: preset.in === "recommended", url: docsUrl(`rules/${name}.md`) },
			messages: meta.messages,
			schema: meta.schema,
			defaultOptions: [...meta.defaultOptions],
			languages: [...subject.languages],
			...(meta.fixable && { fixable: meta.fixable }),
			...(meta.hasSuggestions && { hasSuggestions: true }),
		},
		review: (file, options) => review(file, options),
		create(context) {
			if (!subject.mayOccur(context)) return {};
			let done = false;
			const run = () => {
				if (done) return;
				done = true;
				for (const { verdicts } of review(context, context.options, true)) {
					for (const verdict of verdicts) {
						if (verdict.status !== "violated") continue;
						const { at, messageId, data, fix, suggest } = verdict;
						const written = (fixer: Rule.ReportFixer): Rule.ReportFixer => withLineEndings(fixer, context.sourceCode.text);
						context.report({ loc: at.loc, messageId, data, ...(fix && { fix: written(fix) }), suggest: suggest.map((each) => ({ ...each, fix: written(each.fix) })) });
					}
				}
			};
			// JavaScript and most other languages call their root `Program`; ours and @eslint/json call it `Document`.
			return { "Program:exit": run, "Document:exit": run };
		},
	};
}

/** What is inserted ends its lines as the file does. */
function withLineEndings(fix: Rule.ReportFixer, source: string): Rule.ReportFixer {
	if (!source.includes("\r\n")) return fix;
	const adapted = (each: Rule.Fix): Rule.Fix => ({ ...each, text: each.text.replace(/\r?\n/gu, "\r\n") });
	return (fixer) => {
		const made = fix(fixer);
		if (made === null) return null;
		return Symbol.iterator in made ? Array.from(made, adapted) : adapted(made);
	};
}
