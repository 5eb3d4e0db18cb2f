/** Code that nobody writes by hand: it is analysed all the same, and what must be found is found. */
import { describe, expect, test } from "vitest";
import { flowOf } from "../../src/model/flow-host.ts";
import { answers, durableObjectIn, inObject, races } from "../model/flow-of.ts";

const many = (count: number, piece: (index: number) => string) => Array.from({ length: count }, (_, index) => piece(index)).join("\n");
const READ = 'let v = await this.ctx.storage.get("n");';
const WRITE = 'await this.ctx.storage.put("n", v);';
const kinds = (body: string) => races(body).map((race) => race.slice(0, race.indexOf(" ")));

describe("bounds", () => {
	test.each([
		["5,000 awaits", `async run() { ${READ} ${many(5_000, (index) => `await fetch("https://x/${index}");`)} ${WRITE} }`],
		["200 nested tests", `async run(a) { ${READ} ${"if (a) { await fetch(a); v++; ".repeat(200)} ${WRITE} ${"}".repeat(200)} }`],
		["2,000 tests one after the other", `async run(a) { ${READ} ${many(2_000, (index) => `if (a === ${index}) { await fetch(a); v++; }`)} ${WRITE} }`],
		["1,000 cases", `async run(a) { ${READ} switch (a) { ${many(1_000, (index) => `case ${index}: await fetch(a); v += ${index}; ${index % 2 ? "break;" : ""}`)} } ${WRITE} }`],
		["30 nested loops", `async run(a) { ${READ} ${"for (const x of a) { await fetch(x); v++; ".repeat(30)} ${WRITE} ${"}".repeat(30)} }`],
		["60 nested try statements", `async run(a) { ${READ} ${"try { await fetch(a); v++; ".repeat(60)} ${WRITE} ${"} catch { v--; } finally { v += 2; }".repeat(60)} }`],
		["methods that each call the next one twice", `${many(30, (index) => `async m${index}(v) { await this.m${index + 1}(v); return this.m${index + 1}(v); }`)} async m30() { await fetch("https://x"); } async run() { ${READ} await this.m0(v); ${WRITE} }`],
		["methods that call each other", `async a(n) { await this.b(n); await this.c(n); } async b(n) { if (n) await this.a(n - 1); } async c(n) { await this.b(n); await fetch(n); } async run() { ${READ} await this.a(3); ${WRITE} }`],
	])("%s", (_, body) => {
		expect(kinds(body)).toContain("lost-update");
	});

	test("a chain of 500 methods", () => {
		const body = `${many(500, (index) => `async m${index}(v) { return this.m${index + 1}(v); }`)} async m500(v) { await fetch("https://x"); return v; } async run() { ${READ} v = await this.m0(v); ${WRITE} }`;
		expect(kinds(body)).toEqual(["lost-update"]);
	});

	test("nesting deeper than the stack could bear is given up, not fatal", () => {
		const deep = `${"(".repeat(300)}await fetch("https://x")${")".repeat(300)}`;
		expect(kinds(`async run(a) { ${READ} v += ${deep}; ${WRITE} }`)).toEqual(["lost-update"]);
		expect(() => answers(`async run(a) { ${READ} v = a${".b".repeat(560)}; ${WRITE} }`)).not.toThrow();
	});

	test("a class too large to remember all its writes makes no promise about who writes", () => {
		const body = `async alarm() { ${READ} await fetch("https://x"); ${WRITE} } async other() { ${many(400, (index) => `await this.ctx.storage.put("k${index}", 1);`)} ${WRITE} }`.replace(`${WRITE} }`, 'await this.ctx.storage.put("n", v); }');
		expect(answers(body)).not.toContain("single-entry");
	});
});

describe("smaller questions", () => {
	const flow = () => {
		const object = durableObjectIn(
			inObject(`
				constructor(ctx, env) { super(ctx, env); this.ctx.blockConcurrencyWhile(async () => { await this.load(); }); }
				async load() { this.n = await this.ctx.storage.get("n"); }
				async call() { await fetch("https://x"); }
				async quiet() { return 1; }
				async run() { this.call(); await this.load(); await this.call(); await this.ctx.storage.put("n", 1); }
				async alarm() { await this.quiet(); }
			`),
		);
		const fn = (name: string) => {
			const method = object.method(name);
			if (!method) throw new Error(`no method ${name}`);
			return method.fn;
		};
		return { object, flow: flowOf(object), fn, text: (node: { readonly range: readonly [number, number] }) => object.file.text.slice(...node.range) };
	};

	test("the worst suspension of a function, and its cause", () => {
		const { flow: of, fn, text } = flow();
		const worst = of.worstSuspension(fn("run"));
		expect(worst?.kind).toBe("open");
		expect(worst && text(worst.cause)).toBe('fetch("https://x")');
		expect(of.worstSuspension(fn("load"))?.kind).toBe("closed");
		expect(of.worstSuspension(fn("quiet"))).toBeNull();
	});

	test("the suspensions inside a region", () => {
		const { object, flow: of } = flow();
		const [callback] = object.members.functions.filter((each) => each.type === "ArrowFunctionExpression");
		expect(callback && of.suspensionsIn(callback).map(({ kind }) => kind)).toEqual(["closed"]);
	});

	test("promises that are dropped", () => {
		const { flow: of, fn, text } = flow();
		expect(of.droppedPromises(fn("run"), ["open"]).map(({ node, kind }) => [text(node), kind])).toEqual([["this.call()", "open"]]);
	});

	test("what a function touches, and what it awaits before", () => {
		const { flow: of, fn } = flow();
		expect(of.accessesOf(fn("run")).map(({ access, since }) => [access.mode, access.place.label, since?.kind ?? null])).toEqual([
			["read", 'storage key "n"', null],
			["write", "this.n", "closed"],
			["write", 'storage key "n"', "open"],
		]);
	});
});
