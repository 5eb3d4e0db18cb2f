import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

/** Streams payments to whoever looks. */
export class Ledger extends DurableObject<Env> {
	override fetch(): Response {
		const { 0: client, 1: server } = new WebSocketPair();
		server.accept();
		server.addEventListener("message", (event) => server.send(`You said ${String(event.data)}`));
		return new Response(null, { status: 101, webSocket: client });
	}
}
