/**
 * What stands for the outside world: the binding `SVC`, and every global fetch() of an object under test.
 * `?delay=<ms>` answers later, `?fail=<n>` answers the first n calls of that path with 503. Anything else is 200 with JSON.
 */
const calls = new Map();

export default {
	async fetch(request) {
		const url = new URL(request.url);
		if (url.pathname.startsWith("/__calls")) return Response.json(calls.get(url.pathname.slice("/__calls".length)) ?? 0);
		const count = (calls.get(url.pathname) ?? 0) + 1;
		calls.set(url.pathname, count);
		await request.arrayBuffer();
		const delay = Number(url.searchParams.get("delay"));
		if (delay > 0) await scheduler.wait(delay);
		if (count <= Number(url.searchParams.get("fail"))) return new Response("unavailable", { status: 503 });
		return Response.json({ ok: true, path: url.pathname, count });
	},
};
