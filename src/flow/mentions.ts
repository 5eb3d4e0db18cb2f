/** What a function refers to, found by looking at its text once: what it takes to walk it, and whether it is worth a walk. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, isClass, isFunction, unwrap, wrapped } from "../syntax/nodes.ts";
import { walk } from "../syntax/walk.ts";
import type { CallMeaning, CallNode, FlowHost, FunctionNode, Place, SuspensionKind } from "./host.ts";
import { placeId } from "./places.ts";

export interface Mentions {
	/** Functions that it may run, itself or by handing them to something that does. */
	readonly callees: readonly FunctionNode[];
	/** Each place in its text that runs functions, with those that it may run. */
	readonly runs: readonly Run[];
	readonly assignedPlaces: ReadonlySet<string>;
	readonly waitingLoops: ReadonlySet<TSESTree.Node>;
	/** The spaces of all that it reads itself. */
	readonly reads: ReadonlySet<string>;
	/** The space of each write in its text. */
	readonly writes: readonly string[];
	/** True where something that it awaits or starts, other than these functions, lets other events in. */
	readonly opens: boolean;
	/** True where it gets a promise from something other than these functions. */
	readonly getsPromise: boolean;
	/** Calls that are statements of their own: nobody keeps what they return. */
	readonly statements: readonly CallMeaning[];
}

/** A place that runs functions: a call, a getter, a setter. */
export interface Run {
	readonly callees: readonly FunctionNode[];
	/** True where nothing goes on until its promise has settled: it is awaited or returned at once. */
	readonly isWaitedFor: boolean;
	/** True where it may run them more than once. */
	readonly isRepeated: boolean;
}

export function mentionsOf(fn: FunctionNode, host: FlowHost): Mentions {
	const look = new Look(fn, host);
	for (const param of fn.params) if (param.type !== "Identifier") look.at(param);
	look.at(fn.body);
	return look.found();
}

class Look {
	readonly #fn: FunctionNode;
	readonly #host: FlowHost;
	readonly #runs: Run[] = [];
	readonly #assignedPlaces = new Set<string>();
	readonly #waitingLoops = new Set<TSESTree.Node>();
	readonly #reads = new Set<string>();
	/** Members and names that stand there without being read. */
	readonly #unread = new Set<TSESTree.Node>();
	readonly #writes: string[] = [];
	readonly #statements: CallMeaning[] = [];
	#opens = false;
	#getsPromise = false;

	constructor(fn: FunctionNode, host: FlowHost) {
		this.#fn = fn;
		this.#host = host;
	}

	at(start: TSESTree.Node): void {
		walk(start, this.#host.visitorKeys, (node) => {
			if (isFunction(node) || isClass(node)) return false;
			switch (node.type) {
				case "CallExpression":
				case "NewExpression":
				case "TaggedTemplateExpression":
				case "ImportExpression":
					this.#call(node);
					break;
				case "AwaitExpression":
					this.#waitAt(node);
					this.#waitFor(node.argument);
					break;
				case "ForOfStatement":
					this.#assign(node.left);
					if (node.await) {
						this.#waitAt(node);
						this.#suspend(this.#host.suspensionOf(node.right));
					}
					break;
				case "ForInStatement":
					this.#assign(node.left);
					break;
				case "MemberExpression":
					this.#run(node, [this.#host.getter(node)]);
					if (!this.#unread.has(node)) this.#read(this.#host.place(node));
					break;
				case "Identifier":
					if (!this.#unread.has(node)) this.#read(this.#host.place(node));
					break;
				case "VariableDeclarator":
					if (node.init && node.id.type === "ObjectPattern") this.#takeApart(node.id, node.init);
					break;
				case "AssignmentExpression":
					if (node.operator === "=") this.#passOver(node.left);
					this.#assign(node.left, this.#assignedPlaces);
					break;
				case "UpdateExpression":
					this.#assign(node.argument);
					break;
				case "UnaryExpression":
					if (node.operator === "delete") this.#assign(node.argument);
					break;
				default:
			}
			return true;
		});
	}

	found(): Mentions {
		return {
			callees: [...new Set(this.#runs.flatMap(({ callees }) => callees))],
			runs: this.#runs,
			assignedPlaces: this.#assignedPlaces,
			waitingLoops: this.#waitingLoops,
			reads: this.#reads,
			writes: this.#writes,
			opens: this.#opens,
			getsPromise: this.#getsPromise,
			statements: this.#statements,
		};
	}

	#call(node: CallNode): void {
		const meaning = this.#host.call(node);
		const { callee, callbacks, accesses, suspension } = meaning;
		if (accesses.length > 0 && node.type === "CallExpression") this.#passOver(node.callee);
		if (callee || suspension) this.#waitAt(node);
		if (!callee) this.#suspend(suspension);
		for (const { mode, place } of accesses) {
			if (mode === "write") this.#writes.push(place.space);
			else this.#reads.add(place.space);
		}
		// What a callback of `then()` waits for first, where that is no call.
		if (node.type === "CallExpression" && callbacks.some(({ run }) => run === "then")) this.#waitFor(calledMember(node)?.object ?? node);
		const handed = callee && "arguments" in node ? node.arguments.map((argument) => this.#host.functionOf(argument)) : callbacks.map(({ fn }) => fn);
		this.#run(node, [callee, ...handed], handed.length > 0 && (callee !== null || callbacks.some(({ isRepeated }) => isRepeated)));
		if (node.type === "CallExpression" && isStatement(node)) this.#statements.push(meaning);
	}

	#run(node: TSESTree.Node, functions: readonly (FunctionNode | null)[], isRepeated = false): void {
		const callees = functions.filter((fn) => fn !== null);
		if (callees.length > 0) this.#runs.push({ callees, isRepeated, isWaitedFor: isWaitedFor(node) });
	}

	/** An awaited expression. What a call lets in, the call says. */
	#waitFor(start: TSESTree.Node): void {
		const node = unwrap(start);
		const says = node.type === "CallExpression" || node.type === "NewExpression" || node.type === "ImportExpression" ? this.#host.call(node) : null;
		if (!says?.callee && !says?.suspension) this.#suspend(this.#host.suspensionOf(node as TSESTree.Expression));
	}

	#suspend(kind: SuspensionKind | null): void {
		this.#getsPromise ||= kind !== null;
		this.#opens ||= kind === "open";
	}

