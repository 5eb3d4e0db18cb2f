/** What rules about code judge: a Durable Object class, or a file's use of other objects. */
import type { AST } from "eslint";
import { basename } from "node:path";
import { durableObjectsOf, mayCallObjects, mayDeclareDurableObject, objectUseOf } from "../model/index.ts";
import type { ObjectUse } from "../model/stubs.ts";
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

/** A file's calls of other objects; named by the file, since such code need not be in a class. */
export const caller: Subject<ObjectUse & { readonly filename: string }> = {
	kind: "caller",
	languages,
	mayOccur: mayCallObjects,
	find(file) {
		const use = objectUseOf(file);
		return use ? [{ ...use, filename: file.filename }] : [];
	},
	describe: ({ filename, addressings, calls, file }) => ({ name: basename(filename), at: located((addressings[0] ?? calls[0])?.node ?? file.ast) }),
};

/** An AST node as a place in the source: the parsers' types differ, the shapes do not. */
export function located(node: { readonly loc: AST.SourceLocation; readonly range: readonly [number, number] }): Located {
	return node;
}

function headOf(node: DurableObjectClass["node"]): Located {
	const { start } = node.loc;
	return { loc: { start, end: { line: start.line, column: start.column + "class".length } }, range: [node.range[0], node.range[0] + "class".length] };
}
