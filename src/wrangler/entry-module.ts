/** What the Worker's entry module exports: read from source text, through re-exports, without running or bundling anything. */
import { extname } from "node:path";
import type { TSESTree } from "@typescript-eslint/utils";
import { propertyName, unwrap } from "../syntax/nodes.ts";
import { walk } from "../syntax/walk.ts";
import { outlineOf } from "./outline.ts";
import { type ParsedSource, parseSource, Recent, resolveImport, sourceExtensions, type SourceReader } from "./source-files.ts";

/** The class behind an exported name. */
export interface ExportedClass {
	/** Absolute path of the file that declares the class. */
	readonly file: string;
	/** The class's own name, else the name of the variable that holds it; null for an anonymous default export. */
	readonly name: string | null;
	/** Start and end offset of the class in its file's text. */
	readonly range: readonly [number, number];
	/** 1-based line of the class in its file. */
	readonly line: number;
	/** Whether the export is what a function made of the class, as in `export const A = instrument(options, A_)`. */
	readonly wrapped: boolean;
}

export interface ModuleExport {
	/** `value`: exists at run time; `type`: erased, does not; `unknown`: re-exported from something that could not be followed. */
	readonly kind: "value" | "type" | "unknown";
	readonly class: ExportedClass | null;
}

export interface ReadEntry {
	readonly status: "read";
	/** Absolute path of the entry file. */
	readonly path: string;
	/** By exported name, `default` included. */
	readonly exports: ReadonlyMap<string, ModuleExport>;
	/** Why there may be more exports than those known, in words (a lower-case clause); null when the set is complete. */
	readonly open: string | null;
	readonly hasDefault: boolean;
	/** Whether anything is exported that exists at run time, or may exist. */
	readonly hasAnyExport: boolean;
	/** Whether the entry file itself refers to the global `addEventListener`, as a service worker does. */
	readonly usesAddEventListener: boolean;
	/**
	 * What Wrangler takes the entry for. It asks esbuild for the exports of this one file, unbundled, so that what only comes
	 * through `export * from` does not count. No exports: service worker. No default export, and the global
	 * `addEventListener` in use: service worker. Durable Objects need a module. `unknown` when the file could not be
	 * understood.
	 */
	readonly format: "module" | "service-worker" | "unknown";
	/** Every file that was looked at, the entry first: what a cache of this answer depends on. */
	readonly files: readonly string[];
}

export type EntryModule =
	| { readonly status: "skipped"; readonly because: string }
	| { readonly status: "missing"; readonly path: string }
	| ReadEntry;

/** Where one declaration or export statement says that a value comes from. */
type Origin =
	| { readonly is: "class"; readonly name: string | null; readonly range: readonly [number, number]; readonly line: number }
	| { readonly is: "value" | "type" | "unknown" }
	| { readonly is: "local"; readonly name: string }
	| { readonly is: "import"; readonly source: string; readonly name: string }
	| { readonly is: "wrapper"; readonly of: readonly Origin[] };

/** What one file says about its exports; from its text alone. */
interface Summary {
	/** Exported name to where it comes from; several when declarations merge (overloads, interface with class). */
	readonly exported: ReadonlyMap<string, readonly Origin[]>;
	readonly stars: readonly { readonly source: string; readonly typeOnly: boolean }[];
	readonly locals: ReadonlyMap<string, readonly Origin[]>;
	/** Why the file's exports are not known; null when they are. */
	readonly opaque: string | null;
	/** Looked for when it is asked for: it takes the whole text. */
	usesAddEventListener(): boolean;
}

/** Wrangler's order for a `main` without extension. */
const entryExtensions = [".ts", ".tsx", ".js", ".jsx"] as const;
/** Files looked at for one entry, before the answer is left open. */
const maxFiles = 256;
/** Steps from an exported name to its declaration, over aliases and files. */
const maxSteps = 64;
const value: Origin = { is: "value" };
const type: Origin = { is: "type" };
const unknown: Origin = { is: "unknown" };

/**
 * Reads the entry module and what it re-exports.
 *
 * @param path - absolute path of `main`; the extension may be missing
 */
