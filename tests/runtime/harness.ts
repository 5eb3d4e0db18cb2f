/** What a scenario does with an object under test: calls, connections, and the events of its life. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket, { type RawData } from "ws";
import { compileSubject, type Subject } from "./subject.ts";
import { bindingOf, serviceOf, Workerd } from "./workerd.ts";

/** An error that came back over a call, with what the runtime says of it. */
export interface RemoteFailure {
	readonly name: string;
	readonly message: string;
	readonly retryable: boolean;
	readonly overloaded: boolean;
	readonly durableObjectReset: boolean;
}

export type Outcome<T = unknown> = { readonly value: T; readonly error?: never } | { readonly error: RemoteFailure; readonly value?: never };

/** Thrown by `call`; the runtime's own marks are kept. */
export class RemoteError extends Error {
	readonly failure: RemoteFailure;

	constructor(failure: RemoteFailure) {
		super(failure.message);
		this.name = failure.name;
		this.failure = failure;
	}
}

export interface Call {
	readonly method: string;
	readonly args?: readonly unknown[];
}

/** How long an object gets to do what should happen at once, before a test says that it does not: long, for slow machines. */
const PATIENCE_MS = 10_000;
/** How long something must stay undone to count as never done; what is waited for takes some milliseconds when it happens. */
const NEVER_MS = 1_500;

const complete = ({ method, args = [] }: Call): Call => ({ method, args });

/** One object of the class under test, by name. */
export class Harness {
	readonly #workerd: Workerd;
	readonly #subject: Subject;
	readonly #className: string;
	readonly #object: string;

	private constructor(workerd: Workerd, subject: Subject, className: string, object: string) {
		this.#workerd = workerd;
		this.#subject = subject;
		this.#className = className;
		this.#object = object;
	}

	/** @param className - the first exported class unless given */
	static of(workerd: Workerd, subject: Subject, className?: string): Harness {
		return new Harness(workerd, subject, className ?? (compileSubject(subject).classNames[0] as string), "object");
	}

	/** Another object of the same class, in the same process. */
	object(name: string): Harness {
		return new Harness(this.#workerd, this.#subject, this.#className, name);
	}

	/** @throws {RemoteError} what the method threw, or the runtime on its behalf */
	async call<T = unknown>(method: string, ...args: readonly unknown[]): Promise<T> {
		const { value, error } = await this.outcome<T>(method, ...args);
		if (error) throw new RemoteError(error);
		return value;
	}

	async outcome<T = unknown>(method: string, ...args: readonly unknown[]): Promise<Outcome<T>> {
		return this.#command<Outcome<T>>("call", { method, args });
	}

	/** Begins a call whose end nobody waits for, because the process is to end first. */
	interrupted(method: string, ...args: readonly unknown[]): void {
		this.outcome(method, ...args).catch(() => {});
	}

	/** Sends all calls at once, in order; the outcomes are in the same order. */
	async all<T = unknown>(calls: readonly Call[]): Promise<readonly Outcome<T>[]> {
		return this.#value("all", { calls: calls.map(complete) });
	}

	/** The same call `count` times at once. */
	async times<T = unknown>(count: number, method: string, ...args: readonly unknown[]): Promise<readonly Outcome<T>[]> {
		return this.all(Array.from({ length: count }, () => ({ method, args })));
	}

	/** Calls one after the other through one stub. */
	async sequence<T = unknown>(calls: readonly Call[]): Promise<readonly Outcome<T>[]> {
		return this.#value("sequence", { calls: calls.map(complete) });
	}

	/** A request to the object itself. */
	async fetch(url = "http://object/", init: Readonly<Record<string, unknown>> = {}): Promise<Outcome<{ readonly status: number; readonly text: string }>> {
		return this.#command("fetch", { url, init });
	}

	/** A request to the worker that the module exports by default. */
	async worker(url = "http://worker/", init: Readonly<Record<string, unknown>> = {}): Promise<Outcome<{ readonly status: number; readonly text: string }>> {
		return this.#command("worker", { service: serviceOf(this.#subject.name), url, init });
	}

	/**
	 * Removes the object from memory as idleness does: storage and hibernatable sockets stay.
	 *
	 * @returns whether it was in memory
	 */
	async evict(): Promise<boolean> {
		const { error } = await this.#command<Outcome>("evict");
		if (!error) return true;
		if (/not currently running/u.test(error.message)) return false;
		throw new RemoteError(error);
	}

