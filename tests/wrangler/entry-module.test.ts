import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EntryModule, entryModule, type ReadEntry } from "../../src/wrangler/entry-module.ts";
import { diskReader, type SourceReader } from "../../src/wrangler/source-files.ts";

/** A project in memory, below `/p`. */
function memory(files: Readonly<Record<string, string>>): SourceReader & { readonly asked: string[] } {
	const asked: string[] = [];
	const text = (path: string) => (path.startsWith("/p/") ? files[path.slice(3)] : undefined);
	return {
		asked,
		read(path) {
			asked.push(path);
			return text(path) ?? null;
		},
		isFile: (path) => text(path) !== undefined,
		contains: (path) => `${path}/`.startsWith("/p/"),
	};
}

function read(files: Readonly<Record<string, string>>, main = "src/index.ts"): ReadEntry {
	const entry = entryModule(`/p/${main}`, memory(files));
	if (entry.status !== "read") throw new Error(`not read: ${entry.status}`);
	return entry;
}

/** `A B:type C:unknown`, sorted. */
function names({ exports }: ReadEntry): string {
	return [...exports]
		.map(([name, { kind }]) => (kind === "value" ? name : `${name}:${kind}`))
		.sort()
		.join(" ");
}

const of = (source: string): ReadEntry => read({ "src/index.ts": source });

describe("whether there is an entry to read", () => {
	it.each([
		["src/worker.py", ".py"],
		["build/worker.wasm", ".wasm"],
		["src/lib.rs", ".rs"],
		["src/index.html", ".html"],
	])("leaves out %s", (main, extension) => {
		const entry = entryModule(`/p/${main}`, memory({ [main]: "" }));
		expect(entry).toEqual({ status: "skipped", because: `${extension} is not JavaScript or TypeScript` });
	});

	it("does not look outside of the project's folder", () => {
		const reader = memory({});
		expect(entryModule("/elsewhere/index.ts", reader).status).toBe("skipped");
		expect(reader.asked).toEqual([]);
	});

	it("tells a missing file", () => {
		expect(entryModule("/p/dist/index.js", memory({}))).toEqual({ status: "missing", path: "/p/dist/index.js" });
	});

	it("tries Wrangler's extensions when `main` has none", () => {
		const reader = memory({ "src/index.js": "export class A {}", "src/index.tsx": "export class B {}" });
		const entry = entryModule("/p/src/index", reader);
		expect(entry).toMatchObject({ status: "read", path: "/p/src/index.tsx" });
		expect(entryModule("/p/src/other", reader).status).toBe("missing");
	});
});

