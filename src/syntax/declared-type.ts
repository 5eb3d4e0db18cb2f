/** The type that the source of a file declares for an expression: annotations, interfaces and aliases, without a type checker. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { SourceFile } from "./source-file.ts";
import { calledMember, contains, enclosingClass, type FunctionNode, isFunction, keyName, propertyName, wrapped } from "./nodes.ts";

const DEPTH = 8;
/** Methods of a list that hand each element, or two of them, to a function as its first parameters, and how many. */
const handingElements: Readonly<Record<string, number>> = {
	map: 1, forEach: 1, filter: 1, flatMap: 1, find: 1, findIndex: 1, findLast: 1, findLastIndex: 1, some: 1, every: 1, sort: 2, toSorted: 2,
};
/** Methods that give a list of the same elements. */
const keepingElements: ReadonlySet<string> = new Set(["filter", "slice", "sort", "toSorted", "reverse", "toReversed", "concat"]);

/** The declared type of an expression, aliases of the same file resolved; null where none is written. */
export function declaredType(node: TSESTree.Node, file: SourceFile): TSESTree.TypeNode | null {
	const type = typeOf(node, file, DEPTH);
	return type && resolvedType(type, file);
}

/** The type that an alias of the same file stands for; any other type as it is. */
export function resolvedType(type: TSESTree.TypeNode, file: SourceFile): TSESTree.TypeNode {
	let current = type;
	for (let depth = 0; depth < DEPTH; depth++) {
		const declaration = declarationOf(current, file);
		if (declaration?.type !== "TSTypeAliasDeclaration" || declaration.typeParameters) return current;
		current = declaration.typeAnnotation;
	}
	return current;
}

/** The members of a union, `undefined` and `null` left out; the type itself where it is no union. */
export function presentTypes(type: TSESTree.TypeNode, file: SourceFile, depth = DEPTH): readonly TSESTree.TypeNode[] {
	if (depth === 0) return [type];
	const resolved = resolvedType(type, file);
	if (resolved.type === "TSUnionType") return resolved.types.flatMap((part) => presentTypes(part, file, depth - 1));
	return resolved.type === "TSUndefinedKeyword" || resolved.type === "TSNullKeyword" ? [] : [resolved];
}

function typeOf(node: TSESTree.Node, file: SourceFile, depth: number): TSESTree.TypeNode | null {
	if (depth === 0) return null;
	switch (node.type) {
		case "TSAsExpression":
		case "TSTypeAssertion":
			return isConst(node.typeAnnotation) ? typeOf(node.expression, file, depth - 1) : node.typeAnnotation;
		case "TSNonNullExpression":
		case "ChainExpression":
		case "TSSatisfiesExpression":
			return typeOf(node.expression, file, depth - 1);
		case "MemberExpression": {
			const name = propertyName(node);
			if (node.object.type === "ThisExpression") return name === null ? null : fieldType(node, name);
			const holder = typeOf(node.object, file, depth - 1);
			if (!holder) return null;
			return node.computed && name === null ? elementType(holder, file) : name === null ? null : memberType(holder, name, file, depth - 1);
		}
		case "Identifier":
			return variableType(node, file, depth);
		case "CallExpression": {
			const called = calledMember(node);
			const list = called && keepingElements.has(called.name) ? typeOf(called.object, file, depth - 1) : null;
			return list && elementType(list, file) ? list : null;
		}
		default:
			return null;
	}
}

const isConst = (type: TSESTree.TypeNode): boolean => type.type === "TSTypeReference" && type.typeName.type === "Identifier" && type.typeName.name === "const";

function fieldType(node: TSESTree.Node, name: string): TSESTree.TypeNode | null {
	for (const element of enclosingClass(node)?.body.body ?? []) {
		if (element.type === "PropertyDefinition" && keyName(element) === name) return element.typeAnnotation?.typeAnnotation ?? null;
	}
	return null;
}

function variableType(node: TSESTree.Identifier, file: SourceFile, depth: number): TSESTree.TypeNode | null {
	const definition = file.bindings.variableOf(node)?.defs[0];
	if (definition?.type === "Parameter" && isFunction(definition.node)) {
		const index = definition.node.params.findIndex((candidate) => contains(candidate, definition.name));
		const parameter = definition.node.params[index];
		return parameter ? patternType(parameter.type === "TSParameterProperty" ? parameter.parameter : parameter, definition.name, handedType(definition.node, index, file, depth), file, depth) : null;
	}
	if (definition?.type !== "Variable") return null;
	const declarator = definition.node;
	const loop = declarator.parent.parent;
	const source = loop.type === "ForOfStatement" && loop.left === declarator.parent ? elementOf(typeOf(loop.right, file, depth - 1), file) : declarator.init ? typeOf(declarator.init, file, depth - 1) : null;
	return patternType(declarator.id, definition.name, source, file, depth);
}

