/** Checks the other fields that a Worker with Durable Objects depends on. */
import { type ConfigNode, describeValue, type StringNode, type ValueNode, valueOf } from "./document.ts";
import type { Binding } from "./bindings.ts";
import { type Environment, textOf } from "./environments.ts";
import { type ClassExport, type ExportMap, isLive } from "./exports.ts";
import type { Report } from "./finding.ts";
import type { ClassState } from "./lifecycle.ts";

/** From this date on, or with the flag `rpc`, a stub has the methods of its object. */
export const RPC_DATE = "2024-04-03";
/** The most CPU time, in milliseconds, that an event may be allowed. */
export const MAX_CPU_MS = 300_000;

/** A value that a template or a build step will fill in. */
export const isPlaceholder = (text: string): boolean => /[<{$%]/u.test(text);

/** True for a date as Cloudflare's documentation writes it: YYYY-MM-DD. */
export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(Date.parse(text));

/** The flags in force, as far as they are strings. */
export function flagsOf(environment: Environment): string[] {
	const list = environment.effective("compatibility_flags")?.value;
	return list?.type === "Array" ? list.elements.flatMap((flag) => (flag.type === "String" ? [flag.value] : [])) : [];
}

export function checkCompatibilityDate(environment: Environment, bindings: readonly Binding[], { live }: ClassState, report: Report): void {
	const own = environment.own("compatibility_date");
	// Null lets the top level's date through, but Wrangler's check refuses it.
	const member = own?.value.type === "Null" ? own : environment.effective("compatibility_date");
	if (!member) {
		report("compat-date-missing", environment.at);
		return;
	}
	const { value } = member;
	const date = textOf(member);
	if (date !== null && isPlaceholder(date)) return;
	if (date === null) {
		report("compat-date-invalid", value, { problem: `is ${describeValue(value)}; it must be a string such as "2026-11-01"` });
	} else if (/[\u2013\u2014]/u.test(date)) {
		report("compat-date-invalid", value, { problem: `"${date}" has a long dash; it must be written with hyphens` });
	} else if (!isDate(date)) {
		report("compat-date-invalid", value, { problem: `"${date}" is not a date; it must be YYYY-MM-DD` });
	} else if (date < RPC_DATE && !flagsOf(environment).includes("rpc") && (live.size > 0 || bindings.some(({ local }) => local))) {
		report("compat-date-rpc", value, { date, since: RPC_DATE });
	}
}

export function checkCpuLimit(environment: Environment, report: Report): void {
	const limits = environment.effective("limits")?.value;
	const limit = limits?.type === "Object" ? valueOf(limits, "cpu_ms") : null;
	if (!limit || (limit.type === "String" && isPlaceholder(limit.value))) return;
	if (limit.type !== "Number") report("limits-cpu-ms", limit, { value: describeValue(limit), max: String(MAX_CPU_MS) });
	else if (!(limit.value > 0 && limit.value <= MAX_CPU_MS)) report("limits-cpu-ms", limit, { value: String(limit.value), max: String(MAX_CPU_MS) });
}

const isEmpty = (value: ValueNode): boolean =>
	value.type === "Null" || (value.type === "Array" && value.elements.length === 0) || (value.type === "Object" && value.members.length === 0);

/** Pages binds objects of other Workers; it cannot define a class. */
export function checkPages(
	environments: readonly (Environment & { readonly bindings: readonly Binding[] })[],
	reporter: (env: string | null) => Report,
): void {
	for (const environment of environments) {
		const report = reporter(environment.name);
		for (const { at, name, className, scriptName } of environment.bindings) {
			if (!scriptName) report("pages-local-binding", at, { binding: name.value, class: className.value });
		}
		for (const field of ["migrations", "exports", "main"]) {
			const member = environment.own(field);
			if (member && !isEmpty(member.value)) report("pages-unsupported-field", member.key, { field });
		}
	}
}

/** A container runs beside the objects of one class of this Worker, and only with SQLite. */
export function checkContainers(environment: Environment, bindings: readonly Binding[], { live, doubtful, open }: ClassState, report: Report): void {
	const list = environment.own("containers")?.value;
	if (list?.type !== "Array") return;
	const fault = (at: ConfigNode, className: string, problem: string) => report("container-class", at, { class: className, problem });
	for (const entry of list.elements) {
		const value = entry.type === "Object" ? valueOf(entry, "class_name") : null;
		// An entry without a class is linked from `exports`.
		if (value && value.type !== "String") fault(value, "", `"class_name" must be a string, but is ${describeValue(value)}`);
		if (value?.type !== "String" || doubtful.has(value.value) || open) continue;
		const name = value.value;
		// Wrangler goes by the first binding of that class name, even where this Worker has a class of the name itself.
		const bound = bindings.find(({ className }) => className.value === name);
		const storage = live.get(name)?.storage;
		if (bound && !bound.local) fault(value, name, `the first binding of a class of that name leads to the Worker "${bound.scriptName?.value ?? ""}", and a container needs a class of its own Worker`);
		else if (storage === undefined && !bound) fault(value, name, "no binding, migration or export of this Worker has a class of that name");
		else if (storage === "kv") fault(value, name, "it was created with new_classes, and containers need SQLite storage");
	}
}

/** The name in the `container` field of a live export. */
const containerOf = (entry: ClassExport): StringNode | null => {
	const value = isLive(entry) ? valueOf(entry.at, "container") : null;
	return value?.type === "String" && value.value !== "" ? value : null;
};

/**
 * An export may name the container of its class instead of the container naming the class. Either way they must agree.
 *
 * @param elsewhere - whether another environment, or the top level, has `containers`
 */
export function checkContainerLinks(environment: Environment, exports: ExportMap | null, elsewhere: boolean, report: Report): void {
	const list = environment.own("containers")?.value;
	if ((list && list.type !== "Array") || (!list && elsewhere) || exports?.open) return;
	const fault = (at: ConfigNode, className: string, problem: string) => report("container-class", at, { class: className, problem });
	const linked = new Map<string, string>();
	const containers = list?.type === "Array" ? list.elements.filter((entry) => entry.type === "Object") : [];
	const named = new Set(containers.flatMap((entry) => namedString(entry, "name")?.value ?? []));
	for (const entry of exports?.entries ?? []) {
		const container = containerOf(entry);
		if (!container) continue;
		const name = entry.key.name;
		const other = linked.get(container.value);
		if (!named.has(container.value)) fault(container, name, `no entry of "containers" is named "${container.value}"`);
		else if (other !== undefined) fault(container, name, `the container "${container.value}" already belongs to ${other}`);
		else linked.set(container.value, name);
	}
	for (const entry of containers) {
		const name = namedString(entry, "name");
		const className = namedString(entry, "class_name");
		const claimant = name ? linked.get(name.value) : undefined;
		if (className && claimant !== undefined && claimant !== className.value) {
			fault(className, className.value, `"exports" gives this container to ${claimant}`);
		} else if (name && !valueOf(entry, "class_name") && claimant === undefined && !exports?.doubtful.length) {
			fault(entry, "", `the container "${name.value}" has no "class_name", and no export names it as its "container"`);
		}
	}
}

const namedString = (object: ValueNode, key: string): StringNode | null => {
	const value = object.type === "Object" ? valueOf(object, key) : null;
	return value?.type === "String" ? value : null;
};
