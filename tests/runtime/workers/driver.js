/**
 * The worker through which a test reaches the objects under test, and the only one that may import `workerd:unsafe`.
 * Every request is a command: the path names it, the JSON body has its arguments, the JSON answer is `{ value }` or `{ error }`.
 */
import { DurableObject } from "cloudflare:workers";
import unsafe from "workerd:unsafe";

const failure = (error) => ({
	error: {
		name: error?.name ?? "Error",
		message: error?.message ?? String(error),
		retryable: error?.retryable ?? false,
		overloaded: error?.overloaded ?? false,
		durableObjectReset: error?.durableObjectReset ?? false,
	},
});

/** `undefined` has no JSON: it becomes null. */
async function outcome(work) {
	try {
		return { value: (await work()) ?? null };
	} catch (error) {
		return failure(error);
	}
}

const stubOf = (env, { binding, object }) => env[binding].get(env[binding].idFromName(object));

const commands = {
	call: (env, { method, args, ...target }) => outcome(() => stubOf(env, target)[method](...args)),
	/** All calls are sent, in order and through one stub, before any is answered. */
	async all(env, { calls, ...target }) {
		const stub = stubOf(env, target);
		return { value: await Promise.all(calls.map(({ method, args }) => outcome(() => stub[method](...args)))) };
	},
	/** Each call waits for the one before it; all use one stub. */
	async sequence(env, { calls, ...target }) {
		const stub = stubOf(env, target);
		const outcomes = [];
		for (const { method, args } of calls) outcomes.push(await outcome(() => stub[method](...args)));
		return { value: outcomes };
	},
	fetch: (env, { url, init, ...target }) =>
		outcome(async () => {
			const response = await stubOf(env, target).fetch(url, init);
			return { status: response.status, text: await response.text() };
		}),
	worker: (env, { service, url, init }) =>
		outcome(async () => {
			const response = await env[service].fetch(url, init);
			return { status: response.status, text: await response.text() };
		}),
	evict: (env, target) => outcome(() => unsafe.evict(stubOf(env, target), { webSockets: "hibernate" })),
	abortAll: () => outcome(() => unsafe.abortAllDurableObjects()),
	external: (env, { path }) =>
		outcome(async () => {
			const response = await env.EXTERNAL.fetch(`http://external/__calls${path}`);
			return response.json();
		}),
	clock: (env, { method, args }) => outcome(() => env.CLOCK.get(env.CLOCK.newUniqueId())[method](...args)),
};

/** Tells when the runtime has done what it does after a time, so that a test need not guess how long that takes today. */
export class Clock extends DurableObject {
	#fired = Promise.withResolvers();

	/** Resolves when an alarm set for `ms` from now has run. */
	async alarm_after(ms) {
		await this.ctx.storage.put("fail", false);
		await this.ctx.storage.setAlarm(Date.now() + ms);
		await this.#fired.promise;
	}

	/** Resolves when an alarm whose first run failed has been retried. */
	async alarm_retry() {
		await this.ctx.storage.put("fail", true);
		await this.ctx.storage.setAlarm(Date.now());
		await this.#fired.promise;
	}

	async alarm({ isRetry }) {
		if (!isRetry && (await this.ctx.storage.get("fail"))) throw new Error("the first run of this alarm fails on purpose");
		this.#fired.resolve();
	}
}

export default {
	async fetch(request, env) {
		const url = new URL(request.url);
		if (request.headers.get("upgrade") === "websocket") {
			return stubOf(env, { binding: url.searchParams.get("binding"), object: url.searchParams.get("object") }).fetch(request);
		}
		return Response.json(await commands[url.pathname.slice(1)](env, await request.json()));
	},
};
