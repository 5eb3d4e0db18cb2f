/** What the pages say, the runtime does: incorrect examples misbehave in workerd, correct ones behave. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { rules } from "../../src/rules/index.ts";
import { type Example, exampleOf, readPages, type Verdict } from "../docs/fences.ts";
import { Harness } from "./harness.ts";
import { describeWithWorkerd, runsSlowTests } from "./requirement.ts";
import { proofs } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Subject } from "./subject.ts";
import { Workerd } from "./workerd.ts";

const pages = readPages();
const scenarios = proofs.filter((proof) => "run" in proof);

function exampleFor({ rule, example }: Scenario, verdict: Verdict): Example {
	const page = pages.get(rule);
	const named = page && exampleOf(page, verdict, example);
	const found = named ?? (page && verdict === "correct" ? exampleOf(page, verdict) : null);
	if (!found) throw new Error(`docs/rules/${rule}.md has no ${verdict} example${example ? ` with id=${example}` : ""}`);
	return found;
}

function moduleOf({ code, date, storage }: Example): Subject {
	return { name: "example", source: code, compatibilityDate: date ?? undefined, storage: storage === "kv" ? "memory" : "disk" };
}

/** A process of its own: a scenario may end it, and what one example does must not reach another. */
async function observe(scenario: Scenario, verdict: Verdict): Promise<unknown> {
	const example = exampleFor(scenario, verdict);
	const subject = (scenario.subject ?? moduleOf)(example);
	const workerd = await Workerd.start([subject]);
	try {
		return await scenario.run(Harness.of(workerd, subject));
	} finally {
		await workerd.stop();
	}
}

describeWithWorkerd("the examples in workerd", () => {
	for (const scenario of scenarios) {
		const name = scenario.example ? `${scenario.rule} (${scenario.example})` : scenario.rule;
		const options = { timeout: scenario.slow ? 300_000 : 30_000, skip: scenario.slow === true && !runsSlowTests };

		test.concurrent(`${name}: the incorrect example misbehaves`, options, async () => {
			const seen = await observe(scenario, "incorrect");
			expect(seen).toEqual(scenario.misbehaves);
			expect(seen, "a proof must tell the two apart").not.toEqual(scenario.behaves);
		});

		test.concurrent(`${name}: the correct example behaves`, options, async () => {
			const seen = await observe(scenario, "correct");
			expect(seen).toEqual(scenario.behaves);
			expect(seen, "a proof must tell the two apart").not.toEqual(scenario.misbehaves);
		});
	}
});

describe("the list of proofs", () => {
	const proven = new Set(proofs.filter((proof) => "run" in proof).map(({ rule }) => rule));
	const excused = new Set(proofs.filter((proof) => "notProvable" in proof).map(({ rule }) => rule));

	test("has every rule, either proven or with a reason why not", () => {
		const missing = rules.map(({ name }) => name).filter((name) => !proven.has(name) && !excused.has(name));
		expect(missing).toEqual([]);
	});

	// `npx vitest run tests/runtime/scenarios.test.ts -t documentation --update` writes it down again.
	test("is the one in the documentation", async () => {
		const page = new URL("../../docs/runtime-proof.md", import.meta.url);
		const link = (rule: string): string => `[\`${rule}\`](./rules/${rule}.md)`;
		const reasons = proofs.flatMap((proof) => ("notProvable" in proof ? [`| ${link(proof.rule)} | ${proof.notProvable} |`] : []));
		const text = withPart(readFileSync(page, "utf8"), "proven", [...proven].map((rule) => `- ${link(rule)}`));
		await expect(withPart(text, "not provable", ["| rule | why |", "| --- | --- |", ...reasons])).toMatchFileSnapshot(fileURLToPath(page));
	});

	test("has no rule twice, and none that does not exist", () => {
		const names = rules.map(({ name }) => name);
		expect([...proven].filter((name) => excused.has(name))).toEqual([]);
		expect([...proven, ...excused].filter((name) => !names.includes(name))).toEqual([]);
	});
});

/** The text with other lines between the comments that mark a part of it. */
function withPart(text: string, name: string, lines: readonly string[]): string {
	const [before, rest] = text.split(`<!-- ${name} -->\n`) as [string, string?];
	const after = rest?.split(`<!-- end ${name} -->`)[1];
	if (after === undefined) throw new Error(`the page has no part "${name}"`);
	return `${before}<!-- ${name} -->\n\n${lines.join("\n")}\n\n<!-- end ${name} -->${after}`;
}
