import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/websockets/no-unguarded-broadcast.ts";
import { tester, verdictsOn } from "../rule-tester.ts";
import { close, object, room, upgrade } from "./room.ts";

const OPEN = "ws.readyState === WebSocket.OPEN";
const listed = [{ messageId: "unguardedSend", suggestions: 1 }];
const kept = [{ messageId: "unguardedSendOfKept", suggestions: 1 }];

tester.run("no-unguarded-broadcast", rule, {
	valid: [
		{ name: "a look at the state", code: room(`all(m) { for (const ws of this.ctx.getWebSockets()) { if (${OPEN}) ws.send(m); } }`) },
		{ name: "the state by its older name", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) { if (ws.readyState === WebSocket.READY_STATE_OPEN) { ws.send(m); } } }") },
		{ name: "leaving out the others", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) { if (ws.readyState !== 1) continue; ws.send(m); } }") },
		{ name: "a filter before", code: room("all(m) { this.ctx.getWebSockets().filter((ws) => ws.readyState === 1).forEach((ws) => ws.send(m)); }") },
		{ name: "a filtered list in a variable", code: room(`all(m) { const open = this.ctx.getWebSockets().filter((ws) => ${OPEN}); for (const ws of open) ws.send(m); }`) },
		{ name: "a method that filters", code: room(`open() { return this.ctx.getWebSockets().filter((ws) => ${OPEN}); } all(m) { for (const ws of this.open()) ws.send(m); }`) },
		{ name: "caught inside the loop", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) { try { ws.send(m); } catch {} } }") },
		{ name: "caught in a callback", code: room("all(m) { this.ctx.getWebSockets().forEach((ws) => { try { ws.send(m); } catch { ws.close(1011); } }); }") },
		{ name: "a helper that catches", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) this.post(ws, m); } post(ws: WebSocket, m) { try { ws.send(m); } catch {} }") },
		{ name: "a helper that looks", code: room(`all(m) { this.ctx.getWebSockets().forEach((each) => this.post(each, m)); } post(ws: WebSocket, m) { if (${OPEN}) ws.send(m); }`) },
		{ name: "a helper that is called within a try", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) { try { this.post(ws, m); } catch {} } } post(ws: WebSocket, m) { ws.send(m); }") },
		{ name: "an imported helper", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) safeSend(ws, m); }", 'import { safeSend } from "./send";') },
		{ name: "a question to a function", code: room("all(m) { for (const ws of this.ctx.getWebSockets()) { if (!isOpen(ws)) continue; ws.send(m); } }", "declare function isOpen(ws: WebSocket): boolean;") },
		{ name: "each in a promise of its own", code: room("async all(m) { await Promise.all(this.ctx.getWebSockets().map(async (ws) => { ws.send(m); })); }") },
		{ name: "a single socket", code: room("one(id, m) { const [ws] = this.ctx.getWebSockets(id); ws.send(m); }") },
		{ name: "the sender", code: room("webSocketMessage(ws, m) { ws.send(m); }") },
		{ name: "a loop over messages to one socket", code: room("webSocketMessage(ws, m) { for (const line of this.lines) ws.send(line); }") },
		{ name: "a loop that only closes", code: room("stop() { for (const ws of this.ctx.getWebSockets()) ws.close(1001); }") },
		{ name: "a callback that sends later", code: room("wire() { for (const ws of this.ctx.getWebSockets()) this.join(ws); } join(ws: WebSocket) { this.doc.notify((m) => ws.send(m)); }") },
		{ name: "other things that send", code: object("all(m) { for (const queue of this.queues) queue.send(m); }") },
		{ name: "outbound sockets", code: object("peers: WebSocket[] = []; open() { this.peers.push(new WebSocket('wss://x')); } all(m) { for (const ws of this.peers) ws.send(m); }") },
		{ name: "a framework's broadcast", code: 'import { Server } from "partyserver"; export class Room extends Server { onMessage(c, m) { this.broadcast(m); for (const each of this.getConnections()) each.send(m); } }' },
		{ name: "a Set of listened sockets that drops the closed ones", code: object(`all = new Set<WebSocket>(); ${upgrade("server.accept(); this.all.add(server); server.addEventListener('close', () => this.all.delete(server));")} tell(m) { for (const ws of this.all) ws.send(m); }`) },
	],
	invalid: [
		{
			name: "the documented shape",
			code: room("\tall(m) {\n\t\tfor (const ws of this.ctx.getWebSockets()) {\n\t\t\tws.send(m);\n\t\t}\n\t}"),
			errors: [{ messageId: "unguardedSend", data: { socket: "ws" }, suggestions: [{ messageId: "checkState", data: { socket: "ws" }, output: room(`\tall(m) {\n\t\tfor (const ws of this.ctx.getWebSockets()) {\n\t\t\tif (${OPEN}) ws.send(m);\n\t\t}\n\t}`) }] }],
		},
		{ name: "a callback", code: room("all(m) { this.ctx.getWebSockets().forEach((ws) => ws.send(m)); }"), errors: [{ messageId: "unguardedSend", suggestions: [{ messageId: "checkState", data: { socket: "ws" }, output: room(`all(m) { this.ctx.getWebSockets().forEach((ws) => { if (${OPEN}) ws.send(m); }); }`) }] }] },
		{ name: "an optional call", code: room("all(m) { this.ctx.getWebSockets().forEach((ws) => ws?.send(m)); }"), errors: [{ messageId: "unguardedSend", suggestions: 1 }] },
		{ name: "all but the sender", code: room("webSocketMessage(me: WebSocket, m) { for (const ws of this.ctx.getWebSockets()) { if (ws !== me) ws.send(m); } }"), errors: listed },
		{ name: "by index", code: room("all(m) { const all = this.ctx.getWebSockets(); for (let i = 0; i < all.length; i++) { all[i].send(m); } }"), errors: [{ messageId: "unguardedSend", data: { socket: "all[i]" }, suggestions: 1 }] },
		{ name: "a try around the loop", code: room("all(m) { try { for (const ws of this.ctx.getWebSockets()) { ws.send(m); } } catch {} }"), errors: listed },
		{ name: "a helper that does not look", code: room("all(m) { for (const each of this.ctx.getWebSockets()) { this.post(each, m); } } post(ws: WebSocket, m) { ws.send(m); }"), errors: [{ messageId: "unguardedSend", data: { socket: "ws" }, suggestions: [] }] },
		{ name: "a helper that sends twice: one loop, one fault", code: room("all(m) { for (const each of this.ctx.getWebSockets()) { this.post(each, m); } } post(ws: WebSocket, m) { ws.send('begin'); ws.send(m); }"), errors: [{ messageId: "unguardedSend", suggestions: [] }] },
		{ name: "mapped, but not in a promise each", code: room("all(m) { this.ctx.getWebSockets().map((ws) => ws.send(m)); }"), errors: [{ messageId: "unguardedSend", suggestions: [] }] },
		{ name: "a Map of sockets that is rebuilt", code: room("sessions = new Map(); constructor(ctx, env) { super(ctx, env); for (const ws of this.ctx.getWebSockets()) this.sessions.set(ws, {}); } all(m) { this.sessions.forEach((session, ws) => { ws.send(m); }); }"), errors: listed },
		{ name: "a Map of sockets by user", code: room("users = new Map<string, WebSocket>(); webSocketMessage(ws: WebSocket, id: string) { this.users.set(id, ws); } all(m) { for (const [id, ws] of this.users) { ws.send(m); } }"), errors: kept },
		{ name: "a list of listened sockets from which nothing is taken", code: object(`all = []; ${upgrade("server.accept(); this.all.push(server);")} tell(m) { this.all.forEach((ws) => { ws.send(m); }); }`), errors: kept },
	],
});

