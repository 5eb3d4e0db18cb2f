import { describe, expect, it } from "vitest";
import { configOf, findingsOf } from "./findings-of.ts";

const date = { compatibility_date: "2026-01-01" };
const bind = (...names: string[]) => ({ bindings: names.map((name) => ({ name: name.toUpperCase(), class_name: name })) });
const create = (...names: string[]) => [{ tag: "v1", new_sqlite_classes: names }];
const live = (config: object) => configOf(config).environments.map(({ name, classes }) => [name, [...classes.live.keys()]]);

describe("environments", () => {
	it("inherit migrations and exports as a whole, unless they have their own", () => {
		const migrations = create("A");
		const env = { inherits: {}, nothing: { migrations: null }, empty: { migrations: [] }, own: { migrations: create("B") } };
		expect(live({ migrations, env })).toEqual([[null, ["A"]], ["inherits", ["A"]], ["nothing", ["A"]], ["empty", []], ["own", ["B"]]]);
		const exports = { A: { type: "durable-object", storage: "sqlite" } };
		expect(live({ exports, env: { a: {}, b: { exports: null }, c: { exports: {} } } })).toEqual([[null, ["A"]], ["a", ["A"]], ["b", ["A"]], ["c", []]]);
	});

	it("are named after the top level, unless they have a name", () => {
		const names = (config: object) => configOf(config).environments.map(({ workerName }) => workerName);
		expect(names({ name: "w", env: { a: {}, b: { name: "x" }, c: { name: null } } })).toEqual(["w", "w-a", "x", "w-c"]);
		expect(names({ env: { a: {}, b: { name: "x" } } })).toEqual([null, null, "x"]);
	});

	it("inherit date, flags and entry, but no bindings", () => {
		const config = configOf({ main: "a.ts", compatibility_date: "2026-01-01", compatibility_flags: ["x"], durable_objects: bind("A"), env: { e: {}, f: { main: "b.ts", compatibility_date: "2026-02-02", compatibility_flags: [] } } });
		expect(config.environments.map(({ main, compatibilityDate, compatibilityFlags, bindings }) => [main, compatibilityDate, compatibilityFlags, bindings.length])).toEqual([
			["a.ts", "2026-01-01", ["x"], 1],
			["a.ts", "2026-01-01", ["x"], 0],
			["b.ts", "2026-02-02", [], 0],
		]);
	});

	it("tell a fault of an inherited list once, and one of their own with their name", () => {
		const twice = [...create("A"), { tag: "v1", new_sqlite_classes: ["B"] }];
		expect(findingsOf({ ...date, migrations: twice, env: { a: {}, b: {} } })).toEqual(["migration-duplicate-tag migrations[1].tag"]);
		expect(findingsOf({ ...date, env: { a: { migrations: twice }, b: {} } })).toEqual(["[a] migration-duplicate-tag env.a.migrations[1].tag"]);
	});

	it("judge a binding by what is in force beside it", () => {
		const config = { ...date, durable_objects: bind("A"), migrations: create("A"), env: { ok: { durable_objects: bind("A") }, own: { durable_objects: bind("A"), migrations: create("B") } } };
		expect(findingsOf(config)).toEqual(["[own] binding-class-not-migrated env.own.durable_objects.bindings[0].class_name"]);
	});

	it("need bindings of their own, if only empty ones", () => {
		const top = { ...date, migrations: create("A"), durable_objects: bind("A") };
		expect(findingsOf({ ...top, env: { a: {}, b: { durable_objects: { bindings: [] } }, c: { durable_objects: bind("A") } } })).toEqual(["[a] env-binding-missing env.a"]);
		expect(findingsOf({ ...date, migrations: create("A"), durable_objects: { bindings: [] }, env: { a: {} } })).toEqual([]);
	});

	it("cannot have exports and migrations in force at once, inherited ones included", () => {
		const exports = { A: { type: "durable-object", storage: "sqlite" } };
		const migrations = create("A");
		expect(findingsOf({ ...date, exports, migrations, env: { a: {} } })).toEqual(["exports-and-migrations exports"]);
		expect(findingsOf({ ...date, migrations, env: { a: { exports } } })).toEqual(["[a] exports-and-migrations env.a.exports"]);
		expect(findingsOf({ ...date, exports, env: { a: { migrations } } })).toEqual(["[a] exports-and-migrations exports"]);
		expect(findingsOf({ ...date, exports, migrations: [], env: { a: { migrations: null } } })).toEqual([]);
		expect(findingsOf({ ...date, migrations, exports: { default: { type: "worker" }, W: { type: "workflow" } } })).toEqual([]);
	});

	it("with wrong types are no environments, and break nothing", () => {
		for (const env of [null, 1, "a", [], [{}], { a: null, b: 1, c: [] }]) expect(configOf({ env }).environments).toHaveLength(1);
	});
});

