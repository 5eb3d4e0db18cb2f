import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

/** The money of one bidder. */
export class Wallet extends DurableObject<Env> {
	async deposit(amount: number): Promise<void> {
		await this.ctx.storage.transaction(async () => {
			const balance = (await this.ctx.storage.get<number>("balance")) ?? 0;
			await this.ctx.storage.put("balance", balance + amount);
		});
	}

	async hold(amounts: readonly number[]): Promise<void> {
		await Promise.all(
			amounts.map(async (amount) => {
				const held = (await this.ctx.storage.get<number>("held")) ?? 0;
				await this.ctx.storage.put("held", held + amount);
			}),
		);
	}

	async pay(seller: string, amount: number): Promise<void> {
		await this.ctx.storage.put("paying", { seller, amount });
		const answer = await fetch(`https://bank.example.com/pay?to=${encodeURIComponent(seller)}&amount=${amount}`, { method: "POST" });
		await this.ctx.storage.put("paid", answer.ok);
	}

	async allow(limit: number): Promise<void> {
		await this.ctx.storage.put("limit", limit, { allowUnconfirmed: true });
	}

	async allowAnything(): Promise<void> {
		await this.ctx.storage.put("limit", undefined);
	}

	async export(): Promise<Record<string, unknown>> {
		return Object.fromEntries(await this.ctx.storage.list());
	}

	async forgetReceipts(): Promise<void> {
		const receipts = await this.ctx.storage.list({ prefix: "receipt:" });
		await this.ctx.storage.delete([...receipts.keys()]);
	}

	size(): number {
		return this.ctx.storage.sql.databaseSize;
	}
}
