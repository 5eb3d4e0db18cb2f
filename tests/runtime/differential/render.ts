/** Programs as TypeScript: one exported Durable Object class each. */
import { CAPACITY, type Change, type Claim, type Counter, isRegion, type Program, type Queue, type Region, type Shape, type Step, type Stock, type Store } from "./program.ts";

export const HEADER = `import { DurableObject } from "cloudflare:workers";

interface Env {
	SVC: Fetcher;
	KV: KVNamespace;
}

`;

type Operator = "+" | "-";

interface Place {
	readonly field: string;
	/** An expression that suspends only where `await` stands in it. */
	readonly read: string;
	/** An expression for what has it as a property of that name, where it is not alone. */
	readonly whole: string | null;
	/** Without await; a promise for the asynchronous API. */
	readonly readPromise: string | null;
	readonly write: (value: string) => string;
	/** Statements that change it by an amount. */
	readonly move: (operator: Operator, amount: string) => readonly string[];
	/** A member expression, where the place is one. */
	readonly member: string | null;
	readonly constructs: readonly string[];
}

const ROW = "UPDATE totals SET";

/** A table of one row. */
function table(columns: Readonly<Record<string, string>>): readonly string[] {
	const types = Object.entries(columns).map(([name, start]) => `${name} ${start.startsWith("'") ? "TEXT" : "INTEGER"}`);
	return [
		`ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS totals (id INTEGER PRIMARY KEY, ${types.join(", ")})");`,
		`ctx.storage.sql.exec("INSERT OR IGNORE INTO totals (id, ${Object.keys(columns).join(", ")}) VALUES (1, ${Object.values(columns).join(", ")})");`,
	];
}

/** A value in each kind of store, under a name; a number unless it is of another type. */
function placeIn(store: Store, name: string, start = "0", type = "number"): Place {
	const none = { field: "", whole: null, readPromise: null, member: null, constructs: [] };
	const moveBy =
		(read: string, write: (value: string) => string): Place["move"] =>
		(operator, amount) => [`${write(`(${read}) ${operator} ${amount}`)};`];
	const moveMember =
		(member: string): Place["move"] =>
		(operator, amount) => [amount === "1" ? `${member}${operator}${operator};` : `${member} ${operator}= ${amount};`];
	switch (store) {
		case "async key": {
			const readPromise = `this.ctx.storage.get<${type}>("${name}")`;
			const read = `(await ${readPromise}) ?? ${start}`;
			const write = (value: string): string => `await this.ctx.storage.put("${name}", ${value})`;
			return { ...none, read, readPromise, write, move: (operator, amount) => [`const now = ${read};`, `${write(`now ${operator} ${amount}`)};`] };
		}
		case "record": {
			const whole = `(await this.ctx.storage.get<{ ${name}: ${type} }>("record")) ?? { ${name}: ${start} }`;
			const read = `(await this.ctx.storage.get<{ ${name}: ${type} }>("record"))?.${name} ?? ${start}`;
			const write = (value: string): string => `await this.ctx.storage.put("record", { ${name}: ${value} })`;
			return { ...none, whole, read, write, move: moveBy(read, write) };
		}
		case "sync key": {
			const read = `this.ctx.storage.kv.get<${type}>("${name}") ?? ${start}`;
			const write = (value: string): string => `this.ctx.storage.kv.put("${name}", ${value})`;
			return { ...none, read, write, move: moveBy(read, write) };
		}
		case "row": {
			const whole = `this.ctx.storage.sql.exec<{ ${name}: ${type} }>("SELECT ${name} FROM totals WHERE id = 1").one()`;
			return {
				...none,
				whole,
				read: `${whole}.${name}`,
				write: (value) => `this.ctx.storage.sql.exec("${ROW} ${name} = ? WHERE id = 1", ${value})`,
				move: (operator, amount) => [`this.ctx.storage.sql.exec(${amount === "1" ? `"${ROW} ${name} = ${name} ${operator} 1 WHERE id = 1"` : `"${ROW} ${name} = ${name} ${operator} ? WHERE id = 1", ${amount}`});`],
				constructs: table({ [name]: start }),
			};
		}
		case "field":
			return { ...none, field: `private ${name}: ${type} = ${start};`, read: `this.${name}`, write: (value) => `this.${name} = ${value}`, move: moveMember(`this.${name}`), member: `this.${name}` };
		case "map": {
			const read = `this.totals.get("${name}") ?? ${start}`;
			const write = (value: string): string => `this.totals.set("${name}", ${value})`;
			return { ...none, field: `private totals = new Map<string, ${type}>();`, read, write, move: moveBy(read, write) };
		}
		case "nested field":
			return {
				...none,
				field: `private totals = { ${name}: ${start} };`,
				whole: "this.totals",
				read: `this.totals.${name}`,
				write: (value) => `this.totals.${name} = ${value}`,
				move: (operator, amount) => [`this.totals.${name} ${operator}= ${amount};`],
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
			case "perhaps":
				return this.#perhaps(step);
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
			case "recursion":
				return this.#recursion(step);
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

	#perhaps({ flag, operator, suspension: { code } }: Step & { type: "perhaps" }): string[] {
		if (operator === "?:") return [`${flag} ? await ${code} : null;`];
		if (operator === "&&") return [`${flag} && (await ${code});`];
		// The same flag has the same meaning everywhere: no path that cannot be gone is made of two.
		if (operator === "||") return [`!${flag} || (await ${code});`];
		const name = this.name("waiter");
		return [`const ${name} = ${flag} ? { wait: async () => ${code} } : null;`, `await ${name}?.wait();`];
	}

	#recursion({ how, through, steps, last }: Step & { type: "recursion" }): string[] {
		const [name, back] = [this.name("again"), this.name("back")];
		const inner = (seen: string): string => `await this.${through === "itself" ? name : back}(rounds - 1, ${seen}, first, second)`;
		const parameters = `rounds: number, seen: number, ${PARAMETERS}`;
		const method = (name: string, body: readonly string[]): void => this.method(`private async ${name}(${parameters}): Promise<number>`, body);
		if (how === "around") method(name, [...this.steps(steps), `if (rounds > 0) ${inner("0")};`, ...this.steps(last), "return seen;"]);
		else method(name, ["if (rounds > 0) {", ...indent([...this.steps(steps), `return ${inner("seen")};`]), "}", ...this.steps(last), "return seen;"]);
		if (through === "a circle") method(back, [`return this.${name}(rounds, seen, first, second);`]);
		const outer = `await this.${name}(1, seen, first, second)`;
		return [how === "around" ? `${outer};` : `seen = ${outer};`];
	}

	#branch(steps: readonly Step[]): string {
		const name = this.name("branch");
		this.method(`private async ${name}(${PARAMETERS}): Promise<void>`, ["let seen = 0;", ...this.steps(steps)]);
		return name;
	}

	#add(): string {
		const name = "addOne";
		if (!this.methods.some((method) => method.includes(`async ${name}(`))) this.method(`private async ${name}(): Promise<void>`, this.place.move("+", "1"));
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
		case "stock":
			return renderStock(program, className);
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

