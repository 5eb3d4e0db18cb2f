import type { Env } from "./index.ts";

/** Says what a lot may bring. */
export class Appraiser implements DurableObject {
	constructor(
		private readonly ctx: DurableObjectState,
		readonly env: Env,
	) {}

	async fetch(): Promise<Response> {
		return Response.json(await this.estimate());
	}

	async estimate(): Promise<number> {
		return (await this.ctx.storage.get<number>("estimate")) ?? 100;
	}
}

interface Estimates {
	estimate(): Promise<number>;
}

export async function estimateOf(lot: string, env: Env): Promise<number> {
	const appraiser = env.APPRAISER.getByName(lot) as unknown as Estimates;
	return appraiser.estimate();
}
