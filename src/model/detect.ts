/** Which classes of a file are Durable Objects, and why. */
import type { TSESTree } from "@typescript-eslint/utils";
import { baseClasses, type FrameworkId, frameworks, runtimeHandlers } from "../facts/frameworks.ts";
import { handleTypes, platformTypeModules } from "../facts/handles.ts";
import type { Project } from "../project/project.ts";
import type { ImportedName } from "../syntax/bindings.ts";
import { type ClassNode, implementedBy, isClass, keyName, propertyName, typeNames, unwrap } from "../syntax/nodes.ts";
import { originOf } from "../syntax/origin.ts";
import type { SourceFile } from "../syntax/source-file.ts";
import { type Ancestry, DurableObjectClass } from "./durable-object.ts";
import { isPlatformType } from "./handles.ts";

/** What a superclass expression turns out to be. */
type Base =
	| { readonly kind: "none" }
	/** `isMixed`: something unknown stands between, and may add members. */
	| { readonly kind: "framework"; readonly id: FrameworkId; readonly text: string; readonly isMixed?: true }
	| { readonly kind: "local"; readonly node: ClassNode }
	| { readonly kind: "unknown"; readonly imported: ImportedName | null };

/** Base classes that are certainly something else. */
const otherEntrypoints: ReadonlySet<string> = new Set(["WorkerEntrypoint", "WorkflowEntrypoint", "RpcTarget"]);

/** @param named - class names that settings declare to be Durable Objects, or base classes of such */
export function detect(file: SourceFile, project: Project, named: ReadonlySet<string>): readonly DurableObjectClass[] {
	return new Detector(file, project, named).all();
}

class Detector {
	readonly #file: SourceFile;
	readonly #project: Project;
	readonly #named: ReadonlySet<string>;
	readonly #results = new Map<ClassNode, DurableObjectClass | null>();
	readonly #exports: ReadonlyMap<string, readonly string[]>;

	constructor(file: SourceFile, project: Project, named: ReadonlySet<string>) {
		this.#file = file;
		this.#project = project;
		this.#named = named;
		this.#exports = exportsOf(file);
	}

	all(): readonly DurableObjectClass[] {
		const found: DurableObjectClass[] = [];
		for (const scope of this.#file.bindings.scopeManager.scopes) {
			if (scope.type !== "class") continue;
			const durableObject = this.#classify(scope.block);
			if (durableObject) found.push(durableObject);
		}
		return found.sort((a, b) => a.node.range[0] - b.node.range[0]);
	}

