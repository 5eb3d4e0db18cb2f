import { describe, expect, it } from "vitest";
import rule from "../../../src/rules/state/require-super-call-args.ts";
import { tester, verdictsOn } from "../rule-tester.ts";

const room = (members: string, head = 'import { DurableObject } from "cloudflare:workers";', base = "DurableObject") => `${head}
export class Room extends ${base} {
	${members}
}`;

tester.run("require-super-call-args", rule, {
	valid: [
		{ name: "one of two calls, by a condition", code: 'import { DurableObject } from "cloudflare:workers"; export class A extends DurableObject { constructor(ctx, env) { if (ctx && env) super(ctx, env); else super(); } }' },
		{ name: "both", code: room("constructor(ctx, env) { super(ctx, env); }") },
		{ name: "both, under other names", code: room("constructor(private state: DurableObjectState, protected bindings: Env) { super(state, bindings); }") },
		{ name: "all arguments", code: room("constructor(...args) { super(...args); }") },
		{ name: "no constructor", code: room("hello() {}") },
		{ name: "an environment that is made", code: room("constructor(ctx, env) { super(ctx, { ...env, X: 1 }); }") },
		{ name: "no base class", code: "export class Room { constructor(state: DurableObjectState) { this.state = state; } fetch() {} }" },
		{ name: "Actors may be made without", code: room("constructor() { super(); }", 'import { Actor } from "@cloudflare/actors";', "Actor") },
		{ name: "a base class of one's own with another constructor", code: 'import { DurableObject } from "cloudflare:workers";\nclass Base extends DurableObject { constructor(all) { super(all.ctx, all.env); } }\nexport class Room extends Base { constructor(all) { super(all); } }' },
		{ name: "a base class in another file", code: room("constructor(state: DurableObjectState) { super(); this.ctx.storage.get('x'); } fetch() {}", 'import { Base } from "./base";', "Base") },
		{ name: "a mixin", code: room("constructor(state: DurableObjectState) { super(); }", 'import { DurableObject } from "cloudflare:workers"; import { mix } from "./mix";', "mix(DurableObject)") },
		{ name: "no Durable Object", code: "class Base {} export class Room extends Base { constructor() { super(); } }" },
		{ name: "another class inside", code: room("constructor(ctx, env) { super(ctx, env); this.box = new (class extends Array { constructor() { super(); } })(); }") },
		{ name: "a constructor that returns another object", code: room("constructor(ctx, env) { return new Proxy({}, {}); }") },
		{ name: "a class that is not to be constructed", code: room("constructor(ctx, env) { throw new Error('not here'); }") },
		{ name: "super() in an arrow function", code: room("constructor(ctx, env) { const start = () => super(ctx, env); start(); }") },
		{ name: "a constructor that is only declared", code: room("constructor(ctx: DurableObjectState, env: Env); constructor(...all) { super(...all); }") },
	],
	invalid: [
		{ name: "no super() in an empty constructor", code: room("constructor(ctx, env) {}"), output: room("constructor(ctx, env) { super(ctx, env); }"), errors: [{ messageId: "noSuper", data: { class: "Room" } }] },
		{ name: "no super() before other statements", code: room("constructor(state, env) {\n\t\tthis.storage = state.storage;\n\t}"), output: room("constructor(state, env) {\n\t\tsuper(state, env);\n\t\tthis.storage = state.storage;\n\t}"), errors: [{ messageId: "noSuper" }] },
		{ name: "no super() before other statements of one line", code: room("constructor(state, env) { this.storage = state.storage; if (!env) return; }"), output: room("constructor(state, env) { super(state, env); this.storage = state.storage; if (!env) return; }"), errors: [{ messageId: "noSuper" }] },
		{ name: "no super(), and nothing to hand on", code: room("constructor({ storage }) { this.storage = storage; }"), output: null, errors: [{ messageId: "noSuper" }] },
		{ name: "super() of another class only", code: room("constructor(ctx, env) { this.box = new (class extends Array { constructor() { super(); } })(); }"), output: room("constructor(ctx, env) { super(ctx, env); this.box = new (class extends Array { constructor() { super(); } })(); }"), errors: [{ messageId: "noSuper" }] },
		{ name: "none", code: room("constructor(ctx, env) { super(); }"), output: room("constructor(ctx, env) { super(ctx, env); }"), errors: [{ messageId: "missingArguments", data: { base: "DurableObject", class: "Room" } }] },
		{ name: "only ctx", code: room("constructor(ctx, env) { super(ctx); }"), output: room("constructor(ctx, env) { super(ctx, env); }"), errors: [{ messageId: "missingArguments" }] },
		{ name: "parameter properties", code: room("constructor(private state: DurableObjectState, public bindings: Env) { super(); }"), output: room("constructor(private state: DurableObjectState, public bindings: Env) { super(state, bindings); }"), errors: [{ messageId: "missingArguments" }] },
		{ name: "no names to hand on", code: room("constructor() { super(); }"), output: null, errors: [{ messageId: "missingArguments" }] },
		{ name: "no env to hand on", code: room("constructor(ctx) { super(ctx); }"), output: null, errors: [{ messageId: "missingArguments" }] },
		{ name: "destructured parameters", code: room("constructor({ storage }, env) { super(); this.storage = storage; }"), output: null, errors: [{ messageId: "missingArguments" }] },
		{ name: "something else is passed", code: room("constructor(ctx, env) { super(wrap(ctx)); }"), output: null, errors: [{ messageId: "missingArguments" }] },
		{ name: "the wrong way round", code: room("constructor(ctx, env) { super(env, ctx); }"), output: room("constructor(ctx, env) { super(ctx, env); }"), errors: [{ messageId: "swappedArguments" }] },
		{ name: "an Agent", code: room("constructor(ctx, env) { super(); }", 'import { Agent } from "agents";', "Agent"), output: room("constructor(ctx, env) { super(ctx, env); }", 'import { Agent } from "agents";', "Agent"), errors: [{ messageId: "missingArguments", data: { base: "Agent", class: "Room" } }] },
		{
			name: "through a base class without a constructor",
			code: 'import { DurableObject } from "cloudflare:workers";\nclass Base extends DurableObject {}\nexport class Room extends Base { constructor(ctx, env) { super(); } }',
			output: 'import { DurableObject } from "cloudflare:workers";\nclass Base extends DurableObject {}\nexport class Room extends Base { constructor(ctx, env) { super(ctx, env); } }',
			errors: [{ messageId: "missingArguments" }],
		},
	],
});

describe("require-super-call-args: verdicts", () => {
	it("quotes the call", () => {
		expect(verdictsOn(rule, room("constructor(ctx, env) { super(ctx, env); }"))).toEqual([{ status: "guarded", quotes: ["super(ctx, env)"], because: "super() receives ctx and env" }]);
	});

	it("does not apply without a constructor", () => {
		expect(verdictsOn(rule, room("hello() {}"))).toEqual([{ status: "not-applicable", quotes: [], because: expect.stringContaining("no constructor") }]);
	});

	it("does not know a constructor that returns something else", () => {
		expect(verdictsOn(rule, room("constructor(ctx, env) { return make(ctx); }"))).toMatchObject([{ status: "unknown", because: expect.stringContaining("may end without") }]);
	});

	it("does not know another file's base class", () => {
		expect(verdictsOn(rule, room("constructor(state: DurableObjectState) { super(); this.ctx.storage.get('x'); } fetch() {}", 'import { Base } from "./base";', "Base"))).toMatchObject([{ status: "unknown", quotes: ["super()"] }]);
	});
});
