import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { withToml } from "../../src/cli/init/editor-settings.ts";
import { withPlugin } from "../../src/cli/init/eslint-config.ts";
import { lineDiff } from "../../src/cli/init/line-diff.ts";
import { buildInto, brokenClass, config, filesOf, project, run } from "./built.ts";

describe("an ESLint configuration", () => {
	const changed = (text: string): string => {
		const edit = withPlugin(text);
		if (edit.kind !== "changed") throw new Error(edit.kind);
		return edit.text;
	};

	it("that exports an array gets the preset as its last element", () => {
		expect(changed('import js from "@eslint/js";\n\nexport default [\n\tjs.configs.recommended,\n];\n')).toBe(
			'import js from "@eslint/js";\nimport durableObjects from "eslint-plugin-durable-objects";\n\nexport default [\n\tjs.configs.recommended,\n\t...durableObjects.configs.recommended,\n];\n',
		);
	});

	it.each([
		["export default [];", "export default [...durableObjects.configs.recommended];"],
		["export default [a];", "export default [a, ...durableObjects.configs.recommended];"],
		["export default defineConfig([a, b]);", "export default defineConfig([a, b, ...durableObjects.configs.recommended]);"],
		["export default defineConfig(a, b);", "export default defineConfig(a, b, ...durableObjects.configs.recommended);"],
		["export default tseslint.config(a);", "export default tseslint.config(a, ...durableObjects.configs.recommended);"],
		["export default [a] satisfies Linter.Config[];", "export default [a, ...durableObjects.configs.recommended] satisfies Linter.Config[];"],
		["const list = [a];\nexport default list;", "const list = [a, ...durableObjects.configs.recommended];\nexport default list;"],
	])("%s", (text, expected) => {
		expect(changed(text)).toBe(`import durableObjects from "eslint-plugin-durable-objects";\n\n${expected}`);
	});

	it("in CommonJS loads the plugin with require", () => {
		expect(changed('const js = require("@eslint/js");\nmodule.exports = [js];\n')).toBe(
			'const js = require("@eslint/js");\nconst durableObjects = require("eslint-plugin-durable-objects").default;\nmodule.exports = [js, ...durableObjects.configs.recommended];\n',
		);
	});

	it.each(["export default make();", "export default antfu({ typescript: true });", "export default {", "", "module.exports = { ...x };"])("of another shape is left to a person: %j", (text) => {
		expect(withPlugin(text)).toEqual({ kind: "unclear" });
	});

	it("that has the plugin is left alone", () => {
		expect(withPlugin('import x from "eslint-plugin-durable-objects"; export default [x];')).toEqual({ kind: "present" });
	});
});

