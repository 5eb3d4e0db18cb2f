import { configAt, projectRoot } from "../project/config-files.ts";
import type { FileEvidence } from "./collect.ts";

/**
 * Whether a run has met any Durable Object: its class, code that calls one, or a configuration that speaks of one.
 *
 * @param cwd - nothing above it is read
 */
export function hasObjects(files: readonly FileEvidence[], cwd: string): boolean {
	return files.some(({ filePath, evidence, present }) => {
		if ([...evidence.map(({ subject }) => subject), ...present].some(({ kind }) => kind !== "wrangler")) return true;
		return configAt(filePath, projectRoot(filePath, cwd))?.declaresObjects === true;
	});
}
