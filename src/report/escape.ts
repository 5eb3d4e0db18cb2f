/** Text from source code is never trusted: it must stay text in Markdown, in Mermaid and in links. */

/** One line, without control characters (a file may be named with a newline, a field with an escape sequence). */
export function oneLine(text: string): string {
	// U+2028/9 and the bidirectional marks can make a line look like another one.
	return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "").trim();
}

/** Plain text for a paragraph, a heading or a table cell. */
export function markdownText(text: string): string {
	return (
		oneLine(text)
			.replaceAll("&", "&amp;")
			.replaceAll("<", "&lt;")
			.replaceAll(">", "&gt;")
			.replace(/[\\`*_[\]|~@$]/gu, "\\$&")
			// What makes a block of a line: a heading, a list, a rule, an underline.
			.replace(/^[-+=#]/u, "\\$&")
			.replace(/^(\d+)(?=[.)](?:\s|$))/u, "$1\\")
	);
}

/** Inline code; not for tables, where a pipe would end the cell. */
export function codeSpan(text: string): string {
	const line = oneLine(text);
	const longest = Math.max(0, ...[...line.matchAll(/`+/gu)].map(([run]) => run.length));
	const fence = "`".repeat(longest + 1);
	const pad = longest > 0 || line.startsWith(" ") || line === "" ? " " : "";
	return `${fence}${pad}${line}${pad}${fence}`;
}

/** A message of a rule: its inline code stays code, everything else becomes plain text. */
export function prose(text: string): string {
	return oneLine(text)
		// Quoted code may hold backticks of its own: the one that ends it has no word behind it.
		.split(/((?<!\w)`.+?`(?!\w|\)`))/u)
		.map((part, index) => (index % 2 === 1 ? codeSpan(part.slice(1, -1)) : spaced(part)))
		.join("");
}

/** Escapes a part of a paragraph, but keeps the spaces at its ends. */
function spaced(part: string): string {
	const [, before = "", after = ""] = /^(\s*).*?(\s*)$/su.exec(part) ?? [];
	return part.trim() === "" ? before : `${before}${markdownText(part)}${after}`;
}

/** For a table's cell, where a pipe ends even inline code. */
export const cell = (text: string): string => prose(text).replace(/(?<!\\)\|/gu, "\\|");

/** A fenced block that its content cannot close. */
export function codeBlock(lines: readonly string[], language: string): string {
	const body = lines.map((line) => line.replace(/[\r\n\u2028\u2029]/gu, " "));
	const longest = Math.max(2, ...body.flatMap((line) => [...line.matchAll(/`+/gu)].map(([run]) => run.length)));
	const fence = "`".repeat(longest + 1);
	return [`${fence}${language}`, ...body, fence].join("\n");
}

/** The target of a link to a file: a relative path with slashes, and a line. */
export function linkTarget(path: string, line: number | null): string {
	const encoded = path
		.split("/")
		.map((segment) => encodeURIComponent(segment).replace(/[!'()*]/gu, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`))
		.join("/");
	return line === null ? encoded : `${encoded}#L${line}`;
}

/**
 * Text in a Mermaid diagram: everything that could mean something there becomes a character code. A colon could: after
 * the word `style` Mermaid takes what follows it for a colour, and eats a semicolon of ours.
 */
export function mermaidText(text: string): string {
	return oneLine(text).replace(/[^\p{L}\p{N} .,_=+?!/'()[\]-]/gu, (char) => `#${char.codePointAt(0) ?? 0x20};`);
}
