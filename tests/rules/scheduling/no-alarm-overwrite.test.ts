import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/scheduling/no-alarm-overwrite.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const room = (members: string, alarm = "async alarm() {}", head = "") => `import { DurableObject } from "cloudflare:workers";
${head}
export class Jobs extends DurableObject {
	${members}
	${alarm}
}`;
const add = (body: string) => room(`async add(name: string, runAt: number) { ${body} }`);
const kept = (body: string) => room(`#due = new Map(); #seen = new Map(); #closes = { at: 0 }; #next = Infinity; async add(job: { id: string; at: number }) { ${body} }`, "async alarm() { for (const { id, at } of this.#due.values()) if (at <= Date.now()) this.#due.delete(id); }");

tester.run("no-alarm-overwrite", rule, {
	valid: [
		{
			name: "one of two alarms, by a condition",
			code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { async close(soon: boolean) { if (soon) await this.ctx.storage.setAlarm(Date.now() + 5000); else await this.ctx.storage.setAlarm(Date.now() + 60_000); } async alarm() {} }',
		},
		{ name: "no alarm", code: room("hello() {}") },
		{ name: "one place, one piece of work", code: room("async open() { await this.ctx.storage.setAlarm(Date.now() + 1000); }") },
		{ name: "a time from the caller, stored under one name", code: add("await this.ctx.storage.put('due', runAt); await this.ctx.storage.setAlarm(runAt);") },
		{ name: "one row, replaced", code: add("this.ctx.storage.sql.exec('INSERT OR REPLACE INTO due (id, at) VALUES (1, ?)', runAt); await this.ctx.storage.setAlarm(runAt);") },
		{ name: "a deadline that slides, while items are stored", code: room("async add(name: string) { await this.ctx.storage.put(`item:${name}`, 1); await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "a look first", code: add("await this.ctx.storage.put(`job:${name}`, runAt); const set = await this.ctx.storage.getAlarm(); if (set === null || runAt < set) await this.ctx.storage.setAlarm(runAt);") },
		{ name: "the earlier of two", code: add("await this.ctx.storage.put(`job:${name}`, runAt); const set = await this.ctx.storage.getAlarm(); await this.ctx.storage.setAlarm(Math.min(set ?? Infinity, runAt));") },
		{
			name: "one method that sets the alarm for all",
			code: room(`async add(name: string, runAt: number) { await this.ctx.storage.put(\`job:\${name}\`, runAt); await this.next(); }
	async remove(name: string) { await this.ctx.storage.delete(\`job:\${name}\`); await this.next(); }
	async next() { const times = await this.ctx.storage.list<number>({ prefix: "job:" }); if (times.size > 0) await this.ctx.storage.setAlarm(Math.min(...times.values())); }`, "async alarm() { await this.next(); }"),
		},
		{
			name: "the earliest of a table",
			code: room(`async add(name: string, runAt: number) {
		this.ctx.storage.sql.exec("INSERT INTO jobs (name, at) VALUES (?, ?)", name, runAt);
		const { at } = this.ctx.storage.sql.exec("SELECT min(at) AS at FROM jobs").one();
		await this.ctx.storage.setAlarm(at);
	}`),
		},
		{
			name: "a helper that is given the list",
			code: room(`async add(job: { at: number }) { const jobs = (await this.ctx.storage.get("jobs")) ?? []; jobs.push(job); await this.ctx.storage.put("jobs", jobs); await this.next(jobs); }
	async next(jobs) { const first = jobs.reduce((a, b) => (a.at < b.at ? a : b)); await this.ctx.storage.setAlarm(first.at); }`),
		},
		{
			name: "a helper that looks, with the time passed to it",
			code: room(`async add(name: string, runAt: number) { await this.ctx.storage.put(\`job:\${name}\`, runAt); await this.wake(runAt); }
	async wake(at: number) { const set = await this.ctx.storage.getAlarm(); if (!set || at < set) await this.ctx.storage.setAlarm(at); }`),
		},
		{
			name: "another path of the same fetch() stores items",
			code: room(`async fetch(request: Request) {
		const url = new URL(request.url);
		if (url.pathname === "/open") return this.open(request);
		if (url.pathname === "/part") return this.part(request, url);
		return new Response("?", { status: 404 });
	}
	async open(request: Request) { const { ttl } = await request.json<{ ttl: number }>(); await this.ctx.storage.put("ttl", ttl); await this.ctx.storage.setAlarm(Date.now() + ttl); return new Response("ok"); }
	async part(request: Request, url: URL) { await this.ctx.storage.put(\`part:\${url.searchParams.get("id")}\`, await request.text()); return new Response("ok"); }`),
		},
		{ name: "a method that the option names", code: room("async add(name: string, runAt: number) { await this.ctx.storage.put(`job:${name}`, runAt); await this.plan(runAt); } async plan(at) { await this.ctx.storage.setAlarm(at); }"), options: [{ schedulers: ["plan"] }] },
		{
			name: "the phases of a game: each replaces the one before",
			code: room(`async start() { await this.ctx.storage.put("phase", "play"); await this.ctx.storage.setAlarm(Date.now() + 60_000); }
	async end() { await this.ctx.storage.put("phase", "over"); await this.ctx.storage.setAlarm(Date.now() + 5_000); }`, 'async alarm() { const phase = await this.ctx.storage.get("phase"); if (phase === "over") await this.ctx.storage.deleteAll(); }'),
		},
		{ name: "the same deadline from two places", code: room("async a() { await this.ctx.storage.setAlarm(Date.now() + TTL); } async b() { await this.ctx.storage.setAlarm(Date.now() + TTL); }", "async alarm() { await this.ctx.storage.deleteAll(); }", "const TTL = 1000;") },
		{
			name: "two deadlines, and an alarm that sets itself for the one left over",
			code: room(`async remind(at: number) { await this.ctx.storage.put("reminder", at); await this.ctx.storage.setAlarm(at); }
	async expire(at: number) { await this.ctx.storage.put("expiry", at); await this.ctx.storage.setAlarm(at); }`, `async alarm() { const a = await this.ctx.storage.get("reminder"); const b = await this.ctx.storage.get("expiry"); await this.ctx.storage.setAlarm(Math.min(...[a, b].filter(Boolean))); }`),
		},
		{
			name: "a time from a list that is kept under the name that the event brings",
			code: add("const jobs = (await this.ctx.storage.get<number[]>(`jobs:${name}`)) ?? []; jobs.push(runAt); await this.ctx.storage.put(`jobs:${name}`, jobs); await this.ctx.storage.setAlarm(jobs[0]);"),
		},
		{
			name: "a time from one item and from what is kept of all",
			code: add("const job = await this.ctx.storage.get<Job>(`job:${name}`); await this.ctx.storage.put(`job:${name}`, { ...job, runAt }); const next = await this.ctx.storage.get<number>('next'); await this.ctx.storage.setAlarm(next < job.runAt ? next : job.runAt);"),
		},
		{ name: "an item of alarm()'s own, in a helper", code: room("async retry(name: string, at: number) { await this.ctx.storage.put(`job:${name}`, at); await this.ctx.storage.setAlarm(at); }", "async alarm(info: AlarmInvocationInfo) { await this.retry(`job-${info.retryCount}`, Date.now() + info.retryCount); }") },
		{ name: "a made name for what is no piece of work of the event", code: room("async touch() { await this.ctx.storage.put(`log:${crypto.randomUUID()}`, 1); await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "a collection in which the earliest is looked for", code: kept("this.#due.set(job.id, job); const first = [...this.#due.values()].sort((a, b) => a.at - b.at)[0]; await this.ctx.storage.setAlarm(first.at);") },
		{ name: "a collection, and a test of the time that is set", code: kept("this.#due.set(job.id, job); if (job.at >= this.#next) return; this.#next = job.at; await this.ctx.storage.setAlarm(job.at);") },
		{ name: "a collection, and a look at the alarm", code: kept("this.#due.set(job.id, job); const set = await this.ctx.storage.getAlarm(); if (set === null || set > job.at) await this.ctx.storage.setAlarm(job.at);") },
		{ name: "the earliest of all items, by hand", code: room("async add(job: Job) { await this.ctx.storage.put(`job:${job.id}`, job); let next = job.at; for (const [, other] of await this.ctx.storage.list<Job>({ prefix: 'job:' })) if (other.at < next) next = other.at; await this.ctx.storage.setAlarm(next); }") },
		{ name: "a collection with one place", code: kept("this.#due.set('next', job); await this.ctx.storage.setAlarm(job.at);") },
		{ name: "a collection that is emptied first", code: kept("this.#due.clear(); this.#due.set(job.id, job); await this.ctx.storage.setAlarm(job.at);") },
		{ name: "a collection that alarm() does not go through", code: kept("this.#seen.set(job.id, job); await this.ctx.storage.setAlarm(job.at);") },
		{ name: "another time than that of the item", code: kept("this.#due.set(job.id, job); await this.ctx.storage.setAlarm(this.#closes.at);") },
		{ name: "a collection that only alarm() fills", code: room("#due = new Map(); async #again(job) { this.#due.set(job.id, job); await this.ctx.storage.setAlarm(job.at); }", "async alarm() { for (const job of this.#due.values()) await this.#again({ ...job, at: Date.now() + 1000 }); }") },
		{ name: "an alarm that repeats", code: room("async open() { await this.ctx.storage.setAlarm(Date.now() + 1000); }", "async alarm() { await this.ctx.storage.setAlarm(Date.now() + 60_000); }") },
		{ name: "a promise that is awaited later", code: room("async open() { const set = this.ctx.storage.getAlarm(); if ((await set) === null) await this.ctx.storage.setAlarm(Date.now() + 1000); }") },
		{ name: "a log line beside the alarm", code: room("async open(at: number) { this.ctx.storage.sql.exec('INSERT INTO log (what, n) VALUES (?, ?)', 'opened', 1); await this.ctx.storage.setAlarm(at); }") },
	],
	invalid: [
		{ name: "in a collection that the object holds", code: kept("this.#due.set(job.id, job); await this.ctx.storage.setAlarm(job.at);"), errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }] },
		{
			name: "the earlier of two times of the one item",
			code: room("async add(job: Job) { await this.ctx.storage.put(`job:${job.id}`, job); let next = Infinity; if (job.at < next) next = job.at; if (job.warnAt < next) next = job.warnAt; await this.ctx.storage.setAlarm(next); }"),
			errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }],
		},
		{ name: "in a list", code: room("#due = []; async add(name: string, delay: number) { const at = Date.now() + delay; this.#due.push({ name, at }); await this.ctx.storage.setAlarm(at); }", "async alarm() { for (const { name } of this.#due) await this.run(name); }"), errors: [{ messageId: "alarmPerItem" }] },
		{
			name: "in a part of what the object holds, by a helper that alarm() comes to as well",
			code: room(
				`state = { reminders: new Map<string, Reminder>() };
	async book(table: string, at: number) { if (at) await this.remind({ id: \`book:\${table}\`, due: at - HOUR }); await this.remind({ id: \`end:\${table}\`, due: at + HOUR }); }
	private async remind(reminder: Reminder) { this.state.reminders.set(reminder.id, reminder); this.ctx.storage.setAlarm(reminder.due); }`,
				`async alarm() {
		for (const [id, { due }] of this.state.reminders) if (due <= Date.now()) { this.state.reminders.delete(id); await this.remind({ id: "again", due: due + HOUR }); }
		const [next] = [...this.state.reminders.values()].sort((a, b) => a.due - b.due);
		if (next) await this.ctx.storage.setAlarm(next.due);
	}`,
				"const HOUR = 3_600_000;",
			),
			errors: [{ messageId: "alarmPerItem", data: { entry: "remind()" } }],
		},
		{
			name: "one path of fetch() that leads to both, through methods",
			code: room(`async fetch(request: Request) {
		const url = new URL(request.url);
		if (url.pathname === "/add") return this.accept(await request.json());
		return new Response("?", { status: 404 });
	}
	async accept(job: { id: string; at: number }) { await this.keep(job); await this.wake(job.at); return new Response("ok"); }
	async keep(job: { id: string }) { await this.ctx.storage.put(\`job:\${job.id}\`, job); }
	async wake(at: number) { await this.ctx.storage.setAlarm(at); }`),
			errors: [{ messageId: "alarmPerItem" }],
		},
		{
			name: "one alarm right after the other",
			code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { async close() { await this.ctx.storage.setAlarm(Date.now() + 5000); await this.ctx.storage.setAlarm(Date.now() + 60_000); } async alarm() {} }',
			errors: [{ messageId: "replacedAtOnce", data: { line: "1" } }],
		},
		{
			name: "each job sets the alarm for itself",
			code: add("await this.ctx.storage.put(`job:${name}`, runAt); await this.ctx.storage.setAlarm(runAt);"),
			errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }],
		},
		{ name: "by a delay", code: room("async add(name: string, delay: number) { const runAt = Date.now() + delay; await this.ctx.storage.put(`job:${name}`, runAt); await this.ctx.storage.setAlarm(runAt); }"), errors: [{ messageId: "alarmPerItem" }] },
		{ name: "rows of a table", code: add("this.ctx.storage.sql.exec('INSERT INTO jobs (name, at) VALUES (?, ?)', name, runAt); await this.ctx.storage.setAlarm(runAt);"), errors: [{ messageId: "alarmPerItem" }] },
		{
			name: "from the body of a request",
			code: room("async fetch(request: Request) { const job = await request.json() as Job; await this.ctx.storage.put(job.id, job); await this.ctx.storage.setAlarm(job.at); return new Response(); }"),
			errors: [{ messageId: "alarmPerItem", data: { entry: "fetch()" } }],
		},
		{
			name: "through helpers",
			code: room(`async add(job: Job) { await this.save(job); await this.wake(new Date(job.at)); }
	async save(job: Job) { await this.ctx.storage.put(\`job:\${job.id}\`, job); }
	async wake(at: Date) { await this.ctx.storage.setAlarm(at); }`),
			errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }],
		},
		{
			name: "under a name that is made for it",
			code: add("const id = crypto.randomUUID(); await this.ctx.storage.put(id, { at: runAt }); await this.ctx.storage.setAlarm(runAt);"),
			errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }],
		},
		{
			name: "under a name that is made for it, in a helper that alarm() uses too",
			code: room(
				`async add(name: string, delay: number) { const id = nanoid(); this.log(id, name); await this.plan(id, Date.now() + delay); }
	async plan(id: string, at: number) { await this.ctx.storage.put(\`job:\${id}\`, at); await this.ctx.storage.setAlarm(at); }
	log(id: string, name: string) {}`,
				'async alarm() { for (const [id] of await this.ctx.storage.list({ prefix: "job:" })) await this.plan(id.slice(4), Date.now() + 1000); }',
				'import { nanoid } from "nanoid";',
			),
			errors: [{ messageId: "alarmPerItem", data: { entry: "add()" } }],
		},
		{
			name: "at a time worked out from the item's own record",
			code: room(`async failed(server: string) {
		const known = await this.ctx.storage.get<{ tries: number }>(\`server:\${server}\`);
		const tries = (known?.tries ?? 0) + 1;
		const next = Date.now() + Math.min(1000 * 2 ** tries, 3_600_000);
		await this.ctx.storage.put(\`server:\${server}\`, { tries, next });
		await this.ctx.storage.setAlarm(next);
	}`),
			errors: [{ messageId: "alarmPerItem", data: { entry: "failed()" } }],
		},
		{
			name: "at a time worked out from the item's own record, far from the event",
			code: room(`async fetch(request: Request) { return this.queue(request); }
	async queue(request: Request) {
		const data = await request.json() as { server: string; id: string };
		const entry = { id: data.id, at: Date.now() };
		await this.ctx.storage.put(\`queue:\${data.server}:\${data.id}\`, entry);
		await this.send(data.server);
		return new Response("queued");
	}
	async send(server: string) { try { await fetch(server); } catch { await this.later(server); } }
	async later(server: string) {
		const known = await this.ctx.storage.get(\`server:\${server}\`) as { tries: number } | undefined;
		const tries = (known?.tries || 0) + 1;
		const pause = Math.min(1000 * Math.pow(2, tries), 3_600_000);
		const next = Date.now() + pause;
		await this.ctx.storage.put(\`server:\${server}\`, { tries, next });
		await this.ctx.storage.setAlarm(next);
	}`, 'async alarm() { for (const [, value] of await this.ctx.storage.list({ prefix: "server:" })) await this.send((value as { name: string }).name); }'),
			errors: [{ messageId: "alarmPerItem", data: { entry: "fetch()" } }],
		},
		{
			name: "at a time that a caller worked out from the item's own record",
			code: add("const job = await this.ctx.storage.get<Job>(`job:${name}`); await this.ctx.storage.put(`job:${name}`, { ...job, runAt }); await this.wake(job.lead + runAt); } async wake(at: number) { await this.ctx.storage.setAlarm(at);"),
			errors: [{ messageId: "alarmPerItem" }],
		},
		{
			name: "two pieces of work, each with its own time",
			code: room(`async remind() { await this.ctx.storage.put("reminder", true); await this.ctx.storage.setAlarm(Date.now() + 60_000); }
	async expire() { await this.ctx.storage.put("expiry", true); await this.ctx.storage.setAlarm(Date.now() + 3_600_000); }`, `async alarm() {
		if (await this.ctx.storage.get("reminder")) await this.send();
		if (await this.ctx.storage.get("expiry")) await this.ctx.storage.deleteAll();
	}
	async send() {}`),
			errors: [{ messageId: "twoDeadlines", data: { other: "`reminder`", line: "4" }, line: 5 }],
		},
		{
			name: "a look that is not awaited",
			code: room("async open() { if (this.ctx.storage.getAlarm() === null) await this.ctx.storage.setAlarm(Date.now() + 1000); }"),
			errors: [{ messageId: "promiseTested", suggestions: [{ messageId: "awaitIt", output: room("async open() { if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 1000); }") }] }],
		},
		{
			name: "a look that is not awaited, in a variable",
			code: room("async open() { const set = this.ctx.storage.getAlarm(); if (!set) await this.ctx.storage.setAlarm(Date.now() + 1000); }"),
			errors: [{ messageId: "promiseTested", suggestions: [{ messageId: "awaitIt", output: room("async open() { const set = await this.ctx.storage.getAlarm(); if (!set) await this.ctx.storage.setAlarm(Date.now() + 1000); }") }] }],
		},
		{ name: "a look that cannot be awaited where it stands", code: room("open() { if (!this.ctx.storage.getAlarm()) this.ctx.storage.setAlarm(Date.now() + 1000); }"), errors: [{ messageId: "promiseTested", suggestions: [] }] },
	],
});

