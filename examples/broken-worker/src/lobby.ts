import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

/** Where visitors chat while they wait. */
export class Lobby extends DurableObject<Env> {
	readonly #names = new Map<WebSocket, string>();

	override async fetch(request: Request): Promise<Response> {
		const name = new URL(request.url).searchParams.get("name") ?? "nobody";
		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server);
		this.#names.set(server, name);
		await this.ctx.storage.put(`visit:${Date.now()}:${crypto.randomUUID()}`, name, { expirationTtl: 86_400 } as DurableObjectPutOptions);
		return new Response(null, { status: 101, webSocket: client });
	}

	override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
		const name = this.#names.get(socket);
		for (const other of this.#names.keys()) other.send(`${name}: ${String(message)}`);
	}

	override webSocketClose(socket: WebSocket): void {
		this.#names.delete(socket);
	}
}
