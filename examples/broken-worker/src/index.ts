import type { Auction } from "./auction.ts";
import type { Concierge } from "./concierge.ts";
import type { Ledger } from "./ledger.ts";
import type { Lobby } from "./lobby.ts";

export { Auction } from "./auction.ts";
export { Concierge } from "./concierge.ts";
export { Ledger } from "./ledger.ts";
export { Lobby } from "./lobby.ts";

export interface Env {
	AUCTION: DurableObjectNamespace<Auction>;
	LOBBY: DurableObjectNamespace<Lobby>;
	CONCIERGE: DurableObjectNamespace<Concierge>;
	LEDGER: DurableObjectNamespace<Ledger>;
}

export default {
	async fetch(request, env): Promise<Response> {
		const url = new URL(request.url);
		if (url.pathname === "/lobby") {
			// GOTCHA single-object-throughput: every visitor of the whole site meets in one object.
			return env.LOBBY.get(env.LOBBY.idFromName("lobby")).fetch(request);
		}
		const auction = env.AUCTION.getByName(url.pathname);
		if (request.method === "POST") {
			const { bidder, amount } = (await request.json()) as { bidder: string; amount: number };
			// GOTCHA rpc: nobody waits for the call, so it may be cut off, and its error is lost.
			auction.bid(bidder, amount);
			return new Response("Thank you for your bid.");
		}
		return Response.json(await auction.state());
	},
} satisfies ExportedHandler<Env>;
