/** What the fuzzer once found, in its smallest form. */
import { expect, test } from "vitest";
import { Bench } from "./lint.ts";

const classWith = (members: string): string => `import { DurableObject } from "cloudflare:workers";\nexport class Room extends DurableObject {\n${members}\n}\n`;

test.each([
	["names that every JavaScript object has, as properties of handles", classWith("async m() { this.ctx.constructor.get('a'); this.ctx.storage.toString.put('a', 1); this.env.__proto__.list(); this.ctx.storage.sql.hasOwnProperty.exec('x'); }")],
	["names that every JavaScript object has, as types", classWith("constructor(ctx: constructor, env: toString) { super(ctx, env); ctx.storage.get('a'); }\nstate: valueOf;\nasync m() { this.state.get('a'); }")],
])("%s", (_name, text) => {
	expect(new Bench().lint(text, "object.ts").filter(({ fatal }) => fatal)).toEqual([]);
});
