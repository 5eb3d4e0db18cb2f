import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { alarmHandlerOf, alarmReadsIn } from "../../model/alarms.ts";
import { ingredientsOf, reaches, storageUsesWithin, waysTo } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { eventInputsOf } from "../../model/event-input.ts";
import { freshIdIn } from "../../model/fresh-ids.ts";
import { fieldLife } from "../../model/field-life.ts";
import { type KeyUse, storageUse } from "../../model/storage.ts";
import { areExclusive } from "../../syntax/branches.ts";
import { conditionsOf } from "../../syntax/conditions.ts";
import { calledMember, contains, enclosingFunction, isFunction, keyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import { displayText } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Names of methods that set the alarm for all that is due. */
	readonly schedulers: readonly string[];
}

type MessageId = "alarmPerItem" | "replacedAtOnce" | "twoDeadlines" | "promiseTested" | "awaitIt";

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
			replacedAtOnce:
				"An object has one alarm: this one replaces the alarm that line {{line}} has just set, which never runs. Store both times, set the alarm to the earlier one, and let alarm() set the next.",
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
			const item = itemStoredWith(site, object) ?? itemKeptWith(site, object);
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

		const forgetful = new Map(open.flatMap((site) => memoryTestedFor(site, object).map((test) => [site, test] as const)));
		for (const [{ node }, { test, field }] of forgetful) {
			isAnswered = true;
			verdict.unknown({ at: [test, node], because: `whether an alarm is set is kept in \`this.${field}\`, which is lost when the object leaves memory, while the alarm stays: it may be replaced by a later one` });
		}
		const events = open.filter((site) => !site.isInAlarm && !forgetful.has(site));
		const homes = new Set(events.map(({ home }) => home));
		const replaced = settingsInARow(open, object);
		const clash = deadlinesThatClash(events, sites, object);
		if (replaced) {
			verdict.violated({
				at: replaced.later,
				messageId: "replacedAtOnce",
				data: { line: String(replaced.earlier.loc.start.line) },
				steps: [
					{ at: replaced.earlier, what: "the alarm is set" },
					{ at: replaced.later, what: "it is replaced before it can run" },
				],
			});
		} else if (clash) {
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
		} else {
			const varied = events.flatMap((site) => variedIn(site, events, object))[0];
			if (varied) verdict.unknown({ at: varied, because: "it is set for different times; whether an alarm that is replaced is still needed could not be told" });
			else if (!isAnswered) verdict.notApplicable("only one method sets the alarm, for one piece of work");
		}
	},
});

/** Two alarms for different times that one run of a function sets one after the other. */
function settingsInARow(sites: readonly Site[], object: DurableObjectClass): { readonly earlier: TSESTree.Node; readonly later: TSESTree.Node } | null {
	for (const [index, { node: later }] of sites.entries()) {
		for (const { node: earlier } of sites.slice(0, index)) {
			const isSameRun = enclosingFunction(earlier) === enclosingFunction(later) && !areExclusive(earlier, later);
			const isSameTime = earlier.arguments.map((argument) => object.file.textOf(argument)).join() === later.arguments.map((argument) => object.file.textOf(argument)).join();
			// The first one has to be set whenever the second one is: under no condition of its own.
			if (isSameRun && !isSameTime && conditionsOf(earlier, object.outermostFunction(earlier), object.file).length === 0) return { earlier, later };
		}
	}
	return null;
}

interface Site {
	readonly node: TSESTree.CallExpression;
	/** The method, or the callback that is an event of its own, in which it stands. */
	readonly home: TSESTree.Node;
	readonly isInAlarm: boolean;
	readonly guard: { readonly at: TSESTree.Node; readonly because: string } | null;
}

function siteOf(node: TSESTree.CallExpression, object: DurableObjectClass, schedulers: readonly string[]): Site {
	const home = object.outermostFunction(node);
	const alarm = alarmFunctionOf(object);
	return { node, home, isInAlarm: alarm !== undefined && reaches(alarm, node, object), guard: guardOf(node, home, alarm, object, schedulers) };
}

