/** The flow of the first Durable Object in a source text, and what it says as short lines. */
import * as parser from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import { Linter, type Rule } from "eslint";
import type { DurableObjectClass } from "../../src/model/durable-object.ts";
import { flowOf } from "../../src/model/flow-host.ts";
import { durableObjectsOf } from "../../src/model/index.ts";

interface Where {
	readonly cwd?: string;
	readonly settings?: Record<string, unknown>;
}

/** All Durable Objects in a source text. */
export function classesIn(code: string, { cwd = process.cwd(), settings = {} }: Where = {}): readonly DurableObjectClass[] {
	let found: readonly DurableObjectClass[] = [];
	const probe: Rule.RuleModule = {
		create: ({ sourceCode, filename, cwd }) => ({
			"Program:exit"() {
				found = durableObjectsOf({ sourceCode, filename, cwd, settings });
			},
		}),
	};
	const config: Linter.Config = { files: ["**/*.ts"], languageOptions: { parser }, plugins: { probe: { rules: { probe } } }, rules: { "probe/probe": "error" } };
	const messages = new Linter({ cwd }).verify(code, [config], { filename: "object.ts" });
	if (messages.length > 0) throw new Error(messages.map(({ message }) => message).join("\n"));
	return found;
}

/** The first Durable Object in a source text. */
export function durableObjectIn(code: string, where?: Where): DurableObjectClass {
	const [found] = classesIn(code, where);
	if (!found) throw new Error("no Durable Object in the text");
	return found;
}

/** A class with this body, as most tests need it. */
export function inObject(body: string, head = ""): string {
	return `import { DurableObject } from "cloudflare:workers";\n${head}\nexport class Subject extends DurableObject<Env> {\n${body}\n}\n`;
}

const textIn = (object: DurableObjectClass) => (node: TSESTree.Node) => object.file.textOf(node).replaceAll(/\s+/gu, " ");

/** What can go wrong, and how: `lost-update of this.n: this.n | await f() | this.n = n + 1`. */
export function races(body: string, head = ""): readonly string[] {
	const object = durableObjectIn(inObject(body, head));
	const text = textIn(object);
	return flowOf(object).races.map(({ kind, place, read, crossing, write }) => `${kind} of ${place.label}: ${text(read)} | ${crossing ? text(crossing.node) : "-"} | ${text(write)}`);
}

/** One word for each answer: the kind of a race, the reason of a guard, `unknown`; sorted, each once. */
export function answers(body: string, head = ""): readonly string[] {
	const { races: found, guards, unknowns } = flowOf(durableObjectIn(inObject(body, head)));
	const words = [...found.map(({ kind }) => `race: ${kind}`), ...guards.map(({ reason }) => reason), ...unknowns.map(() => "unknown")];
	return [...new Set(words)].sort();
}
