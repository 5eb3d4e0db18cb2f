/** As much of the protocol behind a KV binding as get, put and delete need. */
const values = new Map();

export default {
	async fetch(request) {
		const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
		if (request.method === "PUT") values.set(key, await request.arrayBuffer());
		else if (request.method === "DELETE") values.delete(key);
		else return values.has(key) ? new Response(values.get(key)) : new Response("", { status: 404 });
		return new Response("");
	},
};
