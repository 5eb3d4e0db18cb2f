import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/require-serialize-attachment.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, message, object, room, upgrade } from "./room.ts";

const join = (body: string, more: string) => object(upgrade(`this.ctx.acceptWebSocket(server); ${body}`) + more);
const users = "users = new Map<WebSocket, string>();";
const read = "webSocketMessage(ws: WebSocket) { ws.send(this.users.get(ws)); }";
const set = "this.users.set(server, request.url);";

tester.run("require-serialize-attachment", rule, {
	valid: [
		{ name: "attached", code: join("server.serializeAttachment({ user: request.url });", "webSocketMessage(ws: WebSocket) { ws.send(ws.deserializeAttachment().user); }") },
		{ name: "rebuilt in the constructor", code: join(set, `${users} constructor(ctx, env) { super(ctx, env); for (const ws of this.ctx.getWebSockets()) this.users.set(ws, ws.deserializeAttachment()); } ${read}`) },
		{ name: "rebuilt by a helper", code: join(set, `${users} constructor(ctx, env) { super(ctx, env); this.restore(); } restore() { this.ctx.getWebSockets().forEach((ws) => { const meta = ws.deserializeAttachment(); this.users.set(ws, meta); }); } ${read}`) },
		{ name: "rebuilt in a field", code: join("this.all.add(server);", "all = new Set(this.ctx.getWebSockets()); tell(m) { for (const ws of this.all) ws.send(m); }") },
		{ name: "rebuilt as a whole", code: join("this.all.push(server);", "all: WebSocket[] = []; constructor(ctx, env) { super(ctx, env); this.all = this.ctx.getWebSockets(); } tell(m) { for (const ws of this.all) ws.send(m); }") },
		{ name: "filled lazily", code: join(set, `${users} webSocketMessage(ws: WebSocket) { if (!this.users.has(ws)) this.users.set(ws, ws.deserializeAttachment()); ws.send(this.users.get(ws)); }`) },
		{ name: "with the attachment to fall back on", code: join(`${set} server.serializeAttachment(request.url);`, `${users} webSocketMessage(ws: WebSocket) { ws.send(this.users.get(ws) ?? ws.deserializeAttachment()); }`) },
		{ name: "filled from storage where it is missing", code: join(set, `${users} async webSocketMessage(ws: WebSocket, id: string) { let user = this.users.get(ws); if (!user) { user = await this.ctx.storage.get(id); this.users.set(ws, user); } ws.send(user); }`) },
		{ name: "with storage to fall back on", code: join(set, `${users} async webSocketMessage(ws: WebSocket, id: string) { ws.send(this.users.get(ws) ?? (await this.ctx.storage.get(id))); }`) },
		{ name: "rebuilt in a base class", code: `import { DurableObject } from "cloudflare:workers"; class Base extends DurableObject { users = new Map(); constructor(ctx, env) { super(ctx, env); for (const ws of this.ctx.getWebSockets()) this.users.set(ws, ws.deserializeAttachment()); } }\nexport class Room extends Base { fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); this.users.set(pair[1], 1); return new Response(null, { status: 101, webSocket: pair[0] }); } ${read} }` },
		{ name: "found by tag", code: object(`${upgrade("this.ctx.acceptWebSocket(server, [request.url]); this.users.set(server, request.url);")} ${users} webSocketMessage(ws: WebSocket) { const [tag] = this.ctx.getTags(ws); this.users.get(ws); }`) },
		{ name: "listeners, where the object stays in memory", code: object(`${upgrade("server.accept(); this.users.set(server, 'a');")} ${users} ${read}`) },
		{ name: "only written", code: join(set, `${users} webSocketClose(ws: WebSocket) { this.users.delete(ws); ws.close(1000); }`) },
		{ name: "only counted", code: join("this.all.add(server);", "all = new Set<WebSocket>(); count() { return this.all.size; }") },
		{ name: "outbound sockets", code: room("peers = new Map<string, WebSocket>(); open(id: string) { this.peers.set(id, new WebSocket('wss://x')); } tell(id: string) { this.peers.get(id)?.send('x'); }") },
		{ name: "a map of other things", code: join("this.seen.set(request.url, 1);", "seen = new Map(); webSocketMessage(ws: WebSocket, m: string) { this.seen.get(m); }") },
		{ name: "a framework", code: 'import { Agent } from "agents"; export class Chat extends Agent { users = new Map(); onConnect(c) { this.users.set(c, 1); c.setState({ a: 1 }); } onMessage(c) { this.users.get(c); } }' },
		{ name: "a property that only its own function reads", code: join("server.user = 1; console.log(server.user);", message) },
	],
	invalid: [
		{ name: "a Map by socket", code: join(set, users + read), errors: [{ messageId: "dataLost", data: { field: "this.users" }, line: 6 }] },
		{ name: "a WeakMap", code: join(set, `users = new WeakMap(); ${read}`), errors: [{ messageId: "dataLost" }] },
		{ name: "written in a helper", code: join("this.remember(server);", `${users} remember(ws: WebSocket) { this.users.set(ws, "a"); } ${read}`), errors: [{ messageId: "dataLost" }] },
		{ name: "written when the client says who it is", code: room(`${users} webSocketMessage(ws: WebSocket, m: string) { if (m === "hi") this.users.set(ws, m); else ws.send(this.users.get(ws)); }`), errors: [{ messageId: "dataLost" }] },
		{ name: "sockets by user", code: room("users = new Map<string, WebSocket>(); webSocketMessage(ws: WebSocket, id: string) { this.users.set(id, ws); } tell(id: string) { this.users.get(id)?.send('x'); }"), errors: [{ messageId: "socketsLost", data: { field: "this.users" } }] },
		{ name: "sockets in objects", code: join("this.sessions.push({ ws: server, name: '' });", "sessions: any[] = []; tell(m) { this.sessions.forEach((session) => session.ws.send(m)); }"), errors: [{ messageId: "socketsLost" }] },
		{ name: "sockets in objects in a variable", code: join("const session = { ws: server }; this.sessions.push(session);", "sessions: any[] = []; tell(m) { for (const session of this.sessions) session.ws.send(m); }"), errors: [{ messageId: "socketsLost" }] },
		{ name: "sockets by key of an object", code: join("this.users[request.url] = server;", "users: Record<string, WebSocket> = {}; tell(id, m) { this.users[id].send(m); }"), errors: [{ messageId: "socketsLost" }] },
		{ name: "a single socket", code: join("this.host = server;", "host?: WebSocket; tell(m) { this.host?.send(m); }"), errors: [{ messageId: "socketsLost", data: { field: "this.host" } }] },
		{ name: "changed where it is there", code: join(set, `${users} webSocketMessage(ws: WebSocket, m: string) { const user = this.users.get(ws); if (user) this.users.set(ws, user + m); }`), errors: [{ messageId: "dataLost" }] },
		{ name: "attached, but never read back", code: join(`server.serializeAttachment(1); ${set}`, users + read), errors: [{ messageId: "dataLost" }] },
		{ name: "a property of the socket", code: join("(server as any).user = request.url;", "webSocketMessage(ws: any) { ws.send(ws.user); }"), errors: [{ messageId: "propertyLost", data: { socket: "server", property: "user" } }] },
		{ name: "a property of the handler's socket", code: room("webSocketMessage(ws: any, m) { ws.name = m; } webSocketClose(ws: any) { this.left(ws.name); ws.close(1000); } left(name) {}"), errors: [{ messageId: "propertyLost" }] },
	],
});

