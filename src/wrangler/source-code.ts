import type { DirectiveType, FileProblem, LanguageOptions, RulesConfig } from "@eslint/core";
import { ConfigCommentParser, Directive, TextSourceCodeBase, VisitNodeStep } from "@eslint/plugin-kit";
import { childrenOf, type CommentNode, type ConfigNode, type DocumentNode, visitorKeys } from "./document.ts";

const comments = new ConfigCommentParser();
const CONFIG_COMMENT = /^\s*eslint(?:-enable|-disable(?:-next-line|-line)?)?(?:\s|$)/u;
/** `eslint <rule>: <level>`; a sentence that happens to begin with "eslint" is no configuration. */
const RULE_SETTING = /^\s*eslint\s+["']?[\w@/-]+["']?\s*:/u;
const DIRECTIVES: Readonly<Record<string, DirectiveType>> = {
	"eslint-disable": "disable",
	"eslint-enable": "enable",
	"eslint-disable-line": "disable-line",
	"eslint-disable-next-line": "disable-next-line",
};

const nothing = () => null;
const none = (): never[] => [];

/**
 * What ESLint works with when it lints a Wrangler file.
 *
 * Most people's configuration has blocks without `files` (`js.configs.recommended`, say), so rules for JavaScript reach
 * these files too. The lower half of this class is for them: an empty JavaScript surface on which they find nothing,
 * where they would otherwise crash ESLint.
 */
export class WranglerSourceCode extends TextSourceCodeBase<{
	LangOptions: LanguageOptions;
	RootNode: DocumentNode;
	SyntaxElementWithLoc: ConfigNode | CommentNode;
	ConfigNode: CommentNode;
}> {
	readonly comments: readonly CommentNode[];
	#configComments: CommentNode[] | undefined;
	#steps: VisitNodeStep[] | undefined;

	constructor({ text, ast }: { text: string; ast: DocumentNode }) {
		super({ text, ast });
		this.comments = ast.comments;
	}

	override getParent(node: ConfigNode | CommentNode): ConfigNode | undefined {
		return "parent" in node ? (node.parent ?? undefined) : undefined;
	}

	getInlineConfigNodes(): CommentNode[] {
		this.#configComments ??= this.comments.filter(({ value }) => CONFIG_COMMENT.test(value));
		return this.#configComments;
	}

	getDisableDirectives(): { problems: FileProblem[]; directives: Directive[] } {
		const problems: FileProblem[] = [];
		const directives: Directive[] = [];
		for (const node of this.getInlineConfigNodes()) {
			const { label, value, justification } = comments.parseDirective(node.value) ?? {};
			const type = label === undefined ? undefined : DIRECTIVES[label];
			if (!type) continue;
			if (type === "disable-line" && node.loc.start.line !== node.loc.end.line) {
				problems.push({ ruleId: null, message: `A ${label} comment must not span several lines.`, loc: node.loc });
			} else {
				directives.push(new Directive({ type, node, value: value ?? "", justification: justification ?? "" }));
			}
		}
		return { problems, directives };
	}

	applyInlineConfig(): { problems: FileProblem[]; configs: { config: { rules: RulesConfig }; loc: CommentNode["loc"] }[] } {
		const problems: FileProblem[] = [];
		const configs: { config: { rules: RulesConfig }; loc: CommentNode["loc"] }[] = [];
		for (const node of this.getInlineConfigNodes()) {
			if (node.type === "Line" && !RULE_SETTING.test(node.value)) continue;
			const directive = comments.parseDirective(node.value);
			if (directive?.label !== "eslint") continue;
			const parsed = comments.parseJSONLikeConfig(directive.value);
			if (parsed.ok) configs.push({ config: { rules: parsed.config }, loc: node.loc });
			else problems.push({ ruleId: null, message: parsed.error.message, loc: node.loc });
		}
		return { problems, configs };
	}

	override traverse(): Iterable<VisitNodeStep> {
		if (this.#steps) return this.#steps;
		const steps: VisitNodeStep[] = [];
		// A stack of its own: the depth of a file must not become the depth of the call stack.
		const pending: { readonly node: ConfigNode; readonly phase: 1 | 2 }[] = [{ node: this.ast, phase: 1 }];
		for (let next = pending.pop(); next; next = pending.pop()) {
			const { node, phase } = next;
			steps.push(new VisitNodeStep({ target: node, phase, args: [node, node.parent] }));
			if (phase === 2) continue;
			pending.push({ node, phase: 2 });
			for (const child of childrenOf(node).toReversed()) pending.push({ node: child, phase: 1 });
		}
		this.#steps = steps;
		return steps;
	}

	/* From here on: for the rules of other plugins. */

	readonly #scope = {
		type: "global",
		set: new Map<string, never>(),
		variables: [],
		references: [],
		through: [],
		childScopes: [],
		upper: null,
		isStrict: true,
		functionExpressionScope: false,
		implicit: { variables: [], set: new Map<string, never>(), left: [] },
	};
	readonly scopeManager = { scopes: [this.#scope], globalScope: this.#scope, acquire: nothing, acquireAll: none, getDeclaredVariables: none };
	/** Typed rules insist on a program in `create`; they never meet a node here, so an inert one will do. */
	readonly parserServices = {
		program: {
			getTypeChecker: () => ({}),
			getCompilerOptions: () => ({}),
			getSourceFile: () => undefined,
			getSourceFiles: none,
			getRootFileNames: none,
		},
		esTreeNodeToTSNodeMap: new WeakMap<object, never>(),
		tsNodeToESTreeNodeMap: new WeakMap<object, never>(),
		getTypeAtLocation: () => undefined,
		getSymbolAtLocation: () => undefined,
	};
	readonly visitorKeys = visitorKeys;
	readonly tokensAndComments: readonly never[] = [];
	readonly hasBOM = false;

	getAllComments(): readonly CommentNode[] {
		return this.comments;
	}
	getScope(): unknown {
		return this.#scope;
	}
	readonly getComments = none;
	readonly getCommentsInside = none;
	readonly getCommentsBefore = none;
	readonly getCommentsAfter = none;
	readonly commentsExistBetween = () => false;
	readonly getTokens = none;
	readonly getTokensBefore = none;
	readonly getTokensAfter = none;
	readonly getTokensBetween = none;
	readonly getFirstTokens = none;
	readonly getLastTokens = none;
	readonly getFirstToken = nothing;
	readonly getLastToken = nothing;
	readonly getTokenBefore = nothing;
	readonly getTokenAfter = nothing;
	readonly getFirstTokenBetween = nothing;
	readonly getLastTokenBetween = nothing;
	readonly getTokenByRangeStart = nothing;
	readonly getTokenOrCommentBefore = nothing;
	readonly getTokenOrCommentAfter = nothing;
	readonly getNodeByRangeIndex = nothing;
	readonly getJSDocComment = nothing;
	readonly getDeclaredVariables = none;
	readonly isGlobalReference = () => false;
	readonly isSpaceBetween = () => false;
	readonly isSpaceBetweenTokens = () => false;
	readonly markVariableAsUsed = () => false;
}
