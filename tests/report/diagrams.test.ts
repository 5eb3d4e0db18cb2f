import { join } from "node:path";
import { ESLint } from "eslint";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectEvidence } from "../../src/report/collect.ts";
import { drawLifecycle } from "../../src/report/draw-lifecycle.ts";
import { oneLine } from "../../src/report/escape.ts";
import { lintForEvidence } from "../../src/report/evidence-run.ts";
import { flowchart } from "../../src/report/flowchart.ts";
import type { Picture, Shape } from "../../src/report/picture.ts";
import { raceOf } from "../../src/report/race.ts";
import { raceDiagram } from "../../src/report/race-diagram.ts";
import { readConfig } from "../../src/wrangler/config.ts";
import { parseConfig } from "../../src/wrangler/parse.ts";
import { config, project } from "../cli/built.ts";
import { parse, readFlowchart } from "./mermaid.ts";

/** A picture as sentences: `fetch() -sets-> the alarm`. */
const told = ({ stations, arrows }: Picture): string[] => arrows.map(({ from, to, texts }) => `${stations[from]?.text} -${texts.join(", ")}-> ${stations[to]?.text}`);

const evil = ["end", "graph", "a\"]; b[x", "-->|\"", "`md` **b**", "%%{init: {}}%%", "#35; &amp; <script>", "]()[] {} (()) [/x/]", "click s0 href", "subgraph", "style s0 fill:#f00", "1. list", "- item", "a\nb\r\u2028c\u202ed", "$$x$$", "العربية 日本 é 😀", ":::class", "", " ", "s0@{ shape: x }", "\\"];
const shapes: readonly Shape[] = ["code", "storage", "alarm", "sockets", "class", "elsewhere", "gone"];
const texts = fc.oneof(fc.constantFrom(...evil), fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...Array.from("\"'`#;:|<>-=~&%{}[]()/\\@ \nend")) }));

describe("a flowchart", () => {
	it("says to Mermaid exactly what the picture says, whatever the names", async () => {
		const pictures = fc.array(fc.record({ shape: fc.constantFrom(...shapes), text: texts }), { minLength: 1, maxLength: 6 }).chain((stations) =>
			fc.record({
				title: fc.constant(""),
				stations: fc.constant(stations),
				arrows: fc.array(fc.record({ from: fc.nat(stations.length - 1), to: fc.nat(stations.length - 1), texts: fc.array(texts, { minLength: 1, maxLength: 2 }) }), { maxLength: 5 }),
			}),
		);
		await fc.assert(
			fc.asyncProperty(pictures, async (picture) => {
				const { nodes, edges } = await readFlowchart(flowchart(picture));
				expect(nodes).toHaveLength(picture.stations.length);
				expect(edges).toHaveLength(picture.arrows.length);
				// What is short enough to be shown whole is shown as it is.
				picture.stations.forEach(({ text }, index) => Array.from(text).length < 30 && expect(nodes[index]?.trim()).toBe(oneLine(text).trim()));
			}),
			{ numRuns: 150 },
		);
	});

	it("cuts what is too long to be looked at", async () => {
		const { nodes } = await readFlowchart(flowchart({ title: "", stations: [{ shape: "storage", text: `key ${"😀".repeat(100)}` }], arrows: [] }));
		expect(Array.from(nodes[0]!)).toHaveLength(60);
	});
});

describe("the picture of a race", () => {
	it("is understood by Mermaid, whatever the code", async () => {
		const steps = fc.array(fc.record({ line: fc.nat(), column: fc.nat(), text: fc.constant([]), what: texts }), { minLength: 2, maxLength: 4 });
		await fc.assert(
			fc.asyncProperty(steps, async (all) => {
				const race = raceOf({ messageId: "lostUpdate", steps: all });
				expect(race && (await parse(raceDiagram(race)))).toBe("sequence");
			}),
			{ numRuns: 150 },
		);
	});
});