describe("exports", () => {
	const entry = { type: "durable-object", storage: "sqlite" };
	const exported = (exports: unknown) => findingsOf({ name: "me", ...date, exports });

	it.each<[string, Record<string, unknown>, string[], Record<string, string>]>([
		["created", { A: entry }, ["A"], {}],
		["created, said so", { A: { ...entry, state: "created", container: "c" } }, ["A"], {}],
		["created with key-value storage", { A: { ...entry, storage: "legacy-kv" } }, ["A"], {}],
		["expecting-transfer", { A: { ...entry, state: "expecting-transfer", transfer_from: "other" } }, ["A"], {}],
		["deleted", { A: { type: "durable-object", state: "deleted" } }, [], { A: "deleted" }],
		["renamed", { A: { type: "durable-object", state: "renamed", renamed_to: "B" }, B: entry }, ["B"], { A: "renamed" }],
		["transferred", { A: { type: "durable-object", state: "transferred", transferred_to: "other" } }, [], { A: "transferred" }],
	])("in state %s", (_, exports, alive, dead) => {
		const { classes } = configOf({ exports }).environments[0];
		expect([...classes.live.keys()]).toEqual(alive);
		expect(Object.fromEntries([...classes.gone.values()].map(({ name, how }) => [name, how]))).toEqual(dead);
	});

	it.each<[string, unknown, string[]]>([
		["an array", [], ["export-shape exports"]],
		["a string", "A", ["export-shape exports"]],
		["an entry that is null", { A: null }, ["export-shape exports.A"]],
		["no type", { A: { storage: "sqlite" } }, ["export-shape exports.A"]],
		["an unknown type", { A: { ...entry, type: "durable_object" } }, ["export-shape exports.A.type"]],
		["an unknown state", { A: { ...entry, state: "live" } }, ["export-shape exports.A.state"]],
		["no storage", { A: { type: "durable-object" } }, ["export-shape exports.A"]],
		["unknown storage", { A: { ...entry, storage: "kv" } }, ["export-shape exports.A.storage"]],
		["storage in a tombstone", { A: { ...entry, state: "transferred", transferred_to: "x" } }, ["export-shape exports.A.storage"]],
		["an unknown field", { A: { ...entry, binding: "A" } }, ["export-shape exports.A.binding"]],
		["renamed without a target", { A: { type: "durable-object", state: "renamed" } }, ["export-shape exports.A"]],
		["renamed to nothing", { A: { type: "durable-object", state: "renamed", renamed_to: "" } }, ["export-shape exports.A.renamed_to"]],
		["renamed to no identifier", { A: { type: "durable-object", state: "renamed", renamed_to: "B-2" } }, ["export-shape exports.A.renamed_to"]],
		["renamed to itself", { A: { type: "durable-object", state: "renamed", renamed_to: "A" } }, ["export-shape exports.A.renamed_to"]],
		["a container with key-value storage", { A: { ...entry, storage: "legacy-kv", container: "c" } }, ["export-shape exports.A.container"]],
		["expecting-transfer without source", { A: { ...entry, state: "expecting-transfer" } }, ["export-shape exports.A"]],
	])("malformed: %s", (_, exports, findings) => {
		expect(exported(exports)).toEqual(findings);
	});

	it.each<[string, Record<string, unknown>, string[]]>([
		["renamed to a class that is not there", { A: { type: "durable-object", state: "renamed", renamed_to: "B" } }, ["export-rename-target exports.A.renamed_to"]],
		["renamed to a deleted class", { A: { type: "durable-object", state: "renamed", renamed_to: "B" }, B: { type: "durable-object", state: "deleted" } }, ["export-rename-target exports.A.renamed_to", "export-deletes-data exports.B"]],
		["renamed to a class that is to come", { A: { type: "durable-object", state: "renamed", renamed_to: "B" }, B: { ...entry, state: "expecting-transfer", transfer_from: "x" } }, ["export-rename-target exports.A.renamed_to"]],
		["renamed to a malformed entry: told there only", { A: { type: "durable-object", state: "renamed", renamed_to: "B" }, B: { type: "durable-object" } }, ["export-shape exports.B"]],
		["two renamed to one", { A: { type: "durable-object", state: "renamed", renamed_to: "C" }, B: { type: "durable-object", state: "renamed", renamed_to: "C" }, C: entry }, ["export-rename-duplicate-target exports.B.renamed_to"]],
		["transferred to itself", { A: { type: "durable-object", state: "transferred", transferred_to: "me" } }, ["export-transfer-self exports.A.transferred_to"]],
		["expected from itself", { A: { ...entry, state: "expecting-transfer", transfer_from: "me" } }, ["export-transfer-self exports.A.transfer_from"]],
		["deleted", { A: { type: "durable-object", state: "deleted" } }, ["export-deletes-data exports.A"]],
	])("of each other: %s", (_, exports, findings) => {
		expect(exported(exports)).toEqual(findings);
	});

	it("compares with the effective name of each environment", () => {
		const exports = { A: { type: "durable-object", state: "transferred", transferred_to: "me-staging" } };
		expect(findingsOf({ name: "me", ...date, exports, env: { staging: {} } })).toEqual(["export-transfer-self exports.A.transferred_to"]);
		expect(findingsOf({ name: "me", ...date, exports })).toEqual([]);
	});
});