export function entryModule(path: string, reader: SourceReader): EntryModule {
	const extension = extname(path);
	if (extension !== "" && !sourceExtensions.has(extension)) {
		return { status: "skipped", because: `${extension} is not JavaScript or TypeScript` };
	}
	if (!reader.contains(path)) return { status: "skipped", because: "it lies outside of the project's folder" };
	const candidates = extension === "" ? entryExtensions.map((implied) => path + implied) : [path];
	const entry = candidates.find((candidate) => reader.isFile(candidate));
	if (entry === undefined) return { status: "missing", path };
	return new ModuleGraph(reader).entry(entry);
}

interface Resolved {
	readonly kind: ModuleExport["kind"];
	readonly class: ExportedClass | null;
}

const resolvedUnknown: Resolved = { kind: "unknown", class: null };

/** What has been asked on the way to one exported name's declaration. */
interface Search {
	readonly answers: Map<string, Resolved | null>;
	/** Steps taken so far. */
	readonly depth: number;
}

/** Answers each question once; asked again while the answer is being found, it is `meanwhile`. */
function answerOnce<R extends Resolved | null>(
	{ answers, depth }: Search,
	question: string,
	meanwhile: R,
	answer: (inner: Search) => R,
): R {
	const known = answers.get(question);
	// The questions of each kind have their own names, so that an answer is of the kind that was asked for.
	if (known !== undefined) return known as R;
	if (depth >= maxSteps) return resolvedUnknown as R;
	answers.set(question, meanwhile);
	const found = answer({ answers, depth: depth + 1 });
	answers.set(question, found);
	return found;
}

/** The modules seen while one entry is followed. */
class ModuleGraph {
	readonly #reader: SourceReader;
	readonly #modules = new Map<string, Summary>();

	constructor(reader: SourceReader) {
		this.#reader = reader;
	}

	entry(path: string): ReadEntry {
		const summary = this.#module(path);
		const names = new Set<string>(summary.exported.keys());
		const open = this.#collectNames(path, "value", names, new Set());
		this.#collectNames(path, "any", names, new Set());
		const exports = new Map<string, ModuleExport>();
		for (const name of names) {
			const resolved = this.#exportOf(path, name, { answers: new Map(), depth: 0 });
			if (resolved) exports.set(name, resolved);
		}
		const present = (name: string) => exports.has(name) && exports.get(name)?.kind !== "type";
		return {
			status: "read",
			path,
			exports,
			open,
			hasDefault: present("default"),
			hasAnyExport: [...exports.keys()].some(present),
			get usesAddEventListener() {
				return summary.usesAddEventListener();
			},
			format: formatOf(summary),
			files: [...this.#modules.keys()],
		};
	}

	#module(path: string): Summary {
		const known = this.#modules.get(path);
		if (known) return known;
		if (this.#modules.size >= maxFiles) return opaque(`more than ${maxFiles} files are involved`);
		const text = this.#reader.read(path);
		const summary = text === null ? opaque(`${path} can not be read`) : summaryOf(path, text);
		this.#modules.set(path, summary);
		return summary;
	}

	/**
	 * Adds the names that a module gives to `export *`; answers why there may be more, or null.
	 *
	 * @param through - whether to go through `export type *` as well
	 */
	#collectNames(path: string, through: "value" | "any", names: Set<string>, seen: Set<string>): string | null {
		if (seen.has(path)) return null;
		seen.add(path);
		const { exported, stars, opaque: why } = this.#module(path);
		let open = why;
		if (seen.size > 1) for (const name of exported.keys()) if (name !== "default") names.add(name);
		for (const { source, typeOnly } of stars) {
			if (typeOnly && through === "value") continue;
			const target = resolveImport(path, source, this.#reader);
			const inner =
				target === null
					? `\`export * from "${source}"\` leads out of what can be followed`
					: this.#collectNames(target, through, names, seen);
			open ??= inner;
		}
		return open;
	}

	/** What a module exports under a name; null when it exports no such name. */
	#exportOf(path: string, name: string, search: Search): Resolved | null {
		// A question that comes up while it is being answered is a cycle: what it would add is found by who asked first.
		return answerOnce(search, `${path}\0${name}`, null, (inner) => {
			const { exported, stars, opaque: why } = this.#module(path);
			const own = exported.get(name);
			if (own) return this.#merge(own.map((origin) => this.#follow(path, origin, inner)));
			if (name === "default") return why === null ? null : resolvedUnknown;
			const found: Resolved[] = [];
			let open = why !== null;
			for (const { source, typeOnly } of stars) {
				const target = resolveImport(path, source, this.#reader);
				// What can not be followed may have the name or not: it only counts when nothing else has it.
				if (target === null) open ||= !typeOnly;
				const resolved = target === null ? null : this.#exportOf(target, name, inner);
				if (resolved) found.push(typeOnly ? { kind: "type", class: resolved.class } : resolved);
			}
			if (found.length > 0) return this.#unite(found);
			return open ? resolvedUnknown : null;
		});
	}

	#follow(path: string, origin: Origin, search: Search): Resolved {
		switch (origin.is) {
			case "class": {
				const { name, range, line } = origin;
				return { kind: "value", class: { file: path, name, range, line, wrapped: false } };
			}
			case "local":
				return this.#local(path, origin.name, search);
			case "import":
				return this.#imported(path, origin.source, origin.name, search);
			case "wrapper": {
				const classes = origin.of.map((inner) => this.#follow(path, inner, search).class).filter((found) => found !== null);
				const only = classes.length === 1 ? classes[0] : undefined;
				return { kind: "value", class: only ? { ...only, wrapped: true } : null };
			}
			default:
				return { kind: origin.is, class: null };
		}
	}

	#local(path: string, name: string, search: Search): Resolved {
		return answerOnce(search, `${path}\0local ${name}`, resolvedUnknown, (inner) => {
			const origins = this.#module(path).locals.get(name);
			return origins ? this.#merge(origins.map((origin) => this.#follow(path, origin, inner))) : resolvedUnknown;
		});
	}

