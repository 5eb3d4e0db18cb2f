/** Sets what Wrangler says about a configuration beside what we say. */
import { childrenOf, type ConfigNode, pathOf } from "../../src/wrangler/document.ts";
import type { Finding, FindingKind } from "../../src/wrangler/finding.ts";

export interface Rejection {
	/** The environment that was asked for; null for the top level. */
	readonly env: string | null;
	readonly stage: "parse" | "crash" | "config" | "pages" | "fold" | "containers";
	/** Wrangler's headings above the message. */
	readonly where: string;
	readonly text: string;
}

export interface Answer {
	readonly id: number;
	/** Digest of the parsed value, keys sorted; null if it does not parse. */
	readonly parsed: string | null;
	readonly rejections: readonly Rejection[];
}

/** What one of Wrangler's messages asks of us. */
interface Demand {
	readonly kinds: readonly FindingKind[];
	/** Whether a finding of those kinds is about the same thing. */
	covers(finding: Finding): boolean;
}

/** A message that repeats another one, or is not about Durable Objects. */
const NONE = "none";

const anywhere = () => true;
/** At the place itself, or inside it. */
const at = (path: string) => (finding: Finding) =>
	finding.path === path || finding.path.startsWith(`${path}.`) || finding.path.startsWith(`${path}[`);
