import { DurableObject } from "cloudflare:workers";

interface Env {
	REPORT: DurableObjectNamespace<Report>;
}

/** What one auction has brought. */
export class Report extends DurableObject<Env> {
	override fetch(): Response {
		return Response.json({ total: this.ctx.storage.kv.get<number>("total") ?? 0 });
	}
}

export default {
	fetch: (request, env) => env.REPORT.getByName(new URL(request.url).pathname).fetch(request),
} satisfies ExportedHandler<Env>;
