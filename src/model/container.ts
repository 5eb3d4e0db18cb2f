/** The container of a class that runs one: what happens once each time it starts or stops. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, contains, enclosingFunction, propertyName, unwrap } from "../syntax/nodes.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { functionOf } from "./timers.ts";
import { doesWork } from "./work.ts";

/** What the class of a container lets its subclasses do at such times. */
const hooks: ReadonlySet<string> = new Set(["onStart", "onStop", "onError"]);

const settling: ReadonlySet<string> = new Set(["then", "catch", "finally"]);

/** Why a call that is given a callback is made only when the container starts or stops, with the code that shows it; null otherwise. */
export function containerTurn(node: TSESTree.CallExpression, object: DurableObjectClass): { readonly at: TSESTree.Node; readonly because: string } | null {
	if (!runsContainer(object)) return null;
	const hook = hookIn(node, object);
	if (hook) return { at: hook, because: "it blocks once each time the container starts or stops" };
	const monitor = monitorAround(node, object);
	return monitor && { at: monitor, because: "it blocks once each time the container stops" };
}

/** The `container.monitor()` that an expression only waits for: what follows it, if anything, does nothing that must happen. */
export function onlyMonitors(start: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	if (!runsContainer(object)) return null;
	let node = unwrap(start);
	while (node.type === "CallExpression") {
		const called = calledMember(node);
		if (!called || !settling.has(called.name)) return called?.name === "monitor" ? node : null;
		for (const argument of node.arguments) {
			const fn = argument.type === "SpreadElement" ? null : functionOf(argument, object);
			if (!fn || doesWork(fn, object)) return null;
		}
		node = unwrap(called.object);
	}
	return null;
}

/** `this.onStart()` in what the call is given to run. */
function hookIn(node: TSESTree.CallExpression, object: DurableObjectClass): TSESTree.Node | null {
	const [callback] = node.arguments;
	const fn = callback && callback.type !== "SpreadElement" ? functionOf(callback, object) : null;
	return object.members.ownCalls.find((call) => hooks.has(call.name) && fn !== null && contains(fn, call.node))?.node ?? null;
}

/** The `container.monitor()` whose settled promise runs the code around a node. */
function monitorAround(node: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	for (let fn = enclosingFunction(node); fn && contains(object.node, fn); fn = enclosingFunction(fn)) {
		let call: TSESTree.Node = fn.parent;
		while (call.type === "CallExpression") {
			const called = calledMember(call);
			if (!called || !settling.has(called.name)) break;
			call = unwrap(called.object);
			const monitor = object.origins(call).find(({ root, path }) => path.length === 0 && root.kind === "expression" && root.node.type === "CallExpression" && calledMember(root.node)?.name === "monitor");
			if (monitor?.root.kind === "expression") return monitor.root.node;
		}
	}
	return null;
}

const runners = new WeakMap<DurableObjectClass, boolean>();

/** Whether the class is made on a framework for containers, or asks for `ctx.container` itself. */
function runsContainer(object: DurableObjectClass): boolean {
	let runs = runners.get(object);
	if (runs === undefined) {
		runs = object.ancestry.framework === "containers";
		if (!runs && object.file.text.includes("container")) {
			object.file.walk(object.node.body, (node) => {
				if (runs) return false;
				runs = node.type === "MemberExpression" && propertyName(node) === "container" && object.handle(node.object) === "ctx";
				return true;
			});
		}
		runners.set(object, runs);
	}
	return runs;
}
