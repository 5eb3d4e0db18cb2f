/** The places that code of a class touches outside of its storage: fields, what they hold, variables of the module. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { Scope } from "@typescript-eslint/utils/ts-eslint";
import type { Access, Place } from "../flow/index.ts";
import { calledMember, propertyName, typeNames, unwrap } from "../syntax/nodes.ts";
import { constantInitialiser, type Hole, type Text, textOf } from "../syntax/text.ts";
import type { DurableObjectClass } from "./durable-object.ts";

/** A field or variable of the module, and the way from it to what is meant. */
interface Root {
	readonly space: string;
	readonly label: string;
	/** Nested properties, outermost first; null where the whole is meant. */
	readonly path: readonly Text[];
}

const collections: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);
const collectionTypes: ReadonlySet<string> = new Set([...collections, "ReadonlyMap", "ReadonlySet", "ReadonlyArray", "Record"]);
/** Properties that tell of the whole collection. */
const wholeProperties: ReadonlySet<string> = new Set(["length", "size"]);

/** What the methods of the built-in collections do to one. */
const collectionMethods: Readonly<Record<string, { readonly does: "read" | "write" | "take"; readonly of: "key" | "all"; readonly isAppend?: true; readonly clears?: true; readonly wipes?: true }>> = {
	get: { does: "read", of: "key" },
	has: { does: "read", of: "key" },
	at: { does: "read", of: "all" },
	set: { does: "write", of: "key" },
	add: { does: "write", of: "key" },
	delete: { does: "write", of: "key", clears: true },
	clear: { does: "write", of: "all", clears: true, wipes: true },
	push: { does: "write", of: "all", isAppend: true },
	unshift: { does: "write", of: "all", isAppend: true },
	pop: { does: "take", of: "all", isAppend: true },
	shift: { does: "take", of: "all", isAppend: true },
	/** Takes away by position: of a list that may have changed, something else. */
	splice: { does: "take", of: "all" },
	sort: { does: "write", of: "all", isAppend: true },
	reverse: { does: "write", of: "all", isAppend: true },
	fill: { does: "write", of: "all", isAppend: true },
	copyWithin: { does: "write", of: "all", isAppend: true },
};

export class Places {
	readonly #object: DurableObjectClass;
	readonly #known = new Map<TSESTree.Node, Place | null>();
	/** Names of fields, and whether they hold data. */
	readonly #fields = new Map<string, boolean>();

	constructor(object: DurableObjectClass) {
		this.#object = object;
	}

	/** The place that a member expression or identifier denotes. */
	of(node: TSESTree.MemberExpression | TSESTree.Identifier): Place | null {
		let place = this.#known.get(node);
		if (place === undefined) {
			const root = this.#root(node);
			place = root && this.#place(root);
			this.#known.set(node, place);
		}
		return place;
	}

	/** `const { count } = this` */
	ofProperty(start: TSESTree.Node, name: string): Place | null {
		const object = unwrap(start);
		if (this.#isThis(object)) {
			const root = this.#field(name);
			return root && this.#place(root);
		}
		if (object.type !== "MemberExpression" && object.type !== "Identifier") return null;
		const root = this.#root(object);
		return root && this.#place({ ...root, path: [...root.path, [name]], label: `${root.label}.${name}` });
	}

