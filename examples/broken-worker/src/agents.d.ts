// What this example needs of the package `agents`, so that it need not be installed.
declare module "agents" {
	import { DurableObject } from "cloudflare:workers";

	export class Agent<Env> extends DurableObject<Env> {
		schedule<Payload>(when: number | Date | string, method: string, payload: Payload): Promise<{ id: string }>;
		alarm(): Promise<void>;
	}
}