/** At the place, inside it, or at what holds it, where the fault is that something is absent. */
const around = (path: string) => (finding: Finding) => at(path)(finding) || finding.path === path.replace(/\.?[^.]*$/u, "");
const ofClass = (name: string) => ({ data }: Finding) => data["class"] === name;
const quoted = (key: string) => (/^[\w$-]+$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

type Reading = (match: RegExpExecArray, prefix: string) => Demand | typeof NONE;
const demand = (kinds: FindingKind | readonly FindingKind[], covers: Demand["covers"]): Demand => ({
	kinds: typeof kinds === "string" ? [kinds] : kinds,
	covers,
});

/** Whether the rename or transfer that a finding is about names the class, be it on the other side. */
const namesToo = (name: string, { at: node }: Finding) =>
	node.parent?.type === "Member" && node.parent.parent.members.some(({ value }) => value.type === "String" && value.value === name);

/** In the replay of the migrations. What an unknown directive names is in doubt: then that directive is the fault. */
const fault = (kinds: readonly FindingKind[], name: string) =>
	demand([...kinds, "migration-unknown-field"], (finding) => {
		if (finding.kind === "migration-unknown-field") return true;
		return ofClass(name)(finding) || (finding.kind === "migration-step-conflict" && namesToo(name, finding));
	});

/** Of Wrangler 4.164. `prefix` is `env.<name>.` for a message about one environment. The first that matches counts. */
const readings: Readonly<Record<Exclude<Rejection["stage"], "parse" | "crash">, readonly (readonly [RegExp, Reading])[]>> = {
	config: [
		[/^Bindings must have unique names/u, () => NONE],
		[/^Allowed properties are: /u, () => NONE],
		[/^(.*) assigned to .*Durable Object/u, ([, name]) => demand("binding-name-duplicate", ({ data }) => data["name"] === name)],
		[/^.* assigned to (?:multiple )?.* bindings\.$/u, () => NONE],
		[/`migrations` and `exports` are mutually exclusive/u, () =>
			// Wrangler counts the characters of a string as migrations.
			demand(["exports-and-migrations", "migration-shape"], ({ kind, path }) => kind === "exports-and-migrations" || /(?:^|\.)migrations$/u.test(path))],
		[/^(?:Expected |The field )?"((?:\S*\.)?durable_objects\.code_update_strategy)/u, ([, path = ""]) => demand("code-update-strategy", at(path))],
		[/^(?:Expected |The field )?"(\S*durable_objects\S*)" (?:to be|should be)/u, ([, path = ""]) => demand("binding-shape", at(path))],
		[/^The field "(\S*durable_objects)" is missing the required "bindings" property/u, ([, path = ""]) => demand("binding-shape", at(path))],
		[/migrations\[(\d+)\](?:\.(\w+))?/u, ([, index, field], prefix) => {
			const entry = `${prefix}migrations[${index}]`;
			return demand("migration-shape", field === undefined ? at(entry) : around(`${entry}.${field}`));
		}],
		[/^The optional "migrations" field should be an array/u, (_, prefix) => demand("migration-shape", at(`${prefix}migrations`))],
		[/^The optional "exports" field should be an object/u, (_, prefix) => demand("export-shape", at(`${prefix}exports`))],
		[/^"export" keys cannot be the empty string/u, () => demand("export-shape", ofClass(""))],
		[/^"exports\.(.*?)\.container" references a container named/u, ([, name = ""]) => demand(["container-class", "export-shape"], ofClass(name))],
		[/^"exports\.(.*?)(?:\.(?:state|type|storage|container|renamed_to|transferred_to|transfer_from))?" (?:should be|must|is required|requires|cannot)/u, ([, name = ""], prefix) =>
			demand("export-shape", at(`${prefix}exports${quoted(name)}`))],
		[/^"exports\.([^"]*)\.[^".]*" is forbidden on state/u, ([, name = ""], prefix) => demand("export-shape", at(`${prefix}exports${quoted(name)}`))],
		[/"compatibility_date"/u, (_, prefix) => demand("compat-date-invalid", at(`${prefix}compatibility_date`))],
		[/"limits\.cpu_ms"/u, (_, prefix) => demand("limits-cpu-ms", at(`${prefix}limits.cpu_ms`))],
		[/^Expected "limits" to be|^"?limits/u, () => NONE],
		[/^The container "[^"]*" sets "class_name" to "([^"]*)", but "exports" has no live/u, ([, name = ""]) =>
			demand(["container-class", "export-shape", "binding-class-not-migrated", "binding-class-deleted", "binding-class-renamed", "binding-class-transferred", "exports-and-migrations", "pages-unsupported-field"], (finding) =>
				finding.kind === "exports-and-migrations" || (finding.kind === "pages-unsupported-field" && finding.data["field"] === "exports") || ofClass(name)(finding) || /^containers\[\d+\]\.class_name$/u.test(finding.path))],
		[/^The container "[^"]*" sets "class_name" to "([^"]*)", but "exports\.([^"]*?)\.(?:container|storage)"/u, ([, name = "", other = ""]) =>
			demand(["container-class", "export-shape"], (finding) => ofClass(name)(finding) || ofClass(other)(finding))],
		[/^The container "[^"]*" is not linked to a Durable Object/u, () =>
			// A malformed export may have been meant to name it.
			demand(["container-class", "export-shape"], ({ kind, path }) => kind === "export-shape" || path.includes("containers["))],
		[/^The container "[^"]*" is referenced by more than one Durable Object export/u, () => demand(["container-class", "export-shape"], anywhere)],
		[/^"containers\.image"|^Expected "containers\.scheduling_policy"|^The "paths\[1\]" argument/u, () => NONE],
		[/"(?:containers\.)?class_name"/u, () => demand("container-class", ({ path }) => path.includes("containers["))],
	],
	pages: [
		[/"main" and "pages_build_output_dir"/u, () => demand("pages-unsupported-field", ({ path }) => path === "main")],
		[/does not support "(migrations|exports)"/u, ([, field]) => demand("pages-unsupported-field", ({ path }) => path === field || path.endsWith(`.${field}`))],
		[/Durable Objects bindings should specify a "script_name"/u, () => demand("pages-local-binding", anywhere)],
		[/does not support "main"/u, () => NONE],
		[/does not support "\w+"|environment names that are not supported|Missing top-level field "name"/u, () => NONE],
	],
	fold: [
		[/Cannot apply deleted_classes migration to non-existent class ([^]*)$/u, ([, name = ""]) =>
			fault(["migration-delete-unknown", "migration-step-conflict", "migration-transfer-then-fold"], name)],
		[/Cannot apply renamed_classes migration to non-existent class ([^]*)$/u, ([, name = ""]) =>
			fault(["migration-rename-unknown", "migration-rename-self", "migration-step-conflict", "migration-transfer-then-fold"], name)],
		[/Cannot apply new_(?:sqlite_)?classes migration to existing class ([^]*)$/u, ([, name = ""]) =>
			fault(["migration-create-existing", "migration-storage-change", "migration-step-conflict"], name)],
	],
	containers: [
		[/The container class_name ([^]*) does not match any durable object/u, ([, name = ""]) => demand("container-class", ofClass(name))],
		[/references Durable Object class (.*), which uses the legacy KV/u, ([, name = ""]) => demand("container-class", ofClass(name))],
		[/is referencing the durable object (.*), which appears to be defined on the/u, ([, name = ""]) => demand("container-class", ofClass(name))],
	],
};

function demandOf({ stage, where, text }: Rejection): Demand | typeof NONE | null {
	if (stage === "crash") return demand(["binding-shape", "migration-shape", "export-shape"], anywhere);
	if (stage === "parse") return null;
	const prefix = /"(env\.[^"]+)" environment configuration/u.exec(where)?.[1];
	// A binding's message has its place in the last heading.
	const binding = /"((?:[\w.-]+\.)?durable_objects\.bindings\[\d+\])": /u.exec(where)?.[1];
	if (stage === "config" && binding !== undefined) return demand("binding-shape", at(binding));
	for (const [pattern, reading] of readings[stage]) {
		const match = pattern.exec(text);
		if (match) return reading(match, prefix === undefined ? "" : `${prefix}.`);
	}
	// A message about another field, such as a KV namespace without an id, is no concern of ours.
	return /durable|migration|export|container|class|compatibility_date|limits|pages|bindings must/iu.test(text) ? null : NONE;
}

