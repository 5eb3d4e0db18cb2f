import type { TSESTree } from "@typescript-eslint/utils";
import { closeCodes, closeReasonLimit, MAX_CLOSE_REASON_BYTES, reservedCloseCodes } from "../../facts/websockets.ts";
import { inForce } from "../../model/compatibility.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SocketCall, socketsOf } from "../../model/sockets.ts";
import { isCaught, leaves } from "../../syntax/branches.ts";
import { holds, numberOf } from "../../syntax/condition.ts";
import { contains, type FunctionNode, isFunction, keyName, unwrap } from "../../syntax/nodes.ts";
import { constantNumber } from "../../syntax/number.ts";
import { constantInitialiser, constantText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

const whatHappened: Readonly<Record<number, string>> = {
	1005: "1005 when a client closes without a status",
	1006: "1006 when the connection is lost",
};

/** What to send instead of a code that only says what happened. */
const replacements: Readonly<Record<number, number>> = { 1005: 1000, 1006: 1011, 1015: 1011 };

export default defineRule({
	name: "valid-websocket-close",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow close codes and reasons on which socket.close() throws",
		messages: {
			invalidCode: "close({{code}}) throws an InvalidAccessError: a code must be from 1000 to 4999 and none of 1004, 1005, 1006 and 1015. Send 1000, or a code of your own from 4000 on.",
			echoedCode:
				"{{name}} is {{what}}: close() throws on it, and the close is never answered. Send 1000 in its place.",
			reasonWithoutCode: "close() with a reason but no code throws an InvalidAccessError. Give a code, such as 1000.",
			reasonTooLong: "This reason has {{bytes}} bytes; close() throws beyond {{limit}} ({{date}}). Shorten it.",
			useCode: "Send {{code}}.",
			mapCode: "Send 1000 in place of the codes that cannot be sent.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const sockets = socketsOf(object);
		const limit = inForce(closeReasonLimit, object.project);
		const closes = sockets.calls("close").filter(({ receiver }) => sockets.of(receiver).length > 0);
		let isAnswered = false;
		for (const call of closes) {
			const [code, reason] = call.node.arguments;
			if (!code || code.type === "SpreadElement") continue;
			const bytes = reason && reason.type !== "SpreadElement" ? byteLength(reason, object) : null;
			const number = constantNumber(code, object.file);
			const echo = echoOf(code, call, object);
			if (number !== null && isInvalid(number)) {
				const better = replacements[number];
				verdict.violated({
					at: code,
					messageId: "invalidCode",
					data: { code: object.file.textOf(code) },
					suggest: better && code.type === "Literal" ? [{ messageId: "useCode", data: { code: String(better) }, fix: (fixer) => fixer.replaceTextRange([...code.range], String(better)) }] : [],
				});
			} else if (reason && isUndefined(code, object)) {
				verdict.violated({ at: code, messageId: "reasonWithoutCode", suggest: [{ messageId: "useCode", data: { code: "1000" }, fix: (fixer) => fixer.replaceTextRange([...code.range], "1000") }] });
			} else if (bytes !== null && bytes > MAX_CLOSE_REASON_BYTES && limit?.value) {
				verdict.violated({ at: reason as TSESTree.Node, messageId: "reasonTooLong", data: { bytes: String(bytes), limit: String(MAX_CLOSE_REASON_BYTES), date: limit.from } });
			} else if (echo) {
				const { guard, name, codes } = echo;
				if (codes === null) verdict.unknown({ at: code, because: `it cannot be told which codes reach close() through ${name}` });
				else if (codes.length === 0) {
					const because = guard?.type === "TryStatement" ? "the error of a code that cannot be sent is caught" : "codes that cannot be sent do not reach close()";
					verdict.guarded({ at: guard && !contains(call.node, guard) && !contains(guard, call.node) ? [guard, call.node] : (guard ?? call.node), because });
				} else {
					const mapped = `${name} === 1005 || ${name} === 1006 || ${name} === 1015 ? 1000 : ${name}`;
					const isPlain = echoesPlainly(code, name);
					verdict.violated({
						at: code,
						messageId: "echoedCode",
						data: { name, what: codes.map((each) => whatHappened[each] ?? String(each)).join(", and ") },
						suggest: isPlain ? [{ messageId: "mapCode", fix: (fixer) => fixer.replaceTextRange([...code.range], mapped) }] : [],
					});
				}
			} else if (number === null) {
				verdict.unknown({ at: code, because: "the code is only known at run time" });
			} else if (reason && bytes === null && limit?.value) {
				verdict.unknown({ at: reason, because: `the reason is only known at run time; it may have ${MAX_CLOSE_REASON_BYTES} bytes (${limit.from})` });
			} else continue;
			isAnswered = true;
		}
		if (isAnswered) return;
		if (closes.length > 0) verdict.guarded({ at: closes.slice(0, 3).map(({ node }) => node), because: "the codes can be sent" });
		else verdict.notApplicable("the class closes no WebSocket");
	},
});

function isInvalid(code: number): boolean {
	const sent = Math.trunc(code);
	return !(sent >= closeCodes.min && sent <= closeCodes.max) || reservedCloseCodes.includes(sent);
}

function isUndefined(node: TSESTree.Node, { file }: DurableObjectClass): boolean {
	const bare = unwrap(node);
	return file.bindings.isGlobal(bare, "undefined") || (bare.type === "UnaryExpression" && bare.operator === "void");
}

function byteLength(node: TSESTree.Node, { file }: DurableObjectClass): number | null {
	const text = constantText(node, file);
	return text === null ? null : new TextEncoder().encode(text).length;
}

/** `code`, `code || 1000`, `code ?? 1000`: what a mapping can replace as a whole. */
function echoesPlainly(argument: TSESTree.Node, name: string): boolean {
	const bare = unwrap(argument);
	if (bare.type === "LogicalExpression") return bare.operator !== "&&" && echoesPlainly(bare.left, name);
	return bare.type === "Identifier" && bare.name === name;
}

/** The codes that `webSocketClose()` receives where a peer sent none, or the connection broke. */
const unsendable: readonly number[] = [1005, 1006];

/** A close with a code that depends on the one that `webSocketClose(socket, code)` received. */
interface Echo {
	/** The variable of the received code, as the call names it. */
	readonly name: string;
	/** Codes that can be received and reach close() though it throws on them; null where that cannot be told. */
	readonly codes: readonly number[] | null;
	/** What keeps them away, or catches the error. */
	readonly guard: TSESTree.Node | null;
}

function echoOf(argument: TSESTree.Node, { node: call }: SocketCall, object: DurableObjectClass): Echo | null {
	const { file } = object;
	const received = receivedIn(argument, object);
	if (!received) return null;
	const { identifier, variable, fn, way } = received;
	const { name } = identifier;
	const caught = [call, ...way].map((use) => isCaught(use, null)).find((each) => each !== null);
	if (caught) return { name, codes: [], guard: caught };
	const tests = conditionsOn(call, fn);
	const mentioned = tests.find(({ test }) => mentions(test, variable));
	const codes: number[] = [];
	for (const value of unsendable) {
		const supposition = { variable, value, file };
		const reaches = tests.map(({ test, wanted }) => {
			const outcome = mentions(test, variable) ? holds(test, supposition) : wanted;
			return outcome === null ? null : outcome === wanted;
		});
		if (reaches.includes(false)) continue;
		const sent = numberOf(argument, supposition);
		if (reaches.includes(null) || sent === null) return { name, codes: null, guard: null };
		if (isInvalid(sent)) codes.push(value);
	}
	const bare = unwrap(argument);
	return { name, codes, guard: mentioned?.test ?? constantInitialiser(file.bindings.variableOf(bare)) ?? bare };
}

interface Received {
	readonly identifier: TSESTree.Identifier;
	readonly variable: Variable;
	readonly fn: FunctionNode;
	/** The calls through which the code came from webSocketClose(). */
	readonly way: readonly TSESTree.Node[];
}

type Variable = NonNullable<ReturnType<DurableObjectClass["file"]["bindings"]["variableOf"]>>;

/** The received code that an argument is, or chooses by. */
function receivedIn(argument: TSESTree.Node, object: DurableObjectClass): Received | null {
	let found: Received | null = null;
	const look = (node: TSESTree.Node, depth: number): void => {
		object.file.walk(node, (child) => {
			if (found || isFunction(child) || child.type === "MemberExpression") return false;
			if (child.type !== "Identifier") return true;
			found = receivedCode(child, object, 3);
			const initialiser = found || depth === 0 ? null : constantInitialiser(object.file.bindings.variableOf(child));
			if (initialiser) look(initialiser, depth - 1);
			return true;
		});
	};
	look(argument, 2);
	return found;
}

/** Whether an identifier is the unchanged code of webSocketClose(), directly or as the argument of a method of the class. */
function receivedCode(identifier: TSESTree.Identifier, object: DurableObjectClass, depth: number): Received | null {
	const variable = object.file.bindings.variableOf(identifier);
	const definition = variable?.defs[0];
	const fn = definition?.type === "Parameter" ? definition.node : null;
	if (!variable || !definition || !isFunction(fn) || depth === 0) return null;
	const { parent } = fn;
	// `if (code === 1005) code = 1000;`
	if ((parent.type !== "MethodDefinition" && parent.type !== "PropertyDefinition") || variable.references.some((reference) => reference.isWrite())) return null;
	const index = fn.params.findIndex((parameter) => parameter === definition.name);
	const method = keyName(parent);
	if (method === "webSocketClose" && index === 1 && contains(object.node, fn)) return { identifier, variable, fn, way: [] };
	for (const { name, node } of object.members.ownCalls) {
		const argument = name === method ? node.arguments[index] : undefined;
		const passed = argument && unwrap(argument);
		const received = passed?.type === "Identifier" ? receivedCode(passed, object, depth - 1) : null;
		if (received) return { identifier, variable, fn, way: [node, ...received.way] };
	}
	return null;
}

interface Condition {
	readonly test: TSESTree.Node;
	/** What the test must be for the call to be reached. */
	readonly wanted: boolean;
}

/** The conditions of a function on the way to a call: choices around it, and earlier ones that leave. */
function conditionsOn(call: TSESTree.Node, fn: FunctionNode): readonly Condition[] {
	const conditions: Condition[] = [];
	for (let current: TSESTree.Node = call; current.parent && current !== fn; current = current.parent) {
		const parent: TSESTree.Node = current.parent;
		if ((parent.type === "IfStatement" || parent.type === "ConditionalExpression") && parent.test !== current) conditions.push({ test: parent.test, wanted: parent.consequent === current });
		else if (parent.type === "LogicalExpression" && parent.right === current) conditions.push({ test: parent.left, wanted: parent.operator === "&&" });
		else if (parent.type === "SwitchCase") conditions.push({ test: parent.parent.discriminant, wanted: true });
		else if (parent.type === "BlockStatement") {
			for (const statement of parent.body.slice(0, parent.body.indexOf(current as TSESTree.Statement))) {
				if (statement.type === "IfStatement" && leaves(statement.consequent)) conditions.push({ test: statement.test, wanted: false });
			}
		}
	}
	return conditions;
}

function mentions(test: TSESTree.Node, variable: Variable): boolean {
	return variable.references.some(({ identifier }) => contains(test, identifier));
}
