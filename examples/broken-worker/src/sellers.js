import { DurableObject } from "cloudflare:workers";

/** What is known of one seller. Written before the rest of the house moved to TypeScript. */
export class Sellers extends DurableObject {
	constructor(ctx, env) {
		super();
		this.storage = ctx.storage;
		this.mailer = env.MAILER;
	}

	async rate(stars) {
		await this.storage.put("stars", stars);
	}

	async stars() {
		return this.storage.get("stars");
	}
}
