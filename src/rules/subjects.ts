/** What rules about code judge: a Durable Object class, or a file's use of other objects. */
import type { AST } from "eslint";
import { durableObjectsOf, mayDeclareDurableObject } from "../model/index.ts";
import type { DurableObjectClass } from "../model/durable-object.ts";
import type { Subject } from "./define-rule.ts";
import type { Located } from "./verdict.ts";

/** The rules run on JavaScript; on other languages, where a config without `files` switches them on, they do nothing. */
const languages = ["js/js", "durable-objects/wrangler"];

export const durableObject: Subject<DurableObjectClass> = {
	kind: "durable-object",
	languages,
	mayOccur: mayDeclareDurableObject,
	find: durableObjectsOf,
	describe: ({ name, node }) => ({ name, at: located(node.id ?? headOf(node)) }),
};

/** An AST node as a place in the source: the parsers' types differ, the shapes do not. */
export function located(node: { readonly loc: AST.SourceLocation; readonly range: readonly [number, number] }): Located {
	return node;
}

function headOf(node: DurableObjectClass["node"]): Located {
	const { start } = node.loc;
	return { loc: { start, end: { line: start.line, column: start.column + "class".length } }, range: [node.range[0], node.range[0] + "class".length] };
}
