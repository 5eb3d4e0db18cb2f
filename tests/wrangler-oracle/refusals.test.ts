/** Refusals of Wrangler that the comparison has brought up, one by one. */
import { describe, expect, it } from "vitest";
import { findingsOf } from "../wrangler/findings-of.ts";

const base = { name: "me", main: "src/index.ts", compatibility_date: "2026-01-01" };
const sqlite = { type: "durable-object", storage: "sqlite" };
const room = { durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] }, exports: { Room: sqlite } };
const found = (rest: object) => findingsOf({ ...base, ...rest });

describe("what Wrangler refuses", () => {
	it("bindings of previews", () => {
		const previews = (durable_objects: unknown) => found({ ...room, previews: { durable_objects } });
		expect(previews({ bindings: [{ name: "ROOM", class_name: "Room" }] })).toEqual([]);
		expect(previews({ bindings: [{ name: null, class_name: "Room" }] })).toEqual(["binding-shape previews.durable_objects.bindings[0].name"]);
		expect(previews({})).toEqual(["binding-shape previews.durable_objects"]);
		expect(previews([])).toEqual(["binding-shape previews.durable_objects"]);
		expect(previews({ bindings: [], code_update_strategy: { mode: "later" } })).toEqual(["binding-unknown-field previews.durable_objects.code_update_strategy"]);
	});

	it("names that a required secret or a faulty binding takes", () => {
		expect(found({ ...room, secrets: { required: ["OTHER", "ROOM"] } })).toEqual(["binding-name-duplicate secrets.required[1]"]);
		const faulty = { bindings: [{ name: "ROOM", class_name: "Room" }, { name: "ROOM" }] };
		expect(found({ ...room, durable_objects: faulty })).toEqual(["binding-shape durable_objects.bindings[1]", "binding-name-duplicate durable_objects.bindings[1].name"]);
	});

	it("containers and exports that do not agree", () => {
		const linked = (exports: object, ...containers: object[]) => found({ ...room, exports, ...(containers.length > 0 && { containers }) });
		const box = { name: "box", image: "x:1" };
		expect(linked({ Room: { ...sqlite, container: "box" } }, box)).toEqual([]);
		expect(linked({ Room: sqlite }, { ...box, class_name: "Room" })).toEqual([]);
		expect(linked({ Room: { ...sqlite, container: "crate" } }, box)).toEqual(["container-class exports.Room.container", "container-class containers[0]"]);
		expect(linked({ Room: { ...sqlite, container: "crate" } })).toEqual(["container-class exports.Room.container"]);
		expect(linked({ Room: sqlite }, box)).toEqual(["container-class containers[0]"]);
		expect(linked({ Room: sqlite, Hall: { ...sqlite, container: "box" } }, { ...box, class_name: "Room" })).toEqual(["container-class containers[0].class_name"]);
		expect(linked({ Room: { ...sqlite, container: "box" }, Hall: { ...sqlite, container: "box" } }, box)).toEqual(["container-class exports.Hall.container"]);
		expect(linked({ Room: sqlite }, { ...box, class_name: 1 })).toEqual(["container-class containers[0].class_name"]);
	});

	it("leaves a link alone that another environment's containers answer", () => {
		const exports = { Room: { ...sqlite, container: "box" } };
		const env = { staging: { durable_objects: room.durable_objects, containers: [{ name: "box", image: "x:1" }] } };
		expect(found({ ...room, exports, env })).toEqual([]);
	});

	it("exports in an environment of a Pages project", () => {
		const env = { preview: { durable_objects: { bindings: [] }, exports: { Room: { type: "worker" } } } };
		expect(findingsOf({ name: "me", pages_build_output_dir: "d", compatibility_date: "2026-01-01", env })).toEqual(["[preview] pages-unsupported-field env.preview.exports"]);
	});

	it("dates of every environment, and null for a date", () => {
		expect(found({ ...room, env: { staging: { durable_objects: { bindings: [] }, compatibility_date: "today" } } })).toEqual(["[staging] compat-date-invalid env.staging.compatibility_date"]);
		expect(found({ ...room, compatibility_date: null })).toEqual(["compat-date-invalid compatibility_date"]);
	});

	it("a malformed migration beside exports", () => {
		expect(found({ ...room, migrations: [1] })).toEqual(expect.arrayContaining(["exports-and-migrations exports", "migration-shape migrations[0]"]));
	});
});

it("says nothing more of a class that two directives of one entry name", () => {
	const migrations = [
		{ tag: "v1", new_sqlite_classes: ["Room"], transferred_classes: [{ from: "Old", from_script: "other", to: "Room" }] },
		{ tag: "v2", renamed_classes: [{ from: "Room", to: "Hall" }] },
	];
	expect(found({ migrations })).toEqual(["migration-step-conflict migrations[0].new_sqlite_classes[0]"]);
});
