/** What TypeScript's type checker says of an expression, where a project lints with type information. */
import type { ParserServices, TSESTree } from "@typescript-eslint/utils";
import type { SourceCode } from "eslint";

/** What kind of value a type is, told apart only as far as rules ask; `other` for unions of several and for the rest. */
export type ValueKind = "boolean" | "bigint" | "date" | "array" | "function" | "number" | "other";

export interface TypeQuestions {
	readonly kindOf: (node: TSESTree.Node) => ValueKind;
	readonly isNumber: (node: TSESTree.Node) => boolean;
}

/** Null where the parser gives no type information. */
export function typeQuestions(sourceCode: SourceCode): TypeQuestions | null {
	// The parser's services are untyped for ESLint: the one place where that is said.
	const services = sourceCode.parserServices as Partial<ParserServices> | undefined;
	if (!services?.program || !services.getTypeAtLocation) return null;
	const { program, getTypeAtLocation } = services as Extract<ParserServices, { program: object }>;
	const checker = program.getTypeChecker();
	const kindOf = (node: TSESTree.Node): ValueKind => {
		const type = checker.getNonNullableType(getTypeAtLocation(node));
		const parts = type.isUnion() ? type.types : [type];
		const kinds = new Set(parts.map((part): ValueKind => {
			// Names instead of flags: the flags' numbers are no promise between versions of TypeScript.
			const name = checker.typeToString(checker.getBaseTypeOfLiteralType(part));
			if (name === "boolean" || name === "true" || name === "false") return "boolean";
			if (name === "bigint") return "bigint";
			if (name === "number" || part.isNumberLiteral()) return "number";
			if (name === "Date") return "date";
			if (checker.isArrayType(part) || checker.isTupleType(part)) return "array";
			return part.getCallSignatures().length > 0 ? "function" : "other";
		}));
		const [only, ...others] = kinds;
		return only !== undefined && others.length === 0 ? only : "other";
	};
	return { kindOf, isNumber: (node) => kindOf(node) === "number" };
}
