/** Where one statement ends and the next begins. */
import type { LexedSql } from "./lexer.ts";

export interface StatementSpan {
	/** Token indices, without the semicolon; `from === to` for an empty one. */
	readonly from: number;
	readonly to: number;
	/** The offset after the semicolon, or the end of the text. */
	readonly boundary: number;
}

/** Splits at semicolons, except those in the body of a CREATE TRIGGER, which ends with the END after its last semicolon. */
export function splitStatements({ text, tokens }: LexedSql): StatementSpan[] {
	const spans: StatementSpan[] = [];
	let from = 0;
	let inBody = false;
	for (const [index, token] of tokens.entries()) {
		const before = tokens[index - 1];
		if (inBody) {
			// A hole may bring the last statement with its semicolon.
			if (token.text === "END" && token.kind === "word" && index - 1 > from && (before?.text === ";" || before?.kind === "hole")) inBody = false;
		} else if (token.text === "BEGIN" && token.kind === "word" && before?.text !== "." && isTrigger(tokens, from)) {
			inBody = true;
		} else if (token.text === ";") {
			spans.push({ from, to: index, boundary: token.end });
			from = index + 1;
		}
	}
	spans.push({ from, to: tokens.length, boundary: text.length });
	return spans;
}

/** `[EXPLAIN [QUERY PLAN]] CREATE [TEMP] TRIGGER` at `from`. */
export function isTrigger(tokens: LexedSql["tokens"], from: number): boolean {
	let at = from;
	if (tokens[at]?.text === "EXPLAIN") at += tokens[at + 1]?.text === "QUERY" ? 3 : 1;
	if (tokens[at]?.text !== "CREATE") return false;
	at++;
	if (tokens[at]?.text === "TEMP" || tokens[at]?.text === "TEMPORARY") at++;
	return tokens[at]?.text === "TRIGGER";
}
