/** The WebSockets of a class: which end of which pair an expression is, who accepts it and how, who listens to it. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, contains, type FunctionNode, isFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { type PairEnd, type RawSocket, SocketTracer } from "./socket-origins.ts";

/** What a socket is to the object. */
export type Side =
	/** The end of a pair that the object serves. */
	| "server"
	/** The end of a pair that the client gets. */
	| "client"
	/** A connection that the object opened itself: `new WebSocket(url)`, `response.webSocket`. */
	| "outbound"
	/** One that the runtime hands out: a handler's parameter, an element of `ctx.getWebSockets()`. */
	| "connection"
	/** A socket by its type, of unknown origin. */
	| "unknown";

export interface Socket {
	readonly side: Side;
	/** The `new WebSocketPair()` that it is an end of. */
	readonly pair: TSESTree.Node | null;
	/** An element of `ctx.getWebSockets()`: such sockets may be closing. */
	readonly isListed: boolean;
}

export interface SocketCall {
	readonly name: string;
	readonly node: TSESTree.CallExpression;
	readonly receiver: TSESTree.Expression;
}

/** Who serves a socket from now on: the runtime (`ctx.acceptWebSocket`), or listeners in memory (`socket.accept()`). */
export interface Acceptance {
	readonly api: "hibernation" | "standard";
	readonly node: TSESTree.CallExpression;
	readonly socket: TSESTree.Node;
}

export interface Listener {
	/** `addEventListener("message")`, `onmessage`. */
	readonly name: string;
	readonly node: TSESTree.CallExpression | TSESTree.AssignmentExpression;
	readonly receiver: TSESTree.Node;
}

const socketEvents: ReadonlySet<string> = new Set(["message", "close", "error"]);

/** Methods that put a socket into a collection, or look for it there. */
const collecting: ReadonlySet<string> = new Set(["set", "get", "has", "add", "push", "unshift", "delete", "indexOf", "includes", "log"]);

/** The WebSockets of a class; the same object for every caller. */
export function socketsOf(object: DurableObjectClass): Sockets {
	let sockets = known.get(object);
	if (!sockets) known.set(object, (sockets = new Sockets(object)));
	return sockets;
}

const known = new WeakMap<DurableObjectClass, Sockets>();

export class Sockets {
	readonly object: DurableObjectClass;
	readonly #tracer: SocketTracer;
	readonly #cache = new Map<TSESTree.Node, readonly Socket[]>();
	#parts: Parts | undefined;
	#servedIndexes: Map<TSESTree.Node, number | null> | undefined;
	#acceptances: readonly Acceptance[] | undefined;
	#listeners: readonly Listener[] | undefined;

	constructor(object: DurableObjectClass) {
		this.object = object;
		this.#tracer = new SocketTracer(object);
	}

	/** All sockets that an expression may be; empty when it is none, or cannot be followed. */
	of(node: TSESTree.Node): readonly Socket[] {
		let found = this.#cache.get(node);
		if (!found) {
			const bySide = new Map<string, Socket>();
			for (const raw of this.#tracer.socketsOf(node)) {
				const socket = this.#interpret(raw);
				bySide.set(`${socket.side} ${socket.pair?.range[0] ?? ""} ${String(socket.isListed)}`, socket);
			}
			this.#cache.set(node, (found = [...bySide.values()]));
		}
		return found;
	}

	/** True when an expression is a socket of one of these sides, and cannot be one of another. */
	is(node: TSESTree.Node, ...sides: readonly Side[]): boolean {
		const sockets = this.of(node);
		return sockets.length > 0 && sockets.every(({ side }) => sides.includes(side));
	}

	/** Every `new WebSocketPair()` of the class and of the functions beside it that it calls. */
	get pairs(): readonly TSESTree.NewExpression[] {
		return this.#scan.pairs;
	}

