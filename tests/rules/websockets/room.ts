/** Classes with sockets, for the tests of this family. */

/** A Durable Object class with this body. */
export const object = (body: string, head = ""): string => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject {
${body}
}`;

/** A fetch handler that makes a pair, does something with its ends `client` and `server`, and answers with the client's. */
export const upgrade = (body: string): string => `	async fetch(request: Request) {
		const { 0: client, 1: server } = new WebSocketPair();
		${body}
		return new Response(null, { status: 101, webSocket: client });
	}
`;

/** A class that hands its sockets to the runtime, with this in its body. */
export const room = (body: string, head = ""): string => object(upgrade("this.ctx.acceptWebSocket(server);") + body, head);

export const message = "	webSocketMessage(ws: WebSocket, message: string) { ws.send(message); }\n";
export const close = "	webSocketClose(ws: WebSocket) { ws.close(1000); }\n";
