import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type SocketCall, type Sockets, socketsOf } from "../../model/sockets.ts";
import { isCaught } from "../../syntax/branches.ts";
import { calledMember, contains, type FunctionNode, isFunction, keyName, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { servesThroughFramework } from "./socket-code.ts";

export default defineRule({
	name: "no-unguarded-broadcast",
	gotcha: "websocket-hibernation",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow send() to many sockets where one closing socket ends the loop",
		messages: {
			unguardedSend:
				"send() throws on a socket that is closing, and getWebSockets() lists such sockets too: the rest of the loop is skipped and those clients miss the message. Send only where {{socket}}.readyState is WebSocket.OPEN, or catch the error inside the loop.",
			unguardedSendOfKept:
				"send() throws on a socket that is closing: the rest of the loop is skipped and those clients miss the message. Send only where {{socket}}.readyState is WebSocket.OPEN, or catch the error inside the loop.",
			checkState: "Send only where {{socket}}.readyState is WebSocket.OPEN.",
		},
		schema: [],
		defaultOptions: [] as const,
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const sockets = socketsOf(object);
		const guarded = new Set<TSESTree.Node>();
		const reported = new Set<TSESTree.Node>();
		let isAnswered = false;
		for (const call of sendCalls(object, sockets)) {
			const all = sockets.of(call.receiver);
			const ours = all.filter(({ side }) => side !== "client");
			if (ours.some(({ side }) => side === "outbound") || (ours.length === 0 && all.length > 0)) continue;
			const isListed = ours.some((socket) => socket.isListed);
			for (const { loop, collection, inLoop, guard } of loopsAround(call.receiver, call.node, object, 3)) {
				const isKnown = ours.length > 0 || listsConnections(collection, object);
				if (!isKnown && !looksLikeSocket(call, sockets)) continue;
				isAnswered = true;
				if (!isKnown) verdict.unknown({ at: call.node, because: "whether it is sockets that are sent to in the loop could not be told" });
				else if (guard) {
					// The same guarded send may be reached from many loops.
					if (!guarded.has(call.node)) verdict.guarded({ at: quotesOf(call.node, guard), because: "a socket that is closing does not end the loop" });
					guarded.add(call.node);
				} else if (servesThroughFramework(object)) verdict.unknown({ at: loop, because: "whether the framework lists connections that are closing could not be told" });
				else if (!isListed && !isAtRisk(collection, sockets)) verdict.unknown({ at: loop, because: "the class may take sockets out of the collection before they close" });
				else if (!reported.has(inLoop)) {
					// One call in a loop may lead to several sends.
					reported.add(inLoop);
					const socket = object.file.textOf(unwrap(call.receiver));
					const fix = inLoop === call.node ? stateCheck(call, object) : null;
					verdict.violated({
						at: inLoop,
						messageId: isListed ? "unguardedSend" : "unguardedSendOfKept",
						data: { socket },
						suggest: fix ? [{ messageId: "checkState", data: { socket }, fix }] : [],
						steps: inLoop === call.node ? [] : [{ at: call.node, what: "throws if the socket is closing" }],
					});
				}
			}
		}
		if (!isAnswered) verdict.notApplicable("the class sends to no more than one socket at a time");
	},
});

/** All that may be a send to a socket; a framework's connections need not be called sockets anywhere in the file. */
function sendCalls(object: DurableObjectClass, sockets: Sockets): readonly SocketCall[] {
	const found = sockets.calls("send");
	if (found.length > 0 || !servesThroughFramework(object)) return found;
	return object.members.calls.flatMap((node) => {
		const called = calledMember(node);
		return called?.name === "send" ? [{ name: "send", node, receiver: called.object }] : [];
	});
}

/** `this.getConnections()` of a framework, all of them or those with a tag. */
function listsConnections(start: TSESTree.Node, object: DurableObjectClass): boolean {
	if (!servesThroughFramework(object)) return false;
	let node = unwrap(start);
	if (node.type === "Identifier") node = unwrap(constantInitialiser(object.file.bindings.variableOf(node)) ?? node);
	if (node.type === "ArrayExpression") return node.elements.some((element) => element?.type === "SpreadElement" && listsConnections(element.argument, object));
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	if (!called) return false;
	if (called.name === "getConnections") return unwrap(called.object).type === "ThisExpression";
	const [argument] = node.type === "CallExpression" ? node.arguments : [];
	return called.name === "from" && argument !== undefined && listsConnections(argument, object);
}

