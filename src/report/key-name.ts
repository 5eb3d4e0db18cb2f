import type { KeyUse } from "../model/storage.ts";

/** What a key is called where it is shown; what the source writes stands in backticks. */
export function keyName({ text, isPrefix }: KeyUse): string {
	if (text === null) return "keys that are made at run time";
	const shown = text.map((part) => (typeof part === "string" ? part : `\${${part.text}}`)).join("");
	if (isPrefix) return shown === "" ? "all keys" : `keys \`${shown}…\``;
	return `key \`${shown}\``;
}