describe("bindings", () => {
	const bound = (...bindings: unknown[]) => findingsOf({ name: "me", ...date, migrations: create("A", "B"), durable_objects: { bindings } });
	const a = { name: "A", class_name: "A" };

	it.each<[string, unknown[], string[]]>([
		["sound", [a, { name: "B", class_name: "B", script_name: "me" }], []],
		["of another Worker", [{ name: "X", class_name: "X", script_name: "other" }, { name: "Y", class_name: "Y", script_name: "other", environment: "e" }], []],
		["null", [null], ["binding-shape durable_objects.bindings[0]"]],
		["a string", ["A"], ["binding-shape durable_objects.bindings[0]"]],
		["without name", [{ class_name: "A" }], ["binding-shape durable_objects.bindings[0]"]],
		["without class", [{ name: "A" }], ["binding-shape durable_objects.bindings[0]"]],
		["with a class that is no string", [{ name: "A", class_name: 1 }], ["binding-shape durable_objects.bindings[0].class_name"]],
		["with a Worker that is no string", [{ ...a, script_name: false }], ["binding-shape durable_objects.bindings[0].script_name"]],
		["with an environment and no Worker", [{ ...a, environment: "e" }], ["binding-shape durable_objects.bindings[0].environment"]],
		["with an unknown key", [{ ...a, className: "A" }], ["binding-unknown-field durable_objects.bindings[0].className"]],
		["with an empty name", [{ ...a, name: "" }], ["binding-empty durable_objects.bindings[0].name"]],
		["with an empty class", [{ ...a, class_name: "" }], ["binding-empty durable_objects.bindings[0].class_name"]],
		["with a blank in the name", [{ ...a, name: "A " }], ["binding-empty durable_objects.bindings[0].name"]],
		["with one name twice", [a, { name: "A", class_name: "B" }], ["binding-name-duplicate durable_objects.bindings[1].name"]],
		["of a class that nothing creates", [{ name: "C", class_name: "C" }], ["binding-class-not-migrated durable_objects.bindings[0].class_name"]],
	])("%s", (_, bindings, findings) => {
		expect(bound(...bindings)).toEqual(findings);
	});

	it.each<[string, unknown, string[]]>([
		["an array", [a], ["binding-shape durable_objects"]],
		["null", null, ["binding-shape durable_objects"]],
		["bindings as an object", { bindings: a }, ["binding-shape durable_objects.bindings"]],
		["an unknown key", { binding: [a] }, ["binding-unknown-field durable_objects.binding"]],
		["a strategy alone", { code_update_strategy: { mode: "immediate" } }, []],
		["a strategy with a delay", { code_update_strategy: { mode: "deferred", max_delay: 0.001 } }, []],
		["an unknown mode", { code_update_strategy: { mode: "later" } }, ["code-update-strategy durable_objects.code_update_strategy.mode"]],
		["no mode", { code_update_strategy: {} }, ["code-update-strategy durable_objects.code_update_strategy"]],
		["a strategy as a string", { code_update_strategy: "deferred" }, ["code-update-strategy durable_objects.code_update_strategy"]],
		["a delay that is too long", { code_update_strategy: { mode: "deferred", max_delay: 86_401 } }, ["code-update-strategy durable_objects.code_update_strategy.max_delay"]],
		["a negative delay", { code_update_strategy: { mode: "deferred", max_delay: -1 } }, ["code-update-strategy durable_objects.code_update_strategy.max_delay"]],
		["a delay finer than a millisecond", { code_update_strategy: { mode: "deferred", max_delay: 0.0001 } }, ["code-update-strategy durable_objects.code_update_strategy.max_delay"]],
		["a delay as a string", { code_update_strategy: { mode: "deferred", max_delay: "5" } }, ["code-update-strategy durable_objects.code_update_strategy.max_delay"]],
	])("in durable_objects: %s", (_, durable_objects, findings) => {
		expect(findingsOf({ ...date, durable_objects })).toEqual(findings);
	});

	it.each<[string, object]>([
		["kv_namespaces", { kv_namespaces: [{ binding: "A", id: "x" }] }],
		["queues", { queues: { producers: [{ binding: "A", queue: "q" }] } }],
		["services", { services: [{ binding: "A", service: "s" }] }],
		["vars", { vars: { A: 1 } }],
		["ai", { ai: { binding: "A" } }],
		["send_email", { send_email: [{ name: "A" }] }],
	])("share their names with %s", (_, other) => {
		const [finding, ...more] = findingsOf({ ...date, migrations: create("A"), durable_objects: { bindings: [a] }, ...other });
		expect(finding).toMatch(/^binding-name-duplicate (?:kv|queues|services|vars|ai|send)/u);
		expect(more).toEqual([]);
	});

	it("do not share names across environments, or with other fields", () => {
		const config = { ...date, migrations: create("A"), durable_objects: { bindings: [a] }, kv_namespaces: [{ binding: "B" }, { binding: "B" }], env: { e: { durable_objects: { bindings: [a] }, vars: { B: 1 } } } };
		expect(findingsOf(config)).toEqual([]);
	});

	it.each<[string, object, string]>([
		["deleted by a migration", { migrations: [...create("A"), { tag: "v2", deleted_classes: ["A"] }, { tag: "v3", new_sqlite_classes: ["B"] }] }, "deleted"],
		["renamed by a migration", { migrations: [...create("A"), { tag: "v2", renamed_classes: [{ from: "A", to: "B" }] }] }, "renamed"],
		["transferred by an export", { exports: { A: { type: "durable-object", state: "transferred", transferred_to: "x" } } }, "transferred"],
		["renamed by an export", { exports: { A: { type: "durable-object", state: "renamed", renamed_to: "B" }, B: { type: "durable-object", storage: "sqlite" } } }, "renamed"],
	])("of a class that is %s", (_, rest, how) => {
		expect(findingsOf({ ...date, durable_objects: { bindings: [a] }, ...rest })).toEqual([`binding-class-${how} durable_objects.bindings[0].class_name`]);
	});

	it("are not asked for their class when nothing can be said of any", () => {
		expect(findingsOf({ ...date, durable_objects: { bindings: [a] }, migrations: { tag: "v1" } })).toEqual(["migration-shape migrations"]);
	});
});

