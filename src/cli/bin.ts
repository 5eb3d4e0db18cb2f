#!/usr/bin/env node
import type { ESLintClass } from "./lint.ts";

/** The first minor version whose language plugins this plugin was tried with. */
const OLDEST = { major: 9, minor: 38 };

function isTooOld(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
}

/** ESLint is a peer dependency: the project's own is used, and there may be none. */
async function loadESLint(): Promise<ESLintClass | string> {
	try {
		const { ESLint } = await import("eslint");
		return isTooOld(ESLint.version) ? `ESLint ${ESLint.version} is too old. Run: npm install --save-dev eslint@latest` : ESLint;
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return "ESLint is not installed. Run: npm install --save-dev eslint";
		return `ESLint cannot be loaded: ${String(error)}`;
	}
}

const ESLint = await loadESLint();
if (typeof ESLint === "string") {
	process.stderr.write(`do-lint: ${ESLint}\n`);
	process.exitCode = 2;
} else {
	const { main } = await import("./main.ts");
	process.exitCode = await main(process.argv.slice(2), { cwd: process.cwd(), env: process.env, stdout: process.stdout, stderr: process.stderr, ESLint });
}
