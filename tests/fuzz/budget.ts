import type { Parameters } from "fast-check";

/**
 * How often a property is tried. The ordinary suite always tries the same; `npm run test:fuzz` tries more, something
 * else each time. FUZZ_SEED repeats a failure: fast-check prints the seed, and how far it has shrunk the case.
 */
export function budget<T>({ ordinary, long }: { readonly ordinary: number; readonly long: number }): Parameters<T> {
	const { FUZZ, FUZZ_SEED, FUZZ_PATH } = process.env;
	if (!FUZZ) return { numRuns: ordinary, seed: 20_261_123, endOnFailure: true };
	return { numRuns: Number(FUZZ) > 1 ? Number(FUZZ) : long, ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }), ...(FUZZ_PATH && { path: FUZZ_PATH }) };
}
