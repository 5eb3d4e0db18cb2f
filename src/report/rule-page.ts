/** The page of a rule, as it lies in this package. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { docsUrl } from "../meta.ts";
import { packageFolder } from "./package-folder.ts";

/** @param name - the rule's id without prefix; null when the page is missing */
export function rulePage(name: string): string | null {
	const page = join(packageFolder(), "docs", "rules", `${name}.md`);
	return existsSync(page) ? readFileSync(page, "utf8") : null;
}

const HEAD = "<!-- end auto-generated rule header -->";
const RELATIVE_LINK = /\]\((?![a-z]+:|#)([^)\s]+)\)/giu;

/** The page's text without its head, for a place outside of `docs`: its links are absolute. */
export function rulePageElsewhere(name: string): string | null {
	const page = rulePage(name);
	if (page === null) return null;
	const base = docsUrl(`rules/${name}.md`);
	let isCode = false;
	const lines = page.slice(page.indexOf(HEAD) + HEAD.length).trim().split("\n");
	return lines
		.map((line) => {
			if (line.startsWith("```")) isCode = !isCode;
			return isCode ? line : line.replace(RELATIVE_LINK, (_, target: string) => `](${new URL(target, base).href})`);
		})
		.join("\n");
}
