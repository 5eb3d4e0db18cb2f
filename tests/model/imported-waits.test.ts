/** What an await of a function of another file lets in. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { flowOf } from "../../src/model/flow-host.ts";
import { durableObjectIn, inObject } from "./flow-of.ts";

let root: string;
beforeEach(() => {
	root = realpathSync(mkdtempSync(join(tmpdir(), "do-imports-")));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The kind of the await in `run()`, of a function `work` that `./lib` exports. */
function waitFor(lib: string, { call = "await work(this.env, 1);", more = {}, head = 'import { work } from "./lib";' }: { readonly call?: string; readonly more?: Readonly<Record<string, string>>; readonly head?: string } = {}): string | null {
	for (const [path, text] of Object.entries({ "lib.ts": lib, ...more })) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
	const object = durableObjectIn(inObject(`async run() { ${call} }`, head), { cwd: root });
	return flowOf(object).worstSuspension(object.method("run")!.fn)?.kind ?? null;
}

describe("a function of the project", () => {
	test.each([
		["fetches", "export async function work() { await fetch('https://x'); }", "open"],
		["fetches, and hands on the promise", "export function work() { return fetch('https://x'); }", "open"],
		["fetches in an arrow function", "export const work = () => fetch('https://x');", "open"],
		["fetches for each of a list", "export async function work(env, list) { await Promise.all(list.map((url) => fetch(url))); }", "open"],
		["fetches, and goes on", "export async function work() { return fetch('https://x').then((r) => r.json()); }", "open"],
		["waits for a while", "export const work = (ms) => new Promise((resolve) => setTimeout(resolve, ms));", "open"],
		["waits by the platform", "export async function work() { await scheduler.wait(10); }", "open"],
		["reads a body", "export async function work(request) { const { n } = await request.json(); return n; }", "open"],
		["asks a binding that it is handed", "export async function work(env) { return env.KV.get('x'); }", "open"],
		["asks a database", "export async function work(env) { const { results } = await env.DB.prepare('SELECT 1').bind(1).all(); return results; }", "open"],
		["takes a binding out of env", "export async function work({ KV }) { return KV.get('x'); }", "open"],
		["keeps a binding", "export async function work(env) { const kv = env.KV; return kv.get('x'); }", "open"],
		["is handed a typed binding", "export async function work(kv: KVNamespace) { return kv.get('x'); }", "open"],
		["is handed the project's env", "import type { Env } from './env'; export async function work(request: Request, env: Env) { return env.KV.get('x'); }", "open"],
		["is handed a queue of its own", "class Queue { async push() {} } export async function work(n: number, queue: Queue) { await queue.push(); }", "unknown"],
		["is handed an interpreter's Env", "class Env { async get() {} } export async function work(n: number, env: Env) { await env.get(); }", "unknown"],
		["is made of what is made of it", "export async function work() { const a = b.x(); const b = a.y(); await b.z(); const c = d; const d = c; await c; }", "unknown"],
		["imports env", "import { env } from 'cloudflare:workers'; export async function work() { return env.KV.get('x'); }", "open"],
		["calls another one that fetches", "async function inner() { await fetch('https://x'); } export async function work() { await inner(); }", "open"],
		["hands env on", "const inner = async (bindings) => { await bindings.Q.send(1); }; export async function work(env) { await inner(env); }", "open"],
		["fetches in one of two branches", "export async function work(env, n) { if (n) await fetch('https://x'); }", "open"],
		["calls itself", "export async function work(env, n) { if (n > 0) return work(env, n - 1); await fetch('https://x'); }", "open"],
		["only computes", "export async function work(env, n) { return n + 1; }", "micro"],
		["returns no promise", "export function work(env, n) { return n + 1; }", "micro"],
		["hashes", "export async function work(env, text) { return crypto.subtle.digest('SHA-256', text); }", "micro"],
		["reads the storage", "export async function work(env, storage: DurableObjectStorage) { return storage.get('x'); }", "closed"],
		["leaves a fetch to waitUntil", "export async function work(ctx) { ctx.waitUntil(fetch('https://x')); }", "micro"],
		["starts a fetch and forgets it", "export async function work() { void fetch('https://x'); }", "micro"],
		["gets a stub", "export async function work(env) { return env.ROOM.getByName('x'); }", "micro"],
		["makes an address of a variable of env", "const address = (base, path) => base.replace(/\\/$/, '') + path; export async function work(env, path) { return address(env.BASE_URL, path); }", "micro"],
		["calls a method of a binding that has the name of one of text", "export async function work(env) { await env.SVC.replace('x'); }", "open"],
		["waits for a package", "import got from 'got'; export async function work() { return got('https://x'); }", "unknown"],
		["waits for something that it was handed", "export async function work(env, promise) { await promise; }", "unknown"],
		["returns a piece of text", "const short = (text) => (text ? text.slice(0, 9) : undefined); export function work(env, text) { return short(text); }", "micro"],
		["returns a list", "export function work(env, list) { return list.map((each) => each.id); }", "micro"],
		["waits for a client among others", "export async function work(env, client) { await Promise.all([client.chat.create()]); }", "unknown"],
		["waits for a client, and for its error", "export async function work(env, client) { await client.chat.create().catch(() => null); }", "unknown"],
		["waits for a client", "export async function work(env, client) { await client.chat.create(); }", "unknown"],
		["defines a function that fetches", "export async function work() { const later = async () => { await fetch('https://x'); }; handlers.push(later); }", "micro"],
		["defines a function that fetches, and calls it", "export async function work() { const now = async () => { await fetch('https://x'); }; await now(); }", "open"],
		["has a fetch of its own", "const fetch = async () => 1; export async function work() { await fetch(); }", "micro"],
	])("%s", (_, lib, expected) => {
		expect(waitFor(lib)).toBe(expected);
	});
});

