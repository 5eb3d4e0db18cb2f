/** What an await of storage lets in: on key-value storage, more than on SQLite. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { flowOf } from "../../src/model/flow-host.ts";
import { durableObjectIn, inObject } from "./flow-of.ts";

let root: string;
beforeEach(() => {
	root = realpathSync(mkdtempSync(join(tmpdir(), "do-waits-")));
});
afterEach(() => rmSync(root, { recursive: true }));

function races(backend: "new_classes" | "new_sqlite_classes", body: string): readonly string[] {
	writeFileSync(join(root, "wrangler.jsonc"), JSON.stringify({ migrations: [{ tag: "v1", [backend]: ["Subject"] }] }));
	return flowOf(durableObjectIn(inObject(body), { cwd: root })).races.map(({ kind }) => kind);
}

const bypassing = 'async run() { const n = await this.ctx.storage.get("n"); await this.ctx.storage.get("x", { allowConcurrency: true }); await this.ctx.storage.put("n", n + 1); }';
const listing = bypassing.replace('get("x", {', 'list({ prefix: "x",');

test.each([
	["a read that bypasses the gate, on key-value storage", "new_classes", bypassing, ["lost-update"]],
	["a listing that bypasses the gate, on key-value storage", "new_classes", listing, ["lost-update"]],
	["the same option on SQLite, which does not know it", "new_sqlite_classes", bypassing, []],
	["the option switched off", "new_classes", bypassing.replace("true", "false"), []],
	["no option", "new_classes", bypassing.replace(", { allowConcurrency: true }", ""), []],
] as const)("%s", (_, backend, body, expected) => {
	expect(races(backend, body)).toEqual(expected);
});
