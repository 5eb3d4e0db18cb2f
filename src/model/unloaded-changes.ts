/** Fields that one event loads from storage, while another event, for which the runtime wakes the object by itself, writes them back unloaded. */
import type { TSESTree } from "@typescript-eslint/utils";
import { conditionsOf } from "../syntax/conditions.ts";
import { calledMember, contains, enclosingFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import { ingredientsOf, reaches } from "./data-flow.ts";
import type { DurableObjectClass, EntryPoint } from "./durable-object.ts";
import type { Change, FieldLife } from "./field-life.ts";
import { handedOn } from "./handed-on.ts";
import type { Field } from "./members.ts";
import { conditionsOn, constructionRoots, stepsOf } from "./runs.ts";
import type { StorageUse } from "./storage.ts";

export interface UnloadedChange {
	/** The event that wakes the object: `webSocketMessage`, `alarm`. */
	readonly event: string;
	readonly change: Change;
	readonly write: StorageUse;
	/** A read that would have loaded the field, in another event. */
	readonly load: StorageUse;
}

/**
 * A change in an event that may be the first after the object has left memory: no code that runs before it reads what storage
 * holds, the change builds on what the field had, and the whole field is then written over what storage holds.
 *
 * @param reads - the storage reads that cover what the field is written to
 */
export function unloadedChange(life: FieldLife, reads: readonly StorageUse[], object: DurableObjectClass): UnloadedChange | null {
	const { field, escapes, persistedBy, stateChanges } = life;
	const [load] = reads;
	if (!load || escapes !== null || !object.ancestry.isBaseKnown || handedOn(object).length > 0 || !startsWithContent(field, object)) return null;
	if (reads.some(({ call }) => runsAtWake(call.node, object) || isInMethodHandedOn(call.node, object))) return null;
	const writes = persistedBy.filter((use) => use.keys.length > 0 && use.keys.every(isConstantKey) && use.values.some((value) => isWhole(value, field)));
	for (const entry of object.entryPoints.filter((each) => wakes(each, object))) {
		if (reads.some(({ call }) => reaches(entry.fn, call.node, object))) continue;
		const write = writes.find(({ call }) => reaches(entry.fn, call.node, object));
		const change = write && stateChanges.find((each) => buildsOnOld(each, field) && isReachedAfresh(each, entry, field, object));
		if (write && change) return { event: entry.name, change, write, load };
	}
	return null;
}

/** An event that comes because of what an earlier life of the object has set up. */
function wakes({ name, kind }: EntryPoint, object: DurableObjectClass): boolean {
	if (kind !== "handler") return false;
	if (name === "alarm") return object.callsOf("storage", "setAlarm").length > 0;
	return /^webSocket(?:Message|Close|Error)$/u.test(name) && object.callsOf("ctx", "acceptWebSocket").length > 0;
}

/** Whether a new object has something in the field that a change can build on; on `null` it would throw. */
function startsWithContent(field: Field, object: DurableObjectClass): boolean {
	const initial = field.initialiser ?? field.uses.find(({ access, node }) => access === "assign" && object.isInitialisation(node))?.value;
	const value = initial && unwrap(initial);
	return value !== null && value !== undefined && !(value.type === "Literal" && value.value === null) && !(value.type === "Identifier" && value.name === "undefined");
}

function runsAtWake(node: TSESTree.Node, object: DurableObjectClass): boolean {
	return object.isInitialisation(node) || [...constructionRoots(object), ...object.initialising].some((root) => reaches(root, node, object));
}

/** In a method that is named without being called: when it runs cannot be told. */
function isInMethodHandedOn(node: TSESTree.Node, object: DurableObjectClass): boolean {
	return [...object.members.methods.values()].some((method) => contains(method.fn, node) && object.referencesTo(method.name).length > 0);
}

const isConstantKey = ({ text, isPrefix }: StorageUse["keys"][number]): boolean => !isPrefix && text !== null && text.every((part) => typeof part === "string");

/** Calls that give all that they are given, in another form. */
const whole: ReadonlySet<string> = new Set(["fromEntries", "from", "entries", "values", "stringify"]);

/** `this.items`, `[...this.items]`, `Object.fromEntries(this.items)`, `{ items: this.items }`. */
function isWhole(start: TSESTree.Node, field: Field): boolean {
	const node = unwrap(start);
	switch (node.type) {
		case "MemberExpression":
			return unwrap(node.object).type === "ThisExpression" && propertyName(node) === field.name;
		case "ArrayExpression":
			return node.elements.length === 1 && node.elements[0]?.type === "SpreadElement" && isWhole(node.elements[0].argument, field);
		case "ObjectExpression":
			return node.properties.some((property) => (property.type === "Property" ? isWhole(property.value, field) : isWhole(property.argument, field)));
		case "CallExpression": {
			const called = calledMember(node);
			const given = called && whole.has(called.name) ? (node.arguments[0] ?? called.object) : node.callee.type === "Identifier" && node.callee.name === "structuredClone" ? node.arguments[0] : undefined;
			return given !== undefined && given.type !== "SpreadElement" && isWhole(given, field);
		}
		default:
			return false;
	}
}

/** `this.items.push(x)`, `this.n += 1`, `this.items = [...this.items, x]`. */
function buildsOnOld({ use, source }: Change, field: Field): boolean {
	return use.access === "mutate" || use.access === "update" || source.fields.has(field.name);
}

/** Whether an event comes to a change also when the object has just been made: nothing on the way asks for what earlier events have left in memory. */
function isReachedAfresh({ use }: Change, { fn }: EntryPoint, field: Field, object: DurableObjectClass): boolean {
	const isFree = ({ test }: { readonly test: TSESTree.Node }): boolean => [...ingredientsOf(test, object).fields].every((name) => name !== field.name && isSameAfterWake(name, object));
	if (contains(fn, use.node)) return enclosingFunction(use.node) === fn && conditionsOf(use.node, fn, object.file).every(isFree);
	return stepsOf([fn], object).some((step) => {
		const method = step.node.type === "CallExpression" ? object.calledMethod(step.node)?.fn : undefined;
		return method !== undefined && enclosingFunction(use.node) === method && [...conditionsOn(step, object), ...conditionsOf(use.node, method, object.file)].every(isFree);
	});
}

/** A member that no event changes, or that is filled again while the object wakes. */
function isSameAfterWake(name: string, object: DurableObjectClass): boolean {
	const other = object.field(name);
	if (!other) return true;
	const changes = other.uses.filter(({ access }) => access !== "read");
	return changes.every(({ node }) => object.isInitialisation(node)) || changes.some(({ node, access, value }) => object.isInitialisation(node) && (access === "mutate" || (value !== null && !ingredientsOf(value, object).isConstant)));
}