/** What runs when the alarm is due, where it is in the class. */
function alarmFunctionOf(object: DurableObjectClass): TSESTree.Node | undefined {
	const handler = alarmHandlerOf(object);
	return handler.by === "method" ? handler.method.fn : handler.by === "framework" ? handler.hook?.fn : undefined;
}

/** What makes sure that an alarm which is still needed is not lost. */
function guardOf(node: TSESTree.CallExpression, home: TSESTree.Node, alarm: TSESTree.Node | undefined, object: DurableObjectClass, schedulers: readonly string[]): Site["guard"] {
	const name = nameOf(home, object);
	if (schedulers.includes(name)) return { at: node, because: `${name}() sets the alarm for all that is due, as the rule's option says` };
	const [time] = node.arguments;
	const look = lookBefore(node, home, object) ?? (time && alarmReadsIn(time, object)[0]);
	if (look) return isTestedPromise(look, object) ? null : { at: look, because: "the alarm that is set is looked at first" };
	if (!time) return null;
	const earliest = earliestOf(time, object);
	if (earliest) return { at: earliest, because: "the alarm is set to the earliest of several times" };
	const stored = readOfAllDue(time, object);
	if (stored) return { at: stored, because: "the time is worked out from what is stored" };
	// Otherwise those who call the method may have made sure. In alarm() itself there is no other alarm.
	const calls = object.members.ownCalls.filter((each) => each.name === name && !(alarm && contains(alarm, each.node)));
	const guards = calls.map((call) => lookBefore(call.node, object.outermostFunction(call.node), object) ?? passedFromStorage(call.node, time, home, object));
	const [first] = guards;
	return first && guards.every((guard) => guard !== null) ? { at: first, because: "those who call the method look at the alarm that is set, or at what is stored" } : null;
}

/**
 * What a setting is held back by, where that is only remembered: `if (!this.alarmSet) { this.alarmSet = true; setAlarm() }`.
 * At most one for a setting.
 */
function memoryTestedFor({ node, home, isInAlarm }: Site, object: DurableObjectClass): readonly { readonly test: TSESTree.Node; readonly field: string }[] {
	if (isInAlarm) return [];
	for (const { kind, test } of conditionsOf(node, home, object.file)) {
		if (kind !== "choice" && kind !== "return") continue;
		for (const name of ingredientsOf(test, object).fields) {
			const field = object.field(name);
			const isSetHere = field?.uses.some(({ access, node: use }) => (access === "assign" || access === "update") && contains(home, use)) ?? false;
			if (field && isSetHere && fieldLife(field, object).loads.length === 0) return [{ test, field: name }];
		}
	}
	return [];
}

/** A `getAlarm()` on whose answer it depends whether a node runs. */
function lookBefore(node: TSESTree.Node, home: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	return conditionsOf(node, home, object.file).flatMap(({ test }) => alarmReadsIn(test, object))[0] ?? null;
}

/** For a time that is made of a parameter: the storage read that what is passed for it is made of. */
function passedFromStorage(call: TSESTree.CallExpression, time: TSESTree.Node, home: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	if (!isFunction(home)) return null;
	for (const [index, parameter] of home.params.entries()) {
		const argument = call.arguments[index];
		if (!argument || argument.type === "SpreadElement" || !mentions(time, parameter, object)) continue;
		const read = readOfAllDue(argument, object);
		if (read) return read;
	}
	return null;
}

/** A storage read that a time is made of and that may tell of all that is due: not only of the one item that the event names. */
function readOfAllDue(time: TSESTree.Node, object: DurableObjectClass): TSESTree.Node | null {
	const reads = ingredientsOf(time, object).storageReads;
	if (takesFromList(time, object)) return reads[0] ?? null;
	return reads.find((read) => !isReadOfOneItem(read, object)) ?? null;
}