describe("the picture of a class", () => {
	async function picturesOf(body: string, base = "DurableObject", from = "cloudflare:workers"): Promise<readonly Picture[]> {
		const folder = await project({ "wrangler.jsonc": config("x", "Room"), "src/index.ts": `import { ${base} } from "${from}";\nexport class Room extends ${base} {\n${body}\n}\n` });
		const results = await lintForEvidence(ESLint, [join(folder, "src/index.ts")], {}, folder);
		return collectEvidence(results, "durable-objects").flatMap(({ inventories }) => inventories.flatMap(({ pictures }) => pictures));
	}

	it("shows who sets the alarm and what it does, through methods that are called", async () => {
		const [picture] = await picturesOf(`
			async add(job: string) { await this.ctx.storage.put(\`job:\${job}\`, 1); await this.#schedule(); }
			async alarm() { await this.ctx.storage.list({ prefix: "job:" }); await this.#schedule(); }
			async #schedule() { await this.ctx.storage.setAlarm(Date.now() + 1000); }`);
		expect(told(picture!)).toEqual(["add() -sets-> the alarm", "add() -writes-> key job:${job}", "alarm() -sets-> the alarm", "alarm() -reads-> keys job:…", "the alarm -when due-> alarm()"]);
		expect((await readFlowchart(flowchart(picture!))).nodes).toEqual(["add()", "the alarm", "key job:${job}", "alarm()", "keys job:…"]);
	});

	it("shows sockets: who accepts, who listens, who sends", async () => {
		const [picture] = await picturesOf(`
			async fetch() {
				const { 0: client, 1: server } = new WebSocketPair();
				this.ctx.acceptWebSocket(server);
				return new Response(null, { status: 101, webSocket: client });
			}
			webSocketMessage(socket: WebSocket, text: string) { for (const each of this.ctx.getWebSockets()) each.send(text); }
			webSocketClose(socket: WebSocket) { socket.close(); }`);
		expect(told(picture!)).toEqual([
			"fetch() -accepts-> WebSockets",
			"webSocketMessage() -sends-> WebSockets",
			"webSocketClose() -closes-> WebSockets",
			"WebSockets -message-> webSocketMessage()",
			"WebSockets -close-> webSocketClose()",
		]);
	});

	it("shows listeners in memory as events of their own", async () => {
		const [picture] = await picturesOf(`
			async fetch() {
				const [client, server] = Object.values(new WebSocketPair());
				server.accept();
				server.addEventListener("message", (event) => { void this.ctx.storage.put("last", event.data); });
				return new Response(null, { status: 101, webSocket: client });
			}
			last() { return this.ctx.storage.get("last"); }`);
		expect(told(picture!)).toEqual([
			"fetch() -accepts in memory-> WebSockets",
			"last() -reads-> key last",
			'the callback of addEventListener("message") -writes-> key last',
			'WebSockets -message-> the callback of addEventListener("message")',
		]);
	});

	it("does not take what a timer does for what its method does", async () => {
		const [picture] = await picturesOf(`
			async start() { await this.ctx.storage.put("a", 1); setTimeout(() => this.#later(), 10); }
			async #later() { await this.#store(); }
			async #store() { await this.ctx.storage.put("b", 1); await this.ctx.storage.get("a"); }`);
		expect(told(picture!)).toEqual(["start() -writes-> key a", "the callback of setTimeout() -writes-> key b", "the callback of setTimeout() -reads-> key a"]);
	});

	it("shows what the constructor does, in a gate or in a method that it calls", async () => {
		const [picture] = await picturesOf(`
			constructor(ctx: DurableObjectState, env: object) {
				super(ctx, env);
				ctx.blockConcurrencyWhile(async () => { await this.load(); });
			}
			private async load() { await this.ctx.storage.get("a"); }
			save() { this.ctx.storage.sql.exec("INSERT INTO log SELECT 1"); return this.ctx.storage.put("a", 1); }
			async clear() { await this.ctx.storage.deleteAll(); }`);
		expect(told(picture!)).toEqual(["the constructor -reads-> key a", "save() -writes-> table log", "save() -writes-> key a", "clear() -deletes-> all keys"]);
	});

	it("is not drawn where there is next to nothing to see, nor where nobody could see anything", async () => {
		expect(await picturesOf("")).toEqual([]);
		expect(await picturesOf('get() { return this.ctx.storage.get("a"); }\nset() { return this.ctx.storage.put("a", 1); }')).toEqual([]);
		expect(await picturesOf(Array.from({ length: 60 }, (_, n) => `m${n}() { return this.ctx.storage.put("k${n}", 1); }`).join("\n"))).toEqual([]);
	});
});