describe("require-serialize-attachment: verdicts", () => {
	it("quotes what attaches and what reads back", () => {
		const code = join("server.serializeAttachment({ user: 1 });", "webSocketMessage(ws: WebSocket) { ws.deserializeAttachment(); }");
		expect(verdictsOn(rule, code)).toEqual([{ status: "guarded", quotes: ["server.serializeAttachment({ user: 1 })", "ws.deserializeAttachment()"], because: expect.any(String) }]);
	});

	it("quotes what fills the field again", () => {
		const code = join(set, `${users} constructor(ctx, env) { super(ctx, env); for (const ws of this.ctx.getWebSockets()) this.users.set(ws, ws.deserializeAttachment()); } ${read}`);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ["this.users.set(ws, ws.deserializeAttachment())"], because: expect.stringContaining("this.users") }]);
	});

	it("does not take what is removed for what is filled again", () => {
		const tidy = "for (const ws of this.ctx.getWebSockets()) if (ws.readyState > 1) this.users.delete(ws);";
		const code = join(set, `${users} webSocketMessage(ws: WebSocket) { ${tidy} this.users.get(ws); }`);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", quotes: ["this.users.set(server, request.url)"] }]);
	});

	it("does not know who hands the sockets over that a handler gets", () => {
		const code = object("fetch(request) { return upgrade(this.ctx, request); } webSocketMessage(ws: WebSocket, m) { ws.send(m); }", "import { upgrade } from './sockets.ts';");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", quotes: ["webSocketMessage"] }]);
	});

	it("does not know whether a class does without its field", () => {
		const code = join(`${set} server.serializeAttachment(1);`, `${users} webSocketMessage(ws: WebSocket) { const id = ws.deserializeAttachment(); this.users.get(ws); }`);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", because: expect.stringContaining("attachments") }]);
	});

	it("does not apply without anything kept, or without hibernation", () => {
		expect(verdictsOn(rule, room(message + close))).toMatchObject([{ status: "not-applicable" }]);
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
