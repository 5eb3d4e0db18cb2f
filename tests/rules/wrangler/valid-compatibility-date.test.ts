import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-compatibility-date.ts";
import { testRule, verdictsOf } from "./cases.ts";

const objects = '\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n';

testRule(rule, {
	valid: [
		{ name: "a date of today", code: `compatibility_date = "2026-11-01"${objects}` },
		{ name: "an old date with the flag", code: `compatibility_date = "2023-01-01"\ncompatibility_flags = ["rpc"]${objects}` },
		{ name: "no objects", code: "{}" },
		{ name: "a placeholder", code: '{ "compatibility_date": "<today>", "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }' },
	],
	invalid: [
		{ name: "none: reported at the first character", code: '{ "migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }] }', errors: [{ messageId: "compatDateMissing", data: { where: "the configuration" }, line: 1, column: 1 }] },
		{ name: "before RPC", code: `compatibility_date = "2024-04-02"${objects}`, errors: [{ messageId: "compatDateRpc", data: { date: "2024-04-02", since: "2024-04-03" }, line: 1, column: 22 }] },
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
	it("has nothing to judge without objects", () => {
		expect(verdictsOf(rule, "{}")).toEqual(["not-applicable: The configuration has no Durable Objects."]);
	});
});
