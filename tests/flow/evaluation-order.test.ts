/** The order in which JavaScript evaluates, as far as it decides what lies between a read and a write. */
import { describe, expect, test } from "vitest";
import { answers, races } from "../model/flow-of.ts";

const LOST = "race: lost-update";
/** `IO()` is a fetch, `GET` and `PUT(x)` read and write one storage key. */
const expand = (body: string): string =>
	body
		.replaceAll("GET", 'this.ctx.storage.get("n")')
		.replaceAll(/PUT\((.*?)\);/gu, 'this.ctx.storage.put("n", $1);')
		.replaceAll("IO()", 'fetch("https://x")');

const method = (body: string, more = ""): string => expand(`n = 0; list = []; async run(a, b) { ${body} } ${more}`);

describe("what lies between a read and a write", () => {
	const cases: readonly (readonly [name: string, body: string, answers: readonly string[]])[] = [
		["I/O between", "const v = await GET; await IO(); await PUT(v + 1);", [LOST]],
		["storage between", 'const v = await GET; await this.ctx.storage.get("x"); await PUT(v + 1);', ["input-gate"]],
		["a microtask between", "const v = await GET; await null; await PUT(v + 1);", ["input-gate"]],
		["nothing between", "const v = this.n; this.n = v + 1;", ["synchronous"]],
		["I/O before", "await IO(); const v = await GET; await PUT(v + 1);", ["io-first"]],
		["I/O after", "const v = await GET; await PUT(v + 1); await IO();", ["input-gate"]],
		["started before, awaited after the write", "const v = await GET; const p = IO(); await PUT(v + 1); await p;", ["input-gate"]],
		["started before, awaited before the write", "const p = IO(); const v = await GET; await p; await PUT(v + 1);", [LOST]],
		["read started before, awaited after the I/O", "const p = GET; await IO(); const v = await p; await PUT(v + 1);", [LOST]],
		["awaited together", "const [v] = await Promise.all([GET, IO()]); await PUT(v + 1);", [LOST]],
		["awaited together, storage only", 'const [v] = await Promise.all([GET, this.ctx.storage.get("x")]); await PUT(v + 1);', ["input-gate"]],
		["a body awaited together with the read", 'const [v] = await Promise.all([GET, new Response("{}").json()]); await PUT(v + 1);', [LOST]],
		["allSettled", "const v = await GET; await Promise.allSettled([a, IO()]); await PUT(v + 1);", [LOST]],
		["race", "const v = await GET; await Promise.race([IO(), null]); await PUT(v + 1);", [LOST]],
		["a list of promises", "const v = await GET; const all = []; for (const x of a) all.push(IO()); await Promise.all(all); await PUT(v + 1);", [LOST]],
		["a promise in an object", "const v = await GET; const o = {}; o.p = IO(); await o.p; await PUT(v + 1);", [LOST]],
		["then", "const v = await GET; await IO().then((r) => r.status); await PUT(v + 1);", [LOST]],
		["written in then", "const v = await GET; IO().then(() => { PUT(v + 1); });", [LOST]],
		["dynamic import", 'const v = await GET; await import("./x"); await PUT(v + 1);', [LOST]],
		["for await over a body", "const v = await GET; for await (const c of a.body) b(c); await PUT(v + 1);", [LOST]],
		["for await over an array", "const v = await GET; for await (const c of [1, 2]) b(c); await PUT(v + 1);", ["input-gate"]],
		["a timer", "const v = await GET; await new Promise((resolve) => setTimeout(resolve, 1)); await PUT(v + 1);", [LOST]],
		["a promise that nobody can tell", "const v = await GET; await a; await PUT(v + 1);", ["unknown"]],
		["compound assignment reads first", "this.n += (await IO()).status;", [LOST]],
		["compound assignment, the await elsewhere", "const r = await IO(); this.n += r.status;", ["io-first"]],
		["left operand before right", "this.n = this.n + (await IO()).status;", [LOST]],
		["right operand after left", "this.n = (await IO()).status + this.n;", ["io-first"]],
		["spread before await", "this.list = [...this.list, await IO()];", [LOST]],
		["await before spread", "this.list = [await IO(), ...this.list];", ["io-first"]],
		["argument order", 'await this.ctx.storage.put("n", (await GET) + (await IO()).status);', [LOST]],
		["increment after I/O", "await IO(); this.n++;", ["io-first"]],
		["logical assignment", "this.n ||= (await IO()).status;", ["unknown"]],
		["conditional expression", "const v = this.n; const r = a ? await IO() : null; this.n = v + 1;", [LOST]],
		["right side of &&", "const v = this.n; a && (await IO()); this.n = v + 1;", [LOST]],
		["optional call", "const v = this.n; await a?.b(await IO()); this.n = v + 1;", [LOST]],
		["template", "const v = `${this.n}`; await IO(); this.n = Number(v) + 1;", [LOST]],
		["destructured from this", "const { n } = this; await IO(); this.n = n + 1;", [LOST]],
		["destructured from the value", 'const { total } = await GET; await IO(); await this.ctx.storage.put("n", { total: total + 1 });', [LOST]],
		["default in a pattern", "const { n = this.n } = a; await IO(); this.n = n + 1;", [LOST]],
		["assigned through a pattern", "let v; [v] = [this.n]; await IO(); this.n = v;", [LOST]],
		["made into an object", "const v = await GET; const o = { v }; await IO(); await PUT(o);", [LOST]],
		["pushed into a list", "const v = await GET; const o = []; o.push(v); await IO(); await PUT(o);", [LOST]],
		["a property of a local object", "const o = {}; o.v = await GET; await IO(); await PUT(o.v);", [LOST]],
		["an IIFE", "const v = await (async () => await GET)(); await IO(); await PUT(v + 1);", [LOST]],
		["a callback of map", "const v = await GET; await IO(); await PUT([1].map((x) => x + v));", [LOST]],
		["sorted by a value", "const v = await GET; await IO(); await PUT(v.map((x) => x + 1));", [LOST]],
		["overwritten on the way", "let v = await GET; await IO(); v = 0; await PUT(v);", ["no-dependence"]],
		["logged only", "const v = await GET; console.log(v); await IO(); await PUT(a);", ["no-dependence"]],
		["sent only", "const v = await GET; const r = await fetch(v); await PUT(await r.json());", ["unknown"]],
	];
	test.each(cases)("%s", (_, body, expected) => {
		expect(answers(method(body))).toEqual([...expected].sort());
	});
});

