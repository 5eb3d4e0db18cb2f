/** Runs Wrangler's own code in a child process and asks it about many configurations. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer } from "./compare.ts";
import type { Generated } from "./generate.ts";

/** The version that the readings of messages and the recorded answers belong to. */
export const WRANGLER = "4.164.0";

const home = fileURLToPath(new URL("../../node_modules/.cache/wrangler-oracle", import.meta.url));
const oracle = fileURLToPath(new URL("oracle.mjs", import.meta.url));

/** Installs the pinned Wrangler where no one else sees it, without the binaries that only running a Worker needs. */
export function install(): void {
	const manifest = join(home, "node_modules", "wrangler", "package.json");
	if (existsSync(manifest)) {
		const installed = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
		if (installed.version === WRANGLER) return;
	}
	mkdirSync(home, { recursive: true });
	writeFileSync(join(home, "package.json"), '{ "private": true }\n');
	const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--loglevel=error"];
	execFileSync("npm", ["install", ...options, "--prefix", home, `wrangler@${WRANGLER}`], { stdio: "inherit" });
}

/** @returns the answers in the order of the configurations */
export async function ask(configs: readonly Generated[]): Promise<Answer[]> {
	const folder = mkdtempSync(join(tmpdir(), "wrangler-oracle-"));
	const child = spawn(process.execPath, [oracle, home], { stdio: ["pipe", "pipe", "inherit"], cwd: folder });
	try {
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		const next = async (): Promise<string> => {
			const line = await lines.next();
			if (line.done) throw new Error("the oracle ended early");
			return line.value;
		};
		const { version } = JSON.parse(await next()) as { readonly version: string };
		if (version !== WRANGLER) throw new Error(`the oracle runs Wrangler ${version}, not ${WRANGLER}`);
		const answers: Answer[] = [];
		for (const { id, format, text } of configs) {
			const path = join(folder, `wrangler.${format}`);
			writeFileSync(path, text);
			child.stdin.write(`${JSON.stringify({ id, path })}\n`);
			answers.push(JSON.parse(await next()) as Answer);
			rmSync(path);
		}
		return answers;
	} finally {
		child.kill();
		rmSync(folder, { recursive: true, force: true });
	}
}
