/** Files that nobody writes by hand: what ESLint itself can stomach, the rules can. */
import { expect, test } from "vitest";
import { Bench } from "./lint.ts";

const repeat = (count: number, make: (n: number) => string, separator = ""): string => Array.from({ length: count }, (_, n) => make(n)).join(separator);
const nested = (depth: number, open: string, core: string, close: string): string => open.repeat(depth) + core + close.repeat(depth);

/** A method of a Durable Object. */
const inMethod = (statements: string): string => `import { DurableObject } from "cloudflare:workers";
export class Deep extends DurableObject {
	#count = 0;
	async work(env, x) {
		${statements}
	}
	async alarm() { await this.work(); }
}
export default { async fetch(request, env) { return env.DEEP.getByName('a').work(); } };
`;

const shapes: Readonly<Record<string, (depth: number) => string>> = {
	calls: (depth) => inMethod(`return ${nested(depth, "this.work(", "await this.ctx.storage.get('a')", ")")};`),
	"foreign calls": (depth) => inMethod(`return ${nested(depth, "x(", "1", ")")};`),
	arrays: (depth) => inMethod(`return ${nested(depth, "[", "this.#count++", "]")};`),
	objects: (depth) => inMethod(`return ${nested(depth, "{ a: ", "this.#count++", "}")};`),
	ifs: (depth) => inMethod(nested(depth, "if (await x()) {", "await this.ctx.storage.put('n', this.#count++);", "}")),
	"else ifs": (depth) => inMethod(repeat(depth, (n) => `if (x === ${n}) { await this.ctx.storage.put('n', this.#count++); }`, " else ")),
	loops: (depth) => inMethod(nested(depth, "for (const a of await x()) {", "this.#count += await x();", "}")),
	tries: (depth) => inMethod(nested(depth, "try {", "await this.ctx.storage.get('n');", "} finally { await x(); }")),
	blocks: (depth) => inMethod(nested(depth, "{", "this.#count = await x();", "}")),
	functions: (depth) => inMethod(`return ${nested(depth, "(async () => ", "this.ctx.storage.put('n', this.#count)", ")")};`),
	callbacks: (depth) => inMethod(nested(depth, "await this.ctx.storage.transaction(async () => {", "this.#count++;", "});")),
	ternaries: (depth) => inMethod(`return ${nested(depth, "x ? 1 : (", "this.#count", ")")};`),
	sums: (depth) => inMethod(`return ${repeat(depth, () => "this.#count", " + ")};`),
	"long names": (depth) => inMethod(`return x${".then(a)".repeat(depth)};`),
	members: (depth) => inMethod(`return this.ctx${".storage".repeat(depth)};`),
	optional: (depth) => inMethod(`return x${"?.[0]".repeat(depth)};`),
	templates: (depth) => inMethod(`return ${nested(depth, "`${", "this.#count", "}`")};`),
	awaited: (depth) => inMethod(`return ${"await ".repeat(depth)}this.ctx.storage.get('a');`),
	assignments: (depth) => inMethod(`${repeat(depth, (n) => `this.a${n}`, " = ")} = await x();`),
	classes: (depth) => inMethod(nested(depth, "class A extends DurableObject { m() {", "this.#count++;", "} }")),
	types: (depth) => inMethod(`let y: ${nested(depth, "Array<", "DurableObjectNamespace", ">")};`),
	"nested SQL": (depth) => inMethod(`this.ctx.storage.sql.exec("SELECT ${nested(depth, "(", "1", ")")}");`),
	"unions of SQL": (depth) => inMethod(`this.ctx.storage.sql.exec("${repeat(depth, () => "SELECT a FROM t", " UNION ")}");`),
	"open SQL": (depth) => inMethod(`this.ctx.storage.sql.exec("${"CREATE TABLE a(b CHECK(".repeat(depth)}");`),
	"joined SQL": (depth) => inMethod(`this.ctx.storage.sql.exec(${repeat(depth, () => '"SELECT 1 "', " + ")});`),
};

/** The parser's own limit is somewhere between: the deepest that it takes is what counts. */
const depths = process.env["FUZZ"] ? [5_000, 4_000, 3_000, 2_200, 1_600, 1_200, 900, 700, 550, 450, 380, 330, 290, 260, 230, 200, 100] : [5_000, 1_200, 400, 100];

/** Parsing alone takes its time on these. */
const [AWAITS, ROWS] = process.env["FUZZ"] ? [10_000, 100_000] : [2_000, 10_000];

/** What is deeper than ESLint or the parser can go is theirs to refuse: a fatal message, or an exception. */
function refusal(bench: Bench, text: string, name: string): boolean {
	try {
		return bench.bare(text, name).some(({ fatal }) => fatal);
	} catch {
		return true;
	}
}

test.each(Object.keys(shapes))("5,000 deep: %s", (shape) => {
	const bench = new Bench();
	for (const depth of depths) {
		const text = shapes[shape]!(depth);
		if (refusal(bench, text, "deep.ts")) continue;
		expect(bench.lint(text, "deep.ts").filter(({ fatal }) => fatal)).toEqual([]);
		return;
	}
	throw new Error("ESLint itself takes none of these.");
});

test(`${AWAITS} awaits in one method`, () => {
	const bench = new Bench();
	const text = inMethod(repeat(AWAITS / 2, (n) => `const a${n} = await this.ctx.storage.get("k${n % 7}"); this.#count = a${n}; await this.ctx.storage.put("k${n % 5}", a${n} + 1);`, "\n"));
	expect(bench.lint(text, "long.ts").filter(({ fatal }) => fatal)).toEqual([]);
});

const calling = (count: number, calls: (n: number) => readonly number[]): string => {
	const methods = repeat(count, (n) => `async m${n}() { const v = await this.ctx.storage.get("a"); ${calls(n).map((called) => `await this.m${called}();`).join(" ")} this.#n = v; await this.ctx.storage.put("a", v + 1); }`, "\n");
	return `import { DurableObject } from "cloudflare:workers";\nexport class Many extends DurableObject {\n#n = 0;\n${methods}\n}\n`;
};

// What a method does holds all that the methods do which it calls: a chain costs by its length, again for each link.
test.each([
	["in a chain", 150, (n: number) => (n + 1 < 150 ? [n + 1] : [])],
	["in circles", 60, (n: number) => [(n + 1) % 60, (n * 7) % 60]],
	["each itself", 500, (n: number) => [n]],
] as const)("methods that call each other: %s", (_name, count, calls) => {
	const bench = new Bench();
	expect(bench.lint(calling(count, calls), "many.ts").filter(({ fatal }) => fatal)).toEqual([]);
});

test(`a file of ${ROWS / 20_000} MB`, () => {
	const bench = new Bench();
	const text = inMethod(`const all = [${repeat(ROWS, (n) => `{ id: ${n}, name: "number ${n}", of: [${n}, x] }`, ",\n")}]; this.ctx.storage.sql.exec("SELECT '${"y".repeat(500_000)}'");`);
	expect(text.length).toBeGreaterThan(45 * ROWS);
	expect(bench.lint(text, "large.ts").filter(({ fatal }) => fatal)).toEqual([]);
});

const configurations: Readonly<Record<string, { readonly name: string; readonly text: (size: number) => string }>> = {
	"nested arrays in JSON": { name: "wrangler.jsonc", text: (size) => `{ "a": ${nested(size, "[", "1", "]")} }` },
	"nested objects in JSON": { name: "wrangler.json", text: (size) => nested(size, '{ "env": { "durable_objects": ', "1", "} }") },
	"environments in JSON": { name: "wrangler.jsonc", text: (size) => `{ "name": "a", "env": { ${repeat(size, (n) => `"e${n}": { "durable_objects": { "bindings": [{ "name": "A", "class_name": "A${n}" }] } }`, ",")} } }` },
	"migrations in JSON": { name: "wrangler.jsonc", text: (size) => `{ "name": "a", "migrations": [${repeat(size, (n) => `{ "tag": "v${n}", "renamed_classes": [{ "from": "A${n}", "to": "A${n + 1}" }] }`, ",\n")}] }` },
	"a long line of JSON": { name: "wrangler.json", text: (size) => `{ "a": "${"x".repeat(size * 1_000)}" }` },
	"nested arrays in TOML": { name: "wrangler.toml", text: (size) => `a = ${nested(size, "[", "1", "]")}\n` },
	"nested tables in TOML": { name: "wrangler.toml", text: (size) => `a = ${nested(size, "{ a = ", "1", " }")}\n` },
	"dotted keys in TOML": { name: "wrangler.toml", text: (size) => `${repeat(size, () => "a", ".")} = 1\n` },
	"migrations in TOML": { name: "wrangler.toml", text: (size) => repeat(size, (n) => `[[migrations]]\ntag = "v${n}"\nnew_classes = ["A${n}"]\n`) },
};

test.each(Object.keys(configurations))("5,000 %s", (shape) => {
	const bench = new Bench();
	const { name, text } = configurations[shape]!;
	for (const size of depths) {
		if (refusal(bench, text(size), name)) continue;
		expect(bench.lint(text(size), name).filter(({ fatal }) => fatal)).toEqual([]);
		return;
	}
	throw new Error("Our own language takes none of these.");
});