	#waitAt(node: TSESTree.Node): void {
		for (let outer: TSESTree.Node | undefined = node; outer && outer !== this.#fn && !this.#waitingLoops.has(outer); outer = outer.parent) if (isLoop(outer)) this.#waitingLoops.add(outer);
	}

	#read(place: Place | null): void {
		if (place) this.#reads.add(place.space);
	}

	/** `this.a.b` in `this.a.b = 1`, and in `this.a.b.push(1)`, where the call says itself what it reads. */
	#passOver(start: TSESTree.Node): void {
		let node = unwrap(start);
		for (; node.type === "MemberExpression"; node = unwrap(node.object)) this.#unread.add(node);
		this.#unread.add(node);
	}

	/** `const { count } = this` */
	#takeApart(pattern: TSESTree.ObjectPattern, from: TSESTree.Node): void {
		for (const property of pattern.properties) {
			if (property.type === "Property" && !property.computed && property.key.type === "Identifier") this.#read(this.#host.placeOfProperty(from, property.key.name));
		}
	}

	/** Whatever is written to: the target of an assignment, or each of those in a pattern. */
	#assign(start: TSESTree.Node, assigned: Set<string> | null = null): void {
		const target = unwrap(start);
		switch (target.type) {
			case "MemberExpression":
			case "Identifier": {
				if (target.type === "MemberExpression") this.#run(target, [this.#host.setter(target)]);
				const place = this.#host.place(target);
				if (!place) return;
				this.#writes.push(place.space);
				assigned?.add(placeId(place));
				return;
			}
			case "ArrayPattern":
				for (const element of target.elements) if (element) this.#assign(element);
				return;
			case "ObjectPattern":
				for (const property of target.properties) this.#assign(property.type === "Property" ? property.value : property);
				return;
			case "RestElement":
				return this.#assign(target.argument);
			case "AssignmentPattern":
				return this.#assign(target.left);
			default:
		}
	}
}

function isLoop({ type }: TSESTree.Node): boolean {
	return type === "ForStatement" || type === "ForOfStatement" || type === "ForInStatement" || type === "WhileStatement" || type === "DoWhileStatement";
}

function isStatement(node: TSESTree.CallExpression): boolean {
	const { parent } = wrapped(node);
	if (parent?.type === "UnaryExpression" && parent.operator === "void") return wrapped(parent).parent?.type === "ExpressionStatement";
	return parent?.type === "ExpressionStatement";
}

function isWaitedFor(node: TSESTree.Node): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	return parent?.type === "AwaitExpression" || parent?.type === "ReturnStatement" || (parent?.type === "ArrowFunctionExpression" && parent.body === outer);
}
