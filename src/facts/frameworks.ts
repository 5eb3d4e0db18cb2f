/**
 * Classes that make their subclasses Durable Objects, and what each framework takes over.
 * Read from the sources of the packages; `checked` says when.
 */

export type FrameworkId = "workers" | "agents" | "partyserver" | "actors" | "containers";

export interface Framework {
	readonly title: string;
	/** Handlers that the framework implements: a subclass that defines one switches the framework's off. */
	readonly ownedHandlers: readonly string[];
	/** Methods that the framework calls on the subclass, one event each. */
	readonly hooks: readonly string[];
	/** Hooks that run before the first event is delivered, inside blockConcurrencyWhile. */
	readonly initialisers: readonly string[];
	/** Inherited members that keep what is assigned to or passed through them. */
	readonly persistedBy: readonly string[];
	readonly source: string;
	readonly checked: string;
}

export const frameworks: Readonly<Record<FrameworkId, Framework>> = {
	workers: {
		title: "Durable Objects",
		ownedHandlers: [],
		hooks: [],
		initialisers: [],
		persistedBy: [],
		source: "https://developers.cloudflare.com/durable-objects/api/base/",
		checked: "2026-11-23",
	},
	agents: {
		title: "Agents SDK",
		ownedHandlers: ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"],
		hooks: [
			"onRequest", "onConnect", "onMessage", "onClose", "onError", "onStateChanged", "onStateUpdate", "validateStateChange", "onEmail",
			"onAlarm", "onChatMessage", "onFinish", "onChatResponse", "onTaskComplete",
		],
		initialisers: ["onStart", "init"],
		persistedBy: ["setState", "stash"],
		source: "https://github.com/cloudflare/agents",
		checked: "2026-11-23",
	},
	partyserver: {
		title: "PartyServer",
		ownedHandlers: ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"],
		hooks: ["onRequest", "onConnect", "onMessage", "onClose", "onError", "onAlarm", "onException", "getConnectionTags", "onSave"],
		initialisers: ["onStart", "onLoad"],
		persistedBy: [],
		source: "https://github.com/cloudflare/partykit",
		checked: "2026-11-23",
	},
	actors: {
		title: "Actors",
		ownedHandlers: ["fetch", "alarm", "webSocketMessage", "webSocketClose"],
		hooks: [
			"onRequest", "onAlarm", "onPersist", "shouldUpgradeWebSocket", "onWebSocketUpgrade", "onWebSocketConnect",
			"onWebSocketDisconnect", "onWebSocketMessage", "onDestroy",
		],
		initialisers: ["onInit"],
		persistedBy: [],
		source: "https://github.com/cloudflare/actors",
		checked: "2026-11-23",
	},
	containers: {
		title: "Containers",
		ownedHandlers: ["alarm"],
		hooks: ["fetch", "onStop", "onError", "onActivityExpired"],
		initialisers: ["onStart"],
		persistedBy: [],
		source: "https://github.com/cloudflare/containers",
		checked: "2026-11-23",
	},
};

/** Exported classes by module; a name that ends in `()` is a mixin or factory whose result is such a class. */
export const baseClasses: Readonly<Record<string, Readonly<Record<string, FrameworkId>>>> = {
	"cloudflare:workers": { DurableObject: "workers" },
	agents: { Agent: "agents" },
	"agents/mcp": { McpAgent: "agents" },
	"agents/ai-chat-agent": { AIChatAgent: "agents" },
	"agents/chat-sdk": { ChatSdkStateAgent: "agents" },
	"@cloudflare/agents": { Agent: "agents" },
	"agents-sdk": { Agent: "agents" },
	"@cloudflare/ai-chat": { AIChatAgent: "agents" },
	"@cloudflare/think": { Think: "agents" },
	"@cloudflare/voice": { "withVoice()": "agents", "withVoiceInput()": "agents" },
	partyserver: { Server: "partyserver" },
	"y-partyserver": { YServer: "partyserver", "withYjs()": "partyserver" },
	partysub: { "createPubSubServer()": "partyserver", PubSubServer: "partyserver" },
	"partysub/server": { "createPubSubServer()": "partyserver", PubSubServer: "partyserver" },
	"@cloudflare/actors": { Actor: "actors" },
	"@cloudflare/containers": { Container: "containers" },
	"@cloudflare/sandbox": { Sandbox: "containers" },
};

/** Methods that the runtime calls, never a stub's user. Source: https://developers.cloudflare.com/durable-objects/api/base/ (checked 2026-11-23). */
export const runtimeHandlers: readonly string[] = ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "preShutdown"];
