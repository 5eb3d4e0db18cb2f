import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-config.ts";
import { messagesOf, testRule, verdictsOf } from "./cases.ts";

testRule(rule, {
	valid: [
		{ name: "keys that differ", code: '{ "a": { "x": 1 }, "b": { "x": 1 } }' },
		{ name: "TOML", code: 'name = "w"\n' },
	],
	invalid: [{ name: "a key twice: reported where it counts", code: '{\n"vars": {},\n"main": "a.ts",\n"vars": { "A": 1 }\n}', errors: [{ messageId: "configDuplicateKey", data: { key: "vars", line: "2" }, line: 4, column: 1, endColumn: 7 }] }],
});

describe("on disk", () => {
	let root: string;
	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), "do-config-"));
	});
	afterEach(() => rmSync(root, { recursive: true }));
	const write = (path: string, text = "{}") => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	};
	const verdicts = (path: string) => verdictsOf(rule, path.endsWith("toml") ? 'name = "w"' : "{}", { file: join(root, path), cwd: root }).map((verdict) => verdict.split(":")[0]);

	it("a file is read, or the one that Wrangler takes first", () => {
		write("wrangler.toml", "");
		expect(verdicts("wrangler.toml")).toEqual(["guarded"]);
		write("wrangler.jsonc");
		expect(verdicts("wrangler.toml")).toEqual(["violated configShadowed"]);
		expect(verdicts("wrangler.jsonc")).toEqual(["guarded"]);
		write("wrangler.json");
		expect(verdicts("wrangler.jsonc")).toEqual(["violated configShadowed"]);
		expect(verdicts("wrangler.json")).toEqual(["guarded"]);
	});

	it("a wrangler.json further up goes before a wrangler.toml beside", () => {
		write("wrangler.json");
		write("apps/a/wrangler.toml", "");
		write("apps/b/wrangler.json");
		expect(verdicts("apps/a/wrangler.toml")).toEqual(["violated configShadowed"]);
		expect(verdicts("apps/b/wrangler.json")).toEqual(["guarded"]);
	});

	it("the message says in which folder that one is", () => {
		write("wrangler.json");
		write("apps/a/wrangler.jsonc");
		expect(messagesOf(rule, "{}", { file: join(root, "apps/a/wrangler.jsonc"), cwd: root })).toEqual([expect.stringContaining("it takes ../../wrangler.json first")]);
		write("apps/a/wrangler.json");
		expect(messagesOf(rule, "{}", { file: join(root, "apps/a/wrangler.jsonc"), cwd: root })).toEqual([expect.stringContaining("it takes wrangler.json first")]);
	});

	it.each<[string, string, string, string]>([
		["beside it", "apps/a/package.json", "wrangler deploy --config wrangler.toml", "guarded"],
		["beside it, with other flags", "apps/a/package.json", "pnpm build && wrangler deploy --minify -c=./wrangler.toml --env production", "guarded"],
		["further up, by its path", "package.json", "wrangler deploy --config 'apps/a/wrangler.toml'", "guarded"],
		["further up, another file", "package.json", "wrangler deploy --config wrangler.toml", "violated configShadowed"],
		["without naming a file", "apps/a/package.json", "wrangler deploy", "violated configShadowed"],
		["in a package.json that is none", "apps/a/package.json", '" } wrangler deploy --config wrangler.toml', "violated configShadowed"],
	])("a file further down that scripts name: %s", (_, path, script, verdict) => {
		write("wrangler.jsonc");
		write("apps/a/wrangler.toml", "");
		write(path, `{ "scripts": { "deploy": "${script}" } }`);
		expect(verdicts("apps/a/wrangler.toml")).toEqual([verdict]);
	});

	it("nothing beyond the repository counts", () => {
		write("wrangler.json");
		write("repo/.git/HEAD", "");
		write("repo/wrangler.toml", "");
		expect(verdicts("repo/wrangler.toml")).toEqual(["guarded"]);
	});

	it("a file that is named with --config is shadowed by none", () => {
		write("wrangler.json");
		write("wrangler.dev.toml", "");
		expect(verdicts("wrangler.dev.toml")).toEqual(["guarded"]);
	});

	it.each<[string, string | null, string, string]>([
		["leads to a generated file", '{ "configPath": "../../dist/wrangler.json" }', "{}", "guarded"],
		["leads nowhere", '{ "configPath": "../../dist/gone.json" }', "{}", "violated configRedirect"],
		["has no path", "{}", "{}", "violated configRedirect"],
		["is no JSON", "{", "{}", "violated configRedirect"],
		["leads to a file with environments", '{ "configPath": "../../dist/wrangler.json" }', '{ "env": { "dev": {} } }', "violated configRedirect"],
	])("a redirect that %s", (_, redirect, target, verdict) => {
		write("wrangler.jsonc");
		write("dist/wrangler.json", target);
		if (redirect !== null) write(".wrangler/deploy/config.json", redirect);
		expect(verdicts("wrangler.jsonc")).toEqual([verdict]);
	});

	it("a redirect in another folder", () => {
		write("apps/a/wrangler.jsonc");
		write("dist/wrangler.json");
		write(".wrangler/deploy/config.json", '{ "configPath": "../../dist/wrangler.json" }');
		expect(verdicts("apps/a/wrangler.jsonc")).toEqual(["violated configRedirect"]);
	});
});