describe("other fields", () => {
	const base = { durable_objects: bind("A"), migrations: create("A") };
	it.each<[string, object, string[]]>([
		["no date", base, ["compat-date-missing"]],
		["no date, and no objects", { name: "w" }, []],
		["a date of this year", { ...base, ...date }, []],
		["an old date", { ...base, compatibility_date: "2024-04-02" }, ["compat-date-rpc compatibility_date"]],
		["the first date with RPC", { ...base, compatibility_date: "2024-04-03" }, []],
		["an old date with the flag", { ...base, compatibility_date: "2023-01-01", compatibility_flags: ["rpc"] }, []],
		["an old date, and only objects of others", { compatibility_date: "2023-01-01", durable_objects: { bindings: [{ name: "A", class_name: "A", script_name: "x" }] } }, []],
		["an old date without objects", { compatibility_date: "2023-01-01" }, []],
		["a date with long dashes", { ...base, compatibility_date: "2026\u201301\u201301" }, ["compat-date-invalid compatibility_date"]],
		["a date that is none", { ...base, compatibility_date: "2026-13-01" }, ["compat-date-invalid compatibility_date"]],
		["a word", { ...base, compatibility_date: "latest" }, ["compat-date-invalid compatibility_date"]],
		["a number", { ...base, compatibility_date: 20260101 }, ["compat-date-invalid compatibility_date"]],
		...["<TBD>", "{{ date }}", "${DATE}", "%DATE%"].map((value): [string, object, string[]] => [`the placeholder ${value}`, { ...base, compatibility_date: value }, []]),
		["a CPU limit in range", { ...base, ...date, limits: { cpu_ms: 300_000 } }, []],
		["a CPU limit beyond it", { ...base, ...date, limits: { cpu_ms: 300_001 } }, ["limits-cpu-ms limits.cpu_ms"]],
		["a CPU limit of zero", { ...base, ...date, limits: { cpu_ms: 0 } }, ["limits-cpu-ms limits.cpu_ms"]],
		["a CPU limit as text", { ...base, ...date, limits: { cpu_ms: "50" } }, ["limits-cpu-ms limits.cpu_ms"]],
		["a CPU limit as placeholder", { ...base, ...date, limits: { cpu_ms: "${CPU}" } }, []],
		["limits of the wrong type", { ...base, ...date, limits: 5 }, []],
	])("%s", (_, config, findings) => {
		expect(findingsOf(config)).toEqual(findings);
	});

	it("tell a date that all environments miss once", () => {
		expect(findingsOf({ ...base, env: { a: base, b: base } })).toEqual(["compat-date-missing"]);
		expect(findingsOf({ ...base, ...date, env: { a: { ...base, compatibility_date: "x" } } })).toEqual(["[a] compat-date-invalid env.a.compatibility_date"]);
	});

	it("do not take a TOML date for a string", () => {
		const text = 'compatibility_date = 2026-01-01\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["A"]\n';
		expect(findingsOf(text, "wrangler.toml")).toEqual(["compat-date-invalid compatibility_date"]);
	});

	it("keep Pages to objects of other Workers", () => {
		const pages = { name: "p", ...date, pages_build_output_dir: "dist" };
		expect(findingsOf({ ...pages, durable_objects: bind("A") })).toEqual(["pages-local-binding durable_objects.bindings[0]"]);
		expect(findingsOf({ ...pages, durable_objects: { bindings: [{ name: "A", class_name: "A", script_name: "w" }] } })).toEqual([]);
		expect(findingsOf({ ...pages, main: "a.ts", migrations: create("A") })).toEqual(["pages-unsupported-field main", "pages-unsupported-field migrations"]);
		expect(findingsOf({ ...pages, migrations: [] })).toEqual([]);
	});

	it("ask for the class of a container", () => {
		const contained = (class_name: string, rest: object) => findingsOf({ name: "me", ...date, containers: [{ class_name, image: "x" }], ...rest });
		expect(contained("A", base)).toEqual([]);
		expect(contained("B", base)).toEqual(["container-class containers[0].class_name"]);
		expect(contained("A", { durable_objects: { bindings: [{ name: "A", class_name: "A", script_name: "x" }] } })).toEqual(["container-class containers[0].class_name"]);
		const abroad = { name: "B", class_name: "A", script_name: "x" };
		expect(contained("A", { durable_objects: { bindings: [abroad] }, migrations: [{ tag: "v1", new_sqlite_classes: ["A"] }] })).toEqual(["container-class containers[0].class_name"]);
		expect(contained("A", { durable_objects: { bindings: [{ name: "A", class_name: "A" }, abroad] }, migrations: [{ tag: "v1", new_sqlite_classes: ["A"] }] })).toEqual([]);
		expect(contained("A", { durable_objects: bind("A"), migrations: [{ tag: "v1", new_classes: ["A"] }, { tag: "v2", new_sqlite_classes: ["B"] }] })).toEqual(["container-class containers[0].class_name"]);
	});

	it("report a key that JSON has twice, at the one that counts", () => {
		expect(findingsOf('{"name": "a", "name": "b"}')).toEqual(["config-duplicate-key name"]);
		expect(configOf('{"migrations": [], "migrations": null}').environments[0].migrations).toBeNull();
	});
});

