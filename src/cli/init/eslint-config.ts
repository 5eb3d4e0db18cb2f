/** Puts the plugin into a project's ESLint configuration. */
import { parse } from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import { name as packageName, prefix } from "../../meta.ts";
import { type Edit, newlineOf } from "./edit.ts";

export const configNames = ["js", "mjs", "cjs", "ts", "mts", "cts"].map((extension) => `eslint.config.${extension}`);

const VARIABLE = "durableObjects";
export const entry = `...${VARIABLE}.configs.recommended`;
export const importLine = `import ${VARIABLE} from "${packageName}";`;
/** Node 20.19 and later load ES modules with require(). */
export const requireLine = `const ${VARIABLE} = require("${packageName}").default;`;

export const newConfig = (): string => `${importLine}
import { defineConfig } from "eslint/config";

export default defineConfig([
	{
		plugins: { "${prefix}": ${VARIABLE} },
		extends: ["${prefix}/recommended"],
	},
]);
`;

type List = TSESTree.ArrayExpression | TSESTree.CallExpression;

interface Exported {
	readonly value: TSESTree.Node;
	readonly isModule: boolean;
}

function exportedValue(program: TSESTree.Program): Exported | null {
	for (const statement of program.body) {
		if (statement.type === "ExportDefaultDeclaration") return { value: statement.declaration, isModule: true };
		if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression") continue;
		const { left, right } = statement.expression;
		const isModuleExports = left.type === "MemberExpression" && left.object.type === "Identifier" && left.object.name === "module" && left.property.type === "Identifier" && left.property.name === "exports";
		if (isModuleExports) return { value: right, isModule: false };
	}
	return null;
}

/** The list of configuration objects: an array, or the arguments of `defineConfig(...)` and its like. */
function listOf(node: TSESTree.Node, program: TSESTree.Program): List | null {
	if (node.type === "ArrayExpression") return node;
	if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression") return listOf(node.expression, program);
	if (node.type === "Identifier") {
		const declarations = program.body.flatMap((statement) => (statement.type === "VariableDeclaration" && statement.kind === "const" ? statement.declarations : []));
		const init = declarations.find(({ id }) => id.type === "Identifier" && id.name === node.name)?.init;
		return init ? listOf(init, program) : null;
	}
	if (node.type !== "CallExpression") return null;
	const { callee } = node;
	const name = callee.type === "Identifier" ? callee.name : callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : "";
	// What other functions do with their arguments is not known.
	if (!["defineConfig", "config"].includes(name)) return null;
	const [only, ...others] = node.arguments;
	return only?.type === "ArrayExpression" && others.length === 0 ? only : node;
}

interface Insertion {
	readonly at: number;
	readonly text: string;
}

/** Behind the last element, on a line of its own if the elements are. */
function appendTo(list: List, text: string): Insertion {
	const elements = list.type === "ArrayExpression" ? list.elements : list.arguments;
	const last = elements.at(-1);
	const end = list.range[1] - 1;
	if (!last) return { at: end, text: entry };
	const isSpread = text.slice(last.range[1], end).includes("\n");
	const indent = /^[ \t]*/u.exec(text.slice(text.lastIndexOf("\n", last.range[0]) + 1))?.[0] ?? "";
	return { at: last.range[1], text: isSpread ? `,\n${indent}${entry}` : `, ${entry}` };
}

function importAt(program: TSESTree.Program, isModule: boolean, text: string): Insertion {
	const isLoading = (statement: TSESTree.ProgramStatement): boolean =>
		isModule
			? statement.type === "ImportDeclaration"
			: statement.type === "VariableDeclaration" && statement.declarations.every(({ init }) => init !== null && text.slice(...init.range).startsWith("require("));
	const last = program.body.findLast(isLoading);
	const line = isModule ? importLine : requireLine;
	if (last) return { at: last.range[1], text: `\n${line}` };
	return { at: program.body[0]?.range[0] ?? 0, text: `${line}\n\n` };
}

export function withPlugin(text: string): Edit {
	if (text.includes(packageName)) return { kind: "present" };
	let program: TSESTree.Program;
	try {
		program = parse(text, { range: true, sourceType: "module" });
	} catch {
		return { kind: "unclear" };
	}
	const exported = exportedValue(program);
	const list = exported && listOf(exported.value, program);
	if (!list) return { kind: "unclear" };
	const insertions = [appendTo(list, text), importAt(program, exported.isModule, text)].sort((a, b) => b.at - a.at);
	const newline = newlineOf(text);
	return { kind: "changed", text: insertions.reduce((result, { at, text: inserted }) => result.slice(0, at) + inserted.replaceAll("\n", newline) + result.slice(at), text) };
}
