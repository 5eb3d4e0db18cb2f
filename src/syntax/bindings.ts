import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";

/** What an import binding stands for: `name` is the exported name, `default`, or `*` for a namespace. */
export interface ImportedName {
	readonly module: string;
	readonly name: string;
	readonly isTypeOnly: boolean;
}

/** Which variable each identifier of a file refers to, computed once from ESLint's scopes. */
export class Bindings {
	readonly scopeManager: Scope.ScopeManager;
	readonly #variables = new Map<TSESTree.Node, Scope.Variable>();

	constructor(scopeManager: Scope.ScopeManager) {
		this.scopeManager = scopeManager;
		for (const scope of scopeManager.scopes) {
			for (const reference of scope.references) {
				if (reference.resolved) this.#variables.set(reference.identifier, reference.resolved);
			}
			for (const variable of scope.variables) {
				for (const identifier of variable.identifiers) this.#variables.set(identifier, variable);
			}
		}
	}

	/** The variable that an identifier reads, writes or declares; null for an undeclared global. */
	variableOf(identifier: TSESTree.Node): Scope.Variable | null {
		return this.#variables.get(identifier) ?? null;
	}

	/** True when the identifier is the global of that name, not a local that shadows it. What a file only declares (`declare class`) is still the global. */
	isGlobal(node: TSESTree.Node, name: string): boolean {
		if (node.type !== "Identifier" || node.name !== name) return false;
		const variable = this.variableOf(node);
		return variable === null || variable.defs.every(isAmbient);
	}

	/** What an identifier imports, or null when it is no import binding. */
	importOf(identifier: TSESTree.Node): ImportedName | null {
		const variable = this.variableOf(identifier);
		return variable && importedBy(variable);
	}

	/** Resolves `Name` and `namespace.Name` to the import that they come from. */
	importedMember(node: TSESTree.Node): ImportedName | null {
		if (node.type === "Identifier") return this.importOf(node);
		if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
			const namespace = this.importOf(node.object);
			if (namespace?.name === "*") return { ...namespace, name: node.property.name };
		}
		return null;
	}
}

/** `declare class`, `declare function`, `declare const`, an interface beside it: types for something that is there at run time anyway. */
function isAmbient({ node, parent }: Scope.Definition): boolean {
	if (node.type === "TSInterfaceDeclaration" || node.type === "TSTypeAliasDeclaration") return true;
	const declaration = parent?.type === "VariableDeclaration" ? parent : node;
	return "declare" in declaration && declaration.declare;
}

export function importedBy(variable: Scope.Variable): ImportedName | null {
	for (const definition of variable.defs) {
		if (definition.type !== "ImportBinding") continue;
		const { node, parent } = definition;
		if (parent?.type !== "ImportDeclaration") continue;
		const module = parent.source.value;
		const isTypeOnly = parent.importKind === "type" || (node.type === "ImportSpecifier" && node.importKind === "type");
		if (node.type === "ImportDefaultSpecifier") return { module, name: "default", isTypeOnly };
		if (node.type === "ImportNamespaceSpecifier") return { module, name: "*", isTypeOnly };
		if (node.type === "ImportSpecifier") {
			const { imported } = node;
			return { module, name: imported.type === "Identifier" ? imported.name : imported.value, isTypeOnly };
		}
	}
	// const { DurableObject } = await import("cloudflare:workers") and require() are left to origin tracing.
	return null;
}
