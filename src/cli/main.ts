/** The command line: what `do-lint` does, apart from talking to the process. */
import { execFile } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { version } from "../meta.ts";
import { hasObjects } from "../report/has-objects.ts";
import { makeReport, type Report, reportNames } from "../report/report-files.ts";
import { oneLine } from "../report/escape.ts";
import { runDate } from "../report/validation-report.ts";
import { rules } from "../rules/index.ts";
import { type LintCommand, parseCommand, usage } from "./arguments.ts";
import { chooseFiles } from "./choose-files.ts";
import { explain } from "./explain.ts";
import { findFiles, type FoundFiles } from "./find-files.ts";
import { initialise } from "./init.ts";
import { commonFolder, type ESLintClass, lint, type LintOptions, type LintRun } from "./lint.ts";
import { print, summaryLine } from "./print.ts";
import { CannotRun } from "./problem.ts";

export interface Stream {
	write(text: string): unknown;
	readonly isTTY?: boolean;
}

export interface Surroundings {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly stdout: Stream;
	readonly stderr: Stream;
	readonly ESLint: ESLintClass;
}

/** 0: clean. 1: findings. 2: could not run. */
export type ExitCode = 0 | 1 | 2;

function usesColor({ stdout, env }: Surroundings): boolean {
	return stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

async function assertRevision(revision: string, cwd: string): Promise<void> {
	try {
		await promisify(execFile)("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], { cwd });
	} catch (error) {
		throw new CannotRun(`git knows no revision '${revision}' here. In CI, fetch it first (actions/checkout needs fetch-depth: 0).`, { cause: error });
	}
}

/** Says how long it takes, where somebody watches. */
function progressOn({ stderr }: Surroundings): { readonly show: LintOptions["onProgress"]; readonly end: () => void } {
	const began = Date.now();
	let isShown = false;
	return {
		show(done, total) {
			if (stderr.isTTY !== true || done >= total || Date.now() - began < 1_000) return;
			isShown = true;
			stderr.write(`\rLinted ${done} of ${total} files…`);
		},
		end() {
			if (isShown) stderr.write("\r\u001b[K");
		},
	};
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

function nothingFound({ paths }: LintCommand, { code, configs }: FoundFiles, cwd: string): CannotRun {
	const where = paths.map((path) => `'${resolve(cwd, path)}'`).join(", ");
	const looked = code.length + configs.length === 0 ? "no code and no Wrangler configuration" : `no Durable Object in ${count(code.length, "code file")} and ${count(configs.length, "Wrangler configuration")}`;
	return new CannotRun(`Found ${looked} at ${where}. Run do-lint in the folder of a Worker, or name its folder: do-lint path/to/worker.`);
}

/** A file that cannot be parsed is half-written code: no report about the rest would be true. */
function assertParsed({ results }: LintRun, cwd: string): void {
	const broken = results.flatMap(({ filePath, messages }) => messages.filter(({ fatal }) => fatal).map(({ line, column, message }) => `${relative(cwd, filePath)}:${line ?? 1}:${column ?? 1} ${message}`));
	if (broken.length > 0) throw new CannotRun(`Cannot be parsed: ${broken.join("; ")}`);
}

async function writeReport(report: Report, folder: string, given: string): Promise<void> {
	try {
		await report.write(folder);
	} catch (error) {
		throw new CannotRun(`The report cannot be written to '${given}' (${error instanceof Error ? oneLine(error.message) : String(error)}). Choose another folder with --out, or --no-report.`, { cause: error });
	}
}

async function runLint(command: LintCommand, surroundings: Surroundings): Promise<ExitCode> {
	const { cwd, env, stdout, stderr, ESLint } = surroundings;
	if (command.base !== null) await assertRevision(command.base, cwd);
	const found = await findFiles(command.paths, cwd);
	const root = commonFolder(cwd, [...found.code, ...found.configs]);
	const files = await chooseFiles(found, root);
	if (files.length === 0) throw nothingFound(command, found, cwd);

	const progress = progressOn(surroundings);
	const run = await lint(ESLint, { ...command, files, cwd, root, onProgress: progress.show });
	progress.end();
	assertParsed(run, cwd);
	if (!hasObjects(run.evidence, root)) throw nothingFound(command, found, cwd);

	const report = makeReport({ ...run, rules, root: cwd, configRoot: root, maxWarnings: command.maxWarnings, runDate: runDate(env) });
	const text = await print(ESLint, { format: command.format, run, cwd, useColor: usesColor(surroundings), page: () => report.page(cwd) });
	if (command.out !== null) await writeReport(report, resolve(cwd, command.out), command.out);
	stdout.write(text);
	const written = command.out === null ? "" : ` Report: ${Object.values(reportNames).map((name) => join(command.out ?? "", name)).join(", ")}.`;
	(command.format === "stylish" ? stdout : stderr).write(`${summaryLine(report.data)}${written}\n`);

	const { errors, warnings } = report.data.results;
	return errors > 0 || (command.maxWarnings >= 0 && warnings > command.maxWarnings) ? 1 : 0;
}

async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
	const { stdout } = surroundings;
	const command = parseCommand(args);
	switch (command.command) {
		case "help":
			stdout.write(usage);
			return 0;
		case "version":
			stdout.write(`${version}\n`);
			return 0;
		case "explain":
			stdout.write(explain(command.rule));
			return 0;
		case "init":
			stdout.write(await initialise(surroundings.cwd, command.write));
			return 0;
		case "lint":
			return runLint(command, surroundings);
	}
}

/** Runs the command; says on stderr in one line why it could not. Never throws. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
	try {
		return await run(args, surroundings);
	} catch (error) {
		const { stderr, env } = surroundings;
		const text = error instanceof CannotRun ? error.message : `Unexpected fault of do-lint: ${error instanceof Error ? error.message : String(error)}. Please report it; DO_LINT_DEBUG=1 shows where.`;
		stderr.write(`do-lint: ${oneLine(text)}\n`);
		if (env["DO_LINT_DEBUG"]) stderr.write(`${error instanceof Error ? `${error.stack ?? ""}\n${error.cause instanceof Error ? (error.cause.stack ?? "") : ""}` : ""}\n`);
		return 2;
	}
}
