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

/** Files that are looked at for one name, before it is given up. */
const MAX_FILES = 64;

/** One search for a function: each file is asked for each name once, so that files which re-export each other end it. */
class Search {
	readonly #reader: SourceReader;
	readonly #asked = new Set<string>();

	constructor(reader: SourceReader) {
		this.#reader = reader;
	}

	imported(from: string, source: string, name: string): ModuleFunction | null {
		const path = resolveImport(from, source, this.#reader);
		const question = `${path ?? ""}\0${name}`;
		if (path === null || this.#asked.has(question) || this.#asked.size >= MAX_FILES) return null;
		this.#asked.add(question);
		const module = moduleAt(path, this.#reader);
		if (!module) return null;
		const { body } = module.file.ast;
		for (const statement of body) {
			const found = this.#exportedBy(statement, name, module);
			if (found) return found;
		}
		if (name === "default") return null;
		for (const statement of body) {
			const found = statement.type === "ExportAllDeclaration" && statement.exported === null ? this.imported(path, statement.source.value, name) : null;
			if (found) return found;
		}
		return null;
	}

	#exportedBy(statement: TSESTree.ProgramStatement, name: string, module: Module): ModuleFunction | null {
		if (statement.type === "ExportDefaultDeclaration") return name === "default" ? this.functionOf(statement.declaration, module) : null;
		if (statement.type !== "ExportNamedDeclaration") return null;
		const { declaration } = statement;
		if (declaration?.type === "FunctionDeclaration") return declaration.id?.name === name ? { fn: declaration, module } : null;
		if (declaration?.type === "VariableDeclaration") {
			const declarator = declaration.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
			return declarator?.init ? this.functionOf(declarator.init, module) : null;
		}
		for (const { exported, local } of statement.specifiers) {
			if (nameOf(exported) !== name) continue;
			if (statement.source) return this.imported(module.path, statement.source.value, nameOf(local));
			return local.type === "Identifier" ? this.functionOf(local, module) : null;
		}
		return null;
	}

	functionOf(start: TSESTree.Node, module: Module): ModuleFunction | null {
		const node = unwrap(start);
		if (isFunction(node)) return { fn: node, module };
		const imported = module.file.bindings.importedMember(node);
		if (imported) return this.imported(module.path, imported.module, imported.name);
		if (node.type !== "Identifier") return null;
		const [definition, ...others] = module.file.bindings.variableOf(node)?.defs ?? [];
		if (!definition || others.length > 0) return null;
		if (definition.type === "FunctionName") return isFunction(definition.node) ? { fn: definition.node, module } : null;
		if (definition.type !== "Variable" || definition.parent.kind !== "const" || definition.node.id.type !== "Identifier") return null;
		const init = definition.node.init && unwrap(definition.node.init);
		return init && isFunction(init) ? { fn: init, module } : null;
	}
}

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
export function importedFunction(from: string, source: string, name: string, reader: SourceReader): ModuleFunction | null {
	return new Search(reader).imported(from, source, name);
}

/** The function that an expression of a module stands for: inline, by its name, or imported once more. */
export function functionOf(node: TSESTree.Node, module: Module, reader: SourceReader): ModuleFunction | null {
	return new Search(reader).functionOf(node, module);
}

function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
	return node.type === "Identifier" ? node.name : node.value;
}
