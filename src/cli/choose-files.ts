/** Most files of a project have nothing to do with Durable Objects: a look at the text spares parsing them. */
import { mayHaveDurableObjects } from "../model/detect.ts";
import { projectFor } from "../project/project.ts";
import { readSource } from "./find-files.ts";

/** How code gets hold of an object that another file, or another Worker, defines. */
const CALLS_OBJECTS = /\b(?:idFromName|idFromString|newUniqueId|getByName|getAgentByName|getServerByName|routeAgentRequest|routePartykitRequest|DurableObject\w*)\b/u;

/**
 * @param code - absolute paths
 * @param cwd - Wrangler configurations above it are not looked for
 * @throws CannotRun when a file cannot be read
 */
export async function chooseFiles(code: readonly string[], cwd: string): Promise<string[]> {
	const chosen: string[] = [];
	for (const filename of code) {
		const text = await readSource(filename);
		const { classNames } = projectFor({ filename, cwd, settings: {} });
		if (CALLS_OBJECTS.test(text) || mayHaveDurableObjects(text, classNames)) chosen.push(filename);
	}
	return chosen;
}
