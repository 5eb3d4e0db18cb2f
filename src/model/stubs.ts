/** How a file addresses and calls other Durable Objects: names, ids, stubs and the calls made on them. */
import type { TSESTree } from "@typescript-eslint/utils";
import { namespaceMethods, stubFactories, stubOwnMembers } from "../facts/namespaces.ts";
import { calledMember, enclosingClass, isFunction, keyName, propertyName, typeNames, unwrap } from "../syntax/nodes.ts";
import { type Origin, originsOf } from "../syntax/origin.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import type { DurableObjectClass } from "./durable-object.ts";
import { isPlatformType } from "./handles.ts";

/** `namespace.idFromName(name)`, `namespace.getByName(name)`, `getAgentByName(namespace, name)`. */
export interface Addressing {
	readonly node: TSESTree.CallExpression;
	readonly method: string;
	/** The object's name; null for ids. */
	readonly name: TSESTree.Node | null;
	readonly namespace: TSESTree.Node;
}

/** A call on a stub: `stub.method(...)` or `stub.fetch(...)`. */
export interface StubCall {
	readonly node: TSESTree.CallExpression;
	readonly method: string;
	readonly stub: TSESTree.Node;
}

/** The whole of what one file does with other objects. */
export interface ObjectUse {
	readonly file: SourceFile;
	readonly addressings: readonly Addressing[];
	readonly calls: readonly StubCall[];
}

