import type { TSESTree } from "@typescript-eslint/utils";
import { ingredientsOf, isCallOutside, reaches } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { countsConnections, ephemeralContent, followsAnother, givenToPart, holdsFunctions, isLiveType, onlySavesRepeating, writtenBy } from "../../model/field-content.ts";
import { type Change, type FieldLife, fieldLife, isKnownData, makerOf, readsCovering } from "../../model/field-life.ts";
import { assignedBeforeReads, countsForAMoment, onlyTidiesMemory } from "../../model/field-renewal.ts";
import type { Field } from "../../model/members.ts";
import { unloadedChange } from "../../model/unloaded-changes.ts";
import { keyName, propertyName, unwrap } from "../../syntax/nodes.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";
import type { Answers } from "../verdict.ts";

interface Options {
	/** Regular expressions for names of fields that may be lost. */
	readonly ignore: readonly string[];
	/** A comment with this word beside the field's declaration says that it may be lost. */
	readonly ephemeralComment: string;
}

type MessageId = "lostOnEviction" | "neverLoaded" | "loadedElsewhere" | "stateOnContext";

export default defineRule({
	name: "no-unpersisted-state",
	gotcha: "unpersisted-state",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow state that is kept only in fields, which are empty again when the object leaves memory",
		messages: {
			lostOnEviction:
				"`this.{{field}}` is changed in {{writer}} and read in {{reader}}, but it is kept nowhere else: it is back to its initial value after some ten idle seconds, a deploy or a crash. Write it to this.ctx.storage when it changes and load it in the constructor.",
			neverLoaded:
				"`this.{{field}}` is written to storage (line {{line}}) but never loaded from it: the next time the object wakes it starts empty, and the next write replaces what was stored. Load it in the constructor, inside blockConcurrencyWhile.",
			loadedElsewhere:
				"`this.{{field}}` is loaded from storage in {{loader}} only, but {{event}}() may be the first event after the object has left memory: the change then starts from the initial value, and the write in line {{line}} replaces what was stored. Load it in the constructor, inside blockConcurrencyWhile.",
			stateOnContext:
				"`{{property}}` is put on the DurableObjectState object, which lives only in memory: it is gone when the object leaves memory. Write it to {{storage}} instead.",
		} satisfies Record<MessageId, string>,
		schema: [
			{
				type: "object",
				properties: {
					ignore: { type: "array", items: { type: "string" }, description: "Regular expressions for the names of fields that may be lost." },
					ephemeralComment: { type: "string", minLength: 1, description: "A comment with this word at a field's declaration says that the field may be lost." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ ignore: ["[cC]ache", "[mM]emo"], ephemeralComment: "@ephemeral" }] as readonly [Options],
	},
	check(object, { options: [options], verdict, sourceCode }) {
		const ignored = options.ignore.map((pattern) => new RegExp(pattern, "u"));
		let isAnswered = false;
		for (const field of object.members.fields.values()) {
			const comment = field.declaration && sourceCode.getCommentsBefore(field.declaration as never).find(({ value }) => value.includes(options.ephemeralComment));
			if (comment?.loc && comment.range) {
				verdict.guarded({ at: { loc: comment.loc, range: comment.range }, because: `\`this.${field.name}\` is meant to be lost: ${comment.value.replace(/^[\s*]+|[\s*]+$/gu, "")}` });
				isAnswered = true;
			} else if (ignored.some((pattern) => pattern.test(field.name))) {
				continue;
			} else {
				isAnswered = answerField(field, object, verdict) || isAnswered;
			}
		}
		if (!isAnswered) verdict.notApplicable("no field holds data that one event leaves for another");
	},
});

/** Answers for one field; false when the field has nothing to do with the gotcha. */
function answerField(field: Field, object: DurableObjectClass, verdict: Answers<MessageId>): boolean {
	const expando = expandoOn(field, object);
	if (expando) {
		verdict.violated({
			at: expando,
			messageId: "stateOnContext",
			data: { property: object.file.textOf(expando), storage: object.storageExpression ?? "storage" },
		});
		return true;
	}
	if (!field.uses.some((use) => use.access !== "read" && !object.isInitialisation(use.node))) return answerManager(field, object, verdict);
	const life = fieldLife(field, object);
	if (life.persistedBy.length === 0 && makerOf(field, object) !== null) return answerManager(field, object, verdict);
	if (life.notData !== null || life.stateChanges.length === 0) return guardCache(life, verdict);
	const { persistedBy, loadedBy } = life;
	const [change] = life.stateChanges as [Change, ...Change[]];
	if (persistedBy.length > 0) {
		const reads = readsCovering(persistedBy, object);
		const unloaded = unloadedChange(life, reads, object);
		if (unloaded) {
			verdict.violated({
				at: unloaded.change.use.statement,
				messageId: "loadedElsewhere",
				data: { field: field.name, loader: placeOf(unloaded.load.call.node, object), event: unloaded.event, line: String(unloaded.write.call.node.loc.start.line) },
				steps: [
					{ at: unloaded.load.call.node, what: `this event loads \`this.${field.name}\`; the one that comes first after a wake need not be it` },
					{ at: unloaded.change.use.statement, what: `\`this.${field.name}\` is changed, from its initial value` },
					{ at: unloaded.write.call.node, what: "it replaces what was stored" },
				],
			});
		} else if (loadedBy.length > 0 && isLoadedBeforeRead(life, object)) {
			verdict.guarded({ at: [...loadedBy.slice(0, 1), ...persistedBy.slice(0, 1).map((use) => use.call.node)], because: `\`this.${field.name}\` is written to storage and loaded from it` });
		} else if (reads.length === 0 && life.reads.length > 0 && !life.escapes && object.ancestry.isBaseKnown) {
			const write = persistedBy[0]?.call.node as TSESTree.Node;
			verdict.violated({
				at: change.use.statement,
				messageId: "neverLoaded",
				data: { field: field.name, line: String(write.loc.start.line) },
				steps: [
					{ at: change.use.statement, what: `\`this.${field.name}\` is changed` },
					{ at: write, what: "it is written to storage" },
				],
			});
		} else {
			verdict.unknown({ at: change.use.node, because: `\`this.${field.name}\` is written to storage; whether it is loaded again could not be followed` });
		}
		return true;
	}
	const doubt = doubtAbout(life, object);
	if (doubt) {
		verdict.unknown({ at: change.use.node, because: `\`this.${field.name}\`: ${doubt}` });
		return true;
	}
	const assigned = assignedBeforeReads(field, life.reads, object);
	if (assigned) {
		verdict.guarded({ at: assigned, because: `every event that reads \`this.${field.name}\` assigns it first` });
		return true;
	}
	const [read] = life.reads;
	if (!read) return false;
	verdict.violated({
		at: change.use.statement,
		messageId: "lostOnEviction",
		data: { field: field.name, writer: placeOf(change.use.node, object), reader: placeOf(read.node, object) },
		steps: [
			{ at: change.use.statement, what: `\`this.${field.name}\` is changed, in memory only` },
			{ at: read.node, what: "a later event reads it; if the object has left memory meanwhile, it finds the initial value" },
		],
	});
	return true;
}

/** Whether the field is filled before any event reads it: while the object wakes, or at the start of whatever reads it. */
function isLoadedBeforeRead(life: FieldLife, object: DurableObjectClass): boolean {
	if (life.loads.some((use) => object.isInitialisation(use.node))) return true;
	return life.reads.every(({ node }) => life.loads.some((load) => reaches(object.outermostFunction(node), load.node, object)));
}

/** A field that is made once and then used through its methods: what it keeps is in another class or function. */
function answerManager(field: Field, object: DurableObjectClass, verdict: Answers<MessageId>): boolean {
	const maker = makerOf(field, object);
	const use = field.uses.find((each) => each.access !== "assign" && !object.isInitialisation(each.node));
	if (maker === null || !use) return false;
	verdict.unknown({ at: use.node, because: `\`this.${field.name}\` is made by ${maker}, whose state is not looked into` });
	return true;
}

/** A field that is only ever filled from storage is a copy: losing it costs a read. */
function guardCache(life: FieldLife, verdict: Answers<MessageId>): boolean {
	const [load] = life.loadedBy;
	if (!load || life.notData !== null) return false;
	verdict.guarded({ at: load, because: `\`this.${life.field.name}\` is a copy of what storage holds` });
	return true;
}

/** What stands in the way of calling the field lost, or null. */
function doubtAbout(life: FieldLife, object: DurableObjectClass): string | null {
	if (!object.ancestry.isBaseKnown) return "its base class is in another file and may store it";
	if (object.node.abstract && isInherited(life.field)) return "the class is abstract, and those that extend it may store it";
	const escapes = life.escapes ?? givenToPart(life.field, object);
	if (escapes) return `${escapes}, which may store it`;
	if (!isKnownData(life.field)) return "what it holds could not be told";
	if (life.loadedBy.length > 0) return "it is loaded from storage; how its changes get there could not be followed";
	if (life.writesBeside.length > 0) return "storage is written beside its changes; whether with the same data could not be followed";
	if (isKeptOutside(life.field, object)) return "it is loaded from outside of the object and handed back there";
	if (life.stateChanges.every(({ source, use }) => source.isConstant && use.access === "assign")) return "it only marks what was done since the object woke";
	if (holdsFunctions(life.field, object)) return "it holds functions, which cannot be stored";
	if (typesOf(life.field).some((type) => isLiveType(type, object))) return "its type speaks of things that live only in memory";
	for (const { use, within } of life.stateChanges) {
		const reason = countsConnections(use, within, object) ? "it counts connections that hold the object in memory" : (followsAnother(within, object) ?? ephemeralContent(use, object));
		if (reason) return reason;
	}
	if (onlySavesRepeating(life.field, life.reads, object)) return "it only saves doing the same thing twice";
	if (onlyTidiesMemory(life.field, life.reads, object)) return "it only decides when what is in memory is tidied";
	if (countsForAMoment(life.field, life.reads, object)) return "it starts anew sooner than an idle object leaves memory";
	return null;
}

/** Whether a class that extends this one has the field too. */
function isInherited({ name, declaration }: Field): boolean {
	return !name.startsWith("#") && !(declaration && "accessibility" in declaration && declaration.accessibility === "private");
}

/** Whether a database or another object holds the field too: an answer from outside fills it, and calls outside are given it. */
function isKeptOutside(field: Field, object: DurableObjectClass): boolean {
	const isLoaded = field.uses.some((use) => use.access === "assign" && writtenBy(use).some((part) => ingredientsOf(part, object).isFetched));
	return isLoaded && object.members.calls.some((call) => isCallOutside(call, object) && call.arguments.some((argument) => ingredientsOf(argument, object).fields.has(field.name)));
}

/** The field's annotation, and the type arguments of its initial `new Map<K, V>()`. */
function typesOf(field: Field): readonly TSESTree.TypeNode[] {
	const initial = field.initialiser && unwrap(field.initialiser);
	const generics = initial?.type === "NewExpression" ? (initial.typeArguments?.params ?? []) : [];
	return field.annotation ? [field.annotation, ...generics] : generics;
}

/** `this.state.players = ...` where `this.state` is the DurableObjectState. */
function expandoOn(field: Field, object: DurableObjectClass): TSESTree.MemberExpression | null {
	for (const use of field.uses) {
		if (use.access !== "mutate" || use.statement.type !== "AssignmentExpression" || object.handle(use.node) !== "ctx") continue;
		const target = unwrap(use.statement.left);
		if (target.type !== "MemberExpression") continue;
		let member = target;
		while (unwrap(member.object) !== use.node) {
			const inner = unwrap(member.object);
			if (inner.type !== "MemberExpression") return null;
			member = inner;
		}
		if (propertyName(member) !== "storage") return member;
	}
	return null;
}

/** How a message names the code around a node: the method's name, or the class element. */
function placeOf(node: TSESTree.Node, object: DurableObjectClass): string {
	const element = object.elementOf(node);
	const name = element && "key" in element ? keyName(element) : null;
	return name === null ? "an event" : `${name}()`;
}
