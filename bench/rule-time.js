// Time of all rules against time to parse, on files that are all Durable Objects and on files without any.
//   npm run build && node bench/rule-time.js [folder ...]
// Without folders it uses the shipped examples and code that it generates. Ratios within one run, medians of several rounds.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import plugin from "../dist/index.js";

const ROUNDS = 7;
const here = import.meta.dirname;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function sourcesBelow(folder) {
	return readdirSync(folder, { recursive: true })
		.map((name) => path.join(folder, name))
		.filter((file) => /\.[cm]?[jt]sx?$/u.test(file) && !file.includes("node_modules") && !file.endsWith(".d.ts") && statSync(file).isFile())
		.map((file) => readFileSync(file, "utf8"));
}

/** A class with `methods` methods that read, wait, write and call each other. */
function generated(methods) {
	const body = Array.from({ length: methods }, (_, n) => `
	async update${n}(request: Request, id: string) {
		const input = await request.json<{ amount: number }>();
		const key = \`item:\${id}\`;
		const old = (await this.ctx.storage.get<number>(key)) ?? 0;
		if (old > 10 && this.seen.has(id)) return this.update${(n + 1) % methods}(request, id);
		this.seen.set(id, old);
		for (const row of this.ctx.storage.sql.exec("SELECT id, n FROM items WHERE id = ?", id)) this.seen.set(String(row.id), Number(row.n));
		await this.ctx.storage.put(key, old + input.amount);
		this.ctx.storage.sql.exec("UPDATE items SET n = n + 1 WHERE id = ?", id);
		return new Response(String(old));
	}`).join("\n");
	return `import { DurableObject } from "cloudflare:workers";\nexport class Items extends DurableObject {\n\tseen = new Map<string, number>();\n${body}\n}\n`;
}

/** Ordinary code in which nothing is a Durable Object. */
function ordinary(functions) {
	return Array.from({ length: functions }, (_, n) => `
export class Service${n} {
	private readonly cache = new Map<string, number>();
	async load(id: string, fetcher: (id: string) => Promise<number>): Promise<number> {
		const known = this.cache.get(id);
		if (known !== undefined) return known;
		const value = await fetcher(id);
		this.cache.set(id, value);
		return value * ${n} + [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0);
	}
}`).join("\n");
}

const rules = plugin.configs.strict.flatMap((block) => Object.entries(block.rules ?? {})).filter(([id]) => !id.includes("/wrangler/") && id.startsWith("durable-objects/"));
const languageOptions = { parser, parserOptions: { ecmaFeatures: { jsx: true } } };
const bare = [{ files: ["**/*.ts"], languageOptions, linterOptions: { reportUnusedDisableDirectives: "off" } }];
const full = [{ ...bare[0], plugins: { "durable-objects": plugin }, rules: Object.fromEntries(rules) }];

function measure(sources) {
	const linter = new Linter();
	const lint = (config) => {
		const start = performance.now();
		for (const source of sources) linter.verify(source, config, { filename: "file.ts", allowInlineConfig: false });
		return performance.now() - start;
	};
	const parse = () => {
		const start = performance.now();
		for (const source of sources) {
			try {
				parser.parseForESLint(source, { loc: true, range: true, tokens: true, comment: true, ecmaFeatures: { jsx: true } });
			} catch {
				// What the parser refuses is not linted either.
			}
		}
		return performance.now() - start;
	};
	lint(full);
	const rounds = Array.from({ length: ROUNDS }, () => ({ without: lint(bare), withRules: lint(full), parse: parse() }));
	const rulesTime = median(rounds.map((round) => round.withRules - round.without));
	return { rules: rulesTime, parse: median(rounds.map((round) => round.parse)) };
}

function row(name, sources) {
	const { rules: time, parse } = measure(sources);
	return { corpus: name, files: sources.length, "kB": Math.round(sources.join("").length / 1000), "rules / parse": `${((100 * time) / parse).toFixed(1)} %` };
}

const folders = process.argv.slice(2);
const corpora = folders.length > 0
	? folders.map((folder) => [path.basename(folder), sourcesBelow(folder)])
	: [
			["the examples", sourcesBelow(path.join(here, "../examples"))],
			["generated Durable Objects", Array.from({ length: 10 }, () => generated(20))],
			["ordinary code", Array.from({ length: 10 }, () => ordinary(40))],
		];
console.table(corpora.map(([name, sources]) => row(name, sources)));

const short = measure([generated(20)]);
const long = measure([generated(200)]);
console.log(`A class ten times longer costs ${(long.rules / short.rules).toFixed(1)} times as much (parsing it: ${(long.parse / short.parse).toFixed(1)} times).`);