describe("paths", () => {
	const cases: readonly (readonly [name: string, body: string, answers: readonly string[]])[] = [
		["I/O in one branch", "const v = this.n; if (a) await IO(); this.n = v + 1;", [LOST]],
		["I/O in a branch that returns", "const v = this.n; if (a) { await IO(); return; } this.n = v + 1;", ["synchronous"]],
		["I/O in a branch that throws", "const v = this.n; if (a) { await IO(); throw a; } this.n = v + 1;", ["synchronous"]],
		["overwritten in the branch with I/O", "let v = this.n; if (a) { await IO(); v = 0; } this.n = v + 1;", ["synchronous"]],
		["read again in the branch with I/O", "let v = this.n; if (a) { await IO(); v = this.n; } this.n = v + 1;", ["io-first"]],
		["I/O and write in different branches", "const v = this.n; if (a) await IO(); else this.n = v + 1;", ["synchronous"]],
		["I/O and write in different cases", "const v = this.n; switch (a) { case 1: await IO(); break; case 2: this.n = v + 1; }", ["synchronous"]],
		["fall through", "const v = this.n; switch (a) { case 1: await IO(); case 2: this.n = v + 1; }", [LOST]],
		["after a switch", "const v = this.n; switch (a) { case 1: await IO(); break; default: } this.n = v + 1;", [LOST]],
		["a loop", "let v = this.n; for (const x of a) { await IO(); v++; } this.n = v;", [LOST]],
		["the next round of a loop", "let v = 0; for (const x of a) { this.n = v + 1; v = this.n; await IO(); }", [LOST]],
		["read and written within a round", "for (const x of a) { await IO(); const v = this.n; this.n = v + 1; }", ["io-first"]],
		["while", "let v = this.n; while (a()) { await IO(); } this.n = v + 1;", [LOST]],
		["do while", "let v; do { v = this.n; await IO(); } while (a()); this.n = v + 1;", [LOST]],
		["read again in each round", "let v = this.n; while (a()) { await IO(); v = this.n; } this.n = v + 1;", ["synchronous"]],
		["break before the I/O", "const v = this.n; for (;;) { if (a) break; await IO(); return; } this.n = v + 1;", ["synchronous"]],
		["break after the I/O", "const v = this.n; for (;;) { await IO(); if (a) break; } this.n = v + 1;", [LOST]],
		["continue with a label", "const v = this.n; outer: for (const x of a) { for (const y of b) { await IO(); continue outer; } } this.n = v + 1;", [LOST]],
		["break out of a block", "const v = this.n; here: { if (a) break here; await IO(); return; } this.n = v + 1;", ["synchronous"]],
		["try", "const v = this.n; try { await IO(); } catch {} this.n = v + 1;", [LOST]],
		["in catch", "const v = this.n; try { await IO(); } catch { this.n = v + 1; }", [LOST]],
		["in finally", "const v = this.n; try { await IO(); } finally { this.n = v + 1; }", [LOST]],
		["finally after a return", "const v = this.n; try { await IO(); return a; } finally { this.n = v + 1; }", [LOST]],
		["early return before the read", "if (a) { await IO(); return; } const v = this.n; this.n = v + 1;", ["synchronous"]],
	];
	test.each(cases)("%s", (_, body, expected) => {
		expect(answers(method(body))).toEqual([...expected].sort());
	});
});

