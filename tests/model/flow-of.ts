/** The flow of the first Durable Object in a source text, and its findings as short lines. */
import * as parser from "@typescript-eslint/parser";
import { Linter, type Rule } from "eslint";
import type { TSESTree } from "@typescript-eslint/utils";
import { durableObjectsOf } from "../../src/model/index.ts";
import type { DurableObjectClass } from "../../src/model/durable-object.ts";
import { flowOf } from "../../src/model/flow-host.ts";

export function durableObjectIn(code: string, settings: Record<string, unknown> = {}): DurableObjectClass {
	let found: DurableObjectClass | undefined;
	const probe: Rule.RuleModule = {
		create: ({ sourceCode, filename, cwd }) => ({
			"Program:exit"() {
				[found] = durableObjectsOf({ sourceCode, filename, cwd, settings });
			},
		}),
	};
	const messages = new Linter({ cwd: process.cwd() }).verify(code, [{ files: ["**/*.ts"], languageOptions: { parser }, plugins: { probe: { rules: { probe } } }, rules: { "probe/probe": "error" } }], { filename: "object.ts" });
	if (messages.length > 0) throw new Error(messages.map(({ message }) => message).join("\n"));
	if (!found) throw new Error("no Durable Object in the text");
	return found;
}

/** A class with one body, as most tests need it. */
export function inObject(body: string, head = ""): string {
	return `import { DurableObject } from "cloudflare:workers";\n${head}\nexport class Subject extends DurableObject<any> {\n${body}\n}\n`;
}

/** What the flow says of a class, one line each: `race lost-update data storage key "n": get → fetch → put (add, other add)`. */
export function findings(code: string): readonly string[] {
	const object = durableObjectIn(code);
	const flow = flowOf(object);
	const text = (node: TSESTree.Node) => object.file.textOf(node).replaceAll(/\s+/gu, " ");
	return [
		...flow.races.map(({ kind, place, read, crossing, write, entry, other, dependence }) => `${kind} of ${place.label} by ${dependence}: ${text(read)} | ${crossing ? text(crossing.node) : "-"} | ${text(write)} in ${entry.name}${other ? `, beside ${other.name}` : ""}`),
		...flow.unknowns.map(({ place, write, because }) => `unknown ${place.label}: ${text(write)}: ${because}`),
	];
}

export function guards(code: string): readonly string[] {
	const object = durableObjectIn(code);
	return flowOf(object).guards.map(({ reason, place, by }) => `${reason} ${place.label}${by ? `: ${object.file.textOf(by).replaceAll(/\s+/gu, " ")}` : ""}`);
}
