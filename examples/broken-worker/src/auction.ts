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

/** One auction: its bids, who watches it, and what is due when it ends. */
export class Auction extends DurableObject<Env> {
	#watchers: string[] = [];
	#rates: Rate[] = [];

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		void this.#loadRates();
		ctx.storage.sql.exec("CREATE TABLE log (bidder TEXT, amount INTEGER)");
	}

	async #loadRates(): Promise<void> {
		const response = await fetch("https://rates.example.com/latest");
		this.#rates = await response.json();
	}

	async bid(bidder: string, amount: number): Promise<boolean> {
		const bids = (await this.ctx.storage.get<Bid[]>("bids")) ?? [];
		const answer = await fetch(`https://bank.example.com/cover?bidder=${encodeURIComponent(bidder)}&amount=${amount}`);
		if (!answer.ok) return false;
		await this.ctx.storage.put("bids", [...bids, { bidder, amount }]);

		this.ctx.storage.sql.exec(`INSERT INTO log (bidder, amount) VALUES ('${bidder}', ${amount})`);

		setTimeout(() => this.#tellWatchers(bidder), MINUTE);
		this.#register(bidder, amount);
		return true;
	}

	async #register(bidder: string, amount: number): Promise<void> {
		const answer = await fetch("https://register.example.com/bids", { method: "POST", body: JSON.stringify({ bidder, amount }) });
		if (!answer.ok) throw new Error("not registered");
	}

	async close(): Promise<void> {
		await this.ctx.storage.setAlarm(Date.now() + 5 * MINUTE);
		await this.ctx.storage.setAlarm(Date.now() + 60 * MINUTE);
	}

	withdraw(): void {
		this.ctx.waitUntil(fetch("https://archive.example.com/auctions", { method: "POST", body: "withdrawn" }));
	}

	override async alarm(): Promise<void> {
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
