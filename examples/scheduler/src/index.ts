import { DurableObject } from "cloudflare:workers";

export interface Env {
	SCHEDULER: DurableObjectNamespace<Scheduler>;
	/** Where digests are sent. */
	DIGEST_URL: string;
}

type JobName = "digest" | "prune";

interface Job extends Record<string, SqlStorageValue> {
	readonly name: JobName;
	readonly due_at: number;
}

const SECOND = 1_000;
const HOUR = 60 * 60 * SECOND;

const everyMs: Readonly<Record<JobName, number>> = { digest: HOUR, prune: 24 * HOUR };
const KEEP_EVENTS_MS = 7 * 24 * HOUR;
const FIRST_RETRY_MS = 60 * SECOND;

/**
 * The recurring jobs of one tenant. An object has one alarm, so the jobs share it: a table knows when each is due, and
 * the alarm is always set for the earliest.
 */
export class Scheduler extends DurableObject<Env> {
	/** Plans both jobs. What is planned already keeps its time. */
	async start(): Promise<void> {
		this.#createTables();
		for (const [name, interval] of Object.entries(everyMs)) {
			this.ctx.storage.sql.exec("INSERT INTO jobs (name, due_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, Date.now() + interval);
		}
		await this.#setAlarmForEarliest();
	}

	/** Ends all jobs. A job may be running right now, so the storage is left for the alarm to delete. */
	async stop(): Promise<void> {
		this.#createTables();
		this.ctx.storage.sql.exec("DELETE FROM jobs");
		await this.ctx.storage.setAlarm(Date.now() + SECOND);
	}

	/** Takes down an event for the next digest. */
	async record(event: string): Promise<void> {
		this.#createTables();
		this.ctx.storage.sql.exec("INSERT INTO events (name, recorded_at) VALUES (?, ?)", event, Date.now());
		// Where no job is planned nobody would prune the event: the alarm then deletes everything.
		if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + KEEP_EVENTS_MS);
	}

	override async alarm(): Promise<void> {
		try {
			const due = this.ctx.storage.sql.exec<Job>("SELECT name, due_at FROM jobs WHERE due_at <= ? ORDER BY due_at", Date.now()).toArray();
			for (const job of due) await this.#run(job);
		} finally {
			// Whatever happens above, there is a next time, until no job is left.
			const isPlanned = await this.#setAlarmForEarliest();
			if (!isPlanned) await this.ctx.storage.deleteAll();
		}
	}

	/** A job that fails does not hold up the others; it is tried again after 1, 2, 4, … and at most 64 minutes. */
	async #run(job: Job): Promise<void> {
		try {
			if (job.name === "digest") await this.#sendDigest(job);
			else this.#prune();
			this.ctx.storage.sql.exec("UPDATE jobs SET due_at = ?, failures = 0 WHERE name = ?", Date.now() + everyMs[job.name], job.name);
		} catch (error) {
			console.error(`The job ${job.name} failed:`, error);
			this.ctx.storage.sql.exec("UPDATE jobs SET due_at = ? + (? << min(failures, 6)), failures = failures + 1 WHERE name = ?", Date.now(), FIRST_RETRY_MS, job.name);
		}
	}

	/** @returns false when no job is planned */
	async #setAlarmForEarliest(): Promise<boolean> {
		const { earliest } = this.ctx.storage.sql.exec<{ earliest: number | null }>("SELECT MIN(due_at) AS earliest FROM jobs").one();
		if (earliest === null) return false;
		// Never at once: a job that cannot be put off must not make the alarm run in circles.
		await this.ctx.storage.setAlarm(Math.max(earliest, Date.now() + SECOND));
		return true;
	}

	/** An alarm may run twice; the receiver can tell by the key. */
	async #sendDigest({ due_at: dueAt }: Job): Promise<void> {
		const events = this.ctx.storage.sql
			.exec("SELECT name, COUNT(*) AS count FROM events WHERE recorded_at > ? GROUP BY name ORDER BY name", dueAt - everyMs.digest)
			.toArray();
		const response = await fetch(this.env.DIGEST_URL, {
			method: "POST",
			headers: { "Content-Type": "application/json", "Idempotency-Key": `${this.ctx.id.toString()}-${dueAt}` },
			body: JSON.stringify({ dueAt, events }),
		});
		if (!response.ok) throw new Error(`The digest was refused with status ${response.status}.`);
	}

	#prune(): void {
		this.ctx.storage.sql.exec("DELETE FROM events WHERE recorded_at < ?", Date.now() - KEEP_EVENTS_MS);
	}

	/** Not in the constructor: the alarm drops the tables of an object that stays in memory. */
	#createTables(): void {
		this.ctx.storage.sql.exec(`
			CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, due_at INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0);
			CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, name TEXT NOT NULL, recorded_at INTEGER NOT NULL);
		`);
	}
}

export default {
	async fetch(request, env): Promise<Response> {
		const [, tenant, action] = /^\/tenants\/([\w-]{1,64})\/(start|stop|events)$/u.exec(new URL(request.url).pathname) ?? [];
		if (tenant === undefined || request.method !== "POST") return new Response("Try POST /tenants/<tenant>/start, stop or events", { status: 404 });
		const scheduler = env.SCHEDULER.getByName(tenant);
		if (action === "events") await scheduler.record((await request.text()).slice(0, 100));
		else if (action === "start") await scheduler.start();
		else await scheduler.stop();
		return new Response(null, { status: 204 });
	},
} satisfies ExportedHandler<Env>;
