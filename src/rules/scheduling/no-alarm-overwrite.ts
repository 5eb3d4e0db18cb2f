import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { alarmHandlerOf, alarmReadsIn } from "../../model/alarms.ts";
import { ingredientsOf, reaches, storageUsesWithin } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { eventInputsOf } from "../../model/event-input.ts";
import { conditionsOf } from "../../syntax/conditions.ts";
import { contains, enclosingFunction, keyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { displayText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Names of methods that set the alarm for all that is due. */
	readonly schedulers: readonly string[];
}

type MessageId = "alarmPerItem" | "twoDeadlines" | "promiseTested" | "awaitIt";

export default defineRule({
	name: "no-alarm-overwrite",
	gotcha: "single-alarm",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow setting an alarm over another one that is still needed",
		messages: {
			alarmPerItem:
				"Each call of {{entry}} stores something that is due and sets the alarm for it alone. An object has one alarm: this replaces that of what is due earlier, which is then late or never done. Set the alarm to the earliest time stored.",
			twoDeadlines:
				"An object has one alarm: this one replaces the alarm that was set for {{other}} (line {{line}}), and alarm() then comes at the wrong time for it, or never. Store both times and set the alarm to the earlier one.",
			promiseTested: "`getAlarm()` gives a promise, which is never null: this test always comes out the same, whether an alarm is set or not. Await it.",
			awaitIt: "Await it.",
		} satisfies Record<MessageId, string>,
		schema: [
			{
				type: "object",
				properties: { schedulers: { type: "array", items: { type: "string" }, description: "Names of methods that set the alarm for all that is due." } },
				additionalProperties: false,
			},
		],
		defaultOptions: [{ schedulers: [] }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [{ schedulers }], verdict }) {
		const settings = object.callsOf("storage", "setAlarm");
		if (settings.length === 0) {
			verdict.notApplicable("the class sets no alarm");
			return;
		}
		const tests = testedPromises(object);
		for (const { at, fix } of tests) verdict.violated({ at, messageId: "promiseTested", suggest: fix ? [{ messageId: "awaitIt", fix }] : [] });

		const sites = settings.map(({ node }) => siteOf(node, object, schedulers));
		const open: Site[] = [];
		let isAnswered = tests.length > 0;
		for (const site of sites) {
			if (site.guard) {
				verdict.guarded({ at: [site.guard.at, site.node], because: site.guard.because });
				isAnswered = true;
				continue;
			}
			const item = site.isInAlarm ? null : itemStoredWith(site, object);
			if (item) {
				isAnswered = true;
				verdict.violated({
					at: site.node,
					messageId: "alarmPerItem",
					data: { entry: `${nameOf(item.entry, object)}()` },
					steps: [
						{ at: item.stored, what: "one of several pieces of work is stored" },
						{ at: site.node, what: "the alarm is set for this one, whatever it was set for before" },
					],
				});
			} else open.push(site);
		}

		const events = open.filter(({ isInAlarm }) => !isInAlarm);
		const homes = new Set(events.map(({ home }) => home));
		const clash = deadlinesThatClash(events, sites, object);
		if (clash) {
			verdict.violated({
				at: clash.later.node,
				messageId: "twoDeadlines",
				data: { other: `\`${clash.key}\``, line: String(clash.earlier.node.loc.start.line) },
				steps: [
					{ at: clash.earlier.node, what: `the alarm is set for \`${clash.key}\`` },
					{ at: clash.later.node, what: "another event sets it anew, for something else" },
				],
			});
		} else if (homes.size > 1) {
			const times = new Set(events.map(({ node }) => node.arguments.map((argument) => object.file.textOf(argument)).join(", ")));
			if (times.size === 1) verdict.guarded({ at: events.map(({ node }) => node), because: "every place sets the same deadline anew, so the last one counts" });
			else verdict.unknown({ at: events.map(({ node }) => node), because: "whether an alarm that is replaced is still needed could not be told" });
		} else if (!isAnswered) {
			verdict.notApplicable("the alarm is set in one place, for one piece of work");
		}
	},
});

interface Site {
	readonly node: TSESTree.CallExpression;
	/** The method, or the callback that is an event of its own, in which it stands. */
	readonly home: TSESTree.Node;
	readonly isInAlarm: boolean;
	readonly guard: { readonly at: TSESTree.Node; readonly because: string } | null;
}

