/** Most files of a project have nothing to do with Durable Objects: a look at the text spares parsing them. */
import { mayHaveDurableObjects } from "../model/detect.ts";
import { configAt, projectRoot } from "../project/config-files.ts";
import { projectFor } from "../project/project.ts";
import { type FoundFiles, readSource } from "./find-files.ts";

/** How code gets hold of an object that another file, or another Worker, defines. */
const CALLS_OBJECTS = /\b(?:idFromName|idFromString|newUniqueId|getByName|getAgentByName|getServerByName|routeAgentRequest|routePartykitRequest|DurableObject\w*)\b/u;

/**
 * @param cwd - Wrangler configurations above it are not looked for
 * @returns absolute paths, code first
 * @throws CannotRun when a file cannot be read
 */
export async function chooseFiles({ code, configs }: FoundFiles, cwd: string): Promise<string[]> {
	const chosen: string[] = [];
	/** The configurations of the code that is chosen; they matter even if they say nothing of Durable Objects. */
	const belonging = new Set<string>();
	for (const filename of code) {
		const text = await readSource(filename);
		const { classNames, configPath } = projectFor({ filename, cwd, settings: {} });
		if (!CALLS_OBJECTS.test(text) && !mayHaveDurableObjects(text, classNames)) continue;
		chosen.push(filename);
		if (configPath !== null) belonging.add(configPath);
	}
	for (const filename of configs) {
		await readSource(filename);
		const config = configAt(filename, projectRoot(filename, cwd));
		if (config?.declaresObjects !== false || belonging.has(filename)) chosen.push(filename);
	}
	return chosen;
}
