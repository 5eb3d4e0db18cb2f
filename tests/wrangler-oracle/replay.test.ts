import { describe, expect, it } from "vitest";
import { WRANGLER } from "./ask.ts";
import { compare } from "./compare.ts";
import { generate } from "./generate.ts";
import { judge } from "./judge.ts";
import { load, RECORDED } from "./record.ts";
import { table, tally } from "./tally.ts";

const configs = generate(RECORDED.seed, RECORDED.count);
const { wrangler, answers } = load(configs);

describe("against Wrangler's recorded answers", () => {
	const result = tally(configs, answers);

	it("belongs to the pinned version", () => {
		expect(wrangler).toBe(WRANGLER);
	});

	it("agrees: nothing missed, nothing made up, every text read alike", () => {
		expect(result.disagreements.slice(0, 3).join("\n\n"), table(result)).toBe("");
	});

	it("has something to agree on", () => {
		expect(result.sound).toBeGreaterThan(60);
		expect(result.rejected).toBeGreaterThan(100);
		expect(result.unparsed).toBeGreaterThan(2);
		const kinds = [...result.confirmed.keys()];
		expect(kinds).toEqual(
			expect.arrayContaining([
				"binding-shape",
				"binding-name-duplicate",
				"code-update-strategy",
				"compat-date-invalid",
				"container-class",
				"export-shape",
				"exports-and-migrations",
				"limits-cpu-ms",
				"migration-create-existing",
				"migration-delete-unknown",
				"migration-rename-unknown",
				"migration-shape",
				"pages-local-binding",
				"pages-unsupported-field",
			]),
		);
	});
});

describe("the comparison", () => {
	const refused = configs.flatMap((config, index) => {
		const answer = answers[index];
		const ours = judge(config);
		if (!answer || !ours) return [];
		const about = { text: config.text, declaresObjects: ours.config.declaresObjects };
		const { demands } = compare(about, answer.rejections, ours.config.findings);
		return demands > 0 ? [{ about, rejections: answer.rejections, findings: ours.config.findings }] : [];
	});

	it("notices a finding that is missing", () => {
		for (const { about, rejections } of refused) expect(compare(about, rejections, []).missed).not.toEqual([]);
	});

	it("notices a finding that Wrangler would have had too", () => {
		const checked = new Set(["binding-shape", "export-shape", "migration-shape", "exports-and-migrations", "code-update-strategy"]);
		let noticed = 0;
		for (const { about, rejections, findings } of refused) {
			if (rejections.some(({ stage }) => stage === "crash")) continue;
			const invented = findings.filter(({ kind }) => checked.has(kind));
			if (invented.length === 0) continue;
			expect(compare(about, [], findings).unjustified).toEqual(expect.arrayContaining(invented));
			noticed++;
		}
		expect(noticed).toBeGreaterThan(20);
	});

	it("notices a finding at another place", () => {
		let noticed = 0;
		for (const { about, rejections, findings } of refused) {
			if (!rejections.every(({ stage, where }) => stage === "config" && where.includes("durable_objects.bindings["))) continue;
			const moved = findings.map((finding) => ({ ...finding, path: "somewhere.else" }));
			expect(compare(about, rejections, moved).missed).not.toEqual([]);
			noticed++;
		}
		expect(noticed).toBeGreaterThan(0);
	});
});

describe("the generator", () => {
	it("makes the same of the same seed, and a longer list begins like a shorter one", () => {
		expect(generate(7, 50)).toEqual(generate(7, 60).slice(0, 50));
		expect(generate(8, 50)).not.toEqual(generate(7, 50));
	});

	it("makes both formats, sound and faulty ones", () => {
		const some = generate(9, 200);
		expect(new Set(some.map(({ format }) => format))).toEqual(new Set(["jsonc", "toml"]));
		expect(some.filter(({ faults }) => faults.length === 0).length).toBeGreaterThan(30);
		expect(new Set(some.map(({ text }) => text)).size).toBeGreaterThan(180);
	});
});