describe("where a function stands", () => {
	const fetches = "export async function work() { await fetch('https://x'); }";

	test.each<[string, string, Parameters<typeof waitFor>[1], string]>([
		["behind a re-export", "export { work } from './deep/work';", { more: { "deep/work.ts": fetches } }, "open"],
		["behind a re-export under another name", "export { load as work } from './deep/work';", { more: { "deep/work.ts": fetches.replace("work", "load") } }, "open"],
		["behind export *", "export * from './deep';", { more: { "deep/index.ts": fetches } }, "open"],
		["behind an import and an export", "import { work } from './deep/work'; export { work };", { more: { "deep/work.ts": fetches } }, "open"],
		["in a namespace", fetches, { head: 'import * as lib from "./lib";', call: "await lib.work();" }, "open"],
		["as the default export", "export default async function () { await fetch('https://x'); }", { head: 'import work from "./lib";', call: "await work();" }, "open"],
		["as the default export, by its name", "const work = async () => { await fetch('https://x'); }; export default work;", { head: 'import work from "./lib";', call: "await work();" }, "open"],
		["under the name of what it compiles to", fetches, { head: 'import { work } from "./lib.js";' }, "open"],
		["in a circle of re-exports", "export * from './other';", { more: { "other.ts": "export * from './lib';" } }, "unknown"],
		["nowhere", "export const other = 1;", {}, "unknown"],
		["in a file with a syntax error", "export async function work( {", {}, "unknown"],
		["in a package", "", { head: 'import { work } from "lib";' }, "unknown"],
		["outside of the project", "", { head: 'import { work } from "../../lib";' }, "unknown"],
	])("%s", (_, lib, details, expected) => {
		expect(waitFor(lib, details)).toBe(expected);
	});
});

test("many files that all re-export each other", () => {
	const names = Array.from({ length: 24 }, (_, index) => `m${index}`);
	const stars = names.map((name) => `export * from "./${name}";`).join("\n");
	expect(waitFor(stars, { more: Object.fromEntries(names.map((name) => [`${name}.ts`, stars])) })).toBe("unknown");
});

describe("a write behind such an await", () => {
	const races = (lib: string, body: string): readonly string[] => {
		writeFileSync(join(root, "lib.ts"), lib);
		const object = durableObjectIn(inObject(body, 'import * as lib from "./lib";'), { cwd: root });
		return flowOf(object).races.map(({ kind }) => kind);
	};
	const lib = "export async function sendAll(env, list) { await env.MAIL.send(list); } export async function sendMail(env) { await env.MAIL.send('x'); } export async function loadUser(env) { return env.DB.prepare('SELECT 1').first(); } export async function remove() { return fetch('https://x', { method: 'DELETE' }); } export async function post() { return fetch('https://x', { method: 'POST' }); } export async function hash(x) { return crypto.subtle.digest('SHA-1', x); }";

	test.each([
		["of what was read before", 'async run() { const n = await this.ctx.storage.get("n"); await lib.sendMail(this.env); await this.ctx.storage.put("n", n + 1); }', ["lost-update"]],
		["with only a digest between", 'async run() { const n = await this.ctx.storage.get("n"); await lib.hash(n); await this.ctx.storage.put("n", n + 1); }', []],
		["that marks what was sent", 'async run() { if (await this.ctx.storage.get("sent")) return; await lib.sendMail(this.env); await this.ctx.storage.put("sent", true); }', ["double-action"]],
		["that marks what was removed", 'async run() { if (await this.ctx.storage.get("gone")) return; await lib.remove(); await this.ctx.storage.put("gone", true); }', []],
		["that marks what was posted", 'async run() { if (await this.ctx.storage.get("sent")) return; await lib.post(); await this.ctx.storage.put("sent", true); }', ["double-action"]],
		["that fills a cache", "user; async run() { if (!this.user) this.user = await lib.loadUser(this.env); return this.user; }", []],
		["that empties what was sent", 'queue = []; add(x) { this.queue.push(x); } async run() { await lib.sendAll(this.env, this.queue); this.queue = []; }', ["wipe"]],
	])("%s", (_, body, expected) => {
		expect(races(lib, body)).toEqual(expected);
	});
});
