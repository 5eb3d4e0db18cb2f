/** Statements: where the walk branches, repeats itself and ends. */
import type { TSESTree } from "@typescript-eslint/utils";
import { isClass, isFunction, unwrap } from "../syntax/nodes.ts";
import { bindPattern, conditionsOf, evaluate, evaluateInitialiser } from "./expressions.ts";
import type { CallNode } from "./host.ts";
import type { State } from "./state.ts";
import { isWorse } from "./suspension.ts";
import { NOTHING, type Pending, type Value } from "./value.ts";
import type { Frame, Walk } from "./walk.ts";

/** Loops nested deeper than this are walked once instead of twice: their second rounds would multiply. */
const MAX_REPEATED = 4;

export function run(node: TSESTree.Node, walk: Walk, state: State, label: string | null = null): void {
	if (state.isDead || !walk.enter()) return;
	runNode(node, walk, state, label);
	walk.leave();
}

function runAll(nodes: readonly TSESTree.Node[], walk: Walk, state: State): void {
	for (const node of nodes) {
		if (state.isDead) return;
		run(node, walk, state);
	}
}

function runNode(node: TSESTree.Node, walk: Walk, state: State, label: string | null): void {
	switch (node.type) {
		case "BlockStatement":
			return label === null ? runAll(node.body, walk, state) : runLabelled(node, label, walk, state);
		case "ExpressionStatement":
			return runExpression(node.expression, walk, state);
		case "VariableDeclaration":
			for (const declarator of node.declarations) {
				const { id, init } = declarator;
				if (init) bindPattern(id, evaluateInitialiser(init, declarator, walk, state), init, walk, state);
				else if (node.kind !== "var") bindPattern(id, NOTHING, null, walk, state);
			}
			return;
		case "ReturnStatement": {
			const value = node.argument ? evaluate(node.argument, walk, state) : NOTHING;
			walk.return(value, node, state);
			if (!node.argument) walk.end(state);
			state.isDead = true;
			return;
		}
		case "ThrowStatement":
			evaluate(node.argument, walk, state);
			state.isDead = true;
			return;
		case "IfStatement":
			return runIf(node, walk, state);
		case "ForStatement":
		case "WhileStatement":
		case "DoWhileStatement":
		case "ForOfStatement":
		case "ForInStatement":
			return runLoop(node, label, walk, state);
		case "SwitchStatement":
			return runSwitch(node, label, walk, state);
		case "TryStatement":
			return runTry(node, walk, state);
		case "LabeledStatement":
			return run(node.body, walk, state, node.label.name);
		case "BreakStatement":
		case "ContinueStatement":
			return leave(node, walk, state);
		default:
			// Declarations of functions, classes and types do nothing when they are reached.
			if (isFunction(node) || isClass(node) || node.type.startsWith("TS")) return;
			evaluate(node, walk, state);
	}
}

function runExpression(expression: TSESTree.Expression, walk: Walk, state: State): void {
	const value = evaluate(expression, walk, state);
	let node = unwrap(expression);
	if (node.type === "UnaryExpression" && node.operator === "void") node = unwrap(node.argument);
	if (node.type === "CallExpression" && isPromiseDropped(node, value, walk)) {
		const worst = value.pending.reduce<Pending | null>((found, each) => (found && !isWorse(each.kind, found.kind) ? found : each), null);
		if (worst) walk.dropped.set(node, { node, cause: worst.cause, kind: worst.kind });
	}
}

/** `this.save();`, but not `promises.push(this.save())`. */
function isPromiseDropped(node: CallNode, value: Value, walk: Walk): boolean {
	if (value.pending.length === 0) return false;
	const { callee, suspension, callbacks } = walk.host.call(node);
	return callee !== null || suspension !== null || callbacks.some(({ run: how }) => how === "then" || how === "region");
}

function runIf(node: TSESTree.IfStatement, walk: Walk, state: State): void {
	evaluate(node.test, walk, state);
	const yes = state.fork();
	yes.addCondition(conditionsOf(node.test, true, walk));
	run(node.consequent, walk, yes);
	const no = state.fork();
	no.addCondition(conditionsOf(node.test, false, walk));
	if (node.alternate) run(node.alternate, walk, no);
	state.join([yes, no]);
}

type Loop = TSESTree.ForStatement | TSESTree.WhileStatement | TSESTree.DoWhileStatement | TSESTree.ForOfStatement | TSESTree.ForInStatement;

function frameOf(label: string | null, base: State, kind: "loop" | "switch" | "block"): Frame {
	return { label, base, isLoop: kind === "loop", isBreakable: kind !== "block", breaks: [], continues: [] };
}

