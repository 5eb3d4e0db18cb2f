import { Worker } from "node:worker_threads";

/** Milliseconds. What a fuzzer makes is small: this is a rule that never ends, or as good as. */
const LIMIT = 60_000;

const program = `
const { parentPort } = require("node:worker_threads");
const { writeSync } = require("node:fs");
let timer;
parentPort.on("message", (text) => {
	clearTimeout(timer);
	if (text === null) return;
	timer = setTimeout(() => {
		writeSync(2, "\\nThe rules were not done after ${LIMIT / 1000} seconds with this text:\\n" + text.slice(0, 20_000) + "\\n");
		process.kill(process.pid, "SIGKILL");
	}, ${LIMIT});
});
`;

/**
 * Ends the test process, and shows the text, when linting hangs. A thread of its own: code that never returns lets no
 * timer of its own thread fire, so neither vitest nor fast-check could.
 */
export class Watchdog {
	readonly #thread = new Worker(program, { eval: true });

	over<T>(text: string, work: () => T): T {
		this.#thread.postMessage(text);
		try {
			return work();
		} finally {
			this.#thread.postMessage(null);
		}
	}

	stop(): void {
		void this.#thread.terminate();
	}
}
