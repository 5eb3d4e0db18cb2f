/** A class as a picture: which event sets the alarm, accepts and sends on sockets, reads and writes which key or table. */
import type { TSESTree } from "@typescript-eslint/utils";
import type { DurableObjectClass, EntryPoint } from "../model/durable-object.ts";
import { constructionRoots } from "../model/runs.ts";
import { socketsOf } from "../model/sockets.ts";
import { storageUses } from "../model/storage.ts";
import { contains, enclosingFunction, type FunctionNode, isFunction, unwrap } from "../syntax/nodes.ts";
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

/** Whose code is whose: a callback that runs as an event of its own is not its method's. */
class Owners {
	readonly #object: DurableObjectClass;
	/** The functions that own code: methods, and roots. */
	readonly #owning: ReadonlySet<TSESTree.Node>;
	/** The methods that an owner calls. */
	readonly #called = new Map<TSESTree.Node | null, Set<FunctionNode>>();

	constructor(object: DurableObjectClass, roots: readonly Root[]) {
		this.#object = object;
		this.#owning = new Set<TSESTree.Node>([...object.members.methods.values()].map(({ fn }) => fn).concat(roots.flatMap(({ node }) => (isFunction(node) ? [node] : []))));
		for (const { name, node } of object.members.ownCalls) {
			const callee = object.method(name)?.fn;
			if (!callee) continue;
			const owner = this.#ownerOf(node);
			this.#called.set(owner, (this.#called.get(owner) ?? new Set()).add(callee));
		}
	}

	/** Null in a field's initialiser. */
	#ownerOf(node: TSESTree.Node): TSESTree.Node | null {
		let owner = enclosingFunction(node);
		while (owner && contains(this.#object.node, owner) && !this.#owning.has(owner)) owner = enclosingFunction(owner);
		return owner && contains(this.#object.node, owner) ? owner : null;
	}

	/** Everything that running a root runs. */
	#reachOf({ node }: Root): ReadonlySet<TSESTree.Node | null> {
		const start = isFunction(node) ? node : null;
		const reached = new Set<TSESTree.Node | null>([start]);
		for (const owner of reached) for (const callee of this.#called.get(owner) ?? []) reached.add(callee);
		return reached;
	}

	/** What a root runs of some nodes, itself or through methods of the class. */
	runBy<T extends { readonly node: TSESTree.Node }>(root: Root, items: readonly T[]): readonly T[] {
		const reach = this.#reachOf(root);
		return items.filter(({ node }) => {
			const owner = this.#ownerOf(node);
			// Each field's initialiser is a root of its own.
			return owner === null ? contains(root.node, node) : reach.has(owner);
		});
	}
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
	const owners = new Owners(object, roots);
	for (const root of roots) for (const { draw } of owners.runBy(root, acts)) draw(sketch, stationOf(root));
	drawCallers(sketch, roots, stationOf, object, { alarm: alarms.length > 0, sockets: sockets.length > 0 });
	const picture = sketch.picture("");
	const coded = picture.stations.filter(({ shape }) => shape === "code").length;
	return coded >= 2 && sketch.size >= MIN_ARROWS && sketch.size <= MAX_ARROWS ? [picture] : [];
}
