// How long `do-lint` takes on a small project, and how much memory, against ESLint on the same files.
//   npm run bench
// Medians of several runs, taken in turn: a machine that is slow for a while is slow for all.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { printTable } from "./table.js";

const ROUNDS = 9;
const root = path.join(import.meta.dirname, "..");
const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(path.join(root, "examples/chat-room"), folder, { recursive: true });
symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));

const parser = pathToFileURL(createRequire(import.meta.url).resolve("@typescript-eslint/parser")).href;
const plugin = pathToFileURL(path.join(root, "dist/index.js")).href;
writeFileSync(path.join(folder, "parser.config.js"), `import * as parser from ${JSON.stringify(parser)};\nexport default [{ files: ["**/*.ts"], languageOptions: { parser } }];\n`);
writeFileSync(path.join(folder, "plugin.config.js"), `import plugin from ${JSON.stringify(plugin)};\nexport default [...plugin.configs.recommended];\n`);
// Reports the largest size the process had, when it ends.
const memoryFile = path.join(folder, "memory.txt");
writeFileSync(path.join(folder, "memory.cjs"), `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(memoryFile)}, String(process.resourceUsage().maxRSS)));\n`);

const eslint = path.join(root, "node_modules/eslint/bin/eslint.js");
const commands = {
	"node, doing nothing": ["-e", "0"],
	"eslint, only parsing TypeScript": [eslint, "--config", "parser.config.js", "src"],
	"eslint, with this plugin": [eslint, "--config", "plugin.config.js", "src", "wrangler.jsonc"],
	"do-lint --no-report": [path.join(root, "dist/bin.js"), "--no-report"],
	"do-lint": [path.join(root, "dist/bin.js")],
	"do-lint --version": [path.join(root, "dist/bin.js"), "--version"],
};

function once(args) {
	const start = performance.now();
	const { status, stderr } = spawnSync(process.execPath, ["--require", path.join(folder, "memory.cjs"), ...args], { cwd: folder, encoding: "utf8" });
	if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
	return { time: performance.now() - start, memory: Number(readFileSync(memoryFile, "utf8")) / 1024 };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
	for (const [name, args] of Object.entries(commands)) {
		const run = once(args);
		// The first round fills the file system's cache.
		if (round > 0) runs[name].push(run);
	}
}
printTable(
	Object.entries(runs).map(([command, all]) => {
		const time = median(all.map((run) => run.time));
		// The ratio of each round: a machine that is slow for a while is slow for all.
		const ratio = median(all.map((run, round) => run.time / runs["eslint, only parsing TypeScript"][round].time));
		return { command: `\`${command}\``.replace(/^`(node|eslint), (.*)`$/u, "`$1`, $2"), ms: Math.round(time), "against ESLint": ratio.toFixed(2), MB: Math.round(median(all.map((run) => run.memory))) };
	}),
);
