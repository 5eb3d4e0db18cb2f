import type { ESLintClass } from "./lint.ts";
import { CannotRun } from "./problem.ts";

/** The first minor version whose language plugins this plugin was tried with. */
const OLDEST = { major: 9, minor: 38 };

function isTooOld(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";

/**
 * ESLint is a peer dependency: the project's own is used, and there may be none.
 *
 * @throws CannotRun when there is none, or one that is too old
 */
export async function loadESLint(): Promise<ESLintClass> {
	const { ESLint } = await import("eslint").catch((error: unknown) => {
		throw new CannotRun(isMissing(error) ? "ESLint is not installed. Run: npm install --save-dev eslint" : `ESLint cannot be loaded: ${String(error)}`, { cause: error });
	});
	if (isTooOld(ESLint.version)) throw new CannotRun(`ESLint ${ESLint.version} is too old. Run: npm install --save-dev eslint@latest`);
	return ESLint;
}
