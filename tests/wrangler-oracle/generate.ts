/** Makes Wrangler configurations: sound ones of many shapes, then the same ones with one more fault at each step. */
import { Random } from "./random.ts";
import { hasNull, isObject, type Json, type JsonObject, jsonc, toml } from "./render.ts";

export interface Generated {
	/** Position in the list that a seed gives. */
	readonly id: number;
	readonly format: "jsonc" | "toml";
	readonly text: string;
	/** What was done to the sound configuration, in order; empty for the sound one itself. */
	readonly faults: readonly string[];
}

const CLASSES = ["Room", "Counter", "Lobby", "Session", "Ledger", "Index"] as const;
const ENVIRONMENTS = ["staging", "production", "preview"] as const;

/** @param count - how many; a longer list begins with the shorter one */
export function generate(seed: number, count: number): Generated[] {
	const random = new Random(seed);
	const made: Generated[] = [];
	while (made.length < count) {
		let config = sound(random);
		const faults: string[] = [];
		made.push(written(made.length, config, faults, random));
		for (let steps = random.int(1, 4); steps > 0 && made.length < count; steps--) {
			const faulty = withFault(config, random);
			if (!faulty) continue;
			config = faulty.config;
			faults.push(faulty.what);
			made.push(written(made.length, config, faults, random));
		}
	}
	return made;
}

function written(id: number, config: JsonObject, faults: readonly string[], random: Random): Generated {
	const format = hasNull(config) || random.chance(0.6) ? "jsonc" : "toml";
	const text = format === "toml" ? toml(config, random) : jsonc(config, random);
	if (faults.length === 0 || !random.chance(0.08)) return { id, format, text, faults: [...faults] };
	const damage = random.pick(damages);
	return { id, format, text: damage.apply(text, random), faults: [...faults, damage.name] };
}

const marks = [
	...['"', "'", '"""', "[", "]", "{", "}", "[[", "=", ":", ",", ".", "#", "//", "/*", "*/"],
	...["\\", "\\u0041", "\\e", "\n", "\r", "\r\n", "\t", " ", "\u00A0", "\uFEFF", "\0", "é"],
	...["0", "-", "e", "_", "true", "null", "1e3", "0x1", "nan", "07:32:00"],
] as const;

/** Texts with marks put in anywhere: what matters is whether they are still read, and as what. */
export function damaged(seed: number, count: number): Generated[] {
	const random = new Random(seed);
	return Array.from({ length: count }, (_, id) => {
		const config = written(id, sound(random), [], random);
		let { text } = config;
		for (let times = random.int(1, 2); times > 0; times--) {
			const at = random.int(0, text.length);
			text = text.slice(0, at) + random.pick(marks) + text.slice(at + random.pick([0, 0, 1, 2]));
		}
		return { ...config, text, faults: ["marks put in"] };
	});
}