function siteOf(node: TSESTree.CallExpression, object: DurableObjectClass, schedulers: readonly string[]): Site {
	const home = object.outermostFunction(node);
	const handler = alarmHandlerOf(object);
	const alarm = handler.by === "method" ? handler.method.fn : handler.by === "framework" ? handler.hook?.fn : undefined;
	return { node, home, isInAlarm: alarm !== undefined && reaches(alarm, node, object), guard: guardOf(node, home, object, schedulers) };
}

/** What makes sure that an alarm which is still needed is not lost. */
function guardOf(node: TSESTree.CallExpression, home: TSESTree.Node, object: DurableObjectClass, schedulers: readonly string[]): Site["guard"] {
	const name = nameOf(home, object);
	if (schedulers.includes(name)) return { at: node, because: `${name}() sets the alarm for all that is due, as the rule's option says` };
	const isTestedPromise = testedPromises(object).length > 0;
	const look = isTestedPromise ? undefined : [...object.callsOf("storage", "getAlarm")].find((call) => contains(home, call.node))?.node;
	if (look) return { at: look, because: "the alarm that is set is looked at first" };
	const [time] = node.arguments;
	if (!time) return null;
	const [read] = alarmReadsIn(time, object);
	if (read && !isTestedPromise) return { at: read, because: "the alarm that is set is looked at first" };
	const earliest = earliestOf(time, object);
	if (earliest) return { at: earliest, because: "the alarm is set to the earliest of several times" };
	const [stored] = ingredientsOf(time, object).storageReads;
	if (stored) return { at: stored, because: "the time is worked out from what is stored" };
	for (const call of object.members.ownCalls.filter((each) => each.name === name)) {
		const caller = object.outermostFunction(call.node);
		const before = caller !== home && object.callsOf("storage", "getAlarm").find((each) => contains(caller, each.node));
		if (before && !isTestedPromise) return { at: before.node, because: "the alarm that is set is looked at first" };
		const [passed] = call.node.arguments.flatMap((argument) => ingredientsOf(argument, object).storageReads);
		if (passed) return { at: passed, because: "the time is worked out from what is stored" };
	}
	return null;
}

/** `Math.min(...times)` or a `reduce()`, `sort()` in what a time is made of: of several pieces of work the first one counts. */
function earliestOf(time: TSESTree.Node, object: DurableObjectClass, depth = 4): TSESTree.Node | null {
	let found: TSESTree.Node | null = null;
	object.file.walk(time, (node) => {
		if (found) return false;
		if (node.type === "CallExpression" && node.callee.type === "MemberExpression") {
			const name = keyName({ key: node.callee.property, computed: node.callee.computed });
			if (name === "min" && node.arguments.some(({ type }) => type === "SpreadElement")) found = node;
			if (name === "reduce" || name === "sort" || name === "toSorted") found = node;
		} else if (node.type === "Identifier" && depth > 0) {
			const variable = object.file.bindings.variableOf(node);
			for (const definition of variable?.defs ?? []) {
				if (definition.type === "Variable" && definition.node.init) found ??= earliestOf(definition.node.init, object, depth - 1);
			}
			// `if (t < next) next = t`: the same by hand.
			for (const { writeExpr, init } of variable?.references ?? []) {
				if (writeExpr && !init && conditionsOf(writeExpr, object.outermostFunction(writeExpr), object.file).length > 0) found ??= writeExpr;
			}
		}
		return true;
	});
	return found;
}

/** What the event that brings the time stores beside it, under a name or in a row of its own. */
function itemStoredWith(site: Site, object: DurableObjectClass): { readonly stored: TSESTree.Node; readonly entry: TSESTree.Node } | null {
	const [time] = site.node.arguments;
	if (!time) return null;
	for (const { fn, variables } of eventInputsOf(time, object)) {
		for (const use of storageUsesWithin(fn, object)) {
			if (!use.writes || use.call.method === "delete" || use.call.method === "deleteAll") continue;
			const parts: readonly TSESTree.Node[] = use.statements.length > 0 ? use.values : [...use.keys.map(({ node }) => node), ...use.values];
			const isOfSameInput = parts.some((part) => eventInputsOf(part, object).some((input) => [...input.variables].some((variable) => variables.has(variable))));
			if (isOfSameInput && isOneOfMany(use, object)) return { stored: use.call.node, entry: fn };
		}
	}
	return null;
}

