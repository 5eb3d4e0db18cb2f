import { type Connection, Server } from "partyserver";
import type { Env } from "./index.ts";

/** The video call with the auctioneer. */
export class Stage extends Server<Env> {
	override onMessage(connection: Connection, message: string): void {
		this.broadcast(message, [connection.id]);
	}

	override async fetch(request: Request): Promise<Response> {
		if (request.method === "HEAD") return new Response(null);
		return Response.json({ stage: this.name });
	}
}