	/** Calls of methods by these names on anything, in the class and in the functions of the file that it calls. */
	calls(...names: readonly string[]): readonly SocketCall[] {
		return this.#scan.calls.filter(({ name }) => names.includes(name));
	}

	/** Assignments in the class and in the functions of the file that it calls. */
	get assignments(): readonly TSESTree.AssignmentExpression[] {
		return this.#scan.assignments;
	}

	/** All acceptances of sockets that are not outbound and not the client's end. */
	get acceptances(): readonly Acceptance[] {
		return (this.#acceptances ??= this.#scan.calls.flatMap(({ name, node, receiver }): Acceptance[] => {
			if (name === "acceptWebSocket" && this.object.handle(receiver) === "ctx") {
				const [socket] = node.arguments;
				return socket && socket.type !== "SpreadElement" ? [{ api: "hibernation", node, socket }] : [];
			}
			return name === "accept" && this.is(receiver, "server", "connection") ? [{ api: "standard", node, socket: receiver }] : [];
		}));
	}

	/** Whether the class, or a base class in the same file, hands a socket to the runtime. */
	get hibernates(): boolean {
		const { base } = this.object.ancestry;
		return this.acceptances.some(({ api }) => api === "hibernation") || (base !== null && socketsOf(base).hibernates);
	}

	/** Listeners for message, close and error on sockets that the object serves. */
	get listeners(): readonly Listener[] {
		return (this.#listeners ??= [...this.#addedListeners(), ...this.#assignedListeners()].sort((a, b) => a.node.range[0] - b.node.range[0]));
	}

	/** A socket that is certainly kept by the runtime: handed to it here, or handed out by it. */
	hibernationOf(node: TSESTree.Node): Acceptance | "connection" | null {
		const sockets = this.of(node);
		if (sockets.length === 0) return null;
		const acceptances = sockets.map((socket) => (socket.side === "connection" ? "connection" : this.acceptanceOf(socket, "hibernation")));
		return acceptances.every((each) => each !== null) ? (acceptances[0] ?? null) : null;
	}

	acceptanceOf(socket: Socket, api: Acceptance["api"]): Acceptance | null {
		if (socket.side !== "server") return null;
		return this.acceptances.find((each) => each.api === api && this.of(each.socket).some(({ side, pair }) => side === "server" && pair === socket.pair)) ?? null;
	}

	/** True when some function that cannot be followed receives the object's end of a pair: it may accept it. */
	isHandedOn({ pair }: Socket): boolean {
		return this.#scan.handed.some((argument) => this.of(argument).some((socket) => socket.side === "server" && socket.pair === pair));
	}

	#addedListeners(): Listener[] {
		return this.calls("addEventListener", "on").flatMap(({ name, node, receiver }): Listener[] => {
			const [event] = node.arguments;
			if (event?.type !== "Literal" || typeof event.value !== "string" || !socketEvents.has(event.value)) return [];
			return this.is(receiver, "server", "connection") ? [{ name: `${name}("${event.value}")`, node, receiver }] : [];
		});
	}

	#assignedListeners(): Listener[] {
		return this.assignments.flatMap((node): Listener[] => {
			const left = unwrap(node.left);
			const name = left.type === "MemberExpression" ? propertyName(left) : null;
			if (left.type !== "MemberExpression" || !name?.startsWith("on") || !socketEvents.has(name.slice(2))) return [];
			return this.is(left.object, "server", "connection") ? [{ name, node, receiver: left.object }] : [];
		});
	}

	#interpret(raw: RawSocket): Socket {
		if (raw.kind === "listed") return { side: "connection", pair: null, isListed: true };
		if (raw.kind !== "end") return { side: raw.kind, pair: null, isListed: false };
		const served = this.#servedIndex(raw);
		return { side: served === null ? "unknown" : served === raw.index ? "server" : "client", pair: raw.pair, isListed: false };
	}

	/** The end that is kept is the one that no response takes along; by custom the second. Null for a pair of which both ends are accepted here. */
	#servedIndex({ pair }: PairEnd): number | null {
		if (!this.#servedIndexes) {
			const indexes = new Map<TSESTree.Node, number | null>();
			this.#servedIndexes = indexes;
			for (const value of this.#scan.responded) {
				for (const raw of this.#tracer.socketsOf(value)) if (raw.kind === "end") indexes.set(raw.pair, 1 - raw.index);
			}
			const accepted = new Set<TSESTree.Node>();
			for (const { name, node, receiver } of this.calls("accept", "acceptWebSocket")) {
				const socket = name === "accept" ? receiver : node.arguments[0];
				for (const raw of socket ? this.#tracer.socketsOf(socket) : []) {
					if (raw.kind !== "end" || indexes.has(raw.pair)) continue;
					if (raw.index === 0) accepted.add(raw.pair);
				}
			}
			// The first end is accepted and no response is in sight: both ends stay here, or the custom does not hold.
			for (const each of accepted) indexes.set(each, null);
		}
		const served = this.#servedIndexes.get(pair);
		return served === undefined ? 1 : served;
	}

	get #scan(): Parts {
		return (this.#parts ??= partsOf(this.object));
	}
}

