import { estimateOf } from "./appraiser.ts";
import type { Auction } from "./auction.ts";
import type { BiddingRoom, Display } from "./bidding-room.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Concierge } from "./concierge.ts";
import { announce, enterRoom, sendNewsletterNow, showHouse } from "./desk.ts";
import type { House } from "./house.ts";
import type { Ledger } from "./ledger.ts";
import type { Lobby } from "./lobby.ts";
import type { Deliveries, Newsletter, Parcels, Reminders } from "./reminders.ts";
import type { Sellers } from "./sellers.js";
import type { Stage } from "./stage.ts";
import type { Wallet } from "./wallet.ts";

export { Appraiser } from "./appraiser.ts";
export { Auction } from "./auction.ts";
export { BiddingRoom, Display } from "./bidding-room.ts";
export { Catalogue } from "./catalogue.ts";
export { Concierge } from "./concierge.ts";
export { House } from "./house.ts";
export { Ledger } from "./ledger.ts";
export { Lobby } from "./lobby.ts";
export { Deliveries, Newsletter, Parcels, Reminders } from "./reminders.ts";
export { Sellers } from "./sellers.js";
export { Stage } from "./stage.ts";
export { Wallet } from "./wallet.ts";

export interface Env {
	AUCTION: DurableObjectNamespace<Auction>;
	LOBBY: DurableObjectNamespace<Lobby>;
	CONCIERGE: DurableObjectNamespace<Concierge>;
	LEDGER: DurableObjectNamespace<Ledger>;
	APPRAISER: DurableObjectNamespace;
	CATALOGUE: DurableObjectNamespace<Catalogue>;
	DELIVERIES: DurableObjectNamespace<Deliveries>;
	DISPLAY: DurableObjectNamespace<Display>;
	HOUSE: DurableObjectNamespace<House>;
	NEWSLETTER: DurableObjectNamespace<Newsletter>;
	PARCELS: DurableObjectNamespace<Parcels>;
	REMINDERS: DurableObjectNamespace<Reminders>;
	ROOM: DurableObjectNamespace<BiddingRoom>;
	SELLERS: DurableObjectNamespace<Sellers>;
	STAGE: DurableObjectNamespace<Stage>;
	WALLET: DurableObjectNamespace<Wallet>;
}

export default {
	async fetch(request, env): Promise<Response> {
		const url = new URL(request.url);
		const [, section, id = "today"] = url.pathname.split("/");
		switch (section) {
			case "lobby":
				return env.LOBBY.get(env.LOBBY.idFromName("lobby")).fetch(request);
			case "house":
				return showHouse(url, env);
			case "room":
				return enterRoom(id, env);
			case "lot":
				return Response.json({ estimate: await estimateOf(id, env) });
			case "announce":
				await announce(id, await request.text(), env);
				return new Response(null, { status: 204 });
			case "newsletter":
				await sendNewsletterNow(id, env);
				return new Response(null, { status: 204 });
			default:
		}
		const auction = env.AUCTION.getByName(url.pathname);
		if (request.method === "POST") {
			const { bidder, amount } = (await request.json()) as { bidder: string; amount: number };
			auction.bid(bidder, amount);
			return new Response("Thank you for your bid.");
		}
		return Response.json(await auction.state());
	},
} satisfies ExportedHandler<Env>;
