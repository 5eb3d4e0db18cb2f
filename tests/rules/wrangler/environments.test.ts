/** A fault of one environment only is told with the name of that environment, by whichever rule. */
import { describe, expect, it } from "vitest";
import type { DurableObjectsRule } from "../../../src/rules/define-rule.ts";
import requireClassLifecycle from "../../../src/rules/wrangler/require-class-lifecycle.ts";
import requireEnvBindings from "../../../src/rules/wrangler/require-env-bindings.ts";
import validBindings from "../../../src/rules/wrangler/valid-bindings.ts";
import validCompatibilityDate from "../../../src/rules/wrangler/valid-compatibility-date.ts";
import validCpuLimit from "../../../src/rules/wrangler/valid-cpu-limit.ts";
import { messagesOf } from "./cases.ts";

const binding = { name: "ROOM", class_name: "Room" };
const migrations = [{ tag: "v1", new_sqlite_classes: ["Room"] }];
const right = { compatibility_date: "2026-11-01", durable_objects: { bindings: [binding] }, migrations };
const messages = (rule: DurableObjectsRule, config: object) => messagesOf(rule, JSON.stringify(config));

describe("a fault of one environment", () => {
	it.each<[string, DurableObjectsRule, object]>([
		["a binding", validBindings, { durable_objects: { bindings: [binding, binding] } }],
		["a class", requireClassLifecycle, { durable_objects: { bindings: [binding] }, migrations: [{ tag: "v1", new_sqlite_classes: ["Hall"] }] }],
		["a date", validCompatibilityDate, { durable_objects: { bindings: [binding] }, compatibility_date: "2023-05-01" }],
		["a limit", validCpuLimit, { durable_objects: { bindings: [binding] }, limits: { cpu_ms: 900_000 } }],
	])("is told with its name: %s", (_, rule, staging) => {
		expect(messages(rule, { ...right, env: { staging } })).toEqual([expect.stringMatching(/^In env\.staging: \S/u)]);
		expect(messages(rule, { ...right, ...staging })).toEqual([expect.not.stringContaining("In env.")]);
	});

	it("is told once at the top level, where the environments only inherit it", () => {
		const dev = { durable_objects: { bindings: [binding] } };
		expect(messages(validCpuLimit, { ...right, limits: { cpu_ms: 900_000 }, env: { dev } })).toEqual([expect.not.stringContaining("In env.")]);
	});

	it("is a missing date, where the top level has no objects", () => {
		expect(messages(validCompatibilityDate, { env: { dev: { durable_objects: { bindings: [binding] }, migrations } } })).toEqual([expect.stringMatching(/^In env\.dev: There is no "compatibility_date"/u)]);
	});

	it("is named once by a rule whose message is about environments", () => {
		const [message = ""] = messages(requireEnvBindings, { ...right, env: { staging: {} } });
		expect(message).toMatch(/^Bindings are not inherited: in the environment "staging"/u);
	});
});