	#classify(node: ClassNode): DurableObjectClass | null {
		const known = this.#results.get(node);
		if (known !== undefined) return known;
		this.#results.set(node, null); // a class that extends itself ends here
		const name = className(node);
		const exportedAs = exportNames(node, name, this.#exports);
		const ancestry = this.#ancestry(node, name, exportedAs);
		const result = ancestry && new DurableObjectClass(node, { name, exportedAs, file: this.#file, project: this.#project, ancestry });
		this.#results.set(node, result);
		return result;
	}

	#ancestry(node: ClassNode, name: string, exportedAs: readonly string[]): Ancestry | null {
		const base = this.#base(node.superClass);
		if (base.kind === "framework") {
			return { reason: `extends ${base.text}`, framework: base.id, base: null, isBaseKnown: !base.isMixed, isCertain: true, hasRpc: true };
		}
		if (base.kind === "local") {
			const parent = this.#classify(base.node);
			if (parent) return { ...parent.ancestry, reason: `extends ${parent.name}, which ${parent.ancestry.reason}`, base: parent };
			if (base.node.superClass === null && !this.#isDeclared(name, exportedAs) && !this.#looksLikeObject(node)) return null;
		}
		const isBaseKnown = base.kind === "none";
		const rest = { framework: null, base: null, isBaseKnown, isCertain: true, hasRpc: false } as const;
		if (base.kind === "unknown" && base.imported && otherEntrypoints.has(base.imported.name)) return null;
		const names = [name, ...exportedAs];
		const superName = node.superClass && unwrap(node.superClass).type === "Identifier" ? this.#file.textOf(node.superClass) : null;
		if (superName && this.#named.has(superName)) return { ...rest, reason: `extends ${superName}, a base class named in the settings`, framework: "workers", hasRpc: true };
		if (names.some((each) => this.#named.has(each))) return { ...rest, reason: "named as a Durable Object in the settings" };
		if (names.some((each) => this.#project.classNames.has(each)) && exportedAs.length > 0) {
			return { ...rest, reason: "bound or created as a Durable Object by the Wrangler configuration" };
		}
		const implemented = implementedBy(node).find(({ expression }) => expression.type === "Identifier" && expression.name === "DurableObject" && isPlatformType(expression, this.#file));
		if (implemented) return { ...rest, reason: "implements DurableObject" };
		if (this.#looksLikeObject(node) && (exportedAs.length > 0 || node.superClass !== null)) {
			return { ...rest, isCertain: false, reason: base.kind === "none" ? "its constructor takes a DurableObjectState and it handles events" : "it uses the DurableObjectState that its base class receives" };
		}
		return null;
	}

	#isDeclared(name: string, exportedAs: readonly string[]): boolean {
		return [name, ...exportedAs].some((each) => this.#named.has(each) || this.#project.classNames.has(each));
	}

	/** What a superclass expression is, through variables, namespaces, mixins and factories. */
	#base(superClass: TSESTree.Expression | null): Base {
		if (!superClass) return { kind: "none" };
		const origin = originOf(superClass, this.#file);
		if (!origin) return { kind: "unknown", imported: null };
		const { root, path } = origin;
		if (root.kind === "import" && path.length === 0) {
			const id = baseClasses[root.module]?.[root.name];
			if (id) return { kind: "framework", id, text: `${root.name} from "${root.module}"` };
			return { kind: "unknown", imported: { module: root.module, name: root.name, isTypeOnly: false } };
		}
		if (root.kind !== "expression" || path.length > 0) return { kind: "unknown", imported: null };
		if (isClass(root.node)) return { kind: "local", node: root.node };
		const call = unwrap(root.node);
		return call.type === "CallExpression" ? this.#mixin(call) : { kind: "unknown", imported: null };
	}

	/** `withVoice(Agent)`, `Mixin(Base, options)`, `createServer()`: a known factory, or a base class among the arguments. */
	#mixin(call: TSESTree.CallExpression): Base {
		const factory = originOf(call.callee, this.#file);
		if (factory?.root.kind === "import" && factory.path.length === 0) {
			const id = baseClasses[factory.root.module]?.[`${factory.root.name}()`];
			if (id) return { kind: "framework", id, text: `${factory.root.name}() from "${factory.root.module}"` };
		}
		for (const argument of call.arguments) {
			const base = argument.type === "SpreadElement" ? null : this.#base(argument);
			if (base?.kind === "framework") return { ...base, isMixed: true };
			if (base?.kind === "local") {
				const parent = this.#classify(base.node);
				if (parent?.ancestry.framework) return { kind: "framework", id: parent.ancestry.framework, text: parent.name, isMixed: true };
			}
		}
		return { kind: "unknown", imported: null };
	}

	/**
	 * A class without a base that is known: taken for a Durable Object when its constructor's first parameter is used as
	 * a DurableObjectState and the class has a runtime handler. Managers and adapters that merely hold the state have none.
	 */
	#looksLikeObject(node: ClassNode): boolean {
		const handlers = new Set<string>(runtimeHandlers);
		for (const { hooks } of node.superClass ? Object.values(frameworks) : []) for (const hook of hooks) handlers.add(hook);
		const members = node.body.body;
		const hasHandler = members.some((member) => (member.type === "MethodDefinition" || member.type === "PropertyDefinition") && !member.static && handlers.has(keyName(member) ?? ""));
		const constructor = members.find((member) => member.type === "MethodDefinition" && member.kind === "constructor");
		if (constructor?.type !== "MethodDefinition") return hasHandler && node.superClass !== null && usesInheritedState(node, this.#file);
		const [first] = constructor.value.params;
		if (!first) return false;
		const annotation = annotationOf(first);
		const isTyped = typeNames(annotation).some((name) => (handleTypes[name.name] === "ctx" && isPlatformType(name, this.#file)) || (annotation !== null && isOwnStateType(name)));
		if (isTyped) return hasHandler || (node.superClass !== null && usesInheritedState(node, this.#file));
		if (!hasHandler || annotation !== null) return false;
		return usesAsState(first, constructor.value, node, this.#file);
	}
}

/** Structural stand-ins that projects declare for the platform's type, so as not to depend on it. */
function isOwnStateType(name: TSESTree.Identifier): boolean {
	return /^DurableObjectState(?:Like|Compat)?$/u.test(name.name);
}

function className(node: ClassNode): string {
	if (node.id) return node.id.name;
	const { parent } = node;
	if (parent.type === "VariableDeclarator" && parent.id.type === "Identifier") return parent.id.name;
	if (parent.type === "AssignmentExpression" && parent.left.type === "MemberExpression") return propertyName(parent.left) ?? "(anonymous class)";
	return parent.type === "ExportDefaultDeclaration" ? "default" : "(anonymous class)";
}

/** Local name -> exported names: `export class`, `export { X as Y }`, `export default X`, `module.exports`. */
function exportsOf(file: SourceFile): ReadonlyMap<string, readonly string[]> {
	const exported = new Map<string, string[]>();
	const add = (local: string, name: string) => {
		const names = exported.get(local);
		if (names) names.push(name);
		else exported.set(local, [name]);
	};
	for (const statement of file.ast.body) {
		if (statement.type === "ExportNamedDeclaration" && !statement.source) {
			for (const { local, exported: name } of statement.specifiers) {
				if (local.type === "Identifier") add(local.name, name.type === "Identifier" ? name.name : name.value);
			}
			const { declaration } = statement;
			if (declaration?.type === "ClassDeclaration" && declaration.id) add(declaration.id.name, declaration.id.name);
			if (declaration?.type === "VariableDeclaration") {
				for (const { id } of declaration.declarations) if (id.type === "Identifier") add(id.name, id.name);
			}
		} else if (statement.type === "ExportDefaultDeclaration") {
			const { declaration } = statement;
			if (declaration.type === "Identifier") add(declaration.name, "default");
			else if (declaration.type === "ClassDeclaration") add(declaration.id?.name ?? "default", "default");
		} else if (statement.type === "ExpressionStatement" && statement.expression.type === "AssignmentExpression") {
			const { left, right } = statement.expression;
			if (left.type !== "MemberExpression") continue;
			const target = file.textOf(left);
			const name = propertyName(left);
			const isModule = target === "module.exports";
			if (!isModule && !/^(?:module\.)?exports\./u.test(target)) continue;
			if (isModule && right.type === "ObjectExpression") {
				for (const property of right.properties) {
					if (property.type === "Property" && property.value.type === "Identifier") add(property.value.name, keyName(property) ?? property.value.name);
				}
			} else if (right.type === "Identifier") add(right.name, isModule ? right.name : (name ?? right.name));
			else if (right.type === "ClassExpression" && right.id) add(right.id.name, isModule ? right.id.name : (name ?? right.id.name));
		}
	}
	return exported;
}

function exportNames(node: ClassNode, name: string, exported: ReadonlyMap<string, readonly string[]>): readonly string[] {
	// A class inside a function is not what the module exports under that name.
	const { parent } = node;
	const declaration = parent.type === "VariableDeclarator" ? parent.parent.parent : parent;
	const isTopLevel = ["Program", "ExportNamedDeclaration", "ExportDefaultDeclaration", "AssignmentExpression"].includes(declaration?.type ?? "");
	return isTopLevel ? (exported.get(name) ?? []) : [];
}

function annotationOf(parameter: TSESTree.Parameter): TSESTree.TypeNode | null {
	if (parameter.type === "TSParameterProperty") return annotationOf(parameter.parameter);
	if (parameter.type === "AssignmentPattern") return annotationOf(parameter.left);
	return "typeAnnotation" in parameter ? (parameter.typeAnnotation?.typeAnnotation ?? null) : null;
}

/** Members that nothing but a DurableObjectState has. */
const stateMembers: ReadonlySet<string> = new Set(["storage", "blockConcurrencyWhile", "acceptWebSocket", "getWebSockets", "setWebSocketAutoResponse"]);

/** `this.ctx.storage`, `this.state.acceptWebSocket(...)` in a class whose base is in another file. */
function usesInheritedState(node: ClassNode, file: SourceFile): boolean {
	let isUsed = false;
	file.walk(node.body, (child) => {
		if (isUsed) return false;
		if (child.type !== "MemberExpression" || child.object.type !== "MemberExpression" || child.object.object.type !== "ThisExpression") return true;
		const holder = propertyName(child.object);
		isUsed = (holder === "ctx" || holder === "state") && stateMembers.has(propertyName(child) ?? "");
		return true;
	});
	return isUsed;
}

/** Whether an untyped first parameter is used as a DurableObjectState, directly or through the field it is kept in. */
function usesAsState(parameter: TSESTree.Parameter, constructor: TSESTree.FunctionExpression | TSESTree.TSEmptyBodyFunctionExpression, node: ClassNode, file: SourceFile): boolean {
	if (parameter.type === "ObjectPattern") {
		return parameter.properties.some((property) => property.type === "Property" && stateMembers.has(keyName(property) ?? ""));
	}
	if (parameter.type !== "Identifier") return false;
	const variable = file.bindings.variableOf(parameter);
	const kept = new Set<string>();
	for (const { identifier } of variable?.references ?? []) {
		const { parent } = identifier;
		if (parent?.type === "MemberExpression" && parent.object === identifier && stateMembers.has(propertyName(parent) ?? "")) return true;
		if (parent?.type === "AssignmentExpression" && parent.right === identifier && parent.left.type === "MemberExpression" && parent.left.object.type === "ThisExpression") {
			const field = propertyName(parent.left);
			if (field) kept.add(field);
		}
	}
	if (kept.size === 0 || constructor.params.length === 0) return false;
	let isUsed = false;
	file.walk(node.body, (child) => {
		if (isUsed) return false;
		if (child.type === "MemberExpression" && child.object.type === "MemberExpression" && child.object.object.type === "ThisExpression") {
			isUsed = kept.has(propertyName(child.object) ?? "") && stateMembers.has(propertyName(child) ?? "");
		}
		return true;
	});
	return isUsed;
}

/** A test on the text: no class can be a Durable Object unless one of these words is there (or a name that is known otherwise). */
const TRACES = new RegExp(
	["DurableObject", "blockConcurrencyWhile", "acceptWebSocket", "\\.storage\\b", "\\bstorage\\s*[,}]", ...Object.keys(baseClasses).map((module) => `["']${module}["']`), ...platformTypeModules.slice(1)].join("|"),
	"u",
);

/** @param names - class names known from elsewhere; asked for only when the text alone does not tell */
export function mayHaveDurableObjects(text: string, names: () => readonly string[]): boolean {
	if (!text.includes("class")) return false;
	return TRACES.test(text) || names().some((name) => text.includes(name));
}
