/** What stands on the command line. */
import { parseArgs } from "node:util";
import { CannotRun } from "./problem.ts";
import { closest } from "./closest.ts";

export const formats = ["stylish", "json", "sarif", "github", "markdown"] as const;
export type Format = (typeof formats)[number];

export interface LintCommand {
	readonly command: "lint";
	readonly paths: readonly string[];
	readonly strict: boolean;
	readonly fix: boolean;
	readonly format: Format;
	/** Folder for the report, as given; null for none. */
	readonly out: string | null;
	/** A git revision whose Wrangler configurations are the ones that are deployed. */
	readonly base: string | null;
	/** More warnings than this are a failure; negative: any number is fine. */
	readonly maxWarnings: number;
	/** Whether the project's own ESLint configuration decides. */
	readonly useProjectConfig: boolean;
}

export type Command =
	| LintCommand
	| { readonly command: "explain"; readonly rule: string | null }
	| { readonly command: "init"; readonly write: boolean }
	| { readonly command: "help" }
	| { readonly command: "version" };

export const usage = `Lints Cloudflare Durable Objects: the code and the Wrangler configuration.

Usage
  do-lint [paths] [options]    lint the files and folders (default: this folder), write the report
  do-lint explain <rule>       say what a rule is about, with examples
  do-lint init [--write]       show what sets a project up for ESLint, the editor and GitHub; --write does it

Options
  --strict              also the rules that are a matter of judgement
  --fix                 mend what can be mended safely
  --format <name>       stylish (default), json, sarif, github or markdown
  --out <folder>        where to write validation_report.json and self_review.md (default: this folder)
  --no-report           write no report
  --base <revision>     git revision that is deployed: finds migrations that were changed afterwards
  --max-warnings <n>    fail when there are more warnings than this
  --config              use the project's own ESLint configuration instead of the built-in one
  --help, --version

Exit code
  0  no error, and no more warnings than --max-warnings allows
  1  findings
  2  could not run: nothing was written

Files that .gitignore excludes, build output, declarations (*.d.ts) and tests (*.test.*, *.spec.*, __tests__)
are left out, unless they are named as paths.
`;

const options = {
	strict: { type: "boolean" },
	fix: { type: "boolean" },
	format: { type: "string" },
	out: { type: "string" },
	"no-report": { type: "boolean" },
	base: { type: "string" },
	"max-warnings": { type: "string" },
	config: { type: "boolean" },
	write: { type: "boolean" },
	help: { type: "boolean", short: "h" },
	version: { type: "boolean", short: "v" },
} as const;

const HELP = "See do-lint --help.";

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options, allowPositionals: true });
	} catch (error) {
		throw new CannotRun(explainParseError(error, args), { cause: error });
	}
}

function explainParseError(error: unknown, args: readonly string[]): string {
	const code = error instanceof Error && "code" in error ? error.code : null;
	if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
		const known = Object.keys(options);
		const unknown = args.find((arg) => /^-./u.test(arg) && !known.includes(arg.replace(/^--/u, "").replace(/=.*$/su, "")) && arg !== "-h" && arg !== "-v") ?? "";
		const name = unknown.replace(/=.*$/su, "");
		const like = closest(name.replace(/^-+/u, ""), known);
		return `Unknown option '${name}'.${like === null ? "" : ` Did you mean '--${like}'?`} ${HELP}`;
	}
	const [firstSentence = "The options cannot be read"] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/u);
	return `${firstSentence.replace(/\.$/u, "")}. ${HELP}`;
}

function formatOf(text: string | undefined): Format {
	const format = formats.find((name) => name === (text ?? "stylish"));
	if (!format) throw new CannotRun(`Unknown format '${text}'. Known are ${formats.join(", ")}.`);
	return format;
}

function maxWarningsOf(text: string | undefined): number {
	if (text === undefined) return -1;
	if (!/^-?\d+$/u.test(text)) throw new CannotRun(`--max-warnings needs a whole number, not '${text}'.`);
	return Number(text);
}

/** @throws CannotRun for anything that is not understood */
export function parseCommand(args: readonly string[]): Command {
	const { values, positionals } = parse(args);
	if (values.help) return { command: "help" };
	if (values.version) return { command: "version" };
	const [first, second, ...more] = positionals;
	if (first === "explain") {
		if (more.length > 0) throw new CannotRun("explain takes one rule. See do-lint --help.");
		return { command: "explain", rule: second ?? null };
	}
	if (first === "init") {
		if (second !== undefined) throw new CannotRun(`init takes no paths: run it in the folder to set up. ${HELP}`);
		return { command: "init", write: values.write ?? false };
	}
	if (values.write) throw new CannotRun(`--write belongs to do-lint init; to mend code use --fix. ${HELP}`);
	if (values["no-report"] && values.out !== undefined) throw new CannotRun("--out and --no-report contradict each other: leave one out.");
	return {
		command: "lint",
		paths: positionals.length > 0 ? positionals : ["."],
		strict: values.strict ?? false,
		fix: values.fix ?? false,
		format: formatOf(values.format),
		out: values["no-report"] ? null : (values.out ?? "."),
		base: values.base ?? null,
		maxWarnings: maxWarningsOf(values["max-warnings"]),
		useProjectConfig: values.config ?? false,
	};
}