describe("exported names", () => {
	it.each([
		["export class A {} export abstract class B {}", "A B"],
		["export function f() {} export async function* g() {}", "f g"],
		["export const a = 1, b = 2; export let c; export var d;", "a b c d"],
		["export enum E { X } export const enum F { X }", "E F"],
		["export namespace N { export const x = 1; } export namespace T { export type X = 1; }", "N T:type"],
		["export const { a, b: c, d = 1, e: { f }, ...g } = make(); export const [h, , [i], ...j] = make();", "a c d f g h i j"],
		["class A {} export { A, A as B, A as 'a b' };", "A B a b"],
		["export { A }; class A {}", "A"],
		["export default {};", "default"],
		["class A {} export { A as default };", "default"],
		["export default class {}", "default"],
		["export default class A {}", "default"],
		["export default function () {}", "default"],
		["@sealed export class A {} export @sealed class B {}", "A B"],
		["export class A<T> extends B<T> { #x = 1; accessor y = 2; static { } }", "A"],
		["const A = wrap(options, class {}); export { A }", "A"],
		["export {};", ""],
		["import { x } from 'y'; x();", ""],
		["class A {}", ""],
	])("%s", (source, expected) => {
		const entry = of(source);
		expect(names(entry)).toBe(expected);
		expect(entry.open).toBeNull();
	});

	it.each([
		["export type { A }; class A {}", "A:type"],
		["class A {} export { type A, A as B };", "A:type B"],
		["export interface A {} export type B = 1;", "A:type B:type"],
		["interface A {} export { A };", "A:type"],
		["export declare class A {} export declare const B: 1; export declare function f(): void; export declare enum E {}", "A:type B:type E:type f:type"],
		["declare class A {} export { A };", "A:type"],
		["export interface A { x: 1 } export class A {}", "A"],
		["export function f(): void; export function f() {}", "f"],
		["export function f(): void;", "f:type"],
		["import type { A } from './missing'; import { type B } from './missing'; export { A, B };", "A:type B:type"],
		["export default interface A {}", "default:type"],
		["export type * as ns from './missing';", "ns:type"],
		["export import A = B.C;", "A:unknown"],
		["declare global { const x: 1; } declare module 'm' { export class A {} } export {}", ""],
	])("types are no values: %s", (source, expected) => {
		expect(names(of(source))).toBe(expected);
	});

	it("keeps what can not be found apart from what is not there", () => {
		const entry = of("export { A } from 'package'; import { B } from '~/alias'; export { B, ghost };");
		expect(names(entry)).toBe("A:unknown B:unknown ghost:unknown");
		expect(entry.open).toBeNull();
	});

	it("says whether there is a default export, and any", () => {
		expect(of("export default {}")).toMatchObject({ hasDefault: true, hasAnyExport: true });
		expect(of("export class A {}")).toMatchObject({ hasDefault: false, hasAnyExport: true });
		expect(of("export interface A {} export default interface B {}")).toMatchObject({ hasDefault: false, hasAnyExport: false });
		expect(of("")).toMatchObject({ hasDefault: false, hasAnyExport: false, open: null });
	});
});

