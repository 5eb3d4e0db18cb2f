/** `do-lint`: finds the files, lints them, prints and writes what was found. */
import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { oneLine } from "../report/escape.ts";
import { hasObjects } from "../report/has-objects.ts";
import { makeReport, type Report, reportNames } from "../report/report-files.ts";
import { runDate } from "../report/validation-report.ts";
import { rules } from "../rules/index.ts";
import type { LintCommand } from "./arguments.ts";
import { chooseFiles } from "./choose-files.ts";
import { findFiles, type FoundFiles } from "./find-files.ts";
import { commonFolder, lint, type LintOptions, type LintRun } from "./lint.ts";
import { loadESLint } from "./load-eslint.ts";
import { print, summaryLine } from "./print.ts";
import { CannotRun } from "./problem.ts";
import { repositoryRoot } from "./repository-root.ts";
import type { ExitCode, Surroundings } from "./surroundings.ts";

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

/** GitHub takes no larger page. */
const MAX_SUMMARY = 1_000_000;

/** On GitHub Actions, puts the review on the run's page, where relative links would lead nowhere. */
async function summarise(report: Report, { cwd, env }: Surroundings): Promise<void> {
	const { GITHUB_STEP_SUMMARY: file, GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = env;
	if (!file || !server || !repository || !commit) return;
	const page = report.pageElsewhere(repositoryRoot(cwd), `${server}/${repository}/blob/${commit}/`);
	if (Buffer.byteLength(page) > MAX_SUMMARY) return;
	await appendFile(file, page).catch((error: unknown) => {
		throw new CannotRun(`The review cannot be added to GITHUB_STEP_SUMMARY (${String(error)}).`, { cause: error });
	});
}

/** @throws CannotRun when there is nothing to say about the code */
export async function runLint(command: LintCommand, surroundings: Surroundings): Promise<ExitCode> {
	const { cwd, env, stdout, stderr } = surroundings;
	const ESLint = await loadESLint();
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
	if (command.format === "github") await summarise(report, surroundings);
	stdout.write(text);
	const written = command.out === null ? "" : ` Report: ${Object.values(reportNames).map((name) => join(command.out ?? "", name)).join(", ")}.`;
	(command.format === "stylish" ? stdout : stderr).write(`${summaryLine(report.data)}${written}\n`);

	const { errors, warnings } = report.data.results;
	return errors > 0 || (command.maxWarnings >= 0 && warnings > command.maxWarnings) ? 1 : 0;
}
