import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

type Lot = { id: number; title: string; sold: number };

/** The lots of one sale. */
export class Catalogue extends DurableObject<Env> {
	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS lots (id INTEGER PRIMARY KEY, title TEXT, sold INTEGER)");
	}

	schemaVersion(): number {
		return this.ctx.storage.sql.exec<{ user_version: number }>("PRAGMA user_version").one().user_version;
	}

	add(title: string): void {
		this.ctx.storage.sql.exec("INSERT INTO lots (title, sold) VALUES (?, 0) RETURNING id", title);
	}

	mark(id: number, isSold: boolean): void {
		this.ctx.storage.sql.exec("UPDATE lots SET sold = ? WHERE id = ?", isSold, id);
	}

	title(id: number): string {
		return this.ctx.storage.sql.exec<Lot>("SELECT title FROM lots WHERE id = ?", id).one().title;
	}

	isSold(id: number): boolean {
		const lot = this.ctx.storage.sql.exec<Lot>("SELECT sold FROM lots WHERE id = ?", id).one();
		return lot ? lot.sold === 1 : false;
	}

	swap(one: number, other: number): void {
		this.ctx.storage.sql.exec("BEGIN");
		this.ctx.storage.sql.exec("UPDATE lots SET id = -1 WHERE id = ?", one);
		this.ctx.storage.sql.exec("UPDATE lots SET id = ? WHERE id = ?", one, other);
		this.ctx.storage.sql.exec("UPDATE lots SET id = ? WHERE id = -1", other);
	}

	withdraw(id: number): void {
		this.ctx.storage.transactionSync(async () => {
			const answer = await fetch(`https://archive.example.com/lots/${id}`, { method: "DELETE" });
			if (answer.ok) this.ctx.storage.sql.exec("DELETE FROM lots WHERE id = ?", id);
		});
	}

	async print(): Promise<void> {
		for (const { title } of this.ctx.storage.sql.exec<Lot>("SELECT title FROM lots ORDER BY id")) {
			await fetch("https://printer.example.com/lines", { method: "POST", body: title });
		}
	}

	async clear(): Promise<void> {
		await this.ctx.storage.deleteAll();
	}
}