/** Whether a message is about a field that we only look at in files with Durable Objects, or about a template's placeholder. */
function isOutside(text: string, declaresObjects: boolean): boolean {
	return /"(?:compatibility_date|limits\.cpu_ms)"/u.test(text) && (!declaresObjects || /but got "[^"]*[<{$%]/u.test(text));
}

/** Whether the list that a finding is about receives the class from another Worker: Wrangler's replay ignores that. */
function isTransferred({ at: node, data }: Finding): boolean {
	let list: ConfigNode | null = node;
	while (list && !(list.type === "Array" && list.parent.type === "Member" && list.parent.key.name === "migrations")) list = list.parent;
	if (!list) return false;
	const pending: ConfigNode[] = [list];
	for (let next = pending.pop(); next; next = pending.pop()) {
		if (next.type === "String" && next.value === data["class"] && pathOf(next).includes(".transferred_classes[")) return true;
		pending.push(...childrenOf(next));
	}
	return false;
}

/** Why Wrangler has nothing to say about a kind of finding when it validates a configuration. */
type Silence =
	/** Nobody tells before it goes wrong. */
	| "silent"
	/** The deploy API or the bundler refuses it, not the validation. */
	| "at deploy"
	/** Wrangler says it as a warning. */
	| "warning"
	/** A question of data or style that is no fault by itself. */
	| "advice";

const silences: Readonly<Partial<Record<FindingKind, Silence>>> = {
	"config-duplicate-key": "silent",
	"env-binding-missing": "warning",
	"binding-unknown-field": "warning",
	"binding-empty": "silent",
	"migration-unknown-field": "warning",
	"migration-empty-tag": "silent",
	"migration-no-op": "silent",
	"migration-rename-self": "at deploy",
	"migration-rename-to-existing": "at deploy",
	"migration-transfer-self": "at deploy",
	"migration-transfer-to-existing": "at deploy",
	"migration-step-conflict": "at deploy",
	"migration-duplicate-tag": "silent",
	"migration-tag-order": "advice",
	"migration-deletes-data": "advice",
	"migration-legacy-kv": "advice",
	"export-rename-target": "at deploy",
	"export-rename-duplicate-target": "at deploy",
	"export-transfer-self": "at deploy",
	"export-deletes-data": "advice",
	"binding-class-not-migrated": "at deploy",
	"binding-class-deleted": "at deploy",
	"binding-class-renamed": "at deploy",
	"binding-class-transferred": "at deploy",
	"compat-date-missing": "at deploy",
	"compat-date-rpc": "silent",
};

/** Kinds that Wrangler finds by playing the migrations, which it only does with what validated, and only to the first fault. */
const folded: ReadonlySet<FindingKind> = new Set<FindingKind>([
	"migration-delete-unknown",
	"migration-rename-unknown",
	"migration-create-existing",
	"migration-storage-change",
	"migration-transfer-then-fold",
]);

