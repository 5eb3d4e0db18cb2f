import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Tells the watchers of an auction that it is about to end. */
export class Reminders extends DurableObject<Env> {
	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		void ctx.storage.setAlarm(Date.now() + DAY);
	}

	async remind(address: string): Promise<void> {
		await this.ctx.storage.put("address", address);
		await this.ctx.storage.setAlarm(30 * MINUTE);
	}

	override async alarm(): Promise<void> {
		try {
			const address = await this.ctx.storage.get<string>("address");
			const answer = await fetch("https://mail.example.com/send", { method: "POST", body: address ?? "" });
			if (!answer.ok) throw new Error(`mail: ${answer.status}`);
		} catch (error) {
			console.error(error);
		}
	}
}

/** Sends what is new to one reader, once a day. */
export class Newsletter extends DurableObject<Env> {
	async subscribe(address: string): Promise<void> {
		await this.ctx.storage.put("address", address);
		await this.ctx.storage.setAlarm(Date.now() + DAY);
	}

	async unsubscribe(): Promise<void> {
		await this.ctx.storage.deleteAll();
	}

	override async alarm(): Promise<void> {
		const address = await this.ctx.storage.get<string>("address");
		const answer = await fetch("https://mail.example.com/newsletter", { method: "POST", body: address ?? "" });
		if (!answer.ok) throw new Error(`mail: ${answer.status}`);
		await this.ctx.storage.setAlarm(Date.now() + DAY);
	}
}

/** Hands parcels to the carrier. */
export class Parcels extends DurableObject<Env> {
	track = async (parcel: string): Promise<string> => {
		const answer = await fetch(`https://carrier.example.com/parcels/${encodeURIComponent(parcel)}`);
		return answer.text();
	};

	async pickUpTomorrow(): Promise<void> {
		await this.ctx.storage.setAlarm(Date.now() + DAY);
	}
}

/** Looks whether the carrier has delivered. */
export class Deliveries extends DurableObject<Env> {
	async watch(parcel: string): Promise<void> {
		await this.ctx.storage.put("parcel", parcel);
		await this.ctx.storage.setAlarm(Date.now() + MINUTE);
	}

	override async alarm(): Promise<void> {
		await this.ctx.storage.setAlarm(Date.now());
		const parcel = await this.ctx.storage.get<string>("parcel");
		const answer = await fetch(`https://carrier.example.com/parcels/${encodeURIComponent(parcel ?? "")}`);
		if (answer.headers.get("delivered") === "yes") await this.ctx.storage.deleteAlarm();
	}
}
