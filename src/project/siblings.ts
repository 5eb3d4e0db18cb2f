/** The other Workers of a monorepo, by name. */
import { join } from "node:path";
import type { EffectiveEnvironment } from "../wrangler/config.ts";
import { configAt, configIn, listFolder } from "./config-files.ts";

export interface Sibling {
	readonly path: string;
	readonly environment: EffectiveEnvironment;
}

const MAX_FOLDERS = 2_000;
const MAX_DEPTH = 6;
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage"]);
/** Milliseconds for which a walk over the folders is believed; the configurations themselves are checked each time. */
const WALK_LIFE_MS = 5_000;

const walks = new Map<string, { readonly at: number; readonly configs: readonly string[] | null }>();

/** All configurations below a folder, or null if there are too many folders to look through. */
function configsBelow(root: string): readonly string[] | null {
	const known = walks.get(root);
	if (known && Date.now() - known.at < WALK_LIFE_MS) return known.configs;
	const found: string[] = [];
	const pending = [{ folder: root, depth: 0 }];
	let visited = 0;
	for (let next = pending.pop(); next; next = pending.pop()) {
		visited += 1;
		if (visited > MAX_FOLDERS) break;
		const { folder, depth } = next;
		const config = configIn(folder);
		if (config !== null) found.push(config);
		if (depth >= MAX_DEPTH) continue;
		for (const name of listFolder(folder)?.folders ?? []) {
			if (!name.startsWith(".") && !SKIPPED.has(name)) pending.push({ folder: join(folder, name), depth: depth + 1 });
		}
	}
	const configs = visited > MAX_FOLDERS ? null : found;
	walks.set(root, { at: Date.now(), configs });
	return configs;
}

/** The Workers of this name below a folder; environments count under the names that they are deployed as. */
export function workersNamed(name: string, root: string): readonly Sibling[] {
	return (configsBelow(root) ?? []).flatMap((path) =>
		(configAt(path, root)?.environments ?? []).filter(({ workerName }) => workerName === name).map((environment) => ({ path, environment })),
	);
}
