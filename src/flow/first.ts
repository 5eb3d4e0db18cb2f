/** Whether something is kept in a place because a test has found nothing there: a promise for all who come meanwhile. */
import type { TSESTree } from "@typescript-eslint/utils";
import { calledMember, unwrap } from "../syntax/nodes.ts";
import { walk as visit } from "../syntax/walk.ts";
import type { Place } from "./host.ts";
import { covers } from "./places.ts";
import type { State } from "./state.ts";
import { isHarmless } from "./suspension.ts";
import type { Source } from "./value.ts";
import type { Walk } from "./walk.ts";

/** A call whose promise is kept, not awaited: `this.load()`, `this.load().finally(...)`. */
export function isStartedCall(node: TSESTree.Node): boolean {
	return unwrap(node).type === "CallExpression";
}

/** True where a test has found that what is assigned was absent, and nobody else has come in since. */
export function isFirst(target: TSESTree.Node, walk: Walk, state: State): boolean {
	if (!findsNothing(state)) return false;
	const place = target.type === "MemberExpression" || target.type === "Identifier" ? walk.host.place(target) : null;
	if (place) return isFirstIn(place, state);
	const variable = target.type === "Identifier" ? walk.host.variableOf(target) : null;
	const held = variable && new Set(state.variable(variable)?.parts.map(({ source }) => source));
	return held !== null && hasFoundNothing(state, (source) => held.has(source));
}

/** `if (this.running) return this.running; const run = this.start(); this.running = run;` */
export function isKeptFirst({ name }: TSESTree.Identifier, declaration: TSESTree.VariableDeclaration, walk: Walk, state: State): boolean {
	if (!findsNothing(state) || declaration.parent.type !== "BlockStatement") return false;
	const { body } = declaration.parent;
	const names = new Set([name]);
	for (const statement of body.slice(body.indexOf(declaration) + 1)) {
		if (waits(statement, walk)) return false;
		if (statement.type === "VariableDeclaration") {
			for (const { id, init } of statement.declarations) if (id.type === "Identifier" && init && isOneOf(names, chainedOn(init))) names.add(id.name);
		} else if (statement.type === "ExpressionStatement") {
			const place = keeping(unwrap(statement.expression), names, walk);
			if (place) return isFirstIn(place, state);
		} else return false;
	}
	return false;
}

/** Where an expression puts what a variable holds: `this.running = run`, `this.running.set(key, run)`. */
function keeping(node: TSESTree.Node, names: ReadonlySet<string>, walk: Walk): Place | null {
	if (node.type === "AssignmentExpression") {
		const target = unwrap(node.left);
		return node.operator === "=" && isOneOf(names, chainedOn(node.right)) && target.type === "MemberExpression" ? walk.host.place(target) : null;
	}
	if (node.type !== "CallExpression") return null;
	return walk.host.call(node).accesses.find(({ mode, inputs }) => mode === "write" && inputs.some((input) => isOneOf(names, chainedOn(input))))?.place ?? null;
}

/** For `run.finally(...)`: `run`. */
function chainedOn(start: TSESTree.Node): TSESTree.Node {
	const node = unwrap(start);
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	return called && ["then", "catch", "finally"].includes(called.name) ? chainedOn(called.object) : node;
}

const isOneOf = (names: ReadonlySet<string>, node: TSESTree.Node): boolean => node.type === "Identifier" && names.has(node.name);

function waits(statement: TSESTree.Statement, walk: Walk): boolean {
	let isFound = false;
	visit(statement, walk.host.visitorKeys, (node) => {
		isFound ||= node.type === "AwaitExpression" || node.type === "YieldExpression";
		return !isFound;
	});
	return isFound;
}

const findsNothing = ({ conditions }: State): boolean => conditions.some(({ test, path }) => test.is === "absent" && path?.length === 0);

const isFirstIn = (place: Place, state: State): boolean => hasFoundNothing(state, (source) => covers(source.place, place));

function hasFoundNothing(state: State, isThere: (source: Extract<Source, { kind: "read" }>) => boolean): boolean {
	return state.conditions.some(
		({ test, path, parts }) => test.is === "absent" && path?.length === 0 && parts.some((part) => part.source.kind === "read" && isHarmless(state.crossing(part)) && isThere(part.source)),
	);
}