	#imported(path: string, source: string, name: string, search: Search): Resolved {
		if (name === "*") return { kind: "value", class: null };
		const target = resolveImport(path, source, this.#reader);
		if (target === null) return resolvedUnknown;
		// A name that the source does not have is the compiler's to report.
		return this.#exportOf(target, name, search) ?? resolvedUnknown;
	}

	/** One name declared several times in one module: the value wins, types merge into it. */
	#merge(parts: readonly Resolved[]): Resolved {
		const kind = (["value", "unknown"] as const).find((wanted) => parts.some((part) => part.kind === wanted)) ?? "type";
		return { kind, class: parts.find((part) => part.class !== null)?.class ?? null };
	}

	/** One name that comes through several `export *`: ambiguous, and so absent at run time, unless all mean the same. */
	#unite(parts: readonly Resolved[]): Resolved {
		const values = parts.filter((part) => part.kind !== "type");
		const first = values[0] ?? parts[0] ?? resolvedUnknown;
		const same = values.every(
			(part) => part.class !== null && part.class.file === first.class?.file && part.class.range[0] === first.class.range[0],
		);
		return values.length <= 1 || same ? first : resolvedUnknown;
	}
}

/** How Wrangler classifies an entry file: by this file's own exports, not those behind `export *` or of imported types. */
function formatOf(summary: Summary): ReadEntry["format"] {
	if (summary.opaque !== null) return "unknown";
	const survives = (origin: Origin, depth = 0): boolean => {
		if (origin.is === "type") return false;
		if (origin.is !== "local" || depth >= maxSteps) return true;
		const origins = summary.locals.get(origin.name);
		return !origins || origins.some((inner) => survives(inner, depth + 1));
	};
	const names = [...summary.exported].filter(([, origins]) => origins.some((origin) => survives(origin))).map(([name]) => name);
	if (names.length === 0) return "service-worker";
	return !names.includes("default") && summary.usesAddEventListener() ? "service-worker" : "module";
}

function opaque(why: string): Summary {
	return { exported: new Map(), stars: [], locals: new Map(), opaque: why, usesAddEventListener: () => false };
}

/** By path; valid as long as the text is the same. */
const summaries = new Recent<{ readonly text: string; readonly summary: Summary }>();

function summaryOf(path: string, text: string): Summary {
	const cached = summaries.get(path);
	if (cached?.text === text) return cached.summary;
	const summary = summarise(path, text);
	summaries.set(path, { text, summary });
	return summary;
}

function summarise(path: string, text: string): Summary {
	const outline = outlineOf(path, text);
	const parsed = (outline === null ? null : parseSource(path, outline)) ?? parseSource(path, text);
	if (!parsed) return opaque(`${path} has a syntax error`);
	const summary = new SummaryBuilder(/\.d\.[cm]?ts$/.test(path));
	for (const statement of parsed.ast.body) summary.add(statement);
	const isModule = parsed.ast.body.some(({ type: kind }) => kind.startsWith("Export"));
	let isListening: boolean | undefined;
	return {
		exported: summary.exported,
		stars: summary.stars,
		locals: summary.locals,
		opaque: summary.assignsExports || (!isModule && isCommonJs(path, text)) ? `${path} is a CommonJS module` : null,
		usesAddEventListener: () => (isListening ??= text.includes("addEventListener") && usesAddEventListener(path, text)),
	};
}

