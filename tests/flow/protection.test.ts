/** What protects a read and its write, and what does not. */
import { describe, expect, test } from "vitest";
import { answers, races } from "../model/flow-of.ts";

const LOST = "race: lost-update";
const OVERRUN = "race: overrun";
const TWICE = "race: double-action";
const expand = (code: string): string =>
	code
		.replaceAll("GET", 'this.ctx.storage.get("n")')
		.replaceAll(/PUT\((.*?)\);/gu, 'this.ctx.storage.put("n", $1);')
		.replaceAll("RMW", 'const v = await GET; await fetch("https://x"); await this.ctx.storage.put("n", v + 1);'.replace("GET", 'this.ctx.storage.get("n")'));

const ROW = 'this.ctx.storage.sql.exec("SELECT * FROM stock WHERE id = 1")';
const SET = (set: string, ...values: readonly string[]) => `this.ctx.storage.sql.exec(${[`"UPDATE stock SET ${set} WHERE id = 1"`, ...values].join(", ")});`;

const io = 'async io() { return fetch("https://x", { method: "POST" }); }';
const check = (code: string, expected: readonly string[]) => expect(answers(expand(`${io} ${code}`))).toEqual([...expected].sort());

describe("reading again", () => {
	test.each([
		["after the await", "async run() { let v = await GET; await this.io(); v = await GET; await PUT(v + 1); }", ["io-first"]],
		["and comparing with something else", "async run(p) { const seen = await GET; await this.io(); if ((await GET) < p) return; await PUT(seen - p); }", [LOST]],
		["and comparing with something else, in a record", "async run(p) { const seen = await GET; await this.io(); if ((await GET).n < p) return; await PUT({ n: seen.n - p }); }", [LOST]],
		["and comparing, in a record", "async run(p) { const seen = await GET; await this.io(); if ((await GET).n !== seen.n) return; await PUT({ n: seen.n - p }); }", ["compare-and-set"]],
		["and comparing", "async run() { const seen = await GET; await this.io(); const now = await GET; if (now !== seen) return; await PUT(seen + 1); }", ["compare-and-set"]],
		["and adding both", "async run() { const seen = await GET; await this.io(); const now = await GET; await PUT(now + seen); }", ["re-read"]],
		["in a helper", "async latest() { return GET; } async run() { const seen = await GET; await this.io(); const now = await this.latest(); await PUT({ ...now, seen }); }", ["re-read"]],
		["before another await", "async run() { await this.io(); const v = await GET; await this.io(); await PUT(v + 1); }", [LOST]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("claims", () => {
	test.each([
		["a status written before the await", "async run() { const job = await GET; if (job.status !== 'new') return; await PUT({ ...job, status: 'running' }); await this.io(); await PUT({ ...job, status: 'done' }); }", ["claim", "input-gate"]],
		["a mark written long before the end of a helper", `busy = false; async begin() { this.busy = true; for (let n = 0; n < 2; n++) { await GET; ${Array.from({ length: 40 }, (_, n) => `this.f${n} = ${n};`).join(" ")} } } async run() { if (this.busy) return; await this.begin(); const v = await GET; await this.io(); await PUT(v + 1); this.busy = false; }`, ["claim", "synchronous"]],
		["a status written in a helper", "async mark(job) { await PUT({ ...job, status: 'running' }); } async run() { const job = await GET; if (job.status !== 'new') return; await this.mark(job); await this.io(); await PUT({ ...job, status: 'done' }); }", ["claim", "input-gate"]],
		["the existence of a record claims nothing", "async run() { const job = await GET; if (!job) return; await PUT({ ...job, seen: true }); await this.io(); await PUT({ ...job, status: 'done' }); }", [LOST]],
		["a flag that keeps others out", "busy = false; async run() { if (this.busy) return; this.busy = true; try { RMW } finally { this.busy = false; } }", ["claim", "synchronous"]],
		["a flag that another writer does not look at", "busy = false; async run() { if (this.busy) return; this.busy = true; try { RMW } finally { this.busy = false; } } async other() { await PUT(5); }", [LOST, "claim", "synchronous"]],
		["a flag that lets everybody go on", "begun = false; async run() { if (!this.begun) { this.begun = true; } RMW }", [LOST, "synchronous"]],
		["a flag set too late", "busy = false; async run() { if (this.busy) return; await this.io(); this.busy = true; RMW }", [LOST, TWICE]],
		["set before the effect", "async run() { if (await GET) return; await PUT(true); await this.io(); }", ["input-gate"]],
		["set after the effect", "async run() { if (await GET) return; await this.io(); await PUT(true); }", [TWICE]],
		["after an address was made", "async run(x) { if (await GET) return; const address = this.env.BASE_URL.replace('a', 'b'); await this.env.KV.put('x', 'y'); await PUT(address); }", ["unknown"]],
		["set after a read from outside", "async run() { if (await GET) return; const r = await this.env.KV.get('x'); await PUT(r); }", ["unknown"]],
		["set to what was created outside", "async run() { if (await GET) return; const r = await this.env.API.create('x'); await PUT(r.id); }", [TWICE]],
		["loaded behind a check", "n; async run() { if (this.n) return; await this.io(); this.n = await this.ctx.storage.get('x'); }", ["unknown"]],
		["taken by who comes", "owner; async run(request) { if (this.owner) return; const { user } = await request.json(); this.owner = user; }", [TWICE]],
		["one less in a record keeps nobody away", "async run() { const stock = await GET; if (stock.n < 1) return; await PUT({ n: stock.n - 1 }); await this.io(); await PUT({ n: stock.n }); }", [LOST]],
		["one more in a record, beside a status", "async run() { const job = await GET; if (job.status !== 'new') return; await PUT({ n: job.n + 1, status: 'running' }); await this.io(); await PUT({ ...job, status: 'done' }); }", ["claim", "input-gate"]],
		["a number compared", "async run() { if ((await GET) > 0) return; await this.io(); await PUT(1); }", [TWICE]],
		["a word compared", "async run() { if ((await GET) !== 'open') return; await this.io(); await PUT('closed'); }", [TWICE]],
		["the same word again", "async run() { if ((await GET) !== 'open') return; await this.io(); await PUT('open'); }", ["unknown"]],
		["has and set of a map", "seen = new Map(); async run(id) { if (this.seen.has(id)) return; await this.io(); this.seen.set(id, true); }", [TWICE]],
		["checked in a helper's caller", "async finish() { await this.io(); await PUT(true); } async run() { if (await GET) return; await this.finish(); }", [TWICE]],
		["something that must be there", "async run(x) { if (!(await GET)) return; await this.io(); await PUT(x); }", ["no-dependence"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("bounds", () => {
	test.each([
		["a balance", "balance = 0; async spend(n) { if (this.balance < n) throw new Error(); await this.io(); this.balance -= n; }", [OVERRUN]],
		["a balance in storage, read again", "async spend(n) { if ((await GET) < n) return; await this.io(); const now = await GET; await PUT(now - n); }", [OVERRUN]],
		["a balance, checked again", "balance = 0; async spend(n) { if (this.balance < n) return; await this.io(); if (this.balance < n) return; this.balance -= n; }", ["io-first"]],
		["a balance, taken before the await", "balance = 0; async spend(n) { if (this.balance < n) return; this.balance -= n; await this.io(); }", ["synchronous"]],
		["what is given back", "balance = 0; async refund(n) { if (this.balance < 0) return; await this.io(); this.balance += n; }", ["io-first"]],
		["a limit", "active = 0; async run() { if (this.active >= 3) return; await this.io(); this.active++; }", [OVERRUN]],
		["a limit, reserved before the await", "active = 0; async run() { if (this.active >= 3) return; this.active++; await this.io(); this.active--; }", ["io-first", "synchronous"]],
		["one more keeps nobody away", "active = 0; async run() { if (this.active >= 3) return; this.active++; RMW }", [LOST, "synchronous"]],
		["a count of failures", "failures = 0; async run() { if (this.failures > 5) return; const r = await this.io(); if (!r.ok) this.failures++; }", ["io-first", "unknown"]],
		["a count of failures in catch", "failures = 0; async run() { if (this.failures > 5) return; try { await this.io(); } catch { this.failures++; } }", ["io-first"]],
		["room for four", "players = []; async join(id) { if (this.players.length >= 4) return; await this.io(); this.players.push(id); }", [OVERRUN]],
		["room for four in a map", "players = new Map(); async join(id) { if (this.players.size >= 4) return; await this.io(); this.players.set(id, 1); }", [OVERRUN]],
		["a cache of some size", "cache = new Map(); async get(id) { if (this.cache.size < 100) { const v = await this.env.KV.get(id); this.cache.set(id, v); } }", ["unknown"]],
		["one leaves", "players = new Map(); async leave(id) { if (this.players.size > 3) return; await this.io(); this.players.delete(id); }", ["unknown"]],
		["the highest bid", "async bid(n) { const best = await GET; await this.io(); if (n > best) await PUT(n); }", [OVERRUN]],
		["the latest version", "version = 0; async take(version) { if (version <= this.version) return; await this.io(); this.version = version; }", [OVERRUN]],
		["the next time", "next = 0; async run() { if (Date.now() < this.next) return; await this.io(); this.next = Date.now() + 1000; }", ["unknown"]],
		["waiting for a place", "active = 0; async run() { while (this.active >= 3) await this.io(); this.active++; }", ["io-first"]],
		["a sum", "used = 0; async run(n) { if (this.used + n > 100) return; await this.io(); this.used += n; }", [OVERRUN]],
		["a difference", "used = 0; limit = 9; async run(n) { if (this.limit - this.used < n) return; await this.io(); this.used += n; }", [OVERRUN]],
		["the other way in a difference", "used = 0; limit = 9; async run(n) { if (this.limit - this.used < n) return; await this.io(); this.used -= n; }", ["io-first"]],
		["a sum of lengths", "list = []; async run(more) { if (this.list.length + more.length > 9) return; await this.io(); this.list.push(...more); }", [OVERRUN]],
		["a time in a difference", "last = 0; async run() { if (Date.now() - this.last < 1000) return; await this.io(); this.last = Date.now(); }", ["unknown"]],
		["a time in a difference keeps others away only for a while", "last = 0; async run() { if (Date.now() - this.last < 1000) return; this.last = Date.now(); RMW }", [LOST]],
		["a limit that not everybody has", "used = 0; async run(limit) { if (limit && this.used >= limit) return; await this.io(); this.used++; }", [OVERRUN]],
		["a limit that does not hold for all", "used = 0; async run(isAdmin) { if (isAdmin || this.used < 9) { await this.io(); this.used++; } }", [OVERRUN]],
		["nothing left", "left = 9; async run() { if (this.left === 0) return; await this.io(); this.left--; }", [OVERRUN]],
		["nothing yet", "n = 0; async run() { if (this.n === 0) return; await this.io(); this.n++; }", ["io-first"]],
		["no more than nine", "n = 0; async run() { if (this.n === 9) return; await this.io(); this.n++; }", [OVERRUN]],
		["a property", "async run(p) { const stock = await GET; if (stock.n < p) return; await this.io(); const now = await GET; await PUT({ ...now, n: now.n - p }); }", [OVERRUN]],
		["another property", "async run(p) { const stock = await GET; if (stock.n < p) return; await this.io(); const now = await GET; await PUT({ ...now, seen: now.seen + 1 }); }", ["io-first"]],
		["a property, taken apart", "async run(p) { const { n: left = 0 } = await GET; if (left < p) return; await this.io(); const now = await GET; await PUT({ n: now.n - p }); }", [OVERRUN]],
		["a property under a name", "async run(p) { const left = (await GET)?.n ?? 0; if (left < p) return; await this.io(); const now = await GET; await PUT({ n: now.n - p }); }", [OVERRUN]],
		["a property that something is made of", "async run(p) { const left = Math.abs((await GET).n); if (left < p) return; await this.io(); const now = await GET; await PUT({ n: now.n - p }); }", ["io-first"]],
		["a property of a field", "stock = { n: 9 }; async run() { const { n } = this.stock; if (n < 1) return; await this.io(); this.stock.n--; }", [OVERRUN]],
		["a column", `async run(p) { const row = ${ROW}.one(); if (row.n < p) return; await this.io(); ${SET("n = n - ?", "p")} }`, [OVERRUN]],
		["a column at once", `async run() { if (${ROW}.one().n < 1) return; await this.io(); ${SET("n = n - 1")} }`, [OVERRUN]],
		["a column of the first row", `async run() { const rows = ${ROW}.toArray(); if (rows[0].n < 1) return; await this.io(); ${SET("n = n - 1")} }`, [OVERRUN]],
		["a column that is given back", `async run() { if (${ROW}.one().n < 1) return; await this.io(); ${SET("n = n + 1")} }`, ["atomic"]],
		["a column that never falls below nothing", `async run() { if (${ROW}.one().n < 1) return; await this.io(); ${SET("n = MAX(n - 1, 0)")} }`, ["atomic"]],
		["another column", `async run() { if (${ROW}.one().n < 1) return; await this.io(); ${SET("seen = seen - 1")} }`, ["atomic"]],
		["checked by the caller", "active = 0; add() { this.active++; } async run() { if (this.active >= 3) return; await this.io(); this.add(); }", [OVERRUN]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("a property that is checked", () => {
	const sql = (name: string) => `this.ctx.storage.sql.exec("SELECT ${name} FROM jobs WHERE id = ?", id).one()`;
	const update = (set: string) => `this.ctx.storage.sql.exec("UPDATE jobs SET ${set} WHERE id = ?", id);`;
	test.each([
		["another word is put there", "async run() { const job = await GET; if (job?.status === 'new') { await this.io(); await PUT({ status: 'done' }); } }", [TWICE]],
		["only where it is another", "async run() { const job = await GET; if (job.status !== 'new') return; await this.io(); await PUT({ status: 'done' }); }", [TWICE]],
		["one of two tests", "async run() { const job = await GET; if (job && job.status === 'done') return; await this.io(); await PUT({ status: 'done' }); }", [TWICE]],
		["a test that not everybody has to pass", "async run(force) { const job = await GET; if (force || job.status !== 'done') { await this.io(); await PUT({ status: 'done' }); } }", [TWICE]],
		["one of two tests, before the await", "async run() { const job = await GET; if (job && job.status === 'done') return; await PUT({ status: 'done' }); await this.io(); }", ["input-gate"]],
		["one of two tests of whether it is there", "async run(x) { const job = await GET; if (x && job) return; await this.io(); await PUT(x); }", ["unknown"]],
		["the same word again", "async run() { const job = await GET; if (job.status !== 'new') return; await this.io(); await PUT({ status: 'new' }); }", ["unknown"]],
		["a word that nobody knows", "async run(next) { const job = await GET; if (job.status !== 'new') return; await this.io(); await PUT({ status: next }); }", ["unknown"]],
		["set by a helper that only spares equal values", "status; set(s) { if (this.status === s) return; this.status = s; } async run() { if (this.status !== 'new') return; await this.io(); this.set('done'); }", ["unknown"]],
		["another property is put there", "async run() { const job = await GET; if (!job.done) { await this.io(); await PUT({ status: 'new' }); } }", ["unknown"]],
		["set behind the check, before the await", "async run() { const job = await GET; if (job.status !== 'new') return; await PUT({ status: 'running' }); await this.io(); await PUT({ status: 'done' }); }", ["claim", "input-gate"]],
		["a column, set in the text", `async run(id) { const job = ${sql("*")}; if (job.status !== 'new') return; await this.io(); ${update("status = 'done'")} }`, [TWICE]],
		["a column, set by a parameter", `async run(id) { const job = ${sql("*")}; if (job.status !== 'new') return; await this.io(); this.ctx.storage.sql.exec("UPDATE jobs SET status = ? WHERE id = ?", 'done', id); }`, [TWICE]],
		["a column, set before the await", `async run(id) { const job = ${sql("*")}; if (job.status !== 'new') return; ${update("status = 'done'")} await this.io(); }`, ["synchronous"]],
		["a column, set to NULL", `async run(id) { const job = ${sql("*")}; if (job.owner === 'me') { await this.io(); ${update("owner = NULL")} } }`, []],
		["other rows are deleted", `async run(id) { const job = ${sql("*")}; if (!job) return; await fetch("https://x/" + job.name); this.ctx.storage.sql.exec("DELETE FROM jobs WHERE at < ?", 1); }`, []],
		["the same row is deleted", `async run(id) { const job = ${sql("*")}; if (!job) return; await fetch("https://x/" + job.name); this.ctx.storage.sql.exec("DELETE FROM jobs WHERE id = ?", id); }`, [TWICE]],
		["another column", `async run(id) { const job = ${sql("*")}; if (job.status !== 'new') return; await this.io(); ${update("seen = 1")} }`, ["unknown"]],
		["an answer that nobody looks at", "async run() { if (await GET) return; await fetch('https://x'); await PUT(true); }", [TWICE]],
		["an answer that is kept and never looked at", "async run() { if (await GET) return; const answer = await fetch('https://x'); await PUT(true); }", [TWICE]],
		["an answer that is looked at", "async run() { if (await GET) return; const answer = await fetch('https://x'); if (answer.ok) await PUT(true); }", ["unknown"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("what is only handed on, or only begun", () => {
	test.each([
		["handed over and assigned", "id; async restore(id) { await this.io(); this.id = id; } async run() { await this.restore(this.id); }", ["unknown"]],
		["handed over, looked at again and assigned", "id; load() { this.id = 1; } async restore(id) { this.load(); if (!this.id) this.id = id; } async run() { await this.restore(this.id); }", ["synchronous"]],
		["handed over and assigned, but computed", "n; async set(n) { await this.io(); this.n = n; } async run() { const next = this.n + 1; await this.set(next); }", [LOST]],
		["handed over and counted up", "n = 0; async raise(n) { await this.io(); this.n = n + 1; } async run() { await this.raise(this.n); }", [LOST]],
		["a list that is begun", "state = {}; async run(x) { await this.ctx.storage.put('state', this.state); await this.io(); if (!this.state.events) this.state.events = []; this.state.events.push(x); }", ["atomic"]],
		["a list that is emptied", "events = []; async run() { await this.env.Q.send(this.events); this.events = []; } add(x) { this.events.push(x); }", ["race: wipe"]],
		["all that is found in a callee, after its await", "m = new Map(); add(k) { this.m.set(k, 1); } dropAll() { for (const [k, v] of this.m.entries()) { this.env.Q.send(v); this.m.delete(k); } } async inner() { await this.io(); this.dropAll(); } async run() { await this.inner(); }", []],
		["found anew and deleted, again behind the await of a call that leads back", "m = new Map(); add(k, v) { this.m.set(k, v); } #send(id) { try { this.ws.send(id); } catch { this.#closed(id); } } #closed(id) { for (const [k, v] of this.m.entries()) { if (v.a === id) { void this.#drop(k); } } } async #drop(k) { const v = this.m.get(k); if (!v) return; this.m.delete(k); try { await fetch('https://x', { method: 'POST', body: k }); } catch { console.log(k); } this.#send(v.a); this.#send(v.b); } async webSocketMessage(ws, m) { await this.#drop(m); } webSocketClose(ws) { this.#closed(ws.id); }", ["compare-and-set", "synchronous"]],
		["an attachment that is kept in memory", "rooms = new Map(); async webSocketMessage(ws) { const a = ws.deserializeAttachment(); const room = { ...a }; this.rooms.set(a.id, room); await this.io(); ws.serializeAttachment({ name: room.name }); }", ["unknown"]],
		["an attachment that is kept nowhere", "async webSocketMessage(ws) { const a = ws.deserializeAttachment(); await this.io(); ws.serializeAttachment({ ...a, seen: true }); }", [LOST]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("parts and wholes", () => {
	test.each([
		["a part that goes into the whole", "state = { n: 0 }; async run() { const { n } = this.state; await this.io(); this.state = { n: n + 1 }; }", ["unknown"]],
		["a part that is read after the await", "state = { n: 0 }; async run() { await this.io(); const { n } = this.state; this.state = { n: n + 1 }; }", []],
		["the whole that goes into the whole", "state = { n: 0 }; async run() { const old = this.state; await this.io(); this.state = { ...old, n: 1 }; }", [LOST]],
		["keys of a list, each written back", 'async run() { for (const [k, v] of await this.ctx.storage.list({ prefix: "a" })) { await this.io(); await this.ctx.storage.put(k, v + 1); } }', [LOST]],
		["keys of a list, each put into an object", 'async run() { for (const [k, v] of await this.ctx.storage.list({ prefix: "a" })) { await this.io(); await this.ctx.storage.put({ [k]: v + 1 }); } }', [LOST]],
		["keys of a list, under which something else is put", 'async run(x) { for (const [k] of await this.ctx.storage.list({ prefix: "a" })) { await this.io(); await this.ctx.storage.put(k, x); } }', []],
		["keys of a list, each read again", 'async run() { for (const [k] of await this.ctx.storage.list({ prefix: "a" })) { await this.io(); const v = await this.ctx.storage.get(k); await this.ctx.storage.put(k, v + 1); } }', ["io-first"]],
		["what a list says of another key", 'async run() { const all = await this.ctx.storage.list({ prefix: "a" }); await this.io(); await this.ctx.storage.put("b", all.size); }', []],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("caches and invalidations", () => {
	test.each([
		["a cache", "cache; async run() { if (!this.cache) this.cache = await (await fetch('https://x')).json(); return this.cache; }", ["unknown"]],
		["a cache with ??=", "cache; async run() { this.cache ??= await (await fetch('https://x')).json(); return this.cache; }", ["unknown"]],
		["an invalidation", "cache; async run() { if (this.cache) await this.io(); this.cache = undefined; }", ["no-dependence"]],
		["an invalidation behind its check", "cache; async run() { if (this.cache) { await this.io(); this.cache = null; } }", []],
		["a one-time initialisation", "ready = false; async run() { if (!this.ready) { await this.env.KV.get('x'); this.ready = true; } }", ["unknown"]],
		["a memoised promise", "ready; n = 0; async run() { this.ready ??= this.#init(); await this.ready; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", ["single-flight", "synchronous"]],
		["a memoised promise behind a test", "ready; n = 0; async run() { if (!this.ready) this.ready = this.#init().finally(() => {}); await this.ready; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", ["single-flight", "synchronous"]],
		["a memoised promise that is waited for in between", "ready; n = 0; async run() { const v = this.n; await (this.ready ??= this.#init()); this.n = v + 1; } async #init() { await this.io(); }", [LOST, "synchronous"]],
		["a promise under a name that is waited for in between", "ready; n = 0; async run() { const v = this.n; if (this.ready) return; const mine = this.#init(); this.ready = mine; await mine; this.n = v + 1; } async #init() { await this.io(); }", ["claim", "synchronous"]],
		["a promise under a name", "running; n = 0; async run() { const running = this.running; if (running) return running; const mine = this.#init().finally(() => { this.running = null; }); this.running = mine; return mine; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", ["single-flight", "synchronous"]],
		["a promise under two names", "running; n = 0; async run() { const running = this.running; if (running) return running.then(() => this.run()); const begun = this.#init(); const mine = begun.finally(() => { if (this.running === mine) this.running = null; }); this.running = mine; return mine; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", ["compare-and-set", "single-flight", "synchronous"]],
		["a promise under a name, kept too late", "running; n = 0; async run() { const running = this.running; if (running) return running; const mine = this.#init(); await this.io(); this.running = mine; return mine; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", [LOST, TWICE]],
		["a promise under a name, kept somewhere else", "running; last; n = 0; async run() { if (this.running) return; const mine = this.#init(); this.last = mine; return mine; } async #init() { const v = this.n; await this.io(); this.n = v + 1; }", [LOST]],
		["promises in a map, each under a name", "waiting = new Map(); n = 0; async run(k) { if (this.waiting.has(k)) return this.waiting.get(k); const p = this.#load(); console.log(k); this.waiting.set(k, p); return p; } async #load() { const v = this.n; await this.io(); this.n = v + 1; }", ["single-flight", "synchronous"]],
		["promises in a map", "waiting = new Map(); n = 0; async run(k) { let p = this.waiting.get(k); if (!p) { p = this.#load(); this.waiting.set(k, p); } return p; } async #load() { const v = this.n; await this.io(); this.n = v + 1; }", ["single-flight", "synchronous"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("flags and counts that are put back", () => {
	const RESET = "race: reset";
	const put = "await this.env.BUCKET.put('x', 'y');";
	test.each([
		["a flag, marked by somebody else", `dirty = false; mark() { this.dirty = true; } async alarm() { if (!this.dirty) return; ${put} this.dirty = false; }`, [RESET]],
		["a count", `n = 0; add() { this.n++; } async alarm() { if (this.n === 0) return; ${put} this.n = 0; }`, [RESET, "synchronous"]],
		["a count that was told", "n = 0; add() { this.n++; } async alarm() { await fetch('https://x', { body: String(this.n) }); this.n = 0; }", [RESET, "synchronous"]],
		["in a helper", `n = 0; add() { this.n++; } async flush() { ${put} this.n = 0; } async alarm() { if (this.n === 0) return; await this.flush(); }`, [RESET, "synchronous"]],
		["after a load that all events make once", `n = 0; loaded = false; async load() { if (this.loaded) return; this.n = (await GET) ?? 0; this.loaded = true; } async add() { await this.load(); this.n++; } async alarm() { await this.load(); if (this.n === 0) return; ${put} this.n = 0; }`, [RESET, "input-gate", "synchronous"]],
		["what is stored and was sent", "async add(x) { const all = await GET; await PUT([...all, x]); } async alarm() { const all = await GET; await fetch('https://x', { body: all }); await this.ctx.storage.delete('n'); }", [RESET, "input-gate"]],
		["behind a check a second event passes it, too", "async run() { const all = await GET; if (!all) return; await fetch('https://x', { body: all }); await this.ctx.storage.delete('n'); }", [TWICE]],
		["put back first", `dirty = false; mark() { this.dirty = true; } async alarm() { if (!this.dirty) return; this.dirty = false; ${put} }`, ["synchronous"]],
		["nobody else sets it", `dirty = true; async alarm() { if (!this.dirty) return; ${put} this.dirty = false; }`, []],
		["set only where it is not", `busy = false; begin() { if (this.busy) return; this.busy = true; } async alarm() { if (!this.busy) return; ${put} this.busy = false; }`, ["synchronous"]],
		["failures, which it counts itself", "failures = 0; async run() { if (this.failures > 5) return; try { await fetch('https://x'); this.failures = 0; } catch { this.failures++; } }", ["io-first", "unknown"]],
		["looked at again", `n = 0; add() { this.n++; } async alarm() { const n = this.n; ${put} if (this.n === n) this.n = 0; }`, ["compare-and-set", "synchronous"]],
		["one among many", `open = new Map(); begin(id) { this.open.set(id, true); } async end(id) { if (!this.open.get(id)) return; ${put} this.open.set(id, false); }`, []],
		["a check of others' writes that they do not make", `plan = null; set(x) { this.plan = x; } async alarm() { if (this.plan) return; await this.io(); this.plan = 1; }`, ["unknown"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("what is read only to be loaded", () => {
	test.each([
		["is not handled", "items = []; loaded = false; load() { if (this.loaded) return; this.items = this.ctx.storage.sql.exec('SELECT * FROM items').toArray(); this.loaded = true; } add(x) { this.ctx.storage.sql.exec('INSERT INTO items VALUES (?)', x); } async replace(request) { this.load(); const all = await request.json(); this.ctx.storage.sql.exec('DELETE FROM items'); }", ["synchronous"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("atomic regions and turns", () => {
	test.each([
		["blockConcurrencyWhile", "async run() { await this.ctx.blockConcurrencyWhile(async () => { RMW }); }", ["region"]],
		["transaction", "async run() { await this.ctx.storage.transaction(async () => { RMW }); }", ["region"]],
		["around a method", "async run() { return this.ctx.blockConcurrencyWhile(() => this.#work()); } async #work() { RMW }", ["region"]],
		["a region that holds only the write", "async run() { const v = await GET; await this.io(); await this.ctx.blockConcurrencyWhile(async () => { await PUT(v + 1); }); }", [LOST]],
		["a region between", "async run() { const v = await GET; await this.ctx.blockConcurrencyWhile(async () => { await this.io(); }); await PUT(v + 1); }", ["input-gate"]],
		["a region that holds only the read", "async run() { const v = await this.ctx.blockConcurrencyWhile(async () => GET); await this.io(); await PUT(v + 1); }", [LOST]],
		["a method that is also called outside", "async run() { return this.ctx.blockConcurrencyWhile(() => this.#work()); } async alarm() { await this.#work(); } async #work() { RMW }", [LOST]],
		["a queue of promises", "tail = Promise.resolve(); async run() { const done = this.tail.then(async () => { RMW }); this.tail = done.catch(() => {}); return done; }", ["mutex", "synchronous"]],
		["a queue in a method", "tail = Promise.resolve(); lock(work) { const done = this.tail.then(() => work()); this.tail = done.catch(() => {}); return done; } async run() { return this.lock(async () => { RMW }); }", ["mutex", "synchronous"]],
		["a queue that is handed the function itself", "tail = Promise.resolve(); lock(work) { const done = this.tail.then(work); this.tail = done.catch(() => {}); return done; } async run() { return this.lock(async () => { RMW }); }", ["mutex", "synchronous"]],
		["a lock that is awaited", "lock = Promise.resolve(); async run() { const before = this.lock; let release; this.lock = new Promise((resolve) => { release = resolve; }); await before; try { RMW } finally { release(); } }", ["mutex"]],
		["a promise that is no queue", "async run() { const v = await GET; await fetch('https://x').then(async () => { await PUT(v + 1); }); }", [LOST]],
		["transactionSync", "async run() { await this.io(); this.ctx.storage.transactionSync(() => { const v = this.ctx.storage.kv.get('n'); this.ctx.storage.kv.put('n', v + 1); }); }", ["synchronous"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("deleting more than was read", () => {
	test.each([
		["a list emptied after it was sent", "queue = []; add(x) { this.queue.push(x); } async run() { await fetch('https://x', { body: JSON.stringify(this.queue) }); this.queue = []; }", ["race: wipe"]],
		["a list emptied before", "queue = []; add(x) { this.queue.push(x); } async run() { const all = this.queue; this.queue = []; await fetch('https://x', { body: JSON.stringify(all) }); }", []],
		["cleared", "queue = new Map(); add(x) { this.queue.set(x, x); } async run() { await fetch('https://x', { body: JSON.stringify([...this.queue.values()]) }); this.queue.clear(); }", ["race: wipe"]],
		["emptied, but nothing was sent", "queue = []; add(x) { this.queue.push(x); } async run() { await this.io(); this.queue = []; }", []],
		["deleteAll after a list", "async add(x) { await this.ctx.storage.put(`x:${x}`, x); } async alarm() { for (const [, x] of await this.ctx.storage.list()) await this.env.SVC.fetch(x); await this.ctx.storage.deleteAll(); }", ["race: wipe"]],
		["deleteAll without a read", "async add(x) { await this.ctx.storage.put(`x:${x}`, x); } async alarm() { await this.io(); await this.ctx.storage.deleteAll(); }", []],
		["nobody adds", "async alarm() { for (const [, x] of await this.ctx.storage.list()) await this.env.SVC.fetch(x); await this.ctx.storage.deleteAll(); }", ["single-entry"]],
		["only what was read, in an alarm", "async add(x) { await this.ctx.storage.put(`x:${x}`, x); } async alarm() { for (const [k, x] of await this.ctx.storage.list()) { await this.env.SVC.fetch(x); await this.ctx.storage.delete(k); } }", ["unknown"]],
		["all that a new look finds", "async add(x) { await this.ctx.storage.put(`x:${x}`, x); } async alarm() { await this.env.SVC.fetch([...await this.ctx.storage.list()]); await this.ctx.storage.delete([...(await this.ctx.storage.list()).keys()]); }", ["race: wipe"]],
		["DELETE of a whole table", "add(x) { this.ctx.storage.sql.exec('INSERT INTO q (x) VALUES (?)', x); } async run() { const rows = this.ctx.storage.sql.exec('SELECT x FROM q').toArray(); await this.env.SVC.fetch(rows); this.ctx.storage.sql.exec('DELETE FROM q'); }", ["race: wipe"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("a copy from before a call", () => {
	test.each([
		["written back", "async log(x) { const l = await GET; await PUT([...l, x]); } async run() { const l = await GET; await this.log(1); await PUT([...l, 2]); }", ["input-gate", "race: stale-copy"]],
		["read again", "async log(x) { const l = await GET; await PUT([...l, x]); } async run() { let l = await GET; await this.log(l.length); l = await GET; await PUT([...l, 2]); }", ["input-gate"]],
		["the call's own result", "async log(x) { const l = await GET; const next = [...l, x]; await PUT(next); return next; } async run() { const old = await GET; const l = await this.log(old.length); await PUT([...l, 2]); }", ["input-gate"]],
		["the call saves the copy itself", "async save(l) { await PUT(l); } async run() { const l = await GET; l.push(1); await this.save(l); l.push(2); await PUT(l); }", ["input-gate"]],
		["the call writes another key", "async log(x) { await this.ctx.storage.put('log', x); } async run() { const l = await GET; await this.log(1); await PUT([...l, 2]); }", ["input-gate"]],
		["on another path", "async log(x) { await PUT([x]); } async run(a) { const l = await GET; if (a) { await this.log(1); return; } await PUT([...l, 2]); }", ["input-gate"]],
		["on another path of a helper", "async log(x) { await PUT([x]); } async save(l, a) { if (a) { await this.log(1); return; } await PUT(l); } async run(a) { const l = await GET; await this.save(l, a); }", ["input-gate"]],
		["an object in memory is the same object", "items = []; add(x) { this.items.push(x); } run(x) { const items = this.items; this.add(x); this.items = items; }", ["synchronous"]],
		["a field that is replaced", "n = 0; bump() { this.n = this.n + 1; } run() { const v = this.n; this.bump(); this.n = v + 5; }", ["race: stale-copy", "synchronous"]],
	])("%s", (_, code, expected) => check(code, expected));
});

describe("who comes in between", () => {
	test("an alarm never overlaps with itself", () => check("async alarm() { RMW }", ["single-entry"]));
	test("but with any other event", () => check("async alarm() { RMW } async set(x) { await PUT(x); }", [LOST]));
	test("and not with one that writes something else", () => check("async alarm() { RMW } async set(x) { await this.ctx.storage.put('other', x); }", ["single-entry"]));
	test.each([
		["adds under a name of its own", "await this.ctx.storage.put(`s:${crypto.randomUUID()}`, x);", "single-entry"],
		["adds under a name that a method of the class is handed", "await this.#begin(crypto.randomUUID(), x); } async #begin(id, x) { await this.ctx.storage.put(`s:${id}`, x);", "single-entry"],
		["adds under a name that others may hand over too", "await this.begin(crypto.randomUUID(), x); } async begin(id, x) { await this.ctx.storage.put(`s:${id}`, x);", LOST],
		["adds, and comes back to it", "const id = crypto.randomUUID(); await this.ctx.storage.put(`s:${id}`, x); await this.io(); await this.ctx.storage.put(`s:${id}`, 2);", LOST],
		["adds under a name that it is given", "await this.ctx.storage.put(`s:${x}`, x);", LOST],
	])("of a list, somebody who %s", (_, body, expected) => check(`async alarm() { for (const [k, v] of await this.ctx.storage.list({ prefix: "s:" })) { await this.io(); await this.ctx.storage.put(k, v + 1); } } async add(x) { ${body} }`, [expected]));
	test.each([
		["with a number of its own", "(x) VALUES (?)", "x", "single-entry"],
		["under a name that is made for it", "(x, id, n) VALUES (?, ?, 0)", "x, crypto.randomUUID()", "single-entry"],
		["under a name that it is given", "(id, n) VALUES (?, 0)", "x", LOST],
		["or over another one", "(x, id) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = 0", "1, x", LOST],
	])("of a row, somebody who adds one %s", (_, into, values, expected) => {
		check(`async alarm() { const row = this.ctx.storage.sql.exec("SELECT * FROM q WHERE id = ?", "a").one(); await this.io(); this.ctx.storage.sql.exec("UPDATE q SET n = ? WHERE id = ?", row.n + 1, "a"); } add(x) { this.ctx.storage.sql.exec("INSERT INTO q ${into}", ${values}); }`, [expected]);
	});
	test("nothing runs beside the constructor", () => check("n = 0; constructor(ctx, env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { const v = await GET; await this.io(); await PUT(v + 1); }); }", []));
	test("one mistake is told once", () => {
		const body = expand(`${io} async #work() { const v = await GET; const w = await GET; await this.io(); if (v) await PUT(v + 1); else await PUT(w + 2); } async a() { await this.#work(); } async b() { await this.#work(); }`);
		expect(races(body)).toHaveLength(1);
	});
});

describe("overlapping calls of one event", () => {
	const inc = "async #inc(k) { const v = await GET; await PUT(v + 1); }";
	const OVERLAP = "race: self-overlap";
	test.each([
		["Promise.all", `${inc} async run() { await Promise.all([this.#inc(), this.#inc()]); }`, [OVERLAP]],
		["not awaited", `${inc} async run() { this.#inc(); await this.#inc(); }`, [OVERLAP]],
		["awaited in turn", `${inc} async run() { await this.#inc(); await this.#inc(); }`, ["input-gate"]],
		["map", `${inc} async run(a) { await Promise.all(a.map((x) => this.#inc(x))); }`, [OVERLAP]],
		["map with an inline function", "async run(a) { await Promise.all(a.map(async (x) => { const v = await GET; await PUT([...v, x]); })); }", [OVERLAP]],
		["forEach", "async run(a) { a.forEach(async (x) => { const v = await GET; await PUT([...v, x]); }); }", [OVERLAP]],
		["collected in a loop", `${inc} async run(a) { const all = []; for (const x of a) all.push(this.#inc(x)); await Promise.all(all); }`, [OVERLAP]],
		["awaited in a loop", `${inc} async run(a) { for (const x of a) await this.#inc(x); }`, ["input-gate"]],
		["reduced in turn", `${inc} async run(a) { await a.reduce(async (before, x) => { await before; await this.#inc(x); }, Promise.resolve()); }`, ["input-gate"]],
		["a field across a microtask", "n = 0; async #inc() { const v = this.n; await null; this.n = v + 1; } async run() { await Promise.all([this.#inc(), this.#inc()]); }", [OVERLAP]],
		["a field without an await", "n = 0; async #inc() { this.n++; } async run() { await Promise.all([this.#inc(), this.#inc()]); }", ["synchronous"]],
		["a key of its own each", "async run(a) { await Promise.all(a.map(async (x) => { const v = await this.ctx.storage.get(`x:${x}`); await this.ctx.storage.put(`x:${x}`, v + 1); })); }", ["input-gate"]],
		["a key of its own each, in a loop", "async #inc(k) { const v = await this.ctx.storage.get(k); await this.ctx.storage.put(k, v + 1); } async run(a) { const all = []; for (const x of a) all.push(this.#inc(x)); await Promise.all(all); }", ["input-gate"]],
		["different keys by argument", "async #inc(k) { const v = await this.ctx.storage.get(k); await this.ctx.storage.put(k, v + 1); } async run() { await Promise.all([this.#inc('a'), this.#inc('b')]); }", ["input-gate"]],
		["the same key by argument", "async #inc(k) { const v = await this.ctx.storage.get(k); await this.ctx.storage.put(k, v + 1); } async run() { await Promise.all([this.#inc('a'), this.#inc('a')]); }", [OVERLAP]],
		["a key that all share", "async run(a, room) { await Promise.all(a.map(async (x) => { const v = await this.ctx.storage.get(`r:${room}`); await this.ctx.storage.put(`r:${room}`, [...v, x]); })); }", [OVERLAP]],
		["each in a transaction", "async run(a) { await Promise.all(a.map(async (x) => this.ctx.storage.transaction(async () => { const v = await GET; await PUT([...v, x]); }))); }", ["input-gate"]],
		["all in one region", `${inc} async run() { await this.ctx.blockConcurrencyWhile(async () => { await Promise.all([this.#inc(), this.#inc()]); }); }`, [OVERLAP]],
		["one that only writes", "async #set(x) { await PUT(x); } async run() { await Promise.all([this.#set(1), this.#set(2)]); }", []],
		["a change at once while another one waits", "n = 0; async #slow() { const v = this.n; await this.io(); this.n = v + 1; } async alarm() { const p = this.#slow(); this.n++; await p; }", [OVERLAP, "synchronous"]],
		["I/O first, then storage: the gate keeps them apart", "async run(a) { await Promise.all(a.map(async (x) => { const r = await fetch(x); const v = await GET; await PUT([...v, r.status]); })); }", ["io-first", "unknown"]],
	])("%s", (_, code, expected) => check(code, expected));
});
