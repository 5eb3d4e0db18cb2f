/** A class as a picture: which event sets the alarm, accepts and sends on sockets, reads and writes which key or table. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass, EntryPoint } from "../model/durable-object.ts";
import { constructionRoots } from "../model/runs.ts";
import { socketsOf } from "../model/sockets.ts";
import { storageUses } from "../model/storage.ts";
import { contains, enclosingFunction, isFunction, unwrap } from "../syntax/nodes.ts";
import { entryName } from "./entry-name.ts";
import { keyName } from "./key-name.ts";
import { type Picture, Sketch } from "./picture.ts";

/** More arrows than this are a knot; the table says it better. */
const MAX_ARROWS = 40;
/** Fewer are a sentence. */
const MIN_ARROWS = 3;

/** Something that happens in the code of a class. */
interface Act {
	readonly node: TSESTree.Node;
	readonly draw: (sketch: Sketch, at: number) => void;
}

/** Where running begins. */
interface Root {
	/** As it is shown. */
	readonly name: string;
	readonly node: TSESTree.Node;
	/** Null for what runs when the object comes into memory. */
	readonly entry: EntryPoint | null;
}

function rootsOf(object: DurableObjectClass): Root[] {
	const construction = constructionRoots(object).map((node): Root => ({ name: "the constructor", node, entry: null }));
	const initialisers = (object.framework?.initialisers ?? []).flatMap((name): Root[] => {
		const method = object.members.methods.get(name);
		return method ? [{ name: `${name}()`, node: method.fn, entry: null }] : [];
	});
	return [...construction, ...initialisers, ...object.entryPoints.map((entry): Root => ({ name: entryName(entry), node: entry.fn, entry }))];
}

function storageActs(object: DurableObjectClass): Act[] {
	return storageUses(object).flatMap(({ call, reads, writes, keys, statements }): Act[] => {
		const kept = (name: string, does: string): Act => ({ node: call.node, draw: (sketch, at) => sketch.arrow(at, sketch.station("storage", name), does) });
		const does = call.method.startsWith("delete") ? "deletes" : writes ? "writes" : reads ? "reads" : null;
		const ofKeys = does === null ? [] : keys.map((key) => kept(keyName(key).replaceAll("`", ""), does));
		const ofTables = statements.flatMap((statement) => {
			const table = (name: string | null, what: string) => (name === null ? [] : [kept(`table ${name}`, what)]);
			return [
				...(statement.kind === "create-table" ? table(statement.subject?.name ?? null, "creates") : []),
				...statement.writes.flatMap(({ name }) => table(name, "writes")),
				...statement.reads.flatMap(({ name }) => table(name, "reads")),
			];
		});
		return [...ofKeys, ...ofTables];
	});
}

const alarmStation = (sketch: Sketch): number => sketch.station("alarm", "the alarm");
const socketStation = (sketch: Sketch): number => sketch.station("sockets", "WebSockets");

function alarmActs(object: DurableObjectClass): Act[] {
	const words: Readonly<Record<string, string>> = { setAlarm: "sets", deleteAlarm: "deletes" };
	return object.callsOf("storage", "setAlarm", "deleteAlarm").map(({ node, method }) => ({ node, draw: (sketch, at) => sketch.arrow(at, alarmStation(sketch), words[method] ?? method) }));
}

function socketActs(object: DurableObjectClass): Act[] {
	const sockets = socketsOf(object);
	const accepts = sockets.acceptances.map(({ node, api }): Act => ({ node, draw: (sketch, at) => sketch.arrow(at, socketStation(sketch), api === "hibernation" ? "accepts" : "accepts in memory") }));
	const speaks = sockets.calls("send", "close").filter(({ receiver }) => sockets.is(receiver, "server", "connection"));
	return [...accepts, ...speaks.map(({ name, node }): Act => ({ node, draw: (sketch, at) => sketch.arrow(at, socketStation(sketch), `${name}s`) }))];
}

/** The roots that run a node, be it in a method that they call. */
function runnersOf(node: TSESTree.Node, roots: readonly Root[], methods: ReadonlySet<TSESTree.Node>, object: DurableObjectClass): readonly Root[] {
	let owner = enclosingFunction(node);
	while (owner && !methods.has(owner) && !roots.some((root) => root.node === owner)) owner = enclosingFunction(owner);
	if (!owner || !contains(object.node, owner)) return roots.filter((root) => contains(root.node, node));
	return roots.filter((root) => root.node === owner || object.methodsRunBy(root.node).has(owner));
}

const listening: Readonly<Record<string, string>> = { webSocketMessage: "message", webSocketClose: "close", webSocketError: "error" };

/** The function that a listener's call or assignment hands over. */
function listenerOf(node: TSESTree.CallExpression | TSESTree.AssignmentExpression): TSESTree.Node | null {
	const given = node.type === "CallExpression" ? node.arguments[1] : node.right;
	const fn = given && unwrap(given);
	return isFunction(fn) ? fn : null;
}

/** What comes back: the alarm that is due, a message that arrives. */
function drawCallers(sketch: Sketch, roots: readonly Root[], stationOf: (root: Root) => number, object: DurableObjectClass, has: { readonly alarm: boolean; readonly sockets: boolean }): void {
	const heard = new Map(socketsOf(object).listeners.flatMap(({ name, node }) => (listenerOf(node) ? [[listenerOf(node), name.replace(/^on|^.*\("|"\)$/gu, "")] as const] : [])));
	for (const root of roots) {
		const { entry } = root;
		if (has.alarm && entry?.kind === "handler" && entry.name === "alarm") sketch.arrow(alarmStation(sketch), stationOf(root), "when due");
		if (!has.sockets) continue;
		const event = entry?.kind === "handler" ? listening[entry.name] : heard.get(root.node);
		if (event !== undefined) sketch.arrow(socketStation(sketch), stationOf(root), event);
	}
}

/** One picture; none when there is too little to see, or too much. */
export function drawClass(object: DurableObjectClass): readonly Picture[] {
	const sketch = new Sketch();
	const roots = rootsOf(object);
	const stationOf = (root: Root): number => sketch.station("code", root.name, root.entry === null ? root.name : root.node.range[0]);
	const alarms = alarmActs(object);
	const sockets = socketActs(object);
	const acts = [...sockets, ...alarms, ...storageActs(object)];
	const methods = new Set<TSESTree.Node>([...object.members.methods.values()].map(({ fn }) => fn));
	const runners = acts.map(({ node }) => new Set(runnersOf(node, roots, methods, object)));
	for (const root of roots) acts.forEach(({ draw }, index) => runners[index]?.has(root) && draw(sketch, stationOf(root)));
	drawCallers(sketch, roots, stationOf, object, { alarm: alarms.length > 0, sockets: sockets.length > 0 });
	const picture = sketch.picture("");
	const coded = picture.stations.filter(({ shape }) => shape === "code").length;
	return coded >= 2 && sketch.size >= MIN_ARROWS && sketch.size <= MAX_ARROWS ? [picture] : [];
}
