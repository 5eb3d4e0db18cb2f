/** When two places are the same, or may be. */
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Hole, Place, Text } from "./host.ts";

/** Equal for equal places; holes of the same variable (or, without one, of the same text) count as equal. */
export function placeId(place: Place): string {
	let id = placeIds.get(place);
	if (id === undefined) placeIds.set(place, (id = idOf(place)));
	return id;
}

const placeIds = new WeakMap<Place, string>();

function idOf({ space, key, isPrefix }: Place): string {
	if (key === null) return `${space}\0*`;
	return `${space}\0${isPrefix ? "^" : "="}${key.map((part) => (typeof part === "string" ? part : `\0${holeId(part)}\0`)).join("")}`;
}

const variableIds = new WeakMap<Scope.Variable, number>();
let lastVariableId = 0;

function holeId({ variable, text }: Hole): string {
	if (!variable) return text;
	let id = variableIds.get(variable);
	if (id === undefined) variableIds.set(variable, (id = ++lastVariableId));
	return `#${id}`;
}

/** Whether what is written lies, as far as the source says, within what was read: the same key, or a key of a list. */
export function covers(read: Place, write: Place): boolean {
	if (read.space !== write.space) return false;
	if (read.key === null) return true;
	if (write.key === null) return false;
	if (!read.isPrefix) return !write.isPrefix && isSameText(read.key, write.key);
	const last = read.key.at(-1);
	const head = typeof last === "string" ? read.key.slice(0, -1) : read.key;
	if (!isSameText(head, write.key.slice(0, head.length))) return false;
	const next = write.key[head.length];
	return typeof last !== "string" || (typeof next === "string" && next.startsWith(last));
}

function isSameText(a: Text, b: Text): boolean {
	return a.length === b.length && a.every((part, index) => isSamePart(part, b[index] as string | Hole));
}

function isSamePart(a: string | Hole, b: string | Hole): boolean {
	if (typeof a === "string" || typeof b === "string") return a === b;
	return holeId(a) === holeId(b);
}

/** Whether two events may touch the same thing: a hole can be anything. */
export function mayMeet(a: Place, b: Place): boolean {
	if (!spacesMayMeet(a.space, b.space)) return false;
	if (a.key === null || b.key === null || a.space !== b.space) return true;
	return textsMayMeet(a.key, a.isPrefix, b.key, b.isPrefix);
}

export function spacesMayMeet(a: string, b: string): boolean {
	if (a === b) return true;
	return (a.endsWith("*") && b.startsWith(a.slice(0, -1))) || (b.endsWith("*") && a.startsWith(b.slice(0, -1)));
}

function textsMayMeet(a: Text, aIsPrefix: boolean, b: Text, bIsPrefix: boolean): boolean {
	const startA = typeof a[0] === "string" ? a[0] : "";
	const startB = typeof b[0] === "string" ? b[0] : "";
	const isWholeA = isConstant(a) && !aIsPrefix;
	const isWholeB = isConstant(b) && !bIsPrefix;
	if (isWholeA && isWholeB) return startA === startB;
	const length = Math.min(startA.length, startB.length);
	if (startA.slice(0, length) !== startB.slice(0, length)) return false;
	if ((isWholeA && startA.length < startB.length) || (isWholeB && startB.length < startA.length)) return false;
	const endA = aIsPrefix ? "" : lastText(a);
	const endB = bIsPrefix ? "" : lastText(b);
	const tail = Math.min(endA.length, endB.length);
	return tail === 0 || endA.slice(-tail) === endB.slice(-tail);
}

function isConstant(text: Text): boolean {
	return text.length === 0 || (text.length === 1 && typeof text[0] === "string");
}

function lastText(text: Text): string {
	const last = text.at(-1);
	return typeof last === "string" ? last : "";
}

/** Fields and variables: what is there is gone with the object, and clearing it is tidying up. */
export function isInMemory({ space }: Place): boolean {
	return space.startsWith("field:") || space.startsWith("module:");
}

/** More parts than a key that people write would have. */
const MAX_PARTS = 24;

/** The place as the caller of a function sees it: holes that are parameters become what the caller hands over. */
export function substitute(place: Place, textOf: (variable: Scope.Variable) => Text | null): Place {
	if (place.key === null || !place.key.some((part) => typeof part !== "string" && part.variable)) return place;
	const parts: (string | Hole)[] = [];
	let label = place.label;
	let hasChanged = false;
	for (const part of place.key) {
		const text = typeof part !== "string" && part.variable ? textOf(part.variable) : null;
		if (!text || typeof part === "string") {
			append(parts, part);
			continue;
		}
		hasChanged = true;
		label = label.replaceAll(`\${${part.text}}`, () => text.map((each) => (typeof each === "string" ? each : `\${${each.text}}`)).join(""));
		for (const each of text) append(parts, each);
	}
	return hasChanged && parts.length <= MAX_PARTS ? { ...place, key: parts, label } : place;
}

function append(parts: (string | Hole)[], part: string | Hole): void {
	const last = parts.at(-1);
	if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
	else parts.push(part);
}