/** The type of what a list hands to a function as a parameter: `rows.map((row) => row.id)`. */
function handedType(fn: FunctionNode, index: number, file: SourceFile, depth: number): TSESTree.TypeNode | null {
	const outer = wrapped(fn);
	const { parent: call } = outer;
	const called = call?.type === "CallExpression" && call.arguments[0] === outer ? calledMember(call) : null;
	if (!called || !Object.hasOwn(handingElements, called.name) || index >= (handingElements[called.name] ?? 0)) return null;
	return elementOf(typeOf(called.object, file, depth - 1), file);
}

const elementOf = (type: TSESTree.TypeNode | null, file: SourceFile): TSESTree.TypeNode | null => type && elementType(type, file);

/** The type of a name inside a pattern: the pattern's own annotation, or the type of what is destructured. */
function patternType(pattern: TSESTree.Node, name: TSESTree.Node, source: TSESTree.TypeNode | null, file: SourceFile, depth: number): TSESTree.TypeNode | null {
	switch (pattern.type) {
		case "AssignmentPattern":
			return patternType(pattern.left, name, source, file, depth);
		case "Identifier":
			return pattern.typeAnnotation?.typeAnnotation ?? source;
		case "ObjectPattern": {
			const type = pattern.typeAnnotation?.typeAnnotation ?? source;
			const property = pattern.properties.find((candidate) => contains(candidate, name));
			if (!type || property?.type !== "Property") return null;
			const key = keyName(property);
			const member = key === null ? null : memberType(type, key, file, depth - 1);
			return member && patternType(property.value, name, member, file, depth - 1);
		}
		default:
			return null;
	}
}

function memberType(start: TSESTree.TypeNode, name: string, file: SourceFile, depth: number): TSESTree.TypeNode | null {
	if (depth === 0) return null;
	const [type, ...others] = presentTypes(start, file);
	if (!type || others.length > 0) return null;
	switch (type.type) {
		case "TSTypeLiteral":
			return memberOf(type.members, name);
		case "TSIntersectionType":
			for (const part of type.types) {
				const found = memberType(part, name, file, depth - 1);
				if (found) return found;
			}
			return null;
		case "TSTypeReference": {
			const declaration = declarationOf(type, file);
			if (declaration?.type === "TSInterfaceDeclaration") return memberOf(declaration.body.body, name);
			const wrapper = type.typeName.type === "Identifier" ? type.typeName.name : "";
			const [inner] = type.typeArguments?.params ?? [];
			return inner && ["Partial", "Required", "Readonly", "Omit", "Pick"].includes(wrapper) ? memberType(inner, name, file, depth - 1) : null;
		}
		default:
			return null;
	}
}

function memberOf(members: readonly TSESTree.TypeElement[], name: string): TSESTree.TypeNode | null {
	for (const member of members) {
		if (member.type === "TSPropertySignature" && keyName(member) === name) return member.typeAnnotation?.typeAnnotation ?? null;
	}
	return null;
}

/** The type of a list's elements. */
export function elementType(start: TSESTree.TypeNode, file: SourceFile): TSESTree.TypeNode | null {
	const [type, ...others] = presentTypes(start, file);
	if (!type || others.length > 0) return null;
	if (type.type === "TSArrayType") return type.elementType;
	if (type.type === "TSTypeOperator" && type.operator === "readonly" && type.typeAnnotation) return elementType(type.typeAnnotation, file);
	if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return null;
	return ["Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable"].includes(type.typeName.name) ? (type.typeArguments?.params[0] ?? null) : null;
}

function declarationOf(type: TSESTree.TypeNode, file: SourceFile): TSESTree.TSTypeAliasDeclaration | TSESTree.TSInterfaceDeclaration | null {
	if (type.type !== "TSTypeReference" || type.typeName.type !== "Identifier") return null;
	const definition = file.bindings.variableOf(type.typeName)?.defs[0];
	const node = definition?.type === "Type" ? definition.node : null;
	return node?.type === "TSTypeAliasDeclaration" || node?.type === "TSInterfaceDeclaration" ? node : null;
}
