/** Makes a program out of another by cutting and splicing its syntax tree: nearly all results parse. */
import { parseForESLint, type ParserOptions } from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import { programs } from "./seeds.ts";

/** Choices of the fuzzer; each number is taken modulo what there is to choose from, so that any numbers mean something. */
export interface Mutation {
	readonly operation: number;
	readonly at: number;
	readonly other: number;
}

type Kind = "statement" | "expression" | "member" | "type";

interface Piece {
	readonly kind: Kind;
	readonly start: number;
	readonly end: number;
}

/** As ESLint has it parsed: in a module `await` is no name. */
const options: ParserOptions = { sourceType: "module", range: true, loc: true, tokens: true, comment: true, ecmaFeatures: { jsx: true }, suppressDeprecatedPropertyWarnings: true };

/** The text of the file as a tree; null when it does not parse. */
function parse(text: string): ReturnType<typeof parseForESLint> | null {
	try {
		return parseForESLint(text, options);
	} catch {
		return null;
	}
}

export const parses = (text: string): boolean => parse(text) !== null;

const members = new Set(["MethodDefinition", "PropertyDefinition", "AccessorProperty", "StaticBlock", "TSAbstractMethodDefinition"]);
const expression = /(?:Expression|Identifier|Literal)$/u;
const notExpressions = new Set(["TSExpressionWithTypeArguments", "TSClassImplements", "TSInterfaceHeritage", "TSEmptyBodyFunctionExpression", "PrivateIdentifier", "JSXIdentifier"]);

function kindOf(node: TSESTree.Node, parent: TSESTree.Node): Kind | null {
	const { type } = node;
	if (members.has(type)) return "member";
	if (parent.type === "Program" || parent.type === "BlockStatement" || parent.type === "StaticBlock") return "statement";
	if (parent.type === "SwitchCase") return parent.test === node ? "expression" : "statement";
	if (parent.type === "TSTypeAnnotation" || type === "TSTypeReference") return "type";
	if (!expression.test(type) || notExpressions.has(type)) return null;
	// Names are only in part expressions; where a name is declared, nothing else can stand.
	if (type === "Identifier" && declaresNames(parent)) return null;
	return type === "FunctionExpression" && parent.type === "MethodDefinition" ? null : "expression";
}

const declaresNames = (parent: TSESTree.Node): boolean =>
	/^(?:ClassDeclaration|FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|VariableDeclarator|MethodDefinition|PropertyDefinition|Property|ImportSpecifier|ExportSpecifier|TS\w+)$/u.test(parent.type);

function isNode(value: unknown): value is TSESTree.Node {
	return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "range" in value;
}

function piecesOf(text: string): Piece[] | null {
	const parsed = parse(text);
	if (!parsed) return null;
	const pieces: Piece[] = [];
	const pending: { readonly node: TSESTree.Node; readonly parent: TSESTree.Node | null }[] = [{ node: parsed.ast, parent: null }];
	for (let next = pending.pop(); next; next = pending.pop()) {
		const { node, parent } = next;
		const kind = parent && kindOf(node, parent);
		if (kind) pieces.push({ kind, start: node.range[0], end: node.range[1] });
		for (const [key, value] of Object.entries(node)) {
			if (key === "parent" || key === "tokens" || key === "comments") continue;
			for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) pending.push({ node: child, parent: node });
		}
	}
	return pieces;
}

/** Pieces of all seeds, by kind: what is spliced in. */
const pool: Readonly<Record<Kind, readonly string[]>> = (() => {
	const pieces = programs.flatMap(({ text }) => (piecesOf(text) ?? []).map(({ kind, start, end }) => ({ kind, text: text.slice(start, end) })));
	const of = (wanted: Kind) => [...new Set(pieces.filter(({ kind, text }) => kind === wanted && text.length < 600).map(({ text }) => text))].toSorted();
	return { statement: of("statement"), expression: of("expression"), member: of("member"), type: of("type") };
})();

