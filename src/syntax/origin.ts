/**
 * Where a value comes from: follows variables, destructuring and member chains back to the expression, parameter, import
 * or global that made it. `const { storage } = this.ctx` makes `storage` the origin `this` with the path `ctx`, `storage`.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import { importedBy } from "./bindings.ts";
import { type FunctionNode, isFunction, propertyName, unwrap } from "./nodes.ts";
import type { SourceFile } from "./source-file.ts";

export type Root =
	| { readonly kind: "this"; readonly node: TSESTree.ThisExpression }
	| { readonly kind: "parameter"; readonly fn: FunctionNode; readonly index: number; readonly annotation: TSESTree.TypeNode | null }
	| { readonly kind: "import"; readonly module: string; readonly name: string }
	| { readonly kind: "global"; readonly name: string }
	/** An expression that is looked into no further: a call, `new`, a literal, an operator, a function. */
	| { readonly kind: "expression"; readonly node: TSESTree.Node };

export interface Origin {
	readonly root: Root;
	/** Properties read from the root, outermost last; `*` for a computed one. */
	readonly path: readonly string[];
}

const MAX_DEPTH = 24;
const MAX_ORIGINS = 8;

/** Expands a property of a traced object into further origins: how the model follows `this.field`. Null: leave as it is. */
export type Expand = (root: Root, path: readonly string[]) => readonly TSESTree.Node[] | null;

/**
 * All that a value may come from, at most eight; an empty list when a value cannot be followed or follows too many ways.
 *
 * @param expand - asked for each `this.x...` path; its nodes replace the first step of the path
 */
export function originsOf(node: TSESTree.Node, file: SourceFile, expand?: Expand): readonly Origin[] {
	const found: Origin[] = [];
	const isComplete = new Tracer(file, expand, found).trace(node, [], MAX_DEPTH);
	return isComplete ? found : [];
}

/** The single origin of a value, or null when there is none or several. */
export function originOf(node: TSESTree.Node, file: SourceFile, expand?: Expand): Origin | null {
	const origins = originsOf(node, file, expand);
	return origins.length === 1 ? (origins[0] as Origin) : null;
}

class Tracer {
	readonly #file: SourceFile;
	readonly #expand: Expand | undefined;
	readonly #found: Origin[];
	readonly #seen = new Map<unknown, Set<string>>();

	constructor(file: SourceFile, expand: Expand | undefined, found: Origin[]) {
		this.#file = file;
		this.#expand = expand;
		this.#found = found;
	}

	/** Adds the origins of `node` followed by `path`; false when they cannot all be told. */
	trace(start: TSESTree.Node, path: readonly string[], depth: number): boolean {
		const node = unwrap(start);
		if (depth === 0) return false;
		switch (node.type) {
			case "Identifier":
				return this.#identifier(node, path, depth - 1);
			case "ThisExpression":
				return this.#end({ kind: "this", node }, path, depth - 1);
			case "MemberExpression":
				return this.trace(node.object, [propertyName(node) ?? "*", ...path], depth - 1);
			case "AwaitExpression":
				// Awaiting a value that is no promise gives the value; a promise's origin is its own expression.
				return this.trace(node.argument, path, depth - 1);
			case "AssignmentExpression":
				return node.operator === "=" ? this.trace(node.right, path, depth - 1) : this.#end({ kind: "expression", node }, path, depth);
			case "SequenceExpression":
				return this.trace(node.expressions.at(-1) as TSESTree.Node, path, depth - 1);
			case "ConditionalExpression":
				return this.trace(node.consequent, path, depth - 1) && this.trace(node.alternate, path, depth - 1);
			case "LogicalExpression": {
				const right = this.trace(node.right, path, depth - 1);
				return node.operator === "&&" ? right : this.trace(node.left, path, depth - 1) && right;
			}
			default:
				return this.#end({ kind: "expression", node }, path, depth - 1);
		}
	}

