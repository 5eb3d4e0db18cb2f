import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/storage/no-unbounded-list.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { method, object } from "./object.ts";

const list = (call: string): string => object(`async run(options) { const entries = await this.ctx.storage.${call}; return entries; }`);
const strict = [{ allowPrefix: false, checkSql: true }];

tester.run("no-unbounded-list", rule, {
	valid: [
		{ name: "a limit", code: list("list({ limit: 100 })") },
		{ name: "a limit in a constant", code: object("async run() { const options = { limit: 100 }; return this.ctx.storage.list(options); }") },
		{ name: "a prefix", code: list('list({ prefix: "user:" })') },
		{ name: "a start and an end", code: list('list({ start: "a", end: "b" })') },
		{ name: "options that cannot be read", code: list("list(options)") },
		{ name: "options that are spread", code: list("list({ ...options })") },
		{ name: "a prefix and a limit, strictly", code: list('list({ prefix: "user:", limit: 10 })'), options: strict },
		{ name: "the synchronous list, entry by entry", code: object("run() { for (const [key] of this.ctx.storage.kv.list()) console.log(key); }") },
		{ name: "all is deleted afterwards", code: object("async run() { const all = await this.ctx.storage.list(); if (all.size > 0) { send(all); await this.ctx.storage.deleteAll(); } }") },
		{ name: "all is deleted afterwards, strictly", code: object('async run() { const all = await this.ctx.storage.list({ prefix: "job:" }); send(all); await this.ctx.storage.deleteAll(); }'), options: strict },
		{ name: "another list", code: object("async run() { return this.env.BUCKET.list(); }") },
		{ name: "a SELECT of everything, by default", code: method('return sql.exec("SELECT * FROM t").toArray();') },
		{ name: "a SELECT with a condition, strictly", code: method('return sql.exec("SELECT * FROM t WHERE a = ?", 1).toArray();'), options: strict },
		{ name: "a SELECT with a limit, strictly", code: method('return sql.exec("SELECT * FROM t LIMIT 10").toArray();'), options: strict },
		{ name: "an aggregate, strictly", code: method('return sql.exec("SELECT count(*) FROM t").toArray();'), options: strict },
		{ name: "row by row, strictly", code: method('for (const row of sql.exec("SELECT * FROM t")) console.log(row);'), options: strict },
	],
	invalid: [
		{ name: "everything", code: list("list()"), errors: [{ messageId: "everything" }] },
		{ name: "everything, with options", code: list("list({ reverse: true })"), errors: [{ messageId: "everything" }] },
		{ name: "from a start, without an end", code: list('list({ start: "a" })'), errors: [{ messageId: "everything" }] },
		{ name: "in a transaction", code: object("async run() { await this.ctx.storage.transaction(async (txn) => { for (const [key] of await txn.list()) await txn.delete(key); }); }"), errors: [{ messageId: "everything" }] },
		{ name: "the synchronous list, into an array", code: object("run() { return [...this.ctx.storage.kv.list()]; }"), errors: [{ messageId: "everything" }] },
		{ name: "behind ?.", code: object("constructor(state) { this.state = state; } async fetch() { return this.state.storage?.list(); }"), errors: [{ messageId: "everything" }] },
		{ name: "all was deleted before", code: object("async run() { await this.ctx.storage.deleteAll(); return this.ctx.storage.list(); }"), errors: [{ messageId: "everything" }] },
		{ name: "all is deleted on another way", code: object("async run(what) { if (what === 'dump') { return this.ctx.storage.list(); } if (what === 'reset') { await this.ctx.storage.deleteAll(); } }"), errors: [{ messageId: "everything" }] },
		{ name: "all is deleted by another method", code: object("async run() { return this.ctx.storage.list(); } async reset() { await this.ctx.storage.deleteAll(); }"), errors: [{ messageId: "everything" }] },
		{ name: "a prefix, strictly", code: list('list({ prefix: "user:" })'), options: strict, errors: [{ messageId: "wholePrefix" }] },
		{ name: "all rows, strictly", code: method('return sql.exec("SELECT * FROM t ORDER BY id").toArray();'), options: strict, errors: [{ messageId: "allRows", data: { table: "t" } }] },
	],
});

describe("no-unbounded-list: verdicts", () => {
	it.each([
		["quotes a listing with a limit", list("list({ limit: 5 })"), { status: "guarded", quotes: ["this.ctx.storage.list({ limit: 5 })"], because: "the listing has a limit" }],
		["quotes what empties the storage", object("async run() { const all = await this.ctx.storage.list(); await this.ctx.storage.deleteAll(); return all; }"), { status: "guarded", quotes: ["this.ctx.storage.list()", "this.ctx.storage.deleteAll()"] }],
		["does not know how many keys begin with a prefix", list('list({ prefix: "user:" })'), { status: "unknown", quotes: ['this.ctx.storage.list({ prefix: "user:" })'] }],
		["says when it cannot read the options", list("list(options)"), { status: "unknown" }],
		["does not apply without a list", object("run() {}"), { status: "not-applicable" }],
	])("%s", (_name, code, verdict) => {
		expect(verdictsOn(rule, code)).toMatchObject([verdict]);
	});
});
