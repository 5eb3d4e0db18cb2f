import { describe, expect, test } from "vitest";
import { exampleOf, readPage } from "./fences.ts";

const PAGE = `# durable-objects/some-rule

## Examples

\`\`\`ts incorrect id=crash also=other-rule,third-rule date=2025-01-01 storage=kv
export class A {}
// ## not a heading
\`\`\`

\`\`\`jsonc correct
{}
\`\`\`

\`\`\`jsonc base
{ "name": "before" }
\`\`\`

\`\`\`sh
npm test
\`\`\`

## Further reading
`;

describe("a docs page", () => {
	const page = readPage("some-rule", "some-rule.md", PAGE);

	test("has sections, not counting what stands in a code block", () => {
		expect(page.sections).toEqual(["Examples", "Further reading"]);
	});

	test("has examples with what their info strings say", () => {
		expect(page.examples).toEqual([
			{
				verdict: "incorrect",
				language: "ts",
				code: "export class A {}\n// ## not a heading\n",
				line: 5,
				id: "crash",
				also: ["other-rule", "third-rule"],
				date: "2025-01-01",
				storage: "kv",
			},
			{ verdict: "correct", language: "jsonc", code: "{}\n", line: 10, id: null, also: [], date: null, storage: null },
		]);
	});

	test("has the version that examples are compared with", () => {
		expect(page.base).toBe('{ "name": "before" }\n');
		expect(readPage("none", "none.md", "# none").base).toBeNull();
	});

	test("gives the example that is asked for", () => {
		expect(exampleOf(page, "incorrect", "crash")?.line).toBe(5);
		expect(exampleOf(page, "incorrect")?.line).toBe(5);
		expect(exampleOf(page, "correct", "crash")).toBeNull();
	});

	test.each([
		["ts id=a incorrect", 'x.md:1: the verdict must follow the language: "ts incorrect", not "ts id=a incorrect"'],
		["py correct", 'x.md:1: examples are in ts, js, jsonc, toml, not in "py"'],
		["ts correct when=now", 'x.md:1: "when=now" is none of id=, also=, date=, storage='],
		["ts correct storage=disk", 'x.md:1: storage is sqlite or kv, not "disk"'],
	])("must be understood: %s", (info, message) => {
		expect(() => readPage("x", "x.md", `\`\`\`${info}\n\`\`\`\n`)).toThrow(message);
	});

	test("must close its fences", () => {
		expect(() => readPage("x", "x.md", "```ts correct\n")).toThrow("x.md:1: the fence is not closed");
	});
});
