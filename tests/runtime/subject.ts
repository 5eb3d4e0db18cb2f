/** A worker under test, made from the source text that a docs page shows. */
import ts from "typescript";

export interface Subject {
	/** Unique within one process; letters, digits, `_` and `-`. */
	readonly name: string;
	/** A whole module, in TypeScript. */
	readonly source: string;
	/** The date of the pinned runtime's newest behaviour unless given. */
	readonly compatibilityDate?: string | undefined;
	readonly compatibilityFlags?: readonly string[] | undefined;
	/** `memory` is the code path of classes on the older key-value storage, and forgets at eviction. */
	readonly storage?: "disk" | "memory" | undefined;
	/** Further modules, by the specifier under which the source imports them: paths of files. */
	readonly modules?: Readonly<Record<string, string>> | undefined;
}

/** What is started of a subject. */
export interface Module {
	readonly javascript: string;
	/** The exported classes: each gets a namespace, and a binding of its name. */
	readonly classNames: readonly string[];
}

/** The newest compatibility date that the pinned workerd accepts without a fixed clock: never "today". */
export const NEWEST_DATE = "2026-10-23";

/**
 * Strips the types and finds the exported classes.
 *
 * @throws {SyntaxError} when the text is no TypeScript, or exports no class
 */
export function compileSubject({ name, source }: Subject): Module {
	const { outputText, diagnostics = [] } = ts.transpileModule(source, {
		reportDiagnostics: true,
		compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, useDefineForClassFields: true },
	});
	if (diagnostics.length > 0) {
		const reasons = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
		throw new SyntaxError(`${name}: ${reasons.join("; ")}`);
	}
	const file = ts.createSourceFile("subject.js", outputText, ts.ScriptTarget.ES2022);
	const classNames = file.statements.flatMap((statement) => (ts.isClassDeclaration(statement) && isExported(statement) && statement.name ? [statement.name.text] : []));
	if (classNames.length === 0) throw new SyntaxError(`${name}: the module exports no class`);
	const hasWorker = file.statements.some((statement) => ts.isExportAssignment(statement) || (ts.isClassDeclaration(statement) && isDefault(statement)));
	return { javascript: hasWorker ? outputText : `${outputText}\nexport default { fetch: () => new Response("no worker") };\n`, classNames };
}

const isExported = (node: ts.ClassDeclaration): boolean => hasModifier(node, ts.SyntaxKind.ExportKeyword) && !isDefault(node);
const isDefault = (node: ts.ClassDeclaration): boolean => hasModifier(node, ts.SyntaxKind.DefaultKeyword);

function hasModifier(node: ts.ClassDeclaration, kind: ts.SyntaxKind): boolean {
	return node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}