/** `get(`job:${id}`)`, with a name that the event brings. */
function isReadOfOneItem(read: TSESTree.Node, object: DurableObjectClass): boolean {
	const call = read.type === "CallExpression" ? object.platformCall(read) : null;
	const use = call?.method === "get" ? storageUse(call, object) : null;
	const [key, ...more] = use?.keys ?? [];
	return key !== undefined && more.length === 0 && isNamedByEvent(key, object);
}

function isNamedByEvent({ text, node }: KeyUse, object: DurableObjectClass): boolean {
	return text !== null && text.some((part) => typeof part !== "string") && eventInputsOf(node, object).length > 0;
}

/** Whether a time, its local variables followed, is picked out of several: what is stored under one name may be a list. */
function takesFromList(time: TSESTree.Node, object: DurableObjectClass, depth = 4): boolean {
	let isFound = false;
	object.file.walk(time, (node) => {
		if (isFound) return false;
		if (node.type === "MemberExpression") isFound = node.computed;
		else if (node.type === "CallExpression") isFound = ["at", "find", "shift", "pop", "next"].includes(calledMember(node)?.name ?? "");
		else if (node.type === "Identifier" && depth > 0) {
			for (const definition of object.file.bindings.variableOf(node)?.defs ?? []) {
				if (definition.type !== "Variable") continue;
				isFound ||= definition.node.id.type === "ArrayPattern" || definition.node.parent.parent.type === "ForOfStatement";
				isFound ||= definition.node.init !== null && takesFromList(definition.node.init, object, depth - 1);
			}
		}
		return !isFound;
	});
	return isFound;
}

/** Whether an expression, its local variables followed, is made of a parameter. */
function mentions(node: TSESTree.Node, parameter: TSESTree.Node, object: DurableObjectClass, depth = 4): boolean {
	let isFound = false;
	object.file.walk(node, (child) => {
		if (isFound || child.type !== "Identifier") return !isFound;
		for (const definition of object.file.bindings.variableOf(child)?.defs ?? []) {
			isFound ||= contains(parameter, definition.name);
			if (depth > 0 && definition.type === "Variable" && definition.node.init) isFound ||= mentions(definition.node.init, parameter, object, depth - 1);
		}
		return true;
	});
	return isFound;
}

function isTestedPromise(look: TSESTree.Node, object: DurableObjectClass): boolean {
	return testedPromises(object).some(({ read }) => read === look);
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
			// `for (const t of times) if (t < next) next = t`: the same by hand. Of the times of one item it is none.
			for (const { writeExpr, init } of variable?.references ?? []) {
				if (!writeExpr || init || !isRepeated(writeExpr, object)) continue;
				const isCompared = conditionsOf(writeExpr, object.outermostFunction(writeExpr), object.file).some(({ test }) => comparesTo(test, node.name, object));
				if (isCompared) found ??= writeExpr;
			}
		}
		return true;
	});
	return found;
}

/** Whether a node runs for each of several: in a loop, or in a function that is handed to something. */
function isRepeated(node: TSESTree.Node, object: DurableObjectClass): boolean {
	const home = object.outermostFunction(node);
	for (let outer = node.parent; outer && outer !== home; outer = outer.parent) if (isFunction(outer) || /^(?:For|While|DoWhile)/u.test(outer.type)) return true;
	return false;
}

/** `t < next`, also as part of a longer test. */
function comparesTo(test: TSESTree.Node, name: string, object: DurableObjectClass): boolean {
	let isFound = false;
	object.file.walk(test, (node) => {
		isFound ||= node.type === "BinaryExpression" && /^[<>]=?$/u.test(node.operator) && [node.left, node.right].some((side) => object.file.textOf(side) === name);
		return !isFound;
	});
	return isFound;
}

