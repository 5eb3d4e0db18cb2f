import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Project, projectFor } from "../../src/project/project.ts";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "do-project-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string | object): void {
	mkdirSync(dirname(join(root, path)), { recursive: true });
	writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
}
const project = (filename = "src/object.ts", settings?: unknown, cwd = root): Project =>
	projectFor({ filename: join(root, filename), settings: settings === undefined ? {} : { "durable-objects": settings }, cwd });
const pathIn = ({ configPath }: Project) => configPath?.slice(root.length + 1).replaceAll("\\", "/") ?? null;

describe("the configuration of a file", () => {
	it("is the nearest one upwards", () => {
		write("wrangler.toml", "");
		write("apps/a/wrangler.jsonc", {});
		expect(pathIn(project("apps/a/src/deep/object.ts"))).toBe("apps/a/wrangler.jsonc");
		expect(pathIn(project("apps/b/object.ts"))).toBe("wrangler.toml");
	});

	it("is, in one folder, the one that Wrangler takes", () => {
		write("wrangler.toml", "");
		expect(pathIn(project())).toBe("wrangler.toml");
		write("wrangler.jsonc", {});
		expect(pathIn(project())).toBe("wrangler.jsonc");
		write("wrangler.json", {});
		expect(pathIn(project())).toBe("wrangler.json");
	});

	it("is not looked for above the working directory", () => {
		write("wrangler.toml", "");
		expect(pathIn(project("apps/a/object.ts", undefined, join(root, "apps")))).toBeNull();
	});

	it("is not looked for past a repository", () => {
		write("wrangler.toml", "");
		write("repo/.git/HEAD", "");
		write("repo/src/object.ts", "");
		expect(pathIn(project("repo/src/object.ts"))).toBeNull();
		write("repo/wrangler.toml", "");
		expect(pathIn(project("repo/src/object.ts"))).toBe("repo/wrangler.toml");
	});

	it("of a file outside of the working directory lies beside it at most", () => {
		write("wrangler.toml", "");
		write("other/wrangler.toml", "");
		expect(pathIn(project("other/object.ts", undefined, join(root, "cwd")))).toBe("other/wrangler.toml");
		expect(pathIn(project("other/src/object.ts", undefined, join(root, "cwd")))).toBeNull();
	});

	it("is the one that the settings name, or none", () => {
		write("wrangler.toml", "");
		write("config/wrangler.dev.jsonc", {});
		expect(pathIn(project("src/object.ts", { wrangler: "config/wrangler.dev.jsonc" }))).toBe("config/wrangler.dev.jsonc");
		expect(pathIn(project("src/object.ts", { wrangler: "config/gone.jsonc" }))).toBeNull();
	});

	it("may be broken: then it says nothing", () => {
		write("wrangler.jsonc", "{");
		const { config, compatibilityDate, classNames } = project();
		expect([config, compatibilityDate, [...classNames]]).toEqual([null, null, []]);
		expect(project().storageOf("A").value).toBe("unknown");
	});
});

