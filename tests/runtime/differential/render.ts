/** Programs as TypeScript: one exported Durable Object class each. */
import type { Claim, Counter, Program, Queue, Region, Step, Store } from "./program.ts";

export const HEADER = `import { DurableObject } from "cloudflare:workers";

interface Env {
	SVC: Fetcher;
	KV: KVNamespace;
}

`;

interface Place {
	readonly field: string;
	/** An expression that suspends only where `await` stands in it. */
	readonly read: string;
	/** Without await; a promise for the asynchronous API. */
	readonly readPromise: string | null;
	readonly write: (value: string) => string;
	/** Statements of a method that adds one. */
	readonly add: readonly string[];
	/** A member expression, where the place is one. */
	readonly member: string | null;
	readonly constructs: readonly string[];
}

const TABLE = [
	`ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS totals (id INTEGER PRIMARY KEY, n INTEGER)");`,
	`ctx.storage.sql.exec("INSERT OR IGNORE INTO totals (id, n) VALUES (1, 0)");`,
];

/** A number in each kind of store, under a name. */
function placeIn(store: Store, name: string): Place {
	const none = { field: "", readPromise: null, member: null, constructs: [] };
	switch (store) {
		case "async key": {
			const read = `(await this.ctx.storage.get<number>("${name}")) ?? 0`;
			const write = (value: string): string => `await this.ctx.storage.put("${name}", ${value})`;
			return { ...none, read, readPromise: `this.ctx.storage.get<number>("${name}")`, write, add: [`const now = ${read};`, `${write("now + 1")};`] };
		}
		case "sync key": {
			const read = `this.ctx.storage.kv.get<number>("${name}") ?? 0`;
			const write = (value: string): string => `this.ctx.storage.kv.put("${name}", ${value})`;
			return { ...none, read, write, add: [`${write(`(${read}) + 1`)};`] };
		}
		case "row":
			return {
				...none,
				read: `this.ctx.storage.sql.exec<{ ${name}: number }>("SELECT ${name} FROM totals WHERE id = 1").one().${name}`,
				write: (value) => `this.ctx.storage.sql.exec("UPDATE totals SET ${name} = ? WHERE id = 1", ${value})`,
				add: [`this.ctx.storage.sql.exec("UPDATE totals SET ${name} = ${name} + 1 WHERE id = 1");`],
				constructs: TABLE,
			};
		case "field":
			return { ...none, field: `private ${name} = 0;`, read: `this.${name}`, write: (value) => `this.${name} = ${value}`, add: [`this.${name}++;`], member: `this.${name}` };
		case "map": {
			const read = `this.totals.get("${name}") ?? 0`;
			const write = (value: string): string => `this.totals.set("${name}", ${value})`;
			return { ...none, field: "private totals = new Map<string, number>();", read, write, add: [`${write(`(${read}) + 1`)};`] };
		}
		case "nested field":
			return {
				...none,
				field: `private totals = { ${name}: 0 };`,
				read: `this.totals.${name}`,
				write: (value) => `this.totals.${name} = ${value}`,
				add: [`this.totals.${name} += 1;`],
				member: `this.totals.${name}`,
			};
	}
}

const PARAMETERS = "first: boolean, second: boolean";

/** Collects the methods of one class while the steps of its entries are written down. */
class Writer {
	readonly place: Place;
	readonly methods: string[] = [];
	#names = 0;

	constructor(place: Place) {
		this.place = place;
	}

	name(stem: string): string {
		return `${stem}${++this.#names}`;
	}

	method(head: string, body: readonly string[]): void {
		this.methods.push([`\t${head} {`, ...indent(indent(body)), "\t}"].join("\n"));
	}

	steps(steps: readonly Step[]): string[] {
		return steps.flatMap((step) => this.step(step));
	}

