/** Which behaviour of the runtime a project gets, by its compatibility date and flags. */
import type { CompatibilityChange } from "../facts/websockets.ts";
import type { Project, Sourced } from "../project/project.ts";

/**
 * Whether a change is in force, and what says so (`compatibility date 2026-05-01 (wrangler.jsonc)`); null when nothing says.
 */
export function inForce(change: CompatibilityChange, { compatibilityDate, compatibilityFlags }: Project): Sourced<boolean> | null {
	for (const [flag, value] of [[change.optOut, false], [change.flag, true]] as const) {
		if (compatibilityFlags.includes(flag)) return { value, from: `compatibility flag ${flag}` };
	}
	if (!compatibilityDate) return null;
	const { value: date, from } = compatibilityDate;
	return { value: date >= change.since, from: `compatibility date ${date} (${from})` };
}
