import { ESLint, type Linter } from "eslint";
import { describe, expect, test } from "vitest";
import plugin from "../../src/index.ts";

async function lint(text: string, filePath: string, preset: Linter.Config[]) {
	const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: [{ plugins: { "durable-objects": plugin } }, ...preset] });
	const [result] = await eslint.lintText(text, { filePath });
	return result?.messages.map(({ ruleId, message }) => ruleId ?? message);
}

const timer = (base: string) => `import { DurableObject } from "cloudflare:workers";\nexport class Room extends ${base} {\n\tfetch() {\n\t\tsetInterval(() => this.ctx.storage.put("n", 1), 1000);\n\t}\n}\n`;

describe("recommended", () => {
	test.each(["a.ts", "a.mts", "a.cts", "a.tsx", "a.js", "a.mjs", "a.jsx"])("lints %s", async (file) => {
		expect(await lint(timer("DurableObject"), file, plugin.configs.recommended)).toContain("durable-objects/no-timer-scheduling");
	});

	test.each(["a.tsx", "a.jsx", "a.js", "a.mjs", "a.cjs"])("reads the JSX of %s: without us it would not be linted", async (file) => {
		expect(await lint("const page = <p>{1}</p>;\n", file, plugin.configs.recommended)).toEqual([]);
	});

	test("reads types", async () => {
		expect(await lint(timer("DurableObject<{ n: number }>"), "a.ts", plugin.configs.recommended)).toContain("durable-objects/no-timer-scheduling");
	});
});

test("recommended-rules-only chooses no language for anything", () => {
	for (const block of plugin.configs["recommended-rules-only"]) expect(block).not.toHaveProperty("languageOptions");
	for (const block of plugin.configs["recommended-rules-only"]) expect(block).not.toHaveProperty("language");
});
