/** What running a function runs: its calls in evaluation order, with the methods and local functions that it calls looked into. */
import type { TSESTree } from "@typescript-eslint/utils";
import { type Condition, conditionsOf } from "../syntax/conditions.ts";
import { calledMember, type FunctionNode, isClass, isFunction, unwrap, wrapped } from "../syntax/nodes.ts";
import { childrenOf } from "../syntax/walk.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";
import { functionOf } from "./timers.ts";

export type CallLike = TSESTree.CallExpression | TSESTree.NewExpression | TSESTree.TaggedTemplateExpression;

/** A call that is made when a function runs. */
export interface Step<Node extends CallLike = CallLike> {
	readonly node: Node;
	/** The function, or field initialiser, whose code it is. */
	readonly within: TSESTree.Node;
	/** The calls that lead to it, outermost first. */
	readonly through: readonly Step[];
}

const MAX_DEPTH = 6;
const MAX_STEPS = 5_000;

/** The calls that are made when `roots` run, in evaluation order. Functions that become events of their own are left out. */
export function stepsOf(roots: readonly TSESTree.Node[], object: DurableObjectClass): readonly Step[] {
	const runner = new Runner(object);
	for (const root of roots) runner.run(root, []);
	return runner.steps;
}

/** The calls of one platform method among steps: `platformSteps(steps, object, "storage", "setAlarm")`. */
export function platformSteps(steps: readonly Step[], object: DurableObjectClass, on: PlatformCall["on"], ...methods: readonly string[]): readonly Step<TSESTree.CallExpression>[] {
	return steps.filter((step): step is Step<TSESTree.CallExpression> => {
		const call = step.node.type === "CallExpression" ? object.platformCall(step.node) : null;
		return call !== null && (call.on === on || (on === "storage" && call.on === "transaction")) && methods.includes(call.method);
	});
}

/** What has to hold for a step to be made once its root runs, innermost first. */
export function conditionsOn({ node, within, through }: Step, object: DurableObjectClass): readonly Condition[] {
	return [{ node, within }, ...[...through].reverse()].flatMap((step) => conditionsOf(step.node, step.within, object.file));
}

/** The call in the root function itself that makes a step, directly or not. */
export function outermostCall(step: Step): CallLike {
	return (step.through[0] ?? step).node;
}

/** What the class itself runs whenever the object comes into memory: its field initialisers and its constructor. */
export function constructionRoots(object: DurableObjectClass): readonly TSESTree.Node[] {
	const roots: TSESTree.Node[] = [];
	for (const element of object.node.body.body) {
		if (element.type === "PropertyDefinition" && !element.static && element.value && !isFunction(unwrap(element.value))) roots.push(element.value);
	}
	const { constructor } = object.members;
	if (constructor) roots.push(constructor.fn);
	return roots;
}

class Runner {
	readonly steps: Step[] = [];
	readonly #object: DurableObjectClass;
	readonly #open = new Set<TSESTree.Node>();

	constructor(object: DurableObjectClass) {
		this.#object = object;
	}

	run(root: TSESTree.Node, through: readonly Step[]): void {
		if (this.#open.has(root) || through.length > MAX_DEPTH) return;
		this.#open.add(root);
		for (const child of isFunction(root) ? [...root.params, root.body] : [root]) this.#visit(child, root, through);
		this.#open.delete(root);
	}

	#visit(start: TSESTree.Node, within: TSESTree.Node, through: readonly Step[]): void {
		this.#object.file.walk(start, (node) => {
			if (isClass(node) || this.steps.length >= MAX_STEPS) return false;
			if (isFunction(node)) {
				const run = this.#object.callbackRun(node);
				return run === "now" || run === "region" || run === "then";
			}
			if (node.type !== "CallExpression" && node.type !== "NewExpression" && node.type !== "TaggedTemplateExpression") return true;
			// First what the call is given, then the call, then what it runs.
			for (const child of childrenOf(node, this.#object.file.visitorKeys)) this.#visit(child, within, through);
			const step = { node, within, through };
			this.steps.push(step);
			if (node.type === "CallExpression") for (const fn of this.#runBy(node)) this.run(fn, [...through, step]);
			return false;
		});
	}

	/** The functions that a call runs and that do not stand in the call itself. */
	#runBy(node: TSESTree.CallExpression): readonly FunctionNode[] {
		const object = this.#object;
		const callee = unwrap(node.callee);
		if (isFunction(callee)) return [];
		const called = calledMember(node);
		const isSuper = called !== null && called.object.type === "Super";
		const method = isSuper ? object.ancestry.base?.method(called.name) : object.calledMethod(node);
		if (method) return [method.fn];
		if (callee.type === "Identifier") {
			const fn = functionOf(callee, object);
			return fn ? [fn] : [];
		}
		if (!called || !["then", "catch", "finally", "blockConcurrencyWhile", "transaction", "transactionSync"].includes(called.name)) return [];
		return node.arguments.flatMap((argument) => {
			if (argument.type === "SpreadElement" || isFunction(unwrap(argument))) return [];
			const fn = functionOf(argument, object);
			return fn ? [fn] : [];
		});
	}
}

/** True where the event waits for a call's result: it is awaited, also through `Promise.all([...])`, or returned. */
export function isAwaited(node: TSESTree.Node): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	switch (parent?.type) {
		case "AwaitExpression":
		case "ReturnStatement":
			return true;
		case "ArrowFunctionExpression":
			return parent.body === outer;
		case "ConditionalExpression":
			return parent.test !== outer && isAwaited(parent);
		case "LogicalExpression":
			return isAwaited(parent);
		case "ArrayExpression": {
			const call = parent.parent;
			const name = call.type === "CallExpression" ? calledMember(call)?.name : undefined;
			return name !== undefined && ["all", "allSettled", "race", "any"].includes(name) && isAwaited(call);
		}
		case "MemberExpression": {
			// `call().catch(...)`
			const call = wrapped(parent).parent;
			return parent.object === outer && call?.type === "CallExpression" && ["then", "catch", "finally"].includes(calledMember(call)?.name ?? "") && isAwaited(call);
		}
		default:
			return false;
	}
}
