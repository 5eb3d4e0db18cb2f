/** What the tests of the storage rules share: a class around a body, and projects with this or that storage. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { shown } from "../../../src/project/config-files.ts";

/** A Durable Object `Room` with these members. */
export const object = (body: string, head = ""): string => `import { DurableObject } from "cloudflare:workers";
${head}
export class Room extends DurableObject {
${body}
}`;

/** A method with these statements; `this.ctx.storage.sql` is `sql` in it. */
export const method = (statements: string, parameters = ""): string => object(`async run(${parameters}) { const sql = this.ctx.storage.sql; ${statements} }`);

const folder = mkdtempSync(path.join(tmpdir(), "storage-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Settings that lead to a Wrangler configuration in which `Room` is on this storage. */
export function onStorage(storage: "sqlite" | "kv"): Record<string, unknown> {
	const file = path.join(folder, storage, "wrangler.json");
	mkdirSync(path.dirname(file), { recursive: true });
	const migrations = [{ tag: "v1", [storage === "kv" ? "new_classes" : "new_sqlite_classes"]: ["Room"] }];
	writeFileSync(file, JSON.stringify({ name: "example", durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] }, migrations }));
	return { "durable-objects": { wrangler: file } };
}

/** How a message names the configuration of `onStorage`. */
export const configOf = (storage: "sqlite" | "kv"): string => shown(path.join(folder, storage, "wrangler.json"), process.cwd());
