/** Reads the inventory of a class from its model. */
import type { TSESTree } from "@typescript-eslint/utils";
import { pendingWorkPreventsEviction } from "../facts/lifetime.ts";
import { deleteAllDeletesAlarm } from "../facts/storage.ts";
import { automaticCloseReply, closeReasonLimit } from "../facts/websockets.ts";
import { inForce } from "../model/compatibility.ts";
import type { DurableObjectClass, PlatformCall } from "../model/durable-object.ts";
import { fieldLife } from "../model/field-life.ts";
import { durableObjectsOf } from "../model/index.ts";
import type { Field } from "../model/members.ts";
import { socketsOf } from "../model/sockets.ts";
import { storageUses } from "../model/storage.ts";
import type { FileContext } from "../rules/define-rule.ts";
import { durableObject } from "../rules/subjects.ts";
import { wranglerFile } from "../rules/wrangler-rule.ts";
import { RPC_DATE } from "../wrangler/fields.ts";
import { drawClass } from "./draw-class.ts";
import { drawLifecycle } from "./draw-lifecycle.ts";
import { entryName } from "./entry-name.ts";
import type { TakeInventory } from "./evidence.ts";
import type { Inventory, InventoryItem } from "./inventory.ts";
import { keyName } from "./key-name.ts";
import { routesOf } from "./routes.ts";

const lineOf = (node: { readonly loc: TSESTree.SourceLocation }): number => node.loc.start.line;

const list = (parts: Iterable<string>): string => [...new Set(parts)].join(", ");

const names = new WeakMap<DurableObjectClass, Map<TSESTree.Node, string>>();

/** What the elements of a class are called; a map, because a long class is asked for every call in it. */
function elementNames(object: DurableObjectClass): Map<TSESTree.Node, string> {
	let found = names.get(object);
	if (!found) {
		const { constructor, methods } = object.members;
		found = new Map([...methods.values()].map((method) => [method.node, `${method.name}()`]));
		if (constructor) found.set(constructor.node, "the constructor");
		names.set(object, found);
	}
	return found;
}

/** The method or field of the class in which a node stands. */
function placeOf(node: TSESTree.Node, object: DurableObjectClass): string {
	let element: TSESTree.Node | undefined = node;
	while (element && element.parent !== object.node.body) element = element.parent;
	return (element && elementNames(object).get(element)) ?? "a field";
}

function kindOf(object: DurableObjectClass): InventoryItem[] {
	const exported = object.exportedAs.length > 0 ? `exported as ${list(object.exportedAs)}` : "not exported by this file";
	return [{ topic: "kind", name: object.ancestry.reason, detail: exported, line: lineOf(object.node) }];
}

function projectOf({ project, name }: DurableObjectClass): InventoryItem[] {
	const storage = project.storageOf(name);
	const date = project.compatibilityDate;
	const words = { sqlite: "SQLite", kv: "key-value (the older kind)", unknown: "unknown" } as const;
	return [
		{ topic: "storage", name: words[storage.value], detail: storage.value === "unknown" ? "" : `by ${storage.from}`, line: null },
		...bindingsOf(project.config?.environments ?? [], name),
		{ topic: "compatibility", name: date?.value ?? "unknown", detail: [date && `by ${date.from}`, project.compatibilityFlags.length > 0 && `flags ${list(project.compatibilityFlags)}`].filter(Boolean).join("; "), line: null },
		...behaviourIn(project),
	];
}

/** What the date and the flags change in Durable Objects. */
const changes = [
	{ change: { since: RPC_DATE, flag: "rpc", optOut: "no_rpc" }, on: "stubs have the methods of the object", off: "stubs have no methods but fetch()" },
	{ change: deleteAllDeletesAlarm, on: "deleteAll() deletes the alarm too", off: "deleteAll() leaves the alarm" },
	{ change: closeReasonLimit, on: "close() throws on a reason of more than 123 bytes", off: "close() takes reasons of any length" },
	{ change: automaticCloseReply, on: "a client's close is answered by the runtime", off: "webSocketClose() must answer a client's close" },
	{ change: pendingWorkPreventsEviction, on: "waitUntil(), timers and I/O keep an object in memory, for at most 15 minutes", off: "waitUntil() does nothing" },
] as const;

function behaviourIn(project: DurableObjectClass["project"]): InventoryItem[] {
	return changes.flatMap(({ change, on, off }): InventoryItem[] => {
		const state = inForce(change, project);
		if (!state) return [];
		return [{ topic: "compatibility", name: state.value ? on : off, detail: state.value ? `since ${change.since}` : `changes with ${change.since}`, line: null }];
	});
}

type Environments = NonNullable<DurableObjectClass["project"]["config"]>["environments"];

function bindingsOf(environments: readonly Environments[number][], className: string): InventoryItem[] {
	const where = new Map<string, string[]>();
	for (const environment of environments) {
		for (const binding of environment.bindings) {
			if (!binding.local || binding.className.value !== className) continue;
			where.set(binding.name.value, [...(where.get(binding.name.value) ?? []), environment.name === null ? "the top level" : `environment ${environment.name}`]);
		}
	}
	return [...where].map(([name, names]) => ({ topic: "binding", name: `\`env.${name}\``, detail: list(names), line: null }));
}