describe("the editor's settings", () => {
	it("name all languages, because naming one switches the others off", () => {
		expect(withToml(null)).toEqual({ kind: "changed", text: expect.stringMatching(/"eslint\.validate": \[\n\t\t"javascript"[\s\S]*"toml"\n/u) as string });
	});

	it("keep comments, order and indentation", () => {
		const edit = withToml('{\n  // mine\n  "editor.tabSize": 2,\n  "eslint.validate": ["vue"], // and this\n}\n');
		expect(edit.kind === "changed" && edit.text).toMatch(/^\{\n {2}\/\/ mine\n {2}"editor\.tabSize": 2,\n {2}"eslint\.validate": \[\n {4}"vue",\n {4}"javascript",[\s\S]*"toml"\n {2}\], \/\/ and this\n\}\n$/u);
	});

	it("are left alone when they name TOML, or are no settings", () => {
		expect(withToml('{ "eslint.validate": ["toml"] }')).toEqual({ kind: "present" });
		for (const text of ["[", "[]", '{ "eslint.validate": "toml" }']) expect(withToml(text)).toEqual({ kind: "unclear" });
	});
});

describe("with the line endings of Windows", () => {
	it("both stay in them", () => {
		const windows = (text: string) => text.replaceAll("\n", "\r\n");
		for (const text of ['import js from "@eslint/js";\n\nexport default [\n\tjs.configs.recommended,\n];\n', "export default [];\n"]) {
			const [unix, changed] = [withPlugin(text), withPlugin(windows(text))];
			expect(changed).toEqual(unix.kind === "changed" && { kind: "changed", text: windows(unix.text) });
		}
		const settings = '{\n  "eslint.validate": [\n    "vue"\n  ]\n}\n';
		const [unix, changed] = [withToml(settings), withToml(windows(settings))];
		expect(changed).toEqual(unix.kind === "changed" && { kind: "changed", text: windows(unix.text) });
		expect(lineDiff(windows("1\n2\n"), windows("1\nnew\n2\n"))).toBe("  1\n+ new\n  2");
	});
});

describe("lineDiff", () => {
	it("marks changes and leaves out what is far from them", () => {
		expect(lineDiff("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nnew\n6\n")).toBe("  …\n  3\n  4\n- 5\n+ new\n  6");
		expect(lineDiff(null, "a\nb\n")).toBe("+ a\n+ b");
		expect(lineDiff("a\n", "0\na\n")).toBe("+ 0\n  a");
	});
});

describe("do-lint init", () => {
	let dist: string;
	beforeAll(async () => {
		dist = await buildInto("do-lint-init");
	});
	const init = (cwd: string, ...args: readonly string[]) => run(process.execPath, [join(dist, "bin.js"), "init", ...args], cwd);

	it("shows first and writes nothing", async () => {
		const folder = await project({ "wrangler.toml": "", "package-lock.json": "{}" });
		const { code, stdout } = await init(folder);
		expect(code).toBe(0);
		for (const name of ["New file eslint.config.mjs", "New file .vscode/settings.json", "New file .github/workflows/durable-objects.yml", "+       - run: npm ci", "Nothing is written yet"]) expect(stdout).toContain(name);
		expect(await filesOf(folder)).toEqual(["package-lock.json", "wrangler.toml"]);
	});

	it("writes with --write, and has nothing to do the second time", async () => {
		const folder = await project({ "wrangler.toml": "", "pnpm-lock.yaml": "" });
		const first = await init(folder, "--write");
		expect(first.code).toBe(0);
		expect(first.stdout).toMatch(/\nWritten\. Now install what it needs: pnpm add --save-dev eslint eslint-plugin-durable-objects\n$/u);
		const written = [".github/workflows/durable-objects.yml", ".vscode/settings.json", "eslint.config.mjs"];
		expect(await filesOf(folder)).toEqual([...written, "pnpm-lock.yaml", "wrangler.toml"].sort());
		const texts = () => Promise.all(written.map((path) => readFile(join(folder, path), "utf8")));
		const before = await texts();
		expect(before[0]).toContain("pnpm exec do-lint --format github");
		const again = await init(folder, "--write");
		expect(again.stdout).toMatch(/eslint\.config\.mjs uses eslint-plugin-durable-objects already/u);
		expect(again.stdout).not.toContain("Written");
		expect(await texts()).toEqual(before);
	});

	it("asks to install nothing that is there", async () => {
		const folder = await project({ "wrangler.jsonc": "{}", "package.json": '{ "devDependencies": { "eslint": "10", "eslint-plugin-durable-objects": "1" } }' });
		expect((await init(folder, "--write")).stdout).toMatch(/\nWritten\. Try it: npx eslint \.\n$/u);
	});

	it("never overwrites a workflow of that name", async () => {
		const folder = await project({ ".github/workflows/durable-objects.yml": "mine" });
		const { stdout } = await init(folder, "--write");
		expect(stdout).toContain("is there already; it is left as it is");
		expect(await readFile(join(folder, ".github/workflows/durable-objects.yml"), "utf8")).toBe("mine");
	});

	it("makes a configuration with which ESLint finds what do-lint finds", async () => {
		const folder = await project({ "wrangler.jsonc": config("room", "Room"), "src/index.ts": brokenClass("Room") });
		await init(folder, "--write");
		await mkdir(join(folder, "node_modules/eslint-plugin-durable-objects"), { recursive: true });
		await writeFile(join(folder, "node_modules/eslint-plugin-durable-objects/package.json"), JSON.stringify({ name: "eslint-plugin-durable-objects", type: "module", exports: "./index.js" }));
		await writeFile(join(folder, "node_modules/eslint-plugin-durable-objects/index.js"), `export { default } from ${JSON.stringify(join(dist, "index.js"))};`);
		await mkdir(join(folder, "node_modules/eslint"), { recursive: true });
		await writeFile(join(folder, "node_modules/eslint/package.json"), JSON.stringify({ name: "eslint", type: "module", exports: { "./config": "./config.js" } }));
		await writeFile(join(folder, "node_modules/eslint/config.js"), `export * from ${JSON.stringify(join(import.meta.dirname, "../../node_modules/eslint/lib/config-api.js"))};`);
		const { code, stdout, stderr } = await run(process.execPath, [join(dist, "bin.js"), "--config", "--no-report"], folder);
		expect(stderr).toBe("");
		expect(stdout).toContain("durable-objects/no-timer-scheduling");
		expect(code).toBe(1);
	});
});