	step(step: Step): string[] {
		const { place } = this;
		switch (step.type) {
			case "await":
				return [`await ${step.suspension.code};`];
			case "read":
				return [`seen = ${place.read};`];
			case "read beside":
				if (place.readPromise === null) return [`seen = ${place.read};`, `await ${step.suspension.code};`];
				return [`seen = (await Promise.all([${place.readPromise}, ${step.suspension.code}]))[0] ?? 0;`];
			case "write":
				return [`${place.write("seen + 1")};`];
			case "add":
				return [`await this.${this.#add()}();`];
			case "expression":
				return [`${this.#expression(step)};`];
			case "if":
				return [`if (${step.flag}) {`, ...indent(this.steps(step.steps)), "}"];
			case "twice":
				return ["for (let round = 0; round < 2; round++) {", ...indent(this.steps(step.steps)), "}"];
			case "finally":
				return ["try {", ...indent(this.steps(step.steps)), "} finally {", ...indent(this.steps(step.last)), "}"];
			case "region":
				return [openRegion(step.region), ...indent(this.steps(step.steps)), "});"];
			case "helper": {
				const name = this.name("part");
				this.method(`private async ${name}(seen: number, ${PARAMETERS}): Promise<number>`, [...this.steps(step.steps), "return seen;"]);
				return [`seen = await this.${name}(seen, first, second);`];
			}
			case "beside": {
				const name = this.name("pending");
				return [`const ${name} = ${step.suspension.code};`, ...this.steps(step.steps), `await ${name};`];
			}
			case "each":
				return ["await Promise.all(", "\t[1, 2].map(async () => {", ...indent(indent(["let seen = 0;", ...this.steps(step.steps)])), "\t}),", ");"];
			case "overlap": {
				const [one, two] = step.branches.map((branch) => `this.${this.#branch(branch)}(first, second)`);
				if (step.how === "all") return [`await Promise.all([${one}, ${two}]);`];
				const name = this.name("started");
				return [`const ${name} = ${one};`, `await ${two};`, `await ${name};`];
			}
		}
	}

	#branch(steps: readonly Step[]): string {
		const name = this.name("branch");
		this.method(`private async ${name}(${PARAMETERS}): Promise<void>`, ["let seen = 0;", ...this.steps(steps)]);
		return name;
	}

	#add(): string {
		const name = "addOne";
		if (!this.methods.some((method) => method.includes(`async ${name}(`))) this.method(`private async ${name}(): Promise<void>`, this.place.add);
		return name;
	}

	#expression({ order, suspension }: Step & { type: "expression" }): string {
		const name = this.name("later");
		this.method(`private async ${name}(): Promise<number>`, [`await ${suspension.code};`, "return 1;"]);
		const { read, write, member } = this.place;
		const later = `(await this.${name}())`;
		if (order === "compound" && member !== null) return `${member} += await this.${name}()`;
		return write(order === "await first" ? `${later} + (${read})` : `(${read}) + ${later}`);
	}
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `\t${line}`);
const openRegion = (region: Region): string => (region === "transaction" ? "await this.ctx.storage.transaction(async () => {" : "await this.ctx.blockConcurrencyWhile(async () => {");
const enclose = (region: Region | null, lines: readonly string[]): readonly string[] => (region === null ? lines : [openRegion(region), ...indent(lines), "});"]);

/** The class alone, to be put below `HEADER`. Its entries are `run`, perhaps `other` or `flush`, and `total`, which only reads. */
export function renderClass(program: Program, className: string): string {
	switch (program.family) {
		case "counter":
			return renderCounter(program, className);
		case "claim":
			return renderClaim(program, className);
		case "queue":
			return renderQueue(program, className);
	}
}

function renderCounter({ store, run, other }: Counter, className: string): string {
	const place = placeIn(store, "n");
	const writer = new Writer(place);
	const entry = (name: string, steps: readonly Step[]): void => writer.method(`async ${name}(${PARAMETERS}): Promise<void>`, ["let seen = 0;", ...writer.steps(steps)]);
	entry("run", run);
	if (other) entry("other", other);
	writer.method("async total(): Promise<number>", [`return ${place.read};`]);
	return classOf(className, [place.field], place.constructs, writer.methods);
}

