/** Every temporary folder of every test, and of what tests start, lies in one that is removed when the run ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setUp(): () => void {
	const folder = mkdtempSync(join(tmpdir(), "durable-objects-tests-"));
	// The names that POSIX and Windows look at; the processes in which tests run inherit them.
	for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
	return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