function renderClaim({ store, mark, test, change, shape, before, after, effect, region }: Claim, className: string): string {
	const { read, write, field, column, variable } = mark === "number" ? numberMark(store) : recordMark(store, mark, change);
	const writer = new Writer(placeIn("field", "unused"));
	const count = `this.ctx.storage.sql.exec("UPDATE totals SET n = n + 1 WHERE id = 1");`;
	const body = [
		...(variable === null ? [] : [`const ${variable} = ${read};`]),
		...unless(test(variable ?? `(${read})`), shape, [
			...writer.steps(before),
			...(effect === "before the mark" ? [count] : []),
			...write,
			...writer.steps(after),
			...(effect === "after the mark" ? [count] : []),
		]),
	];
	writer.method(`async run(${PARAMETERS}): Promise<void>`, [...declareSeen([...before, ...after]), ...enclose(region, body)]);
	writer.method("async total(): Promise<number>", [`return this.ctx.storage.sql.exec<{ n: number }>("SELECT n FROM totals WHERE id = 1").one().n;`]);
	return classOf(className, [field], table({ n: "0", ...column }), writer.methods);
}

interface Mark {
	readonly field: string;
	readonly column: Readonly<Record<string, string>>;
	readonly read: string;
	readonly write: readonly string[];
	/** Where what was read is kept; null where it is used at once. */
	readonly variable: string | null;
}

function numberMark(store: Claim["store"]): Mark {
	const { field, read, write } = placeIn(store, store === "row" ? "claimed" : "mark");
	return { field, column: { claimed: "0" }, read, write: [`${write("1")};`], variable: null };
}

