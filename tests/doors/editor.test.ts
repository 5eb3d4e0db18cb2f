/** What people see in VS Code, by way of the language server of its ESLint extension. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed, root, write } from "../package/packed.ts";
import { eslintConfig, findings, worker } from "../package/worker.ts";
import { LanguageServer } from "./language-server.ts";

const more = {
	"other/wrangler.toml": worker["room/wrangler.toml"] as string,
	"counter/src/caller.ts": `import type { Counter } from "./index.ts";

export async function status(env: { COUNTER: DurableObjectNamespace<Counter> }, name: string): Promise<Response> {
	return env.COUNTER.getByName(name).fetch("/status");
}
`,
};

let folder: string;
let server: LanguageServer;
beforeAll(async () => {
	folder = realpathSync(mkdtempSync(path.join(tmpdir(), "editor-")));
	symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
	const built = pathToFileURL(path.join((await packed()).folder, "dist/index.js")).href;
	write(folder, { ...worker, ...more, "eslint.config.js": eslintConfig.replace('"eslint-plugin-durable-objects"', JSON.stringify(built)) });
	server = await LanguageServer.start(folder);
});
afterAll(async () => {
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function brief(name: string): Promise<string[]> {
	return (await server.diagnostics(name)).map(({ severity, range: { start }, code }) => `${severity === 1 ? "error" : "warning"} ${start.line + 1}:${start.character + 1} ${code}`);
}

/** Finds the diagnostic of a rule, and does what the light bulb offers under this title. */
async function perform(name: string, rule: string, title: string): Promise<void> {
	const diagnostic = (await server.diagnostics(name)).find(({ code }) => code === `durable-objects/${rule}`);
	expect(diagnostic, `${name}: ${rule}`).toBeDefined();
	const actions = await server.actions(name, diagnostic!);
	const action = actions.find((offered) => offered.title === title);
	expect(action, `${title}, among ${actions.map((offered) => offered.title).join("; ")}`).toBeDefined();
	await server.perform(action!);
}

describe("in the editor", () => {
	it.each(Object.entries(findings))("%s is underlined where ESLint reports", async (name, expected) => {
		await server.open(name);
		expect(await brief(name)).toEqual(expected);
		for (const { source, message, code, codeDescription } of await server.diagnostics(name)) {
			expect(source).toBe("eslint");
			expect(message).toMatch(/\S{3}.*\.$/u);
			expect(codeDescription?.href, "leads to the page").toMatch(new RegExp(`/docs/rules/${code.replace("durable-objects/", "")}\\.md$`, "u"));
		}
	});

	it("a fix changes TypeScript, and the problem is gone", async () => {
		const name = "counter/src/caller.ts";
		await server.open(name);
		expect(await brief(name)).toEqual(["error 4:43 durable-objects/require-absolute-stub-url"]);
		await perform(name, "require-absolute-stub-url", "Fix this durable-objects/require-absolute-stub-url problem");
		expect(server.text(name)).toContain('.fetch("http://do/status")');
		expect(await brief(name)).toEqual([]);
	});

	it("a suggestion changes TypeScript, and the problem is gone", async () => {
		const name = "counter/src/index.ts";
		await perform(name, "no-floating-rpc", "Await the call. (durable-objects/no-floating-rpc)");
		expect(server.text(name)).toContain("\t\tawait env.COUNTER.get(id).start(1_000);");
		expect(await brief(name)).toEqual(["error 9:3 durable-objects/no-timer-scheduling"]);
	});

	it("the editor's own comment disables a rule in TypeScript", async () => {
		const name = "counter/src/index.ts";
		await perform(name, "no-timer-scheduling", "Disable durable-objects/no-timer-scheduling for this line");
		expect(await brief(name)).toEqual([]);
	});

	it("a suggestion changes JSONC, and the problem is gone", async () => {
		const name = "counter/wrangler.jsonc";
		await perform(name, "wrangler/valid-migration-tags", 'Use the tag "v2". (durable-objects/wrangler/valid-migration-tags)');
		expect(server.text(name)).toContain('{ "tag": "v2", "deleted_classes": ["Old"] }, // the same tag');
		expect(await brief(name)).not.toContain("error 8:12 durable-objects/wrangler/valid-migration-tags");
	});

	it("the editor's own comment disables a rule in JSONC", async () => {
		const name = "counter/wrangler.jsonc";
		await perform(name, "wrangler/no-destructive-migration", "Disable durable-objects/wrangler/no-destructive-migration for this line");
		expect((await brief(name)).join()).not.toContain("no-destructive-migration");
	});

	it("our comment disables a rule in TOML, where the editor's own would not be a comment", async () => {
		const name = "room/wrangler.toml";
		await perform(name, "wrangler/prefer-sqlite-storage", "Disable this rule here: insert a `#` comment above. (durable-objects/wrangler/prefer-sqlite-storage)");
		expect(server.text(name)).toMatch(/^# eslint-disable-next-line durable-objects\/wrangler\/prefer-sqlite-storage -- .*\nnew_classes = /mu);
		expect(await brief(name)).toEqual([]);
	});

	it("the editor's own comment in TOML is explained", async () => {
		const name = "other/wrangler.toml";
		await server.open(name);
		await perform(name, "wrangler/prefer-sqlite-storage", "Disable durable-objects/wrangler/prefer-sqlite-storage for this line");
		const [problem, ...more] = await server.diagnostics(name);
		expect(problem?.message).toContain("TOML comments start with '#'");
		expect(more).toEqual([]);
	});
});
