import { type KeyNode, type MemberNode, memberOf, membersInForce, type ObjectNode } from "./document.ts";

/** One thing that can be deployed: the top level of the file, or one key of `env`. */
export interface Environment {
	/** The key below `env`; null for the top level. */
	readonly name: string | null;
	readonly at: ObjectNode;
	readonly key: KeyNode | null;
	/** The name that the Worker gets: its own, or the top level's with the environment behind a dash. */
	readonly workerName: string | null;
	/** What this environment itself says, as for fields that are not inherited (`durable_objects`, `containers`). */
	readonly own: (field: string) => MemberNode | null;
	/** What is in force for an inherited field: its own value unless absent or null, else the top level's. */
	readonly effective: (field: string) => MemberNode | null;
}

const unlessNull = (member: MemberNode | null): MemberNode | null => (member?.value.type === "Null" ? null : member);

/** The text of a string field, or null. */
export function textOf(member: MemberNode | null): string | null {
	return member?.value.type === "String" ? member.value.value : null;
}

function environment(top: ObjectNode, at: ObjectNode, key: KeyNode | null): Environment {
	const own = (field: string) => memberOf(at, field);
	const topName = textOf(memberOf(top, "name"));
	const ownName = textOf(own("name"));
	return {
		name: key?.name ?? null,
		at,
		key,
		workerName: ownName ?? (key && topName !== null ? `${topName}-${key.name}` : topName),
		own,
		effective: (field) => unlessNull(own(field)) ?? unlessNull(memberOf(top, field)),
	};
}

/** The top level, then each environment in the order of the file. An `env` of the wrong type has none. */
export function environmentsOf(top: ObjectNode): Environment[] {
	const named = memberOf(top, "env")?.value;
	const members = named?.type === "Object" ? membersInForce(named) : [];
	return [
		environment(top, top, null),
		...members.flatMap(({ key, value }) => (value.type === "Object" ? [environment(top, value, key)] : [])),
	];
}