/** A record with a status; there is none before the mark where it says only what is done. */
function recordMark(store: Claim["store"], mark: "pending" | "done", change: Change): Mark {
	const [variable, column] = ["job", { status: "'pending'" }];
	if (store === "row") {
		const read = `this.ctx.storage.sql.exec<{ status: string }>("SELECT status FROM totals WHERE id = 1").one()`;
		return { field: "", column, read, write: [`this.ctx.storage.sql.exec("${ROW} status = 'done' WHERE id = 1");`], variable };
	}
	const isThere = mark === "pending";
	const { field, read, write } = placeIn(store, "job", isThere ? `{ status: "pending" }` : "null", isThere ? "{ status: string }" : "{ status: string } | null");
	// What is not there yet cannot be assigned to.
	const writes = change === "assigned" && isThere ? [`${variable}.status = "done";`, `${write(variable)};`] : [`${write(`{ ...${variable}, status: "done" }`)};`];
	return { field, column, read, write: writes, variable };
}

/** Steps may hand `seen` to parts of their own, where nothing depends on it. */
const declareSeen = (steps: readonly Step[]): readonly string[] => (steps.length > 0 ? ["let seen = 0;"] : []);

const unless = (refused: string, shape: Shape, rest: readonly string[]): readonly string[] => (shape === "return" ? [`if (${refused}) return;`, ...rest] : [`if (!(${refused})) {`, ...indent(rest), "}"]);

/** How the number is looked at: what comes before the check, and what stands in it. */
function lookAt({ read, whole }: Place, look: Stock["look"]): { readonly before: readonly string[]; readonly number: string } {
	if (look === "place") return { before: [], number: `(${read})` };
	if (look === "number" || whole === null) return { before: [`const current = ${read};`], number: "current" };
	return look === "whole" ? { before: [`const stock = ${whole};`], number: "stock.n" } : { before: [`const { n: current } = ${whole};`], number: "current" };
}

function renderStock({ store, direction, test, shape, amount, takes, look, between, guard }: Stock, className: string): string {
	const place = placeIn(store, "n", direction === "down" ? `${CAPACITY}` : "0");
	const writer = new Writer(place);
	const [onward, back] = direction === "down" ? (["-", "+"] as const) : (["+", "-"] as const);
	const isCopy = takes === "from the copy";
	// What was handed out is counted where no other event can come in between.
	const take = [...(isCopy ? [`${place.write(`current ${onward} ${amount}`)};`] : place.move(onward, amount)), "this.taken++;"];
	const giveBack = [...(isCopy ? [`${place.write("current")};`] : place.move(back, amount)), "this.taken--;"];
	const waiting = writer.steps(between);
	const { before, number } = lookAt(place, isCopy ? "number" : look);
	const bodies: Readonly<Record<"none" | "reserved" | "checked again", readonly string[]>> = {
		none: [...waiting, ...take],
		reserved: [...take, ...waiting, "if (second) {", ...indent(giveBack), "}"],
		"checked again": [...waiting, ...unless(test(`(${place.read})`, amount), shape, take)],
	};
	const guarded = [...before, ...unless(test(number, amount), shape, bodies[guard === "reserved" || guard === "checked again" ? guard : "none"])];
	const alone = guard === "busy" ? ["if (this.isBusy) return;", "this.isBusy = true;", "try {", ...indent(guarded), "} finally {", "\tthis.isBusy = false;", "}"] : guarded;
	writer.method(`async run(${PARAMETERS}, amount: number): Promise<void>`, [...declareSeen(between), ...enclose(isRegion(guard) ? guard : null, alone)]);
	// Below nothing there is nothing, and beyond the limit no room: how much was handed out that was not there.
	const counted = direction === "down" ? `${CAPACITY} - Math.max(${place.read}, 0)` : `Math.min(${place.read}, ${CAPACITY})`;
	writer.method("async total(): Promise<number>", [`return this.taken - (${counted});`]);
	return classOf(className, [place.field, "private taken = 0;", guard === "busy" ? "private isBusy = false;" : ""], place.constructs, writer.methods);
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

/** Fields that conditions look at, and nobody writes. */
const CONSTANTS = { isClosed: "false", isOpen: "true" };

function classOf(className: string, fields: readonly string[], constructs: readonly string[], methods: readonly string[]): string {
	const constructor = constructs.length > 0 ? [["\tconstructor(ctx: DurableObjectState, env: Env) {", "\t\tsuper(ctx, env);", ...indent(indent(constructs)), "\t}"].join("\n")] : [];
	const constants = Object.entries(CONSTANTS).filter(([name]) => methods.some((method) => method.includes(`this.${name}`)));
	const members = [...constants.map(([name, value]) => `\tprivate readonly ${name} = ${value};`), ...fields.filter(Boolean).map((field) => `\t${field}`), ...constructor, ...methods];
	return `export class ${className} extends DurableObject<Env> {\n${members.join("\n\n")}\n}\n`;
}
