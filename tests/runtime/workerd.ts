/** Starts the real Workers runtime, the binary of the npm package `workerd`, with workers under test. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { compileSubject, type Module, NEWEST_DATE, type Subject } from "./subject.ts";

// The package has no types: its main module is the path of the binary for this platform.
const binaryPath = (): string => (createRequire(import.meta.url)("workerd") as { default: string }).default;

/** Why workerd cannot run here (a C library that it was not built for, no package for the platform), or null. */
export function whyNoWorkerd(): string | null {
	try {
		const { status, error, stderr } = spawnSync(binaryPath(), ["--version"], { encoding: "utf8" });
		if (error) return error.message;
		return status === 0 ? null : stderr.trim() || `workerd --version ended with ${status}`;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

/** A command of the driver failed to reach the runtime, or the runtime did not start: `message` ends with what workerd printed. */
export class WorkerdError extends Error {
	constructor(message: string, log: readonly string[]) {
		super(log.length > 0 ? `${message}\n${log.join("\n")}` : message);
		this.name = "WorkerdError";
	}
}

interface Compiled extends Subject {
	readonly module: Module;
}

const DRIVER_SOCKET = "http";

/** What must not outlive a test run that is broken off. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of alive) child.kill("SIGKILL");
});

/** How the driver's bindings are called. */
export const bindingOf = (subjectName: string, className: string): string => `${subjectName}.${className}`;
export const serviceOf = (subjectName: string): string => `worker:${subjectName}`;

export class Workerd {
	readonly #folder: string;
	readonly #log: string[] = [];
	#process: ChildProcess | null = null;
	#port = 0;

	private constructor(folder: string) {
		this.#folder = folder;
	}

	/**
	 * Starts one process that serves all subjects.
	 *
	 * @throws {SyntaxError} when a subject is no module with an exported class
	 * @throws {WorkerdError} when the runtime refuses to start
	 */
	static async start(subjects: readonly Subject[]): Promise<Workerd> {
		const compiled = subjects.map((subject): Compiled => ({ ...subject, module: compileSubject(subject) }));
		const workerd = new Workerd(mkdtempSync(path.join(tmpdir(), "workerd-")));
		try {
			workerd.#writeFiles(compiled);
			await workerd.#spawn();
		} catch (error) {
			await workerd.stop();
			throw error;
		}
		return workerd;
	}

	/** What the runtime has printed so far. */
	get log(): readonly string[] {
		return this.#log;
	}

	get webSocketUrl(): string {
		return `ws://127.0.0.1:${this.#port}`;
	}

	/**
	 * Sends a command to the driver.
	 *
	 * @throws {WorkerdError} when the process ends meanwhile, or the driver itself fails
	 */
	async command(name: string, body: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		try {
			const response = await fetch(`http://127.0.0.1:${this.#port}/${name}`, { method: "POST", body: JSON.stringify(body) });
			const text = await response.text();
			if (!response.ok) throw new Error(`${response.status} ${text}`);
			return JSON.parse(text);
		} catch (error) {
			throw new WorkerdError(`the command "${name}" failed: ${describe(error)}`, this.#log);
		}
	}

	/** Ends the process as a crash does, and starts it again on the same storage. */
	async crash(): Promise<void> {
		await this.#kill();
		await this.#spawn();
	}

	/** Ends the process and removes its files. */
	async stop(): Promise<void> {
		await this.#kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#writeFiles(subjects: readonly Compiled[]): void {
		for (const worker of ["driver.js", "external.js", "kv.js"]) {
			copyFileSync(new URL(`./workers/${worker}`, import.meta.url), path.join(this.#folder, worker));
		}
		subjects.forEach(({ module, modules = {} }, index) => {
			writeFileSync(path.join(this.#folder, `subject${index}.js`), module.javascript);
			Object.values(modules).forEach((file, at) => copyFileSync(file, path.join(this.#folder, `subject${index}-${at}.js`)));
		});
		const storage = path.join(this.#folder, "storage");
		mkdirSync(storage);
		writeFileSync(path.join(this.#folder, "config.capnp"), configOf(subjects, storage));
	}

	async #spawn(): Promise<void> {
		const child = spawn(binaryPath(), ["serve", "--experimental", "--control-fd=3", path.join(this.#folder, "config.capnp")], {
			stdio: ["ignore", "pipe", "pipe", "pipe"],
		});
		this.#process = child;
		alive.add(child);
		child.once("exit", () => alive.delete(child));
		const [, stdout, stderr, control] = child.stdio;
		for (const stream of [stdout, stderr]) createInterface(stream as Readable).on("line", (line) => this.#log.push(line));
		// The control pipe just ends when workerd exits at start: what it printed is the only explanation.
		const exit = once(child, "exit").then(() => {
			throw new WorkerdError("workerd ended before it listened", this.#log);
		});
		this.#port = await Promise.race([portOf(control as Readable), exit]);
		exit.catch(() => {});
	}

	async #kill(): Promise<void> {
		const child = this.#process;
		this.#process = null;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const exited = once(child, "exit");
		child.kill("SIGKILL");
		await exited;
	}
}

async function portOf(control: Readable): Promise<number> {
	return new Promise((resolve) => {
		createInterface(control).on("line", (line) => {
			const message = JSON.parse(line) as { event: string; socket?: string; port?: number };
			if (message.event === "listen" && message.socket === DRIVER_SOCKET && message.port) resolve(message.port);
		});
	});
}

function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

const text = (value: string): string => JSON.stringify(value);
const list = (items: readonly string[]): string => `[${items.join(", ")}]`;

/** The configuration in workerd's own format. Subjects run without the driver's privileges, and reach no network. */
function configOf(subjects: readonly Compiled[], storage: string): string {
	const classes = subjects.flatMap(({ name, module }) => module.classNames.map((className) => ({ name, className })));
	const driverBindings = [
		...classes.map(({ name, className }) => `(name = ${text(bindingOf(name, className))}, durableObjectNamespace = (className = ${text(className)}, serviceName = ${text(name)}))`),
		...subjects.map(({ name }) => `(name = ${text(serviceOf(name))}, service = ${text(name)})`),
		`(name = "EXTERNAL", service = "external")`,
		`(name = "CLOCK", durableObjectNamespace = (className = "Clock"))`,
	];
	return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
	services = [
		(name = "driver", worker = .driver),
		(name = "external", worker = .external),
		(name = "kv", worker = .kv),
		(name = "storage", disk = (path = ${text(storage)}, writable = true)),
${subjects.map(({ name }, index) => `\t\t(name = ${text(name)}, worker = .subject${index}),`).join("\n")}
	],
	sockets = [(name = ${text(DRIVER_SOCKET)}, address = "127.0.0.1:0", http = (), service = "driver")],
);

const driver :Workerd.Worker = (
	modules = [(name = "driver.js", esModule = embed "driver.js")],
	compatibilityDate = ${text(NEWEST_DATE)},
	compatibilityFlags = ["unsafe_module"],
	bindings = ${list(driverBindings)},
	durableObjectNamespaces = [(className = "Clock", uniqueKey = "driver-Clock", enableSql = true)],
	durableObjectStorage = (localDisk = "storage"),
);

const external :Workerd.Worker = (
	modules = [(name = "external.js", esModule = embed "external.js")],
	compatibilityDate = ${text(NEWEST_DATE)},
);

const kv :Workerd.Worker = (
	modules = [(name = "kv.js", esModule = embed "kv.js")],
	compatibilityDate = ${text(NEWEST_DATE)},
);

${subjects.map(subjectOf).join("\n")}`;
}

function subjectOf({ name, module, compatibilityDate = NEWEST_DATE, compatibilityFlags = [], storage = "disk", modules = {} }: Compiled, index: number): string {
	const namespaces = module.classNames.map((className) => `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = ${storage === "disk"})`);
	const bindings = [
		...module.classNames.map((className) => `(name = ${text(className)}, durableObjectNamespace = (className = ${text(className)}))`),
		`(name = "SVC", service = "external")`,
		`(name = "KV", kvNamespace = "kv")`,
	];
	const embedded = [
		`(name = "subject.js", esModule = embed "subject${index}.js")`,
		...Object.keys(modules).map((name, at) => `(name = ${text(name)}, esModule = embed "subject${index}-${at}.js")`),
	];
	return `const subject${index} :Workerd.Worker = (
	modules = ${list(embedded)},
	compatibilityDate = ${text(compatibilityDate)},
	compatibilityFlags = ${list(compatibilityFlags.map(text))},
	globalOutbound = "external",
	bindings = ${list(bindings)},
	durableObjectNamespaces = ${list(namespaces)},
	durableObjectStorage = ${storage === "disk" ? `(localDisk = "storage")` : "(inMemory = void)"},
);
`;
}
