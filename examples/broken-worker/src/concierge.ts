import { Agent } from "agents";
import type { Env } from "./index.ts";

/** Answers questions about auctions. */
export class Concierge extends Agent<Env> {
	async remindLater(question: string): Promise<void> {
		await this.schedule(3600, "remind", { question });
	}

	remind({ question }: { question: string }): void {
		console.log("Still open:", question);
	}

	override async alarm(): Promise<void> {
		await this.ctx.storage.put("woken", Date.now());
	}
}
