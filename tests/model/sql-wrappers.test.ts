import { describe, expect, test } from "vitest";
import rule from "../../src/rules/concurrency/no-interleaved-read-modify-write.ts";
import { sqlTexts, sqlWrappers } from "../../src/model/sql-wrappers.ts";
import { review } from "../rules/rule-tester.ts";
import { answers, durableObjectIn, inObject, races } from "./flow-of.ts";

const WRAPPERS = {
	"rest": "private query(text: string, ...values: unknown[]) { return this.ctx.storage.sql.exec(text, ...values).toArray(); }",
	"a list": "private query(text: string, values: unknown[] = []) { return [...this.ctx.storage.sql.exec(text, ...values)]; }",
	"a list with a default where it is handed on": "private query(text: string, values?: unknown[]) { return this.ctx.storage.sql.exec(text, ...(values ?? [])).toArray(); }",
	"one value": "private query(text: string, a: unknown, b: unknown) { return this.ctx.storage.sql.exec(text, a, b).toArray(); }",
	"with and without": "private query(text: string, values?: unknown[]) { return values ? this.ctx.storage.sql.exec(text, ...values).toArray() : this.ctx.storage.sql.exec(text).toArray(); }",
	"async": "private async query(text: string, ...values: unknown[]) { return this.ctx.storage.sql.exec(text, ...values).toArray(); }",
	"through another": "private exec(text: string, values: unknown[]) { return this.ctx.storage.sql.exec(text, ...values); } private query(text: string, ...values: unknown[]) { return this.exec(text, values).toArray(); }",
	"that says what fails": "private query(text: string, ...values: unknown[]) { try { return this.ctx.storage.sql.exec(text, ...values).toArray(); } catch (error) { console.error(error); throw error; } }",
} as const;

describe("a method that runs the SQL it is given", () => {
	test.each(Object.entries(WRAPPERS))("%s: a lost update is seen through it", (_, wrapper) => {
		const listed = wrapper.includes("...values: unknown[])") || wrapper.includes("a: unknown") ? ["id", "row.n + 1, id"] : ["[id]", "[row.n + 1, id]"];
		const wait = wrapper.includes("async query") ? "await " : "";
		const body = `${wrapper} async add(id: string) { const [row] = ${wait}this.query("SELECT n FROM counts WHERE id = ?", ${listed[0]}); await fetch("https://x"); ${wait}this.query("UPDATE counts SET n = ? WHERE id = ?", ${listed[1]}); }`;
		expect(races(body)).toEqual([expect.stringContaining("lost-update of table counts")]);
	});

	test("two rows are two rows", () => {
		const body = `${WRAPPERS.rest} async add(id: string) { const [row] = this.query("SELECT n FROM counts WHERE id = 'a'"); await fetch("https://x"); this.query("UPDATE counts SET n = ? WHERE id = 'b'", row.n + 1); }`;
		expect(races(body)).toEqual([]);
	});

	test("a statement that takes the present value into account", () => {
		const body = `${WRAPPERS.rest} async add() { const [row] = this.query("SELECT n FROM counts"); await fetch("https://x", { body: row.n }); this.query("UPDATE counts SET n = n + 1"); }`;
		expect(answers(body)).toEqual(["atomic"]);
	});

	const doesMore = {
		"waits": "private async query(text: string, ...values: unknown[]) { await fetch('https://x'); return this.ctx.storage.sql.exec(text, ...values).toArray(); }",
		"sets a field": "last = ''; private query(text: string, ...values: unknown[]) { this.last = text; return this.ctx.storage.sql.exec(text, ...values).toArray(); }",
		"stores something": "private query(text: string, ...values: unknown[]) { this.ctx.storage.kv.put('last', text); return this.ctx.storage.sql.exec(text, ...values).toArray(); }",
	};
	test.each(Object.entries(doesMore))("one that %s is no plain wrapper", (_, wrapper) => {
		const object = durableObjectIn(inObject(`${wrapper} async run() { await this.query("SELECT 1"); }`));
		expect([...sqlWrappers(object).values()].map(({ isPlain }) => isPlain)).toEqual([false]);
	});

	test("the calls stand for the exec, and bring their values along", () => {
		const object = durableObjectIn(inObject(`${WRAPPERS["through another"]} async run(a: string) { this.query("DELETE FROM t WHERE a = ? AND b = ?", a, 2); }`));
		expect(sqlTexts(object).map(({ source, bindings }) => [source.text.parts.join("?"), bindings.length])).toEqual([["DELETE FROM t WHERE a = ? AND b = ?", 2]]);
	});

	test("a text that is not known at every call leaves a doubt", () => {
		const code = inObject(`${WRAPPERS.rest} async run(id: string) { return this.query("SELECT n FROM t WHERE id = ?", id); } async any(text: string, more: string) { return this.query(text + more); }`);
		expect(review(rule, code).flatMap(({ verdicts }) => verdicts.map(({ status }) => status))).toEqual(["unknown"]);
	});
});
