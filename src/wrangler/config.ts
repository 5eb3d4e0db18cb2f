/** A Wrangler configuration as a whole: its environments, which classes exist in each, and everything that is wrong with it. */
import { type Binding, checkClasses, checkNames, checkPreviewBindings, readBindings } from "./bindings.ts";
import { type DocumentNode, type MemberNode, memberOf, type ObjectNode } from "./document.ts";
import { type Environment, environmentsOf, textOf } from "./environments.ts";
import { checkExports, type ExportMap, readExports, stateWithExports } from "./exports.ts";
import { checkCompatibilityDate, checkContainerLinks, checkContainers, checkCpuLimit, checkPages, flagsOf } from "./fields.ts";
import { type Finding, Findings } from "./finding.ts";
import { type ClassState, foldMigrations } from "./lifecycle.ts";
import { checkTags, type MigrationList, readMigrations } from "./migrations.ts";

/** One environment with everything that is in force there. */
export interface EffectiveEnvironment extends Environment {
	readonly bindings: readonly Binding[];
	readonly migrations: MigrationList | null;
	readonly exports: ExportMap | null;
	/** The classes of this Worker after all migrations and exports. */
	readonly classes: ClassState;
	/** `compatibility_date`, if it is a string; not checked for being a date. */
	readonly compatibilityDate: string | null;
	readonly compatibilityFlags: readonly string[];
	/** `main`, relative to the folder of the configuration. */
	readonly main: string | null;
}

export interface WranglerConfig {
	readonly document: DocumentNode;
	readonly top: ObjectNode;
	/** The top level first, then each key of `env`. */
	readonly environments: readonly [EffectiveEnvironment, ...EffectiveEnvironment[]];
	/** The distinct lists: an environment that inherits a list shares it. */
	readonly migrationLists: readonly MigrationList[];
	readonly exportMaps: readonly ExportMap[];
	/** True if the file has anything to do with Durable Objects. */
	readonly declaresObjects: boolean;
	/** True for a Pages project. */
	readonly isPages: boolean;
	/** Everything that the text alone shows, in the order of the text. What needs other files is checked elsewhere. */
	readonly findings: readonly Finding[];
}

/** Reads each inherited value once, on behalf of the environment that defines it. */
class Shared<T> {
	readonly #byMember = new Map<MemberNode, { readonly value: T; readonly owner: string | null; readonly workerNames: Set<string> }>();
	readonly #read: (member: MemberNode, owner: string | null) => T;

	constructor(read: (member: MemberNode, owner: string | null) => T) {
		this.#read = read;
	}

