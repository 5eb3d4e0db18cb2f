/** Builds the model of a source text, for tests. */
import * as parser from "@typescript-eslint/parser";
import { Linter, type Rule } from "eslint";
import type { DurableObjectClass } from "../../src/model/durable-object.ts";
import { durableObjectsOf } from "../../src/model/index.ts";

export function modelOf(code: string, { filename = "object.ts", settings = {} }: { filename?: string; settings?: Record<string, unknown> } = {}): readonly DurableObjectClass[] {
	let found: readonly DurableObjectClass[] = [];
	const probe: Rule.RuleModule = {
		create: (context) => ({
			"Program:exit"() {
				found = durableObjectsOf(context);
			},
		}),
	};
	const messages = new Linter({ cwd: process.cwd() }).verify(
		code,
		[{ files: ["**/*.{ts,js}"], languageOptions: { parser }, settings, plugins: { probe: { rules: { probe } } }, rules: { "probe/probe": "error" } }],
		{ filename },
	);
	if (messages.length > 0) throw new Error(messages.map((message) => message.message).join("\n"));
	return found;
}

/** The only Durable Object of a text. */
export function objectOf(code: string, options?: Parameters<typeof modelOf>[1]): DurableObjectClass {
	const found = modelOf(code, options);
	const [first] = found;
	if (!first || found.length > 1) throw new Error(`expected one Durable Object, found ${found.length}`);
	return first;
}
