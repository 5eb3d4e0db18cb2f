/**
 * What the flow engine asks of the outside. The engine knows JavaScript: evaluation order, branches, variables, promises.
 * It knows no Durable Object: what an expression reads, writes and waits for, its host tells it.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Constant, Direction } from "./conditions.ts";
import type { FunctionNode } from "../syntax/nodes.ts";
import type { Hole, Text } from "../syntax/text.ts";
import type { VisitorKeys } from "../syntax/walk.ts";

export type { FunctionNode, Hole, Text };

/**
 * What may run before the line after an await:
 * `micro` and `closed`: only other continuations of the same event; `open`: any other event; `unknown`: cannot be told.
 */
export type SuspensionKind = "micro" | "closed" | "open" | "unknown";

/** Something that two pieces of code can both touch. */
export interface Place {
	/**
	 * Places of different spaces are never the same: `storage`, `sql:users`, `field:items`, `module:cache`, `alarm`, …
	 * A space that ends in `*` (`sql:*`) may be any that begins so.
	 */
	readonly space: string;
	/** Which part of the space: the text of a key with its holes; `null` for all of it. A key that cannot be read is a hole. */
	readonly key: Text | null;
	/** True when the key is only a prefix of the keys touched (`list({ prefix })`). */
	readonly isPrefix: boolean;
	/** How a message names it: `storage key "count"`, `this.count`, `table users`. */
	readonly label: string;
}

export interface Access {
	readonly mode: "read" | "write";
	readonly place: Place;
	readonly node: TSESTree.Node;
	/** Expressions that a write's new value is made of: where dependence on a read is looked for. Not those that only choose what is written. */
	readonly inputs: readonly TSESTree.Node[];
	/** Expressions that choose what is written or deleted: its key; what the WHERE of a delete compares with. */
	readonly chosenBy: readonly TSESTree.Node[];
	/** For an UPDATE: what it leaves in single columns, by lower-cased name, as far as that is a constant. */
	readonly columns?: ReadonlyMap<string, Constant | null>;
	/** For an UPDATE: which way it moves the number in single columns (`SET n = n - 1`), by lower-cased name. */
	readonly moves?: ReadonlyMap<string, Direction>;
	/** How the write takes the present value into account by itself: `SET n = n + 1` and compare-and-set, or an addition to what is there. */
	readonly atomic: "update" | "append" | null;
	/** True for a write that leaves nothing: a delete. */
	readonly clears: boolean;
	/** True for a delete of more than named keys: `deleteAll()`, `DELETE FROM t`, `this.queue.clear()`. */
	readonly wipes: boolean;
	/** True for a write of something that cannot have been there: under a key made for it, in a row with a number of its own. */
	readonly isCreation?: boolean;
}

/** How a function that is handed to a call is run. */
export type CallbackRun =
	/** At once, before the call returns: `forEach`, `map`, `sort`, `transactionSync`, `new Promise`. */
	| "now"
	/** As an atomic region: no other event in between (`blockConcurrencyWhile`, `transaction`). */
	| "region"
	/** In this event, after the promise that the call was made on: `.then`, `.catch`, `.finally`. */
	| "then"
	/** As an event of its own, later: timers, listeners, route handlers. */
	| "event"
	| "unknown";

export interface Callback {
	readonly argument: TSESTree.Node;
	/** The function that the argument stands for; null when it is a parameter, or cannot be told. */
	readonly fn: FunctionNode | null;
	readonly run: CallbackRun;
	/** True when it is run once per element: what one run leaves unawaited overlaps with the next. */
	readonly isRepeated: boolean;
}

/** What happens outside: `answer` only asks for something, `effect` does something that must not happen twice. */
export type External = "answer" | "effect";

export interface CallMeaning {
	/** The function that the call runs, where it can be looked into (a method of the class, a local function, an IIFE). */
	readonly callee: FunctionNode | null;
	readonly accesses: readonly Access[];
	/** What awaiting the call's result lets in; `null` when the result is no promise. Not read where `callee` is given. */
	readonly suspension: SuspensionKind | null;
	readonly external: External | null;
	/** Not read where `callee` is given: that function says what becomes of its parameters. */
	readonly callbacks: readonly Callback[];
}

export type CallNode = TSESTree.CallExpression | TSESTree.NewExpression | TSESTree.TaggedTemplateExpression | TSESTree.ImportExpression;

/** Supplied by the model; one per class. Pure and cached: the engine may ask more than once. */
export interface FlowHost {
	readonly visitorKeys: VisitorKeys;
	/** The variable that an identifier refers to, or null for an unresolved global. */
	variableOf(identifier: TSESTree.Identifier): Scope.Variable | null;
	/** What a call, `new`, tagged template or `import()` does beyond evaluating its parts. */
	call(node: CallNode): CallMeaning;
	/**
	 * The place that a member expression or identifier denotes (`this.n`, `this.map[k]`, `alias.n` where `alias` is
	 * `this.state`, a module variable), or null when it is none (a local variable, a method, a handle such as `this.ctx`).
	 */
	place(node: TSESTree.MemberExpression | TSESTree.Identifier): Place | null;
	/** The place of a property that destructuring takes out of an object: `const { count } = this`. */
	placeOfProperty(object: TSESTree.Node, name: string): Place | null;
	/** The getter that reading a member runs, where it can be looked into. */
	getter(node: TSESTree.MemberExpression): FunctionNode | null;
	/** The setter that assigning to a member runs, where it can be looked into. */
	setter(node: TSESTree.MemberExpression): FunctionNode | null;
	/** What awaiting a value that is neither a call nor a local promise lets in: `await this.ready`, `await request.body`. */
	suspensionOf(node: TSESTree.Expression): SuspensionKind;
	/** The function that an expression stands for: inline, a local one, `this.method`, `this.method.bind(this)`. */
	functionOf(node: TSESTree.Node): FunctionNode | null;
	/** An expression as text with holes: to tell which key a parameter stands for at a call. */
	textOf(node: TSESTree.Node): Text;
}
