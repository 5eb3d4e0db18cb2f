// What this example needs of two packages, so that they need not be installed.
declare module "agents" {
	import { DurableObject } from "cloudflare:workers";

	export class Agent<Env> extends DurableObject<Env> {
		schedule<Payload>(when: number | Date | string, method: string, payload: Payload): Promise<{ id: string }>;
		alarm(): Promise<void>;
	}
}

declare module "partyserver" {
	import { DurableObject } from "cloudflare:workers";

	export interface Connection extends WebSocket {
		readonly id: string;
	}

	export class Server<Env> extends DurableObject<Env> {
		readonly name: string;
		broadcast(message: string, without?: string[]): void;
		onMessage(connection: Connection, message: string): void | Promise<void>;
		fetch(request: Request): Promise<Response>;
	}
}
