/**
 * One small, format-neutral tree for `wrangler.json`, `wrangler.jsonc` and `wrangler.toml`.
 * Every key and every value knows its place in the text. Plain data: nothing here knows ESLint or Durable Objects.
 */

/** `line` counts from 1, `column` from 0, in UTF-16 units, as ESLint counts. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

interface Placed {
	readonly loc: { readonly start: Position; readonly end: Position };
	/** Offsets into the text without its byte order mark. */
	readonly range: readonly [number, number];
}

export type ConfigFormat = "jsonc" | "toml";

export interface DocumentNode extends Placed {
	readonly type: "Document";
	readonly format: ConfigFormat;
	readonly root: ValueNode;
	readonly comments: readonly CommentNode[];
	/** JSON keys that repeat an earlier key of the same object; the last one wins. TOML refuses them at parsing. */
	readonly repeatedKeys: readonly { readonly first: KeyNode; readonly again: KeyNode }[];
	/** Always empty: rules written for JavaScript look for `body` and `tokens` on any root node. */
	readonly body: readonly never[];
	readonly tokens: readonly never[];
	readonly parent: null;
}

export interface ObjectNode extends Placed {
	readonly type: "Object";
	/** In the order of the text, repeated JSON keys included; look keys up with `memberOf`. */
	readonly members: readonly MemberNode[];
	/**
	 * How the text spells it: `braces` (JSON object, TOML inline table), `table` (TOML `[a]` or `[[a]]`: the range runs to
	 * the last line that belongs to it) or `implied` (TOML parent that only dotted keys and headers speak of; its parts
	 * may be scattered).
	 */
	readonly form: "braces" | "table" | "implied";
	/** The key in the `[header]` of a TOML table. */
	readonly header: KeyNode | null;
	readonly parent: MemberNode | ArrayNode | DocumentNode;
}

export interface MemberNode extends Placed {
	readonly type: "Member";
	readonly key: KeyNode;
	readonly value: ValueNode;
	readonly parent: ObjectNode;
}

export interface KeyNode extends Placed {
	readonly type: "Key";
	readonly name: string;
	readonly parent: MemberNode | ObjectNode;
}

export interface ArrayNode extends Placed {
	readonly type: "Array";
	readonly elements: readonly ValueNode[];
	/** `tables` for TOML's `[[a]]`: the range spans the first header to the last entry's end. */
	readonly form: "brackets" | "tables";
	readonly parent: MemberNode | ArrayNode | DocumentNode;
}

interface ScalarNode<Type extends string, Value> extends Placed {
	readonly type: Type;
	readonly value: Value;
	readonly parent: MemberNode | ArrayNode | DocumentNode;
}

export type StringNode = ScalarNode<"String", string>;
export type NumberNode = ScalarNode<"Number", number>;
export type BooleanNode = ScalarNode<"Boolean", boolean>;
export type NullNode = ScalarNode<"Null", null>;
/** TOML's dates and times; `value` is the text. */
export type DateNode = ScalarNode<"Date", string>;

export type ValueNode = ObjectNode | ArrayNode | StringNode | NumberNode | BooleanNode | NullNode | DateNode;
export type ConfigNode = DocumentNode | MemberNode | KeyNode | ValueNode;

export interface CommentNode extends Placed {
	readonly type: "Line" | "Block";
	/** Without its marks. */
	readonly value: string;
}

export const visitorKeys: Record<ConfigNode["type"], string[]> = {
	Document: ["root"],
	Object: ["members"],
	Member: ["key", "value"],
	Key: [],
	Array: ["elements"],
	String: [],
	Number: [],
	Boolean: [],
	Null: [],
	Date: [],
};

/** The nodes directly below a node, in the order of the text (TOML tables: of their first mention). */
export function childrenOf(node: ConfigNode): readonly ConfigNode[] {
	switch (node.type) {
		case "Document":
			return [node.root];
		case "Object":
			return node.members;
		case "Member":
			return [node.key, node.value];
		case "Array":
			return node.elements;
		default:
			return [];
	}
}

const indexes = new WeakMap<ObjectNode, Map<string, MemberNode>>();

/** The member that is in force for a key: the last one, if a JSON key is repeated. */
export function memberOf(object: ObjectNode, key: string): MemberNode | null {
	let index = indexes.get(object);
	if (!index) {
		index = new Map(object.members.map((member) => [member.key.name, member]));
		indexes.set(object, index);
	}
	return index.get(key) ?? null;
}

/** The members that are in force: of a repeated JSON key only the last. */
export function membersInForce(object: ObjectNode): MemberNode[] {
	return object.members.filter((member) => memberOf(object, member.key.name) === member);
}

export function valueOf(object: ObjectNode, key: string): ValueNode | null {
	return memberOf(object, key)?.value ?? null;
}

const positions = new WeakMap<ArrayNode, Map<ValueNode, number>>();

function indexIn(array: ArrayNode, element: ValueNode): number {
	let index = positions.get(array);
	if (!index) {
		index = new Map(array.elements.map((value, at) => [value, at]));
		positions.set(array, index);
	}
	return index.get(element) ?? -1;
}

const step = (key: string): string => (/^[\w$-]+$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

/** Where a node stands, as people write it: `env.staging.migrations[0].tag`; `""` is the whole document. */
export function pathOf(node: ConfigNode): string {
	const parts: string[] = [];
	for (let at: ConfigNode | null = node; at; at = at.parent) {
		if (at.type === "Member") parts.push(step(at.key.name));
		else if (at.parent?.type === "Array") parts.push(`[${indexIn(at.parent, at as ValueNode)}]`);
	}
	return parts.reverse().join("").replace(/^\./u, "");
}

/** What a value is, in words for a message. */
export function describeValue(node: ValueNode): string {
	switch (node.type) {
		case "Object":
			return "an object";
		case "Array":
			return "an array";
		case "String":
			return JSON.stringify(node.value);
		case "Date":
			return "a TOML date (without quotes)";
		default:
			return String(node.value);
	}
}
