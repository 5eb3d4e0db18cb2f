import type { TSESTree } from "@typescript-eslint/utils";
import { MAX_BULK_KEYS } from "../../facts/storage.ts";
import type { DurableObjectClass, PlatformCall } from "../../model/durable-object.ts";
import { propertyValue } from "../../model/handles.ts";
import { calledMember, contains, isFunction, propertyName, unwrap } from "../../syntax/nodes.ts";
import { constantNumber } from "../../syntax/number.ts";
import { constantInitialiser } from "../../syntax/text.ts";
import { defineRule } from "../define-rule.ts";
import { durableObject } from "../subjects.ts";

const DEPTH = 8;

export default defineRule({
	name: "valid-bulk-keys",
	gotcha: "sql-and-storage-api",
	subject: durableObject,
	preset: { in: "strict", level: "warn" },
	meta: {
		type: "problem",
		description: "require that get(), put() and delete() are given at most 128 keys at once",
		messages: {
			tooMany: "{{method}}() takes at most 128 keys at once, and is given {{count}}: it may throw. Work through them in batches.",
			unbounded: "{{method}}() takes at most 128 keys at once, and is given all that a list() without such a limit has found: it may throw once there are more. Work through them in batches, or give list() a limit of 128.",
		},
		schema: [],
		defaultOptions: [] as const,
	},
	check(object, { verdict }) {
		let answers = 0;
		for (const call of object.platformCalls) {
			if ((call.on !== "storage" && call.on !== "transaction") || !["get", "put", "delete"].includes(call.method)) continue;
			const [first] = call.node.arguments;
			if (!first || first.type === "SpreadElement") continue;
			const size = sizeOf(first, object, DEPTH);
			if (size === null) continue;
			answers++;
			const data = { method: call.method, count: String(size) };
			if (size === "unknown") verdict.unknown({ at: call.node, because: "how many keys there are cannot be told" });
			else if (size === "all") verdict.violated({ at: first, messageId: "unbounded", data });
			else if (size > MAX_BULK_KEYS) verdict.violated({ at: first, messageId: "tooMany", data });
			else verdict.guarded({ at: call.node, because: `at most ${size} keys are given at once` });
		}
		if (answers === 0) verdict.notApplicable("no call works on several keys at once");
	},
});

type Size = number | "all" | "unknown";

/** How many keys a value holds; null for a single key. */
function sizeOf(start: TSESTree.Node, object: DurableObjectClass, depth: number): Size | null {
	const node = unwrap(start);
	if (depth === 0) return "unknown";
	const { file } = object;
	const again = (next: TSESTree.Node): Size | null => sizeOf(next, object, depth - 1);
	switch (node.type) {
		case "ArrayExpression":
			return sumOf(node.elements.map((element) => (element?.type === "SpreadElement" ? (again(element.argument) ?? "unknown") : 1)));
		case "ObjectExpression":
			return sumOf(node.properties.map((property) => (property.type === "SpreadElement" ? (again(property.argument) ?? "unknown") : 1)));
		case "AwaitExpression":
			return again(node.argument);
		case "NewExpression": {
			const [argument] = node.arguments;
			return node.callee.type === "Identifier" && ["Map", "Set"].includes(node.callee.name) && argument ? again(argument) : null;
		}
		case "Identifier": {
			const init = constantInitialiser(file.bindings.variableOf(node));
			const size = init && again(init);
			// An array that begins empty grows by what is pushed.
			return size === 0 ? (isFilledFromList(node, object, depth) ? "all" : "unknown") : size;
		}
		case "CallExpression":
			return sizeOfCall(node, object, depth);
		default:
			return null;
	}
}

/** What may be done with an array beside filling it, so that nothing takes its elements out again. */
const harmless: ReadonlySet<string> = new Set(["push", "includes", "indexOf", "some", "every", "map", "forEach", "join"]);