describe("no-alarm-overwrite: verdicts", () => {
	it("quotes the look", () => {
		expect(verdictsOn(rule, room("async open() { if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 1000); }"))).toEqual([
			{ status: "guarded", quotes: ["this.ctx.storage.getAlarm()", "this.ctx.storage.setAlarm(Date.now() + 1000)"], because: expect.stringContaining("looked at first") },
		]);
	});

	it("takes no list for one item's own record", () => {
		const code = add("const jobs = (await this.ctx.storage.get<number[]>(`jobs:${name}`)) ?? []; await this.ctx.storage.setAlarm(jobs[0]);");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", because: "the time is worked out from what is stored" }]);
		expect(verdictsOn(rule, add("const job = await this.ctx.storage.get<Job>(`job:${name}`); await this.ctx.storage.setAlarm(job.at);"))).not.toMatchObject([{ status: "guarded" }]);
	});

	it("takes no other use of getAlarm() for a look", () => {
		const code = room(`async fetch(request: Request) { if (request.method === "GET") return Response.json(await this.ctx.storage.getAlarm()); await this.arm(Date.now() + 5); return new Response(); }
	async arm(at: number) { await this.ctx.storage.setAlarm(at); }
	async again() { await this.ctx.storage.setAlarm(Date.now() + 50); }`);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown" }]);
	});

	it("takes a time that is set under some condition for no earliest one", () => {
		const code = room("async a(late: boolean) { let at = Date.now() + 5; if (late) at = Date.now() + 50; await this.ctx.storage.setAlarm(at); } async b() { await this.ctx.storage.setAlarm(Date.now() + 7); }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown" }]);
	});

	it("does not trust a mark that is lost with the object's memory", () => {
		const arm = "async open() { if (!this.isSet) { this.isSet = true; await this.ctx.storage.setAlarm(Date.now() + 1000); } }";
		expect(verdictsOn(rule, room(`isSet = false; ${arm}`))).toEqual([{ status: "unknown", quotes: ["!this.isSet", "this.ctx.storage.setAlarm(Date.now() + 1000)"], because: expect.stringMatching(/`this\.isSet`, which is lost .* while the alarm stays/u) }]);
		const earlier = "async plan(at: number) { if (this.next && this.next <= at) return; this.next = at; await this.ctx.storage.setAlarm(at); }";
		expect(verdictsOn(rule, room(`next?: number; ${earlier}`))).toMatchObject([{ status: "unknown", because: expect.stringContaining("`this.next`") }]);
	});

	it("leaves a mark alone that is loaded again", () => {
		const arm = "async open() { if (!this.isSet) { this.isSet = true; await this.ctx.storage.put('isSet', true); await this.ctx.storage.setAlarm(Date.now() + 1000); } }";
		const load = "constructor(ctx: DurableObjectState, env: Env) { super(ctx, env); ctx.blockConcurrencyWhile(async () => { this.isSet = (await ctx.storage.get('isSet')) ?? false; }); }";
		expect(verdictsOn(rule, room(`isSet = false; ${load} ${arm}`))).toMatchObject([{ status: "not-applicable" }]);
		// Nothing that is set beside the alarm, nothing that stands for it.
		expect(verdictsOn(rule, room("async open() { if (this.isOpen) await this.ctx.storage.setAlarm(Date.now() + 1000); } isOpen = true;"))).toMatchObject([{ status: "not-applicable" }]);
	});

	it("quotes the look of the caller, if all callers look", () => {
		const look = "if ((await this.ctx.storage.getAlarm()) === null) await this.arm();";
		const arm = "async arm() { await this.ctx.storage.setAlarm(Date.now() + this.pause); }";
		expect(verdictsOn(rule, room(`async a() { ${look} } ${arm}`, "async alarm() { await this.arm(); }"))).toMatchObject([{ status: "guarded", quotes: ["this.ctx.storage.getAlarm()", expect.any(String)] }]);
		expect(verdictsOn(rule, room(`async a() { ${look} } async b() { await this.arm(); } ${arm}`))).toMatchObject([{ status: "not-applicable" }]);
	});

	it("quotes what the earliest time is worked out from", () => {
		const [verdict] = verdictsOn(rule, room("async next() { const times = await this.ctx.storage.list<number>({ prefix: 'job:' }); await this.ctx.storage.setAlarm(Math.min(...times.values())); }"));
		expect(verdict).toMatchObject({ status: "guarded", quotes: ["Math.min(...times.values())", expect.any(String)] });
	});

	it("says that a deadline set from two places is one", () => {
		expect(verdictsOn(rule, room("async a() { await this.ctx.storage.setAlarm(Date.now() + 5); } async b() { await this.ctx.storage.setAlarm(Date.now() + 5); }"))).toMatchObject([{ status: "guarded", because: expect.stringContaining("same deadline") }]);
	});

	it("does not know whether phases replace each other on purpose", () => {
		expect(verdictsOn(rule, room("async a() { await this.ctx.storage.setAlarm(Date.now() + 5); } async b() { await this.ctx.storage.setAlarm(Date.now() + 50); }"))).toMatchObject([{ status: "unknown" }]);
	});

	it("does not take one method for one piece of work where it is given several times", () => {
		const arm = "async arm(at: number) { await this.ctx.storage.setAlarm(at); }";
		const statusOf = (members: string) => verdictsOn(rule, room(members)).map(({ status }) => status);
		expect(statusOf(`${arm} async a(at: number) { await this.arm(at); } async b() { await this.arm(Date.now() + 50); }`)).toEqual(["unknown"]);
		expect(statusOf(`${arm} async a() { await this.arm(Date.now() + 50); } async b() { await this.arm(Date.now() + 50); }`)).toEqual(["not-applicable"]);
		expect(statusOf("async fetch(request: Request) { const { at } = await request.json(); await this.ctx.storage.setAlarm(at); return new Response(); }")).toEqual(["unknown"]);
		expect(statusOf("async a(soon: boolean) { if (soon) await this.ctx.storage.setAlarm(Date.now() + 5); else await this.ctx.storage.setAlarm(Date.now() + 500); }")).toEqual(["unknown"]);
	});

	it("does not apply to one alarm for one piece of work", () => {
		expect(verdictsOn(rule, room("async open() { await this.ctx.storage.setAlarm(Date.now() + 1000); }"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
