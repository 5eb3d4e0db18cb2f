/** An earlier version of a configuration, from git. */
import { execFileSync } from "node:child_process";
import { basename, dirname } from "node:path";

export type BaseFile =
	| { readonly status: "found"; readonly text: string }
	/** The revision has no such file: the configuration is new. */
	| { readonly status: "absent" }
	| { readonly status: "failed"; readonly because: string };

/** Milliseconds for which git's answer is believed: an editor asks at each keystroke, and a branch moves now and then. */
const LIFE_MS = 5_000;
const answers = new Map<string, { readonly at: number; readonly file: BaseFile }>();

/** Git's words for a path that the revision does not have. */
const ABSENT = /does not exist in|exists on disk, but not in/u;

/**
 * Reads a file as it was at a revision: `git show <revision>:./<name>` in the file's folder.
 *
 * @param path - absolute path of the file as it is now
 * @param revision - anything that names a commit: `main`, `origin/main`, `HEAD~3`, a hash
 */
export function fileAt(path: string, revision: string): BaseFile {
	const key = `${revision}\0${path}`;
	const known = answers.get(key);
	if (known && Date.now() - known.at < LIFE_MS) return known.file;
	const file = ask(path, revision);
	answers.set(key, { at: Date.now(), file });
	return file;
}

function ask(path: string, revision: string): BaseFile {
	// What begins with a dash would be an option for git, and a colon would end the revision.
	if (revision === "" || revision.startsWith("-") || /[\s:\0]/u.test(revision)) return { status: "failed", because: `"${revision}" does not name a revision` };
	try {
		const text = execFileSync("git", ["show", `${revision}:./${basename(path)}`], {
			cwd: dirname(path),
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
			timeout: 10_000,
			maxBuffer: 64 * 1024 * 1024,
			env: { ...process.env, LC_ALL: "C" },
		});
		return { status: "found", text };
	} catch (error) {
		return explain(error, revision);
	}
}

function explain(error: unknown, revision: string): BaseFile {
	const { code, stderr } = error as { code?: unknown; stderr?: unknown };
	if (code === "ENOENT") return { status: "failed", because: "git is not installed, or the file's folder does not exist" };
	const words = typeof stderr === "string" ? stderr : "";
	if (ABSENT.test(words)) return { status: "absent" };
	if (/not a git repository/u.test(words)) return { status: "failed", because: "the file is not in a git repository" };
	if (/invalid object name|unknown revision|bad revision/u.test(words)) return { status: "failed", because: `git knows no revision "${revision}" (in CI, fetch the history first)` };
	return { status: "failed", because: words.split("\n")[0]?.trim() || "git gave no answer" };
}
