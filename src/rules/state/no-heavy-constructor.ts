import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { ingredientsOf } from "../../model/data-flow.ts";
import type { DurableObjectClass } from "../../model/durable-object.ts";
import { waitOf } from "../../model/flow-waits.ts";
import { propertyValue } from "../../model/handles.ts";
import { conditionsOn, constructionRoots, isAwaited, type Step, stepsOf } from "../../model/runs.ts";
import { isAgentSql, sqlCall, templateStatements } from "../../model/sql.ts";
import { functionOf } from "../../model/timers.ts";
import { isCaught } from "../../syntax/branches.ts";
import { calledMember, contains, propertyName, unwrap, wrapped } from "../../syntax/nodes.ts";
import type { SqlStatement } from "../../syntax/sql.ts";
import { defineRule } from "../define-rule.ts";
import { quoted } from "../quote.ts";
import { durableObject } from "../subjects.ts";

interface Options {
	/** Names of methods, or beginnings of calls as the source writes them, that may run on every wake. */
	readonly allow: readonly string[];
	/** Whether all that is stored may be read on every wake to fill a field. */
	readonly allowMirrors: boolean;
}

type MessageId = "networkOnEveryWake" | "unboundedRead" | "worksOnce" | "columnExists" | "rowOnEveryWake" | "wipedOnEveryWake" | "ifNotExists";

export default defineRule({
	name: "no-heavy-constructor",
	gotcha: "constructor-on-every-wake",
	subject: durableObject,
	preset: { in: "recommended", level: "warn" },
	meta: {
		type: "problem",
		description: "disallow in the constructor what is slow, unbounded or works only once: it runs on every wake",
		messages: {
			networkOnEveryWake: "`{{what}}` is a request that the constructor makes each time the object wakes, before any event is served. Make it when its answer is needed, and store the answer.",
			unboundedRead: "`{{what}}` reads all that is stored each time the object wakes, before any event is served: slower with every entry, until the object's memory does not suffice. Read what an event needs, or set a limit.",
			worksOnce: "{{where}} runs each time the object wakes, and this works only once: on the second wake the {{type}} exists already, it throws, and every call to the object fails. Add IF NOT EXISTS.",
			columnExists: "{{where}} runs each time the object wakes, and ALTER TABLE works only once: on the second wake it throws, and every call to the object fails. Keep a schema version in a table and run it only where it is older.",
			rowOnEveryWake: "{{where}} runs each time the object wakes: this inserts its row anew each time, or throws on a key that exists, and then every call to the object fails. Use INSERT OR IGNORE, or insert it only into an empty table.",
			wipedOnEveryWake: "{{where}} runs each time the object wakes, also after some ten idle seconds: `{{what}}` deletes what the object has stored each time.",
			ifNotExists: "Add IF NOT EXISTS.",
		} satisfies Record<MessageId, string>,
		schema: [
			{
				type: "object",
				properties: {
					allow: { type: "array", items: { type: "string" }, description: "Names of methods, or beginnings of calls as the source writes them, that may run on every wake." },
					allowMirrors: { type: "boolean", description: "Whether all that is stored may be read on every wake to fill a field." },
				},
				additionalProperties: false,
			},
		],
		defaultOptions: [{ allow: [], allowMirrors: true }] as readonly [Options],
		strictOptions: [{ allow: [], allowMirrors: false }],
		hasSuggestions: true,
	},
	check(object, { options: [options], verdict }) {
		const construction = stepsOf(constructionRoots(object), object);
		const started = (object.framework?.initialisers ?? []).flatMap((name) => {
			const method = object.members.methods.get(name);
			return method ? stepsOf([method.fn], object).map((step) => ({ step, where: `${name}()` })) : [];
		});
		if (construction.length + started.length === 0) {
			const inherited = object.members.constructor ? null : inheritedConstruction(object);
			if (inherited) verdict.notApplicable(`the class adds nothing to the constructor of ${inherited.name}, which is judged there`);
			else verdict.notApplicable(object.members.constructor ? "the constructor only assigns fields" : "the class has no constructor");
			return;
		}
		const wiped = new Set([...construction, ...started.map(({ step }) => step)].flatMap((step) => statementsOf(step, object)).flatMap(({ kind, subject }) => (kind === "create-table" && subject?.name ? [subject.name] : [])));
		const seen = new Set<TSESTree.Node>();
		const doubts = new Set<string>();
		const doubt = (at: TSESTree.Node, because: string) => {
			// One of a kind says it; a list of columns would say it twenty times.
			if (!doubts.has(because)) verdict.unknown({ at, because });
			doubts.add(because);
		};
		let isAnswered = false;
		const judge = (step: Step, where: string, isConstructor: boolean) => {
			if (seen.has(step.node) || isAllowed(step, options, object)) return;
			const found = [...(isConstructor ? costsOf(step, object, options) : []), ...repetitionsOf(step, where, wiped, object)];
			for (const finding of found) {
				seen.add(step.node);
				isAnswered = true;
				const excuse = excuseFor(step, finding.messageId, object);
				if (excuse?.is === "guarded") verdict.guarded({ at: [excuse.by, step.node], because: excuse.because });
				else if (excuse) doubt(step.node, excuse.because);
				else if (finding.doubt) doubt(step.node, finding.doubt);
				else verdict.violated({ at: step.node, messageId: finding.messageId, data: finding.data, suggest: finding.suggest ?? [], ...(step.through.length > 0 && { steps: storyOf(step, where) }) });
			}
		};
		for (const step of construction) judge(step, "The constructor", true);
		for (const { step, where } of started) judge(step, where, false);
		if (isAnswered) return;
		const unseen = construction.find((step) => !isAllowed(step, options, object) && isUnseenWork(step, object));
		if (unseen) {
			verdict.unknown({ at: unseen.node, because: `what \`${quoted(unseen.node, object.file)}\` does on every wake is in another file` });
			return;
		}
		const { constructor } = object.members;
		const [first] = started;
		const inherited = inheritedConstruction(object);
		if (!constructor && !first && inherited) verdict.notApplicable(`the class adds nothing to the constructor of ${inherited.name}, which is judged there`);
		else if (!constructor && !first) verdict.notApplicable("the class has no constructor, and its field initialisers make only values");
		else if (!object.ancestry.isBaseKnown) verdict.unknown({ at: object.node.superClass ?? object.node.body, because: "what the constructor of the base class does is in another file" });
		else {
			const because = inherited ? `what the class adds to the constructor of ${inherited.name} is short and can be repeated` : "what runs on every wake is short and can be repeated";
			verdict.guarded({ at: constructor?.node ?? first?.step.node ?? object.node.body, because });
		}
	},
});

