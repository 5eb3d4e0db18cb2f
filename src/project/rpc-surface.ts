/** Whether the classes of a Worker have methods that a stub could call. */
import { parseForESLint } from "@typescript-eslint/parser";
import type { TSESTree } from "@typescript-eslint/utils";
import type { EffectiveEnvironment } from "../wrangler/config.ts";
import type { ExportedClass } from "../wrangler/entry-module.ts";
import { projectRoot, readText } from "./config-files.ts";
import { entryOf } from "./entry.ts";

/** Methods that the runtime calls by itself; `fetch` works on a stub at any compatibility date. */
const HANDLERS = new Set(["constructor", "fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "preShutdown"]);

/**
 * Whether any class of this Worker can be called by RPC: it extends something, as RPC asks for, and has a public method
 * that is no handler. Where that cannot be told: `built` if the entry module is only made by a build, else null.
 */
export function offersRpc(environment: EffectiveEnvironment, configPath: string, cwd: string): boolean | "built" | null {
	const entry = entryOf(environment, configPath, cwd);
	if (entry.status !== "read") return entry.status === "skipped" && environment.main !== null ? "built" : null;
	const root = projectRoot(configPath, cwd);
	const names = new Set([...environment.classes.live.keys(), ...environment.bindings.flatMap(({ local, className }) => (local ? [className.value] : []))]);
	return [...names].some((name) => {
		const exported = entry.exports.get(name)?.class;
		return exported ? hasPublicMethods(exported, root) : false;
	});
}

function hasPublicMethods(exported: ExportedClass, root: string): boolean {
	const text = readText(exported.file, root)?.slice(...exported.range);
	const node = text === undefined ? null : (parseClass(text) ?? parseClass(`(${text})`));
	if (!node?.superClass) return false;
	return node.body.body.some((member) => {
		if (member.type !== "MethodDefinition" || member.static || member.accessibility === "private" || member.accessibility === "protected") return false;
		return member.key.type === "Identifier" && !member.computed && !HANDLERS.has(member.key.name);
	});
}

function parseClass(text: string): TSESTree.ClassDeclaration | TSESTree.ClassExpression | null {
	try {
		const [statement] = parseForESLint(text, { range: true }).ast.body;
		if (statement?.type === "ClassDeclaration") return statement;
		return statement?.type === "ExpressionStatement" && statement.expression.type === "ClassExpression" ? statement.expression : null;
	} catch {
		return null;
	}
}
