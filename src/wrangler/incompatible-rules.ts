/**
 * Rules of other plugins that fail on a Wrangler file, whatever the language offers them: they insist on the AST of
 * `@eslint/json` (ESLint 10 refuses such a configuration, ESLint 9 crashes), or on JavaScript's code paths. Switching
 * off a rule of a plugin that is not installed is allowed.
 */
export const incompatibleRules: Readonly<Record<string, "off">> = {
	"json/no-duplicate-keys": "off",
	"json/no-empty-keys": "off",
	"json/no-unnormalized-keys": "off",
	"json/no-unsafe-values": "off",
	"json/sort-keys": "off",
	"json/top-level-interop": "off",
	"react-hooks/rules-of-hooks": "off",
};