describe("functions", () => {
	const io = 'async io() { return fetch("https://x"); }';
	const cases: readonly (readonly [name: string, code: string, answers: readonly string[]])[] = [
		["read, await and write in three helpers", 'async read() { return GET; } async save(v) { await PUT(v); } async run() { const v = await this.read(); await this.io(); await this.save(v + 1); }', [LOST]],
		["a helper that does no I/O", "async quiet() { return 1; } n = 0; async run() { const v = this.n; await this.quiet(); this.n = v + 1; }", ["input-gate"]],
		["a helper that reads after its I/O", "async load() { await this.io(); return GET; } async run() { const v = await this.load(); await PUT(v + 1); }", ["input-gate"]],
		["a helper that reads before its I/O", "async load() { const v = await GET; await this.io(); return v; } async run() { const v = await this.load(); await PUT(v + 1); }", [LOST]],
		["keys handed through parameters", "async get(k) { return this.ctx.storage.get(k); } async put(k, v) { await this.ctx.storage.put(k, v); } async run() { const v = await this.get('a'); await this.io(); await this.put('a', v); }", [LOST]],
		["other keys handed through parameters", "async get(k) { return this.ctx.storage.get(k); } async put(k, v) { await this.ctx.storage.put(k, v); } async run() { const v = await this.get('a'); await this.io(); await this.put('b', v); }", []],
		["keys with a hole", "async get(k) { return this.ctx.storage.get(`x:${k}`); } async put(k, v) { await this.ctx.storage.put(`x:${k}`, v); } async run(id) { const v = await this.get(id); await this.io(); await this.put(id, v); }", [LOST]],
		["from one key to another", "async run(from, to) { const v = await this.ctx.storage.get(`x:${from}`); await this.io(); await this.ctx.storage.put(`x:${to}`, v); }", []],
		["a getter", "get total() { return this.n; } n = 0; async run() { const v = this.total; await this.io(); this.n = v + 1; }", [LOST]],
		["a local function", "n = 0; async run() { const read = () => this.n; const v = read(); await this.io(); this.n = v + 1; }", [LOST]],
		["a local function that awaits", "n = 0; async run() { const wait = async () => { await this.io(); }; const v = this.n; await wait(); this.n = v + 1; }", [LOST]],
		["a variable that a closure changes", "n = 0; async run() { let v = 0; const read = () => { v = this.n; }; read(); await this.io(); this.n = v + 1; }", [LOST]],
		["a write in a closure", "n = 0; async run() { const v = this.n; const write = () => { this.n = v + 1; }; await this.io(); write(); }", [LOST]],
		["a function field", "n = 0; load = async () => { await this.io(); }; async run() { const v = this.n; await this.load(); this.n = v + 1; }", [LOST]],
		["a private method", "#n = 0; async #load() { await this.io(); } async run() { const v = this.#n; await this.#load(); this.#n = v + 1; }", [LOST]],
		["this under another name", "n = 0; async run() { const self = this; const v = self.n; await this.io(); self.n = v + 1; }", [LOST]],
		["a field under another name is still the field", "state = { n: 0 }; async run() { const state = this.state; await this.io(); state.n = state.n + 1; }", ["io-first"]],
		["not awaited", "n = 0; async later() { await this.io(); } async run() { const v = this.n; this.later(); this.n = v + 1; }", ["synchronous"]],
		["a promise returned by a plain function", "n = 0; later() { return this.io(); } async run() { const v = this.n; await this.later(); this.n = v + 1; }", [LOST]],
		["a callback that is called in a helper", "n = 0; async twice(f) { await f(); await f(); } async run() { const v = this.n; await this.twice(async () => { await this.io(); }); this.n = v + 1; }", [LOST]],
		["a setter", "#n = 0; get level() { return this.#n; } set level(value) { this.#n = value; } async run() { const v = this.level; await this.io(); this.level = v + 1; }", [LOST]],
		["a setter that an addition runs", "#n = 0; get level() { return this.#n; } set level(value) { this.#n = value; } async run() { this.level += Number(await this.io()); }", [LOST]],
		["a setter after the await", "#n = 0; get level() { return this.#n; } set level(value) { this.#n = value; } async run() { await this.io(); this.level++; }", ["io-first"]],
		["a setter alone", "#n = 0; set level(value) { this.#n = value; } async run(x) { await this.io(); this.level = x; }", []],
		["recursion", "n = 0; async run(a) { if (a) return this.other(a); const v = this.n; await this.other(1); this.n = v + 1; } async other(a) { await this.io(); return this.run(a - 1); }", [LOST]],
		["a function of the module", "n = 0; async run() { const v = this.n; await wait(); this.n = v + 1; }", [LOST]],
		["a function of another file", "n = 0; async run() { const v = this.n; await imported(); this.n = v + 1; }", ["unknown"]],
	];
	test.each(cases)("%s", (_, code, expected) => {
		expect(answers(expand(`${io} ${code}`), 'import { imported } from "./x"; const wait = async () => { await fetch("https://x"); };')).toEqual([...expected].sort());
	});

	test("the witness names the code in the helpers", () => {
		expect(races(expand(`${io} async read() { return GET; } async run() { const v = await this.read(); await this.io(); await PUT(v + 1); }`))).toEqual([
			'lost-update of storage key "n": this.ctx.storage.get("n") | await this.io() | this.ctx.storage.put("n", v + 1)',
		]);
	});
});
