/** What a reviewer would write down about a class before judging it. The model takes it; the report shows it. */

export const inventoryTopics = {
	kind: "Kind",
	storage: "Storage backend",
	persisted: "Persisted keys and tables",
	memory: "In-memory fields",
	alarm: "Alarms",
	socket: "WebSockets",
	surface: "Callable from outside",
	binding: "Bound as",
	compatibility: "Compatibility date",
} as const;

export type InventoryTopic = keyof typeof inventoryTopics;

export interface InventoryItem {
	readonly topic: InventoryTopic;
	/** What it is called in the code: a key, a table, a field, a method, a binding. */
	readonly name: string;
	/** What there is to know of it, in words: how a field survives, who sets the alarm. Empty when the name says all. */
	readonly detail: string;
	/** Where it stands in the class's file, counting from 1; null when it comes from elsewhere. */
	readonly line: number | null;
}

export type Inventory = readonly InventoryItem[];
