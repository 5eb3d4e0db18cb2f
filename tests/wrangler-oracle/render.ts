/** Writes configuration values as people write them: JSONC with comments and trailing commas, TOML with tables. */
import type { Random } from "./random.ts";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
	[key: string]: Json;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);

export function jsonc(value: Json, random: Random): string {
	const indent = random.pick(["  ", "\t"]);
	const trailing = random.chance(0.4) ? "," : "";
	const comment = (depth: number) => (random.chance(0.05) ? `${indent.repeat(depth)}// a "comment", { with [ marks\n` : "");
	const write = (inner: Json, depth: number): string => {
		const isArray = Array.isArray(inner);
		if (!isArray && !isObject(inner)) return JSON.stringify(inner);
		const parts = isArray
			? inner.map((element) => write(element, depth + 1))
			: Object.entries(inner).map(([key, member]) => `${JSON.stringify(key)}: ${write(member, depth + 1)}`);
		const [open, close] = isArray ? "[]" : "{}";
		if (parts.length === 0) return `${open}${close}`;
		if (parts.join().length < 40 && random.chance(0.5)) return `${open}${isArray ? "" : " "}${parts.join(", ")}${isArray ? "" : " "}${close}`;
		const lines = parts.map((part) => `${comment(depth + 1)}${indent.repeat(depth + 1)}${part}`);
		return `${open}\n${lines.join(",\n")}${trailing}\n${indent.repeat(depth)}${close}`;
	};
	return `${write(value, 0)}\n`;
}

export const hasNull = (value: Json): boolean =>
	value === null || (Array.isArray(value) ? value.some(hasNull) : isObject(value) && Object.values(value).some(hasNull));

/** TOML has no null: see `hasNull`. */
export function toml(value: JsonObject, random: Random): string {
	const lines: string[] = [];
	const nl = random.chance(0.1) ? "\r\n" : "\n";
	const key = (name: string) => (/^[\w-]+$/u.test(name) ? name : JSON.stringify(name));
	const inline = (inner: Json): string => {
		if (Array.isArray(inner)) return inner.length === 0 ? "[]" : `[${inner.map(inline).join(", ")}]`;
		if (isObject(inner)) return `{${Object.entries(inner).map(([name, member]) => ` ${key(name)} = ${inline(member)}`).join(",")} }`;
		return typeof inner === "string" && !/['\\\n]/u.test(inner) && random.chance(0.1) ? `'${inner}'` : JSON.stringify(inner);
	};
	const isTables = (inner: Json): inner is JsonObject[] => Array.isArray(inner) && inner.length > 0 && inner.every(isObject);
	const table = (object: JsonObject, path: string) => {
		const later: (() => void)[] = [];
		for (const [name, member] of Object.entries(object)) {
			const below = path === "" ? key(name) : `${path}.${key(name)}`;
			if (isObject(member) && random.chance(0.7)) {
				later.push(() => {
					lines.push("", `[${below}]${random.chance(0.1) ? " # comment" : ""}`);
					table(member, below);
				});
			} else if (isTables(member) && random.chance(0.7)) {
				later.push(() => {
					for (const element of member) {
						lines.push("", `[[${below}]]`);
						table(element, below);
					}
				});
			} else {
				lines.push(`${key(name)} = ${inline(member)}`);
			}
		}
		for (const write of later) write();
	};
	table(value, "");
	return lines.join(nl) + nl;
}
