// Answers what Wrangler itself says about configuration files: one JSON request a line on stdin, one JSON answer a line on
// stdout. `node oracle.mjs <folder with node_modules/wrangler>`. Runs Wrangler's own code, changes nothing, uses no network.
import console from "node:console";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const home = process.argv[2];
if (!home) throw new Error("usage: oracle.mjs <folder with node_modules/wrangler>");
const folder = join(home, "node_modules", "wrangler");
const bundle = join(folder, "wrangler-dist", "cli.js");
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

for (const name of ["CLOUDFLARE_ENV", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"]) delete process.env[name];
Object.assign(process.env, { WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false", NO_COLOR: "1", CI: "1" });

/** The checks that the bundle keeps to itself. */
const hidden = ["normalizeAndValidateConfig", "validatePagesConfig", "validateDurableObjectContainerApplications"];

function load() {
	const compile = Module.prototype._compile;
	Module.prototype._compile = function (source, file) {
		const exposed = file === bundle ? `\n;${hidden.map((name) => `exports.__${name}=${name};`).join("")}` : "";
		return compile.call(this, source + exposed, file);
	};
	const { log } = console;
	console.log = () => {};
	try {
		return createRequire(join(home, "package.json"))(bundle);
	} finally {
		Module.prototype._compile = compile;
		console.log = log;
	}
}

const wrangler = load();

const textOf = (error) => String(error?.text ?? error?.message ?? error);
const flatten = (diagnostics, trail = []) => [
	...diagnostics.errors.map((text) => ({ where: trail.join(" > "), text })),
	...diagnostics.children.flatMap((child) => flatten(child, [...trail, child.description])),
];
const sorted = (value) =>
	typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
		? Object.fromEntries(Object.keys(value).sort().map((key) => [key, value[key]]))
		: value;
const digestOf = (value) => createHash("sha256").update(JSON.stringify(value, (_, inner) => sorted(inner)) ?? "").digest("hex").slice(0, 12);

/** Everything that Wrangler refuses for one environment, in the order in which it would. */
function rejectionsOf(raw, path, env) {
	const rejections = [];
	const add = (stage, { where = "", text }) => rejections.push({ env: env ?? null, stage, where, text });
	const attempt = (stage, run) => {
		try {
			return run();
		} catch (error) {
			add(stage, { text: `${error?.name}: ${textOf(error)}` });
			return null;
		}
	};
	const result = attempt("crash", () => wrangler.__normalizeAndValidateConfig(globalThis.structuredClone(raw), path, path, { env }));
	if (!result) return rejections;
	const { config, diagnostics } = result;
	for (const error of flatten(diagnostics)) add("config", error);
	// What does not validate is not looked at further.
	if (rejections.length > 0) return rejections;
	if (config.pages_build_output_dir !== undefined) {
		const pages = attempt("pages", () => wrangler.__validatePagesConfig(config, Object.keys(raw.env ?? {}), raw.name));
		for (const error of pages ? flatten(pages) : []) add("pages", error);
	}
	attempt("fold", () => wrangler.unstable_getDurableObjectClassNameToUseSQLiteMap(config.migrations, config.exports));
	// The containers' check folds the migrations again.
	if (config.containers?.length && !rejections.some(({ stage }) => stage === "fold")) {
		attempt("containers", () => wrangler.__validateDurableObjectContainerApplications(config));
	}
	return rejections;
}

function answer({ id, path }) {
	let raw;
	try {
		raw = wrangler.experimental_readRawConfig({ config: path }).rawConfig;
	} catch (error) {
		return { id, parsed: null, rejections: [{ env: null, stage: "parse", where: "", text: textOf(error) }] };
	}
	const named = typeof raw?.env === "object" && raw.env !== null ? Object.keys(raw.env) : [];
	const parsed = digestOf(raw);
	return { id, parsed, rejections: [undefined, ...named].flatMap((env) => rejectionsOf(raw, path, env)) };
}

const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
write({ version, node: process.version });
for await (const line of createInterface({ input: process.stdin })) if (line) write(answer(JSON.parse(line)));
process.exit(0);