describe("wrong types everywhere", () => {
	const values = [null, true, 0, "", "x", [], [null], [[]], [1], ["x"], {}, { x: null }, [{}], [{ tag: null }], { bindings: null }, { bindings: [null, 1, {}, []] }, { A: null, B: [], C: { type: null } }];
	const fields = ["name", "main", "migrations", "exports", "durable_objects", "containers", "limits", "compatibility_date", "compatibility_flags", "env", "vars", "queues", "assets", "build", "previews", "pages_build_output_dir", "kv_namespaces", "secrets", "unsafe", "ai"];
	it.each(fields)("never break anything at %s", (field) => {
		for (const value of values) {
			for (const config of [{ [field]: value }, { durable_objects: bind("A"), migrations: create("A"), [field]: value }, { durable_objects: bind("A"), env: { e: { [field]: value } } }]) {
				const { findings } = configOf(config);
				const offsets = findings.map(({ at }) => at.range[0]);
				expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
			}
		}
	});
	it("never break anything inside a migration, an export or a binding", () => {
		for (const value of values) {
			for (const key of ["tag", "new_classes", "new_sqlite_classes", "renamed_classes", "transferred_classes", "deleted_classes"]) configOf({ migrations: [{ tag: "v1", [key]: value }, value] });
			for (const key of ["type", "state", "storage", "renamed_to", "transferred_to", "transfer_from", "container"]) {
				for (const state of ["created", "deleted", "renamed", "transferred", "expecting-transfer"]) configOf({ exports: { A: { type: "durable-object", state, storage: "sqlite", [key]: value }, B: value } });
			}
			for (const key of ["name", "class_name", "script_name", "environment"]) configOf({ durable_objects: { bindings: [{ name: "A", class_name: "A", [key]: value }, value] } });
		}
	});
});
