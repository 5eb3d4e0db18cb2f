import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

interface Visitor {
	name: string;
	bids: number[];
	seenAt: number;
}

/** Where people bid against each other while the auctioneer talks. */
export class BiddingRoom extends DurableObject<Env> {
	override fetch(request: Request): Response {
		const name = new URL(request.url).searchParams.get("name") ?? "nobody";
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server, ["everybody", "art", "books", "cars", "coins", "dolls", "jewels", "maps", "stamps", "toys", "wine"]);
		server.serializeAttachment({ name, bids: [], seenAt: Date.now() } satisfies Visitor);
		server.addEventListener("error", () => console.warn(`${name} has connection trouble`));
		return new Response(null, { status: 101, webSocket: client });
	}

	override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
		if (message === "ping") {
			socket.send("pong");
			return;
		}
		this.#see(socket);
		const visitor = socket.deserializeAttachment() as Visitor;
		visitor.bids.push(Number(message));
		socket.serializeAttachment(visitor);
	}

	override webSocketClose(socket: WebSocket, code: number, reason: string): void {
		socket.close(code, reason);
	}

	#see(socket: WebSocket): void {
		const visitor = socket.deserializeAttachment() as Visitor;
		visitor.seenAt = Date.now();
	}
}

/** The screen above the auctioneer. */
export class Display extends DurableObject<Env> {
	override fetch(): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server);
		return new Response(null, { status: 101, webSocket: client });
	}

	show(text: string): void {
		for (const screen of this.ctx.getWebSockets()) if (screen.readyState === WebSocket.OPEN) screen.send(text);
	}

	override webSocketClose(socket: WebSocket): void {
		socket.close(1000);
	}
}