/** Where a method that alone sets the alarm sets it for several times: those of other calls in it, of its callers, or of whoever sends the event. */
function variedIn({ node, home }: Site, events: readonly Site[], object: DurableObjectClass): readonly TSESTree.Node[] {
	const [time] = node.arguments;
	if (!time) return [];
	const textOf = (each: TSESTree.Node | undefined) => (each ? object.file.textOf(each) : "");
	if (events.some((other) => textOf(other.node.arguments[0]) !== textOf(time))) return [node];
	if (!isFunction(home)) return [];
	const passed = object.ownCallsOf(nameOf(home, object)).flatMap(({ node: call }) => home.params.flatMap((parameter, index) => (mentions(time, parameter, object) ? [{ call, text: textOf(call.arguments[index]) }] : [])));
	if (new Set(passed.map(({ text }) => text)).size > 1) return [node];
	return passed.length === 0 && eventInputsOf(time, object).length > 0 ? [node] : [];
}

/** What the event that brings the time stores beside it, under a name or in a row of its own. */
function itemStoredWith(site: Site, object: DurableObjectClass): { readonly stored: TSESTree.Node; readonly entry: TSESTree.Node } | null {
	const [time] = site.node.arguments;
	if (!time) return null;
	const alarm = alarmFunctionOf(object);
	for (const { fn, variables } of eventInputsOf(time, object)) {
		// In alarm() itself there is no other alarm.
		if (alarm && contains(alarm, fn)) continue;
		for (const use of storageUsesWithin(fn, object)) {
			if (!use.writes || use.call.method === "delete" || use.call.method === "deleteAll") continue;
			const parts: readonly TSESTree.Node[] = use.statements.length > 0 ? use.values : [...use.keys.map(({ node }) => node), ...use.values];
			const isOfSameInput = parts.some((part) => eventInputsOf(part, object).some((input) => [...input.variables].some((variable) => variables.has(variable))));
			if (isOfSameInput && isOneOfMany(use, object) && !areApart(use.call.node, site.node, fn, object)) return { stored: use.call.node, entry: fn };
		}
	}
	return null;
}

/**
 * What is put into a collection of the object, of which alarm() goes through all, together with the time that the alarm is set for:
 * `this.#jobs.set(job.id, job); await this.ctx.storage.setAlarm(job.at);`
 */
function itemKeptWith({ node, home }: Site, object: DurableObjectClass): { readonly stored: TSESTree.Node; readonly entry: TSESTree.Node } | null {
	const [time] = node.arguments;
	const fn = enclosingFunction(node);
	const alarm = alarmFunctionOf(object);
	if (!time || time.type === "SpreadElement" || !fn || !alarm || contains(alarm, node)) return null;
	// In alarm() itself there is no other alarm.
	if (!object.entryPoints.some((entry) => entry.fn !== alarm && reaches(entry.fn, node, object))) return null;
	const holdsBack = (each: TSESTree.Node) => conditionsOf(each, fn, object.file).map(({ test }) => test);
	for (const { uses } of object.members.fields.values()) {
		const here = uses.filter(({ node: use }) => enclosingFunction(use) === fn);
		for (const { access, statement } of here) {
			const added = access === "mutate" ? additionOf(statement, object) : null;
			if (!added || !isDueAt(added.value, time, object)) continue;
			const isEmptiedHere = here.some((use) => use.access === "assign" || (use.access === "mutate" && use.statement.type === "CallExpression" && calledMember(use.statement)?.name === "clear"));
			const isAlwaysBoth = holdsBack(node).every((test) => holdsBack(statement).includes(test));
			const isGoneThrough = uses.some(({ node: use }) => reaches(alarm, use, object) && isPartOf(use, added.collection, object));
			if (!isEmptiedHere && isAlwaysBoth && isGoneThrough) return { stored: statement, entry: home };
		}
	}
	return null;
}

/** `collection.set(key, value)` under a key that is not always the same, `collection.push(value)`, `collection.add(value)`. */
function additionOf(statement: TSESTree.Node, object: DurableObjectClass): { readonly collection: TSESTree.Node; readonly value: TSESTree.Node } | null {
	const called = statement.type === "CallExpression" ? calledMember(statement) : null;
	if (!called || statement.type !== "CallExpression") return null;
	const [first, second] = statement.arguments;
	if (called.name === "set" && first && second) return ingredientsOf(first, object).isConstant ? null : { collection: called.object, value: second };
	return (called.name === "push" || called.name === "add") && first && !second ? { collection: called.object, value: first } : null;
}