/** The base class of the same file that does something when it is constructed. */
function inheritedConstruction({ ancestry: { base } }: DurableObjectClass): DurableObjectClass | null {
	if (!base) return null;
	return constructionRoots(base).length > 0 ? base : inheritedConstruction(base);
}

interface Finding {
	readonly messageId: MessageId;
	readonly data: Readonly<Record<string, string>>;
	readonly suggest?: readonly Rule.SuggestionReportDescriptor[];
	/** What keeps it from being called a fault. */
	readonly doubt?: string;
}

/** A call into another file that is waited for, or that is given the storage: it may do all that this rule is about. */
function isUnseenWork({ node }: Step, object: DurableObjectClass): boolean {
	if (node.type === "TaggedTemplateExpression") return false;
	const callee = unwrap(node.callee);
	if (callee.type === "Super") return false;
	const imported = object.file.bindings.importedMember(callee);
	if (node.type === "CallExpression") {
		const method = object.calledMethod(node);
		if (method || object.platformCall(node)) return false;
		// A request is judged by what is known of it; of a function of the project only what it waits for is known.
		if (!imported?.module.startsWith(".") && waitOf(node, object).suspension !== null) return false;
		if (callee.type === "Identifier" && functionOf(callee, object)) return false;
		if (calledMember(node)?.name === "bind") return false;
	}
	// `drizzle(ctx.storage)` only wraps it.
	if (imported?.module.startsWith("drizzle-orm") && imported.name === "drizzle") return false;
	const root = callee.type === "MemberExpression" ? object.origins(callee.object).map(({ root: { kind } }) => kind) : [];
	const isElsewhere = imported !== null || root.some((kind) => kind === "import" || kind === "expression" || kind === "this");
	if (!isElsewhere) return false;
	const isGivenStorage = node.arguments.some((argument) => argument.type !== "SpreadElement" && ["ctx", "storage", "sql", "kv"].includes(object.handle(argument) ?? ""));
	return isGivenStorage || (node.type === "CallExpression" && wrapped(node).parent?.type === "AwaitExpression");
}

/** What takes long: the network, all of the storage. Timers are the matter of another rule. */
function costsOf({ node }: Step, object: DurableObjectClass, options: Options): readonly Finding[] {
	if (node.type !== "CallExpression") return [];
	const what = quoted(node, object.file);
	const call = object.platformCall(node);
	if (!call) return isRequest(node, object) ? [{ messageId: "networkOnEveryWake", data: { what } }] : [];
	if (!isUnboundedRead(node, object)) return [];
	const isMirror = options.allowMirrors && fillsField(node, object);
	return [{ messageId: "unboundedRead", data: { what }, ...(isMirror && { doubt: "it fills a field from storage; whether that stays small could not be told" }) }];
}

