/** Reads `migrations` into steps; says what is malformed, and never trips over it. */
import { type ArrayNode, describeValue, type MemberNode, membersInForce, type ObjectNode, type StringNode, type ValueNode, valueOf } from "./document.ts";
import type { Report } from "./finding.ts";

/** What one element of a directive does. `class` is the class that it makes or removes. */
export type Mention =
	| { readonly directive: "deleted_classes" | "new_classes" | "new_sqlite_classes"; readonly class: StringNode; readonly at: StringNode }
	| { readonly directive: "renamed_classes"; readonly from: StringNode; readonly to: StringNode; readonly at: ObjectNode }
	| {
			readonly directive: "transferred_classes";
			readonly from: StringNode;
			readonly fromScript: StringNode;
			readonly to: StringNode;
			readonly at: ObjectNode;
	  };

export type Directive = Mention["directive"];

export interface MigrationStep {
	readonly at: ObjectNode;
	readonly tag: StringNode | null;
	/** In the order in which Wrangler applies them. */
	readonly mentions: readonly Mention[];
	/** Classes that a malformed directive names: nothing is said of them any more. */
	readonly doubtful: readonly string[];
}

export interface MigrationList {
	/** The `migrations` key and its value. */
	readonly member: MemberNode;
	/** Null if the value is not an array: then nothing can be said of any class. */
	readonly array: ArrayNode | null;
	readonly steps: readonly MigrationStep[];
}

/** Wrangler's own order inside one entry, whatever the order of the text. */
const ORDER: readonly Directive[] = ["deleted_classes", "renamed_classes", "transferred_classes", "new_classes", "new_sqlite_classes"];
const isDirective = (name: string): name is Directive => (ORDER as readonly string[]).includes(name);

/** All strings inside a value: the classes that a malformed directive may have meant. */
function stringsIn(value: ValueNode): string[] {
	const found: string[] = [];
	const pending: ValueNode[] = [value];
	for (let next = pending.pop(); next; next = pending.pop()) {
		if (next.type === "String") found.push(next.value);
		else if (next.type === "Array") for (const element of next.elements) pending.push(element);
		else if (next.type === "Object") for (const member of next.members) pending.push(member.value);
	}
	return found;
}

function readMention(directive: Directive, element: ValueNode): Mention | string {
	if (directive === "deleted_classes" || directive === "new_classes" || directive === "new_sqlite_classes") {
		return element.type === "String" ? { directive, class: element, at: element } : `must be the name of a class, but is ${describeValue(element)}`;
	}
	const keys = directive === "renamed_classes" ? ["from", "to"] : ["from", "from_script", "to"];
	if (element.type !== "Object") return `must be an object with ${keys.map((key) => `"${key}"`).join(", ")}, but is ${describeValue(element)}`;
	const strings = keys.map((key) => valueOf(element, key));
	const missing = keys.find((_, at) => strings[at]?.type !== "String");
	if (missing !== undefined) return `needs "${missing}", a string`;
	const [from, second, third] = strings as StringNode[];
	if (!from || !second) return "is incomplete";
	if (directive === "renamed_classes") return { directive, from, to: second, at: element };
	return third ? { directive, from, fromScript: second, to: third, at: element } : "is incomplete";
}

function readStep(entry: ObjectNode, report: Report): MigrationStep {
	const mentions = new Map<Directive, Mention[]>();
	const doubtful: string[] = [];
	let acts = false;
	let tag: StringNode | null = null;
	let hasTag = false;
	for (const { key, value } of membersInForce(entry)) {
		if (key.name === "tag") {
			hasTag = true;
			if (value.type === "String") tag = value;
			else report("migration-shape", value, { what: "tag", problem: `must be a string, but is ${describeValue(value)}` });
		} else if (!isDirective(key.name)) {
			acts = true;
			report("migration-unknown-field", key, { field: key.name, known: closest(key.name) });
			doubtful.push(...stringsIn(value));
		} else if (value.type !== "Array") {
			acts = true;
			report("migration-shape", value, { what: key.name, problem: `must be an array, but is ${describeValue(value)}` });
			doubtful.push(...stringsIn(value));
		} else {
			acts ||= value.elements.length > 0;
			const read: Mention[] = [];
			for (const element of value.elements) {
				const mention = readMention(key.name, element);
				if (typeof mention !== "string") read.push(mention);
				else {
					report("migration-shape", element, { what: `an element of ${key.name}`, problem: mention });
					doubtful.push(...stringsIn(element));
				}
			}
			mentions.set(key.name, read);
		}
	}
	if (!hasTag) report("migration-shape", entry, { what: "this entry", problem: "has no \"tag\"" });
	if (!acts) report("migration-no-op", entry, { tag: tag?.value ?? "" });
	return { at: entry, tag, mentions: ORDER.flatMap((directive) => mentions.get(directive) ?? []), doubtful };
}

/** The directive that a misspelt key is nearest to, as a hint. */
function closest(name: string): string {
	const words = name.toLowerCase();
	if (words.includes("sql")) return "new_sqlite_classes";
	if (words.includes("delete") || words.includes("remove")) return "deleted_classes";
	if (words.includes("rename")) return "renamed_classes";
	if (words.includes("transfer")) return "transferred_classes";
	return "new_sqlite_classes";
}

export function readMigrations(member: MemberNode, report: Report): MigrationList {
	const { value } = member;
	if (value.type !== "Array") {
		report("migration-shape", value, { what: "migrations", problem: `must be an array, but is ${describeValue(value)}` });
		return { member, array: null, steps: [] };
	}
	const steps: MigrationStep[] = [];
	for (const entry of value.elements) {
		if (entry.type === "Object") steps.push(readStep(entry, report));
		else report("migration-shape", entry, { what: "an entry of migrations", problem: `must be an object, but is ${describeValue(entry)}` });
	}
	return { member, array: value, steps };
}

const NUMBERED = /^(\D*)(\d+)$/u;

/** Splits a tag such as `v12` into prefix and number; null for tags that carry no order. */
export function numberedTag(tag: string): { readonly prefix: string; readonly number: bigint; readonly width: number } | null {
	const match = NUMBERED.exec(tag);
	return match ? { prefix: match[1] ?? "", number: BigInt(match[2] ?? "0"), width: (match[2] ?? "").length } : null;
}

/** Tags must be there, be unique, and, where they are numbered, be in order. */
export function checkTags({ steps }: MigrationList, report: Report): void {
	const seen = new Map<string, StringNode>();
	const unique: StringNode[] = [];
	for (const { tag } of steps) {
		if (!tag) continue;
		if (tag.value.trim() === "") {
			report("migration-empty-tag", tag);
			continue;
		}
		const first = seen.get(tag.value);
		if (first) {
			report("migration-duplicate-tag", tag, { tag: tag.value, line: String(first.loc.start.line) });
			continue;
		}
		seen.set(tag.value, tag);
		unique.push(tag);
	}
	const numbers = unique.map((tag) => numberedTag(tag.value));
	const prefix = numbers[0]?.prefix;
	if (numbers.some((number) => number?.prefix !== prefix)) return;
	for (const [index, tag] of unique.entries()) {
		const before = numbers[index - 1];
		const here = numbers[index];
		if (before && here && here.number <= before.number) {
			report("migration-tag-order", tag, { tag: tag.value, before: unique[index - 1]?.value ?? "" });
			return;
		}
	}
}
