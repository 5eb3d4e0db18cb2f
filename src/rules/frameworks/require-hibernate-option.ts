import type { TSESTree } from "@typescript-eslint/utils";
import { propertyValue } from "../../model/handles.ts";
import { keyName, unwrap } from "../../syntax/nodes.ts";
import { originOf } from "../../syntax/origin.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

export default defineRule({
	name: "require-hibernate-option",
	gotcha: "frameworks",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "suggestion",
		description: "require PartyServer classes that serve WebSockets to let them hibernate",
		messages: {
			pinned: "PartyServer accepts sockets without hibernation unless told otherwise: {{name}} stays in memory, and billed, for as long as any client is connected. Add `static options = { hibernate: true }`, and keep per-connection state with connection.setState().",
			addOption: "Let the object hibernate.",
		},
		schema: [],
		defaultOptions: [] as readonly [],
		hasSuggestions: true,
	},
	check(object, { verdict }) {
		const origin = object.node.superClass && originOf(object.node.superClass, object.file);
		const isServer = origin?.root.kind === "import" && origin.root.module === "partyserver" && origin.root.name === "Server";
		if (!isServer) {
			verdict.notApplicable("the class is no PartyServer");
			return;
		}
		const handlers = ["onConnect", "onMessage", "onClose"].flatMap((name) => object.members.methods.get(name) ?? []);
		const [first] = handlers;
		if (!first) {
			verdict.notApplicable("the class serves no WebSockets");
			return;
		}
		const options = object.node.body.body.find((element): element is TSESTree.PropertyDefinition => element.type === "PropertyDefinition" && element.static && keyName(element) === "options");
		const hibernate = propertyValue(options?.value, "hibernate");
		const value = hibernate && unwrap(hibernate);
		if (value?.type === "Literal" && value.value === true) verdict.guarded({ at: options as TSESTree.PropertyDefinition, because: "PartyServer accepts sockets through the hibernation API" });
		else if (options && !(value?.type === "Literal" && value.value === false) && options.value?.type !== "ObjectExpression") verdict.unknown({ at: options, because: "what the options say could not be told" });
		else {
			const start = object.node.body.range[0] + 1;
			verdict.violated({
				at: first.node.key,
				messageId: "pinned",
				data: { name: object.name },
				suggest: options ? [] : [{ messageId: "addOption", fix: (fixer) => fixer.insertTextAfterRange([start - 1, start], "\n\tstatic options = { hibernate: true };\n") }],
			});
		}
	},
});
