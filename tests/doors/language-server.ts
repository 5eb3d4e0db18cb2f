/** A client of the ESLint language server that VS Code's extension runs: what the editor would show, without the editor. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createMessageConnection, type MessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node.js";

interface Position {
	/** 0-based, as is `character`. */
	readonly line: number;
	readonly character: number;
}

interface Range {
	readonly start: Position;
	readonly end: Position;
}

export interface Diagnostic {
	readonly range: Range;
	readonly code: string;
	readonly codeDescription?: { readonly href: string };
	readonly message: string;
	readonly source: string;
	/** 1 for an error, 2 for a warning. */
	readonly severity: number;
}

export interface Action {
	readonly title: string;
	readonly command: { readonly command: string; readonly arguments: readonly unknown[] };
}

interface Edit {
	readonly range: Range;
	readonly newText: string;
}

interface ApplyEdit {
	readonly edit: { readonly documentChanges: readonly { readonly textDocument: { readonly uri: string }; readonly edits: readonly Edit[] }[] };
}

/** The identifiers by which editors know the kinds of files that we lint. */
const languages: Readonly<Record<string, string>> = { ".ts": "typescript", ".js": "javascript", ".json": "json", ".jsonc": "jsonc", ".toml": "toml" };

function settings(folder: string): object {
	return {
		// Asked for each file: what the user's "eslint.validate" comes to.
		validate: "on",
		packageManager: "npm",
		useESLintClass: true,
		useFlatConfig: true,
		experimental: { useFlatConfig: false },
		codeAction: { disableRuleComment: { enable: true, location: "separateLine", commentStyle: "line" }, showDocumentation: { enable: true } },
		codeActionOnSave: { enable: false, mode: "all" },
		format: false,
		quiet: false,
		onIgnoredFiles: "off",
		options: {},
		rulesCustomizations: [],
		run: "onType",
		problems: { shortenToSingleLine: false },
		nodePath: null,
		workingDirectory: { directory: folder },
		workspaceFolder: { uri: pathToFileURL(folder).href, name: "user" },
	};
}

function offsetOf(text: string, { line, character }: Position): number {
	let start = 0;
	for (let n = 0; n < line; n++) start = text.indexOf("\n", start) + 1;
	return start + character;
}

/** Edits of one document never overlap: the last comes first, so that it does not move the others. */
function edited(text: string, edits: readonly Edit[]): string {
	const placed = edits.map(({ range, newText }) => ({ start: offsetOf(text, range.start), end: offsetOf(text, range.end), newText }));
	return placed.toSorted((a, b) => b.start - a.start).reduce((result, { start, end, newText }) => result.slice(0, start) + newText + result.slice(end), text);
}

export class LanguageServer {
	readonly #folder: string;
	readonly #process: ChildProcess;
	readonly #connection: MessageConnection;
	readonly #documents = new Map<string, { text: string; version: number }>();

	private constructor(folder: string, child: ChildProcess, connection: MessageConnection) {
		this.#folder = folder;
		this.#process = child;
		this.#connection = connection;
	}

	/** @param folder - a project with ESLint and its configuration */
	static async start(folder: string): Promise<LanguageServer> {
		const program = path.join(path.dirname(createRequire(import.meta.url).resolve("vscode-langservers-extracted/package.json")), "bin/vscode-eslint-language-server");
		const child = spawn(process.execPath, [program, "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
		const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
		const server = new LanguageServer(folder, child, connection);
		connection.onRequest("workspace/configuration", ({ items }: { readonly items: readonly unknown[] }) => items.map(() => settings(folder)));
		connection.onRequest("workspace/applyEdit", (request: ApplyEdit) => server.#apply(request));
		connection.onRequest("client/registerCapability", () => null);
		connection.onRequest("eslint/confirmESLintExecution", () => 4);
		connection.listen();
		const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: "user" }];
		await connection.sendRequest("initialize", {
			processId: process.pid,
			rootUri: pathToFileURL(folder).href,
			workspaceFolders,
			capabilities: {
				workspace: { workspaceEdit: { documentChanges: true }, configuration: true, workspaceFolders: true, applyEdit: true },
				textDocument: { diagnostic: { dynamicRegistration: true }, codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "source.fixAll"] } } } },
			},
		});
		await connection.sendNotification("initialized", {});
		return server;
	}

	/** Opens a file of the project as it is on disk. */
	async open(name: string): Promise<void> {
		const uri = this.#uri(name);
		const text = readFileSync(path.join(this.#folder, name), "utf8");
		this.#documents.set(uri, { text, version: 1 });
		await this.#connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: languages[path.extname(name)], version: 1, text } });
	}

	/** What an open file's text has become. */
	text(name: string): string {
		return this.#document(this.#uri(name)).text;
	}

	async diagnostics(name: string): Promise<readonly Diagnostic[]> {
		const { items } = await this.#connection.sendRequest<{ readonly items: readonly Diagnostic[] }>("textDocument/diagnostic", { textDocument: { uri: this.#uri(name) } });
		return items;
	}

	/** What the light bulb offers for a diagnostic. */
	async actions(name: string, diagnostic: Diagnostic): Promise<readonly Action[]> {
		const request = { textDocument: { uri: this.#uri(name) }, range: diagnostic.range, context: { diagnostics: [diagnostic] } };
		return (await this.#connection.sendRequest<readonly Action[] | null>("textDocument/codeAction", request)) ?? [];
	}

	/** Does it, and waits until the text has changed. */
	async perform({ command }: Action): Promise<void> {
		await this.#connection.sendRequest("workspace/executeCommand", command);
	}

	async stop(): Promise<void> {
		const ended = new Promise((done) => this.#process.once("exit", done));
		await this.#connection.sendRequest("shutdown");
		await this.#connection.sendNotification("exit");
		await ended;
		this.#connection.dispose();
	}

	#uri(name: string): string {
		return pathToFileURL(path.join(this.#folder, name)).href;
	}

	#document(uri: string): { text: string; version: number } {
		const document = this.#documents.get(uri);
		if (!document) throw new Error(`${uri} is not open`);
		return document;
	}

	#apply({ edit: { documentChanges } }: ApplyEdit): { readonly applied: boolean } {
		for (const { textDocument: { uri }, edits } of documentChanges) {
			const document = this.#document(uri);
			document.text = edited(document.text, edits);
			document.version++;
			void this.#connection.sendNotification("textDocument/didChange", { textDocument: { uri, version: document.version }, contentChanges: [{ text: document.text }] });
		}
		return { applied: true };
	}
}