describe("no-unguarded-broadcast: verdicts", () => {
	it("quotes the look at the state", () => {
		expect(verdictsOn(rule, room(`all(m) { for (const ws of this.ctx.getWebSockets()) { if (${OPEN}) ws.send(m); } }`))).toEqual([
			{ status: "guarded", quotes: [OPEN, "ws.send(m)"], because: "a socket that is closing does not end the loop" },
		]);
	});

	it("quotes the try", () => {
		const [verdict] = verdictsOn(rule, room("all(m) { for (const ws of this.ctx.getWebSockets()) { try { ws.send(m); } catch {} } }"));
		expect(verdict).toMatchObject({ status: "guarded", quotes: ["try { ws.send(m); } catch {}"] });
	});

	it("quotes the send and the catch where the try has lines of its own", () => {
		const code = room("all(m) { for (const ws of this.ctx.getWebSockets()) {\n try {\n ws.send(m);\n } catch {}\n } }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ["ws.send(m)", "catch {}"] }]);
	});

	it("quotes a send once, however many loops come to it", () => {
		const code = room("tell(ws: WebSocket, m) { try { ws.send(m); } catch {} } all(m) { for (const ws of this.ctx.getWebSockets()) this.tell(ws, m); } more(m) { for (const ws of this.ctx.getWebSockets()) this.tell(ws, m); }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "guarded", quotes: ["try { ws.send(m); } catch {}"] }]);
	});

	it("looks at the connections that a framework lists", () => {
		const server = (body: string) => `import { Server } from "partyserver"; export class Room extends Server { tell(m) { for (const each of this.getConnections()) ${body} } }`;
		expect(verdictsOn(rule, server("{ try { each.send(m); } catch {} }"))).toMatchObject([{ status: "guarded", quotes: ["try { each.send(m); } catch {}"] }]);
		expect(verdictsOn(rule, server("each.send(m);"))).toMatchObject([{ status: "unknown", because: expect.stringContaining("framework") }]);
	});

	it("does not know whether what a class keeps elsewhere are sockets", () => {
		const code = room("all(m) { for (const each of this.manager.connections()) each.send(m); } async later() { for (const queue of this.queues) await queue.send(1); }");
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown", quotes: ["each.send(m)"] }]);
	});

	it("does not know whether closed sockets were taken out in time", () => {
		const code = object(`all = new Set<WebSocket>(); ${upgrade("server.accept(); this.all.add(server); server.addEventListener('close', () => this.all.delete(server));")} tell(m) { for (const ws of this.all) ws.send(m); }`);
		expect(verdictsOn(rule, code)).toMatchObject([{ status: "unknown" }]);
	});

	it("does not apply without a broadcast", () => {
		expect(verdictsOn(rule, room(close))).toMatchObject([{ status: "not-applicable" }]);
	});
});