describe("the picture of a configuration", () => {
	function picturesOf(text: string): readonly Picture[] {
		const parsed = parseConfig(text, "wrangler.jsonc");
		const read = parsed.ok ? readConfig(parsed.document) : null;
		return read ? drawLifecycle(read) : [];
	}
	const withMigrations = (...entries: readonly object[]) => picturesOf(JSON.stringify({ name: "x", migrations: entries }));

	it("follows each class through all migrations", async () => {
		const [picture, ...others] = withMigrations(
			{ tag: "v1", new_sqlite_classes: ["Room"], new_classes: ["Old"] },
			{ tag: "v2", renamed_classes: [{ from: "Room", to: "ChatRoom" }], deleted_classes: ["Old"] },
			{ tag: "v3", transferred_classes: [{ from: "Job", from_script: "jobs", to: "Job" }] },
		);
		expect(others).toEqual([]);
		expect(picture?.title).toBe("The life of the classes");
		expect(told(picture!)).toEqual([
			"new -v1-> Old (key-value)",
			"new -v1-> Room (SQLite)",
			"Old (key-value) -v2: deleted-> deleted with all data",
			"Room (SQLite) -v2: renamed-> ChatRoom (SQLite)",
			"Worker jobs -v3: Job transferred-> Job",
		]);
		expect((await readFlowchart(flowchart(picture!))).edges).toHaveLength(5);
	});

	it("tells the lives of a name that is used again apart, and begins at what it does not know", () => {
		const [picture] = withMigrations({ tag: "v1", new_sqlite_classes: ["A"] }, { tag: "v2", deleted_classes: ["A"] }, { tag: "v3", new_sqlite_classes: ["A"] }, { tag: "v4", renamed_classes: [{ from: "Unknown", to: "B" }] });
		expect(picture?.stations.filter(({ text }) => text === "A (SQLite)")).toHaveLength(2);
		expect(told(picture!)).toContain("Unknown -v4: renamed-> B");
	});

	it("shows what exports say of classes that are no longer here", () => {
		const [picture] = picturesOf(
			JSON.stringify({
				exports: {
					Old: { type: "durable-object", state: "renamed", renamed_to: "New" },
					New: { type: "durable-object", storage: "sqlite" },
					Gone: { type: "durable-object", state: "deleted" },
					Away: { type: "durable-object", state: "transferred", transferred_to: "other" },
				},
			}),
		);
		expect(told(picture!)).toEqual(["Old -exports: renamed-> New", "Gone -exports: deleted-> deleted with all data", "Away -exports: transferred-> Worker other"]);
	});

	it("is drawn for each environment that has migrations of its own", () => {
		const step = (tag: string, name: string) => ({ tag, new_sqlite_classes: [name] });
		const pictures = picturesOf(JSON.stringify({ migrations: [step("v1", "A"), step("v2", "B")], env: { staging: { migrations: [step("v1", "B"), step("v2", "A")] }, production: {} } }));
		expect(pictures.map(({ title }) => title)).toEqual(["The life of the classes (the top level, environment production)", "The life of the classes (environment staging)"]);
		expect(told(pictures[1]!)).toEqual(["new -v1-> B (SQLite)", "new -v2-> A (SQLite)"]);
	});

	it("is not drawn where classes were only made, all at once", () => {
		expect(withMigrations({ tag: "v1", new_sqlite_classes: ["A", "B"] })).toEqual([]);
		expect(picturesOf("{}")).toEqual([]);
	});

	it("survives configurations that are wrong", () => {
		expect(picturesOf('{ "migrations": 5, "exports": [] }')).toEqual([]);
		expect(withMigrations({ tag: 5, renamed_classes: [{ from: "A", to: "A" }], deleted_classes: "A" }, {})).toEqual([]);
	});
});