function isCommonJs(path: string, text: string): boolean {
	if (!/\b(?:module|exports)\b/.test(text)) return false;
	const parsed = parseSource(path, text);
	const globals = parsed && globalReferences(parsed.scopeManager);
	return globals !== null && (globals.has("module") || globals.has("exports"));
}

/** The identifiers, by name, that are read as values and that the file itself does not declare. */
function globalReferences(
	scopes: ParsedSource["scopeManager"],
): ReadonlyMap<string, ReadonlySet<TSESTree.Node>> {
	const found = new Map<string, Set<TSESTree.Node>>();
	for (const reference of scopes.globalScope?.through ?? []) {
		if (!reference.isValueReference) continue;
		const { name } = reference.identifier;
		if (typeof name !== "string") continue;
		found.set(name, (found.get(name) ?? new Set()).add(reference.identifier));
	}
	return found;
}

function usesAddEventListener(path: string, text: string): boolean {
	const parsed = parseSource(path, text);
	if (!parsed) return false;
	const globals = globalReferences(parsed.scopeManager);
	if (globals.has("addEventListener")) return true;
	let used = false;
	walk(parsed.ast, parsed.visitorKeys, (node) => {
		if (node.type !== "MemberExpression" || propertyName(node) !== "addEventListener") return;
		const { object } = node;
		if (object.type !== "Identifier" || (object.name !== "globalThis" && object.name !== "self")) return;
		used ||= globals.get(object.name)?.has(object) ?? false;
	});
	return used;
}

class SummaryBuilder {
	readonly exported = new Map<string, Origin[]>();
	readonly stars: { readonly source: string; readonly typeOnly: boolean }[] = [];
	readonly locals = new Map<string, Origin[]>();
	/** Whether the file has TypeScript's `export =`. */
	assignsExports = false;
	/** Whether everything in the file is a declaration only. */
	readonly #ambient: boolean;

	constructor(ambient: boolean) {
		this.#ambient = ambient;
	}

	add(statement: TSESTree.ProgramStatement): void {
		switch (statement.type) {
			case "ExportNamedDeclaration":
				if (statement.declaration) {
					for (const name of this.#declare(statement.declaration)) this.#export(name, { is: "local", name });
				}
				for (const { local, exported, exportKind } of statement.specifiers) {
					const typeOnly = exportKind === "type" || statement.exportKind === "type";
					const name = nameOf(local);
					const from: Origin = statement.source
						? { is: "import", source: statement.source.value, name }
						: { is: "local", name };
					this.#export(nameOf(exported), typeOnly ? type : from);
				}
				break;
			case "ExportDefaultDeclaration":
				this.#export("default", this.#defaultExport(statement.declaration));
				break;
			case "ExportAllDeclaration": {
				const typeOnly = statement.exportKind === "type";
				if (statement.exported) this.#export(nameOf(statement.exported), typeOnly ? type : value);
				else this.stars.push({ source: statement.source.value, typeOnly });
				break;
			}
			case "ImportDeclaration":
				for (const specifier of statement.specifiers) {
					const typeOnly =
						statement.importKind === "type" ||
						(specifier.type === "ImportSpecifier" && specifier.importKind === "type");
					const from: Origin = { is: "import", source: statement.source.value, name: importedName(specifier) };
					this.#bind(specifier.local.name, typeOnly ? type : from);
				}
				break;
			case "TSExportAssignment":
				this.assignsExports = true;
				break;
			default:
				this.#declare(statement);
		}
	}

	#export(name: string, origin: Origin): void {
		append(this.exported, name, origin);
	}

