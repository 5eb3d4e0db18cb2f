import { CannotRun } from "./problem.ts";

export async function initialise(cwd: string, write: boolean): Promise<string> {
	await Promise.resolve();
	throw new CannotRun(`${cwd} ${String(write)}`);
}