	/** Whether the object can leave memory: eviction waits for what pins an object, so no answer within `NEVER_MS` is no. */
	async canBeEvicted(): Promise<boolean> {
		return (await this.#settles(this.evict())) !== "pending";
	}

	/** The outcome of a call, or `pending` when it does not end within `NEVER_MS`. */
	async outcomeOrPending<T = unknown>(method: string, ...args: readonly unknown[]): Promise<Outcome<T> | "pending"> {
		return this.#settles(this.outcome<T>(method, ...args));
	}

	/** Ends the process at once and starts it again on the same storage: what a crash does, and for memory what a deploy does. */
	async crash(): Promise<void> {
		await this.#workerd.crash();
	}

	/**
	 * Asks again until the answer is as expected, and returns the last answer: the expected one, unless it never came.
	 * Each question is an event to the object, so only ask an object that may be awake.
	 */
	async until<T>(ask: () => Promise<T>, isExpected: (answer: T) => boolean, patience = PATIENCE_MS): Promise<T> {
		const end = Date.now() + patience;
		for (;;) {
			const answer = await ask();
			if (isExpected(answer) || Date.now() > end) return answer;
			await sleep(10);
		}
	}

	/** Resolves when an alarm set for `ms` from now has run in the same process: earlier alarms have had their turn by then. */
	async alarmAfter(ms: number): Promise<void> {
		await this.#value("clock", { method: "alarm_after", args: [ms] });
	}

	/** Resolves when the runtime has retried an alarm whose first run failed just now. */
	async alarmRetry(): Promise<void> {
		await this.#value("clock", { method: "alarm_retry", args: [] });
	}

	/** How often the outside world was asked for a path, by `env.SVC` or by a global fetch(), since the process started. */
	async externalCalls(path: string): Promise<number> {
		return this.#value("external", { path });
	}

	/** Resolves when the outside world has been asked for a path at least `count` times. */
	async externalCall(path: string, count = 1): Promise<void> {
		const seen = await this.until(() => this.externalCalls(path), (calls) => calls >= count);
		if (seen < count) throw new Error(`${path} was asked for ${seen} times, not ${count}`);
	}

	/** Opens a WebSocket to the object. @throws {Error} when the upgrade is refused */
	async connect(path = "/"): Promise<Client> {
		const url = new URL(path, this.#workerd.webSocketUrl);
		url.searchParams.set("binding", bindingOf(this.#subject.name, this.#className));
		url.searchParams.set("object", this.#object);
		const socket = new WebSocket(url);
		await once(socket, "open");
		return new Client(socket);
	}

	async #command<T>(name: string, body: Readonly<Record<string, unknown>> = {}): Promise<T> {
		// The driver is ours: its answers have the shape that the command promises.
		return (await this.#workerd.command(name, { binding: bindingOf(this.#subject.name, this.#className), object: this.#object, ...body })) as T;
	}

	async #value<T>(name: string, body: Readonly<Record<string, unknown>>): Promise<T> {
		const { value, error } = await this.#command<Outcome<T>>(name, body);
		if (error) throw new RemoteError(error);
		return value;
	}

	async #settles<T>(work: Promise<T>): Promise<T | "pending"> {
		return withinMs(work, NEVER_MS, "pending");
	}
}

/** The other end of a WebSocket. */
export class Client {
	readonly #socket: WebSocket;
	/** Every message that has come so far. */
	readonly received: string[] = [];
	/** The code of the close frame, once there is one; 1006 stands for a connection that ended without. */
	readonly closed: Promise<number>;

	constructor(socket: WebSocket) {
		this.#socket = socket;
		this.closed = new Promise((resolve) => socket.once("close", resolve));
		socket.on("message", (data) => this.received.push(textOf(data)));
		// What goes wrong ends in `close`, which is what tests look at.
		socket.on("error", () => {});
	}

	send(message: string): void {
		this.#socket.send(message);
	}

	/** Sends a message and waits for the next one that comes back; `null` when none does within `NEVER_MS`. */
	async ask(message: string): Promise<string | null> {
		const answer = new Promise<string>((resolve) => this.#socket.once("message", (data) => resolve(textOf(data))));
		this.send(message);
		return withinMs(answer, NEVER_MS, null);
	}

	/** The messages so far, once there are `count` of them or none has come for `NEVER_MS`. */
	async messages(count: number): Promise<readonly string[]> {
		for (;;) {
			if (this.received.length >= count) return this.received;
			const arrival = once(this.#socket, "message").then(() => true);
			if (!(await withinMs(arrival, NEVER_MS, false))) return this.received;
		}
	}

	/** Begins the closing handshake and waits for the answer: its code, or `null` when none comes within `NEVER_MS`. @param code - none sends a close frame without status */
	async close(code?: number): Promise<number | null> {
		this.#socket.close(code);
		return this.closedWithin();
	}

	/** The code with which the other end closes, or `null` when it has not within `NEVER_MS`. */
	async closedWithin(): Promise<number | null> {
		const code = await withinMs(this.closed, NEVER_MS, null);
		if (code === null) this.drop();
		return code;
	}

	/** Ends the connection without a handshake. */
	drop(): void {
		this.#socket.terminate();
	}
}

async function withinMs<T, E>(work: Promise<T>, ms: number, otherwise: E): Promise<T | E> {
	const abort = new AbortController();
	work.catch(() => {});
	try {
		return await Promise.race([work, sleep(ms, otherwise, { signal: abort.signal })]);
	} finally {
		abort.abort();
	}
}

/** What `ws` hands to a message listener, as text. */
function textOf(data: RawData): string {
	return (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)).toString("utf8");
}
