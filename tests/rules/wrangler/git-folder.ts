/** A folder under git, for the rules that compare with an earlier revision. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class GitFolder {
	readonly path = mkdtempSync(join(tmpdir(), "do-git-"));

	constructor() {
		this.git("init", "--quiet", "--initial-branch=main");
	}

	git(...args: string[]): void {
		const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false", "-c", "core.hooksPath="];
		execFileSync("git", [...identity, ...args], { cwd: this.path, stdio: "ignore" });
	}

	/** Commits a file with this text, and tags the commit: each has a name of its own, as answers are kept for a while. */
	commit(name: string, text: string, tag: string): void {
		writeFileSync(join(this.path, name), text);
		this.git("add", name);
		this.git("commit", "--quiet", "-m", tag);
		this.git("tag", tag);
	}

	remove(): void {
		rmSync(this.path, { recursive: true });
	}
}