const TRACES = /\b(?:idFromName|getByName|idFromString|newUniqueId|DurableObjectStub|getAgentByName|getServerByName|getContainer)\b|\.get\(\s*[\w.#]+\.id\b/u;

/** A test on the text: without one of these words a file addresses no object. */
export function mayUseObjects(text: string): boolean {
	return TRACES.test(text);
}

export function objectUse(file: SourceFile, durableObjects: readonly DurableObjectClass[]): ObjectUse {
	return new Reader(file, durableObjects).read();
}

class Reader {
	readonly #file: SourceFile;
	readonly #classes: ReadonlyMap<TSESTree.Node, DurableObjectClass>;
	readonly #stubs = new Map<TSESTree.Node, boolean>();
	readonly #ids = new Map<TSESTree.Node, boolean>();

	constructor(file: SourceFile, durableObjects: readonly DurableObjectClass[]) {
		this.#file = file;
		this.#classes = new Map(durableObjects.map((object) => [object.node, object]));
	}

	read(): ObjectUse {
		const addressings: Addressing[] = [];
		const calls: StubCall[] = [];
		this.#file.walk(this.#file.ast, (node) => {
			if (node.type !== "CallExpression") return;
			const addressing = this.#addressing(node);
			if (addressing) addressings.push(addressing);
			const called = calledMember(node);
			if (called && !stubOwnMembers.has(called.name) && !Object.hasOwn(namespaceMethods, called.name) && this.#isStub(called.object)) {
				calls.push({ node, method: called.name, stub: called.object });
			}
		});
		return { file: this.#file, addressings, calls };
	}

	#addressing(node: TSESTree.CallExpression): Addressing | null {
		const called = calledMember(node);
		if (called && Object.hasOwn(namespaceMethods, called.name)) {
			if (!this.#mayBeNamespace(called.object)) return null;
			const [first] = node.arguments;
			const name = namespaceMethods[called.name] === "name" && first && first.type !== "SpreadElement" ? first : null;
			return { node, method: called.name, name, namespace: called.object };
		}
		if (!this.#isFactoryCall(node)) return null;
		const [namespace, name] = node.arguments;
		if (!namespace || !name || name.type === "SpreadElement") return null;
		return { node, method: this.#file.textOf(node.callee), name, namespace };
	}

	/** `getAgentByName(...)` of a framework. */
	#isFactoryCall(node: TSESTree.CallExpression): boolean {
		const imported = this.#file.bindings.importedMember(unwrap(node.callee));
		return imported !== null && (stubFactories[imported.module]?.includes(imported.name) ?? false);
	}

	/** Everything that has these methods is a namespace, but for classes and objects that the file itself writes. */
	#mayBeNamespace(node: TSESTree.Node): boolean {
		return this.#origins(node).every(({ root, path }) => {
			if (root.kind !== "expression" || path.length > 0) return true;
			return !["ObjectExpression", "ClassDeclaration", "ClassExpression", "NewExpression"].includes(unwrap(root.node).type);
		});
	}

	/** Where a value comes from; inside a Durable Object its fields are followed too. */
	#origins(node: TSESTree.Node): readonly Origin[] {
		const owner = enclosingClass(node);
		const object = owner && this.#classes.get(owner);
		return object ? object.origins(node) : originsOf(node, this.#file);
	}

	#isStub(start: TSESTree.Node): boolean {
		const node = unwrap(start);
		let is = this.#stubs.get(node);
		if (is === undefined) {
			this.#stubs.set(node, false); // ends values made of each other
			const origins = this.#origins(node);
			is = origins.length > 0 && origins.every((origin) => this.#isStubOrigin(origin));
			this.#stubs.set(node, is);
		}
		return is;
	}

	#isStubOrigin({ root, path }: Origin): boolean {
		if (path.length > 0) return false;
		if (root.kind === "parameter") return typeNames(root.annotation).some((name) => name.name === "DurableObjectStub" && isPlatformType(name, this.#file));
		if (root.kind !== "expression") return false;
		const call = unwrap(root.node);
		if (call.type !== "CallExpression") return false;
		if (this.#isFactoryCall(call)) return true;
		const called = calledMember(call);
		if (called?.name === "getByName") return this.#mayBeNamespace(called.object);
		if (called?.name === "get") return call.arguments[0] !== undefined && this.#isId(call.arguments[0]);
		return this.#returned(call).some((value) => this.#isStub(value));
	}

	/** `namespace.idFromName(...)` and what is made of it, or a value of type DurableObjectId. */
	#isId(node: TSESTree.Node): boolean {
		let is = this.#ids.get(node);
		if (is === undefined) {
			this.#ids.set(node, false); // ends functions that return what they return
			is = this.#comesFromId(node);
			this.#ids.set(node, is);
		}
		return is;
	}

	#comesFromId(node: TSESTree.Node): boolean {
		const owner = enclosingClass(node);
		const member = unwrap(node);
		// `this.ctx.id`: the object's own.
		if (member.type === "MemberExpression" && propertyName(member) === "id" && owner && this.#classes.get(owner)?.handle(member.object) === "ctx") return true;
		return this.#origins(node).some(({ root, path }) => {
			if (path.length > 0) return false;
			if (root.kind === "parameter") return typeNames(root.annotation).some((name) => name.name === "DurableObjectId");
			if (root.kind !== "expression") return false;
			const call = unwrap(root.node);
			if (call.type !== "CallExpression") return false;
			const called = calledMember(call);
			if (called && Object.hasOwn(namespaceMethods, called.name)) return called.name !== "getByName" && this.#mayBeNamespace(called.object);
			return this.#returned(call).some((value) => this.#isId(value));
		});
	}

	/** What a function of this file, or a method of the same class, returns when called; a single return only. */
	#returned(call: TSESTree.CallExpression): readonly TSESTree.Node[] {
		const callee = unwrap(call.callee);
		let fn: TSESTree.Node | null = null;
		if (callee.type === "Identifier") {
			const [origin] = originsOf(callee, this.#file);
			if (origin?.root.kind === "expression") fn = unwrap(origin.root.node);
		} else if (callee.type === "MemberExpression" && callee.object.type === "ThisExpression") {
			const owner = enclosingClass(call);
			const name = propertyName(callee);
			const member = owner?.body.body.find((element) => element.type === "MethodDefinition" && keyName(element) === name);
			fn = member?.type === "MethodDefinition" ? member.value : null;
		}
		if (!isFunction(fn)) return [];
		if (fn.body.type !== "BlockStatement") return [fn.body];
		const last = fn.body.body.at(-1);
		return last?.type === "ReturnStatement" && last.argument ? [last.argument] : [];
	}
}
