import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/state/require-super-call-args.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const object = (constructor: string) => `import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { ${constructor} }`;

tester.run("require-super-call-args", rule, {
	valid: [
		object("constructor(ctx, env) { super(ctx, env); }"),
		object("constructor(...args) { super(...args); }"),
		object("hello() {}"),
		{ name: "a framework's base", code: 'import { Actor } from "@cloudflare/actors"; export class A extends Actor { constructor(ctx, env) { super(); } }' },
		{ name: "a base of the same file with its own constructor", code: `${object("constructor(ctx, env) { super(ctx, env); }")} export class B extends A { constructor() { super(); } }` },
		{ name: "no base", code: "export class A implements DurableObject { constructor(private state: DurableObjectState) {} }" },
		{ name: "no Durable Object", code: "class B {} export class A extends B { constructor() { super(); } }" },
	],
	invalid: [
		{ code: object("constructor(ctx, env) { super(); }"), output: object("constructor(ctx, env) { super(ctx, env); }"), errors: [{ messageId: "missingArguments" }] },
		{ code: object("constructor(state, env) { super(state); }"), output: object("constructor(state, env) { super(state, env); }"), errors: [{ messageId: "missingArguments" }] },
		{ code: object("constructor(private state: DurableObjectState, protected env: Env) { super(state); }"), output: object("constructor(private state: DurableObjectState, protected env: Env) { super(state, env); }"), errors: [{ messageId: "missingArguments" }] },
		{ name: "no fix where env is not there", code: object("constructor(ctx) { super(ctx); }"), output: null, errors: [{ messageId: "missingArguments" }] },
	],
});

describe("require-super-call-args: verdicts", () => {
	it("quotes the call", () => {
		expect(verdictsOn(rule, object("constructor(ctx, env) { super(ctx, env); }"))).toMatchObject([{ status: "guarded", quotes: ["super(ctx, env)"] }]);
	});
	it("does not apply without a constructor", () => {
		expect(verdictsOn(rule, object("hello() {}"))).toMatchObject([{ status: "not-applicable" }]);
	});
});
