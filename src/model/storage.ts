/** What a class reads from its storage and writes to it: keys and tables, call by call. */
import type { TSESTree } from "@typescript-eslint/utils";
import { unwrap } from "../syntax/nodes.ts";
import type { SqlStatement } from "../syntax/sql.ts";
import { type Text, textOf } from "../syntax/text.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import { propertyValue } from "./handles.ts";
import { sqlCall } from "./sql.ts";

/** A key of the key-value interface, as far as the source says; `null` text for keys that cannot be read. */
export interface KeyUse {
	readonly text: Text | null;
	/** True for `list({ prefix })`: every key that begins so. An empty text with it means all keys. */
	readonly isPrefix: boolean;
	readonly node: TSESTree.Node;
}

export interface StorageUse {
	readonly call: PlatformCall;
	readonly reads: boolean;
	readonly writes: boolean;
	/** Keys touched; empty for SQL and for calls that touch no keys. */
	readonly keys: readonly KeyUse[];
	/** The statements of a `sql.exec`, with holes where its text is not constant; empty for anything else. */
	readonly statements: readonly SqlStatement[];
	/** Values that are written: the value of a put, the bindings of a statement. */
	readonly values: readonly TSESTree.Node[];
}

const uses = new WeakMap<DurableObjectClass, readonly StorageUse[]>();

/** All uses of storage within the class body, in source order. Alarms and gates are no uses of storage. */
export function storageUses(object: DurableObjectClass): readonly StorageUse[] {
	let found = uses.get(object);
	if (!found) {
		found = object.platformCalls.flatMap((call) => storageUse(call, object) ?? []);
		uses.set(object, found);
	}
	return found;
}

export function storageUse(call: PlatformCall, object: DurableObjectClass): StorageUse | null {
	if (call.on === "ctx" || call.on === "env") return null;
	const args = call.node.arguments;
	const [first, second] = args;
	const none = { call, keys: [], statements: [], values: [] };
	switch (call.method) {
		case "get":
			return { ...none, reads: true, writes: false, keys: first ? keysOf(first, object) : [] };
		case "delete":
			return { ...none, reads: false, writes: true, keys: first ? keysOf(first, object) : [] };
		case "put": {
			if (!first) return null;
			if (!second || unwrap(first).type === "ObjectExpression") {
				return { ...none, reads: false, writes: true, keys: entriesOf(first, object), values: [first] };
			}
			return { ...none, reads: false, writes: true, keys: keysOf(first, object), values: [second] };
		}
		case "list": {
			const prefix = propertyValue(first, "prefix");
			return { ...none, reads: true, writes: false, keys: [{ text: prefix ? textOf(prefix, object.file) : first ? prefixOfUnread(first) : [], isPrefix: true, node: first ?? call.node }] };
		}
		case "deleteAll":
			return { ...none, reads: false, writes: true, keys: [{ text: [], isPrefix: true, node: call.node }] };
		case "exec": {
			const statements = call.on === "sql" ? sqlCall(call, object)?.statements : undefined;
			if (!statements) return null;
			const reads = statements.some((statement) => statement.reads.length > 0 || statement.returning || (statement.opaque && statement.kind === "other"));
			const writes = statements.some((statement) => statement.writes.length > 0 || (statement.opaque && statement.kind === "other"));
			return { ...none, reads, writes, statements, values: args.slice(1) };
		}
		default:
			return null;
	}
}

function keysOf(node: TSESTree.Node, object: DurableObjectClass): readonly KeyUse[] {
	const value = unwrap(node);
	if (value.type === "ArrayExpression") {
		return value.elements.flatMap((element) => {
			if (!element) return [];
			if (element.type === "SpreadElement") return [{ text: null, isPrefix: false, node: element }];
			return keysOf(element, object);
		});
	}
	return [{ text: textOf(value, object.file), isPrefix: false, node }];
}

/** The keys of `put({ a, b: 1 })`. */
function entriesOf(node: TSESTree.Node, object: DurableObjectClass): readonly KeyUse[] {
	const entries = unwrap(node);
	if (entries.type !== "ObjectExpression") return [{ text: null, isPrefix: false, node }];
	return entries.properties.map((property): KeyUse => {
		if (property.type === "SpreadElement") return { text: null, isPrefix: false, node: property };
		const { key } = property;
		const text = !property.computed && key.type === "Identifier" ? [key.name] : textOf(key, object.file);
		return { text, isPrefix: false, node: property };
	});
}

/** `list({ start, end })` lists all that may be there; `list(options)` cannot be read. */
function prefixOfUnread(options: TSESTree.Node): Text | null {
	return unwrap(options).type === "ObjectExpression" ? [] : null;
}

/** Whether a read covers what a write wrote; true also where one of them cannot be told. */
export function mayTouchSame(a: StorageUse, b: StorageUse): boolean {
	if (a.statements.length > 0 || b.statements.length > 0) {
		if (a.statements.length === 0 || b.statements.length === 0) return false;
		const tablesOf = ({ statements }: StorageUse) => statements.flatMap(({ reads, writes }) => [...reads, ...writes].map(({ name }) => name));
		const isOpaque = ({ statements }: StorageUse) => statements.some((statement) => statement.opaque);
		if (isOpaque(a) || isOpaque(b)) return true;
		const others = new Set(tablesOf(b));
		return tablesOf(a).some((name) => name === null || others.has(name) || others.has(null));
	}
	return a.keys.some((one) => b.keys.some((other) => keysMayMeet(one, other)));
}

export function keysMayMeet(a: KeyUse, b: KeyUse): boolean {
	if (a.text === null || b.text === null) return true;
	return textsMayMeet(a.text, a.isPrefix, b.text, b.isPrefix);
}

/** Whether two texts can be the same (or one a prefix of the other): compares their known beginnings and ends. */
function textsMayMeet(a: Text, aIsPrefix: boolean, b: Text, bIsPrefix: boolean): boolean {
	const startA = typeof a[0] === "string" ? a[0] : "";
	const startB = typeof b[0] === "string" ? b[0] : "";
	const isWholeA = a.length <= 1 && (a.length === 0 || typeof a[0] === "string") && !aIsPrefix;
	const isWholeB = b.length <= 1 && (b.length === 0 || typeof b[0] === "string") && !bIsPrefix;
	if (isWholeA && isWholeB) return startA === startB;
	const length = Math.min(startA.length, startB.length);
	if (startA.slice(0, length) !== startB.slice(0, length)) return false;
	if (isWholeA && startA.length < startB.length) return false;
	if (isWholeB && startB.length < startA.length) return false;
	const endA = aIsPrefix ? "" : lastText(a);
	const endB = bIsPrefix ? "" : lastText(b);
	const tail = Math.min(endA.length, endB.length);
	return endA.slice(endA.length - tail) === endB.slice(endB.length - tail);
}

function lastText(text: Text): string {
	const last = text.at(-1);
	return typeof last === "string" ? last : "";
}
