/** The plain comparisons of a WHERE: what must hold for a row to be touched. */
import type { SqlToken } from "./lexer.ts";
import type { SqlComparison, SqlInputs, SqlName, SqlValueKind } from "./statement.ts";

/** How the reader's tokens are looked at. */
export interface ConditionSource {
	is(index: number, ...texts: readonly string[]): boolean;
	token(index: number): SqlToken | undefined;
	closing(open: number, limit: number): number;
	column(index: number, to: number): { name: SqlName; next: number } | null;
	inputs(from: number, to: number): SqlInputs;
}

/** Brackets around conditions deeper than this are not looked into. */
const MAX_BRACKETS = 50;

const SYMBOLS = new Map([["=", "="], ["==", "="], ["<>", "<>"], ["!=", "<>"], ["<", "<"], ["<=", "<="], [">", ">"], [">=", ">="]]);
const MIRRORED = new Map([["=", "="], ["<>", "<>"], ["<", ">"], ["<=", ">="], [">", "<"], [">=", "<="]]);
const WORDS = new Set(["LIKE", "GLOB", "MATCH", "REGEXP", "BETWEEN", "IN", "IS"]);

/** The comparisons among the members of the outermost AND; none when the outermost operator is OR. */
export function compareConditions(source: ConditionSource, from: number, to: number, brackets = 0): SqlComparison[] {
	if (brackets > MAX_BRACKETS) return [];
	if (source.is(from, "(") && source.closing(from, to) === to - 1) return source.is(from + 1, "SELECT", "WITH", "VALUES") ? [] : compareConditions(source, from + 1, to - 1, brackets + 1);
	const members = splitConjunction(source, from, to);
	if (members.length > 1) return members.flatMap(([start, end]) => compareConditions(source, start, end, brackets + 1));
	const [only] = members;
	const comparison = only && readComparison(source, only[0], only[1]);
	return comparison ? [comparison] : [];
}

/** The members of an AND; nothing when they are joined by OR. */
function splitConjunction(source: ConditionSource, from: number, to: number): [from: number, to: number][] {
	const members: [number, number][] = [];
	let betweens = 0;
	let cases = 0;
	let start = from;
	for (let index = from; index < to; index++) {
		if (source.is(index, "(")) index = source.closing(index, to);
		else if (source.is(index - 1, ".")) continue;
		else if (source.is(index, "CASE")) cases++;
		else if (source.is(index, "END")) cases = Math.max(0, cases - 1);
		else if (cases > 0) continue;
		else if (source.is(index, "OR")) return [];
		else if (source.is(index, "BETWEEN")) betweens++;
		else if (source.is(index, "AND")) {
			if (betweens > 0) {
				betweens--;
				continue;
			}
			members.push([start, index]);
			start = index + 1;
		}
	}
	if (start < to) members.push([start, to]);
	return members;
}

function readComparison(source: ConditionSource, from: number, to: number): SqlComparison | null {
	const column = source.column(from, to);
	if (column && column.next < to) {
		const operator = readOperator(source, column.next);
		return operator ? { column: column.name, operator: operator.name, value: valueKind(source, operator.next, to), ...source.inputs(operator.next, to) } : null;
	}
	// `? = column`
	const operator = readOperator(source, from + 1);
	const mirrored = operator && MIRRORED.get(operator.name);
	const right = operator && source.column(operator.next, to);
	if (!mirrored || !right || right.next !== to) return null;
	return { column: right.name, operator: mirrored, value: valueKind(source, from, from + 1), ...source.inputs(from, from + 1) };
}

function readOperator(source: ConditionSource, index: number): { name: string; next: number } | null {
	const symbol = SYMBOLS.get(source.token(index)?.text ?? "");
	if (symbol) return { name: symbol, next: index + 1 };
	const negatedBefore = source.is(index, "NOT");
	const at = negatedBefore ? index + 1 : index;
	const word = source.token(at)?.text ?? "";
	if (!WORDS.has(word)) return null;
	const negatedAfter = word === "IS" && source.is(at + 1, "NOT");
	let next = at + (negatedAfter ? 2 : 1);
	let name = negatedAfter ? "is not" : word.toLowerCase();
	if (word === "IS" && source.is(next, "DISTINCT") && source.is(next + 1, "FROM")) {
		next += 2;
		name = negatedAfter ? "is" : "is not";
	}
	return { name: negatedBefore ? `not ${name}` : name, next };
}

function valueKind(source: ConditionSource, from: number, to: number): SqlValueKind {
	return to - from === 1 ? kindOfValue(source.token(from)) : "expression";
}

/** What an expression of one token is. */
export function kindOfValue(token: SqlToken | undefined): SqlValueKind {
	switch (token?.kind) {
		case "parameter":
			return "parameter";
		case "hole":
			return "hole";
		case "string":
		case "number":
		case "blob":
			return token.holes.length > 0 ? "hole" : "literal";
		case "word":
			return /^(?:NULL|TRUE|FALSE)$/.test(token.text) ? "literal" : "expression";
		default:
			return "expression";
	}
}
