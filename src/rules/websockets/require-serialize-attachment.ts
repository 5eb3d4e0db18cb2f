import type { TSESTree } from "@typescript-eslint/utils";
import { attachmentReads, attachmentWrites, comesFromRuntime } from "../../model/attachments.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import type { Field, FieldUse } from "../../model/members.ts";
import { type Sockets, socketsOf } from "../../model/sockets.ts";
import { calledMember, enclosingFunction, isFunction, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { servesThroughFramework } from "./socket-code.ts";

export default defineRule({
	name: "require-serialize-attachment",
	gotcha: "websocket-attachment",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "require what is known of a connection to survive hibernation",
		messages: {
			dataLost:
				"What {{field}} knows of a connection is gone after hibernation, while the socket stays open. Keep it with socket.serializeAttachment(), and read it back with deserializeAttachment() in the handler or for each of ctx.getWebSockets() in the constructor.",
			socketsLost:
				"{{field}} is empty after hibernation, while its sockets stay open: they are not found any more. Use ctx.getWebSockets(), with tags or attachments to tell them apart, or fill {{field}} from it in the constructor.",
			propertyLost:
				"The property {{property}} is set on the socket object, which hibernation replaces by a new one: the handler finds undefined. Keep it with {{socket}}.serializeAttachment().",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		if (servesThroughFramework(object)) {
			verdict.notApplicable("the framework keeps the state of its connections");
			return;
		}
		const sockets = socketsOf(object);
		if (!sockets.hibernates) {
			const handler = object.method("webSocketMessage");
			if (handler && sockets.acceptances.length === 0) {
				verdict.unknown({ at: handler.node.key, because: "the sockets that this handles are handed to the runtime by code that is not looked into" });
				return;
			}
			verdict.notApplicable("the class hands no WebSocket to the runtime");
			return;
		}
		let isAnswered = false;
		for (const field of object.members.fields.values()) {
			const judged = judge(field, sockets);
			if (!judged) continue;
			isAnswered = true;
			const { fault, read } = judged;
			if (judged.rebuilt) verdict.guarded({ at: judged.rebuilt, because: `this.${field.name} is filled from what the runtime keeps with the sockets` });
			else if (judged.doubt) verdict.unknown({ at: fault.statement, because: judged.doubt });
			else verdict.violated({ at: fault.statement, messageId: judged.kind === "data" ? "dataLost" : "socketsLost", data: { field: `this.${field.name}` }, steps: [{ at: read.node, what: "finds nothing after hibernation" }] });
		}
		for (const { at, socket, property, isRead } of expandos(sockets)) {
			if (!isRead) continue;
			isAnswered = true;
			verdict.violated({ at, messageId: "propertyLost", data: { socket, property } });
		}
		if (isAnswered) return;
		const [write] = attachmentWrites(object);
		const [back] = attachmentReads(object);
		if (write) verdict.guarded({ at: back ? [write.node, back.node] : write.node, because: "what is known of a connection is attached to its socket" });
		else verdict.notApplicable("no field keeps anything of a connection");
	},
});

interface Judged {
	readonly kind: "data" | "sockets";
	/** The first write in an event. */
	readonly fault: FieldUse;
	readonly read: FieldUse;
	readonly rebuilt: TSESTree.Node | null;
	readonly doubt: string | null;
}

/** Null for a field that keeps nothing of a connection from one event to another. */
function judge(field: Field, sockets: Sockets): Judged | null {
	const { object } = sockets;
	const writes = field.uses.flatMap((use) => {
		const kind = keptOf(use, sockets);
		return kind ? [{ use, kind }] : [];
	});
	const inEvents = writes.filter(({ use }) => !object.isInitialisation(use.node));
	const [first] = inEvents;
	const read = field.uses.find((use) => use.access === "read" && !object.isInitialisation(use.node) && isUsefulRead(use, first?.use ?? null));
	if (!first || !read) return null;
	const rebuilding = usesWithBase(field, object).find((use) => use.access !== "read" && isRebuilding(use, object));
	const initial = field.initialiser && comesFromRuntime(field.initialiser, object) ? field.initialiser : null;
	return { kind: first.kind, fault: first.use, read, rebuilt: rebuilding?.statement ?? initial, doubt: doubtOf(field, sockets) };
}

/** The uses of a field, also by the base classes of the same file. */
function usesWithBase(field: Field, object: DurableObjectClass): readonly FieldUse[] {
	const uses = [...field.uses];
	for (let { base } = object.ancestry; base; { base } = base.ancestry) uses.push(...(base.members.fields.get(field.name)?.uses ?? []));
	return uses;
}

/** Whether a write keeps a socket, or something by a socket. */
function keptOf({ access, statement, value }: FieldUse, sockets: Sockets): Judged["kind"] | null {
	const isServed = (node: TSESTree.Node): boolean => sockets.is(node, "server", "connection");
	const holds = (start: TSESTree.Node, depth: number): boolean => {
		const node = unwrap(start);
		if (isServed(node)) return true;
		if (depth === 0) return false;
		if (node.type === "ObjectExpression") return node.properties.some((property) => property.type === "Property" && holds(property.value, depth - 1));
		if (node.type === "ArrayExpression") return node.elements.some((element) => element !== null && holds(element.type === "SpreadElement" ? element.argument : element, depth - 1));
		const initialiser = node.type === "Identifier" ? constantInitialiser(sockets.object.file.bindings.variableOf(node)) : null;
		return initialiser !== null && holds(initialiser, depth - 1);
	};
	if (access === "assign" || access === "update") return value && holds(value, 2) ? "sockets" : null;
	if (access !== "mutate") return null;
	if (statement.type === "AssignmentExpression") return holds(statement.right, 2) ? "sockets" : null;
	if (statement.type !== "CallExpression") return null;
	const name = calledMember(statement)?.name;
	const [first, second] = statement.arguments;
	if (name === "set" && first && second) return isServed(first) ? "data" : holds(second, 2) ? "sockets" : null;
	if (name === "add" || name === "push" || name === "unshift") return statement.arguments.some((argument) => holds(argument, 2)) ? "sockets" : null;
	return null;
}

const looks: ReadonlySet<string> = new Set(["get", "has", "values", "keys", "entries", "forEach", "find", "filter", "map", "some", "every", "reduce", "at", "includes", "send"]);

/** A read that does something with what was kept; not a count, a log or the first half of the write itself. */
function isUsefulRead({ node }: FieldUse, write: FieldUse | null): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	if (!parent || node === write?.node) return false;
	if (parent.type === "MemberExpression" && parent.object === outer) {
		const name = propertyName(parent);
		return name === null || looks.has(name);
	}
	if (parent.type === "ForOfStatement") return parent.right === outer;
	return parent.type === "SpreadElement" || parent.type === "CallExpression" || (parent.type === "VariableDeclarator" && parent.init === outer);
}