describe("re-exports", () => {
	it("follows names, aliases and defaults over files", () => {
		const entry = read({
			"src/index.ts": `
				import B from "./b"; import { C as D } from "./c"; import * as all from "./c";
				export { A } from "./a"; export { A as A2, T } from "./a"; export { default as E } from "./b";
				export { B, D, all }; export * as ns from "./a"; export { gone } from "./a";`,
			"src/a.ts": "export class A {} export interface T {}",
			"src/b.ts": "export default class {}",
			"src/c.ts": "class Inner {} export { Inner as C };",
		});
		expect(names(entry)).toBe("A A2 B D E T:type all gone:unknown ns");
		expect(entry.open).toBeNull();
		expect(entry.files[0]).toBe("/p/src/index.ts");
		expect([...entry.files].sort()).toEqual(["/p/src/a.ts", "/p/src/b.ts", "/p/src/c.ts", "/p/src/index.ts"]);
	});

	it("takes everything but the default through `export *`", () => {
		const entry = read({
			"src/index.ts": 'export * from "./a";',
			"src/a.ts": 'export default {}; export class A {} export * from "./deep/b"; export * as ns from "./deep/b";',
			"src/deep/b.ts": "export class B {} export type T = 1; export default 1;",
		});
		expect(names(entry)).toBe("A B T:type ns");
		expect(entry).toMatchObject({ open: null, hasDefault: false });
	});

	it("makes types of `export type *`, even of what can not be followed", () => {
		const entry = read({ "src/index.ts": 'export type * from "./a"; export type * from "pkg";', "src/a.ts": "export class A {}" });
		expect(names(entry)).toBe("A:type");
		expect(entry.open).toBeNull();
	});

	it("prefers the file's own export to one of `export *`", () => {
		const entry = read({ "src/index.ts": 'export * from "./a"; export interface A {}', "src/a.ts": "export class A {}" });
		expect(names(entry)).toBe("A:type");
	});

	it("does not decide between two `export *` that differ", () => {
		const files = { "src/a.ts": "export class A {}", "src/b.ts": "export class A {}", "src/c.ts": 'export * from "./a";' };
		expect(names(read({ ...files, "src/index.ts": 'export * from "./a"; export * from "./b";' }))).toBe("A:unknown");
		expect(names(read({ ...files, "src/index.ts": 'export * from "./a"; export * from "./c";' }))).toBe("A");
	});

	it("ends in cycles", () => {
		const entry = read({
			"src/index.ts": 'export * from "./a"; export { X } from "./a"; export class I {}',
			"src/a.ts": 'export * from "./index"; export * from "./b"; export { X } from "./b"; export class A {}',
			"src/b.ts": 'export * from "./a"; export { X } from "./a"; export * from "./b"; export class B {}',
		});
		expect(names(entry)).toBe("A B I X:unknown");
		expect(entry.open).toBeNull();
	});

	it("ends when a name is its own alias", () => {
		expect(names(of("const A = B; const B = A; export { A };"))).toBe("A:unknown");
		expect(names(of('import { A } from "./index"; export { A };'))).toBe("A:unknown");
	});

	it.each([
		["./a", "src/a.ts"],
		["./a", "src/a.tsx"],
		["./a", "src/a.js"],
		["./a", "src/a/index.ts"],
		["./a/", "src/a/index.js"],
		["./a.js", "src/a.js"],
		["./a.js", "src/a.ts"],
		["./a.js", "src/a.tsx"],
		["./a.jsx", "src/a.tsx"],
		["./a.mjs", "src/a.mts"],
		["./a.cjs", "src/a.cts"],
		["./a.ts", "src/a.ts"],
		["./a.object", "src/a.object.ts"],
		["../a", "a.ts"],
		["..", "index.ts"],
		[".", "src/index.js"],
	])("resolves %s to %s", (source, file) => {
		const entry = read({ "src/main.ts": `export * from "${source}";`, [file]: "export class A {}" }, "src/main.ts");
		expect(names(entry)).toBe("A");
		expect(entry).toMatchObject({ open: null, files: ["/p/src/main.ts", `/p/${file}`] });
	});

	it("prefers the file that the import names", () => {
		const files = { "src/a.js": "export class J {}", "src/a.ts": "export class T {}", "src/a/index.ts": "export class D {}" };
		expect(names(read({ ...files, "src/index.ts": 'export * from "./a.js";' }))).toBe("J");
		expect(names(read({ ...files, "src/index.ts": 'export * from "./a";' }))).toBe("T");
		expect(names(read({ ...files, "src/index.ts": 'export * from "./a/";' }))).toBe("D");
	});

	it("opens the set when `export *` leads nowhere known", () => {
		for (const source of ["package", "~/a", "#a", "node:fs", "./missing", "../../outside", "./data.json", "./folder", "./broken", "./common", "/p/src/broken"]) {
			const entry = read({
				"src/index.ts": `export class A {} export * from "${source}";`,
				"src/data.json": "{}",
				"src/folder/package.json": '{ "main": "x.ts" }',
				"src/folder/index.ts": "export class X {}",
				"src/broken.ts": "export class {",
				"src/common.js": "module.exports = { B: 1 };",
			});
			expect(names(entry), source).toBe("A");
			expect(entry.open, source).toMatch(/can be followed|syntax error|CommonJS/);
		}
	});

	it("opens the set from deep below", () => {
		const entry = read({ "src/index.ts": 'export * from "./a";', "src/a.ts": 'export * from "package";' });
		expect(entry.open).toBe('`export * from "package"` leads out of what can be followed');
	});

	it("is not closed by a type-only way to the same module", () => {
		const files = { "src/a.ts": 'export * from "package"; export class A {}' };
		const entry = read({ ...files, "src/index.ts": 'export type * from "./a"; export * from "./a";' });
		expect(names(entry)).toBe("A");
		expect(entry.open).not.toBeNull();
		expect(read({ ...files, "src/index.ts": 'export type * from "./a";' }).open).toBeNull();
	});

	it("sees that two ways lead to one class", () => {
		const named = 'export { A } from "./a";';
		const files = { "src/a.ts": "export class A {}", "src/b.ts": named, "src/c.ts": named };
		expect(names(read({ ...files, "src/index.ts": 'export * from "./b"; export * from "./c";' }))).toBe("A");
	});

	it("does not know whether an open module has a name", () => {
		const entry = read({ "src/index.ts": 'export { A, default as B } from "./a";', "src/a.ts": 'export * from "pkg"; export default 1;' });
		expect(names(entry)).toBe("A:unknown B");
		expect(entry.open).toBeNull();
	});
});