	#bind(name: string, origin: Origin): void {
		append(this.locals, name, origin);
	}

	#defaultExport(declaration: TSESTree.ExportDefaultDeclaration["declaration"]): Origin {
		switch (declaration.type) {
			case "ClassDeclaration":
			case "FunctionDeclaration":
			case "TSDeclareFunction":
			case "TSInterfaceDeclaration": {
				const [name] = this.#declare(declaration);
				if (name !== undefined) return { is: "local", name };
				return declaration.type === "ClassDeclaration" ? classOrigin(declaration, null) : value;
			}
			default:
				return originOf(declaration, null);
		}
	}

	/** Takes in the names that a statement declares at module level, and answers them. */
	#declare(statement: TSESTree.Node): string[] {
		switch (statement.type) {
			case "ClassDeclaration":
				if (!statement.id) return [];
				return this.#declareOne(statement.id.name, statement.declare, classOrigin(statement, statement.id.name));
			case "FunctionDeclaration":
				return statement.id ? this.#declareOne(statement.id.name, statement.declare, value) : [];
			case "TSDeclareFunction":
				return statement.id ? this.#declareOne(statement.id.name, true, type) : [];
			case "TSEnumDeclaration":
				return this.#declareOne(statement.id.name, statement.declare, value);
			case "TSInterfaceDeclaration":
			case "TSTypeAliasDeclaration":
				return this.#declareOne(statement.id.name, true, type);
			case "TSModuleDeclaration": {
				if (statement.kind === "global" || statement.id.type === "Literal") return [];
				const name = leftmostName(statement.id);
				return name === null ? [] : this.#declareOne(name, statement.declare || !hasValues(statement), value);
			}
			case "TSImportEqualsDeclaration":
				return this.#declareOne(statement.id.name, statement.importKind === "type", unknown);
			case "VariableDeclaration":
				return statement.declarations.flatMap(({ id, init }) =>
					id.type === "Identifier"
						? this.#declareOne(id.name, statement.declare, init ? originOf(init, id.name) : value)
						: patternNames(id).flatMap((name) => this.#declareOne(name, statement.declare, value)),
				);
			default:
				return [];
		}
	}

	#declareOne(name: string, erased: boolean, origin: Origin): string[] {
		this.#bind(name, erased || this.#ambient ? type : origin);
		return [name];
	}
}

function append<K, V>(map: Map<K, V[]>, key: K, element: V): void {
	const list = map.get(key);
	if (list) list.push(element);
	else map.set(key, [element]);
}

/** The name in an import or export clause, which may be a string. */
function nameOf(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
	return node.type === "Identifier" ? node.name : node.value;
}

function importedName(specifier: TSESTree.ImportClause): string {
	if (specifier.type === "ImportDefaultSpecifier") return "default";
	return specifier.type === "ImportNamespaceSpecifier" ? "*" : nameOf(specifier.imported);
}

function classOrigin(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression, name: string | null): Origin {
	return { is: "class", name: node.id?.name ?? name, range: node.range, line: node.loc.start.line };
}

/** Where an expression's value comes from, as far as that could be a class. */
function originOf(expression: TSESTree.Node, name: string | null): Origin {
	const bare = unwrap(expression);
	switch (bare.type) {
		case "ClassExpression":
			return classOrigin(bare, name);
		case "Identifier":
			return { is: "local", name: bare.name };
		case "CallExpression": {
			const given = bare.arguments.map((argument) => originOf(argument, name));
			const of = given.filter(({ is }) => is === "class" || is === "local" || is === "wrapper");
			return of.length > 0 ? { is: "wrapper", of } : value;
		}
		default:
			return value;
	}
}

/** The names that a destructuring pattern binds. */
function patternNames(pattern: TSESTree.Node | null): string[] {
	switch (pattern?.type) {
		case "Identifier":
			return [pattern.name];
		case "ObjectPattern":
			return pattern.properties.flatMap((property) =>
				patternNames(property.type === "Property" ? property.value : property.argument),
			);
		case "ArrayPattern":
			return pattern.elements.flatMap(patternNames);
		case "AssignmentPattern":
			return patternNames(pattern.left);
		case "RestElement":
			return patternNames(pattern.argument);
		default:
			return [];
	}
}

function leftmostName(name: TSESTree.EntityName): string | null {
	let current = name;
	while (current.type === "TSQualifiedName") current = current.left;
	return current.type === "Identifier" ? current.name : null;
}

/** Whether a namespace holds anything that exists at run time. */
function hasValues(namespace: TSESTree.TSModuleDeclaration): boolean {
	return (namespace.body?.body ?? []).some((statement) => {
		const inner = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
		switch (inner.type) {
			case "TSInterfaceDeclaration":
			case "TSTypeAliasDeclaration":
			case "TSDeclareFunction":
				return false;
			case "TSModuleDeclaration":
				return !inner.declare && hasValues(inner);
			default:
				return !("declare" in inner && inner.declare);
		}
	});
}
