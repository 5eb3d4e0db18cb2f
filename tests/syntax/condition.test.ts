import * as parser from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import { Linter, type Rule, type SourceCode } from "eslint";
import { describe, expect, test } from "vitest";
import { areExclusive, isCaught, leaves } from "../../src/syntax/branches.ts";
import { holds, numberOf, type Supposition } from "../../src/syntax/condition.ts";
import { enclosingFunction } from "../../src/syntax/nodes.ts";
import { SourceFile } from "../../src/syntax/source-file.ts";

function fileOf(code: string): SourceFile {
	let source: SourceCode | undefined;
	const probe: Rule.RuleModule = {
		create: (context) => ({
			Program() {
				source = context.sourceCode;
			},
		}),
	};
	new Linter().verify(code, [{ files: ["**/*.ts"], languageOptions: { parser }, plugins: { probe: { rules: { probe } } }, rules: { "probe/probe": "error" } }], { filename: "file.ts" });
	if (!source) throw new Error("the text does not parse");
	return SourceFile.of(source);
}

/** The expression that `result` is given, with the parameter `code` supposed to be 1005. */
function supposing(expression: string): { readonly node: TSESTree.Node; readonly supposition: Supposition } {
	const file = fileOf(`const LIST = [1005, 1006]; const OTHER = new Set([1000]); function f(code, other) { const mapped = code === 1005 ? 1000 : code; const result = ${expression}; }`);
	let found: { node: TSESTree.Node; supposition: Supposition } | undefined;
	file.walk(file.ast, (node) => {
		if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier" || node.id.name !== "result" || !node.init) return;
		const parameter = enclosingFunction(node)?.params[0];
		const variable = parameter && file.bindings.variableOf(parameter);
		if (variable) found = { node: node.init, supposition: { variable, value: 1005, file } };
	});
	if (!found) throw new Error("no result");
	return found;
}

describe("a condition, supposing a value", () => {
	test.each([
		["code === 1005", true],
		["1006 == code", false],
		["code !== 1006", true],
		["code > 1000 && code <= 1005", true],
		["code < 1000 || code >= 3000", false],
		["!(code === 1005)", false],
		["code", true],
		["LIST.includes(code)", true],
		["OTHER.has(code)", false],
		["[other, 1005].includes(code)", true],
		["[other].includes(code)", null],
		["mapped === 1000", true],
		["code === 1005 || other", true],
		["code === 1005 && other", null],
		["code === 1006 && other", false],
		["other === 1", null],
		["isFine(code)", null],
	])("%s", (expression, expected) => {
		const { node, supposition } = supposing(expression);
		expect(holds(node, supposition)).toBe(expected);
	});

	test.each([
		["code", 1005],
		["code || 1000", 1005],
		["code ?? 1000", 1005],
		["code === 1005 ? 1000 : code", 1000],
		["mapped", 1000],
		["1000 + 1", 1001],
		["other", null],
		["other ? 1 : 2", null],
		["clamp(code)", null],
	])("the number %s", (expression, expected) => {
		const { node, supposition } = supposing(expression);
		expect(numberOf(node, supposition)).toBe(expected);
	});
});

describe("branches", () => {
	/** The calls of `a` and `b` in a function body. */
	function calls(body: string): { readonly a: TSESTree.Node; readonly b: TSESTree.Node } {
		const file = fileOf(`function f() { ${body} }`);
		const found = new Map<string, TSESTree.Node>();
		file.walk(file.ast, (node) => {
			if (node.type === "CallExpression") found.set(file.textOf(node.callee), node);
		});
		return { a: found.get("a") as TSESTree.Node, b: found.get("b") as TSESTree.Node };
	}

	test.each([
		["a(); b();", false],
		["if (x) { a(); } else { b(); }", true],
		["if (x) { a(); } b();", false],
		["if (x) { a(); return; } b();", true],
		["if (x) { a(); throw new Error(); } b();", true],
		["if (x) return a(); b();", true],
		["x ? a() : b();", true],
		["if (a()) { b(); }", false],
		["if (x) { if (y) { a(); } b(); }", false],
		["switch (x) { case 1: a(); break; default: b(); }", true],
		["try { a(); } finally { b(); }", false],
	])("%s", (body, expected) => {
		const { a, b } = calls(body);
		expect(areExclusive(a, b)).toBe(expected);
		expect(areExclusive(b, a)).toBe(expected);
	});

	test.each([
		["try { a(); } catch {}", true],
		["try { b(); } catch { a(); }", false],
		["try { a(); } finally {}", false],
		["try { list.forEach(() => a()); } catch {}", false],
	])("caught: %s", (body, expected) => expect(isCaught(calls(body).a, null) !== null).toBe(expected));

	test.each([
		["{ a(); return; }", true],
		["if (x) { return; } else { throw 1; }", true],
		["if (x) { return; }", false],
		["{ a(); }", false],
		["{}", false],
	])("leaves: %s", (statement, expected) => {
		const file = fileOf(`function f() { ${statement} }`);
		const [fn] = file.ast.body;
		expect(leaves((fn as TSESTree.FunctionDeclaration).body.body[0] as TSESTree.Node)).toBe(expected);
	});
});