/** In a class that serves sockets: a send of one thing, for whose end nobody waits. */
function looksLikeSocket({ node }: SocketCall, sockets: Sockets): boolean {
	const { object } = sockets;
	const serves = sockets.hibernates || sockets.pairs.length > 0 || object.method("webSocketMessage") !== null;
	const { parent } = wrapped(node);
	return serves && node.arguments.length === 1 && (parent?.type === "ExpressionStatement" || parent?.type === "ArrowFunctionExpression");
}

/** The send and what keeps its error: of a `try` that has several lines its `catch`. */
function quotesOf(send: TSESTree.Node, guard: TSESTree.Node): readonly TSESTree.Node[] {
	if (guard.type === "TryStatement" && guard.handler && guard.loc.start.line < guard.loc.end.line) return [send, guard.handler];
	return contains(guard, send) ? [guard] : [guard, send];
}

interface Loop {
	readonly loop: TSESTree.Node;
	/** What the loop goes through. */
	readonly collection: TSESTree.Node;
	/** The send, or the call of a method that sends, inside the loop. */
	readonly inLoop: TSESTree.Node;
	readonly guard: TSESTree.Node | null;
}

const iterations: ReadonlySet<string> = new Set(["forEach", "map", "filter", "some", "every", "flatMap"]);

/** The loops whose variable a socket is, directly or as the argument of a method that is called in the loop. */
function loopsAround(receiver: TSESTree.Node, use: TSESTree.Node, object: DurableObjectClass, depth: number): readonly Loop[] {
	const { file } = object;
	const root = rootOf(receiver);
	const variable = root && file.bindings.variableOf(root);
	const definition = variable?.defs[0];
	if (!definition || depth === 0) return [];
	const home = definition.type === "Parameter" ? definition.node : (definition.node as TSESTree.Node).parent;
	if (!home || runsLater(use, home, object)) return [];
	if (definition.type === "Variable") {
		const declarator = definition.node;
		const loop = declarator.parent.parent;
		if (loop.type === "ForOfStatement" && loop.left === declarator.parent) return [loopOf(loop, loop.right, loop.body, use, object)];
		if (loop.type === "ForStatement" && loop.init === declarator.parent) return loop.test ? [loopOf(loop, unwrap(receiver), loop.body, use, object)] : [];
		return declarator.init ? loopsAround(declarator.init, use, object, depth - 1) : [];
	}
	if (definition.type !== "Parameter" || !isFunction(definition.node)) return [];
	const fn = definition.node;
	const { parent } = wrapped(fn);
	if (parent?.type === "CallExpression") {
		const called = calledMember(parent);
		if (!called || !iterations.has(called.name) || parent.arguments[0] !== wrapped(fn)) return [];
		return [loopOf(parent, called.object, fn, use, object)];
	}
	const method = fn.parent.type === "MethodDefinition" || fn.parent.type === "PropertyDefinition" ? keyName(fn.parent) : null;
	const index = fn.params.findIndex((parameter) => contains(parameter, definition.name));
	if (method === null || object.method(method)?.fn !== fn) return [];
	const guard = isCaught(use, fn) ?? stateTest(fn, object);
	return object.members.ownCalls.flatMap((call): readonly Loop[] => {
		const argument = call.name === method ? call.node.arguments[index] : undefined;
		if (!argument) return [];
		return loopsAround(argument, call.node, object, depth - 1).map((loop) => (guard ? { ...loop, guard } : loop));
	});
}

/** True when `use` stands in a function that something else runs, at another time: its error is not the loop's. */
function runsLater(use: TSESTree.Node, home: TSESTree.Node, object: DurableObjectClass): boolean {
	for (let current: TSESTree.Node | undefined = use.parent; current && current !== home; current = current.parent) {
		if (!isFunction(current)) continue;
		if (contains(current, home)) return false;
		if (object.callbackRun(current) !== "now") return true;
	}
	return false;
}

function loopOf(loop: TSESTree.Node, collection: TSESTree.Node, body: TSESTree.Node, use: TSESTree.Node, object: DurableObjectClass): Loop {
	// An async callback has its error for itself: the others still run.
	const isolated = isFunction(body) && body.async ? body : null;
	const guard = isCaught(use, loop) ?? stateTest(loop, object) ?? stateTestOf(collection, object, 3) ?? isolated ?? delegatedTest(use, body, object);
	return { loop, collection, inLoop: use, guard };
}

/** The variable at the root of `session.socket`, `entry[1]`, `sockets[i]` (the index), `this.sockets.get(id)` (the key). */
function rootOf(start: TSESTree.Node): TSESTree.Identifier | null {
	const node = unwrap(start);
	switch (node.type) {
		case "Identifier":
			return node;
		case "MemberExpression": {
			const index = node.computed ? unwrap(node.property) : null;
			return index?.type === "Identifier" ? index : rootOf(node.object);
		}
		case "CallExpression": {
			const called = calledMember(node);
			const [key] = node.arguments;
			return called?.name === "get" && key && key.type !== "SpreadElement" ? rootOf(key) : null;
		}
		default:
			return null;
	}
}

