// Time of all rules against time to parse, on files that are all Durable Objects and on files without any. Beside it, as a
// measure, the time of the rules that ESLint itself recommends for any JavaScript, on the same code.
//   npm run bench, or, of other code: npm run build && node bench/rule-time.js [folder ...]
// Without folders it uses the shipped examples and code that it generates. Ratios within one run, medians of several rounds.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import js from "@eslint/js";
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { builtinRules } from "eslint/use-at-your-own-risk";
import plugin from "../dist/index.js";
import { printTable } from "./table.js";

const ROUNDS = 7;
const here = import.meta.dirname;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function sourcesBelow(folder) {
	return readdirSync(folder, { recursive: true })
		.map((name) => path.join(folder, name))
		.filter((file) => /\.[cm]?[jt]sx?$/u.test(file) && !file.includes("node_modules") && !file.endsWith(".d.ts") && statSync(file).isFile())
		.map((file) => readFileSync(file, "utf8"));
}

/** Which method each one calls: a helper that all share, as in most classes, or the next one, the last the first. */
const calls = { shared: () => "audit(id)", circle: (n, methods) => `update${(n + 1) % methods}(request, id)` };

/** A class with `methods` methods that read, wait, write and call another. */
function generated(methods, called = calls.shared) {
	const body = Array.from({ length: methods }, (_, n) => `
	async update${n}(request: Request, id: string) {
		const input = await request.json<{ amount: number }>();
		const key = \`item:\${id}\`;
		const old = (await this.ctx.storage.get<number>(key)) ?? 0;
		if (old > 10 && this.seen.has(id)) return this.${called(n, methods)};
		this.seen.set(id, old);
		for (const row of this.ctx.storage.sql.exec("SELECT id, n FROM items WHERE id = ?", id)) this.seen.set(String(row.id), Number(row.n));
		await this.ctx.storage.put(key, old + input.amount);
		this.ctx.storage.sql.exec("UPDATE items SET n = n + 1 WHERE id = ?", id);
		return new Response(String(old));
	}`).join("\n");
	return `import { DurableObject } from "cloudflare:workers";\nexport class Items extends DurableObject {\n\tseen = new Map<string, number>();\n${body}\n\tasync audit(id: string) {\n\t\tawait this.ctx.storage.put(\`audit:\${id}\`, Date.now());\n\t\treturn new Response("known");\n\t}\n}\n`;
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

const chosen = plugin.configs.strict.flatMap((block) => Object.entries(block.rules ?? {})).filter(([id]) => !id.includes("/wrangler/") && id.startsWith("durable-objects/"));
const sets = {
	ours: { rules: plugin.rules, chosen: chosen.map(([id, setting]) => [id.slice("durable-objects/".length), setting]) },
	eslint: { rules: Object.fromEntries(builtinRules), chosen: Object.entries(js.configs.recommended.rules) },
};
const languageOptions = { parser, parserOptions: { ecmaFeatures: { jsx: true } } };

/**
 * Rules with a clock in each: what `create` and the listeners take. The difference of two runs of ESLint, one with the
 * rules and one without, is smaller than the noise of either.
 */
function clocked(rules, spent) {
	const timed = (name, work) => {
		const start = performance.now();
		try {
			return work();
		} finally {
			spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
		}
	};
	const withClock = ([name, rule]) => [
		name,
		{
			...rule,
			// ESLint's own rules have it as a getter of their class.
			meta: rule.meta,
			create(context) {
				const listeners = timed(name, () => rule.create(context));
				return Object.fromEntries(Object.entries(listeners).map(([selector, listener]) => [selector, (...nodes) => timed(name, () => listener(...nodes))]));
			},
		},
	];
	return Object.fromEntries(Object.entries(rules).map(withClock));
}

/** A linter with one set of rules, and how long each of them has taken so far, in milliseconds. */
function linterWith({ rules, chosen }) {
	const spent = new Map();
	const config = [{ files: ["**/*.ts"], languageOptions, plugins: { clocked: { rules: clocked(rules, spent) } }, rules: Object.fromEntries(chosen.map(([name, setting]) => [`clocked/${name}`, setting])), linterOptions: { reportUnusedDisableDirectives: "off" } }];
	const linter = new Linter();
	return { spent, verify: (source) => linter.verify(source, config, { filename: "file.ts", allowInlineConfig: false }) };
}

function parse(source) {
	try {
		parser.parseForESLint(source, { loc: true, range: true, tokens: true, comment: true, ecmaFeatures: { jsx: true } });
	} catch {
		// What the parser refuses is not linted either.
	}
}

const total = (spent) => [...spent.values()].reduce((sum, time) => sum + time, 0);

/** One round over all files: milliseconds in both sets of rules (in ours also by rule) and in the parser. */
function measureOnce(sources) {
	const [ours, eslint] = [linterWith(sets.ours), linterWith(sets.eslint)];
	let parsing = 0;
	for (const source of sources) {
		ours.verify(source);
		eslint.verify(source);
		const start = performance.now();
		parse(source);
		parsing += performance.now() - start;
	}
	return { rules: total(ours.spent), eslint: total(eslint.spent), parse: parsing, byRule: ours.spent };
}

function measure(sources) {
	// Until the code is compiled, times say nothing of the rules.
	for (let warmUp = 0; warmUp < 2; warmUp++) measureOnce(sources);
	const rounds = Array.from({ length: ROUNDS }, () => measureOnce(sources));
	const byRule = new Map([...rounds[0].byRule.keys()].map((name) => [name, median(rounds.map((round) => round.byRule.get(name)))]));
	// The ratio of each round: a machine that is slow for a while is slow for all.
	const ratio = (of) => median(rounds.map((round) => round[of] / round.parse));
	return { rules: median(rounds.map((round) => round.rules)), parse: median(rounds.map((round) => round.parse)), toParse: ratio("rules"), eslintToParse: ratio("eslint"), byRule };
}

const percent = (ratio) => `${(100 * ratio).toFixed(1)} %`;

function row(name, sources) {
	const { toParse, eslintToParse, byRule } = measure(sources);
	// The first rule that asks for the model of a file pays for all.
	const [[slowest, time]] = [...byRule].toSorted((a, b) => b[1] - a[1]);
	return { corpus: name, files: sources.length, "kB": Math.round(sources.join("").length / 1000), "rules / parse": percent(toParse), "ESLint's own / parse": percent(eslintToParse), slowest: `${slowest} (${Math.round((100 * time) / total(byRule))} %)` };
}

const folders = process.argv.slice(2);
const corpora = folders.length > 0
	? folders.map((folder) => [path.basename(folder), sourcesBelow(folder)])
	: [
			["the examples", sourcesBelow(path.join(here, "../examples"))],
			["generated Durable Objects", Array.from({ length: 10 }, () => generated(20))],
			["methods in a circle of calls", Array.from({ length: 3 }, () => generated(10, calls.circle))],
			["ordinary code", Array.from({ length: 10 }, () => ordinary(40))],
		];
printTable(corpora.map(([name, sources]) => row(name, sources)));

const short = measure([generated(20)]);
const long = measure([generated(200)]);
console.log(`\nA class ten times longer costs ${(long.rules / short.rules).toFixed(1)} times as much (parsing it: ${(long.parse / short.parse).toFixed(1)} times).`);
