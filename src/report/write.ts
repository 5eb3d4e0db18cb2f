/** Writes files all or none: a reader, or an interrupted run, never sees half a report. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Replacement {
	readonly target: string;
	/** In the same folder, so that moving it is one step of the file system. */
	readonly fresh: string;
	readonly text: string;
	/** What was there before; null when there was no file. */
	readonly before: Uint8Array | null;
}

async function contentOf(path: string): Promise<Uint8Array | null> {
	try {
		return await readFile(path);
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
		throw error;
	}
}

async function restore({ target, fresh, before }: Replacement): Promise<void> {
	if (before === null) return rm(target, { force: true });
	await writeFile(fresh, before);
	await rename(fresh, target);
}

/**
 * @param folder - made if it is missing
 * @param files - texts by file name
 * @throws when the folder or a file cannot be written; the files are then as they were before
 */
export async function writeTogether(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
	await mkdir(folder, { recursive: true });
	const tag = randomUUID().slice(0, 8);
	const replacements: Replacement[] = [];
	for (const [name, text] of Object.entries(files)) {
		const target = join(folder, name);
		replacements.push({ target, fresh: join(folder, `.${name}.${tag}.tmp`), text, before: await contentOf(target) });
	}
	const placed: Replacement[] = [];
	try {
		for (const { fresh, text } of replacements) await writeFile(fresh, text, { flag: "wx" });
		for (const replacement of replacements) {
			await rename(replacement.fresh, replacement.target);
			placed.push(replacement);
		}
	} catch (error) {
		for (const replacement of placed) await restore(replacement);
		for (const { fresh } of replacements) await rm(fresh, { force: true });
		throw error;
	}
}