	#end(root: Root, path: readonly string[], depth: number): boolean {
		const expanded = this.#expand?.(root, path);
		if (expanded && path.length > 0) {
			const rest = path.slice(1);
			return expanded.every((node) => this.#once(node, rest.join(".")) || this.trace(node, rest, depth));
		}
		if (this.#found.some((origin) => sameOrigin(origin, root, path))) return true;
		if (this.#found.length === MAX_ORIGINS) return false;
		this.#found.push({ root, path });
		return true;
	}

	/** True when this node was followed with the same path before: cycles end, and add nothing. */
	#once(node: unknown, path: string): boolean {
		const paths = this.#seen.get(node);
		if (paths?.has(path)) return true;
		if (paths) paths.add(path);
		else this.#seen.set(node, new Set([path]));
		return false;
	}

	#identifier(node: TSESTree.Identifier, path: readonly string[], depth: number): boolean {
		const variable = this.#file.bindings.variableOf(node);
		if (!variable || variable.defs.length === 0) {
			return this.#end(node.name === "undefined" ? { kind: "expression", node } : { kind: "global", name: node.name }, path, depth);
		}
		const imported = importedBy(variable);
		if (imported) {
			if (imported.name === "*" && path.length > 0) {
				return this.#end({ kind: "import", module: imported.module, name: path[0] as string }, path.slice(1), depth);
			}
			return this.#end({ kind: "import", module: imported.module, name: imported.name }, path, depth);
		}
		if (this.#once(variable, path.join("."))) return true;
		return variable.defs.every((definition) => this.#definition(variable, definition, node, path, depth));
	}

	#definition(variable: Scope.Variable, definition: Scope.Definition, use: TSESTree.Identifier, path: readonly string[], depth: number): boolean {
		switch (definition.type) {
			case "Parameter": {
				const fn = definition.node;
				if (!isFunction(fn)) return false;
				const index = fn.params.findIndex((parameter) => parameter.range[0] <= definition.name.range[0] && definition.name.range[1] <= parameter.range[1]);
				const parameter = fn.params[index];
				if (!parameter) return false;
				const pattern = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
				const inner = patternPath(pattern, definition.name);
				if (!inner || this.#isReassigned(variable)) return false;
				return this.#end({ kind: "parameter", fn, index, annotation: annotationOf(pattern) }, [...inner, ...path], depth);
			}
			case "Variable": {
				const declarator = definition.node;
				const declaration = declarator.parent;
				const loop = declaration.parent;
				const isLoopVariable = (loop.type === "ForOfStatement" || loop.type === "ForInStatement") && loop.left === declaration;
				if (isLoopVariable) return this.#end({ kind: "expression", node: declarator }, path, depth);
				const inner = patternPath(declarator.id, definition.name);
				if (!inner) return false;
				const isFollowed = !declarator.init || this.trace(declarator.init, [...inner, ...path], depth);
				return isFollowed && this.#laterWrites(variable, path, depth);
			}
			case "FunctionName":
			case "ClassName":
				return this.#end({ kind: "expression", node: definition.node }, path, depth);
			default:
				return this.#end({ kind: "expression", node: use }, path, depth);
		}
	}

	#isReassigned(variable: Scope.Variable): boolean {
		return variable.references.some((reference) => reference.isWrite() && !reference.init);
	}

	#laterWrites(variable: Scope.Variable, path: readonly string[], depth: number): boolean {
		return variable.references.every((reference) => {
			if (!reference.isWrite() || reference.init) return true;
			const { parent } = reference.identifier;
			if (parent?.type === "AssignmentExpression" && parent.left === reference.identifier && ["=", "??=", "||="].includes(parent.operator)) {
				return this.trace(parent.right, path, depth);
			}
			return false;
		});
	}
}

function annotationOf(pattern: TSESTree.Node): TSESTree.TypeNode | null {
	if (pattern.type === "AssignmentPattern") return annotationOf(pattern.left);
	return pattern.type === "Identifier" ? (pattern.typeAnnotation?.typeAnnotation ?? null) : null;
}

/** The properties that lead from a destructured value to the identifier inside its pattern; null for a rest element. */
function patternPath(pattern: TSESTree.Node, name: TSESTree.Node): readonly string[] | null {
	if (pattern === name) return [];
	switch (pattern.type) {
		case "AssignmentPattern":
			return patternPath(pattern.left, name);
		case "ObjectPattern":
			for (const property of pattern.properties) {
				if (property.type !== "Property" || !encloses(property.value, name)) continue;
				const inner = patternPath(property.value, name);
				const key = property.key.type === "Identifier" && !property.computed ? property.key.name : property.key.type === "Literal" ? String(property.key.value) : "*";
				return inner && [key, ...inner];
			}
			return null;
		case "ArrayPattern": {
			const index = pattern.elements.findIndex((element) => element && encloses(element, name));
			const element = pattern.elements[index];
			if (!element || element.type === "RestElement") return null;
			const inner = patternPath(element, name);
			return inner && [String(index), ...inner];
		}
		default:
			return null;
	}
}

function encloses(outer: TSESTree.Node, inner: TSESTree.Node): boolean {
	return outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1];
}

function sameOrigin(origin: Origin, root: Root, path: readonly string[]): boolean {
	if (origin.path.join("\0") !== path.join("\0") || origin.root.kind !== root.kind) return false;
	switch (root.kind) {
		case "this":
			return true;
		case "parameter":
			return origin.root.kind === "parameter" && origin.root.fn === root.fn && origin.root.index === root.index;
		case "import":
			return origin.root.kind === "import" && origin.root.module === root.module && origin.root.name === root.name;
		case "global":
			return origin.root.kind === "global" && origin.root.name === root.name;
		case "expression":
			return origin.root.kind === "expression" && origin.root.node === root.node;
	}
}
