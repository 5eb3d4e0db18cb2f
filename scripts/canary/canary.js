// Lints published packages that ship Durable Object classes, and compares the findings with those that a person has judged.
//   npm run test:canary               compare; exit 1 when a finding is new, gone, or not judged
//   npm run test:canary -- --update   write the findings down, keeping the judgements; new ones wait for theirs
// A judgement begins with "right", "debatable" or "wrong": wrong ones are faults of a rule that are known and not mended.
// A change here is no failure of the rules by itself: it shows what a change of the rules means for code that people run.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import plugin from "../../dist/index.js";

/** Exact versions: a finding must not come and go with other people's releases. */
const packages = [
	"agents@0.32.0",
	"partyserver@0.5.10",
	"y-partyserver@2.2.0",
	"@cloudflare/actors@0.0.1-beta.6",
	"@cloudflare/containers@0.3.7",
	"@cloudflare/ai-chat@0.12.2",
	"@cloudflare/sandbox@0.12.10",
	"@outerbase/browsable-durable-object@0.1.1",
	"dofs@0.1.0",
];

const file = path.join(import.meta.dirname, "findings.json");
const UNJUDGED = "to be judged";

/** Only fetched and unpacked: nothing of a package is run. */
function unpack(name, folder) {
	const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", name, "--json", "--ignore-scripts", "--prefer-offline", "--loglevel", "error"], { cwd: folder, encoding: "utf8" }));
	const target = path.join(folder, name);
	mkdirSync(target, { recursive: true });
	execFileSync("tar", ["-xzf", path.join(folder, filename), "-C", target, "--strip-components=1"]);
	return target;
}

const recommended = new Set(plugin.configs.recommended.flatMap((block) => Object.keys(block.rules ?? {})));
const code = plugin.configs.strict.find((block) => block.name === "durable-objects/strict/code");

function findingsOf(name, folder) {
	const linter = new Linter({ cwd: folder });
	const config = [
		{
			files: ["**/*.*"],
			languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
			plugins: { "durable-objects": plugin },
			rules: code.rules,
			linterOptions: { reportUnusedDisableDirectives: "off" },
		},
	];
	const sources = readdirSync(folder, { recursive: true })
		.map(String)
		.filter((source) => /\.[cm]?[jt]sx?$/u.test(source) && !/\.d\.[cm]?ts$|(?:^|[\\/])tests?[\\/]/u.test(source))
		.toSorted();
	return sources.flatMap((source) => {
		const text = readFileSync(path.join(folder, source), "utf8");
		const lines = text.split(/\r?\n/u);
		return linter.verify(text, config, { filename: path.join(folder, source), allowInlineConfig: false }).map(({ line, ruleId, message }) => ({
			package: name,
			file: source.split(path.sep).join("/"),
			line,
			rule: ruleId?.replace("durable-objects/", "") ?? "no rule",
			preset: ruleId !== null && recommended.has(ruleId) ? "recommended" : "strict",
			code: (lines[line - 1] ?? "").trim().slice(0, 160),
			message,
		}));
	});
}

const temporary = mkdtempSync(path.join(tmpdir(), "canary-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
const found = packages.flatMap((name) => findingsOf(name, unpack(name, temporary)));

// What a message says may be worded better without a new judgement.
const keyOf = ({ package: name, file: source, line, rule }) => `${name} ${source}:${line} ${rule}`;
const known = JSON.parse(readFileSync(file, "utf8"));
const judgements = new Map(known.map((finding) => [keyOf(finding), finding.judgement]));

if (process.argv.includes("--update")) {
	const judged = found.map((finding) => ({ ...finding, judgement: judgements.get(keyOf(finding)) ?? UNJUDGED }));
	writeFileSync(file, `${JSON.stringify(judged, null, "\t")}\n`);
}

const keys = new Set(found.map(keyOf));
const fresh = found.filter((finding) => !judgements.has(keyOf(finding)));
const gone = known.filter((finding) => !keys.has(keyOf(finding)));
const unjudged = known.filter((finding) => keys.has(keyOf(finding)) && finding.judgement === UNJUDGED);
for (const finding of fresh) console.log(`new    ${keyOf(finding)}\n       ${finding.code}\n       ${finding.message}`);
for (const finding of gone) console.log(`gone   ${keyOf(finding)}\n       ${finding.judgement}`);
for (const finding of unjudged) console.log(`judge  ${keyOf(finding)}\n       ${finding.code}`);
console.log(`${packages.length} packages, ${found.length} findings: ${fresh.length} new, ${gone.length} gone, ${unjudged.length} to be judged.`);
if (!process.argv.includes("--update") && fresh.length + gone.length + unjudged.length > 0) process.exitCode = 1;