describe("what it says", () => {
	it("is read again when it has changed", () => {
		write("wrangler.jsonc", { compatibility_date: "2025-01-01" });
		expect(project().compatibilityDate?.value).toBe("2025-01-01");
		write("wrangler.jsonc", { compatibility_date: "2026-01-01" });
		utimesSync(join(root, "wrangler.jsonc"), new Date(), new Date(Date.now() + 5_000));
		expect(project().compatibilityDate?.value).toBe("2026-01-01");
		rmSync(join(root, "wrangler.jsonc"));
		expect(project().compatibilityDate).toBeNull();
	});

	it("comes with its source; the settings go first", () => {
		write("apps/a/wrangler.toml", 'compatibility_date = "2025-01-01"\n');
		expect(project("apps/a/src/object.ts").compatibilityDate).toEqual({ value: "2025-01-01", from: "apps/a/wrangler.toml" });
		expect(project("apps/a/src/object.ts", { compatibilityDate: "2026-02-02" }).compatibilityDate).toEqual({ value: "2026-02-02", from: 'settings["durable-objects"]' });
	});

	it.each([null, 5, "x", [], { compatibilityDate: 5, wrangler: 5, durableObjectClasses: "A" }, { compatibilityDate: "soon", durableObjectClasses: [1] }])("is not disturbed by settings of the wrong type (%j)", (settings) => {
		write("wrangler.jsonc", { compatibility_date: "2025-01-01" });
		const { compatibilityDate, classNames } = project("src/object.ts", settings);
		expect(compatibilityDate?.value).toBe("2025-01-01");
		expect([...classNames]).toEqual([]);
	});

	it("is the earliest date of all environments, if it is a date", () => {
		write("wrangler.jsonc", { compatibility_date: "2025-06-01", env: { old: { compatibility_date: "2024-01-01" }, odd: { compatibility_date: "<date>" } } });
		expect(project().compatibilityDate?.value).toBe("2024-01-01");
		write("b/wrangler.jsonc", { compatibility_date: "<date>" });
		expect(project("b/object.ts").compatibilityDate).toBeNull();
	});

	it("is the flags that every environment has", () => {
		write("wrangler.jsonc", { compatibility_flags: ["a", "b"], env: { x: {}, y: { compatibility_flags: ["b", "c"] } } });
		expect(project().compatibilityFlags).toEqual(["b"]);
	});

	it("names the classes of this Worker, and those of the settings", () => {
		write("wrangler.jsonc", {
			durable_objects: { bindings: [{ name: "A", class_name: "Bound" }, { name: "X", class_name: "Foreign", script_name: "other" }] },
			migrations: [{ tag: "v1", new_classes: ["Old", "Dead"] }, { tag: "v2", renamed_classes: [{ from: "Old", to: "Renamed" }], deleted_classes: ["Dead"] }],
			env: { dev: { exports: { Exported: { type: "durable-object", storage: "sqlite" } }, migrations: [] } },
		});
		expect([...project("src/object.ts", { durableObjectClasses: ["Base"] }).classNames].sort()).toEqual(["Base", "Bound", "Exported", "Renamed"]);
	});

	it("knows where a class keeps its data, after renames", () => {
		write("wrangler.jsonc", {
			migrations: [
				{ tag: "v1", new_classes: ["Old"], new_sqlite_classes: ["New"] },
				{ tag: "v2", renamed_classes: [{ from: "Old", to: "Kept" }], transferred_classes: [{ from: "X", from_script: "other", to: "Came" }] },
			],
		});
		const at = (name: string) => project().storageOf(name);
		expect(at("New")).toEqual({ value: "sqlite", from: "wrangler.jsonc" });
		expect(at("Kept")).toEqual({ value: "kv", from: "wrangler.jsonc" });
		expect([at("Old").value, at("Came").value, at("Nobody").value]).toEqual(["unknown", "unknown", "unknown"]);
	});

	it("does not know it when environments differ, or when the lines about it are faulty", () => {
		write("wrangler.jsonc", { migrations: [{ tag: "v1", new_classes: ["A"] }], env: { dev: { migrations: [{ tag: "v1", new_sqlite_classes: ["A"] }] } } });
		expect(project().storageOf("A").value).toBe("unknown");
		write("b/wrangler.jsonc", { migrations: [{ tag: "v1", new_classes: ["A"], new_sqlite_classes: ["A"] }] });
		expect(project("b/object.ts").storageOf("A").value).toBe("unknown");
	});

	it("is nothing without a configuration", () => {
		const { config, configPath, compatibilityDate, compatibilityFlags, classNames } = project();
		expect([config, configPath, compatibilityDate, compatibilityFlags, classNames.size]).toEqual([null, null, null, [], 0]);
		expect(project().storageOf("A").value).toBe("unknown");
	});
});
