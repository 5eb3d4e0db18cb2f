import { describe, expect, it } from "vitest";
import { configOf, findingsOf } from "./findings-of.ts";

/** A configuration with these migrations, of which the last is followed by one that is harmless: no finding about pending data. */
const withMigrations = (...migrations: unknown[]) => ({ name: "me", compatibility_date: "2026-01-01", migrations });
const closing = { tag: "z", new_sqlite_classes: ["Closing"] };
const of = (...entries: object[]) => findingsOf(withMigrations(...entries.map((entry, at) => ({ tag: `t${at}`, ...entry })), { ...closing, tag: "t99" }));
const stateOf = (...entries: object[]) => {
	const { live, gone, doubtful } = configOf(withMigrations(...entries.map((entry, at) => ({ tag: `t${at}`, ...entry })))).environments[0].classes;
	return {
		live: Object.fromEntries([...live.values()].map(({ name, storage }) => [name, storage])),
		gone: Object.fromEntries([...gone.values()].map(({ name, how, to }) => [name, to === null ? how : `${how} to ${to}`])),
		doubtful: [...doubtful],
	};
};

const createA = { new_sqlite_classes: ["A"] };
const createKvA = { new_classes: ["A"] };
const transferA = { transferred_classes: [{ from: "X", from_script: "other", to: "A" }] };
const renameAB = { renamed_classes: [{ from: "A", to: "B" }] };

describe("one directive, its precondition met", () => {
	it.each<[string, object[], object]>([
		["new_sqlite_classes makes a SQLite class", [createA], { live: { A: "sqlite" }, gone: {}, doubtful: [] }],
		["new_classes makes a key-value class", [createKvA], { live: { A: "kv" }, gone: {}, doubtful: [] }],
		["deleted_classes ends it", [createA, { deleted_classes: ["A"] }], { live: {}, gone: { A: "deleted" }, doubtful: [] }],
		["renamed_classes keeps its storage", [createKvA, renameAB], { live: { B: "kv" }, gone: { A: "renamed to B" }, doubtful: [] }],
		["transferred_classes brings unknown storage", [transferA], { live: { A: "unknown" }, gone: {}, doubtful: [] }],
		["a name can be used again after a deletion", [createKvA, { deleted_classes: ["A"] }, createA], { live: { A: "sqlite" }, gone: {}, doubtful: [] }],
		["a name can be used again after a rename", [createKvA, renameAB, createA], { live: { B: "kv", A: "sqlite" }, gone: {}, doubtful: [] }],
		["renames go on from each other", [createA, renameAB, { renamed_classes: [{ from: "B", to: "C" }] }], { live: { C: "sqlite" }, gone: { A: "renamed to B", B: "renamed to C" }, doubtful: [] }],
	])("%s", (_, entries, state) => {
		expect(stateOf(...entries)).toEqual(state);
		expect(of(...entries)).toEqual([]);
	});

	it("follows Wrangler's order inside an entry, not that of the text", () => {
		const entry = { new_sqlite_classes: ["C"], renamed_classes: [{ from: "A", to: "B" }], deleted_classes: ["D"] };
		expect(of({ new_sqlite_classes: ["A", "D"] }, entry)).toEqual([]);
	});
});

