import packageJson from "../package.json" with { type: "json" };

export const name = "eslint-plugin-durable-objects";
/** The prefix of rule ids in a configuration; agrees with `name`, as ESLint's tools expect. */
export const prefix = "durable-objects";
export const version: string = packageJson.version;

/**
 * Where a page of `docs/` can be read: inside the published package, so that it always fits the installed version.
 *
 * @param path - path below `docs/`, without a leading slash
 */
export function docsUrl(path: string): string {
	return `https://unpkg.com/${name}@${version}/docs/${path}`;
}