describe("files that can not be understood", () => {
	it.each([
		["export class A {", /syntax error/],
		["<<<<<<< HEAD\nexport class A {}", /syntax error/],
		["// @flow\nexport type A = {| x: 1 |};", /syntax error/],
		["module.exports = { A: class {} };", /CommonJS/],
		["exports.A = class {};", /CommonJS/],
		["export class A { run() { const = 1; } }", /syntax error/],
		["function publish() { exports.A = class {}; } publish();", /CommonJS/],
		["Object.defineProperty(exports, '__esModule', { value: true });", /CommonJS/],
		["class A {} export = A;", /CommonJS/],
	])("%s", (source, why) => {
		const entry = of(source);
		expect(entry.open).toMatch(why);
		expect(entry).toMatchObject({ format: "unknown", hasDefault: false });
	});

	it("takes a local variable named like a CommonJS global for what it is", () => {
		expect(of("const module = {}, exports = {}; module.exports = exports;").open).toBeNull();
		expect(of("export class A {} declare const x: typeof module.exports;").open).toBeNull();
	});

	it("reads JSX in .js and .tsx", () => {
		expect(names(read({ "a.js": "export class A { x() { return <b/>; } }" }, "a.js"))).toBe("A");
		expect(names(read({ "a.tsx": "export class A { x() { return <b/>; } }" }, "a.tsx"))).toBe("A");
		expect(names(read({ "a.ts": "const x = <string>y; export class A {}" }, "a.ts"))).toBe("A");
	});

	it("stops at a bound and leaves the set open", () => {
		const files: Record<string, string> = {};
		for (let index = 0; index < 400; index++) files[`src/m${index}.ts`] = `export class A${index} {} export * from "./m${index + 1}";`;
		files["src/m400.ts"] = "export class Last {}";
		const entry = read({ ...files, "src/index.ts": 'export * from "./m0";' });
		expect(entry.open).toMatch(/more than 256 files/);
		expect(entry.files).toHaveLength(256);
		expect(entry.exports.has("A0")).toBe(true);
	});

	it("does not walk the same ground again and again", () => {
		const files: Record<string, string> = {};
		const stars = Array.from({ length: 40 }, (_, index) => `export * from "./m${index}";`).join("\n");
		for (let index = 0; index < 40; index++) files[`src/m${index}.ts`] = `export class A${index} {}\n${stars}`;
		const entry = read({ ...files, "src/index.ts": stars });
		expect(entry.exports.size).toBe(40);
		expect([...entry.exports.values()].every(({ kind }) => kind === "value")).toBe(true);
	});

	it("survives a long chain of aliases", () => {
		const aliases = Array.from({ length: 500 }, (_, index) => `const A${index + 1} = A${index};`).join("\n");
		expect(names(of(`class A0 {}\n${aliases}\nexport { A500, A9 };`))).toBe("A500:unknown A9");
	});

	it("answers anything that is text", () => {
		for (const source of ["\u0000", "\ufeffexport class A {}", "#!/usr/bin/env node\nexport class A {}", "\ud800", "export", "{{{{", ""]) {
			expect(of(source).status).toBe("read");
		}
	});
});