/** A fetch or a call of a binding or stub that is waited for, or whose answer is thrown away. */
function isRequest(node: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	const { suspension, external } = waitOf(node, object);
	if (external === null || suspension === null) return false;
	const name = calledMember(node)?.name;
	// A variable of the environment may be a text: `env.ORIGINS.split(",")`.
	if (name !== undefined && (Object.hasOwn(String.prototype, name) || Object.hasOwn(Array.prototype, name))) return false;
	const { parent } = wrapped(node);
	const isDropped = parent?.type === "ExpressionStatement" || (parent?.type === "UnaryExpression" && parent.operator === "void");
	const isChained = parent?.type === "MemberExpression" && ["then", "catch", "finally"].includes(propertyName(parent) ?? "");
	return isAwaited(node) || isDropped || isChained;
}

function isUnboundedRead(node: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	const call = object.platformCall(node);
	if (call?.method === "list") {
		const [options] = node.arguments;
		if (!options) return true;
		return unwrap(options).type === "ObjectExpression" && ["limit", "prefix", "start", "startAfter", "end"].every((name) => propertyValue(options, name) === null) && !hasSpread(options);
	}
	if (!call || call.method !== "exec") return false;
	const statements = sqlCall(call, object)?.statements ?? [];
	const select = statements.at(-1);
	if (select?.kind !== "select" || select.limit || select.where || select.exactlyOneRow || select.opaque) return false;
	const isOfData = select.reads.some(({ name }) => name !== null && !/^(?:sqlite_|pragma_|_)|schema|migration|version|meta|config|setting/u.test(name));
	return isOfData && !takesOneRow(node);
}

function hasSpread(node: TSESTree.Node): boolean {
	const options = unwrap(node);
	return options.type === "ObjectExpression" && options.properties.some(({ type }) => type === "SpreadElement");
}

/** `.one()`, `.next()`, `.toArray()[0]`, `const [row] = ...`: the table holds one row, or one is read. */
function takesOneRow(node: TSESTree.Node): boolean {
	const outer = wrapped(node);
	const { parent } = outer;
	if (parent?.type === "VariableDeclarator") return parent.id.type === "ArrayPattern";
	if (parent?.type === "SpreadElement" && parent.parent.type === "ArrayExpression") return takesOneRow(parent.parent);
	if (parent?.type !== "MemberExpression" || parent.object !== outer) return false;
	const name = propertyName(parent);
	if (name === "one" || name === "next" || name === "0" || name === "at") return true;
	const call = wrapped(parent).parent;
	return (name === "toArray" || name === "raw") && call?.type === "CallExpression" && takesOneRow(call);
}

/** Whether what is read ends up in a field, or in something that a field holds. */
function fillsField(read: TSESTree.CallExpression, object: DurableObjectClass): boolean {
	const isMadeOf = (node: TSESTree.Node) => ingredientsOf(node, object).storageReads.includes(read);
	for (let holder: DurableObjectClass | null = object; holder; holder = holder.ancestry.base) {
		for (const field of holder.members.fields.values()) {
			if (field.initialiser && isMadeOf(field.initialiser)) return true;
			for (const use of field.uses) {
				const isChange = use.access !== "read" || isGiven(use.node);
				if (isChange && object.isInitialisation(use.node) && (isMadeOf(use.statement) || isFedBy(use.node, isMadeOf))) return true;
			}
		}
	}
	return false;
}

/** `applyUpdate(this.doc, update)`, `this.doc.load(update)`. */
function isGiven(node: TSESTree.Node): boolean {
	const { parent } = wrapped(node);
	if (parent?.type === "CallExpression") return true;
	return parent?.type === "MemberExpression" && parent.parent.type === "CallExpression" && parent.parent.callee === parent;
}

/** Within a loop over the rows, the callback of a method of theirs, or a call that is given them. */
function isFedBy(start: TSESTree.Node, isMadeOf: (node: TSESTree.Node) => boolean): boolean {
	for (let node: TSESTree.Node | undefined = start; node && node.type !== "ClassBody"; node = node.parent) {
		if (node.type === "ForOfStatement" && isMadeOf(node.right)) return true;
		if (node.type === "CallExpression" && ((node.callee.type === "MemberExpression" && isMadeOf(node.callee.object)) || node.arguments.some((argument) => !contains(argument, start) && isMadeOf(argument)))) return true;
	}
	return false;
}

