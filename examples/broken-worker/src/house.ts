import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

let lastVisitor = "nobody";

/** One auction house: its name, its rooms, its fees. */
export class House extends DurableObject<Env> {
	#name = "";

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS rooms (name TEXT PRIMARY KEY)");
		ctx.blockConcurrencyWhile(() => this.load()).catch(() => {
			this.#name = "The House";
		});
	}

	async load(): Promise<void> {
		this.#name = JSON.parse((await this.ctx.storage.get<string>("name")) ?? '"The House"');
	}

	welcome(visitor: string): string {
		lastVisitor = visitor;
		return `${visitor}, welcome to ${this.#name}. Before you came ${lastVisitor}.`;
	}

	rooms() {
		return this.ctx.storage.sql.exec<{ name: string }>("SELECT name FROM rooms ORDER BY name");
	}

	async fee(): Promise<number> {
		return (await this.ctx.storage.get<number>("fee")) ?? 20;
	}

	async raiseFee(by: number): Promise<void> {
		const self = this.env.HOUSE.get(this.ctx.id);
		await this.ctx.storage.transaction(async (transaction) => {
			await transaction.put("fee", (await self.fee()) + by);
		});
	}

	async close(): Promise<void> {
		await this.sellFurniture();
	}

	private async sellFurniture(): Promise<void> {
		this.ctx.storage.sql.exec("DELETE FROM rooms");
	}
}
