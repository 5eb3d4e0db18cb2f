/** The options that a call of the storage API is given. */
import type { TSESTree } from "@typescript-eslint/utils";
import { unwrap } from "../syntax/nodes.ts";
import { constantInitialiser } from "../syntax/text.ts";
import type { DurableObjectClass, PlatformCall } from "./durable-object.ts";

/** Methods whose options are their first argument; the first argument of the others is a key, or entries. */
const optionsFirst: readonly string[] = ["list", "deleteAll", "getAlarm", "deleteAlarm"];

/** The argument where a call has its options; undefined where there is none. */
export function optionsArgument({ node, method }: PlatformCall): TSESTree.CallExpressionArgument | undefined {
	const [first, second, third] = node.arguments;
	if (optionsFirst.includes(method)) return first;
	return method === "put" && first && unwrap(first).type !== "ObjectExpression" ? third : second;
}

/** The options as they are written, in the call or in a constant; null where they cannot be read, or where there are none. */
export function optionsOf(call: PlatformCall, object: DurableObjectClass): TSESTree.ObjectExpression | null {
	const argument = optionsArgument(call);
	if (!argument || argument.type === "SpreadElement") return null;
	const given = unwrap(argument);
	const options = given.type === "Identifier" ? unwrap(constantInitialiser(object.file.bindings.variableOf(given)) ?? given) : given;
	return options.type === "ObjectExpression" ? options : null;
}
