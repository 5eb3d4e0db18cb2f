import type { EntryPoint } from "../model/durable-object.ts";
import { calledMember } from "../syntax/nodes.ts";

/** What an entry point is called where it is shown: `fetch()`, `the callback of setTimeout()`. */
export function entryName({ name, fn, kind }: EntryPoint): string {
	if (kind !== "callback") return `${name}()`;
	const { parent } = fn;
	if (parent.type === "AssignmentExpression" && parent.left.type === "MemberExpression" && parent.left.property.type === "Identifier") return `the ${parent.left.property.name} listener`;
	if (parent.type !== "CallExpression") return "a callback";
	const called = calledMember(parent)?.name ?? (parent.callee.type === "Identifier" ? parent.callee.name : null);
	const [event] = parent.arguments;
	const about = event?.type === "Literal" && typeof event.value === "string" ? JSON.stringify(event.value) : "";
	return called === null ? "a callback" : `the callback of ${called}(${about})`;
}
