/** Other modules of the project, to look into the functions that a linted file imports from them. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type FunctionNode, isFunction, unwrap } from "../syntax/nodes.ts";
import { SourceFile } from "../syntax/source-file.ts";
import { parseSource, Recent, resolveImport, type SourceReader } from "../wrangler/source-files.ts";

/** A module other than the one that is linted. */
export interface Module {
	/** Absolute path. */
	readonly path: string;
	readonly file: SourceFile;
}

/** A function, and the module that declares it. */
export interface ModuleFunction {
	readonly fn: FunctionNode;
	readonly module: Module;
}

/** Files from a re-export to the next, before it is given up. */
const MAX_HOPS = 8;

const parsed = new Recent<{ readonly text: string; readonly module: Module | null }>();

function moduleAt(path: string, reader: SourceReader): Module | null {
	const text = reader.read(path);
	if (text === null) return null;
	const known = parsed.get(path);
	if (known?.text === text) return known.module;
	const result = parseSource(path, text);
	const module = result && { path, file: SourceFile.parsed(text, result) };
	parsed.set(path, { text, module });
	return module;
}

/**
 * The function that a module exports under a name, through re-exports; null where it is none, or cannot be found.
 *
 * @param from - absolute path of the file that imports it
 * @param source - the relative specifier as it is written
 * @param name - the exported name; `default` for the default export
 */
export function importedFunction(from: string, source: string, name: string, reader: SourceReader, hops = MAX_HOPS): ModuleFunction | null {
	const path = hops > 0 ? resolveImport(from, source, reader) : null;
	const module = path === null ? null : moduleAt(path, reader);
	if (!module) return null;
	for (const statement of module.file.ast.body) {
		const found = exportedBy(statement, name, module, reader, hops);
		if (found) return found;
	}
	if (name === "default") return null;
	for (const statement of module.file.ast.body) {
		if (statement.type !== "ExportAllDeclaration" || statement.exported !== null) continue;
		const found = importedFunction(module.path, statement.source.value, name, reader, hops - 1);
		if (found) return found;
	}
	return null;
}

function exportedBy(statement: TSESTree.ProgramStatement, name: string, module: Module, reader: SourceReader, hops: number): ModuleFunction | null {
	if (statement.type === "ExportDefaultDeclaration") return name === "default" ? functionOf(statement.declaration, module, reader, hops) : null;
	if (statement.type !== "ExportNamedDeclaration") return null;
	const { declaration } = statement;
	if (declaration?.type === "FunctionDeclaration") return declaration.id?.name === name ? { fn: declaration, module } : null;
	if (declaration?.type === "VariableDeclaration") {
		const declarator = declaration.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
		return declarator?.init ? functionOf(declarator.init, module, reader, hops) : null;
	}
	for (const { exported, local } of statement.specifiers) {
		if (nameOf(exported) !== name) continue;
		if (statement.source) return importedFunction(module.path, statement.source.value, nameOf(local), reader, hops - 1);
		return local.type === "Identifier" ? functionOf(local, module, reader, hops) : null;
	}
	return null;
}

/** The function that an expression of a module stands for: inline, by its name, or imported once more. */
export function functionOf(start: TSESTree.Node, module: Module, reader: SourceReader, hops = MAX_HOPS): ModuleFunction | null {
	const node = unwrap(start);
	if (isFunction(node)) return { fn: node, module };
	const imported = module.file.bindings.importedMember(node);
	if (imported) return importedFunction(module.path, imported.module, imported.name, reader, hops - 1);
	if (node.type !== "Identifier") return null;
	const [definition, ...others] = module.file.bindings.variableOf(node)?.defs ?? [];
	if (!definition || others.length > 0) return null;
	if (definition.type === "FunctionName") return isFunction(definition.node) ? { fn: definition.node, module } : null;
	if (definition.type !== "Variable" || definition.parent.kind !== "const" || definition.node.id.type !== "Identifier") return null;
	const init = definition.node.init && unwrap(definition.node.init);
	return init && isFunction(init) ? { fn: init, module } : null;
}

function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
	return node.type === "Identifier" ? node.name : node.value;
}
