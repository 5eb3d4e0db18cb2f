/** The Durable Objects of a file: the entrance to the model. */
import type { SourceCode } from "eslint";
import { type Project, projectFor } from "../project/project.ts";
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

/** The Durable Object classes of a JavaScript or TypeScript file, in source order; the same objects for every caller. */
export function durableObjectsOf(linted: LintedFile): readonly DurableObjectClass[] {
	const { ast, text } = linted.sourceCode;
	let found = models.get(ast);
	if (!found) {
		const project = projectFor(linted);
		const named = namesInSettings(linted.settings);
		found = mayHaveDurableObjects(text, namesOf(project, named)) ? detect(SourceFile.of(linted.sourceCode), project, named) : [];
		models.set(ast, found);
	}
	return found;
}

/** A cheap test on the text of a file, to be made before its model is asked for. */
export function mayDeclareDurableObject(linted: LintedFile): boolean {
	const { sourceCode } = linted;
	// Any other language's root is no Program, and has no scopes to read.
	if (sourceCode.ast.type !== "Program" || !sourceCode.scopeManager?.scopes[0]) return false;
	const found = models.get(sourceCode.ast);
	if (found) return found.length > 0;
	return mayHaveDurableObjects(sourceCode.text, namesOf(projectFor(linted), namesInSettings(linted.settings)));
}

function* namesOf(project: Project, named: ReadonlySet<string>): Iterable<string> {
	yield* named;
	yield* project.classNames;
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

/** A cheap test on the text of a file, to be made before `objectUseOf`. */
export function mayCallObjects({ sourceCode }: LintedFile): boolean {
	return sourceCode.ast.type === "Program" && sourceCode.scopeManager?.scopes[0] !== undefined && mayUseObjects(sourceCode.text);
}
