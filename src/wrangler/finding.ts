import { type ConfigNode, pathOf } from "./document.ts";

/** Every fault that can be found in a Wrangler configuration, with its weight. */
export const findingKinds = {
	"config-duplicate-key": "warning",
	"config-shadowed": "warning",
	"config-redirect": "error",
	"env-binding-missing": "warning",
	"exports-and-migrations": "error",
	"binding-shape": "error",
	"binding-unknown-field": "warning",
	"binding-empty": "error",
	"binding-name-duplicate": "error",
	"code-update-strategy": "error",
	"migration-shape": "error",
	"migration-unknown-field": "error",
	"migration-empty-tag": "error",
	"migration-no-op": "warning",
	"migration-delete-unknown": "error",
	"migration-rename-unknown": "error",
	"migration-rename-self": "error",
	"migration-rename-to-existing": "error",
	"migration-transfer-to-existing": "error",
	"migration-transfer-self": "error",
	"migration-create-existing": "error",
	"migration-storage-change": "error",
	"migration-step-conflict": "error",
	"migration-duplicate-tag": "error",
	"migration-tag-order": "warning",
	"migration-transfer-then-fold": "warning",
	"migration-deletes-data": "warning",
	"migration-legacy-kv": "warning",
	"migration-history-rewritten": "error",
	"export-shape": "error",
	"export-rename-target": "error",
	"export-rename-duplicate-target": "error",
	"export-transfer-self": "error",
	"export-deletes-data": "warning",
	"export-deleted-in-code": "error",
	"binding-class-deleted": "error",
	"binding-class-renamed": "error",
	"binding-class-transferred": "error",
	"binding-class-not-migrated": "error",
	"binding-external-class-missing": "warning",
	"class-not-exported": "error",
	"main-not-module": "error",
	"main-missing": "error",
	"compat-date-missing": "warning",
	"compat-date-invalid": "error",
	"compat-date-rpc": "warning",
	"limits-cpu-ms": "error",
	"pages-local-binding": "error",
	"pages-unsupported-field": "error",
	"container-class": "error",
} as const satisfies Record<string, "error" | "warning">;

export type FindingKind = keyof typeof findingKinds;
export type Severity = (typeof findingKinds)[FindingKind];

export interface Finding {
	readonly kind: FindingKind;
	readonly severity: Severity;
	/** `env.staging.durable_objects.bindings[0].class_name`; `""` for the whole file. */
	readonly path: string;
	readonly at: ConfigNode;
	/** What a message needs: names of classes, tags, environments. */
	readonly data: Readonly<Record<string, string>>;
	/** The environment, when the fault exists in that one only and not at the top level. */
	readonly env?: string;
}

/** Takes findings down; bound to the environment that is being judged. */
export type Report = (kind: FindingKind, at: ConfigNode, data?: Readonly<Record<string, string>>) => void;

/** Collects findings and hands them out in the order of the text. */
export class Findings {
	readonly #all: Finding[] = [];

	/** @param env - name of the environment that owns what is judged; null for the top level */
	reporter(env: string | null): Report {
		return (kind, at, data = {}) => {
			this.#all.push({ kind, severity: findingKinds[kind], path: pathOf(at), at, data, ...(env !== null && { env }) });
		};
	}

	inOrder(): Finding[] {
		return this.#all.toSorted((a, b) => a.at.range[0] - b.at.range[0]);
	}
}
