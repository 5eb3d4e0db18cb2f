/**
 * What the flow engine asks of the outside. The engine knows JavaScript: evaluation order, branches, variables, promises.
 * It knows no Durable Object: what an expression reads, writes and waits for, its host tells it.
 */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";

export type FunctionNode = TSESTree.FunctionDeclaration | TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression;

/**
 * What may run before the line after an await:
 * `micro` and `closed`: only other continuations of the same event; `open`: any other event; `unknown`: cannot be told.
 */
export type SuspensionKind = "micro" | "closed" | "open" | "unknown";

/** A part of a key's text that is only known at run time. Two holes are the same when they are the same unchanged variable. */
export interface Hole {
	readonly variable: Scope.Variable | null;
	/** The expression's text, for messages and for comparing holes that are no plain variable. */
	readonly text: string;
}

/** Something that two pieces of code can both touch. */
export interface Place {
	/** Places of different spaces are never the same: `storage`, `sql:users`, `field:items`, `module:cache`, `alarm`, … */
	readonly space: string;
	/** Which part of the space: the text of a key with its holes; `null` for all of it (or a part that cannot be read). */
	readonly key: readonly (string | Hole)[] | null;
	/** True when the key is only a prefix of the keys touched (`list({ prefix })`). */
	readonly isPrefix: boolean;
	/** How a message names it: `storage key "count"`, `this.count`, `table users`. */
	readonly label: string;
}

export interface Access {
	readonly mode: "read" | "write";
	readonly place: Place;
	readonly node: TSESTree.Node;
	/** Expressions that a write's new value (or its WHERE clause) is made of: where dependence on a read is looked for. */
	readonly inputs: readonly TSESTree.Node[];
	/** True when the write takes the present value into account by itself: `SET n = n + 1`, an upsert, a compare-and-set, an append. */
	readonly atomic: boolean;
	/** True for a delete of more than named keys: `deleteAll()`, `DELETE FROM t`, `this.queue = []`. */
	readonly wipes: boolean;
}

/** How a function that is handed to a call is run. */
export type CallbackRun =
	/** At once, once or many times, before the call returns: `forEach`, `map`, `sort`, `transactionSync`. */
	| "now"
	/** As an atomic region: no other event in between (`blockConcurrencyWhile`, `transaction`). */
	| "region"
	/** In this event, after the promise that the call was made on: `.then`, `.catch`, `.finally`. */
	| "then"
	/** As an event of its own, later: timers, listeners, `waitUntil` bodies, route handlers. */
	| "event"
	| "unknown";

export interface CallMeaning {
	/** The function that the call runs, where it can be looked into (a method of the class, a local function, an IIFE). */
	readonly callee: FunctionNode | null;
	readonly accesses: readonly Access[];
	/** What awaiting the call's result lets in; `null` when the result is no promise. Not read where `callee` is given. */
	readonly suspension: SuspensionKind | null;
	/** True when the call acts on the outside world in a way that must not happen twice (fetch, RPC, send). */
	readonly external: boolean;
	readonly callbacks: readonly { readonly fn: FunctionNode; readonly run: CallbackRun }[];
}

/** Supplied by the model; one per class. Pure and cached: the engine may ask more than once. */
export interface FlowHost {
	readonly scopeManager: Scope.ScopeManager;
	/** The variable that an identifier refers to, or null for an unresolved global. */
	variableOf(identifier: TSESTree.Identifier): Scope.Variable | null;
	/** What a call, `new`, tagged template or `import()` does beyond evaluating its parts. */
	call(node: TSESTree.CallExpression | TSESTree.NewExpression | TSESTree.TaggedTemplateExpression | TSESTree.ImportExpression): CallMeaning;
	/**
	 * The place that a member expression or identifier denotes (`this.n`, `this.map[k]`, an alias of either, a module
	 * variable), or null when it is none (a local variable, a method, a handle such as `this.ctx`).
	 */
	place(node: TSESTree.MemberExpression | TSESTree.Identifier): Place | null;
	/** What awaiting a value that is neither a call nor a local promise lets in: `await this.ready`, `await request.body`. */
	suspensionOf(node: TSESTree.Expression): SuspensionKind;
	visitorKeys: Readonly<Record<string, readonly string[] | undefined>>;
}
