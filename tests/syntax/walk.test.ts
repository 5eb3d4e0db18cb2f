import * as parser from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import { SourceCode } from "eslint";
import { describe, expect, it } from "vitest";
import { SourceFile } from "../../src/syntax/source-file.ts";
import { walk } from "../../src/syntax/walk.ts";

const text = `
	@registered(make(1))
	export class Room<T extends Base> extends Mixed(Base) {
		@watched declare static x: Map<string, () => T>;
		#names = new Set<string>([...first, second?.third!.fourth]);
		async run({ a, b = this.#names }: Options = {}): Promise<void> {
			const { a: c, ...rest } = await load(\`\${one(a)}:\${two(\`\${b}!\`)}\`), d = [, c as unknown];
			for (const each of rest.all(function () { return d; })) if (each) { await each(); } else throw new Error();
		}
	}
	enum Kind { A = "a" + "b", B = A }
	export default (async () => <T>(await import("./x.ts")).y)();
`;

function sourceCodeOf(source: string): SourceCode {
	const { ast, scopeManager, visitorKeys, services } = parser.parseForESLint(source, { range: true, loc: true, tokens: true, comment: true });
	return new SourceCode({ text: source, ast, scopeManager, visitorKeys, parserServices: services } as unknown as ConstructorParameters<typeof SourceCode>[0] & object);
}

function visited(run: (enter: (node: TSESTree.Node) => boolean | void) => void, leaveOut: (node: TSESTree.Node) => boolean = () => false): TSESTree.Node[] {
	const nodes: TSESTree.Node[] = [];
	run((node) => {
		nodes.push(node);
		return !leaveOut(node);
	});
	return nodes;
}

describe("SourceFile.walk", () => {
	const sourceCode = sourceCodeOf(text);
	const file = SourceFile.of(sourceCode);
	const all = visited((enter) => walk(file.ast, file.visitorKeys, enter));

	it("visits from every node what a walk of the tree itself visits, in that order", () => {
		expect(all.length).toBeGreaterThan(100);
		for (const node of all) expect(visited((enter) => file.walk(node, enter))).toEqual(visited((enter) => walk(node, file.visitorKeys, enter)));
	});

	it("leaves out what is below a node for which it is told so", () => {
		const isCall = (node: TSESTree.Node) => node.type === "CallExpression";
		const found = visited((enter) => file.walk(file.ast, enter), isCall);
		expect(found).toEqual(visited((enter) => walk(file.ast, file.visitorKeys, enter), isCall));
		expect(found.length).toBeLessThan(all.length);
	});

	it("walks the tree itself in a host that does not tell its steps, or tells those of another file", () => {
		const telling = (traverse: SourceCode["traverse"]): SourceCode => Object.create(sourceCodeOf(text), { traverse: { value: traverse } }) as SourceCode;
		const refusing = telling(() => {
			throw new Error("not supported");
		});
		const mistaken = telling(() => sourceCode.traverse());
		for (const each of [refusing, mistaken]) {
			const { ast, visitorKeys } = SourceFile.of(each);
			const walked = visited((enter) => SourceFile.of(each).walk(ast, enter));
			expect(walked[0]).toBe(ast);
			expect(walked).toEqual(visited((enter) => walk(ast, visitorKeys, enter)));
		}
	});
});
