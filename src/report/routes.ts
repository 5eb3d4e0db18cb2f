/** The paths that a class's request handlers tell apart. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass } from "../model/durable-object.ts";
import { calledMember, propertyName, unwrap } from "../syntax/nodes.ts";

export interface Route {
	/** As the code writes it; `/files/…` where only the beginning counts. */
	readonly path: string;
	readonly node: TSESTree.Node;
}

/** Whether an expression is the path of a URL: `url.pathname`, or a constant that holds it. */
function isPathname(start: TSESTree.Node, object: DurableObjectClass): boolean {
	const node = unwrap(start);
	if (node.type === "MemberExpression") return propertyName(node) === "pathname";
	if (node.type !== "Identifier") return false;
	const [definition] = object.file.bindings.variableOf(node)?.defs ?? [];
	if (definition?.type !== "Variable") return false;
	const { id, init } = definition.node;
	if (id.type !== "ObjectPattern") return init !== null && unwrap(init).type === "MemberExpression" && isPathname(init, object);
	return id.properties.some((property) => property.type === "Property" && property.value === definition.name && property.key.type === "Identifier" && property.key.name === "pathname");
}

function pathIn(node: TSESTree.Node | null | undefined): string | null {
	const literal = node && unwrap(node);
	return literal?.type === "Literal" && typeof literal.value === "string" && literal.value.startsWith("/") ? literal.value : null;
}

function routeOf(node: TSESTree.Node, object: DurableObjectClass): string | null {
	switch (node.type) {
		case "BinaryExpression": {
			if (!["==", "==="].includes(node.operator)) return null;
			const path = pathIn(node.right) ?? pathIn(node.left);
			return path !== null && (isPathname(node.left, object) || isPathname(node.right, object)) ? path : null;
		}
		case "SwitchCase":
			return node.parent.type === "SwitchStatement" && isPathname(node.parent.discriminant, object) ? pathIn(node.test) : null;
		case "CallExpression": {
			const called = calledMember(node);
			const path = pathIn(node.arguments[0]);
			return called?.name === "startsWith" && path !== null && isPathname(called.object, object) ? `${path}…` : null;
		}
		default:
			return null;
	}
}

/** In source order. */
export function routesOf(object: DurableObjectClass): readonly Route[] {
	if (!object.file.text.includes("pathname")) return [];
	const routes: Route[] = [];
	object.file.walk(object.node.body, (node) => {
		const path = routeOf(node, object);
		if (path !== null) routes.push({ path, node });
		return true;
	});
	return routes;
}
