import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import eslintPlugin from "eslint-plugin-eslint-plugin";
import tseslint from "typescript-eslint";

/** The floors of the house, lowest first: a file imports only from its own floor and those below. */
const floors = [["syntax", "facts"], ["flow", "wrangler"], ["model", "project"], ["rules"], ["config", "report"], ["cli"]];

const boundaries = floors.flatMap((folders, floor) =>
	folders.map((folder) => ({
		name: `floors/${folder}`,
		files: [`src/${folder}/**`],
		rules: {
			"no-restricted-imports": [
				"error",
				{
					patterns: floors.slice(floor + 1).map((above) => ({
						regex: `^(?:\\.\\./)+(?:${above.join("|")})/`,
						message: `src/${folder} is on floor ${floor}; ${above.join(" and ")} are above it.`,
					})),
				},
			],
		},
	})),
);

export default defineConfig([
	globalIgnores(["dist/", "examples/", "coverage/", "tests/**/fixtures/"]),
	js.configs.recommended,
	{
		files: ["**/*.ts"],
		extends: [tseslint.configs.strictTypeChecked],
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
		rules: {
			"@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
			"@typescript-eslint/no-invalid-void-type": "off",
			// A matter of style, in which `return visitor.member(node)` is as plain as two lines.
			"@typescript-eslint/no-confusing-void-expression": "off",
			// Indexed access is checked (noUncheckedIndexedAccess), so what looks unnecessary to this rule is not.
			"@typescript-eslint/no-unnecessary-condition": "off",
			// AST node types are an enum whose members are the strings that ESTree specifies; we write the strings.
			"@typescript-eslint/no-unsafe-enum-comparison": "off",
		},
	},
	{ files: ["tests/**/*.ts"], extends: [eslintPlugin.configs.recommended] },
	{ files: ["tests/**/*.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/no-unsafe-assignment": "off" } },
	{
		files: ["**/*.{js,mjs}"],
		languageOptions: { globals: Object.fromEntries(["console", "fetch", "performance", "process", "Request", "Response", "URL", "scheduler", "WebSocketPair"].map((name) => [name, "readonly"])) },
	},
	...boundaries,
]);
