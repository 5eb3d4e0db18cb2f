/** `do-lint init`: sets a project up for ESLint, the editor and GitHub. Shows what it would do, and does it when told to. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { name as packageName } from "../../meta.ts";
import { writeTogether } from "../../report/write.ts";
import { findFiles } from "../find-files.ts";
import { CannotRun } from "../problem.ts";
import { withToml } from "./editor-settings.ts";
import { configNames, entry, importLine, newConfig, requireLine, withPlugin } from "./eslint-config.ts";
import { lineDiff } from "./line-diff.ts";
import { addCommand, workflow } from "./workflow.ts";

const SETTINGS = ".vscode/settings.json";
const WORKFLOW = ".github/workflows/durable-objects.yml";

/** A file that would be made or changed. */
interface Change {
	readonly path: string;
	/** Null for a new file. */
	readonly before: string | null;
	readonly after: string;
}

interface Plan {
	readonly changes: readonly Change[];
	/** What is left to a person, or is done already. */
	readonly notes: readonly string[];
}

async function textOf(path: string): Promise<string | null> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
		throw new CannotRun(`'${path}' cannot be read (${String(error)}).`, { cause: error });
	}
}

const note = (text: string): Plan => ({ changes: [], notes: [text] });

async function planConfig(cwd: string, names: readonly string[]): Promise<Plan> {
	const path = configNames.find((name) => names.includes(name));
	if (path === undefined) return { changes: [{ path: "eslint.config.mjs", before: null, after: newConfig() }], notes: [] };
	const before = (await textOf(join(cwd, path))) ?? "";
	const edit = withPlugin(before);
	if (edit.kind === "present") return note(`${path} uses ${packageName} already.`);
	if (edit.kind === "unclear") {
		const line = path.endsWith("cjs") || path.endsWith("cts") ? requireLine : importLine;
		return note(`${path} has a shape that is not understood. Add to it yourself: ${line} and, at the end of its list, ${entry}`);
	}
	return { changes: [{ path, before, after: edit.text }], notes: [] };
}

async function planSettings(cwd: string): Promise<Plan> {
	const { configs } = await findFiles(["."], cwd);
	if (!configs.some((path) => path.endsWith(".toml"))) return { changes: [], notes: [] };
	const before = await textOf(join(cwd, SETTINGS));
	const edit = withToml(before);
	if (edit.kind === "present") return note(`${SETTINGS} names TOML already.`);
	if (edit.kind === "unclear") return note(`${SETTINGS} cannot be read as settings. Add "toml" to "eslint.validate" yourself.`);
	return { changes: [{ path: SETTINGS, before, after: edit.text }], notes: [] };
}

async function planWorkflow(cwd: string, names: readonly string[]): Promise<Plan> {
	if ((await textOf(join(cwd, WORKFLOW))) !== null) return note(`${WORKFLOW} is there already; it is left as it is.`);
	return { changes: [{ path: WORKFLOW, before: null, after: workflow(names) }], notes: [] };
}

/** What is left to do: to install what the configuration loads, or to try it. */
async function nextStep(cwd: string, names: readonly string[]): Promise<string> {
	const manifest = (await textOf(join(cwd, "package.json"))) ?? "";
	const missing = ["eslint", packageName].filter((name) => !manifest.includes(`"${name}"`));
	return missing.length === 0 ? "Try it: npx eslint ." : `Now install what it needs: ${addCommand(names, ...missing)}`;
}

const show = ({ path, before, after }: Change): string => `${before === null ? "New file" : "Change of"} ${path}\n\n${lineDiff(before, after)}\n`;

/**
 * @param write - whether to make the changes, or only to show them
 * @returns what to print
 */
export async function initialise(cwd: string, write: boolean): Promise<string> {
	const names = await readdir(cwd);
	const plans = [await planConfig(cwd, names), await planSettings(cwd), await planWorkflow(cwd, names)];
	const changes = plans.flatMap((plan) => plan.changes);
	const notes = plans.flatMap((plan) => plan.notes);
	const blocks = changes.map(show);
	if (notes.length > 0) blocks.push(`${notes.join("\n")}\n`);
	if (changes.length === 0) return blocks.join("\n");
	if (write) {
		for (const { path, after } of changes) await writeTogether(dirname(join(cwd, path)), { [basename(path)]: after });
		blocks.push(`Written. ${await nextStep(cwd, names)}\n`);
	} else {
		blocks.push("Nothing is written yet: do-lint init --write does it.\n");
	}
	return blocks.join("\n");
}