	for(environment: Environment, field: string): T | null {
		const member = environment.effective(field);
		if (!member) return null;
		let known = this.#byMember.get(member);
		if (!known) {
			const owner = environment.own(field) === member ? environment.name : null;
			known = { value: this.#read(member, owner), owner, workerNames: new Set() };
			this.#byMember.set(member, known);
		}
		if (environment.workerName !== null) known.workerNames.add(environment.workerName);
		return known.value;
	}

	get all(): { readonly value: T; readonly owner: string | null; readonly workerNames: ReadonlySet<string> }[] {
		return [...this.#byMember.values()];
	}
}

/** @returns null if the top level is not an object, which `parseConfig` never lets through */
export function readConfig(document: DocumentNode): WranglerConfig | null {
	const top = document.root;
	if (top.type !== "Object") return null;
	const findings = new Findings();
	const plain = environmentsOf(top);

	const lists = new Shared((member, owner) => readMigrations(member, findings.reporter(owner)));
	const maps = new Shared((member, owner) => readExports(member, findings.reporter(owner)));
	const read = plain.map((environment) => {
		const own = environment.own("durable_objects");
		const report = findings.reporter(environment.name);
		const bindings = own ? readBindings(own.value, environment.workerName, report) : [];
		return { environment, bindings, migrations: lists.for(environment, "migrations"), exports: maps.for(environment, "exports") };
	});

	const states = new Map<MigrationList, ClassState>();
	for (const { value, owner, workerNames } of lists.all) {
		const report = findings.reporter(owner);
		checkTags(value, report);
		states.set(value, foldMigrations(value, workerNames, report));
	}
	for (const { value, owner, workerNames } of maps.all) checkExports(value, workerNames, findings.reporter(owner));

	const environments = read.map(({ environment, bindings, migrations, exports }): EffectiveEnvironment => ({
		...environment,
		bindings,
		migrations,
		exports,
		classes: stateWithExports(migrations && (states.get(migrations) ?? null), exports),
		compatibilityDate: textOf(environment.effective("compatibility_date")),
		compatibilityFlags: flagsOf(environment),
		main: textOf(environment.effective("main")),
	}));
	const [first, ...others] = environments;
	if (!first) return null;

	const config = {
		document,
		top,
		environments: [first, ...others] as const,
		migrationLists: lists.all.map(({ value }) => value),
		exportMaps: maps.all.map(({ value }) => value),
		declaresObjects: environments.some(declaresObjects),
		isPages: first.own("pages_build_output_dir") !== null,
	};
	check(config, findings);
	for (const { first: earlier, again } of document.repeatedKeys) {
		findings.reporter(null)("config-duplicate-key", again, { key: again.name, line: String(earlier.loc.start.line) });
	}
	return { ...config, findings: findings.inOrder() };
}

/** True if this environment binds, creates or exports a Durable Object class. */
export function declaresObjects({ bindings, migrations, exports }: EffectiveEnvironment): boolean {
	return bindings.length > 0 || (migrations?.steps.length ?? 0) > 0 || (exports?.declaresClasses ?? false);
}

function check({ environments, declaresObjects: any, isPages }: Omit<WranglerConfig, "findings">, findings: Findings): void {
	const [first, ...named] = environments;
	const once = new OnceEach(findings);
	for (const environment of environments) {
		const { bindings, classes, migrations, exports, name } = environment;
		const report = findings.reporter(name);
		checkNames(environment, report);
		const previews = environment.own("previews")?.value;
		const previewed = previews?.type === "Object" ? memberOf(previews, "durable_objects") : null;
		if (previewed) checkPreviewBindings(previewed.value, report);
		checkContainers(environment, bindings, classes, report);
		const elsewhere = (environment === first ? named : [first]).some((other) => other.own("containers") !== null);
		checkContainerLinks(environment, exports, elsewhere, (kind, at, data) => once.report(kind, at, name, data));
		if (!isPages) checkClasses(bindings, classes, report);
		if (migrations?.array?.elements.length && exports?.declaresClasses) once.report("exports-and-migrations", exports.member.key, name);
		if (!any) continue;
		const concerned = declaresObjects(environment);
		checkCompatibilityDate(environment, bindings, classes, (kind, at, data) => {
			if (concerned || kind === "compat-date-invalid") once.report(kind, at, name, data);
		});
		checkCpuLimit(environment, (kind, at, data) => once.report(kind, at, name, data));
	}
	if (isPages) checkPages(environments, (name) => findings.reporter(name));
	if (any && first.bindings.length > 0) {
		for (const { own, key, name } of named) {
			if (own("durable_objects") || !key) continue;
			const names = first.bindings.map((binding) => binding.name.value).join(", ");
			findings.reporter(name)("env-binding-missing", key, { env: key.name, bindings: names });
		}
	}
}

/** Lets a fault of an inherited value be told once, for the first environment that has it. */
class OnceEach {
	readonly #findings: Findings;
	readonly #told = new Map<unknown, Set<string>>();

	constructor(findings: Findings) {
		this.#findings = findings;
	}

	report(kind: Finding["kind"], at: Finding["at"], env: string | null, data: Finding["data"] = {}): void {
		// A value that is missing at the top level is missing in each environment that does not bring its own.
		const kinds = this.#told.get(kind === "compat-date-missing" ? kind : at) ?? new Set();
		if (kinds.has(kind)) return;
		this.#told.set(kind === "compat-date-missing" ? kind : at, kinds.add(kind));
		this.#findings.reporter(env)(kind, at, data);
	}
}

const byName = new WeakMap<WranglerConfig, ReadonlyMap<string | null, EffectiveEnvironment>>();

/** The environment of that name, null for the top level; found without going through all of them. */
export function environmentNamed(config: WranglerConfig, name: string | null): EffectiveEnvironment | undefined {
	let environments = byName.get(config);
	if (!environments) {
		environments = new Map(config.environments.map((environment) => [environment.name, environment]));
		byName.set(config, environments);
	}
	return environments.get(name);
}
