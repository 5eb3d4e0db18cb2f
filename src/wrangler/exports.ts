/** Reads `exports`: the declared state of each class, which has taken the place of `migrations` since June 2026. */
import { describeValue, type KeyNode, type MemberNode, memberOf, membersInForce, type ObjectNode, type StringNode } from "./document.ts";
import type { Report } from "./finding.ts";
import type { ClassState, ClassStorage, GoneClass, LiveClass } from "./lifecycle.ts";

export type ExportState = "created" | "deleted" | "renamed" | "transferred" | "expecting-transfer";

/** A well-formed entry of type `durable-object`. */
export interface ClassExport {
	readonly key: KeyNode;
	readonly at: ObjectNode;
	readonly state: ExportState;
	readonly storage: ClassStorage;
	/** The value of `renamed_to`, `transferred_to` or `transfer_from`, as the state asks for. */
	readonly other: StringNode | null;
}

export interface ExportMap {
	/** The `exports` key and its value. */
	readonly member: MemberNode;
	readonly entries: readonly ClassExport[];
	/** True if there is an entry of type `durable-object`, be it well-formed or not. */
	readonly declaresClasses: boolean;
	/** Names of malformed entries, of which nothing else is said. */
	readonly doubtful: readonly string[];
	/** True if the value is no object: nothing can be said of any class. */
	readonly open: boolean;
}

const ALLOWED: Readonly<Record<ExportState, readonly string[]>> = {
	created: ["storage", "container"],
	deleted: [],
	renamed: ["renamed_to"],
	transferred: ["transferred_to"],
	"expecting-transfer": ["storage", "transfer_from", "container"],
};
const OTHER: Readonly<Partial<Record<ExportState, string>>> = { renamed: "renamed_to", transferred: "transferred_to", "expecting-transfer": "transfer_from" };
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/u;

const isState = (text: string): text is ExportState => Object.hasOwn(ALLOWED, text);
export const isLive = ({ state }: ClassExport): boolean => state === "created" || state === "expecting-transfer";

/** Reads the parts of one entry; each fault is reported, and makes the entry doubtful. */
class EntryReader {
	readonly #name: string;
	readonly #at: ObjectNode;
	readonly #report: Report;
	faulty = false;

	constructor(name: string, at: ObjectNode, report: Report) {
		this.#name = name;
		this.#at = at;
		this.#report = report;
	}

	fault(at: Parameters<Report>[1], problem: string): void {
		this.faulty = true;
		this.#report("export-shape", at, { class: this.#name, problem });
	}