function renderClaim({ store, before, after, effect, region }: Claim, className: string): string {
	const mark = placeIn(store, store === "row" ? "claimed" : "mark");
	const writer = new Writer(mark);
	const count = `this.ctx.storage.sql.exec("UPDATE totals SET n = n + 1 WHERE id = 1");`;
	const body = [
		`if ((${mark.read}) > 0) return;`,
		...writer.steps(before),
		...(effect === "before the mark" ? [count] : []),
		`${mark.write("1")};`,
		...writer.steps(after),
		...(effect === "after the mark" ? [count] : []),
	];
	// The steps may hand `seen` to parts of their own; nothing of the claim depends on it.
	const seen = [...before, ...after].length > 0 ? ["let seen = 0;"] : [];
	writer.method(`async run(${PARAMETERS}): Promise<void>`, [...seen, ...enclose(region, body)]);
	writer.method("async total(): Promise<number>", [`return this.ctx.storage.sql.exec<{ n: number }>("SELECT n FROM totals WHERE id = 1").one().n;`]);
	const table = [`ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS totals (id INTEGER PRIMARY KEY, n INTEGER, claimed INTEGER)");`, `ctx.storage.sql.exec("INSERT OR IGNORE INTO totals (id, n, claimed) VALUES (1, 0, 0)");`];
	return classOf(className, [mark.field], table, writer.methods);
}

function renderQueue({ store, between, removes, region }: Queue, className: string): string {
	const writer = new Writer(placeIn("field", "unused"));
	const queue = QUEUES[store];
	const flush = [
		`const items = ${queue.read};`,
		...writer.steps(between),
		"this.delivered.push(...items);",
		removes === "all" ? queue.removeAll : queue.removeRead,
	];
	writer.method("async run(id: number): Promise<void>", [queue.add]);
	writer.method("async flush(first: boolean, second: boolean): Promise<void>", ["let seen = 0;", ...enclose(region, flush)]);
	writer.method(`async total(): Promise<${queue.item}[]>`, [`return [...this.delivered, ...(${queue.read})];`]);
	return classOf(className, [`private delivered: ${queue.item}[] = [];`, queue.field], queue.constructs, writer.methods);
}

const QUEUES = {
	"async key": {
		item: "string",
		field: "",
		constructs: [],
		add: `await this.ctx.storage.put(\`item:\${id}\`, id);`,
		read: `[...(await this.ctx.storage.list<number>({ prefix: "item:" })).keys()]`,
		removeAll: "await this.ctx.storage.deleteAll();",
		removeRead: "await this.ctx.storage.delete(items);",
	},
	row: {
		item: "number",
		field: "",
		constructs: [`ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS items (id INTEGER)");`],
		add: `this.ctx.storage.sql.exec("INSERT INTO items (id) VALUES (?)", id);`,
		read: `this.ctx.storage.sql.exec<{ id: number }>("SELECT id FROM items").toArray().map(({ id }) => id)`,
		removeAll: `this.ctx.storage.sql.exec("DELETE FROM items");`,
		removeRead: `for (const id of items) this.ctx.storage.sql.exec("DELETE FROM items WHERE id = ?", id);`,
	},
	field: {
		item: "number",
		field: "private items: number[] = [];",
		constructs: [],
		add: "this.items.push(id);",
		read: "[...this.items]",
		removeAll: "this.items = [];",
		removeRead: "this.items.splice(0, items.length);",
	},
} as const;

function classOf(className: string, fields: readonly string[], constructs: readonly string[], methods: readonly string[]): string {
	const constructor = constructs.length > 0 ? [["\tconstructor(ctx: DurableObjectState, env: Env) {", "\t\tsuper(ctx, env);", ...indent(indent(constructs)), "\t}"].join("\n")] : [];
	const members = [...fields.filter(Boolean).map((field) => `\t${field}`), ...constructor, ...methods];
	return `export class ${className} extends DurableObject<Env> {\n${members.join("\n\n")}\n}\n`;
}