/** What is kept under each name, and where it is first used. */
function persistedBy(object: DurableObjectClass): InventoryItem[] {
	const found = new Map<string, { readonly line: number; readonly uses: Set<string> }>();
	const take = (name: string, node: TSESTree.Node, use: string) => {
		const known = found.get(name) ?? { line: lineOf(node), uses: new Set<string>() };
		known.uses.add(use);
		found.set(name, known);
	};
	for (const { call, reads, writes, keys, statements } of storageUses(object)) {
		const where = placeOf(call.node, object);
		for (const key of keys) take(keyName(key), call.node, `${writes ? (call.method.startsWith("delete") ? "deleted" : "written") : reads ? "read" : "used"} in ${where}`);
		for (const statement of statements) {
			for (const { name } of statement.writes) if (name !== null) take(`table \`${name}\``, call.node, `written in ${where}`);
			for (const { name } of statement.reads) if (name !== null) take(`table \`${name}\``, call.node, `read in ${where}`);
			const { subject, kind } = statement;
			if (kind === "create-table" && subject?.name) take(`table \`${subject.name}\``, call.node, `created in ${where}`);
		}
	}
	return [...found].map(([name, { line, uses }]) => ({ topic: "persisted", name, detail: list(uses), line }));
}

function survival(field: Field, object: DurableObjectClass): string {
	const { notData, escapes, stateChanges, persistedBy: saves, loadedBy } = fieldLife(field, object);
	if (notData !== null) return notData;
	if (stateChanges.length === 0) return "only set from outside or from storage: it can be made again";
	const changed = `changed in ${list(stateChanges.map(({ use }) => placeOf(use.node, object)))}`;
	if (saves.length > 0) return `${changed}; saved in ${list(saves.map(({ call }) => placeOf(call.node, object)))}${loadedBy.length > 0 ? `, loaded in ${list(loadedBy.map((node) => placeOf(node, object)))}` : ""}`;
	return escapes === null ? `${changed}; only in memory` : `${changed}; ${escapes}`;
}

/** Fields that hold something of the object's own; the platform's handles and what never changes are none. */
function fieldsOf(object: DurableObjectClass): InventoryItem[] {
	return [...object.members.fields.values()].flatMap((field): InventoryItem[] => {
		const [first] = field.uses;
		const at = field.declaration ?? first?.node;
		const changes = field.uses.some((use) => use.access !== "read" && !object.isInitialisation(use.node));
		if (!at || !changes) return [];
		return [{ topic: "memory", name: `\`this.${field.name}\``, detail: survival(field, object), line: lineOf(at) }];
	});
}

function alarmsOf(object: DurableObjectClass): InventoryItem[] {
	const calls = object.callsOf("storage", "setAlarm", "deleteAlarm").map((call: PlatformCall): InventoryItem => ({
		topic: "alarm",
		name: call.method === "setAlarm" ? "set" : "deleted",
		detail: `in ${placeOf(call.node, object)}`,
		line: lineOf(call.node),
	}));
	const handler = object.method("alarm");
	return handler ? [...calls, { topic: "alarm", name: "handled", detail: "in alarm()", line: lineOf(handler.node) }] : calls;
}

function socketsIn(object: DurableObjectClass): InventoryItem[] {
	return socketsOf(object).acceptances.map(({ api, node }) => ({
		topic: "socket",
		name: api === "hibernation" ? "accepted by the runtime" : "accepted in memory",
		detail: `in ${placeOf(node, object)}; ${api === "hibernation" ? "the object can hibernate" : "the object cannot hibernate while it is open"}`,
		line: lineOf(node),
	}));
}

function surfaceOf(object: DurableObjectClass): InventoryItem[] {
	const words = { handler: "called by the runtime", hook: "called by the framework", rpc: "called over RPC", callback: "runs as an event of its own" } as const;
	const routes = routesOf(object).map(({ path, node }): InventoryItem => ({ topic: "surface", name: `route \`${path}\``, detail: `in ${placeOf(node, object)}`, line: lineOf(node) }));
	const entries = object.entryPoints.map((entry): InventoryItem => ({ topic: "surface", name: entry.kind === "callback" ? entryName(entry) : `\`${entryName(entry)}\``, detail: words[entry.kind], line: lineOf(entry.fn) }));
	return [...entries, ...routes];
}

function inventoryOf(object: DurableObjectClass): Inventory {
	return [kindOf, projectOf, persistedBy, fieldsOf, alarmsOf, socketsIn, surfaceOf].flatMap((part) => part(object));
}

export const takeInventory: TakeInventory = (file: FileContext) => {
	if (wranglerFile.mayOccur(file)) {
		return wranglerFile.find(file).map((config) => ({ subject: { kind: wranglerFile.kind, ...wranglerFile.describe(config) }, inventory: [], pictures: drawLifecycle(config.config) }));
	}
	if (!durableObject.mayOccur(file)) return [];
	return durableObjectsOf(file).map((object) => ({ subject: { kind: durableObject.kind, ...durableObject.describe(object) }, inventory: inventoryOf(object), pictures: drawClass(object) }));
};
