/** Which storage a class keeps its data in, as the project's configuration says. */
import type { Sourced, StorageBackend } from "../project/project.ts";
import type { DurableObjectClass } from "./durable-object.ts";

/** The storage of a class, and the name by which the configuration knows the class. */
export function storageBackendOf({ name, exportedAs, project }: DurableObjectClass): { readonly name: string; readonly backend: Sourced<StorageBackend> } {
	const known = [...exportedAs, name].map((candidate) => ({ name: candidate, backend: project.storageOf(candidate) }));
	return known.find(({ backend }) => backend.value !== "unknown") ?? { name, backend: project.storageOf(name) };
}
