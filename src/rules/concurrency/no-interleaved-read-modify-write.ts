import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import type { Place, Race } from "../../flow/index.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { type FlowEntry, flowOf } from "../../model/flow-host.ts";
import { handedOn } from "../../model/handed-on.ts";
import { leftToSubclasses } from "../../model/left-to-subclasses.ts";
import { isUnreadable, sqlCalls } from "../../model/sql.ts";
import { isFollowed, sqlTexts } from "../../model/sql-wrappers.ts";
import { enclosingFunction } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import { lineOf, quoted } from "../quote.ts";
import { because, intruder, quotesOf, stepsOf, suspensionText } from "./race-story.ts";

interface Options {
	/** Reports a read and a dependent write with only storage operations between them too. */
	readonly strict: boolean;
	readonly checkFields: boolean;
	readonly checkSql: boolean;
	/** Calls, as they are written, that let other events in. */
	readonly externalAwaits: readonly string[];
	/** Calls, as they are written, that do not. */
	readonly safeAwaits: readonly string[];
}

type MessageId = "lostUpdate" | "doneTwice" | "checkedTooEarly" | "wiped" | "reset" | "staleCopy" | "onlyInputGate" | "readAfterwards";

const names = { type: "array", items: { type: "string" }, uniqueItems: true } as const;

