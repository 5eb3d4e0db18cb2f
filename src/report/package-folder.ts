import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package, from the sources as well as from the built files. */
export function packageFolder(): string {
	for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
		if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "schema"))) return folder;
		if (dirname(folder) === folder) return folder;
	}
}
