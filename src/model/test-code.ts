/** Whether a file tests other code. */
import type { SourceFile } from "../syntax/source-file.ts";

/** Modules that only tests import; `cloudflare:test` is the Workers Vitest integration's own. */
const testModules: ReadonlySet<string> = new Set(["vitest", "cloudflare:test", "node:test", "bun:test", "@jest/globals", "@playwright/test", "ava", "uvu"]);

/** Workers in a folder of fixtures are there for the tests beside it. */
const testFile = /(?:^|[/\\])(?:__tests__|__fixtures__|(?:test-)?fixtures)[/\\]|\.(?:test|spec)\.[cm]?[jt]sx?$/u;

/**
 * @param filename - as ESLint knows it; tests whose functions are globals show only here
 */
export function isTestCode({ ast }: SourceFile, filename: string): boolean {
	return testFile.test(filename) || ast.body.some((statement) => statement.type === "ImportDeclaration" && testModules.has(statement.source.value));
}