interface Parts {
	readonly pairs: readonly TSESTree.NewExpression[];
	readonly calls: readonly SocketCall[];
	readonly assignments: readonly TSESTree.AssignmentExpression[];
	/** Values of `webSocket` in the options of a response. */
	readonly responded: readonly TSESTree.Node[];
	/** Arguments of calls and constructors that cannot be followed. */
	readonly handed: readonly TSESTree.Node[];
}

/** One pass over the class body, and over the functions of the module that code of the class calls. */
function partsOf(object: DurableObjectClass): Parts {
	const pairs: TSESTree.NewExpression[] = [];
	const calls: SocketCall[] = [];
	const assignments: TSESTree.AssignmentExpression[] = [];
	const responded: TSESTree.Node[] = [];
	const handed: TSESTree.Node[] = [];
	const { file } = object;
	// Without the word there is no pair, no handler, no list and no type that a socket could come from.
	const reached: TSESTree.Node[] = /[wW]ebSocket/u.test(file.text) ? [object.node.body] : [];
	for (let index = 0; index < reached.length; index++) {
		file.walk(reached[index] as TSESTree.Node, (node) => {
			switch (node.type) {
				case "NewExpression":
					if (file.bindings.isGlobal(node.callee, "WebSocketPair")) pairs.push(node);
					else handed.push(...node.arguments);
					break;
				case "AssignmentExpression":
					assignments.push(node);
					break;
				case "Property":
					if (node.parent.type === "ObjectExpression" && !node.computed && node.key.type === "Identifier" && node.key.name === "webSocket" && node.parent.parent.type === "NewExpression") responded.push(node.value);
					break;
				case "CallExpression": {
					const called = calledMember(node);
					if (called) {
						calls.push({ name: called.name, node, receiver: called.object });
						if (called.name !== "acceptWebSocket" && !collecting.has(called.name) && !object.calledMethod(node)) handed.push(...node.arguments);
						break;
					}
					const fn = moduleFunction(node, object);
					if (!fn) handed.push(...node.arguments);
					else if (!reached.some((each) => contains(each, fn))) reached.push(fn);
					break;
				}
				default:
			}
			return true;
		});
	}
	return { pairs, calls, assignments, responded, handed };
}

/** The function of this file that a plain call runs. */
function moduleFunction(node: TSESTree.CallExpression, { file }: DurableObjectClass): FunctionNode | null {
	const callee = unwrap(node.callee);
	const [definition] = callee.type === "Identifier" ? (file.bindings.variableOf(callee)?.defs ?? []) : [];
	const made = definition?.type === "FunctionName" ? definition.node : definition?.type === "Variable" ? definition.node.init : null;
	return isFunction(made) ? made : null;
}
