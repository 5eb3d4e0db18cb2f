/** What a class leaves to its subclasses, of which those in other files cannot be seen. */
import type { DurableObjectClass } from "./durable-object.ts";
import type { Method } from "./members.ts";

/**
 * The protected methods of an exported (or abstract) class that nothing in the class calls: they are there for subclasses,
 * and which event of a subclass runs them cannot be told. Those that an event of the class itself runs are left out.
 */
export function leftToSubclasses(object: DurableObjectClass): readonly Method[] {
	const isAbstract = object.node.type === "ClassDeclaration" && object.node.abstract;
	if (object.exportedAs.length === 0 && !isAbstract) return [];
	const entries = new Set(object.entryPoints.map(({ fn }) => fn));
	return [...object.members.methods.values()].filter(
		({ name, fn, accessibility }) => accessibility === "protected" && !entries.has(fn) && object.ownCallsOf(name).length === 0 && object.referencesTo(name).length === 0,
	);
}