/** A write of what the runtime keeps: a listed socket, a value out of an attachment or a tag. */
function isRebuilding({ statement, value }: FieldUse, object: DurableObjectClass): boolean {
	// `this.users.delete(socket)` takes something away.
	if (statement.type === "CallExpression" && !["set", "add", "push", "unshift", "assign"].includes(calledMember(statement)?.name ?? "")) return false;
	const sockets = socketsOf(object);
	const written = statement.type === "CallExpression" ? statement.arguments : statement.type === "AssignmentExpression" ? [statement.right] : value ? [value] : [];
	return written.some((node) => sockets.of(node).some((socket) => socket.isListed) || comesFromRuntime(node, object));
}

/** Why a field that is not rebuilt may still be harmless. */
function doubtOf(field: Field, { object }: Sockets): string | null {
	const hasAttachments = attachmentWrites(object).length > 0 && attachmentReads(object).length > 0;
	if (hasAttachments) return `the class reads attachments back, and may do without this.${field.name} after hibernation`;
	const usesTags = object.callsOf("ctx", "getTags").length > 0 || object.callsOf("ctx", "getWebSockets").some(({ node }) => node.arguments.length > 0);
	if (usesTags) return `the class finds sockets by their tags, and may do without this.${field.name} after hibernation`;
	if (field.uses.some((use) => fillsWhereMissing(use, field, object))) return `this.${field.name} is filled again where something is missing`;
	const fallsBack = field.uses.some(({ access, node }) => {
		const fn = access === "read" ? enclosingFunction(node) : null;
		return fn !== null && comesFromRuntime(fn.body, object, 1);
	});
	if (fallsBack) return `where this.${field.name} is read, the class also asks the runtime for its sockets`;
	return object.ancestry.isBaseKnown || object.ancestry.base ? null : "the base class, which is not in this file, may fill the field";
}