/** Whether a time is that of an item: `job.at` of `job`, or `at` of `{ name, at }`. */
function isDueAt(item: TSESTree.Node, time: TSESTree.Node, { file }: DurableObjectClass): boolean {
	const value = unwrap(item);
	const due = unwrap(time);
	const isSame = (a: TSESTree.Node, b: TSESTree.Node): boolean => a.type === "Identifier" && b.type === "Identifier" && file.bindings.variableOf(a) !== null && file.bindings.variableOf(a) === file.bindings.variableOf(b);
	if (value.type === "Identifier") return due.type === "MemberExpression" && !due.computed && isSame(unwrap(due.object), value);
	return value.type === "ObjectExpression" && value.properties.some((property) => property.type === "Property" && isSame(unwrap(property.value), due));
}

/** Whether a use of a field is one of the collection that is written like that: `this.state.jobs` in `this.state.jobs.values()`. */
function isPartOf(use: TSESTree.Node, collection: TSESTree.Node, { file }: DurableObjectClass): boolean {
	const text = file.textOf(collection);
	for (let current: TSESTree.Node | undefined = use; current; current = current.parent) {
		if (file.textOf(current) === text) return true;
		if (current.parent?.type !== "MemberExpression" && current.parent?.type !== "TSNonNullExpression") return false;
	}
	return false;
}

/** Whether no run of an event gets to both: `fetch()` calls one method for one path, and another for another. */
function areApart(a: TSESTree.Node, b: TSESTree.Node, event: TSESTree.Node, object: DurableObjectClass): boolean {
	const waysToB = waysTo(b, event, object);
	return waysTo(a, event, object).every((toA) => waysToB.every((toB) => toA !== toB && areExclusive(toA, toB)));
}

/** A key that the event itself names, or that is made for it, or a row that is added to others. */
function isOneOfMany({ call, keys, statements }: ReturnType<typeof storageUsesWithin>[number], object: DurableObjectClass): boolean {
	if (statements.length > 0) {
		return statements.some(({ kind, conflict, columns, holes }) => kind === "insert" && conflict === null && holes.length === 0 && columns !== null && columns.length > 1);
	}
	if (call.method !== "put") return false;
	return keys.some((key) => isNamedByEvent(key, object) || freshIdIn(key.node, object) !== null);
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

/** A test of what `getAlarm()` returns, not awaited: on the call itself, or on the variable that holds it. */
interface TestedPromise {
	readonly read: TSESTree.Node;
	readonly at: TSESTree.Node;
	readonly fix: Rule.ReportFixer | null;
}

function testedPromises(object: DurableObjectClass): readonly TestedPromise[] {
	return object.callsOf("storage", "getAlarm").flatMap(({ node }): readonly TestedPromise[] => {
		const outer = wrapped(node);
		const { parent } = outer;
		const isAsync = enclosingFunction(node)?.async === true;
		const text = object.file.textOf(node);
		if (isTested(outer)) return [{ read: node, at: node, fix: isAsync ? (fixer: Rule.RuleFixer) => fixer.replaceTextRange([...node.range], `(await ${text})`) : null }];
		if (parent?.type !== "VariableDeclarator" || parent.init !== outer || parent.id.type !== "Identifier") return [];
		const uses = object.file.bindings.variableOf(parent.id)?.references.filter((reference) => !reference.init) ?? [];
		const test = uses.find(({ identifier }) => isTested(wrapped(identifier)));
		if (!test || uses.some(({ identifier }) => wrapped(identifier).parent?.type === "AwaitExpression")) return [];
		return [{ read: node, at: test.identifier, fix: isAsync ? (fixer: Rule.RuleFixer) => fixer.insertTextBeforeRange([...outer.range], "await ") : null }];
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
