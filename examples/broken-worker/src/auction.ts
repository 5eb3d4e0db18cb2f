import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

interface Bid {
	readonly bidder: string;
	readonly amount: number;
}

interface Rate {
	readonly currency: string;
	readonly perDollar: number;
}

const MINUTE = 60_000;

/** One auction. Everything about it goes wrong in production. */
export class Auction extends DurableObject<Env> {
	/** GOTCHA unpersisted-state: after ten idle seconds, a crash or a deploy the watchers are forgotten. */
	#watchers: string[] = [];
	#rates: Rate[] = [];

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		// GOTCHA missing-block-concurrency-while: bids arrive while the rates are still being fetched.
		void this.#loadRates();
		// GOTCHA constructor-on-every-wake: at the second wake the table exists, and the object fails for good.
		ctx.storage.sql.exec("CREATE TABLE log (bidder TEXT, amount INTEGER)");
	}

	async #loadRates(): Promise<void> {
		const response = await fetch("https://rates.example.com/latest");
		this.#rates = await response.json();
	}

	async bid(bidder: string, amount: number): Promise<boolean> {
		// GOTCHA non-atomic-read-modify-write: another bid comes in while the bank answers, and one of the two is lost.
		const bids = (await this.ctx.storage.get<Bid[]>("bids")) ?? [];
		const answer = await fetch(`https://bank.example.com/cover?bidder=${encodeURIComponent(bidder)}&amount=${amount}`);
		if (!answer.ok) return false;
		await this.ctx.storage.put("bids", [...bids, { bidder, amount }]);

		// GOTCHA sql-and-storage-api: the bidder's name is SQL here, and whoever has an apostrophe cannot bid.
		this.ctx.storage.sql.exec(`INSERT INTO log (bidder, amount) VALUES ('${bidder}', ${amount})`);

		// GOTCHA timers-as-schedule: a deploy within the minute, and nobody is told.
		setTimeout(() => this.#tellWatchers(bidder), MINUTE);
		return true;
	}

	async close(): Promise<void> {
		// GOTCHA single-alarm: the second alarm replaces the first; nobody is reminded.
		await this.ctx.storage.setAlarm(Date.now() + 5 * MINUTE);
		await this.ctx.storage.setAlarm(Date.now() + 60 * MINUTE);
	}

	withdraw(): void {
		// GOTCHA wait-until: this promises nothing in a Durable Object; a crash ends the work all the same.
		this.ctx.waitUntil(fetch("https://archive.example.com/auctions", { method: "POST", body: "withdrawn" }));
	}

	override async alarm(): Promise<void> {
		// GOTCHA atomic-regions: all other events wait for somebody else's server.
		await this.ctx.blockConcurrencyWhile(async () => {
			const receipt = await fetch("https://bank.example.com/collect", { method: "POST" });
			await this.ctx.storage.put("receipt", await receipt.text());
		});
	}

	watch(name: string): void {
		this.#watchers.push(name);
	}

	async state(): Promise<{ highest: number; watchers: number; currencies: number }> {
		const bids = (await this.ctx.storage.get<Bid[]>("bids")) ?? [];
		return { highest: Math.max(0, ...bids.map(({ amount }) => amount)), watchers: this.#watchers.length, currencies: this.#rates.length };
	}

	async #tellWatchers(bidder: string): Promise<void> {
		for (const watcher of this.#watchers) await fetch(`https://mail.example.com/send?to=${encodeURIComponent(watcher)}&text=${encodeURIComponent(bidder)}`);
	}
}
