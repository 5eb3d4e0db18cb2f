import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index.ts";

export class Sellers extends DurableObject<Env> {
	rate(stars: number): Promise<void>;
	stars(): Promise<number | undefined>;
}
