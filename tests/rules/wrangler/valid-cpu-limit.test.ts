import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/valid-cpu-limit.ts";
import { testRule, verdictsOf } from "./cases.ts";

const objects = '"migrations": [{ "tag": "v1", "new_sqlite_classes": ["A"] }]';

testRule(rule, {
	valid: [
		{ name: "in range", code: `{ ${objects}, "limits": { "cpu_ms": 300000 } }` },
		{ name: "not set", code: `{ ${objects}, "limits": {} }` },
		{ name: "no objects", code: "[limits]\ncpu_ms = 900000\n" },
	],
	invalid: [
		{ name: "too much", code: `{ ${objects},\n"limits": { "cpu_ms": 300001 } }`, errors: [{ messageId: "limitsCpuMs", data: { value: "300001", max: "300000" }, line: 2, column: 23 }] },
		{ name: "negative, in an environment", code: '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n[env.dev.limits]\ncpu_ms = -1\n', errors: [{ messageId: "limitsCpuMs", line: 5 }] },
		{ name: "a string", code: `{ ${objects}, "limits": { "cpu_ms": "50" } }`, errors: [{ messageId: "limitsCpuMs", data: { value: '"50"', max: "300000" }, line: 1 }] },
	],
});

describe("verdicts", () => {
	it("quotes the limit", () => {
		expect(verdictsOf(rule, `{ ${objects}, "limits": { "cpu_ms": 1000 } }`)).toEqual(["guarded: 1000"]);
	});
	it.each([
		["{}", "The configuration has no Durable Objects."],
		[`{ ${objects} }`, "limits.cpu_ms is not set: each event may use 30 seconds of CPU time."],
	])("has nothing to judge in %s", (text, why) => {
		expect(verdictsOf(rule, text)).toEqual([`not-applicable: ${why}`]);
	});
	it("does not vouch for a placeholder", () => {
		expect(verdictsOf(rule, `{ ${objects}, "limits": { "cpu_ms": "\${CPU}" } }`)).toEqual(['unknown: "${CPU}"']);
	});
});