/** Two rounds show everything that more would: the second one sees what the first has left, where it has left anything. */
function runLoop(node: Loop, label: string | null, walk: Walk, state: State): void {
	if (node.type === "ForStatement" && node.init) {
		if (node.init.type === "VariableDeclaration") run(node.init, walk, state);
		else evaluate(node.init, walk, state);
	}
	const elements = node.type === "ForOfStatement" || node.type === "ForInStatement" ? evaluate(node.right, walk, state) : NOTHING;
	const frame = frameOf(label, state, "loop");
	walk.frames.push(frame);
	walk.loops.push(node);
	const exits: State[] = [];
	const round = state.fork();
	const rounds = walk.loops.length <= MAX_REPEATED && walk.waitingLoops.has(node) ? 2 : 1;
	for (let index = 0; index < rounds && !round.isDead; index++) {
		if (node.type !== "DoWhileStatement") enterRound(node, elements, exits, walk, round, state);
		run(node.body, walk, round);
		meet(round, frame.continues.splice(0), state);
		if (round.isDead) break;
		if (node.type === "ForStatement" && node.update) evaluate(node.update, walk, round);
		if (node.type === "DoWhileStatement") {
			evaluate(node.test, walk, round);
			if (!isAlways(node.test)) exits.push(round.freeze(state));
		}
		round.conditions = state.conditions;
	}
	if (!isEndless(node) && !round.isDead) exits.push(round);
	walk.loops.pop();
	walk.frames.pop();
	state.join([...exits, ...frame.breaks]);
}

/** The test at the head of a loop, and the next element of what it goes through. */
function enterRound(node: Exclude<Loop, TSESTree.DoWhileStatement>, elements: Value, exits: State[], walk: Walk, round: State, base: State): void {
	if (node.type === "ForOfStatement" || node.type === "ForInStatement") {
		exits.push(round.freeze(base));
		let element = elements;
		if (node.type === "ForOfStatement" && node.await) {
			element = walk.await(elements, walk.host.suspensionOf(node.right), node, node.right, round);
		}
		round.addCondition(element.parts.length > 0 ? [{ test: { is: "other" }, path: null, parts: element.parts }] : []);
		const target = node.left.type === "VariableDeclaration" ? node.left.declarations[0]?.id : node.left;
		if (target) bindPattern(target, element, null, walk, round);
		return;
	}
	if (!node.test) return;
	evaluate(node.test, walk, round);
	if (!isAlways(node.test)) exits.push(round.freeze(base));
	round.addCondition(conditionsOf(node.test, true, walk));
}

function isAlways(test: TSESTree.Node): boolean {
	const node = unwrap(test);
	return node.type === "Literal" && Boolean(node.value);
}

function isEndless(node: Loop): boolean {
	if (node.type === "ForOfStatement" || node.type === "ForInStatement") return false;
	return !node.test || isAlways(node.test);
}

/** Goes on where `others` meet the state; all are forks of `base`. */
function meet(state: State, others: readonly State[], base: State): void {
	if (others.length === 0) return;
	const conditions = base.conditions;
	const here = state.freeze(base);
	const joined = base.fork();
	joined.join([here, ...others]);
	state.become(joined);
	state.conditions = conditions;
}

function runLabelled(node: TSESTree.BlockStatement, label: string, walk: Walk, state: State): void {
	const frame = frameOf(label, state, "block");
	walk.frames.push(frame);
	const body = state.fork();
	runAll(node.body, walk, body);
	walk.frames.pop();
	state.join([body, ...frame.breaks]);
}

function runSwitch(node: TSESTree.SwitchStatement, label: string | null, walk: Walk, state: State): void {
	const value = evaluate(node.discriminant, walk, state);
	const frame = frameOf(label, state, "switch");
	walk.frames.push(frame);
	let before: State | null = null;
	for (const { test, consequent } of node.cases) {
		const branch = state.fork();
		if (test) evaluate(test, walk, branch);
		if (value.parts.length > 0) branch.addCondition([{ test: { is: "other" }, path: null, parts: value.parts }]);
		if (before && !before.isDead) meet(branch, [before], state);
		runAll(consequent, walk, branch);
		before = branch;
	}
	walk.frames.pop();
	const exits = [...frame.breaks, ...(before ? [before] : [])];
	if (!node.cases.some(({ test }) => test === null)) exits.push(state.fork());
	state.join(exits);
}

/** An exception may come from any suspension: `catch` sees what may have been done by then. */
function runTry(node: TSESTree.TryStatement, walk: Walk, state: State): void {
	const start = state.fork();
	const attempt = state.fork();
	walk.tries.push(start);
	run(node.block, walk, attempt);
	walk.tries.pop();
	const branches = [attempt];
	if (node.handler) {
		const caught = state.fork();
		const revived = attempt.freeze(state);
		revived.isDead = false;
		const untouched = start.freeze(state);
		caught.join([untouched, revived]);
		caught.isRecovery = true;
		if (node.handler.param) bindPattern(node.handler.param, NOTHING, null, walk, caught);
		run(node.handler.body, walk, caught);
		caught.isRecovery = state.isRecovery;
		branches.push(caught);
	}
	const hasEnded = branches.every(({ isDead }) => isDead);
	state.join(branches);
	if (!node.finalizer) return;
	state.isDead = false;
	const wasRecovery = state.isRecovery;
	state.isRecovery = true;
	run(node.finalizer, walk, state);
	state.isRecovery = wasRecovery;
	state.isDead ||= hasEnded;
}

function leave(node: TSESTree.BreakStatement | TSESTree.ContinueStatement, walk: Walk, state: State): void {
	const name = node.label?.name ?? null;
	const frame = walk.frames.findLast((each) => (name !== null ? each.label === name : node.type === "ContinueStatement" ? each.isLoop : each.isBreakable));
	if (frame) (node.type === "ContinueStatement" ? frame.continues : frame.breaks).push(state.freeze(frame.base));
	state.isDead = true;
}