describe("one directive, its precondition not met", () => {
	it.each<[string, object[], string[]]>([
		["delete of an unknown class", [{ deleted_classes: ["A"] }], ["migration-delete-unknown migrations[0].deleted_classes[0]"]],
		["delete of a deleted class", [createA, { deleted_classes: ["A"] }, { deleted_classes: ["A"] }], ["migration-delete-unknown migrations[2].deleted_classes[0]"]],
		["rename of an unknown class", [renameAB], ["migration-rename-unknown migrations[0].renamed_classes[0].from"]],
		["rename of a renamed class", [createA, renameAB, { renamed_classes: [{ from: "A", to: "C" }] }], ["migration-rename-unknown migrations[2].renamed_classes[0].from"]],
		["rename to itself", [createA, { renamed_classes: [{ from: "A", to: "A" }] }], ["migration-rename-self migrations[1].renamed_classes[0].to"]],
		["rename to a class that exists", [{ new_sqlite_classes: ["A", "B"] }, renameAB], ["migration-rename-to-existing migrations[1].renamed_classes[0].to"]],
		["transfer into a class that exists", [createA, transferA], ["migration-transfer-to-existing migrations[1].transferred_classes[0].to"]],
		["transfer from this Worker", [{ transferred_classes: [{ from: "X", from_script: "me", to: "A" }] }], ["migration-transfer-self migrations[0].transferred_classes[0].from_script"]],
		["create of a class that exists", [createA, { new_sqlite_classes: ["A"] }], ["migration-create-existing migrations[1].new_sqlite_classes[0]"]],
		["create with key-value storage of a class that exists", [createA, createKvA], ["migration-create-existing migrations[1].new_classes[0]"]],
		["create of a class that came by a transfer", [transferA, createA], ["migration-create-existing migrations[1].new_sqlite_classes[0]"]],
		["change of storage", [createKvA, createA], ["migration-storage-change migrations[1].new_sqlite_classes[0]"]],
		["change of storage behind a rename", [createKvA, renameAB, { new_sqlite_classes: ["B"] }], ["migration-storage-change migrations[2].new_sqlite_classes[0]"]],
		["delete of a transferred class", [transferA, { deleted_classes: ["A"] }], ["migration-transfer-then-fold migrations[1].deleted_classes[0]"]],
		["rename of a transferred class", [transferA, renameAB], ["migration-transfer-then-fold migrations[1].renamed_classes[0].from"]],
		["two steps after a transfer, told once", [transferA, renameAB, { deleted_classes: ["B"] }], ["migration-transfer-then-fold migrations[1].renamed_classes[0].from"]],
	])("%s", (_, entries, findings) => {
		expect(of(...entries)).toEqual(findings);
	});

	it.each<[string, object[], string]>([
		["rename from an unknown class makes its target", [renameAB], "B"],
		["a second create keeps the first", [createKvA, createA], "A"],
	])("still takes its effect: %s", (_, entries, name) => {
		expect(Object.keys(stateOf(...entries).live)).toContain(name);
	});

	it("gives one finding for one mistake, bindings included", () => {
		expect(findingsOf({ name: "me", compatibility_date: "2026-01-01", durable_objects: { bindings: [{ name: "B", class_name: "B" }] }, migrations: [{ tag: "v1", ...renameAB }] })).toEqual([
			"migration-rename-unknown migrations[0].renamed_classes[0].from",
		]);
	});
});

describe("two directives about one class in one entry", () => {
	it.each<[string, object, string]>([
		["deleted and new", { deleted_classes: ["A"], new_sqlite_classes: ["A"] }, "new_sqlite_classes[0]"],
		["deleted and renamed", { deleted_classes: ["A"], renamed_classes: [{ from: "A", to: "B" }] }, "renamed_classes[0].from"],
		["rename target and new", { renamed_classes: [{ from: "A", to: "B" }], new_sqlite_classes: ["B"] }, "new_sqlite_classes[0]"],
		["rename source and new", { renamed_classes: [{ from: "A", to: "B" }], new_classes: ["A"] }, "new_classes[0]"],
		["new with both storages", { new_classes: ["C"], new_sqlite_classes: ["C"] }, "new_sqlite_classes[0]"],
		["listed twice", { new_sqlite_classes: ["C", "D", "C"] }, "new_sqlite_classes[2]"],
		["a chain of renames", { renamed_classes: [{ from: "A", to: "B" }, { from: "B", to: "C" }] }, "renamed_classes[1].from"],
		["transfer target and new", { ...transferA, new_sqlite_classes: ["A"] }, "new_sqlite_classes[0]"],
	])("%s: the second is the conflict, and nothing else is said", (name, entry, path) => {
		const before = name.startsWith("transfer") ? { new_sqlite_classes: ["Z"] } : createA;
		expect(of(before, entry)).toEqual([`migration-step-conflict migrations[1].${path}`]);
	});

	it("leaves the classes of the second alone from there on", () => {
		const config = {
			name: "me",
			compatibility_date: "2026-01-01",
			durable_objects: { bindings: [{ name: "A", class_name: "A" }, { name: "B", class_name: "B" }] },
			migrations: [{ tag: "v1", new_sqlite_classes: ["A"] }, { tag: "v2", deleted_classes: ["A"], renamed_classes: [{ from: "A", to: "B" }] }, { tag: "v3", deleted_classes: ["A", "B"] }],
		};
		expect(findingsOf(config)).toEqual(["migration-step-conflict migrations[1].renamed_classes[0].from"]);
	});
});

describe("what may still be pending", () => {
	it("warns of data that the last entry destroys, not of earlier ones", () => {
		expect(of(createA, { deleted_classes: ["A"] })).toEqual([]);
		expect(findingsOf(withMigrations({ tag: "v1", ...createA }, { tag: "v2", deleted_classes: ["A"] }))).toEqual(["migration-deletes-data migrations[1].deleted_classes[0]"]);
	});
	it("warns of key-value storage in the last entry, not in earlier ones", () => {
		expect(of(createKvA)).toEqual([]);
		expect(findingsOf(withMigrations({ tag: "v1", ...createKvA }))).toEqual(["migration-legacy-kv migrations[0].new_classes[0]"]);
	});
});

