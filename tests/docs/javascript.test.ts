/**
 * JavaScript is parsed by ESLint's own parser, which leaves out all that TypeScript adds to a tree. Every example of the
 * pages, as JavaScript, has the same findings under both parsers.
 */
import * as typescriptParser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import plugin from "../../src/index.ts";
import { prefix } from "../../src/meta.ts";
import { rules } from "../../src/rules/index.ts";
import { readPages } from "./fences.ts";

/** The example without its types; classes that the configuration would name still have their constructor or base. */
function javaScript(code: string): string {
	return ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: false } }).outputText;
}

const linter = new Linter({ cwd: import.meta.dirname });
const everyRule = Object.fromEntries(rules.map(({ name }) => [`${prefix}/${name}`, "error" as const]));

function findings(code: string, parser?: Linter.Parser): string[] {
	const config: Linter.Config = { files: ["**/*.js"], plugins: { [prefix]: plugin }, rules: everyRule, ...(parser && { languageOptions: { parser } }) };
	return linter.verify(code, [config], { filename: "object.js" }).map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`);
}

const examples = [...readPages().values()].flatMap(({ rule, examples: all }) => all.filter(({ language }) => language === "ts" || language === "js").map((example) => [`${rule}.md:${example.line}`, example] as const));

describe("the examples as JavaScript", () => {
	it("are many", () => {
		expect(examples.length).toBeGreaterThan(100);
	});

	it.each(examples)("%s: the same findings under both parsers", (_, { code }) => {
		const text = javaScript(code);
		expect(findings(text)).toEqual(findings(text, typescriptParser as Linter.Parser));
	});

	it("of classes without a base, of which it is asked what they implement", () => {
		const code = "class Plain { constructor(state, other) { this.state = state; } fetch() { const pair = new WebSocketPair(); this.state.acceptWebSocket(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); } }\nclass Other { run() {} }\nexport { Plain, Other };\n";
		expect(findings(code)).toEqual(findings(code, typescriptParser as Linter.Parser));
	});
});
