import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-compatibility-date.ts";
import { testRule, verdictsOf } from "./cases.ts";

const objects = '\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n';

testRule(rule, {
	valid: [
		{ name: "a date of today", code: `compatibility_date = "2026-11-01"${objects}` },
		{ name: "an old date with the flag", code: `compatibility_date = "2023-01-01"\ncompatibility_flags = ["rpc"]${objects}` },
		{ name: "no objects", code: "{}" },
		{ name: "an old date, and an entry module that a build makes", code: `main = "dist/worker.mjs"\ncompatibility_date = "2022-11-30"${objects}\n[build]\ncommand = "npm run bundle"\n` },
		{ name: "a placeholder", code: '{ "compatibility_date": "<today>", "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }' },
	],
	invalid: [
		{ name: "none: reported at the first character", code: '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }', errors: [{ messageId: "compatDateMissing", data: {}, line: 1, column: 1 }] },
		{ name: "before RPC", code: `compatibility_date = "2024-04-02"${objects}`, errors: [{ messageId: "compatDateRpc", data: { date: "2024-04-02", since: "2024-04-03" }, line: 1, column: 22 }] },
		{ name: "before RPC, and an entry module that is not there", code: `main = "src/none.ts"\ncompatibility_date = "2024-04-02"${objects}`, errors: [{ messageId: "compatDateRpc", line: 2 }] },
		{ name: "a TOML date", code: `compatibility_date = 2026-01-01${objects}`, errors: [{ messageId: "compatDateInvalid", line: 1, column: 22 }] },
		{ name: "an environment with a date that is none", code: `compatibility_date = "2026-01-01"${objects}\n[env.dev]\ncompatibility_date = "2026-1-1"\n`, errors: [{ messageId: "compatDateInvalid", line: 7 }] },
	],
});

describe("verdicts", () => {
	it("quotes the date, or the flag", () => {
		expect(verdictsOf(rule, `compatibility_date = "2026-11-01"${objects}`)).toEqual(['guarded: compatibility_date']);
		expect(verdictsOf(rule, `compatibility_date = "2023-01-01"\ncompatibility_flags = ["rpc"]${objects}`)).toEqual(["guarded: compatibility_date compatibility_flags"]);
	});
	it("does not vouch for a placeholder", () => {
		expect(verdictsOf(rule, `compatibility_date = "<DATE>"${objects}`)).toEqual(["unknown: compatibility_date"]);
	});
	it("does not vouch for classes that a build makes", () => {
		expect(verdictsOf(rule, `main = "dist/worker.mjs"\ncompatibility_date = "2022-11-30"${objects}\n[build]\ncommand = "npm run bundle"\n`)).toEqual(["unknown: compatibility_date"]);
	});
	it("has nothing to judge without objects", () => {
		expect(verdictsOf(rule, "{}")).toEqual(["not-applicable: The configuration has no Durable Objects."]);
	});
});

describe("an old date, and the code", () => {
	const root = mkdtempSync(join(tmpdir(), "do-date-"));
	afterAll(() => rmSync(root, { recursive: true }));
	let turn = 0;
	const verdict = (code: string) => {
		writeFileSync(join(root, "index.ts"), code);
		turn += 1;
		utimesSync(join(root, "index.ts"), new Date(), new Date(Date.now() + turn * 5_000));
		const text = `main = "index.ts"\ncompatibility_date = "2023-01-01"${objects}`;
		return verdictsOf(rule, text, { file: join(root, "wrangler.toml"), cwd: root }).map((line) => line.split(":")[0]);
	};
	it.each([
		["a class that RPC can call", 'import { DurableObject } from "cloudflare:workers";\nexport class A extends DurableObject { increment() {} }\nexport default {};', ["violated compatDateRpc"]],
		["a class behind an alias", "class B extends Base { async increment() {} }\nexport { B as A };\nexport default {};", ["violated compatDateRpc"]],
		["a class that extends nothing", "export class A { fetch() {} helper() {} }\nexport default {};", ["not-applicable"]],
		["a class with handlers only", "export class A extends DurableObject { async fetch() {} alarm() {} #own() {} private helper() {} static make() {} }\nexport default {};", ["not-applicable"]],
	])("%s", (_, code, expected) => {
		expect(verdict(code)).toEqual(expected);
	});
});