describe("tags", () => {
	const tags = (...list: unknown[]) => findingsOf(withMigrations(...list.map((tag, at) => ({ tag, new_sqlite_classes: [`C${at}`] }))));
	it.each<[string, unknown[], string[]]>([
		["in order", ["v1", "v2", "v3"], []],
		["with gaps", ["v1", "v5", "v10"], []],
		["by date", ["2024-01-01", "2024-01-01b"], []],
		["as long numbers", ["20240101120000001", "20240101120000002"], []],
		["as words", ["initial", "add-rooms", "a"], []],
		["of several kinds", ["v2", "initial", "v1"], []],
		["of several prefixes", ["a2", "b1"], []],
		["out of order", ["v1", "v3", "v2", "v1a"], []],
		["decreasing", ["v1", "v3", "v2"], ["migration-tag-order migrations[2].tag"]],
		["decreasing twice, told once", ["v3", "v2", "v1"], ["migration-tag-order migrations[1].tag"]],
		["equal but for zeros", ["v1", "v01"], ["migration-tag-order migrations[1].tag"]],
		["long numbers that differ at the end", ["20240101120000002", "20240101120000001"], ["migration-tag-order migrations[1].tag"]],
		["twice", ["v1", "v1"], ["migration-duplicate-tag migrations[1].tag"]],
		["three times", ["x", "x", "x"], ["migration-duplicate-tag migrations[1].tag", "migration-duplicate-tag migrations[2].tag"]],
		["empty", [""], ["migration-empty-tag migrations[0].tag"]],
		["blank", ["v1", " "], ["migration-empty-tag migrations[1].tag"]],
		["not strings", [1, null], ["migration-shape migrations[0].tag", "migration-shape migrations[1].tag"]],
	])("%s", (_, list, findings) => {
		expect(tags(...list)).toEqual(findings);
	});
});

describe("malformed migrations", () => {
	it.each<[string, unknown, string[]]>([
		["not an array", {}, ["migration-shape migrations"]],
		["a string", "v1", ["migration-shape migrations"]],
		["an entry that is null (Wrangler crashes)", [null], ["migration-shape migrations[0]"]],
		["an entry that is an array", [[]], ["migration-shape migrations[0]"]],
		["no tag", [{ new_sqlite_classes: ["A"] }], ["migration-shape migrations[0]"]],
		["a directive that is a string", [{ tag: "v1", new_sqlite_classes: "A" }], ["migration-shape migrations[0].new_sqlite_classes"]],
		["a directive that is null", [{ tag: "v1", new_sqlite_classes: null }], ["migration-shape migrations[0].new_sqlite_classes"]],
		["a class that is no string", [{ tag: "v1", new_sqlite_classes: ["A", 1] }], ["migration-shape migrations[0].new_sqlite_classes[1]"]],
		["a rename that is a string", [{ tag: "v1", renamed_classes: ["A"] }], ["migration-shape migrations[0].renamed_classes[0]"]],
		["a rename without target", [{ tag: "v1", renamed_classes: [{ from: "A" }] }], ["migration-shape migrations[0].renamed_classes[0]"]],
		["a transfer without Worker", [{ tag: "v1", transferred_classes: [{ from: "A", to: "A" }] }], ["migration-shape migrations[0].transferred_classes[0]"]],
		["an unknown key", [{ tag: "v1", new_sqllite_classes: ["A"] }], ["migration-unknown-field migrations[0].new_sqllite_classes"]],
		["an entry that does nothing", [{ tag: "v1" }], ["migration-no-op migrations[0]"]],
		["an entry with empty lists", [{ tag: "v1", new_classes: [], deleted_classes: [] }], ["migration-no-op migrations[0]"]],
	])("%s", (_, migrations, findings) => {
		expect(findingsOf({ migrations }).filter((finding) => !finding.startsWith("compat-date"))).toEqual(findings);
	});

	it("say nothing more about the classes that they name", () => {
		for (const entry of [{ tag: "v1", new_sqllite_classes: ["A"] }, { tag: "v1", new_sqlite_classes: "A" }, { tag: "v1", renamed_classes: [{ from: 1, to: "A" }] }]) {
			const config = { compatibility_date: "2026-01-01", durable_objects: { bindings: [{ name: "A", class_name: "A" }] }, migrations: [entry] };
			expect(findingsOf(config)).toHaveLength(1);
		}
	});
});
