import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-unsupported-sql-binding.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const bind = (value: string, parameters = "x"): string => method(`sql.exec("UPDATE t SET v = ?", ${value});`, parameters);

tester.run("no-unsupported-sql-binding", rule, {
	valid: [
		{ name: "a string", code: bind('"text"') },
		{ name: "a number", code: bind("1.5") },
		{ name: "null and undefined", code: method('sql.exec("UPDATE t SET a = ?, b = ?", null, undefined);') },
		{ name: "bytes", code: bind("new Uint8Array(4)") },
		{ name: "a buffer", code: bind("new ArrayBuffer(4)") },
		{ name: "one or nothing", code: bind("x ? 1 : 0") },
		{ name: "Number()", code: bind("Number(x === 1)") },
		{ name: "a plus", code: bind("+(x === 1)") },
		{ name: "JSON", code: bind("JSON.stringify({ x })") },
		{ name: "a time", code: bind("new Date().getTime()") },
		{ name: "an ISO date", code: bind("new Date().toISOString()") },
		{ name: "Date.now()", code: bind("Date.now()") },
		{ name: "a value of which nothing is known", code: bind("x") },
		{ name: "any", code: bind("x", "x: any") },
		{ name: "a union with something else", code: bind("x", "x: boolean | number") },
		{ name: "the right of an and", code: bind("x === 1 && 5") },
		{ name: "joined items", code: bind('[1, 2].join(",")') },
		{ name: "spread strings", code: method('sql.exec("UPDATE t SET a = ?, b = ?", ...["a", "b"]);') },
		{ name: "a class of the same name", code: object('run() { this.ctx.storage.sql.exec("UPDATE t SET v = ?", new Date()); }', 'import { Date } from "./dates";') },
		{ name: "D1 binds booleans", code: object('async run() { await this.env.DB.prepare("UPDATE t SET v = ?").bind(true).run(); }') },
		{ name: "another exec", code: object('run() { this.shell.exec("ls", true, {}); }') },
		{ name: "a tag that is not the framework's", code: object("run() { this.sql`SELECT ${true}`; }") },
	],
	invalid: [
		{ name: "true", code: bind("true"), errors: [{ messageId: "boolean", data: { expression: "true" }, suggestions: [{ messageId: "asNumber", output: bind("1") }] }] },
		{ name: "false", code: bind("false"), errors: [{ messageId: "boolean", suggestions: [{ messageId: "asNumber", output: bind("0") }] }] },
		{ name: "a comparison", code: bind("x === 1"), errors: [{ messageId: "boolean", suggestions: [{ messageId: "asNumber", output: bind("Number(x === 1)") }] }] },
		{ name: "a negation", code: bind("!!x"), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "Boolean()", code: bind("Boolean(x)"), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "a boolean parameter", code: bind("x", "x: boolean"), errors: [{ messageId: "boolean", suggestions: [{ messageId: "asNumber", output: bind("Number(x)", "x: boolean") }] }] },
		{ name: "an optional boolean", code: bind("x ?? false", "x?: boolean"), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "a boolean of a list's elements", code: object('save(todos: Todo[]) { todos.forEach((todo) => { this.ctx.storage.sql.exec("INSERT INTO todos VALUES (?, ?)", todo.id, todo.done); }); }', "interface Todo { id: string; done: boolean }"), errors: [{ messageId: "boolean", data: { expression: "todo.done" }, suggestions: 1 }] },
		{ name: "a boolean of an interface", code: object('save(todo: Todo) { this.ctx.storage.sql.exec("INSERT INTO todos VALUES (?, ?)", todo.id, todo.done); }', "interface Todo { id: string; done?: boolean }"), errors: [{ messageId: "boolean", data: { expression: "todo.done" }, suggestions: 1 }] },
		{ name: "a boolean taken out of a list", code: object('save(all: Todo[]) { for (const { done } of all) this.ctx.storage.sql.exec("INSERT INTO todos VALUES (?)", done); }', "type Todo = { done: boolean };"), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "a boolean field", code: object('#open: boolean; save() { this.ctx.storage.sql.exec("UPDATE t SET v = ?", this.#open); }'), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{
			name: "a date",
			code: bind("new Date()"),
			errors: [{ messageId: "date", suggestions: [{ messageId: "asTime", output: bind("new Date().getTime()") }, { messageId: "asIso", output: bind("new Date().toISOString()") }] }],
		},
		{ name: "a date in a variable", code: method('const now = new Date(); sql.exec("UPDATE t SET v = ?", now);'), errors: [{ messageId: "date", suggestions: 2 }] },
		{ name: "a Date parameter", code: bind("x", "x: Date | null"), errors: [{ messageId: "date", suggestions: 2 }] },
		{ name: "an object", code: bind("{ x }"), errors: [{ messageId: "object", suggestions: [{ messageId: "asJson", output: bind("JSON.stringify({ x })") }] }] },
		{ name: "a record", code: bind("x", "x: Record<string, string>"), errors: [{ messageId: "object", suggestions: 1 }] },
		{ name: "an array", code: bind("[1, 2]"), errors: [{ messageId: "array", suggestions: [{ messageId: "asJson", output: bind("JSON.stringify([1, 2])") }] }] },
		{ name: "an array parameter", code: bind("x", "x: string[]"), errors: [{ messageId: "array", suggestions: 1 }] },
		{ name: "a bigint", code: bind("9_007n"), errors: [{ messageId: "bigint", suggestions: [{ messageId: "asString", output: bind('"9007"') }] }] },
		{ name: "BigInt()", code: bind("BigInt(x)"), errors: [{ messageId: "bigint", suggestions: [{ messageId: "asString", output: bind("String(BigInt(x))") }] }] },
		{ name: "a function", code: bind("() => x"), errors: [{ messageId: "function" }] },
		{ name: "in a spread", code: method('sql.exec("UPDATE t SET a = ?, b = ?", ...[1, true]);'), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "in a list of values", code: method('const values = [1, true]; sql.exec("UPDATE t SET a = ?, b = ?", ...values);'), errors: [{ messageId: "boolean", suggestions: 1 }] },
		{ name: "the tag of the Agents SDK", code: 'import { Agent } from "agents"; export class Chat extends Agent { run() { this.sql`UPDATE t SET v = ${true}`; } }', errors: [{ messageId: "boolean", suggestions: 1 }] },
	],
});

describe("no-unsupported-sql-binding: verdicts", () => {
	it("quotes what is bound", () => {
		expect(verdictsOn(rule, bind("JSON.stringify(x)"))).toMatchObject([{ status: "guarded", quotes: ["JSON.stringify(x)"] }]);
	});

	it("does not apply where nothing is bound", () => {
		expect(verdictsOn(rule, method('sql.exec("SELECT 1");'))).toMatchObject([{ status: "not-applicable" }]);
	});
});
