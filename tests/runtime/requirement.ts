/** Whether the tests that need workerd can run: skipped in plain sight where it cannot start, an error where everything must run. */
import { describe, test } from "vitest";
import { whyNoWorkerd } from "./workerd.ts";

const obstacle = whyNoWorkerd();

if (obstacle !== null && !process.env["CI"]) console.warn(`workerd does not run on this machine, its tests are skipped: ${obstacle}`);

/** Like `describe`; in CI a missing runtime fails the suite. */
export function describeWithWorkerd(name: string, suite: () => void): void {
	if (obstacle === null) describe(name, suite);
	else if (process.env["CI"]) test(name, () => Promise.reject(new Error(`workerd does not run: ${obstacle}`)));
	else describe.skip(`${name} (workerd does not run here: ${obstacle})`, suite);
}

/** Tests that wait for what takes the runtime a minute or more run only with `RUNTIME_SLOW=1`. */
export const runsSlowTests = process.env["RUNTIME_SLOW"] === "1";
