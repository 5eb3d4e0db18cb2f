import type { File, Language, LanguageOptions, OkParseResult, ParseResult } from "@eslint/core";
import { type ConfigNode, type DocumentNode, visitorKeys } from "./document.ts";
import { parseConfig } from "./parse.ts";
import { WranglerSourceCode } from "./source-code.ts";

const textOf = (file: File): string => (typeof file.body === "string" ? file.body : new TextDecoder().decode(file.body));

/** The ESLint language `durable-objects/wrangler`: `wrangler.json`, `wrangler.jsonc` and `wrangler.toml`, one tree for all. */
export const wranglerLanguage: Language<{ LangOptions: LanguageOptions; Code: WranglerSourceCode; RootNode: DocumentNode; Node: ConfigNode }> = {
	fileType: "text",
	lineStart: 1,
	columnStart: 0,
	nodeTypeKey: "type",
	visitorKeys,
	// Rules for JavaScript read `parserOptions` without looking whether it is there.
	defaultLanguageOptions: { parserOptions: {} },
	// Blocks without `files` push `parser`, `globals` and the like into this language too: nothing to complain about.
	validateLanguageOptions() {},
	parse(file: File): ParseResult<DocumentNode> {
		const parsed = parseConfig(textOf(file), file.path);
		if (parsed.ok) return { ok: true, ast: parsed.document };
		const { message, line, column } = parsed.problem;
		// Errors are shown as given, and people count columns from 1.
		return { ok: false, errors: [{ message, line, column: column + 1 }] };
	},
	createSourceCode(file: File, { ast }: OkParseResult<DocumentNode>): WranglerSourceCode {
		return new WranglerSourceCode({ text: textOf(file), ast });
	},
};
