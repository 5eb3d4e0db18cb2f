/** The SQL that a class runs: the text of each `sql.exec`, put together from what the source says, and its statements. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type FunctionNode, calledMember, enclosingFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import { parseSql, type SqlStatement, type SqlText } from "../syntax/sql.ts";
import { constantInitialiser, constantText } from "../syntax/text.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";

/** An SQL text as the code spells it. */
export interface SqlSource {
	/** The expression that is the text. */
	readonly node: TSESTree.Node;
	readonly text: SqlText;
	/** The expression that fills each hole of the text. */
	readonly holes: readonly TSESTree.Node[];
	/** False when parts of it are added under a condition, so that the text shown is the longest that can be. */
	readonly isExact: boolean;
}

export interface SqlCall {
	readonly call: PlatformCall;
	readonly node: TSESTree.CallExpression;
	readonly source: SqlSource;
	/** At least one. The cursor that `exec` returns is the last one's. */
	readonly statements: readonly SqlStatement[];
	readonly bindings: readonly TSESTree.CallExpressionArgument[];
	/** True for a call of the class's own method that runs the text it is given; bindings that cannot be told apart are left out. */
	readonly isThroughMethod: boolean;
}

const DEPTH = 10;
const calls = new WeakMap<TSESTree.CallExpression, SqlCall>();

/** Every `sql.exec(...)` within the class body that has a text, in source order. */
export function sqlCalls(object: DurableObjectClass): readonly SqlCall[] {
	return object.callsOf("sql", "exec").flatMap((call) => sqlCall(call, object) ?? []);
}

/** Whether a tagged template is the Agents SDK's `` this.sql`...` ``, not a `sql` of the class itself: its values are bound. */
export function isAgentSql({ tag }: TSESTree.TaggedTemplateExpression, object: DurableObjectClass): boolean {
	const member = unwrap(tag);
	if (object.ancestry.framework !== "agents" || member.type !== "MemberExpression" || unwrap(member.object).type !== "ThisExpression" || propertyName(member) !== "sql") return false;
	const field = object.field("sql");
	return object.method("sql") === null && (field === null || (field.declaration === null && field.uses.every(({ access }) => access === "read")));
}

/** All of these within the class body, in source order. */
export function agentSqlTemplates(object: DurableObjectClass): readonly TSESTree.TaggedTemplateExpression[] {
	if (object.ancestry.framework !== "agents") return [];
	const found: TSESTree.TaggedTemplateExpression[] = [];
	object.file.walk(object.node.body, (node) => {
		if (node.type === "TaggedTemplateExpression" && isAgentSql(node, object)) found.push(node);
	});
	return found;
}

/** The statements of one such template. */
export function templateStatements({ quasi }: TSESTree.TaggedTemplateExpression): readonly SqlStatement[] {
	return parseSql(templateText(quasi));
}

/** The text of a template, with its holes. */
export function templateText({ quasis }: TSESTree.TemplateLiteral): SqlText {
	return { parts: quasis.map(({ value }) => value.cooked ?? value.raw) };
}

export function sqlCall(call: PlatformCall, object: DurableObjectClass): SqlCall | null {
	const known = calls.get(call.node);
	if (known) return known;
	const [text, ...bindings] = call.node.arguments;
	if (!text || text.type === "SpreadElement") return null;
	const source = sqlSource(text, object);
	const made = { call, node: call.node, source, statements: parseSql(source.text), bindings, isThroughMethod: false };
	calls.set(call.node, made);
	return made;
}

/** Puts the text of an expression together: templates, `+`, constants, joined arrays, and variables that grow by `+=`. */
export function sqlSource(node: TSESTree.Node, object: DurableObjectClass): SqlSource {
	const writer = new TextWriter(node, object);
	writer.add(node, DEPTH);
	return writer;
}

/** True when the whole text is one expression that cannot be read. */
export function isUnreadable({ source }: SqlCall): boolean {
	return source.holes.length > 0 && source.text.parts.every((part) => part.trim() === "");
}

class TextWriter implements SqlSource {
	readonly node: TSESTree.Node;
	readonly holes: TSESTree.Node[] = [];
	isExact = true;
	readonly #parts: string[] = [""];
	readonly #object: DurableObjectClass;
	readonly #open = new Set<unknown>();

	constructor(node: TSESTree.Node, object: DurableObjectClass) {
		this.node = node;
		this.#object = object;
	}