/** A key that the event itself names, or a row that is added to others. */
function isOneOfMany({ call, keys, statements }: ReturnType<typeof storageUsesWithin>[number], object: DurableObjectClass): boolean {
	if (statements.length > 0) {
		return statements.some(({ kind, conflict, columns, holes }) => kind === "insert" && conflict === null && holes.length === 0 && columns !== null && columns.length > 1);
	}
	if (call.method !== "put") return false;
	return keys.some(({ text, node }) => text !== null && text.some((part) => typeof part !== "string") && eventInputsOf(node, object).length > 0);
}

/** Two events that each store their own piece of pending work for alarm(), which does not set itself again for the one left over. */
function deadlinesThatClash(events: readonly Site[], all: readonly Site[], object: DurableObjectClass): { readonly earlier: Site; readonly later: Site; readonly key: string } | null {
	const alarm = object.method("alarm")?.fn;
	if (!alarm || all.some(({ isInAlarm }) => isInAlarm)) return null;
	const readByAlarm = new Set(storageUsesWithin(alarm, object).flatMap((use) => (use.reads ? constantKeys(use.keys) : [])));
	const pending = events.map((site) => ({ site, keys: new Set(storageUsesWithin(site.home, object).flatMap((use) => (use.call.method === "put" ? constantKeys(use.keys) : [])).filter((key) => readByAlarm.has(key))) }));
	for (const [index, later] of pending.entries()) {
		for (const earlier of pending.slice(0, index)) {
			if (earlier.site.home === later.site.home) continue;
			const key = [...earlier.keys].find((each) => !later.keys.has(each));
			if (key !== undefined && [...later.keys].some((each) => !earlier.keys.has(each))) return { earlier: earlier.site, later: later.site, key };
		}
	}
	return null;
}

function constantKeys(keys: ReturnType<typeof storageUsesWithin>[number]["keys"]): readonly string[] {
	return keys.flatMap(({ text, isPrefix }) => (text && !isPrefix && text.every((part) => typeof part === "string") ? [displayText(text)] : []));
}

/** Tests of what `getAlarm()` returns, not awaited: on the call itself, or on the variable that holds it. */
function testedPromises(object: DurableObjectClass): readonly { readonly at: TSESTree.Node; readonly fix: Rule.ReportFixer | null }[] {
	return object.callsOf("storage", "getAlarm").flatMap(({ node }) => {
		const outer = wrapped(node);
		const { parent } = outer;
		const isAsync = enclosingFunction(node)?.async === true;
		const text = object.file.textOf(node);
		if (isTested(outer)) return [{ at: node, fix: isAsync ? (fixer: Rule.RuleFixer) => fixer.replaceTextRange([...node.range], `(await ${text})`) : null }];
		if (parent?.type !== "VariableDeclarator" || parent.init !== outer || parent.id.type !== "Identifier") return [];
		const uses = object.file.bindings.variableOf(parent.id)?.references.filter((reference) => !reference.init) ?? [];
		const test = uses.find(({ identifier }) => isTested(wrapped(identifier)));
		if (!test || uses.some(({ identifier }) => wrapped(identifier).parent?.type === "AwaitExpression")) return [];
		return [{ at: test.identifier as TSESTree.Node, fix: isAsync ? (fixer: Rule.RuleFixer) => fixer.insertTextBeforeRange([...outer.range], "await ") : null }];
	});
}

function isTested(node: TSESTree.Node): boolean {
	const { parent } = node;
	switch (parent?.type) {
		case "BinaryExpression":
			return ["===", "==", "!==", "!=", "<", ">", "<=", ">="].includes(parent.operator);
		case "UnaryExpression":
			return parent.operator === "!";
		case "IfStatement":
		case "ConditionalExpression":
			return parent.test === node;
		case "LogicalExpression":
			return parent.left === node;
		default:
			return false;
	}
}

function nameOf(fn: TSESTree.Node, object: DurableObjectClass): string {
	const element = object.elementOf(fn);
	return (element && "key" in element ? keyName(element) : null) ?? unwrap(fn).type;
}
