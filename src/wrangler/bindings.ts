/** Reads and checks the bindings of Durable Objects, and what else shares their names. */
import { type ConfigNode, describeValue, memberOf, membersInForce, type ObjectNode, type StringNode, type ValueNode, valueOf } from "./document.ts";
import type { Environment } from "./environments.ts";
import type { Report } from "./finding.ts";
import type { ClassState } from "./lifecycle.ts";

/** A binding whose fields have the right types. */
export interface Binding {
	readonly at: ObjectNode;
	readonly name: StringNode;
	readonly className: StringNode;
	readonly scriptName: StringNode | null;
	readonly environment: StringNode | null;
	/** True if the class is one of this Worker: without `script_name`, or with this Worker's own name. */
	readonly local: boolean;
}

const FIELDS = ["name", "class_name", "script_name", "environment"];

/** @returns null if the binding is so malformed that nothing else can be said of it */
function readBinding(entry: ValueNode, workerName: string | null, report: Report): Binding | null {
	if (entry.type !== "Object") {
		report("binding-shape", entry, { problem: `A binding must be an object, but this is ${describeValue(entry)}` });
		return null;
	}
	let sound = true;
	const string = (field: string, required: boolean): StringNode | null => {
		const value = valueOf(entry, field);
		if (value?.type === "String") return value;
		if (!value && !required) return null;
		sound = false;
		report("binding-shape", value ?? entry, { problem: value ? `"${field}" must be a string, but is ${describeValue(value)}` : `A binding needs "${field}"` });
		return null;
	};
	const name = string("name", true);
	const className = string("class_name", true);
	const scriptName = string("script_name", false);
	const environment = string("environment", false);
	if (environment && !memberOf(entry, "script_name")) report("binding-shape", environment, { problem: `"environment" says nothing without "script_name"` });
	for (const [field, value] of [["name", name], ["class_name", className]] as const) {
		if (value && value.value.trim() !== value.value) report("binding-empty", value, { field, problem: "begins or ends with white space" });
		else if (value?.value === "") report("binding-empty", value, { field, problem: "is empty" });
	}
	for (const { key } of membersInForce(entry)) {
		if (!FIELDS.includes(key.name)) report("binding-unknown-field", key, { field: key.name, known: FIELDS.join(", ") });
	}
	if (!sound || !name || !className) return null;
	return { at: entry, name, className, scriptName, environment, local: scriptName === null || scriptName.value === workerName };
}

/** The value of `previews.durable_objects`: the same form, but with `bindings` and without a strategy. */
export function checkPreviewBindings(value: ValueNode, report: Report): void {
	readBindings(value, null, (kind, at, data) => {
		if (kind !== "code-update-strategy") report(kind, at, data);
	});
	if (value.type !== "Object") return;
	if (!memberOf(value, "bindings")) report("binding-shape", value, { problem: `"durable_objects" needs "bindings" under "previews"` });
	const strategy = memberOf(value, "code_update_strategy");
	if (strategy) report("binding-unknown-field", strategy.key, { field: strategy.key.name, known: "bindings" });
}

/** The value of `durable_objects` of one environment, which no other environment inherits. */
export function readBindings(value: ValueNode, workerName: string | null, report: Report): Binding[] {
	if (value.type !== "Object") {
		report("binding-shape", value, { problem: `"durable_objects" must be an object with "bindings", but is ${describeValue(value)}` });
		return [];
	}
	for (const { key } of membersInForce(value)) {
		if (key.name !== "bindings" && key.name !== "code_update_strategy") report("binding-unknown-field", key, { field: key.name, known: "bindings, code_update_strategy" });
	}
	const strategy = valueOf(value, "code_update_strategy");
	if (strategy) checkCodeUpdateStrategy(strategy, report);
	const list = valueOf(value, "bindings");
	if (!list) return [];
	if (list.type !== "Array") {
		report("binding-shape", list, { problem: `"bindings" must be an array, but is ${describeValue(list)}` });
		return [];
	}
	return list.elements.flatMap((entry) => readBinding(entry, workerName, report) ?? []);
}

const MAX_DELAY_S = 86_400;

