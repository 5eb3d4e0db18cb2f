/** Checks the other fields that a Worker with Durable Objects depends on. */
import { type ConfigNode, describeValue, memberOf, type ObjectNode, type ValueNode, valueOf } from "./document.ts";
import type { Binding } from "./bindings.ts";
import { type Environment, textOf } from "./environments.ts";
import type { Report } from "./finding.ts";
import type { ClassState } from "./lifecycle.ts";

/** From this date on, or with the flag `rpc`, a stub has the methods of its object. */
export const RPC_DATE = "2024-04-03";
/** The most CPU time, in milliseconds, that an event may be allowed. */
export const MAX_CPU_MS = 300_000;

/** A value that a template or a build step will fill in. */
export const isPlaceholder = (text: string): boolean => /[<{$%]/u.test(text);

/** The flags in force, as far as they are strings. */
export function flagsOf(environment: Environment): string[] {
	const list = environment.effective("compatibility_flags")?.value;
	return list?.type === "Array" ? list.elements.flatMap((flag) => (flag.type === "String" ? [flag.value] : [])) : [];
}

export function checkCompatibilityDate(environment: Environment, bindings: readonly Binding[], { live }: ClassState, report: Report): void {
	const member = environment.effective("compatibility_date");
	if (!member) {
		report("compat-date-missing", environment.at, { where: environment.name === null ? "the configuration" : `env.${environment.name}` });
		return;
	}
	const { value } = member;
	const date = textOf(member);
	if (date !== null && isPlaceholder(date)) return;
	if (date === null) {
		report("compat-date-invalid", value, { problem: `is ${describeValue(value)}; it must be a string such as "2026-11-01"` });
	} else if (/[\u2013\u2014]/u.test(date)) {
		report("compat-date-invalid", value, { problem: `"${date}" has a long dash; it must be written with hyphens` });
	} else if (!/^\d{4}-\d{2}-\d{2}$/u.test(date) || Number.isNaN(Date.parse(date))) {
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
export function checkPages(top: ObjectNode, environments: readonly { readonly bindings: readonly Binding[] }[], report: Report): void {
	for (const { bindings } of environments) {
		for (const { at, name, className, scriptName } of bindings) {
			if (!scriptName) report("pages-local-binding", at, { binding: name.value, class: className.value });
		}
	}
	for (const field of ["migrations", "exports", "main"]) {
		const member = memberOf(top, field);
		if (member && !isEmpty(member.value)) report("pages-unsupported-field", member.key, { field });
	}
}

/** A container runs beside the objects of one class of this Worker, and only with SQLite. */
export function checkContainers(environment: Environment, bindings: readonly Binding[], { live, doubtful, open }: ClassState, report: Report): void {
	const list = environment.own("containers")?.value;
	if (list?.type !== "Array") return;
	const fault = (at: ConfigNode, className: string, problem: string) => report("container-class", at, { class: className, problem });
	for (const entry of list.elements) {
		const value = entry.type === "Object" ? valueOf(entry, "class_name") : null;
		if (value?.type !== "String" || doubtful.has(value.value) || open) continue;
		const name = value.value;
		const bound = bindings.filter(({ className }) => className.value === name);
		const elsewhere = bound.find(({ local }) => !local);
		const storage = live.get(name)?.storage;
		if (elsewhere && !bound.some(({ local }) => local) && storage === undefined) fault(value, name, `it is bound to the Worker "${elsewhere.scriptName?.value ?? ""}", and a container needs a class of its own Worker`);
		else if (storage === undefined && bound.length === 0) fault(value, name, "no binding, migration or export of this Worker has a class of that name");
		else if (storage === "kv") fault(value, name, "it was created with new_classes, and containers need SQLite storage");
	}
}