describe("the class behind a name", () => {
	const classOf = (entry: ReadEntry, name: string) => {
		const found = entry.exports.get(name)?.class;
		return found && `${found.file.slice(3)} ${found.name}${found.wrapped ? " wrapped" : ""} line ${found.line}`;
	};

	it("is found over files and aliases", () => {
		const entry = read({
			"src/index.ts": 'export { Room, Chat as Talk } from "./objects"; export { default as D, default } from "./objects";',
			"src/objects/index.ts": 'import { Base } from "./room.js"; export { Base as Room }; export * from "./chat"; export { default } from "./chat";',
			"src/objects/room.ts": "\n\nclass Base {}\nexport { Base };",
			"src/objects/chat.ts": "export class Chat {}\nexport default class extends Chat {}",
		});
		expect(classOf(entry, "Room")).toBe("src/objects/room.ts Base line 3");
		expect(classOf(entry, "Talk")).toBe("src/objects/chat.ts Chat line 1");
		expect(classOf(entry, "D")).toBe("src/objects/chat.ts null line 2");
		expect(classOf(entry, "default")).toBe("src/objects/chat.ts null line 2");
	});

	it("has its place in the text", () => {
		const source = "// é\nexport const A = class B extends DurableObject {};";
		const range = of(source).exports.get("A")?.class?.range ?? [0, 0];
		expect(source.slice(...range)).toBe("class B extends DurableObject {}");
	});

	it("is seen through wrappers and assertions", () => {
		const entry = of(`
class A_ {} class B_ {}
const options = () => ({});
export const A = instrument(options, A_);
export const B = outer(inner(B_), "name");
export const C = wrap(class Named {});
export const D = (A_ as unknown as typeof B_)!;
export const E = pick(A_, B_);
export const F = instrument(options);
export default wrap(A_);`);
		expect(classOf(entry, "A")).toBe("src/index.ts A_ wrapped line 2");
		expect(classOf(entry, "B")).toBe("src/index.ts B_ wrapped line 2");
		expect(classOf(entry, "C")).toBe("src/index.ts Named wrapped line 6");
		expect(classOf(entry, "D")).toBe("src/index.ts A_ line 2");
		expect(classOf(entry, "E")).toBeNull();
		expect(classOf(entry, "F")).toBeNull();
		expect(classOf(entry, "default")).toBe("src/index.ts A_ wrapped line 2");
		expect(names(entry)).toBe("A B C D E F default");
	});

	it("is not claimed for other values", () => {
		const entry = of("export function A() {} export const B = {}; export const { C } = make(); export const D = make();");
		for (const name of ["A", "B", "C", "D"]) expect(classOf(entry, name)).toBeNull();
	});
});

/** As Wrangler 4.164 (`guessWorkerFormat`), with esbuild 0.28's list of exports of the unbundled entry file. */
describe("what Wrangler takes the entry for", () => {
	it.each([
		["export default {};", "module"],
		["export class A {}", "module"],
		["export class A {} export default {}; addEventListener('fetch', f);", "module"],
		["export { A } from './a';", "module"],
		["import { T } from './types'; export { T };", "module"],
		["export * as ns from './a';", "module"],
		["export const enum E { A }", "module"],
		["", "service-worker"],
		["export {};", "service-worker"],
		["class A {}", "service-worker"],
		["export interface A {} export type { B } from './b';", "service-worker"],
		["interface A {} export { A };", "service-worker"],
		["export declare class A {}", "service-worker"],
		["export default interface A {}", "service-worker"],
		["export namespace N { export type X = 1 }", "service-worker"],
		["export function f(): void;", "service-worker"],
		["class C {} export type { C };", "service-worker"],
		["export * from './a';", "service-worker"],
		["export class A {} addEventListener('fetch', f);", "service-worker"],
		["export class A {} globalThis.addEventListener('fetch', f);", "service-worker"],
		["export class A {} self['addEventListener']('fetch', f);", "service-worker"],
		["export class A {} function listen() { addEventListener('fetch', f); } listen();", "service-worker"],
		["export class A {} socket.addEventListener('message', f);", "module"],
		["import { addEventListener } from 'x'; export class A {} addEventListener('fetch', f);", "module"],
		["export class A {} function f(addEventListener, self) { addEventListener(); self.addEventListener(); }", "module"],
		["export class A { addEventListener() {} }", "module"],
		["export class A {} // addEventListener('fetch')", "module"],
	])("%s: %s", (source, format) => {
		const entry = read({ "src/index.ts": source, "src/a.ts": "export class A {}", "src/types.ts": "export interface T {}" });
		expect(entry.format).toBe(format);
	});

	it("looks for the listener in the entry file alone", () => {
		const entry = read({ "src/index.ts": 'export { A } from "./a";', "src/a.ts": "export class A {} addEventListener('x', f);" });
		expect(entry).toMatchObject({ usesAddEventListener: false, format: "module" });
	});
});

