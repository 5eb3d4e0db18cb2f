import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import rule from "../../../src/rules/wrangler/no-rewritten-migrations.ts";
import { verdictsOf } from "./cases.ts";
import { GitFolder } from "./git-folder.ts";

const json = (...entries: object[]) => JSON.stringify({ migrations: entries });
const v1 = { tag: "v1", new_sqlite_classes: ["A", "B"] };
const v2 = { tag: "v2", renamed_classes: [{ from: "A", to: "C" }] };
const v3 = { tag: "v3", new_sqlite_classes: ["D"] };

let folder: GitFolder;
beforeAll(() => {
	folder = new GitFolder();
	folder.commit("other.txt", "x", "before");
	folder.commit("wrangler.jsonc", json(v1, v2), "base");
	folder.commit("wrangler.jsonc", "{", "broken");
	folder.commit("wrangler.jsonc", "{}", "without");
	folder.commit("wrangler.jsonc", JSON.stringify({ migrations: [v1], env: { dev: { migrations: [v3] } } }), "environments");
});
afterAll(() => folder.remove());

const verdicts = (text: string, baseRef = "base") => verdictsOf(rule, text, { file: join(folder.path, "wrangler.jsonc"), cwd: folder.path, options: [{ baseRef }] });

describe("compared with the base", () => {
	it.each([
		["unchanged", json(v1, v2), ['guarded: "v1" "v2"']],
		["appended", json(v1, v2, v3), ['guarded: "v1" "v2"']],
		["only sorted", json({ ...v1, new_sqlite_classes: ["B", "A"] }, v2), ['guarded: "v1" "v2"']],
		["a tag is gone", json(v1), ['violated migrationHistoryRewritten: "migrations"']],
		["a tag is renamed", json(v1, { ...v2, tag: "v2b" }), ['violated migrationHistoryRewritten: "migrations"']],
		["an entry has changed", json({ ...v1, new_sqlite_classes: ["A"] }, v2), ['violated migrationHistoryRewritten: "v1"']],
		["another directive", json({ tag: "v1", new_classes: ["A", "B"] }, v2), ['violated migrationHistoryRewritten: "v1"']],
		["moved", json(v2, v1), ['violated migrationHistoryRewritten: "v2"']],
		["inserted before", json(v1, v3, v2), ['violated migrationHistoryRewritten: "v3"']],
		["all gone", "{}", ["violated migrationHistoryRewritten: {}"]],
		["moved to exports", JSON.stringify({ exports: { C: { type: "durable-object", storage: "sqlite" } } }), ['not-applicable: "exports" has taken the place of the migrations of base.']],
	])("%s", (_, text, expected) => {
		expect(verdicts(text)).toEqual(expected);
	});

	it("each environment is compared with itself", () => {
		const now = (dev: object[]) => JSON.stringify({ migrations: [v1], env: { dev: { migrations: dev }, fresh: { migrations: [v2] } } });
		expect(verdicts(now([v3]), "environments")).toEqual(['guarded: "v1" "v3"']);
		expect(verdicts(now([v2]), "environments")).toEqual(['violated migrationHistoryRewritten: "migrations"']);
	});
});

describe("without a base that can be read", () => {
	it("says nothing when none is asked for", () => {
		expect(verdictsOf(rule, json(v1))).toEqual(["not-applicable: There is no base to compare with: the option baseRef is not set."]);
	});
	it("says nothing about a new file, or one that had no migrations", () => {
		expect(verdicts(json(v1), "before")).toEqual(["not-applicable: The file is new since before."]);
		expect(verdicts(json(v1), "without")).toEqual(["not-applicable: There were no migrations at without."]);
	});
	it("does not guess what a broken file meant", () => {
		expect(verdicts(json(v1), "broken")).toEqual(["unknown: "]);
	});
	it.each(["no-such-revision", "--upload-pack=x", "a b", "x:y"])("says that %j cannot be read", (revision) => {
		expect(verdicts(json(v1), revision)).toEqual(["violated baseUnreadable: {"]);
	});
	it("says so outside of git, too", () => {
		expect(verdictsOf(rule, json(v1), { file: join(folder.path, ".git", "..", "..", "nowhere", "wrangler.jsonc"), options: [{ baseRef: "main" }] })).toEqual(["violated baseUnreadable: {"]);
	});
});
