import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Rolldown } from "tsdown";

/** The folder of the package that a bundled module comes from; null for our own modules. */
function packageOf(moduleId: string): string | null {
	const match = /^\0?(?<folder>.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/u.exec(moduleId);
	return match?.groups?.["folder"] ?? null;
}

/** @throws when a package is bundled that does not say under which terms */
function noticeOf(folder: string): string {
	const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { name: string; version: string; license?: string };
	const file = readdirSync(folder).find((entry) => /^licen[cs]e/iu.test(entry));
	if (license === undefined) throw new Error(`${name} has no licence: it cannot be bundled.`);
	const text = file === undefined ? "" : `\n\n${readFileSync(path.join(folder, file), "utf8").trim()}`;
	return `${name} ${version} (${license})${text}\n`;
}

/** A build step that writes the terms of everything that was bundled into `THIRD-PARTY-LICENCES.txt`, as those terms ask. */
export function thirdPartyLicences(): Rolldown.Plugin {
	return {
		name: "third-party-licences",
		generateBundle(_options, bundle) {
			const modules = Object.values(bundle).flatMap((output) => (output.type === "chunk" ? output.moduleIds : []));
			const folders = new Set(modules.map(packageOf).filter((folder) => folder !== null && existsSync(path.join(folder, "package.json"))) as string[]);
			if (folders.size === 0) return;
			const notices = [...folders].toSorted().map(noticeOf);
			this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENCES.txt", source: ["These packages are part of the built files.\n", ...notices].join(`\n${"-".repeat(72)}\n\n`) });
		},
	};
}
