/** Mermaid itself as a judge of what we draw. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** What a flowchart comes to once Mermaid has read it. */
export interface Drawn {
	readonly nodes: readonly string[];
	readonly edges: readonly string[];
}

interface FlowDb {
	getVertices(): ReadonlyMap<string, { readonly text?: string }>;
	getEdges(): readonly { readonly text: string }[];
}

async function load() {
	// Without a browser there is nothing to purify for, but Mermaid asks for it on reading labels.
	const resolved = createRequire(createRequire(import.meta.url).resolve("mermaid")).resolve("dompurify");
	const { default: purify } = (await import(pathToFileURL(resolved.replace(/\.cjs\.js$/u, ".es.mjs")).href)) as { default: Record<string, unknown> };
	purify["addHook"] ??= () => undefined;
	purify["sanitize"] ??= (text: string) => text;
	return (await import("mermaid")).default;
}

let loaded: ReturnType<typeof load> | undefined;

/** @throws what Mermaid says when it does not understand the text */
export async function parse(lines: readonly string[]): Promise<string> {
	const mermaid = await (loaded ??= load());
	return (await mermaid.parse(lines.join("\n"))).diagramType;
}

/** @throws what Mermaid says when it does not understand the text */
export async function readFlowchart(lines: readonly string[]): Promise<Drawn> {
	const mermaid = await (loaded ??= load());
	await mermaid.parse(lines.join("\n"));
	// eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way to what it has read
	const diagram = await mermaid.mermaidAPI.getDiagramFromText(lines.join("\n"));
	const db = diagram.db as unknown as FlowDb;
	// Mermaid keeps `#40;` in a form of its own until it draws.
	const plain = (text: string) => text.replace(/ﬂ°°(\d+)¶ß/gu, (_, code: string) => String.fromCodePoint(Number(code)));
	return { nodes: [...db.getVertices().values()].map(({ text }) => plain(text ?? "")), edges: db.getEdges().map(({ text }) => plain(text)) };
}
