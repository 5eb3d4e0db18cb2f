import type { Env } from "./index.ts";
import type { Newsletter } from "./reminders.ts";

/** What the front desk asks of the objects. */
export async function showHouse(url: URL, env: Env): Promise<Response> {
	const house = url.searchParams.get("house");
	return new Response(await env.HOUSE.getByName(house!).welcome("a visitor"));
}

export async function enterRoom(auction: string, env: Env): Promise<Response> {
	return env.ROOM.getByName(auction).fetch("/enter", { headers: { Upgrade: "websocket" } });
}

export async function announce(auction: string, text: string, env: Env): Promise<void> {
	const display = env.DISPLAY.getByName(auction);
	for (let attempt = 0; attempt < 3; attempt++) {
		try {
			return await display.show(text);
		} catch (error) {
			console.warn("The screen does not answer", attempt, error);
		}
	}
}

export async function sendNewsletterNow(reader: string, env: Env): Promise<void> {
	const newsletter = env.NEWSLETTER.getByName(reader) as unknown as Newsletter;
	await newsletter.alarm();
}
