/** What we say about a configuration, in the terms of the comparison. */
import { createHash } from "node:crypto";
import { readConfig, type WranglerConfig } from "../../src/wrangler/config.ts";
import { membersInForce, type ValueNode } from "../../src/wrangler/document.ts";
import { parseConfig } from "../../src/wrangler/parse.ts";
import { type Answer, type Comparison, compare } from "./compare.ts";
import type { Generated } from "./generate.ts";

/** Our reading of a configuration, with the digest of its value; null if the text does not parse. */
export function judge({ format, text }: Generated): { readonly config: WranglerConfig; readonly parsed: string } | null {
	const result = parseConfig(text, `wrangler.${format}`);
	const config = result.ok ? readConfig(result.document) : null;
	return result.ok && config ? { config, parsed: digestOf(plain(result.document.root)) } : null;
}

/** The value as a plain object with sorted keys, so that its JSON text does not depend on the order of the file. */
function plain(node: ValueNode): unknown {
	switch (node.type) {
		case "Object":
			return Object.fromEntries(
				membersInForce(node)
					.sort((a, b) => (a.key.name < b.key.name ? -1 : 1))
					.map(({ key, value }) => [key.name, plain(value)]),
			);
		case "Array":
			return node.elements.map(plain);
		// A date, too, is its text: Wrangler's parser gives back a day as it was written, and no other dates are generated.
		default:
			return node.value;
	}
}

const digestOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

export type Outcome =
	/** Both refuse the text. */
	| { readonly parse: "refused" }
	/** One parses what the other refuses, or they read different values. */
	| { readonly parse: "differs"; readonly ours: string | null; readonly theirs: string | null; readonly said: string }
	| ({ readonly parse: "same" } & Comparison);

export function outcomeOf(config: Generated, answer: Answer): Outcome {
	const ours = judge(config);
	if (!ours || answer.parsed === null || ours.parsed !== answer.parsed) {
		if (!ours && answer.parsed === null) return { parse: "refused" };
		return { parse: "differs", ours: ours?.parsed ?? null, theirs: answer.parsed, said: answer.rejections[0]?.text ?? "" };
	}
	return { parse: "same", ...compare({ text: config.text, declaresObjects: ours.config.declaresObjects }, answer.rejections, ours.config.findings) };
}

/** A disagreement, in full, for whoever has to find out who is right. */
export function describe(config: Generated, answer: Answer, what: string): string {
	const said = answer.rejections.map(({ env, stage, where, text }) => `  ${env ?? "top"} ${stage} ${where} ${text}`);
	const ours = judge(config)?.config.findings.map(({ kind, path, env, data }) => `  ${env ?? "top"} ${kind} ${path} ${JSON.stringify(data)}`);
	return [`#${config.id} (${config.format}): ${what}`, `faults: ${config.faults.join("; ")}`, "Wrangler:", ...said, "we:", ...(ours ?? ["  does not parse"]), config.text].join("\n");
}
