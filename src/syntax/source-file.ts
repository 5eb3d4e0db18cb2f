import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { SourceCode } from "eslint";
import { Bindings } from "./bindings.ts";
import { childrenOf, type VisitorKeys, walk, WalkedTree } from "./walk.ts";

/** One parsed JavaScript or TypeScript file, with its bindings. Every analysis of a file shares one instance. */
export class SourceFile {
	readonly text: string;
	readonly ast: TSESTree.Program;
	readonly visitorKeys: VisitorKeys;
	readonly bindings: Bindings;
	readonly #walked: WalkedTree | null;

	private constructor(text: string, ast: TSESTree.Program, visitorKeys: VisitorKeys, scopeManager: Scope.ScopeManager, walked: WalkedTree | null) {
		this.text = text;
		this.ast = ast;
		this.visitorKeys = visitorKeys;
		this.bindings = new Bindings(scopeManager);
		this.#walked = walked;
	}

	/** ESLint's own types say ESTree; whatever the parser, the tree is a subset of TSESTree. The one place where that is said. */
	static of(sourceCode: SourceCode): SourceFile {
		const ast = sourceCode.ast as unknown as TSESTree.Program;
		let file = files.get(ast);
		if (!file) {
			const scopes = sourceCode.scopeManager as unknown as Scope.ScopeManager;
			file = new SourceFile(sourceCode.text, ast, sourceCode.visitorKeys, scopes, WalkedTree.of(sourceCode));
			files.set(ast, file);
		}
		return file;
	}

	/** A file that is not the one that is linted, parsed by ourselves. Its nodes learn their parents here, as ESLint has them do. */
	static parsed(text: string, { ast, visitorKeys, scopeManager }: { readonly ast: TSESTree.Program; readonly visitorKeys: VisitorKeys; readonly scopeManager: Scope.ScopeManager }): SourceFile {
		walk(ast, visitorKeys, (parent) => {
			for (const child of childrenOf(parent, visitorKeys)) child.parent = parent;
		});
		return new SourceFile(text, ast, visitorKeys, scopeManager, null);
	}

	/** Visits a part of the file in source order; `enter` returns `false` to leave out a node's children. */
	walk(root: TSESTree.Node, enter: (node: TSESTree.Node) => boolean | void): void {
		if (!this.#walked?.walk(root, enter)) walk(root, this.visitorKeys, enter);
	}

	textOf(node: TSESTree.Node): string {
		return this.text.slice(node.range[0], node.range[1]);
	}
}

/** Keyed by AST: hosts other than ESLint reuse one SourceCode object for many files. */
const files = new WeakMap<TSESTree.Program, SourceFile>();
