/** The Durable Objects of a file: the entrance to the model. */
import type { SourceCode } from "eslint";
import { projectFor } from "../project/project.ts";
import { SourceFile } from "../syntax/source-file.ts";
import { detect, mayHaveDurableObjects } from "./detect.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { mayUseObjects, type ObjectUse, objectUse } from "./stubs.ts";

/** What the model needs to know of the file that is linted. */
export interface LintedFile {
	readonly sourceCode: SourceCode;
	readonly filename: string;
	readonly cwd: string;
	readonly settings: Readonly<Record<string, unknown>>;
}

const models = new WeakMap<object, readonly DurableObjectClass[]>();
const gates = new WeakMap<object, boolean>();

/** The Durable Object classes of a JavaScript or TypeScript file, in source order; the same objects for every caller. */
export function durableObjectsOf(linted: LintedFile): readonly DurableObjectClass[] {
	const { ast } = linted.sourceCode;
	let found = models.get(ast);
	if (!found) {
		found = mayDeclareDurableObject(linted) ? detect(SourceFile.of(linted.sourceCode), projectFor(linted), namesInSettings(linted.settings)) : [];
		models.set(ast, found);
	}
	return found;
}

/** A cheap test on the text of a file, to be made before its model is asked for. */
export function mayDeclareDurableObject(linted: LintedFile): boolean {
	const { sourceCode } = linted;
	const found = models.get(sourceCode.ast);
	if (found) return found.length > 0;
	let may = gates.get(sourceCode.ast);
	if (may === undefined) {
		// Any other language's root is no Program, and has no scopes to read.
		may = sourceCode.ast.type === "Program" && sourceCode.scopeManager?.scopes[0] !== undefined && mayHaveDurableObjects(sourceCode.text, () => namesKnown(linted));
		gates.set(sourceCode.ast, may);
	}
	return may;
}

/** Names of classes that are Durable Objects by the settings or by the Wrangler configuration. */
function namesKnown(linted: LintedFile): readonly string[] {
	return [...namesInSettings(linted.settings), ...projectFor(linted).classNames];
}

/** `settings["durable-objects"].durableObjectClasses`: names of classes, or of base classes, that are Durable Objects. */
function namesInSettings(settings: Readonly<Record<string, unknown>>): ReadonlySet<string> {
	const ours = settings["durable-objects"];
	const names = typeof ours === "object" && ours !== null ? (ours as { durableObjectClasses?: unknown }).durableObjectClasses : undefined;
	return new Set(Array.isArray(names) ? names.filter((name) => typeof name === "string") : []);
}

const callers = new WeakMap<object, ObjectUse>();

/** What a file does with other Durable Objects, or null when it addresses and calls none. */
export function objectUseOf(linted: LintedFile): ObjectUse | null {
	const { ast } = linted.sourceCode;
	let use = callers.get(ast);
	if (!use) {
		use = objectUse(SourceFile.of(linted.sourceCode), durableObjectsOf(linted));
		callers.set(ast, use);
	}
	return use.addressings.length + use.calls.length > 0 ? use : null;
}

const callGates = new WeakMap<object, boolean>();

/** A cheap test on the text of a file, to be made before `objectUseOf`. */
export function mayCallObjects({ sourceCode }: LintedFile): boolean {
	let may = callGates.get(sourceCode.ast);
	if (may === undefined) {
		may = sourceCode.ast.type === "Program" && sourceCode.scopeManager?.scopes[0] !== undefined && mayUseObjects(sourceCode.text);
		callGates.set(sourceCode.ast, may);
	}
	return may;
}