const statementFrames = [
	"if (Math.random() > 0.5) { @ }",
	"if (await this.ctx.storage.get('a')) { @ } else { @ }",
	"for (const each of await this.ctx.storage.list()) { @ }",
	"for await (const each of this.ctx.storage.sql.exec('SELECT 1')) { @ break; }",
	"while (this.busy) { @ }",
	"do { @ } while (false);",
	"try { @ } catch { @ } finally { @ }",
	"try { @ return 1; } catch (error) { throw error; }",
	"outer: { @ break outer; }",
	"switch (this.n) { case 1: { @ } default: { @ } }",
	"await this.ctx.blockConcurrencyWhile(async () => { @ });",
	"await this.ctx.storage.transaction(async (txn) => { @ });",
	"this.ctx.storage.transactionSync(() => { @ });",
	"queueMicrotask(async () => { @ });",
	"{ using handle = await open(); @ }",
	"class Inner extends DurableObject { async fetch() { @ } }",
	"@ @",
	"return; @",
];
const expressionFrames = ["(@)", "await @", "(@)?.value", "(@)!", "(@ as any)", "(@ satisfies unknown)", "[@, ...[@]]", "({ a: @, ...(@) })", "(@ ? @ : @)", "(@ ?? @)", "(() => @)()", "(async () => { await @; })()", "`${@}`", "(@, @)", "!(@)", "(this.x = @)", "(this.#x ||= @)", "new (class extends (@) {})()", "(@)`tagged`", "void @", "delete (@).a", "(function* () { yield* @; })()", "import(@)", "(@).constructor.get('a')", "(@)['__proto__']", "(@).toString()"];
const memberFrames = ["static { } @", "@ @", "get value() { return this.value; } @", "async *[Symbol.asyncIterator]() { yield 1; } @", "#x = 0; @", "constructor(ctx, env) { super(ctx, env); } @", "static async alarm() {} @", "async alarm(info) {} @", "declare n: number; @"];

const frames: Readonly<Record<Kind, readonly string[]>> = { statement: statementFrames, expression: expressionFrames, member: memberFrames, type: ["@ | null", "Promise<@>", "readonly (@)[]", "DurableObjectNamespace<@>", "(typeof globalThis)['x']", "constructor", "hasOwnProperty<@>"] };

const choose = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];
const spliced = (text: string, { start, end }: { readonly start: number; readonly end: number }, replacement: string): string => text.slice(0, start) + replacement + text.slice(end);

type Operation = (text: string, piece: Piece, pieces: readonly Piece[], other: number) => string;

const operations: readonly Operation[] = [
	// Another piece of the same kind, from anywhere.
	(text, piece, _pieces, other) => spliced(text, piece, choose(pool[piece.kind], other) ?? ""),
	(text, piece, _pieces, other) => spliced(text, piece, choose(pool[piece.kind], other) ?? ""),
	// Inside of something.
	(text, piece, _pieces, other) => spliced(text, piece, (choose(frames[piece.kind], other) as string).replaceAll("@", () => text.slice(piece.start, piece.end))),
	(text, piece, _pieces, other) => spliced(text, piece, (choose(frames[piece.kind], other) as string).replaceAll("@", () => text.slice(piece.start, piece.end))),
	// Beside another statement or member.
	(text, piece, _pieces, other) => (piece.kind === "statement" || piece.kind === "member" ? spliced(text, { start: piece.end, end: piece.end }, `\n${choose(pool[piece.kind], other) ?? ""}\n`) : text),
	// Gone.
	(text, piece) => (piece.kind === "statement" || piece.kind === "member" ? spliced(text, piece, "") : spliced(text, piece, piece.kind === "type" ? "any" : "undefined")),
	// Changed for another of the same program.
	(text, piece, pieces, other) => {
		const partner = choose(pieces.filter(({ kind, start, end }) => kind === piece.kind && (end <= piece.start || start >= piece.end)), other);
		if (!partner) return text;
		const [first, second] = piece.start < partner.start ? [piece, partner] : [partner, piece];
		return spliced(spliced(text, second, text.slice(first.start, first.end)), first, text.slice(second.start, second.end));
	},
	// Below the level of the tree: a name instead of another.
	(text, piece, _pieces, other) => {
		const names = [...new Set(text.match(/[#$\w]+/gu))];
		const here = text.slice(piece.start, piece.end).match(/[#$\w]+/u)?.[0];
		const name = choose(names, other);
		return here && name ? text.replaceAll(here, () => name) : text;
	},
];

/** @returns a program that parses: the given one, if a mutation does not leave one */
export function mutate(text: string, mutations: readonly Mutation[]): string {
	let current = text;
	for (const { operation, at, other } of mutations) {
		const pieces = piecesOf(current);
		const piece = pieces && choose(pieces, at);
		if (!piece) continue;
		const next = (choose(operations, operation) as Operation)(current, piece, pieces, other);
		if (next.length < 100_000 && parses(next)) current = next;
	}
	return current;
}