	state(): ExportState | null {
		const member = memberOf(this.#at, "state");
		if (!member) return "created";
		const { value } = member;
		if (value.type === "String" && isState(value.value)) return value.value;
		this.fault(value, `"state" must be one of ${Object.keys(ALLOWED).join(", ")}, but is ${describeValue(value)}`);
		return null;
	}

	storage(state: ExportState): ClassStorage {
		if (!ALLOWED[state].includes("storage")) return "unknown";
		const value = memberOf(this.#at, "storage")?.value;
		if (value?.type === "String" && value.value === "sqlite") return "sqlite";
		if (value?.type === "String" && value.value === "legacy-kv") return "kv";
		this.fault(value ?? this.#at, `"storage" ${value ? `is ${describeValue(value)}` : "is missing"}; it must be "sqlite", or "legacy-kv" for a class that was created without SQLite`);
		return "unknown";
	}

	container(state: ExportState, storage: ClassStorage): void {
		const value = memberOf(this.#at, "container")?.value;
		if (!value || !ALLOWED[state].includes("container")) return;
		if (value.type !== "String" || value.value === "") this.fault(value, `"container" must be the name of an entry of "containers", but is ${describeValue(value)}`);
		else if (storage === "kv") this.fault(value, `"container" needs "storage": "sqlite"`);
	}

	other(state: ExportState): StringNode | null {
		const field = OTHER[state];
		if (!field) return null;
		const value = memberOf(this.#at, field)?.value;
		if (value?.type !== "String" || value.value === "") {
			this.fault(value ?? this.#at, `state "${state}" needs "${field}", ${state === "renamed" ? "the new class name" : "the name of the other Worker"}`);
			return null;
		}
		if (state === "renamed" && !IDENTIFIER.test(value.value)) this.fault(value, `"renamed_to" must be the name of a class, but is ${describeValue(value)}`);
		else if (state === "renamed" && value.value === this.#name) this.fault(value, `"renamed_to" names the class itself`);
		return value;
	}

	extraFields(state: ExportState): void {
		for (const { key } of membersInForce(this.#at)) {
			if (key.name === "type" || key.name === "state" || ALLOWED[state].includes(key.name)) continue;
			this.fault(key, `"${key.name}" is not allowed in state "${state}"`);
		}
	}
}

function readEntry(key: KeyNode, at: ObjectNode, report: Report): ClassExport | null {
	const reader = new EntryReader(key.name, at, report);
	if (key.name === "") reader.fault(key, "the key must be the name of a class");
	const state = reader.state();
	if (!state) return null;
	const storage = reader.storage(state);
	reader.container(state, storage);
	const other = reader.other(state);
	reader.extraFields(state);
	return reader.faulty ? null : { key, at, state, storage, other };
}

export function readExports(member: MemberNode, report: Report): ExportMap {
	const { value } = member;
	if (value.type !== "Object") {
		report("export-shape", value, { class: "exports", problem: `"exports" must be an object with class names as keys, but is ${describeValue(value)}` });
		return { member, entries: [], declaresClasses: false, doubtful: [], open: true };
	}
	const entries: ClassExport[] = [];
	const doubtful: string[] = [];
	let declaresClasses = false;
	for (const { key, value: entry } of membersInForce(value)) {
		const type = entry.type === "Object" ? memberOf(entry, "type")?.value : null;
		if (entry.type !== "Object") {
			report("export-shape", entry, { class: key.name, problem: `the entry must be an object, but is ${describeValue(entry)}` });
			doubtful.push(key.name);
		} else if (type?.type === "String" && type.value === "durable-object") {
			declaresClasses = true;
			const read = readEntry(key, entry, report);
			if (read) entries.push(read);
			else doubtful.push(key.name);
		} else if (type?.type !== "String" || (type.value !== "worker" && type.value !== "workflow")) {
			report("export-shape", type ?? entry, { class: key.name, problem: `"type" ${type ? `is ${describeValue(type)}` : "is missing"}; it must be "durable-object", "worker" or "workflow"` });
			doubtful.push(key.name);
		}
	}
	return { member, entries, declaresClasses, doubtful, open: false };
}

/** What the entries say of each other, and of this Worker. */
export function checkExports({ entries, doubtful }: ExportMap, workerNames: ReadonlySet<string>, report: Report): void {
	const byName = new Map(entries.map((entry) => [entry.key.name, entry]));
	const faulty = new Set(doubtful);
	const renamedTo = new Map<string, string>();
	for (const { key, state, other } of entries) {
		const name = key.name;
		if (state === "deleted") report("export-deletes-data", key, { class: name });
		if (!other) continue;
		if (state !== "renamed") {
			if (workerNames.has(other.value)) report("export-transfer-self", other, { class: name, script: other.value });
			continue;
		}
		const target = byName.get(other.value);
		if (target?.state !== "created" && !faulty.has(other.value)) {
			report("export-rename-target", other, { class: name, target: other.value, state: target?.state ?? "" });
		}
		const earlier = renamedTo.get(other.value);
		if (earlier !== undefined) report("export-rename-duplicate-target", other, { class: name, target: other.value, other: earlier });
		else renamedTo.set(other.value, name);
	}
}

/** Lays the declared state of `exports` over what the migrations give. */
export function stateWithExports(migrated: ClassState | null, map: ExportMap | null): ClassState {
	const live = new Map<string, LiveClass>(migrated?.live);
	const gone = new Map<string, GoneClass>(migrated?.gone);
	const doubtful = new Set<string>([...(migrated?.doubtful ?? []), ...(map?.doubtful ?? [])]);
	for (const entry of map?.entries ?? []) {
		const { key, state, storage, other } = entry;
		if (state === "created" || state === "expecting-transfer") {
			live.set(key.name, { name: key.name, storage, at: key, by: "exports" });
			gone.delete(key.name);
		} else {
			live.delete(key.name);
			gone.set(key.name, { name: key.name, how: state, to: other?.value ?? null, at: key });
		}
	}
	return { live, gone, doubtful, open: (migrated?.open ?? false) || (map?.open ?? false) };
}