/** Faults of the text, not of the value. */
const damages: readonly { readonly name: string; apply(text: string, random: Random): string }[] = [
	{
		name: "drop a character",
		apply: (text, random) => {
			const at = random.int(0, text.length - 1);
			return text.slice(0, at) + text.slice(at + 1);
		},
	},
	{
		name: "repeat a line",
		apply: (text, random) => {
			const lines = text.split("\n");
			const at = random.int(0, lines.length - 1);
			lines.splice(at, 0, lines[at] ?? "");
			return lines.join("\n");
		},
	},
	{ name: "drop a line", apply: (text, random) => text.split("\n").toSpliced(random.int(0, text.split("\n").length - 1), 1).join("\n") },
	{ name: "cut off", apply: (text, random) => text.slice(0, random.int(0, text.length - 1)) },
	{ name: "byte order mark", apply: (text) => `\uFEFF${text}` },
	{ name: "no text", apply: () => "" },
	// Days that no month has are left alone: Wrangler's TOML parser rolls them over, ours refuses them.
	{ name: "date without quotes", apply: (text) => text.replace(/["'](\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]))["']/u, "$1") },
	{ name: "Windows line ends", apply: (text) => text.replace(/\r?\n/gu, "\r\n") },
];

function sound(random: Random): JsonObject {
	const shape = random.pick(["migrations", "migrations", "migrations", "exports", "exports", "external", "pages"] as const);
	const config: JsonObject = { name: "worker" };
	if (shape === "pages") config["pages_build_output_dir"] = "./dist";
	else config["main"] = random.pick(["src/index.ts", "src/index.js", "dist/worker.mjs"]);
	config["compatibility_date"] = random.pick(["2024-09-23", "2025-06-01", "2026-10-01"]);
	if (random.chance(0.3)) config["compatibility_flags"] = ["nodejs_compat"];
	if (random.chance(0.2)) config["limits"] = { cpu_ms: random.pick([10, 50_000, 300_000]) };
	const live = addLifecycle(config, shape, random);
	const objects = bindingsOf(live, random);
	if (shape === "pages" || shape === "external" || random.chance(0.2)) objects.push(externalBinding(random));
	if (objects.length > 0) config["durable_objects"] = { bindings: objects };
	if (isObject(config["durable_objects"]) && random.chance(0.1)) {
		config["durable_objects"]["code_update_strategy"] = random.pick<JsonObject>([{ mode: "immediate" }, { mode: "deferred", max_delay: 60 }]);
	}
	if (random.chance(0.3)) config["kv_namespaces"] = [{ binding: "CACHE", id: "0f2ac74b498b48028cb68387c421e279" }];
	if (random.chance(0.3)) config["vars"] = { MODE: "x", NESTED: { a: 1 } };
	const sqlite = [...live].filter(([, storage]) => storage === "sqlite").map(([name]) => name);
	if (sqlite.length > 0 && random.chance(0.25)) config["containers"] = [container(random.pick(sqlite), shape === "exports", random)];
	if (shape !== "pages" && random.chance(0.08)) {
		config["previews"] = { durable_objects: { bindings: [...live.keys()].slice(0, 1).map((name) => ({ name: "PREVIEWED", class_name: name })) } };
	}
	if (random.chance(0.5)) config["env"] = environments(config, shape, live, random);
	return config;
}

type Live = Map<string, "kv" | "sqlite" | "unknown">;
type Shape = "migrations" | "exports" | "external" | "pages";

function addLifecycle(config: JsonObject, shape: Shape, random: Random): Live {
	const live: Live = new Map();
	if (shape === "migrations") config["migrations"] = migrations(live, random);
	if (shape === "exports") config["exports"] = exportsMap(live, random);
	return live;
}

/** A list that can be played from the start; `live` is what exists in the end. */
function migrations(live: Live, random: Random): Json[] {
	const prefix = random.pick(["v", "", "2026-", "step"]);
	const unused = random.some(CLASSES, CLASSES.length);
	const received = new Set<string>();
	return Array.from({ length: random.int(1, 4) }, (_, index) => {
		const entry: JsonObject = { tag: prefix === "step" ? `${random.pick(["add", "move", "drop"])}-${index}` : `${prefix}${index + 1}` };
		const touched = new Set<string>();
		const existing = () => [...live.keys()].filter((name) => !touched.has(name) && !received.has(name));
		if (index > 0 && existing().length > 0 && random.chance(0.25)) {
			const gone = random.pick(existing());
			entry["deleted_classes"] = [gone];
			live.delete(gone);
			touched.add(gone);
		}
		const next = unused.at(-1);
		if (index > 0 && existing().length > 0 && next !== undefined && random.chance(0.3)) {
			const from = random.pick(existing());
			const storage = live.get(from) ?? "unknown";
			live.delete(from);
			live.set(next, storage);
			touched.add(from).add(next);
			unused.pop();
			entry["renamed_classes"] = [{ from, to: next }];
		}
		const arriving = unused.at(-1);
		if (arriving !== undefined && random.chance(0.12)) {
			unused.pop();
			live.set(arriving, "unknown");
			received.add(arriving);
			touched.add(arriving);
			entry["transferred_classes"] = [{ from: "Old", from_script: "other-worker", to: arriving }];
		}
		if (unused.length > 0 && (index === 0 || Object.keys(entry).length === 1 || random.chance(0.3))) {
			const storage = random.chance(0.25) ? "kv" : "sqlite";
			const created = unused.splice(0, random.int(1, 2));
			for (const name of created) live.set(name, storage);
			entry[storage === "kv" ? "new_classes" : "new_sqlite_classes"] = created;
		}
		return entry;
	}).filter((entry) => Object.keys(entry).length > 1);
}

function exportsMap(live: Live, random: Random): JsonObject {
	const map: JsonObject = {};
	const names = random.some(CLASSES, random.int(1, 5));
	const first = names[0] ?? "Room";
	live.set(first, "sqlite");
	map[first] = { type: "durable-object", storage: "sqlite" };
	let renamed = false;
	for (const name of names.slice(1)) {
		const state = random.pick(["created", "created", "legacy", "deleted", "renamed", "transferred", "expecting-transfer", "worker"] as const);
		if (state === "created") map[name] = { type: "durable-object", state, storage: "sqlite" };
		else if (state === "legacy") map[name] = { type: "durable-object", storage: "legacy-kv" };
		else if (state === "deleted") map[name] = { type: "durable-object", state };
		else if (state === "renamed" && !renamed) map[name] = { type: "durable-object", state, renamed_to: first };
		else if (state === "transferred") map[name] = { type: "durable-object", state, transferred_to: "other-worker" };
		else if (state === "expecting-transfer") map[name] = { type: "durable-object", state, storage: "sqlite", transfer_from: "other-worker" };
		else if (state === "worker") map[name] = { type: "worker" };
		renamed ||= state === "renamed";
		if (state === "created" || state === "expecting-transfer") live.set(name, "sqlite");
		if (state === "legacy") live.set(name, "kv");
	}
	return map;
}

function bindingsOf(live: Live, random: Random): Json[] {
	return random.some([...live.keys()], random.int(0, live.size)).map((name) => ({
		name: name.toUpperCase(),
		class_name: name,
		...(random.chance(0.05) && { script_name: "worker" }),
	}));
}

function externalBinding(random: Random): JsonObject {
	return { name: "REMOTE", class_name: "Remote", script_name: "other-worker", ...(random.chance(0.3) && { environment: "production" }) };
}

function container(className: string, byExports: boolean, random: Random): JsonObject {
	const managed = byExports || random.chance(0.3);
	return managed && random.chance(0.6)
		? { name: "box", class_name: className, scheduling_policy: "durable_object" }
		: { name: "box", class_name: className, image: "docker.io/library/httpd:1" };
}

function environments(top: JsonObject, shape: Shape, live: Live, random: Random): JsonObject {
	const made: JsonObject = {};
	for (const name of random.some(shape === "pages" ? ENVIRONMENTS.slice(1) : ENVIRONMENTS, random.int(1, 2))) {
		const env: JsonObject = {};
		let here = live;
		if (shape !== "pages" && random.chance(0.15)) {
			here = new Map();
			if (shape === "migrations") env["migrations"] = migrations(here, random);
			if (shape === "exports") env["exports"] = exportsMap(here, random);
		}
		if (random.chance(0.2)) env["name"] = `other-${name}`;
		if (random.chance(0.2)) env["compatibility_date"] = "2025-01-01";
		const objects = shape === "pages" || shape === "external" ? [externalBinding(random)] : bindingsOf(here, random);
		if (top["durable_objects"] !== undefined || objects.length > 0) env["durable_objects"] = { bindings: objects };
		if (random.chance(0.15)) delete env["durable_objects"];
		if (random.chance(0.2)) env["vars"] = { MODE: name };
		made[name] = env;
	}
	return made;
}

type Path = readonly (string | number)[];

/** Fields whose parts are worth spoiling. Other fields would only show Wrangler's other checks. */
const SUBJECTS = ["durable_objects", "migrations", "exports", "limits", "compatibility_date", "previews"];

/** Every place inside the fields that have to do with Durable Objects, their own value included. */
function placesIn(config: JsonObject): Path[] {
	const places: Path[] = [];
	const enter = (value: Json, path: Path) => {
		places.push(path);
		const below: [string | number, Json][] = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
		for (const [key, inner] of below) enter(inner, [...path, key]);
	};
	const fieldsOf = (object: JsonObject, path: Path) => {
		for (const field of SUBJECTS) {
			const value = object[field];
			if (value !== undefined && field !== "previews") enter(value, [...path, field]);
			else if (isObject(value) && value["durable_objects"] !== undefined) enter(value["durable_objects"], [...path, field, "durable_objects"]);
		}
		const { containers } = object;
		if (Array.isArray(containers)) for (const at of containers.keys()) places.push([...path, "containers", at, "class_name"]);
	};
	fieldsOf(config, []);
	const { env } = config;
	if (isObject(env)) for (const [name, inner] of Object.entries(env)) if (isObject(inner)) fieldsOf(inner, ["env", name]);
	return places;
}

function get(root: Json, path: Path): Json | undefined {
	let value: Json | undefined = root;
	for (const key of path) {
		if (Array.isArray(value)) value = value[Number(key)];
		else if (isObject(value)) value = value[key];
		else return undefined;
	}
	return value;
}

function set(root: Json, path: Path, value: Json | undefined): void {
	const key = path.at(-1);
	const parent = get(root, path.slice(0, -1));
	if (key === undefined || parent === undefined) throw new Error("no such place");
	if (Array.isArray(parent)) {
		if (value === undefined) parent.splice(Number(key), 1);
		else parent[Number(key)] = value;
	} else if (isObject(parent)) {
		if (value === undefined) Reflect.deleteProperty(parent, key);
		else parent[key] = value;
	}
}

interface Fault {
	readonly name: string;
	/** Spoils the copy in place; null if there is nothing of that kind to spoil, else where it was done. */
	apply(config: JsonObject, random: Random): Path | null;
}

const where = (config: JsonObject, random: Random, test: (value: Json | undefined, path: Path) => boolean): Path | null => {
	const places = placesIn(config).filter((path) => test(get(config, path), path));
	return places.length > 0 ? random.pick(places) : null;
};
const change = (config: JsonObject, path: Path | null, to: (value: Json | undefined) => Json | undefined): Path | null => {
	if (path) set(config, path, to(get(config, path)));
	return path;
};
const endsWith = (path: Path, ...keys: string[]): boolean => keys.includes(String(path.at(-1)));
const isStep = (path: Path): boolean => path.at(-2) === "migrations" && typeof path.at(-1) === "number";
const isClassName = (value: Json | undefined, path: Path): boolean =>
	typeof value === "string" && (endsWith(path, "class_name", "from", "to", "renamed_to") || String(path.at(-2)).endsWith("_classes"));

const faults: readonly Fault[] = [
	{
		name: "another type",
		apply: (config, random) =>
			change(config, where(config, random, () => true), () => random.pick<Json>([null, 1, -3.5, true, "", "text", [], {}, [null], [1], ["text"], { a: 1 }])),
	},
	{ name: "remove", apply: (config, random) => change(config, where(config, random, () => true), () => undefined) },
	{
		name: "unknown key",
		apply: (config, random) => {
			const path = where(config, random, isObject);
			return change(config, path, (value) => ({ ...(isObject(value) ? value : {}), [random.pick(["new_sqlite_class", "clas_name", "script", "environment", "storage", "state", "container", "tag"])]: "Room" }));
		},
	},
	{
		name: "repeat an element",
		apply: (config, random) => change(config, where(config, random, (value) => Array.isArray(value) && value.length > 0), (value) => (Array.isArray(value) ? [...value, structuredClone(random.pick(value))] : value)),
	},
	{
		name: "reverse a list",
		apply: (config, random) => change(config, where(config, random, (value) => Array.isArray(value) && value.length > 1), (value) => (Array.isArray(value) ? value.toReversed() : value)),
	},
	{ name: "another class", apply: (config, random) => change(config, where(config, random, isClassName), () => random.pick(CLASSES)) },
	{ name: "odd class name", apply: (config, random) => change(config, where(config, random, isClassName), () => random.pick(["", " Room", "a-b", "Ünï", "constructor", "__proto__", "a.b", "toString"])) },
	{ name: "another tag", apply: (config, random) => change(config, where(config, random, (_, path) => endsWith(path, "tag")), () => random.pick(["v1", "v2", "v10", "", " ", "zero"])) },
	{
		name: "one more directive",
		apply: (config, random) => {
			const path = where(config, random, (value, at) => isStep(at) && isObject(value));
			const name = random.pick(CLASSES);
			return change(config, path, (value) => ({
				...(isObject(value) ? value : {}),
				...random.pick<JsonObject>([
					{ deleted_classes: [name] },
					{ new_classes: [name] },
					{ new_sqlite_classes: [name] },
					{ renamed_classes: [{ from: name, to: random.pick(CLASSES) }] },
					{ transferred_classes: [{ from: name, from_script: random.pick(["worker", "other-worker", "worker-staging"]), to: random.pick(CLASSES) }] },
				]),
			}));
		},
	},
	{
		name: "one more step",
		apply: (config, random) =>
			change(config, where(config, random, (value, path) => endsWith(path, "migrations") && Array.isArray(value)), (value) => [
				...(Array.isArray(value) ? value : []),
				{ tag: `late-${random.int(1, 3)}`, [random.pick(["deleted_classes", "new_classes", "new_sqlite_classes"])]: random.some(CLASSES, random.int(0, 2)) },
			]),
	},
	{
		name: "another state",
		apply: (config, random) =>
			change(config, where(config, random, (value, path) => path.at(-2) === "exports" && isObject(value)), (value) => ({
				...(isObject(value) ? value : {}),
				state: random.pick(["created", "deleted", "renamed", "transferred", "expecting-transfer", "gone", ""]),
			})),
	},
	{
		name: "another export",
		apply: (config, random) =>
			change(config, where(config, random, (value, path) => path.at(-2) === "exports" && isObject(value)), () =>
				random.pick<Json>([
					{ type: "durable-object", storage: "kv" },
					{ type: "durable-object", state: "renamed", renamed_to: random.pick([...CLASSES, "", "a-b"]) },
					{ type: "durable-object", state: "transferred", transferred_to: random.pick(["worker", "other-worker", ""]) },
					{ type: "durable-object", state: "expecting-transfer", storage: "sqlite", transfer_from: random.pick(["worker", "other-worker", ""]) },
					{ type: "durable-object", storage: random.pick(["sqlite", "legacy-kv"]), container: random.pick<Json>(["box", "crate", "", 1]) },
					{ type: "class" },
				]),
			),
	},
	{
		name: "both lists",
		apply: (config, random) => {
			const { env } = config;
			const inner = isObject(env) ? Object.values(env).filter(isObject) : [];
			const target = random.pick([config, ...inner]);
			if (random.chance(0.5)) target["migrations"] = random.pick<Json>([[{ tag: "v1", new_sqlite_classes: ["Room"] }], [], null]);
			else target["exports"] = random.pick<Json>([{ Room: { type: "durable-object", storage: "sqlite" } }, {}, null, { Room: { type: "worker" } }]);
			return [];
		},
	},
	{
		name: "a name twice",
		apply: (config, random) => {
			const path = where(config, random, (value, at) => endsWith(at, "name") && at.includes("bindings") && typeof value === "string" && !at.includes("previews"));
			const name = path && get(config, path);
			if (!path || typeof name !== "string") return null;
			const holder = path[0] === "env" ? get(config, path.slice(0, 2)) : config;
			if (!isObject(holder)) return null;
			const addition = random.pick<JsonObject>([
				{ vars: { [name]: "x" } },
				{ kv_namespaces: [{ binding: name, id: "0f2ac74b498b48028cb68387c421e279" }] },
				{ r2_buckets: [{ binding: name, bucket_name: "bucket" }] },
				{ d1_databases: [{ binding: name, database_id: "x", database_name: "y" }] },
				{ queues: { producers: [{ binding: name, queue: "q" }] } },
				{ services: [{ binding: name, service: "s" }] },
				{ ai: { binding: name } },
				{ ratelimits: [{ name, namespace_id: "1", simple: { limit: 1, period: 10 } }] },
				{ send_email: [{ name }] },
				{ secrets: { required: [name] } },
				{ analytics_engine_datasets: [{ binding: name }] },
				{ workflows: [{ binding: name, name: "flow", class_name: "Flow" }] },
				{ unsafe: { bindings: [{ name, type: "x" }] } },
				{ version_metadata: { binding: name } },
				{ hyperdrive: [{ binding: name, id: "x", localConnectionString: "postgres://a:b@localhost:1/x" }] },
				{ assets: { binding: name, directory: "./public" } },
			]);
			Object.assign(holder, addition);
			return path;
		},
	},
	{
		name: "another date",
		apply: (config, random) =>
			change(config, where(config, random, (_, path) => endsWith(path, "compatibility_date")), () =>
				random.pick<Json>(["2024-01-01", "2026-1-1", "2026–10–01", "2026-13-01", "2026-02-30", "today", "", "2026-10-01T00:00:00Z", "<date>", 20261001]),
			),
	},
	{
		name: "another limit",
		apply: (config, random) => {
			config["limits"] = { cpu_ms: random.pick<Json>([0, -1, 300_001, "50", null, 1.5, true]) };
			return ["limits"];
		},
	},
	{
		name: "another strategy",
		apply: (config, random) =>
			change(config, where(config, random, (value, path) => endsWith(path, "durable_objects") && isObject(value)), (value) => ({
				...(isObject(value) ? value : {}),
				code_update_strategy: random.pick<Json>([null, "immediate", {}, { mode: "later" }, { mode: "deferred", max_delay: random.pick([86_401, -1, 0.0001, 0.1, 0, 86_400]) }, { mode: "immediate", max_delay: "1" }, { mode: "deferred", delay: 1 }, []]),
			})),
	},
	{
		name: "for Pages",
		apply: (config) => {
			if (config["pages_build_output_dir"] !== undefined) return null;
			config["pages_build_output_dir"] = "./dist";
			return [];
		},
	},
	{
		name: "an environment of the wrong type",
		apply: (config, random) => {
			const { env } = config;
			if (!isObject(env)) return null;
			env[random.pick(ENVIRONMENTS)] = random.pick<Json>([{}, { durable_objects: {} }, { durable_objects: { bindings: [] } }]);
			return ["env"];
		},
	},
];

function withFault(config: JsonObject, random: Random): { readonly config: JsonObject; readonly what: string } | null {
	const copy = structuredClone(config);
	const fault = random.pick(faults);
	const path = fault.apply(copy, random);
	return path && { config: copy, what: `${fault.name} at ${path.join(".") || "top"}` };
}