export default defineRule({
	name: "no-interleaved-read-modify-write",
	gotcha: "non-atomic-read-modify-write",
	subject: durableObject,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "disallow I/O between reading a value and writing back what was made of it",
		messages: {
			lostUpdate:
				"{{place}} was read in line {{readLine}}, then {{await}} let other events in: what {{other}} writes meanwhile is overwritten here. Do the I/O before the read, or read again after it.",
			doneTwice:
				"{{place}} was checked in line {{readLine}}, but it is set only here, after {{await}} let other events in: {{other}} passes the same check meanwhile. Set it before the await.",
			checkedTooEarly:
				"{{place}} was checked in line {{readLine}}, then {{await}} let other events in: {{other}} passes the same check meanwhile, and what is written here goes beyond the bound. Take your share before the await and give it back if that fails, or check again after it.",
			wiped:
				"{{place}} was read in line {{readLine}}, then {{await}} let other events in: what {{other}} adds meanwhile is deleted here unread. Delete before the await, or only what was read.",
			reset:
				"{{place}} was read in line {{readLine}}, then {{await}} let other events in: what {{other}} writes there meanwhile is cleared here, unseen. Clear it before the await, and put back what you took if that fails.",
			staleCopy:
				"{{place}} was read in line {{readLine}}, then `{{call}}` (line {{callLine}}) wrote it: this puts the old copy back over what was written there. Read it again after the call.",
			onlyInputGate:
				"{{place}} is read in line {{readLine}} and written here. Only the input gate keeps other events out, and it does no longer as soon as somebody awaits anything but storage in between. A transaction says so.",
			readAfterwards: "Read it after the await.",
		} satisfies Record<MessageId, string>,
		schema: [
			{
				type: "object",
				properties: {
					strict: { type: "boolean", description: "Also report reads and writes that only the input gate keeps together. They are safe at run time; this is a matter of style." },
					checkFields: { type: "boolean", description: "Whether to look at fields of the object." },
					checkSql: { type: "boolean", description: "Whether to look at SQL tables." },
					externalAwaits: { ...names, description: "Calls that let other events in, as they are written: `this.mailer.send`." },
					safeAwaits: { ...names, description: "Calls that wait for nothing but storage, as they are written." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ strict: false, checkFields: true, checkSql: true, externalAwaits: [], safeAwaits: [] }] as readonly [Options],
		hasSuggestions: true,
	},
	check(object, { options: [options], verdict, isOnlyViolations }) {
		const { file } = object;
		const flow = flowOf(object, { external: options.externalAwaits, safe: options.safeAwaits });
		const isChecked = ({ place }: { readonly place: Place }) => (options.checkFields || !place.space.startsWith("field:")) && (options.checkSql || !place.space.startsWith("sql:"));
		const races = flow.races.filter((race) => isChecked(race) && race.kind !== "self-overlap");
		for (const race of races) {
			const { place, read, write, judgement } = race;
			const call = judgement.is === "race" ? judgement.by : null;
			verdict.violated({
				at: write,
				messageId: messageOf(race),
				data: { place: capitalised(place.label), readLine: lineOf(read), await: suspensionText(race, file), other: intruder(race), ...(call && { call: quoted(call, file), callLine: lineOf(call) }) },
				suggest: race.kind === "lost-update" ? suggestion(race, file) : [],
				steps: stepsOf(race, file),
			});
		}
		const plain = options.strict ? flow.pairsAcrossStorageOnly.filter((pair) => isChecked(pair) && pair.place.space === "storage") : [];
		for (const pair of plain) {
			verdict.violated({ at: pair.write, messageId: "onlyInputGate", data: { place: capitalised(pair.place.label), readLine: lineOf(pair.read) } });
		}
		if (isOnlyViolations) return;
		const guards = flow.guards.filter((guard) => isChecked(guard) && !plain.includes(guard));
		for (const guard of guards) verdict.guarded({ at: quotesOf(guard), because: because(guard) });
		const unknowns = flow.unknowns.filter(isChecked);
		for (const unknown of unknowns) verdict.unknown({ at: unknown.write, because: `${unknown.place.label}: ${unknown.because}` });
		const left = leftToSubclasses(object).flatMap((method) => {
			const pair = flow.summaryOf(method.fn).pairs.find((each) => isChecked(each) && ![...races, ...guards, ...unknowns].some(({ write }) => write === each.write));
			return pair ? [{ method, pair }] : [];
		});
		for (const { method, pair } of left) {
			verdict.unknown({ at: [method.node.key, pair.write], because: `${pair.place.label}: ${method.name}() is protected; in which events a subclass in another file calls it could not be told` });
		}
		const unseen = options.checkSql ? unfollowedSql(object) : null;
		if (unseen) verdict.unknown(unseen);
		if (races.length + plain.length + guards.length + unknowns.length + left.length > 0 || unseen) return;
		const [handed] = handedOn(object);
		if (handed) verdict.unknown({ at: handed.at, because: `the ${handed.what} is handed to ${handed.to}(), which may read and write it out of sight` });
		else verdict.notApplicable("nothing is read and then written again in one event");
	},
});

/** SQL whose text is a parameter of a method that does more than run it: which tables a call reads and writes is not followed. */
function unfollowedSql(object: DurableObjectClass): { readonly at: TSESTree.Node; readonly because: string } | null {
	const [unreadable] = sqlCalls(object).filter((call) => isUnreadable(call) && !isFollowed(call, object));
	if (!unreadable) return null;
	const texts = sqlTexts(object).filter((text) => text.isThroughMethod || isUnreadable(text));
	const isOpen = texts.some(isUnreadable);
	const statements = texts.flatMap((text) => text.statements);
	const isBoth = statements.some(({ writes }) => writes.some(({ name }) => statements.some(({ reads }) => reads.some((read) => read.name === name))));
	return isOpen || isBoth ? { at: unreadable.node, because: "which tables are read and written here depends on a text that was not followed to its calls" } : null;
}

function messageOf({ kind }: Race): MessageId {
	switch (kind) {
		case "double-action":
			return "doneTwice";
		case "overrun":
			return "checkedTooEarly";
		case "wipe":
			return "wiped";
		case "reset":
			return "reset";
		case "stale-copy":
			return "staleCopy";
		default:
			return "lostUpdate";
	}
}

function capitalised(text: string): string {
	return text.startsWith("this.") ? `\`${text}\`` : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Moves `const value = await read;` behind the await, where nothing in between needs the value. */
function suggestion({ read, crossing }: Race<FlowEntry>, file: SourceFile): Rule.SuggestionReportDescriptor[] {
	const declaration = declarationOf(read);
	const waiting = crossing && statementIn(crossing.node, declaration?.parent);
	if (!declaration || !waiting || waiting.range[0] <= declaration.range[1] || enclosingFunction(waiting) !== enclosingFunction(read)) return [];
	const [declarator] = declaration.declarations;
	const variable = declarator?.id.type === "Identifier" ? file.bindings.variableOf(declarator.id) : null;
	const isNeeded = variable?.references.some(({ identifier, init }) => !init && identifier.range[0] < waiting.range[1]) ?? true;
	// A second await in the declaration itself would change the order of two waits.
	if (isNeeded || /\n/u.test(file.textOf(declaration))) return [];
	return [
		{
			messageId: "readAfterwards",
			fix: (fixer) => [fixer.removeRange([lineStart(declaration, file), lineEnd(declaration, file)]), fixer.insertTextAfterRange([0, lineEnd(waiting, file)], file.text.slice(lineStart(declaration, file), lineEnd(declaration, file)))],
		},
	];
}

function declarationOf(read: TSESTree.Node): TSESTree.VariableDeclaration | null {
	for (let node: TSESTree.Node | undefined = read; node; node = node.parent) {
		if (node.type === "VariableDeclaration") return node.declarations.length === 1 && node.parent.type === "BlockStatement" ? node : null;
		if (node.type.endsWith("Statement")) return null;
	}
	return null;
}

/** The statement of a block in which a node stands. */
function statementIn(start: TSESTree.Node, block: TSESTree.Node | undefined): TSESTree.Node | null {
	for (let node: TSESTree.Node | undefined = start; node; node = node.parent) if (node.parent === block) return node;
	return null;
}

function lineStart(node: TSESTree.Node, { text }: SourceFile): number {
	const before = text.lastIndexOf("\n", node.range[0] - 1) + 1;
	return text.slice(before, node.range[0]).trim() === "" ? before : node.range[0];
}

/** The end of the node, and of its line where nothing else stands on it. */
function lineEnd(node: TSESTree.Node, { text }: SourceFile): number {
	const end = text.indexOf("\n", node.range[1]);
	return end !== -1 && text.slice(node.range[1], end).trim() === "" ? end + 1 : node.range[1];
}