/** Why a finding has no counterpart in Wrangler's answer; null if it should have one. */
function silenceOf(finding: Finding, text: string): Silence | null {
	const { kind, path, data, at: node } = finding;
	const silence = silences[kind];
	if (silence) return silence;
	// Of the CPU limit Wrangler checks the type alone.
	if (kind === "limits-cpu-ms" && node.type === "Number") return "at deploy";
	// Without `scheduling_policy: "durable_object"` the class is looked at when the container is deployed.
	if (kind === "container-class" && !text.includes("scheduling_policy")) return "at deploy";
	// Wrangler accepts whatever JavaScript takes for a date; the runtime wants YYYY-MM-DD.
	if (kind === "compat-date-invalid" && node.type === "String" && !Number.isNaN(Date.parse(node.value))) return "at deploy";
	// Wrangler compares the names of bindings that keep theirs in `binding`.
	if (kind === "binding-name-duplicate" && /\b(?:send_email|ratelimits)\b/u.test(`${path} ${data["kind"]}`)) return "at deploy";
	if (folded.has(kind) && isTransferred(finding)) return "at deploy";
	return null;
}

export interface Comparison {
	/** Messages of Wrangler about Durable Objects, without repetitions. */
	readonly demands: number;
	/** Wrangler refuses, we say nothing of the kind there. */
	readonly missed: readonly Rejection[];
	/** Messages that no reading knows: the comparison is incomplete. */
	readonly unread: readonly Rejection[];
	/** Our findings that Wrangler says as well. */
	readonly confirmed: readonly Finding[];
	/** Our findings that Wrangler could not come to, because it stopped before. */
	readonly masked: readonly Finding[];
	/** Our findings of kinds that Wrangler does not check. */
	readonly alone: readonly { readonly finding: Finding; readonly silence: Silence }[];
	/** Our findings of kinds that Wrangler checks, where it found nothing. */
	readonly unjustified: readonly Finding[];
}

export function compare(
	{ text, declaresObjects }: { readonly text: string; readonly declaresObjects: boolean },
	rejections: readonly Rejection[],
	findings: readonly Finding[],
): Comparison {
	const missed: Rejection[] = [];
	const unread: Rejection[] = [];
	const confirmed = new Set<Finding>();
	const seen = new Set<string>();
	let demands = 0;
	for (const rejection of rejections) {
		// The top level is checked again for each environment.
		const key = `${rejection.stage}|${rejection.where}|${rejection.text}`;
		if (seen.has(key)) continue;
		seen.add(key);
		const wanted = demandOf(rejection);
		if (wanted === NONE || isOutside(rejection.text, declaresObjects)) continue;
		if (!wanted) {
			unread.push(rejection);
			continue;
		}
		demands++;
		const covering = findings.filter((finding) => wanted.kinds.includes(finding.kind) && wanted.covers(finding));
		for (const finding of covering) confirmed.add(finding);
		if (covering.length === 0) missed.push(rejection);
	}

	const stopped = (stages: readonly Rejection["stage"][]) => rejections.some(({ stage }) => stages.includes(stage));
	const masked: Finding[] = [];
	const alone: Comparison["alone"][number][] = [];
	const unjustified: Finding[] = [];
	for (const finding of findings) {
		if (confirmed.has(finding)) continue;
		const silence = silenceOf(finding, text);
		if (silence) alone.push({ finding, silence });
		else if (stopped(["crash"])) masked.push(finding);
		else if (folded.has(finding.kind) && stopped(["config", "fold"])) masked.push(finding);
		// Wrangler does not look for names in a list with a malformed binding.
		else if (finding.kind === "binding-name-duplicate" && findings.some(({ kind }) => kind === "binding-shape")) masked.push(finding);
		else if (finding.kind.startsWith("pages-") && stopped(["config"])) masked.push(finding);
		else if (finding.kind === "container-class" && stopped(["config", "fold", "containers"])) masked.push(finding);
		else unjustified.push(finding);
	}
	return { demands, missed, unread, confirmed: [...confirmed], masked, alone, unjustified };
}
