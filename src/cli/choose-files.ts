/** Most files of a project have nothing to do with Durable Objects: a look at the text spares parsing them. */
import { mayHaveDurableObjects } from "../model/detect.ts";
import { mayUseObjects } from "../model/stubs.ts";
import { configAt, projectRoot } from "../project/config-files.ts";
import { projectFor } from "../project/project.ts";
import { type FoundFiles, readSource } from "./find-files.ts";

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
		const project = projectFor({ filename, cwd, settings: {} });
		if (!mayUseObjects(text) && !mayHaveDurableObjects(text, () => [...project.classNames])) continue;
		chosen.push(filename);
		if (project.configPath !== null) belonging.add(project.configPath);
	}
	for (const filename of configs) {
		await readSource(filename);
		const config = configAt(filename, projectRoot(filename, cwd));
		if (config?.declaresObjects !== false || belonging.has(filename)) chosen.push(filename);
	}
	return chosen;
}