	get text(): SqlText {
		return { parts: this.#parts };
	}

	add(start: TSESTree.Node, depth: number): void {
		const node = unwrap(start);
		const { file } = this.#object;
		const constant = constantText(node, file);
		if (constant !== null) {
			this.#write(constant);
			return;
		}
		if (depth === 0) {
			this.#hole(node);
			return;
		}
		switch (node.type) {
			case "TemplateLiteral":
				this.#template(node, depth);
				return;
			case "TaggedTemplateExpression":
				// Only `String.raw` gives back the text itself.
				if (file.textOf(node.tag) === "String.raw") this.#template(node.quasi, depth);
				else this.#hole(node);
				return;
			case "BinaryExpression":
				if (node.operator !== "+") break;
				this.add(node.left, depth - 1);
				this.add(node.right, depth - 1);
				return;
			case "CallExpression": {
				const called = calledMember(node);
				if (called?.name === "trim" && node.arguments.length === 0) {
					this.add(called.object, depth - 1);
					return;
				}
				const list = called?.name === "join" ? unwrap(called.object) : null;
				if (list?.type !== "ArrayExpression" || list.elements.some((element) => !element || element.type === "SpreadElement")) break;
				const separator = node.arguments[0] ? constantText(node.arguments[0], file) : ",";
				if (separator === null) break;
				list.elements.forEach((element, index) => {
					if (index > 0) this.#write(separator);
					this.add(element as TSESTree.Expression, depth - 1);
				});
				return;
			}
			case "Identifier":
				if (this.#variable(node, depth)) return;
				break;
			case "MemberExpression": {
				const [origin, ...others] = this.#object.origins(node);
				if (origin?.root.kind !== "expression" || origin.path.length > 0 || others.length > 0 || !isText(origin.root.node)) break;
				this.add(origin.root.node, depth - 1);
				return;
			}
			default:
		}
		this.#hole(node);
	}

	#template(node: TSESTree.TemplateLiteral, depth: number): void {
		node.quasis.forEach((quasi, index) => {
			this.#write(quasi.value.cooked ?? quasi.value.raw);
			const expression = node.expressions[index];
			if (expression) this.add(expression, depth - 1);
		});
	}

	/** A variable whose text can be told: written once, or only added to in the function that declares it. */
	#variable(node: TSESTree.Identifier, depth: number): boolean {
		const variable = this.#object.file.bindings.variableOf(node);
		if (!variable || this.#open.has(variable)) return false;
		const init = constantInitialiser(variable);
		if (init) {
			if (!isText(init)) return false;
			this.#within(variable, () => this.add(init, depth - 1));
			return true;
		}
		const [definition, ...others] = variable.defs;
		if (definition?.type !== "Variable" || others.length > 0 || !definition.node.init || definition.node.id.type !== "Identifier") return false;
		const home = enclosingFunction(definition.node);
		const added: TSESTree.AssignmentExpression[] = [];
		for (const { identifier, init: isInit } of variable.references.filter((reference) => reference.isWrite())) {
			if (isInit) continue;
			const { parent } = identifier;
			if (parent?.type !== "AssignmentExpression" || parent.left !== identifier || parent.operator !== "+=" || enclosingFunction(parent) !== home) return false;
			if (parent.range[0] < node.range[0]) added.push(parent);
		}
		const first = definition.node.init;
		this.#within(variable, () => {
			this.add(first, depth - 1);
			for (const { right } of added) this.add(right, depth - 1);
		});
		if (added.some((addition) => !isUnconditional(addition, home))) this.isExact = false;
		return true;
	}

	#within(variable: unknown, work: () => void): void {
		this.#open.add(variable);
		work();
		this.#open.delete(variable);
	}

	#write(text: string): void {
		this.#parts.push(`${this.#parts.pop() ?? ""}${text}`);
	}

	#hole(node: TSESTree.Node): void {
		this.holes.push(node);
		this.#parts.push("");
	}
}

/** An expression that shows some text of its own. */
function isText(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	switch (node.type) {
		case "Literal":
			return typeof node.value === "string";
		case "TemplateLiteral":
			return true;
		case "BinaryExpression":
			return node.operator === "+" && (isText(node.left) || isText(node.right));
		case "CallExpression": {
			const called = calledMember(node);
			return (called?.name === "join" && unwrap(called.object).type === "ArrayExpression") || (called?.name === "trim" && isText(called.object));
		}
		default:
			return false;
	}
}

/** A statement that stands directly in a function's body (or the module's). */
function isUnconditional(expression: TSESTree.Expression, home: FunctionNode | null): boolean {
	const statement = expression.parent;
	if (statement?.type !== "ExpressionStatement") return false;
	return home ? statement.parent === home.body : statement.parent.type === "Program";
}
