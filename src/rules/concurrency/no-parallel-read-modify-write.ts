import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { flowOf } from "../../model/flow-host.ts";
import { calledMember, isFunction, unwrap } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { lineOf, quoted } from "../quote.ts";
import { stepsOf } from "./race-story.ts";

type MessageId = "overlapsItself" | "callsOverlap" | "oneAfterTheOther";

export default defineRule({
	name: "no-parallel-read-modify-write",
	gotcha: "non-atomic-read-modify-write",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow overlapping calls that each read a value and write it back",
		messages: {
			overlapsItself:
				"All runs of this function read {{place}} (line {{readLine}}) before the first of them writes it back (line {{writeLine}}): only the last write remains. The input gate holds other events back, not the rest of this one. Await one run after the other.",
			callsOverlap:
				"This call reads {{place}} (line {{readLine}}) while `{{first}}` (line {{firstLine}}) is still under way with what it has read: one of the two updates is lost (line {{writeLine}}). The input gate holds other events back, not the rest of this one. Await the first call before the second.",
			oneAfterTheOther: "Run them one after the other.",
		} satisfies Record<MessageId, string>,
		schema: [],
		defaultOptions: [] as readonly [],
		hasSuggestions: true,
	},
	check(object, { verdict, isOnlyViolations }) {
		const { file } = object;
		const flow = flowOf(object);
		const overlaps = flow.races.filter(({ kind }) => kind === "self-overlap");
		for (const race of overlaps) {
			const { overlap, place, read, write } = race;
			if (!overlap) continue;
			const isSame = overlap.first === overlap.second;
			verdict.violated({
				at: overlap.second,
				messageId: isSame ? "overlapsItself" : "callsOverlap",
				data: { place: place.label, readLine: lineOf(read), writeLine: lineOf(write), first: quoted(overlap.first, file), firstLine: lineOf(overlap.first) },
				suggest: isSame ? suggestion(overlap.second, file) : [],
				steps: stepsOf(race, file),
			});
		}
		if (overlaps.length > 0 || isOnlyViolations) return;
		const inTurn = flow.guards.find(({ reason, isOverlappable }) => isOverlappable || reason === "region" || reason === "mutex");
		if (inTurn) verdict.guarded({ at: [inTurn.read, inTurn.write], because: `${inTurn.place.label}: no call that reads and writes it is started while another one of the same event is under way` });
		else verdict.notApplicable("no function reads a value, waits and writes it back");
	},
});

/** `await Promise.all(list.map(async (item) => { ... }));` becomes a loop. */
function suggestion(node: TSESTree.Node, file: SourceFile): Rule.SuggestionReportDescriptor[] {
	const called = node.type === "CallExpression" ? calledMember(node) : null;
	const callback = node.type === "CallExpression" && node.arguments.length === 1 ? node.arguments[0] : undefined;
	const all = node.parent?.type === "CallExpression" ? node.parent : null;
	const statement = all?.parent.type === "AwaitExpression" && all.parent.parent.type === "ExpressionStatement" ? all.parent.parent : null;
	const fn = callback && unwrap(callback);
	if (called?.name !== "map" || !all || calledMember(all)?.name !== "all" || !statement || !isFunction(fn)) return [];
	const [item] = fn.params;
	if (!fn.async || fn.params.length !== 1 || !item || fn.body.type !== "BlockStatement" || mayReturn(fn.body, file)) return [];
	const loop = `for (const ${file.textOf(item)} of ${file.textOf(called.object)}) ${file.textOf(fn.body)}`;
	return [{ messageId: "oneAfterTheOther", fix: (fixer) => fixer.replaceTextRange([...statement.range], loop) }];
}

/** A `return` in a loop's body would leave the method. */
function mayReturn(body: TSESTree.BlockStatement, file: SourceFile): boolean {
	let does = false;
	file.walk(body, (child) => {
		does ||= child.type === "ReturnStatement";
		return !isFunction(child) && !does;
	});
	return does;
}
