/** The subject of the rules that judge Wrangler configurations, and how such a rule is put together. */
import type { AST, Rule } from "eslint";
import { basename, resolve } from "node:path";
import type { GotchaId } from "../gotchas.ts";
import { prefix } from "../meta.ts";
import { readConfig, type WranglerConfig } from "../wrangler/config.ts";
import type { ConfigNode, DocumentNode } from "../wrangler/document.ts";
import { ConfigText, disableNextLine, type TextEdit } from "../wrangler/edits.ts";
import { type Finding, type FindingKind, findingKinds } from "../wrangler/finding.ts";
import { isConfigFile, parseConfig } from "../wrangler/parse.ts";
import { defineRule, type DurableObjectsRule, type FileContext, type Level, type Subject } from "./define-rule.ts";
import type { Answers, Located } from "./verdict.ts";

/** A Wrangler configuration as the rules see it. */
export interface WranglerFile {
	/** Absolute path; of a text that is not on disk, where it would be. */
	readonly path: string;
	readonly cwd: string;
	readonly config: WranglerConfig;
	readonly source: ConfigText;
	/** What the language of the file calls the first column: ours, JavaScript's and TOML's 0, that of `@eslint/json` 1. */
	readonly firstColumn: number;
}

/**
 * Where a report about a node stands: a value or key as it is, of what may span many lines only the beginning, so that
 * the squiggle stays readable and a comment above the line is above the report.
 */
export function locate(node: ConfigNode): Located {
	const spans = node.loc.start.line !== node.loc.end.line;
	if (node.type === "Member") return plain(node.key);
	if (node.type === "Document") return beginningOf(node);
	if (node.type !== "Object" && node.type !== "Array") return plain(node);
	const header = node.type === "Object" ? node.header : null;
	if (header) return plain(header);
	if (!spans && !(node.type === "Object" && node.form === "implied")) return plain(node);
	return node.parent.type === "Member" ? plain(node.parent.key) : beginningOf(node);
}

function plain({ loc, range }: ConfigNode): Located {
	return { loc: loc, range };
}

function beginningOf({ loc, range: [start] }: ConfigNode): Located {
	const end = { line: loc.start.line, column: loc.start.column + 1 };
	return { loc: { start: loc.start, end }, range: [start, start + 1] };
}

function shifted({ loc: { start, end }, range }: Located, by: number): Located {
	const move = ({ line, column }: AST.SourceLocation["start"]) => ({ line, column: column + by });
	return { loc: { start: move(start), end: move(end) }, range };
}

const files = new WeakMap<object, WranglerFile | null>();

/** Our own document, or, under the language of another plugin, one made of the same text. */
function documentOf({ sourceCode, filename }: FileContext): DocumentNode | null {
	const ast = sourceCode.ast as { type: string };
	if (ast.type === "Document" && "root" in ast && "repeatedKeys" in ast) return ast as unknown as DocumentNode;
	const parsed = parseConfig(sourceCode.text, filename);
	return parsed.ok ? parsed.document : null;
}

function fileOf(context: FileContext): WranglerFile | null {
	const key = context.sourceCode.ast;
	const known = files.get(key);
	if (known !== undefined) return known;
	const document = documentOf(context);
	const config = document && readConfig(document);
	const file = config && {
		path: resolve(context.cwd, context.filename),
		cwd: context.cwd,
		config,
		source: new ConfigText(context.sourceCode.text, config.document),
		firstColumn: context.sourceCode.getLocFromIndex(0).column,
	};
	files.set(key, file);
	return file;
}

export const wranglerFile: Subject<WranglerFile> = {
	kind: "wrangler",
	// Under any language: people who lint JSON or TOML with another plugin keep that, and the file's name decides.
	languages: ["*"],
	mayOccur: ({ filename }) => isConfigFile(filename),
	find(context) {
		const file = fileOf(context);
		return file ? [file] : [];
	},
	describe: ({ path, config }) => ({ name: basename(path), at: locate(config.document) }),
};

type CamelCase<Text extends string> = Text extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Text;
/** `migration-duplicate-tag` as a message id: `migrationDuplicateTag`. */
export type KindMessage = CamelCase<FindingKind>;

const camelCase = (kind: string): string => kind.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());