/** What goes wrong because it is done once more. */
function repetitionsOf(step: Step, where: string, created: ReadonlySet<string>, object: DurableObjectClass): readonly Finding[] {
	const { node } = step;
	const what = quoted(node, object.file);
	if (node.type === "CallExpression" && object.platformCall(node)?.method === "deleteAll") return [{ messageId: "wipedOnEveryWake", data: { where, what } }];
	const statements = statementsOf(step, object);
	const tables = new Set(statements.flatMap(({ kind, subject }) => (kind === "drop" && subject?.name ? [subject.name] : [])));
	for (const statement of statements) {
		switch (statement.kind) {
			case "create-table":
			case "create-index":
			case "create-trigger":
			case "create-view":
			case "create-virtual-table":
				if (statement.ifNotExists || (statement.subject?.name && tables.has(statement.subject.name))) break;
				return [{ messageId: "worksOnce", data: { where, type: statement.subjectType ?? "table" }, suggest: ifNotExists(node, statement, object) }];
			case "alter-table":
				return [{ messageId: "columnExists", data: { where } }];
			case "insert":
				if (statement.conflict !== null || statement.reads.length > 0 || statement.opaque) break;
				return [{ messageId: "rowOnEveryWake", data: { where } }];
			case "drop":
				if (statement.subjectType === "table" && statement.subject?.name && created.has(statement.subject.name)) return [{ messageId: "wipedOnEveryWake", data: { where, what: `DROP TABLE ${statement.subject.name}` } }];
				break;
			default:
		}
	}
	return [];
}

/** The statements of a `sql.exec`, or of the Agents SDK's tagged template. */
function statementsOf({ node }: Step, object: DurableObjectClass): readonly SqlStatement[] {
	if (node.type === "CallExpression") {
		const call = object.platformCall(node);
		return (call?.method === "exec" && sqlCall(call, object)?.statements) || [];
	}
	return node.type === "TaggedTemplateExpression" && isAgentSql(node, object) ? templateStatements(node) : [];
}

type Excuse = { readonly is: "guarded"; readonly by: TSESTree.Node; readonly because: string } | { readonly is: "unknown"; readonly because: string };

/** What may make it happen on some wakes only, or keeps its failure from being one. */
function excuseFor(step: Step, messageId: MessageId, object: DurableObjectClass): Excuse | null {
	const conditions = conditionsOn(step, object);
	const stored = conditions.find(({ test }) => ingredientsOf(test, object).storageReads.length > 0);
	if (stored) return { is: "guarded", by: stored.test, because: "what is stored decides whether it is done" };
	if (conditions.some(({ kind }) => kind !== "throw" && kind !== "loop")) return { is: "unknown", because: "whether its condition holds on every wake could not be told" };
	if (["networkOnEveryWake", "unboundedRead", "wipedOnEveryWake"].includes(messageId)) return null;
	if (conditions.some(({ kind }) => kind === "loop")) return { is: "unknown", because: "whether the loop runs on every wake could not be told" };
	if ([...step.through, step].some(({ node, within }) => isCaught(node, within))) return { is: "unknown", because: "its error on later wakes is caught" };
	return null;
}

function isAllowed(step: Step, { allow }: Options, object: DurableObjectClass): boolean {
	if (allow.length === 0) return false;
	return [...step.through, step].some(({ node }) => {
		if (node.type !== "CallExpression") return false;
		const text = object.file.textOf(node);
		return allow.includes(calledMember(node)?.name ?? "") || allow.some((beginning) => text.startsWith(beginning));
	});
}

function storyOf(step: Step, where: string): readonly { readonly at: TSESTree.Node; readonly what: string }[] {
	return [...step.through.map(({ node }, index) => ({ at: node, what: index === 0 ? `${where} calls this on every wake` : "which calls this" })), { at: step.node, what: "and so it happens on every wake" }];
}

/** Where the text stands in one piece in the source, the words can be put in. */
function ifNotExists(node: TSESTree.Node, { range }: SqlStatement, object: DurableObjectClass): readonly Rule.SuggestionReportDescriptor[] {
	const text = node.type === "CallExpression" ? node.arguments[0] : undefined;
	const call = node.type === "CallExpression" ? object.platformCall(node) : null;
	const source = call && sqlCall(call, object)?.source;
	if (!text || !source || (text.type !== "Literal" && text.type !== "TemplateLiteral")) return [];
	const [start] = text.range;
	const written = object.file.text.slice(start + 1, text.range[1] - 1);
	if (source.text.parts.length !== 1 || source.text.parts[0] !== written) return [];
	const head = /^CREATE\s+(?:TABLE|(?:UNIQUE\s+)?INDEX|TRIGGER|VIEW|VIRTUAL\s+TABLE)\b/iu.exec(written.slice(range[0]));
	if (!head) return [];
	const at = start + 1 + range[0] + head[0].length;
	return [{ messageId: "ifNotExists", fix: (fixer) => fixer.insertTextAfterRange([at, at], " IF NOT EXISTS") }];
}
