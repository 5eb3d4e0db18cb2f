/** How objects are addressed and called. Source: @cloudflare/workers-types 5.20261117.1, agents 0.21, partyserver 0.5.8, @cloudflare/containers 0.3.7 (checked 2026-11-25). */

/** Methods that only a Durable Object namespace has; the value says which argument is the object's name, if any. */
export const namespaceMethods: Readonly<Record<string, "name" | "id" | "none">> = {
	idFromName: "name",
	getByName: "name",
	idFromString: "id",
	newUniqueId: "none",
};

/** Functions of frameworks that give a stub for a namespace and a name. */
export const stubFactories: Readonly<Record<string, readonly string[]>> = {
	agents: ["getAgentByName"],
	partyserver: ["getServerByName"],
	"@cloudflare/containers": ["getContainer"],
};

/** Members of a stub that are no remote methods. */
export const stubOwnMembers: ReadonlySet<string> = new Set(["id", "name", "then", "catch", "finally"]);

/** Methods of an object that a stub cannot call: the runtime keeps them for itself. Measured in workerd 2026-11-17. */
export const reservedMethods: readonly string[] = ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "constructor", "dup"];
