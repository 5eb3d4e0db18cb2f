import { dirname } from "node:path";
import { listFolder } from "../project/config-files.ts";

/** The folder with `.git` that a folder is in, or the folder itself: GitHub takes every path for one from there. */
export function repositoryRoot(folder: string): string {
	for (let at = folder; ; at = dirname(at)) {
		if (listFolder(at)?.names.has(".git")) return at;
		if (dirname(at) === at) return folder;
	}
}
