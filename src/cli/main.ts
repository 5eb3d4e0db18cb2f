/** The command line: what `do-lint` does, apart from talking to the process. */
import { version } from "../meta.ts";
import { parseCommand, usage } from "./arguments.ts";
import { CannotRun } from "./problem.ts";
import type { ExitCode, Surroundings } from "./surroundings.ts";

// What a command needs is loaded when it is run: the parser and all rules take their time.
async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
	const { stdout, cwd } = surroundings;
	const command = parseCommand(args);
	switch (command.command) {
		case "help":
			stdout.write(usage);
			return 0;
		case "version":
			stdout.write(`${version}\n`);
			return 0;
		case "explain":
			stdout.write((await import("./explain.ts")).explain(command.rule));
			return 0;
		case "init":
			stdout.write(await (await import("./init/init.ts")).initialise(cwd, command.write));
			return 0;
		case "lint":
			return (await import("./run-lint.ts")).runLint(command, surroundings);
	}
}

const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ").trim();

const unexpected = (error: unknown): string =>
	`Unexpected fault of do-lint: ${error instanceof Error ? error.message : String(error)}. DO_LINT_DEBUG=1 shows where; please report it.`;

function* stacksOf(error: unknown): Iterable<string> {
	for (let at = error; at instanceof Error; at = at.cause) yield `${at.stack ?? String(at)}\n`;
}

/** Runs the command; says on stderr in one line why it could not. Never throws. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
	try {
		return await run(args, surroundings);
	} catch (error) {
		const { stderr, env } = surroundings;
		stderr.write(`do-lint: ${oneLine(error instanceof CannotRun ? error.message : unexpected(error))}\n`);
		if (env["DO_LINT_DEBUG"]) for (const stack of stacksOf(error)) stderr.write(stack);
		return 2;
	}
}