	#place({ space, path, label }: Root): Place {
		const key = path.flatMap((part, index) => (index === 0 ? part : [".", ...part]));
		return { space, key: path.length === 0 ? null : joined(key), isPrefix: false, label };
	}

	#root(start: TSESTree.Node): Root | null {
		const node = unwrap(start);
		if (node.type === "Identifier") return this.#moduleVariable(node);
		if (node.type !== "MemberExpression") return null;
		const name = propertyName(node);
		const object = unwrap(node.object);
		if (this.#isThis(object)) return name === null ? null : this.#field(name);
		const holder = (object.type === "Identifier" ? this.#alias(object) : null) ?? this.#root(object);
		if (!holder || (name !== null && wholeProperties.has(name))) return holder;
		const { file } = this.#object;
		const part: Text = name === null ? textOf(node.property, file) : [name];
		return { ...holder, path: [...holder.path, part], label: holder.label + (name === null ? `[${file.textOf(node.property)}]` : `.${name}`) };
	}

	#isThis(node: TSESTree.Node): boolean {
		if (node.type === "ThisExpression") return true;
		if (node.type !== "Identifier") return false;
		return constantInitialiser(this.#object.file.bindings.variableOf(node))?.type === "ThisExpression";
	}

	/** A field that holds data: no method, and none of the platform's objects. */
	#field(name: string): Root | null {
		let isData = this.#fields.get(name);
		if (isData === undefined) this.#fields.set(name, (isData = !this.#object.method(name) && !isPlatformField(name, this.#object)));
		return isData ? { space: `field:${name}`, label: `this.${name}`, path: [] } : null;
	}

	/** `const state = this.state`: the same object under another name. */
	#alias(node: TSESTree.Identifier): Root | null {
		const init = constantInitialiser(this.#object.file.bindings.variableOf(node));
		const target = init && unwrap(init);
		return target?.type === "MemberExpression" && this.#isThis(unwrap(target.object)) ? this.#root(target) : null;
	}

	#moduleVariable(node: TSESTree.Identifier): Root | null {
		const variable = this.#object.file.bindings.variableOf(node);
		if (!variable || variable.scope.type !== "module" || variable.defs[0]?.type !== "Variable") return null;
		const isMutable = variable.references.some((reference) => reference.isWrite() && !reference.init) || isCollectionVariable(variable);
		return isMutable ? { space: `module:${node.name}`, label: node.name, path: [] } : null;
	}

	/** What a method of a collection does to the field or variable that holds it; empty where it may be something else. */
	ofCall(node: TSESTree.CallExpression): readonly Access[] {
		const called = calledMember(node);
		const method = called && Object.hasOwn(collectionMethods, called.name) ? collectionMethods[called.name] : undefined;
		if (!called || !method) return this.#ofObjectAssign(node);
		const holder = unwrap(called.object);
		if (holder.type !== "MemberExpression" && holder.type !== "Identifier") return [];
		const whole = this.of(holder) ?? (holder.type === "Identifier" ? this.#ofAlias(holder) : null);
		if (!whole || !this.#isCollection(holder, node)) return [];
		const [first, second] = node.arguments;
		const key = method.of === "key" && first ? textOf(first, this.#object.file) : null;
		const place: Place = key ? { ...whole, key: joined([...(whole.key ? [...whole.key, "."] : []), ...key]), label: `${whole.label}[${this.#object.file.textOf(first as TSESTree.Node)}]` } : whole;
		const common = { place, node, chosenBy: method.clears && first ? [first] : [], atomic: method.isAppend ? ("append" as const) : null, clears: method.clears ?? false, wipes: method.wipes ?? false };
		const read: Access = { ...common, mode: "read", inputs: [], clears: false, wipes: false };
		const written = method.isAppend || called.name === "splice" ? node.arguments : method.clears ? [] : second ? [second] : [];
		const write: Access = { ...common, mode: "write", inputs: written };
		if (method.does === "read") return [read];
		return method.does === "take" ? [read, write] : [write];
	}

	#ofAlias(node: TSESTree.Identifier): Place | null {
		const root = this.#alias(node);
		return root && this.#place(root);
	}

	#ofObjectAssign(node: TSESTree.CallExpression): readonly Access[] {
		const called = calledMember(node);
		const [target, ...sources] = node.arguments;
		if (called?.name !== "assign" || !target || !this.#object.file.bindings.isGlobal(unwrap(called.object), "Object")) return [];
		const holder = unwrap(target);
		const place = holder.type === "MemberExpression" ? this.of(holder) : null;
		return place ? [{ mode: "write", place, node, inputs: sources, chosenBy: [], atomic: null, clears: false, wipes: false }] : [];
	}

	/** By what is put there, or by its type; what is awaited is none, and below a field anything may be one. */
	#isCollection(holder: TSESTree.MemberExpression | TSESTree.Identifier, node: TSESTree.CallExpression): boolean {
		if (node.parent.type === "AwaitExpression") return false;
		const name = holder.type === "MemberExpression" && this.#isThis(unwrap(holder.object)) ? propertyName(holder) : null;
		if (name === null) return true;
		const field = this.#object.field(name);
		if (!field) return false;
		const typed = field.annotation;
		if (typed && (typed.type === "TSArrayType" || typed.type === "TSTypeLiteral" || typeNames(typed).some((type) => collectionTypes.has(type.name)))) return true;
		const values = [field.initialiser, ...field.uses.filter(({ access }) => access === "assign").map(({ value }) => value)];
		return values.some((value) => value !== null && isCollectionValue(value));
	}
}

function isCollectionVariable(variable: Scope.Variable): boolean {
	const init = constantInitialiser(variable);
	return init !== null && isCollectionValue(init);
}

function isCollectionValue(start: TSESTree.Node): boolean {
	const node = unwrap(start);
	if (node.type === "ArrayExpression" || node.type === "ObjectExpression") return true;
	return node.type === "NewExpression" && node.callee.type === "Identifier" && collections.has(node.callee.name);
}

/** A field through which the platform is reached. */
function isPlatformField(name: string, object: DurableObjectClass): boolean {
	if (object.inheritedHandle(name)) return true;
	const use = object.field(name)?.uses[0];
	const member = use?.node.type === "MemberExpression" ? use.node : null;
	return member !== null && object.handle(member) !== null;
}

function joined(parts: readonly (string | Hole)[]): Text {
	const text: (string | Hole)[] = [];
	for (const part of parts) {
		const last = text.at(-1);
		if (typeof part === "string" && typeof last === "string") text[text.length - 1] = last + part;
		else text.push(part);
	}
	return text;
}
