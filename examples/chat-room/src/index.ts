import { DurableObject } from "cloudflare:workers";

export interface Env {
	CHAT_ROOM: DurableObjectNamespace<ChatRoom>;
}

/** What a connection knows of itself. It is kept with the socket, so it is still there after hibernation. */
interface Member {
	readonly name: string;
}

type Announcement =
	| { readonly type: "joined" | "left"; readonly name: string }
	| { readonly type: "message"; readonly name: string; readonly text: string; readonly sentByName: number };

const IDLE_MS = 24 * 60 * 60 * 1000;
const MAX_NAME_LENGTH = 40;
const MAX_TEXT_LENGTH = 2_000;

/** One chat room: its connections, and how many messages each member has sent. */
export class ChatRoom extends DurableObject<Env> {
	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		// The constructor runs on every wake, so it does only what is cheap and can be repeated.
		ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
		this.#createTable();
	}

	override async fetch(request: Request): Promise<Response> {
		if (request.headers.get("Upgrade") !== "websocket") return new Response("A WebSocket is expected.", { status: 426 });
		const name = new URL(request.url).searchParams.get("name")?.trim().slice(0, MAX_NAME_LENGTH);
		if (!name) return new Response("A name is expected.", { status: 400 });

		const { 0: client, 1: server } = new WebSocketPair();
		this.ctx.acceptWebSocket(server);
		server.serializeAttachment({ name } satisfies Member);

		// The clean-up drops the table of an object that may still be in memory.
		this.#createTable();
		if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + IDLE_MS);
		this.#announce({ type: "joined", name });
		return new Response(null, { status: 101, webSocket: client });
	}

	override webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): void {
		const member = socket.deserializeAttachment() as Member | null;
		if (!member || typeof text !== "string" || text.length > MAX_TEXT_LENGTH) {
			socket.close(1008, "Text of at most 2,000 characters is expected.");
			return;
		}
		const { sent } = this.ctx.storage.sql
			.exec<{ sent: number }>(
				`INSERT INTO message_count (name, sent, last_sent_at) VALUES (?, 1, ?)
				ON CONFLICT (name) DO UPDATE SET sent = sent + 1, last_sent_at = excluded.last_sent_at
				RETURNING sent`,
				member.name,
				Date.now(),
			)
			.one();
		this.#announce({ type: "message", name: member.name, text, sentByName: sent });
	}

	override webSocketClose(socket: WebSocket, code: number, reason: string): void {
		// 1005, 1006 and 1015 mean that the client gave no code; none of them may be sent.
		socket.close(code === 1005 || code === 1006 || code === 1015 ? 1000 : code, reason);
		const member = socket.deserializeAttachment() as Member | null;
		if (member) this.#announce({ type: "left", name: member.name });
	}

	override webSocketError(_socket: WebSocket, error: unknown): void {
		console.warn("A connection broke:", error);
	}

	/** Deletes everything when nobody is here and nobody has written for a day; looks again later otherwise. */
	override async alarm(): Promise<void> {
		const { last } = this.ctx.storage.sql.exec<{ last: number | null }>("SELECT MAX(last_sent_at) AS last FROM message_count").one();
		const idleAt = (last ?? 0) + IDLE_MS;
		if (this.ctx.getWebSockets().length > 0 || Date.now() < idleAt) {
			await this.ctx.storage.setAlarm(Math.max(idleAt, Date.now() + IDLE_MS / 24));
			return;
		}
		await this.ctx.storage.deleteAll();
	}

	#createTable(): void {
		this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS message_count (name TEXT PRIMARY KEY, sent INTEGER NOT NULL, last_sent_at INTEGER NOT NULL)");
	}

	#announce(announcement: Announcement): void {
		const text = JSON.stringify(announcement);
		for (const socket of this.ctx.getWebSockets()) {
			// A socket that is closing is still listed, and sending to it throws.
			if (socket.readyState === WebSocket.READY_STATE_OPEN) socket.send(text);
		}
	}
}

export default {
	async fetch(request, env): Promise<Response> {
		const [, room] = /^\/rooms\/([\w-]{1,64})$/u.exec(new URL(request.url).pathname) ?? [];
		if (room === undefined) return new Response("Try /rooms/<room>?name=<your name>", { status: 404 });
		return env.CHAT_ROOM.getByName(room).fetch(request);
	},
} satisfies ExportedHandler<Env>;
