/** Constant folding for text: what a key, tag or name is, as far as the source says. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { SourceFile } from "./source-file.ts";
import { propertyName, unwrap } from "./nodes.ts";

/** A part of a text that is only known at run time. */
export interface Hole {
	/** The variable that fills the hole, when it is a plain one. */
	readonly variable: Scope.Variable | null;
	/** The source of the expression that fills the hole. */
	readonly text: string;
}

/** A text with holes, adjacent literal parts joined. */
export type Text = readonly (string | Hole)[];

const DEPTH = 8;

/** What an expression's text is. An expression of which nothing is known is one hole. */
export function textOf(node: TSESTree.Node, file: SourceFile): Text {
	return joined(partsOf(unwrap(node), file, DEPTH));
}

/** The text of an expression that is wholly known, else null. */
export function constantText(node: TSESTree.Node, file: SourceFile): string | null {
	const text = textOf(node, file);
	if (text.length === 0) return "";
	return text.length === 1 && typeof text[0] === "string" ? text[0] : null;
}

function partsOf(node: TSESTree.Node, file: SourceFile, depth: number): (string | Hole)[] {
	const hole = (): Hole[] => [{ variable: node.type === "Identifier" ? file.bindings.variableOf(node) : null, text: file.textOf(node) }];
	if (depth === 0) return hole();
	switch (node.type) {
		case "Literal":
			return typeof node.value === "string" || typeof node.value === "number" ? [String(node.value)] : hole();
		case "TemplateLiteral":
			return node.quasis.flatMap((quasi, index) => {
				const expression = node.expressions[index];
				return [quasi.value.cooked ?? "", ...(expression ? partsOf(unwrap(expression), file, depth - 1) : [])];
			});
		case "BinaryExpression": {
			if (node.operator !== "+") return hole();
			const left = partsOf(unwrap(node.left), file, depth - 1);
			const right = partsOf(unwrap(node.right), file, depth - 1);
			// `a + b` is text only when one side shows that it is.
			return [...left, ...right].some((part) => typeof part === "string") ? [...left, ...right] : hole();
		}
		case "Identifier": {
			const init = constantInitialiser(file.bindings.variableOf(node));
			const parts = init && partsOf(unwrap(init), file, depth - 1);
			return parts?.every((part) => typeof part === "string") ? parts : hole();
		}
		case "MemberExpression": {
			const value = constantMember(node, file);
			const parts = value && partsOf(unwrap(value), file, depth - 1);
			return parts?.every((part) => typeof part === "string") ? parts : hole();
		}
		default:
			return hole();
	}
}

function joined(parts: readonly (string | Hole)[]): Text {
	const text: (string | Hole)[] = [];
	for (const part of parts) {
		const last = text.at(-1);
		if (typeof part === "string" && typeof last === "string") text[text.length - 1] = last + part;
		else if (part !== "") text.push(part);
	}
	return text;
}

/** The initialiser of a `const` (or of a `let` that is never written again). */
export function constantInitialiser(variable: Scope.Variable | null): TSESTree.Expression | null {
	const definition = variable?.defs.length === 1 ? variable.defs[0] : undefined;
	if (definition?.type !== "Variable" || definition.node.id.type !== "Identifier" || !definition.node.init) return null;
	const isWrittenOnce = variable?.references.every((reference) => reference.init || !reference.isWrite());
	return isWrittenOnce ? definition.node.init : null;
}

/** `KEYS.count` of a constant object literal, `Class.KEY` of a static readonly field, `Enum.Member`. */
function constantMember(node: TSESTree.MemberExpression, file: SourceFile): TSESTree.Expression | null {
	const name = propertyName(node);
	const object = unwrap(node.object);
	if (name === null || object.type !== "Identifier") return null;
	const variable = file.bindings.variableOf(object);
	const init = constantInitialiser(variable);
	const literal = init && unwrap(init);
	if (literal?.type === "ObjectExpression") {
		for (const property of literal.properties) {
			if (property.type === "Property" && memberKey(property) === name && property.kind === "init") return property.value as TSESTree.Expression;
		}
		return null;
	}
	const definition = variable?.defs[0];
	if (definition?.type === "ClassName") {
		const member = definition.node.body.body.find(
			(element) => element.type === "PropertyDefinition" && element.static && memberKey(element) === name,
		);
		return member?.type === "PropertyDefinition" ? member.value : null;
	}
	if (definition?.type === "TSEnumName") {
		const member = definition.node.body.members.find((element) => memberKey({ key: element.id }) === name);
		return member?.initializer ?? null;
	}
	return null;
}

function memberKey(node: { readonly key: TSESTree.Node; readonly computed?: boolean }): string | null {
	if (node.key.type === "Identifier" && !node.computed) return node.key.name;
	return node.key.type === "Literal" ? String(node.key.value) : null;
}

/** How a message writes a text: literal parts as they are, holes as `${source}`. */
export function displayText(text: Text): string {
	return text.map((part) => (typeof part === "string" ? part : `\${${part.text}}`)).join("");
}
