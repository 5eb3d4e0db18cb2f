import { describe, expect, it } from "vitest";
import { outlineOf } from "../../src/wrangler/outline.ts";

const squeezed = (text: string, path = "/p/a.ts") => outlineOf(path, text)?.replace(/\s+/gu, " ");

describe("the outline of a file", () => {
	it("leaves out what happens inside of functions, classes and types", () => {
		expect(squeezed("export function f(a = () => { g(); }) { return { a }; }")).toBe("export function f(a = () => { }) { }");
		expect(squeezed("@on({ a: 1 }) export abstract class A<T extends { b: 1 }> extends mixin(class { c() {} }) implements I { d = 1; #e() {} }")).toBe("@on({ }) export abstract class A<T extends { }> extends mixin(class { }) implements I { }");
		expect(squeezed("export const o = { get a() { return 1; }, b: `}` }, p = [() => { o; }];")).toBe("export const o = { }, p = [() => { }];");
		expect(squeezed("interface I { a(): void } type T = { b: 1 }; enum E { F = 1 } try { x(); } finally { y(); }")).toBe("interface I { } type T = { }; enum E { } try { } finally { }");
	});

	it("keeps what a namespace holds, and every name", () => {
		const text = 'import a, { b as c } from "./a"; export * from "./b"; export { c as default }; namespace N { export const d = 1; } declare module "e" { export type F = 1; }';
		expect(outlineOf("/p/a.ts", text)).toBe(text);
	});

	it("keeps everything where it was", () => {
		const text = 'class A {\r\n\tname = "🎲 {";\r\n\trun() { return `${"}"}\u2028é`; }\r\n}\nexport { A };\n';
		const outline = outlineOf("/p/a.ts", text) ?? "";
		expect(outline).toHaveLength(text.length);
		expect(outline.indexOf("export { A }")).toBe(text.indexOf("export { A }"));
		expect(outline.split(/\r\n|[\n\u2028]/u).map((line) => line.length)).toEqual(text.split(/\r\n|[\n\u2028]/u).map((line) => line.length));
	});

	it("reads a file as what its name says", () => {
		expect(squeezed("export const a = <T,>(b: T) => { };", "/p/a.tsx")).toBe("export const a = <T,>(b: T) => { };");
		expect(squeezed("export const a = <p on={() => { b(); }}>{'}'}</p>;", "/p/a.jsx")).toBe("export const a = <p on={() => { }}>{'}'}</p>;");
		expect(outlineOf("/p/a.ts", "const a = <p></p>;")).toBeNull();
	});

	it("is none of a text with a syntax error, wherever that is", () => {
		expect(outlineOf("/p/a.ts", "export function f() { const = 1; }")).toBeNull();
		expect(outlineOf("/p/a.ts", "export class A { run() { return 1; }")).toBeNull();
		expect(outlineOf("/p/a.ts", "")).toBe("");
	});
});
