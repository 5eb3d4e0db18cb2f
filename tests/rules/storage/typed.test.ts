/** With type information the rules see what no annotation in the file says. */
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { DurableObjectsRule } from "../../../src/rules/define-rule.ts";
import noSqlInterpolation from "../../../src/rules/storage/no-sql-interpolation.ts";
import noUnsupportedSqlBinding from "../../../src/rules/storage/no-unsupported-sql-binding.ts";
import { method } from "./object.ts";

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "typed-")));
const filename = path.join(folder, "object.ts");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { strict: true, target: "es2022", lib: ["es2022"], types: [] }, files: ["object.ts"] }));

/** The ids of the messages that a rule gives, with and without type information. */
function messagesOn(rule: DurableObjectsRule, code: string): { readonly typed: readonly (string | undefined)[]; readonly untyped: readonly (string | undefined)[] } {
	writeFileSync(filename, code);
	const run = (parserOptions: Linter.ParserOptions): (string | undefined)[] => {
		const messages = new Linter({ cwd: folder }).verify(code, [{ files: ["**/*.ts"], languageOptions: { parser, parserOptions }, plugins: { own: { rules: { rule } } }, rules: { "own/rule": "error" } }], { filename });
		return messages.map(({ messageId, message, fatal }) => (fatal ? message : messageId));
	};
	return { typed: run({ project: "./tsconfig.json", tsconfigRootDir: folder, disallowAutomaticSingleRunInference: true }), untyped: run({}) };
}

describe("no-unsupported-sql-binding", () => {
	it.each([
		["a boolean", "items.some((item) => item === 1)", "boolean"],
		["a date", "dates.at(0)", "date"],
		["an array", "items.slice(1)", "array"],
		["a bigint", "BigInt.asIntN(64, 5n)", "bigint"],
	])("knows %s by its type", (_name, value, kind) => {
		expect(messagesOn(noUnsupportedSqlBinding, method(`sql.exec("UPDATE t SET v = ?", ${value});`, "items: number[], dates: Date[]"))).toEqual({ typed: [kind], untyped: [] });
	});

	it.each([
		["any", "JSON.parse(text)"],
		["a number", "items.length"],
		["a string that may be missing", 'text.split(" ")[0]'],
		["a union with something else", "flag(text)"],
	])("lets %s be", (_name, value) => {
		expect(messagesOn(noUnsupportedSqlBinding, `${method(`sql.exec("UPDATE t SET v = ?", ${value});`, "items: number[], text: string")}\ndeclare function flag(text: string): boolean | number;`).typed).toEqual([]);
	});
});

describe("no-sql-interpolation", () => {
	it("knows a number by its type", () => {
		expect(messagesOn(noSqlInterpolation, method("sql.exec(`SELECT * FROM t LIMIT ${items.at(0) ?? 10}`);", "items: Pages"))).toEqual({ typed: ["value"], untyped: ["value"] });
		expect(messagesOn(noSqlInterpolation, `${method("sql.exec(`SELECT * FROM t LIMIT ${items.at(0) ?? 10}`);", "items: Pages")}\ninterface Pages { at(index: number): number | undefined }`)).toEqual({ typed: [], untyped: ["value"] });
	});
});