/** A change that a finding proposes. */
export interface Proposal {
	readonly messageId: string;
	readonly data?: Readonly<Record<string, string>>;
	/** Null where the right text is not certain; then nothing is proposed. */
	readonly edits: readonly TextEdit[] | null;
}

interface WranglerDefinition<Options extends readonly unknown[], Kinds extends KindMessage, Other extends string> {
	/** Without `wrangler/`. */
	readonly id: string;
	readonly gotcha: GotchaId;
	readonly preset: { readonly in: "recommended" | "strict"; readonly level: Level };
	readonly type?: "problem" | "suggestion";
	readonly description: string;
	/** One message per kind of finding: these are the kinds that the rule reports. */
	readonly kinds: Readonly<Record<Kinds, string>>;
	/** The messages of proposals, and of what is no finding. */
	readonly messages?: Readonly<Record<Other, string>>;
	readonly schema?: Rule.RuleMetaData["schema"] & object;
	readonly defaultOptions: Options;
	/** The findings to report, of which those of other kinds are left out; by default all that the text shows. */
	find?(file: WranglerFile, options: Options): readonly Finding[];
	/** What could be written instead. */
	propose?(finding: Finding, file: WranglerFile, options: Options): readonly Proposal[];
	/** Answers where nothing was found: what makes it right, or why there is nothing to judge. */
	answer(file: WranglerFile, verdict: Answers<Other>, options: Options): void;
}

const DISABLE = "disableNextLine";

/** Stands before each message of a finding: of several environments, says which one it is about. */
const WHERE = "{{inEnv}}";

/** The messages of findings, with a place for the environment, but where they name it themselves. */
function placed(kinds: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(kinds).map(([kind, text]) => [kind, text.includes("{{env}}") ? text : WHERE + text]));
}

/** Makes a rule that reports findings about a configuration. */
export function wranglerRule<Options extends readonly unknown[], Kinds extends KindMessage, Other extends string = never>(
	definition: WranglerDefinition<Options, Kinds, Other>,
): DurableObjectsRule {
	const { id, gotcha, preset, type = "problem", description, kinds, messages, schema = [], defaultOptions } = definition;
	const name = `wrangler/${id}`;
	const mine = new Set<FindingKind>((Object.keys(findingKinds) as FindingKind[]).filter((kind) => camelCase(kind) in kinds));

	return defineRule<WranglerFile, Options, string>({
		name,
		gotcha,
		subject: wranglerFile,
		preset,
		meta: {
			type,
			description,
			messages: { ...placed(kinds), ...messages, [DISABLE]: "Disable this rule here: insert a `#` comment above." },
			schema,
			defaultOptions,
			hasSuggestions: true,
		},
		check(file, { options, verdict }) {
			let answered = false;
			const answers: Answers<string> = {
				violated: (violation) => {
					answered = true;
					const disable = propose({ messageId: DISABLE, edits: disableNextLine(file.source, violation.at.range[0], violation.at.loc.start.column, `${prefix}/${name}`) });
					verdict.violated({ ...violation, at: shifted(violation.at, file.firstColumn), suggest: [...(violation.suggest ?? []), ...disable] });
				},
				guarded: (guard) => verdict.guarded(guard),
				notApplicable: (because) => verdict.notApplicable(because),
				unknown: (doubt) => verdict.unknown(doubt),
			};
			const findings = definition.find?.(file, options) ?? file.config.findings;
			for (const finding of findings) {
				if (!mine.has(finding.kind)) continue;
				answers.violated({
					at: locate(finding.at),
					messageId: camelCase(finding.kind),
					data: { ...finding.data, inEnv: finding.env === undefined ? "" : `In env.${finding.env}: ` },
					suggest: (definition.propose?.(finding, file, options) ?? []).flatMap(propose),
				});
			}
			if (!answered) definition.answer(file, answers, options);
		},
	});
}

function propose({ messageId, data = {}, edits }: Proposal): Rule.SuggestionReportDescriptor[] {
	if (!edits) return [];
	const fix: Rule.ReportFixer = (fixer) => edits.map(({ range: [start, end], text }) => fixer.replaceTextRange([start, end], text));
	return [{ messageId, data, fix }];
}