/** `for (const [key] of await storage.list()) keys.push(key);`, where nothing ends the loop early or bounds the array otherwise. */
function isFilledFromList(use: TSESTree.Identifier, object: DurableObjectClass, depth: number): boolean {
	const references = (object.file.bindings.variableOf(use)?.references ?? []).filter(({ init }) => !init).map(({ identifier }) => identifier);
	if (!references.every((each) => isHarmless(each))) return false;
	return references.some((filled) => {
		const call = filled.parent?.type === "MemberExpression" && propertyName(filled.parent) === "push" ? filled.parent.parent : null;
		const loop = call?.type === "CallExpression" ? loopAround(call) : null;
		return loop !== null && !contains(loop, use) && !mayEndEarly(loop, object) && sizeOf(loop.right, object, depth - 1) === "all";
	});
}

function isHarmless({ parent }: TSESTree.Node): boolean {
	if (parent?.type !== "MemberExpression") return true;
	const name = propertyName(parent) ?? "";
	if (name !== "length") return harmless.has(name);
	// A length that is only compared with nothing is no bound; any other may be.
	const around = parent.parent;
	if (around.type !== "BinaryExpression") return around.type !== "AssignmentExpression" && around.type !== "UpdateExpression";
	const other = around.left === parent ? around.right : around.left;
	return other.type === "Literal" && other.value === 0;
}

function mayEndEarly(loop: TSESTree.ForOfStatement, { file }: DurableObjectClass): boolean {
	let mayEnd = false;
	file.walk(loop.body, (node) => {
		mayEnd ||= node.type === "BreakStatement" || node.type === "ReturnStatement";
		return !mayEnd && !isFunction(node);
	});
	return mayEnd;
}

/** The innermost loop that a node is run in. */
function loopAround(node: TSESTree.Node): TSESTree.ForOfStatement | null {
	for (let current = node.parent; current && !isFunction(current); current = current.parent) {
		if (current.type === "ForOfStatement") return current;
		if (/^(?:For|While|DoWhile)/u.test(current.type)) return null;
	}
	return null;
}

function sizeOfCall(node: TSESTree.CallExpression, object: DurableObjectClass, depth: number): Size | null {
	const called = calledMember(node);
	if (!called) return null;
	const [first, second] = node.arguments;
	const platform = object.platformCall(node);
	if (platform) return platform.method === "list" ? listSize(platform, object) : null;
	const holder = unwrap(called.object);
	const isGlobal = (name: string): boolean => holder.type === "Identifier" && object.file.bindings.isGlobal(holder, name);
	if (isGlobal("Array") && called.name === "from") return first ? sizeOf(first, object, depth - 1) : null;
	if (isGlobal("Object")) return first && ["fromEntries", "keys", "values", "entries"].includes(called.name) ? sizeOf(first, object, depth - 1) : null;
	switch (called.name) {
		case "keys":
		case "values":
		case "entries":
		case "map":
		case "filter":
		case "sort":
		case "reverse":
			return sizeOf(called.object, object, depth - 1);
		case "slice":
		case "splice": {
			const from = first ? constantNumber(first, object.file) : 0;
			const to = second ? constantNumber(second, object.file) : null;
			if (to !== null && from !== null && to >= 0 && from >= 0) return called.name === "splice" ? to : Math.max(0, to - from);
			return "unknown";
		}
		default:
			return null;
	}
}

function listSize({ node }: PlatformCall, object: DurableObjectClass): Size {
	const [options] = node.arguments;
	if (!options) return "all";
	const limit = propertyValue(options, "limit");
	if (limit) return constantNumber(limit, object.file) ?? "unknown";
	return unwrap(options).type === "ObjectExpression" ? "all" : "unknown";
}

function sumOf(sizes: readonly Size[]): Size {
	if (sizes.includes("all")) return "all";
	return sizes.reduce<Size>((sum, size) => (typeof sum === "number" && typeof size === "number" ? sum + size : "unknown"), 0);
}