describe("reading from disk", () => {
	const base = realpathSync(mkdtempSync(join(tmpdir(), "entry-module-")));
	afterAll(() => rmSync(base, { recursive: true, force: true }));

	const put = (path: string, text: string, time?: Date): string => {
		const file = join(base, path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, text);
		if (time) utimesSync(file, time, time);
		return file;
	};
	const kinds = (entry: EntryModule) => (entry.status === "read" ? names(entry) : entry.status);

	it("reads a project", () => {
		const main = put("one/src/index.ts", 'export * from "./a.js"; export default {};');
		put("one/src/a.ts", "export class A {}");
		expect(kinds(entryModule(main, diskReader(join(base, "one"))))).toBe("A default");
		expect(kinds(entryModule(join(base, "one/src"), diskReader(base)))).toBe("missing");
	});

	it("sees a change of any file", () => {
		const main = put("two/index.ts", 'export * from "./a";', new Date(1_000_000));
		put("two/a.ts", "export class A {}", new Date(1_000_000));
		const reader = diskReader(join(base, "two"));
		expect(kinds(entryModule(main, reader))).toBe("A");
		put("two/a.ts", "export class B {}", new Date(2_000_000));
		expect(kinds(entryModule(main, reader))).toBe("B");
		put("two/a.ts", "export class B2 {}", new Date(2_000_000));
		expect(kinds(entryModule(main, reader))).toBe("B2");
		rmSync(join(base, "two/a.ts"));
		expect(entryModule(main, reader)).toMatchObject({ open: expect.stringContaining("./a") });
	});

	it("does not leave the root, by dots or by link", () => {
		put("outside/secret.ts", "export class Secret {}");
		const main = put("three/index.ts", 'export * from "../outside/secret"; export { Secret } from "./link/secret";');
		symlinkSync(join(base, "outside"), join(base, "three/link"));
		const entry = entryModule(main, diskReader(join(base, "three")));
		expect(entry).toMatchObject({ open: expect.any(String), files: [main] });
		expect(kinds(entry)).toBe("Secret:unknown");
		expect(entryModule(join(base, "outside/secret.ts"), diskReader(join(base, "three"))).status).toBe("skipped");
	});

	it("works below a root that is itself a link", () => {
		put("four/index.ts", "export class A {}");
		symlinkSync(join(base, "four"), join(base, "alias"));
		expect(kinds(entryModule(join(base, "alias/index.ts"), diskReader(join(base, "alias"))))).toBe("A");
		expect(kinds(entryModule(join(base, "four/index.ts"), diskReader(join(base, "alias"))))).toBe("A");
	});

	it("keeps to files of a size that people write", () => {
		const main = put("five/index.ts", `export class A {}\n//${"x".repeat(1_000_001)}`);
		expect(entryModule(main, diskReader(base))).toMatchObject({ open: expect.stringContaining("can not be read") });
	});

	it("never throws on odd paths", () => {
		const reader = diskReader(base);
		for (const path of ["/", "", "\0.ts", join(base, "a\0b.ts"), `${join(base, "x".repeat(5000))}.ts`]) {
			expect(["missing", "skipped"]).toContain(entryModule(path, reader).status);
		}
	});
});