/** `if (!this.users.has(socket)) this.users.set(socket, await this.load(socket))`, or `get() ?? load()`. */
function fillsWhereMissing({ access, statement, node }: FieldUse, field: Field, object: DurableObjectClass): boolean {
	const { parent } = wrapped(node);
	if (access === "read" && parent?.type === "MemberExpression" && propertyName(parent) === "get") {
		const looked = wrapped(parent.parent);
		return looked.parent?.type === "LogicalExpression" && looked.parent.left === looked && looked.parent.operator !== "&&" && readsStorage(looked.parent.right, object);
	}
	if (access !== "mutate") return false;
	for (let current: TSESTree.Node = statement; current.parent && !isFunction(current); current = current.parent) {
		const { parent: outer } = current;
		if (outer.type === "IfStatement" && outer.consequent === current && asksForMissing(outer.test, field, object)) return true;
	}
	return false;
}

function readsStorage(node: TSESTree.Node, object: DurableObjectClass): boolean {
	let reads = false;
	object.file.walk(node, (child) => {
		if (child.type === "CallExpression") reads ||= object.platformCall(child) !== null || object.calledMethod(child) !== null;
		return !reads;
	});
	return reads;
}

/** `!this.users.has(socket)`, `!user`, `user === undefined`, where the user was looked up in the field. */
function asksForMissing(start: TSESTree.Node, field: Field, object: DurableObjectClass): boolean {
	const test = unwrap(start);
	const asked = test.type === "UnaryExpression" && test.operator === "!" ? unwrap(test.argument) : test.type === "BinaryExpression" && /^===?$/u.test(test.operator) ? unwrap(test.left) : null;
	const looked = asked?.type === "Identifier" ? constantOrFirst(asked, object) : asked;
	const called = looked?.type === "CallExpression" ? calledMember(looked) : null;
	return called !== null && (called.name === "has" || called.name === "get") && field.uses.some(({ node }) => node === unwrap(called.object));
}

/** What a variable is declared with, even if it is written again later. */
function constantOrFirst(identifier: TSESTree.Identifier, object: DurableObjectClass): TSESTree.Node | null {
	const definition = object.file.bindings.variableOf(identifier)?.defs[0];
	return definition?.type === "Variable" && definition.node.init ? unwrap(definition.node.init) : null;
}

interface Expando {
	readonly at: TSESTree.Node;
	readonly socket: string;
	readonly property: string;
	/** Some handler reads the property from a socket of the runtime's. */
	readonly isRead: boolean;
}

/** `socket.userId = id`, the first of each name */
function expandos(sockets: Sockets): readonly Expando[] {
	const { object } = sockets;
	const written = new Map<string, { readonly at: TSESTree.AssignmentExpression; readonly holder: TSESTree.Expression }>();
	for (const node of sockets.assignments) {
		const left = unwrap(node.left);
		const property = left.type === "MemberExpression" ? propertyName(left) : null;
		if (left.type !== "MemberExpression" || property === null || written.has(property) || property === "binaryType" || /^on[a-z]+$/u.test(property)) continue;
		if (sockets.is(left.object, "server", "connection")) written.set(property, { at: node, holder: left.object });
	}
	if (written.size === 0) return [];
	const reads = readsOf(new Set(written.keys()), object);
	return [...written].map(([property, { at, holder }]) => ({ at, property, socket: object.file.textOf(unwrap(holder)), isRead: isReadFromSocket(reads.get(property) ?? [], at, sockets) }));
}

/** Another function reads the property from a socket that the object serves. */
function isReadFromSocket(reads: readonly TSESTree.MemberExpression[], write: TSESTree.AssignmentExpression, sockets: Sockets): boolean {
	const writer = enclosingFunction(write);
	return reads.some((node) => node.parent !== write && enclosingFunction(node) !== writer && sockets.is(node.object, "connection", "server"));
}

/** Where the class reads properties by these names. */
function readsOf(properties: ReadonlySet<string>, object: DurableObjectClass): ReadonlyMap<string, readonly TSESTree.MemberExpression[]> {
	const reads = new Map<string, TSESTree.MemberExpression[]>();
	object.file.walk(object.node.body, (node) => {
		const name = node.type === "MemberExpression" ? propertyName(node) : null;
		if (node.type !== "MemberExpression" || name === null || !properties.has(name)) return;
		const known = reads.get(name);
		if (known) known.push(node);
		else reads.set(name, [node]);
	});
	return reads;
}