/** The first look at a `readyState` in a piece of code. */
function stateTest(node: TSESTree.Node, { file }: DurableObjectClass): TSESTree.Node | null {
	let found: TSESTree.Node | null = null;
	file.walk(node, (child) => {
		if (child.type === "MemberExpression" && propertyName(child) === "readyState") found ??= child.parent.type === "BinaryExpression" ? child.parent : child;
		return found === null;
	});
	return found;
}

/** `const open = sockets.filter((socket) => socket.readyState === 1)`, or a method that returns such. */
function stateTestOf(start: TSESTree.Node, object: DurableObjectClass, depth: number): TSESTree.Node | null {
	const node = unwrap(start);
	if (depth === 0) return null;
	if (node.type === "Identifier") {
		const initialiser = constantInitialiser(object.file.bindings.variableOf(node));
		return initialiser && (stateTest(initialiser, object) ?? stateTestOf(initialiser, object, depth - 1));
	}
	if (node.type !== "CallExpression") return null;
	const method: FunctionNode | undefined = object.calledMethod(node)?.fn;
	return method ? stateTest(method, object) : null;
}

/** `if (!isOpen(socket)) continue;`: a function that is asked about the socket decides. */
function delegatedTest(use: TSESTree.Node, body: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	let found: TSESTree.Node | null = null;
	object.file.walk(body, (node) => {
		if (found) return false;
		if (node.type !== "IfStatement" && node.type !== "ConditionalExpression" && node.type !== "LogicalExpression") return true;
		const test = node.type === "LogicalExpression" ? node.left : node.test;
		if (contains(test, use) || (test.range[0] > use.range[0])) return true;
		object.file.walk(test, (part) => {
			if (part.type === "CallExpression" && /open|alive|ready|connected|active/iu.test(object.file.textOf(part.callee))) found = test;
			return found === null;
		});
		return true;
	});
	return found;
}

/** Sockets in a field: those of hibernating classes are rebuilt from all that the runtime lists; others, if nothing takes them out. */
function isAtRisk(collection: TSESTree.Node, sockets: Sockets): boolean {
	if (sockets.hibernates) return true;
	const { object } = sockets;
	const name = fieldOf(collection, object, 4);
	const field = name === null ? null : object.field(name);
	if (!field) return false;
	return !field.uses.some(({ access, statement }) => {
		if (access === "assign") return statement.type === "AssignmentExpression" && /\bfilter\(/u.test(object.file.textOf(statement.right));
		return access === "mutate" && (statement.type === "UnaryExpression" || (statement.type === "CallExpression" && ["delete", "splice", "clear", "pop", "shift"].includes(calledMember(statement)?.name ?? "")));
	});
}

function fieldOf(start: TSESTree.Node, object: DurableObjectClass, depth: number): string | null {
	const node = unwrap(start);
	if (depth === 0) return null;
	if (node.type === "MemberExpression") return unwrap(node.object).type === "ThisExpression" ? propertyName(node) : fieldOf(node.object, object, depth - 1);
	if (node.type === "CallExpression") {
		const called = calledMember(node);
		const [argument] = node.arguments;
		const isBuiltIn = called && (object.file.bindings.isGlobal(unwrap(called.object), "Object") || object.file.bindings.isGlobal(unwrap(called.object), "Array"));
		return isBuiltIn ? (argument ? fieldOf(argument, object, depth - 1) : null) : called && fieldOf(called.object, object, depth - 1);
	}
	const initialiser = node.type === "Identifier" ? constantInitialiser(object.file.bindings.variableOf(node)) : null;
	return initialiser ? fieldOf(initialiser, object, depth - 1) : null;
}

function stateCheck({ node, receiver }: SocketCall, { file }: DurableObjectClass): Rule.ReportFixer | null {
	const socket = unwrap(receiver);
	if (socket.type !== "Identifier" && socket.type !== "MemberExpression") return null;
	const outer = wrapped(node);
	const { parent } = outer;
	const checked = `if (${file.textOf(socket)}.readyState === WebSocket.OPEN) ${file.textOf(outer)};`;
	if (parent?.type === "ExpressionStatement") return (fixer) => fixer.replaceTextRange([...parent.range], checked);
	if (parent?.type === "ArrowFunctionExpression" && parent.body === outer && parent.parent.type === "CallExpression" && calledMember(parent.parent)?.name === "forEach") {
		return (fixer) => fixer.replaceTextRange([...outer.range], `{ ${checked} }`);
	}
	return null;
}
