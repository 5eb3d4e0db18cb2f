import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/concurrency/no-parallel-read-modify-write.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (body: string) => `import { DurableObject } from "cloudflare:workers";
export class Tags extends DurableObject {
	${body}
}`;

const ADD = 'async #add(tag) { const list = await this.ctx.storage.get("tags"); await this.ctx.storage.put("tags", [...list, tag]); }';
const INLINE = 'const list = await this.ctx.storage.get("tags"); list.push(tag); await this.ctx.storage.put("tags", list);';

tester.run("no-parallel-read-modify-write", rule, {
	valid: [
		{ name: "one after the other", code: object(`async all(tags) { for (const tag of tags) { ${INLINE} } }`) },
		{ name: "calls one after the other", code: object(`${ADD} async two() { await this.#add("a"); await this.#add("b"); }`) },
		{ name: "a key of its own each", code: object("async all(tags) { await Promise.all(tags.map(async (tag) => { const n = await this.ctx.storage.get(`tag:${tag}`); await this.ctx.storage.put(`tag:${tag}`, n + 1); })); }") },
		{ name: "a key of its own each, in a method", code: object("async #count(tag) { const n = await this.ctx.storage.get(`tag:${tag}`); await this.ctx.storage.put(`tag:${tag}`, n + 1); } async all(tags) { await Promise.all(tags.map((tag) => this.#count(tag))); }") },
		{ name: "only written", code: object('async all(tags) { await Promise.all(tags.map((tag) => this.ctx.storage.put(tag, true))); }') },
		{ name: "only read", code: object('async all(tags) { return Promise.all(tags.map((tag) => this.ctx.storage.get(tag))); }') },
		{ name: "without an await between", code: object("n = 0; async #add() { this.n++; await this.ctx.storage.put('n', this.n); } async all(tags) { await Promise.all(tags.map(() => this.#add())); }") },
		{ name: "synchronous storage", code: object('async all(tags) { await Promise.all(tags.map(async (tag) => { const list = this.ctx.storage.kv.get("tags"); this.ctx.storage.kv.put("tags", [...list, tag]); })); }') },
		{ name: "each in a transaction", code: object(`async all(tags) { await Promise.all(tags.map((tag) => this.ctx.storage.transaction(async () => { ${INLINE} }))); }`) },
		{ name: "each blocked", code: object(`async all(tags) { await Promise.all(tags.map((tag) => this.ctx.blockConcurrencyWhile(async () => { ${INLINE} }))); }`) },
		{ name: "a list that is only a local one", code: object("async all(tags) { const list = []; await Promise.all(tags.map(async (tag) => { const n = await this.ctx.storage.get(tag); list.push(n); })); return list; }") },
		{ name: "another event's update is the other rule's", code: object(`async add(tag) { const list = await this.ctx.storage.get("tags"); await fetch("https://x"); await this.ctx.storage.put("tags", [...list, tag]); }`) },
	],
	invalid: [
		{
			name: "map",
			code: object(`async all(tags) { await Promise.all(tags.map(async (tag) => { ${INLINE} })); }`),
			errors: [
				{
					messageId: "overlapsItself",
					data: { place: 'storage key "tags"', readLine: "3", writeLine: "3" },
					suggestions: [{ messageId: "oneAfterTheOther", output: object(`async all(tags) { for (const tag of tags) { ${INLINE} } }`) }],
				},
			],
		},
		{ name: "map with a return inside: no suggestion", code: object('async all(tags) { await Promise.all(tags.map(async (tag) => { const list = await this.ctx.storage.get("tags"); if (list.includes(tag)) return; await this.ctx.storage.put("tags", [...list, tag]); })); }'), errors: [{ messageId: "overlapsItself", suggestions: 0 }] },
		{ name: "map over a method", code: object(`${ADD} async all(tags) { await Promise.all(tags.map((tag) => this.#add(tag))); }`), errors: [{ messageId: "overlapsItself" }] },
		{ name: "forEach", code: object(`async all(tags) { tags.forEach(async (tag) => { ${INLINE} }); }`), errors: [{ messageId: "overlapsItself" }] },
		{ name: "several calls", code: object(`${ADD} async two() { await Promise.all([this.#add("a"), this.#add("b")]); }`), errors: [{ messageId: "callsOverlap", data: { place: 'storage key "tags"', readLine: "3", writeLine: "3", first: 'this.#add("a")', firstLine: "3" } }] },
		{ name: "a call that is not awaited", code: object(`${ADD} async two() { this.#add("a"); await this.#add("b"); }`), errors: [{ messageId: "callsOverlap" }] },
		{ name: "collected in a loop", code: object(`${ADD} async all(tags) { const done = []; for (const tag of tags) done.push(this.#add(tag)); await Promise.all(done); }`), errors: [{ messageId: "overlapsItself" }] },
		{ name: "a field across storage", code: object("n = 0; async #add() { const n = this.n; await this.ctx.storage.get('x'); this.n = n + 1; } async all(tags) { await Promise.all(tags.map(() => this.#add())); }"), errors: [{ messageId: "overlapsItself" }] },
		{ name: "all within one region", code: object(`${ADD} async two() { await this.ctx.blockConcurrencyWhile(() => Promise.all([this.#add("a"), this.#add("b")])); }`), errors: [{ messageId: "callsOverlap" }] },
	],
});

describe("no-parallel-read-modify-write: verdicts", () => {
	it("quotes a loop's read and write", () => {
		expect(verdictsOn(rule, object(`async all(tags) { for (const tag of tags) { ${INLINE} } }`))).toEqual([
			{ status: "guarded", quotes: ['this.ctx.storage.get("tags")', 'this.ctx.storage.put("tags", list)'], because: expect.stringContaining("while another one of the same event is under way") },
		]);
	});

	it("does not apply where nothing waits between read and write", () => {
		expect(verdictsOn(rule, object("n = 0; add() { this.n++; }")).map(({ status }) => status)).toEqual(["not-applicable"]);
	});
});
