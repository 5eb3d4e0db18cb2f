import type { TSESTree } from "@typescript-eslint/utils";
import { unwrap } from "../../syntax/nodes.ts";
import type { SourceFile } from "../../syntax/source-file.ts";
import { textOf } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { caller } from "../subjects.ts";

export default defineRule({
	name: "require-absolute-stub-url",
	gotcha: "rpc",
	subject: caller,
	preset: { in: "recommended", level: "error" },
	meta: {
		type: "problem",
		description: "require an absolute URL in fetch() of a stub",
		messages: {
			relativeUrl: '`{{url}}` is no absolute URL, so this fetch() throws "Invalid URL" before the object is reached. Put any scheme and host before the path, such as `http://do{{path}}`.',
		},
		schema: [],
		defaultOptions: [] as readonly [],
		fixable: "code",
	},
	check({ calls, file }, { verdict }) {
		const fetches = calls.filter((call) => call.method === "fetch");
		let isViolated = false;
		for (const { node } of fetches) {
			const url = urlArgument(node, file);
			const beginning = url && textOf(url, file)[0];
			if (!url || typeof beginning !== "string" || /^[a-z][a-z0-9+.-]*:/iu.test(beginning)) continue;
			// `${base}/path` may be absolute; a beginning that is known is not.
			isViolated = true;
			const text = file.textOf(url);
			const isLiteral = url.type === "Literal" || url.type === "TemplateLiteral";
			verdict.violated({
				at: url,
				messageId: "relativeUrl",
				data: { url: text, path: beginning.startsWith("/") ? beginning : `/${beginning}` },
				...(isLiteral && { fix: (fixer) => fixer.insertTextAfterRange([url.range[0], url.range[0] + 1], beginning.startsWith("/") ? "http://do" : "http://do/") }),
			});
		}
		if (fetches.length === 0) verdict.notApplicable("no object is called through fetch()");
		else if (!isViolated) verdict.guarded({ at: fetches.slice(0, 3).map((call) => call.node), because: "no fetch() of a stub is given a relative URL" });
	},
});

/** The URL of `stub.fetch(url)` or `stub.fetch(new Request(url))`. */
function urlArgument(node: TSESTree.CallExpression, file: SourceFile): TSESTree.Node | null {
	const first = node.arguments[0] && unwrap(node.arguments[0]);
	if (first?.type !== "NewExpression") return first ?? null;
	return file.bindings.isGlobal(first.callee, "Request") && first.arguments[0] ? unwrap(first.arguments[0]) : null;
}
