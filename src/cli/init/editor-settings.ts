/** The ESLint extension of VS Code looks into TOML files only when it is told to. */
import { applyEdits, findNodeAtLocation, getNodeValue, modify, type ParseError, parseTree } from "jsonc-parser";
import { type Edit, newlineOf } from "./edit.ts";

const KEY = "eslint.validate";
/** Naming any language switches the extension's own list off, so all must be named. */
const LANGUAGES = ["javascript", "javascriptreact", "typescript", "typescriptreact", "json", "jsonc", "toml"];

/** @param text - of `.vscode/settings.json`; null when there is none */
export function withToml(text: string | null): Edit {
	if (text === null || text.trim() === "") return { kind: "changed", text: `${JSON.stringify({ [KEY]: LANGUAGES }, null, "\t")}\n` };
	const errors: ParseError[] = [];
	const root = parseTree(text, errors, { allowTrailingComma: true });
	if (!root || root.type !== "object" || errors.length > 0) return { kind: "unclear" };
	const node = findNodeAtLocation(root, [KEY]);
	const present: unknown = node ? getNodeValue(node) : [];
	if (!Array.isArray(present)) return { kind: "unclear" };
	if (present.includes("toml")) return { kind: "present" };
	const languages = [...(present as unknown[]), ...LANGUAGES.filter((language) => !present.includes(language))];
	const insertSpaces = !text.includes("\n\t");
	const tabSize = /\n( +)"/u.exec(text)?.[1]?.length ?? 4;
	return { kind: "changed", text: applyEdits(text, modify(text, [KEY], languages, { formattingOptions: { insertSpaces, tabSize, eol: newlineOf(text) } })) };
}