function checkCodeUpdateStrategy(strategy: ValueNode, report: Report): void {
	const fault = (at: ConfigNode, problem: string) => report("code-update-strategy", at, { problem });
	if (strategy.type !== "Object") return fault(strategy, `"code_update_strategy" must be an object with "mode", but is ${describeValue(strategy)}`);
	const mode = valueOf(strategy, "mode");
	if (mode?.type !== "String" || (mode.value !== "immediate" && mode.value !== "deferred")) {
		fault(mode ?? strategy, `"mode" must be "immediate" or "deferred"${mode ? `, but is ${describeValue(mode)}` : ""}`);
	}
	const delay = valueOf(strategy, "max_delay");
	if (!delay) return;
	if (delay.type !== "Number") return fault(delay, `"max_delay" must be a number of seconds, but is ${describeValue(delay)}`);
	const milliseconds = delay.value * 1000;
	if (!(delay.value >= 0 && delay.value <= MAX_DELAY_S)) fault(delay, `"max_delay" must be between 0 and ${MAX_DELAY_S} seconds, but is ${delay.value}`);
	// The tolerance is that of binary fractions, not of time: 0.001 * 1000 is not quite 1 for every such number.
	else if (Math.abs(milliseconds - Math.round(milliseconds)) > 1e-6 || (milliseconds > 0 && Math.round(milliseconds) === 0)) {
		fault(delay, `"max_delay" must be whole milliseconds, but is ${delay.value} seconds`);
	}
}

/** Where the other fields of a configuration keep the names that they put into `env`. */
const LISTS: Readonly<Record<string, string>> = {
	kv_namespaces: "binding",
	r2_buckets: "binding",
	d1_databases: "binding",
	services: "binding",
	vectorize: "binding",
	hyperdrive: "binding",
	analytics_engine_datasets: "binding",
	workflows: "binding",
	dispatch_namespaces: "binding",
	mtls_certificates: "binding",
	pipelines: "binding",
	secrets_store_secrets: "binding",
	worker_loaders: "binding",
	vpc_services: "binding",
	vpc_networks: "binding",
	ai_search: "binding",
	ai_search_namespaces: "binding",
	send_email: "name",
};
const SINGLE = ["ai", "browser", "images", "stream", "media", "version_metadata", "assets"];
const KEYED = ["vars", "wasm_modules", "text_blobs", "data_blobs"];

interface NamedBinding {
	readonly name: string;
	readonly kind: string;
	readonly at: ConfigNode;
}

function namesIn(list: ValueNode | null, field: string, kind: string): NamedBinding[] {
	if (list?.type !== "Array") return [];
	return list.elements.flatMap((element) => {
		const name = element.type === "Object" ? valueOf(element, field) : null;
		return name?.type === "String" ? [{ name: name.value, kind, at: name }] : [];
	});
}

function otherNames(environment: Environment): NamedBinding[] {
	const own = (field: string) => environment.own(field)?.value ?? null;
	const inside = (field: string, key: string) => {
		const value = own(field);
		return value?.type === "Object" ? valueOf(value, key) : null;
	};
	const names = Object.entries(LISTS).flatMap(([field, key]) => namesIn(own(field), key, field));
	names.push(...namesIn(inside("queues", "producers"), "binding", "queues"));
	names.push(...namesIn(inside("unsafe", "bindings"), "name", "unsafe"));
	for (const field of SINGLE) {
		const name = inside(field, "binding");
		if (name?.type === "String") names.push({ name: name.value, kind: field, at: name });
	}
	const required = inside("secrets", "required");
	for (const name of required?.type === "Array" ? required.elements : []) {
		if (name.type === "String") names.push({ name: name.value, kind: "secrets", at: name });
	}
	for (const field of KEYED) {
		const value = own(field);
		if (value?.type === "Object") for (const { key } of membersInForce(value)) names.push({ name: key.name, kind: field, at: key });
	}
	return names;
}

/** A name may be taken once per environment, whatever it stands for. */
export function checkNames(environment: Environment, report: Report): void {
	const objects = environment.own("durable_objects")?.value;
	// Straight from the text: a binding with another fault takes its name all the same.
	const ours = namesIn(objects?.type === "Object" ? valueOf(objects, "bindings") : null, "name", "durable_objects");
	if (ours.length === 0) return;
	const taken = new Set(ours.map(({ name }) => name));
	const all = [...ours, ...otherNames(environment).filter(({ name }) => taken.has(name))];
	const first = new Map<string, NamedBinding>();
	for (const named of all.sort((a, b) => a.at.range[0] - b.at.range[0])) {
		const before = first.get(named.name);
		if (!before) first.set(named.name, named);
		else report("binding-name-duplicate", named.at, { name: named.name, kind: before.kind, line: String(before.at.loc.start.line) });
	}
}

/** Each local binding needs a class that exists after all migrations and exports. */
export function checkClasses(bindings: readonly Binding[], { live, gone, doubtful, open }: ClassState, report: Report): void {
	if (open) return;
	for (const { local, className, name } of bindings) {
		const wanted = className.value;
		// An empty name has a finding of its own.
		if (!local || wanted.trim() === "" || live.has(wanted) || doubtful.has(wanted)) continue;
		const fate = gone.get(wanted);
		const data = { class: wanted, binding: name.value, to: fate?.to ?? "", line: String(fate?.at.loc.start.line ?? 0) };
		report(fate ? (`binding-class-${fate.how}` as const) : "binding-class-not-migrated", className, data);
	}
}
